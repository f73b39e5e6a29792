package grid

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// lab returns a wire with two nodes plugged in, a and b, 10.0.0.1 and 10.0.0.2,
// and the link between them with the given settings.
func lab(t testing.TB, settings string) (w *Wire, a, b *Iface, l *Link) {
	w = NewWire()
	var ifaces []*Iface
	for i, name := range []string{"a", "b"} {
		if err := w.Add(name, netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})); err != nil {
			t.Fatal(err)
		}
		iface, err := w.Plug(name)
		if err != nil {
			t.Fatal(err)
		}
		ifaces = append(ifaces, iface)
	}
	l, err := w.Link("b", "a")
	if err != nil {
		t.Fatal(err)
	}
	if settings != "" {
		ctl(t, l, settings)
	}
	return w, ifaces[0], ifaces[1], l
}

func ctl(t testing.TB, l *Link, msg string) {
	t.Helper()
	if err := l.Ctl(msg); err != nil {
		t.Fatalf("%s: %v", msg, err)
	}
}

// pair returns the two ends of a stream from a to b.
func pair(t testing.TB, a, b *Iface) (dev.Conn, dev.Conn) {
	t.Helper()
	ctx := t.Context()
	l, err := b.Announce(ctx, "tcp!*!0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := a.Dial(ctx, "tcp!"+b.Addr()+strings.TrimPrefix(l.Addr(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func write(t testing.TB, c dev.Conn, s string) {
	t.Helper()
	if n, err := c.Write(t.Context(), []byte(s)); n != len(s) || err != nil {
		t.Fatalf("write: %d %v", n, err)
	}
}

func expect(t testing.TB, c dev.Conn, want string) {
	t.Helper()
	p := make([]byte, len(want))
	for n := 0; n < len(p); {
		m, err := c.Read(t.Context(), p[n:])
		if err != nil {
			t.Fatalf("read %q: %v", p[:n], err)
		}
		n += m
	}
	if string(p) != want {
		t.Fatalf("read %q, want %q", p, want)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// elapsed returns how long f takes.
func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func readErr(t testing.TB, c dev.Conn) error {
	t.Helper()
	_, err := c.Read(t.Context(), make([]byte, 1))
	return err
}

// TestStream goes through the life of conversations on links of several kinds.
func TestStream(t *testing.T) {
	for _, test := range []struct{ name, settings string }{
		{"perfect", ""},
		{"slow", "delay=10ms jitter=5ms bandwidth=10Mbit"},
		{"lossy", "delay=1ms loss=20%"},
		{"narrow", "limit=100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, a, b, _ := lab(t, test.settings)
				c, s := pair(t, a, b)
				if c.LocalAddr() != s.RemoteAddr() || c.RemoteAddr() != s.LocalAddr() ||
					!strings.HasPrefix(c.RemoteAddr(), "10.0.0.2!") {
					t.Errorf("addresses %s %s, %s %s", c.LocalAddr(), c.RemoteAddr(), s.LocalAddr(), s.RemoteAddr())
				}
				write(t, c, "hello")
				expect(t, s, "hello")
				write(t, s, "hi")
				expect(t, c, "hi")

				big := strings.Repeat("0123456789abcdef", 1<<16)
				var wg sync.WaitGroup
				wg.Go(func() { write(t, c, big); c.Close() })
				got, err := io.ReadAll(reader{t.Context(), s})
				wg.Wait()
				if err != nil || string(got) != big {
					t.Errorf("%d of %d bytes: %v", len(got), len(big), err)
				}
				write(t, s, "x") // nobody takes it, which the next one hears
				_, err = s.Write(t.Context(), []byte("y"))
				wantErr(t, err, ninep.ErrHungup)
				wantErr(t, readErr(t, c), ninep.ErrHungup)
				s.Close()
			})
		})
	}
}

// A reader is an io.Reader of a Conn.
type reader struct {
	ctx context.Context
	c   dev.Conn
}

func (r reader) Read(p []byte) (int, error) { return r.c.Read(r.ctx, p) }

func TestAddresses(t *testing.T) {
	ctx := t.Context()
	_, a, b, _ := lab(t, "")
	for _, test := range []struct {
		name, addr string
		want       error
	}{
		{"no protocol", "10.0.0.1!564", ninep.ErrBadArg},
		{"unknown protocol", "il!10.0.0.1!564", ninep.ErrBadArg},
		{"bad ip", "tcp!a!564", ninep.ErrBadIP},
		{"bad port", "tcp!10.0.0.1!9fs", ninep.ErrBadArg},
		{"port too large", "tcp!10.0.0.1!65536", ninep.ErrBadArg},
		{"unknown station", "tcp!10.0.0.77!564", ninep.ErrNoRoute},
		{"nobody listens", "tcp!10.0.0.2!564", ninep.ErrConRefused},
		{"nobody listens here", "tcp!127.0.0.1!564", ninep.ErrConRefused},
		{"udp to unknown station", "udp!10.0.0.77!53", ninep.ErrNoRoute},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.Dial(ctx, test.addr)
			wantErr(t, err, test.want)
		})
	}
	_, err := a.Announce(ctx, "tcp!10.0.0.2!1")
	wantErr(t, err, ninep.ErrBadIP)

	l, err := b.Announce(ctx, "tcp!*!564")
	wantErr(t, err, nil)
	if l.Addr() != "*!564" {
		t.Errorf("announced %s", l.Addr())
	}
	_, err = b.Announce(ctx, "tcp!10.0.0.2!564")
	wantErr(t, err, ninep.ErrConInUse)
	_, err = b.Announce(ctx, "udp!*!564")
	wantErr(t, err, nil)
	l.Close()
	l, err = b.Announce(ctx, "tcp!*!564")
	wantErr(t, err, nil)

	// A call that nobody accepts is refused when the listener goes.
	c, err := a.Dial(ctx, "tcp!10.0.0.2!564")
	wantErr(t, err, nil)
	l.Close()
	_, err = l.Accept(ctx)
	wantErr(t, err, ninep.ErrHungup)
	wantErr(t, readErr(t, c), ninep.ErrHungup)
}

func TestLoopback(t *testing.T) {
	_, a, _, _ := lab(t, "delay=1s")
	l, err := a.Announce(t.Context(), "tcp!127.0.0.1!80")
	wantErr(t, err, nil)
	c, err := a.Dial(t.Context(), "tcp!127.0.0.1!80")
	wantErr(t, err, nil)
	s, err := l.Accept(t.Context())
	wantErr(t, err, nil)
	write(t, c, "me")
	expect(t, s, "me")
	if got := c.LocalAddr() + " " + c.RemoteAddr() + " " + s.LocalAddr() + " " + s.RemoteAddr(); got != "127.0.0.1!5000 127.0.0.1!80 127.0.0.1!80 127.0.0.1!5000" {
		t.Errorf("the ends are %s", got)
	}
	_, err = a.Dial(t.Context(), "tcp!10.0.0.1!80")
	wantErr(t, err, ninep.ErrConRefused)
}

// TestInterrupt: a call that waits returns when its context is done, and the
// conversation goes on.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, link := lab(t, "")
		c, s := pair(t, a, b)
		soon := func() context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			return ctx
		}
		_, err := c.Read(soon(), make([]byte, 1))
		wantErr(t, err, ninep.ErrIntr)

		n, err := c.Write(soon(), make([]byte, 2*defaultLimit))
		wantErr(t, err, ninep.ErrIntr)
		if n != defaultLimit {
			t.Errorf("%d bytes written", n)
		}
		expect(t, s, string(make([]byte, n)))
		write(t, c, "on")
		expect(t, s, "on")

		l, _ := b.Announce(t.Context(), "tcp!*!1")
		_, err = l.Accept(soon())
		wantErr(t, err, ninep.ErrIntr)
		ctl(t, link, "cut")
		_, err = a.Dial(soon(), "tcp!10.0.0.2!1")
		wantErr(t, err, ninep.ErrIntr)
	})
}

// TestDelay: what a conversation takes is exactly what the settings say.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, _ := lab(t, "delay=80ms")
		var c, s dev.Conn
		// Two trips until the dialer knows, and one more until the other does.
		if d := elapsed(func() { c, s = pair(t, a, b) }); d != 240*time.Millisecond {
			t.Errorf("dial and accept took %v", d)
		}
		const rounds = 10
		d := elapsed(func() {
			for range rounds {
				write(t, c, "ping")
				expect(t, s, "ping")
				write(t, s, "pong")
				expect(t, c, "pong")
			}
		})
		if d != rounds*160*time.Millisecond {
			t.Errorf("%d round trips took %v", rounds, d)
		}
		_, err := a.Dial(t.Context(), "tcp!10.0.0.2!9")
		wantErr(t, err, ninep.ErrConRefused)
	})
}

func TestBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, l := lab(t, "bandwidth=1000000 delay=100ms")
		c, s := pair(t, a, b)
		d := elapsed(func() {
			go c.Write(t.Context(), make([]byte, 200000))
			expect(t, s, string(make([]byte, 200000)))
		})
		if d != 300*time.Millisecond {
			t.Errorf("200 KB at 1 MB/s took %v", d)
		}
		// One way is slow, the other as fast as ever.
		ctl(t, l, "bandwidth 0")
		ctl(t, l, "to b delay 1s")
		if d := elapsed(func() { write(t, c, "x"); expect(t, s, "x") }); d != time.Second {
			t.Errorf("to b took %v", d)
		}
		if d := elapsed(func() { write(t, s, "x"); expect(t, c, "x") }); d != 100*time.Millisecond {
			t.Errorf("to a took %v", d)
		}
	})
}

// TestLoss: the same seed gives the same losses, another gives others, and
// nothing is ever out of order.
func TestLoss(t *testing.T) {
	run := func(seed string) (times []time.Duration, stats string) {
		synctest.Test(t, func(t *testing.T) {
			_, a, b, l := lab(t, "delay=1ms loss=10% seed="+seed)
			c, s := pair(t, a, b)
			for range 100 {
				times = append(times, elapsed(func() { write(t, c, "x"); expect(t, s, "x") }))
			}
			stats = l.Stats()
		})
		return times, stats
	}
	t1, s1 := run("1")
	t2, s2 := run("1")
	t3, s3 := run("2")
	same := func(a, b []time.Duration) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	if !same(t1, t2) || s1 != s2 {
		t.Errorf("seed 1 twice:\n%v\n%s%v\n%s", t1, s1, t2, s2)
	}
	if same(t1, t3) {
		t.Errorf("seeds 1 and 2 lose the same: %s%s", s1, s3)
	}
}

// TestManyWriters: packets of concurrent writers do not mix.
func TestManyWriters(t *testing.T) {
	_, a, b, _ := lab(t, "")
	c, s := pair(t, a, b)
	const writers, size, each = 4, 1000, 200
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range each {
				c.Write(t.Context(), bytes.Repeat([]byte{byte('a' + i)}, size))
			}
		})
	}
	p := make([]byte, size)
	for range writers * each {
		if _, err := io.ReadFull(reader{t.Context(), s}, p); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p, bytes.Repeat(p[:1], size)) {
			t.Fatal("writes mixed")
		}
	}
	wg.Wait()
}

// TestHalfClose ends one direction of a stream, and goes on with the other.
func TestHalfClose(t *testing.T) {
	for _, settings := range []string{"", "delay=10ms jitter=5ms"} {
		t.Run("link "+settings, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, a, b, _ := lab(t, settings)
				c, s := pair(t, a, b)
				write(t, c, "question")
				for range 2 {
					if err := c.(dev.HalfCloser).CloseWrite(); err != nil {
						t.Error(err)
					}
				}
				expect(t, s, "question")
				wantErr(t, readErr(t, s), io.EOF)
				_, err := c.Write(t.Context(), []byte("x"))
				wantErr(t, err, ninep.ErrHungup)
				synctest.Wait()
				write(t, s, "answer")
				expect(t, c, "answer")
				c.Close()
				time.Sleep(time.Second)
				write(t, s, "x")
				_, err = s.Write(t.Context(), []byte("y"))
				wantErr(t, err, ninep.ErrHungup)
				s.Close()
			})
		})
	}
}
