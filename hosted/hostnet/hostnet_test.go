package hostnet

import (
	"context"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ufo/dev"
	"ufo/grid"
	"ufo/ninep"
)

// lab returns the wires of two nodes of a grid, 10.9.0.1 and 10.9.0.2, of which
// the first leads out. After the test no goroutine may be left.
func lab(t testing.TB) (out, in dev.Wire) {
	t.Helper()
	leaks(t)
	return wires(t)
}

// wires is lab where the test itself sees goroutines that are left.
func wires(t testing.TB) (out, in dev.Wire) {
	t.Helper()
	w := grid.NewWire()
	var plugs []*grid.Iface
	for i, name := range []string{"n1", "n2"} {
		if err := w.Add(name, netip.AddrFrom4([4]byte{10, 9, 0, byte(i + 1)})); err != nil {
			t.Fatal(err)
		}
		p, err := w.Plug(name)
		if err != nil {
			t.Fatal(err)
		}
		plugs = append(plugs, p)
	}
	return New(plugs[0], netip.MustParsePrefix("10.9.0.0/24").Contains), plugs[1]
}

// leaks fails the test if it leaves goroutines.
func leaks(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		await(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	})
}

// await waits until something is so.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late.C:
			buf := make([]byte, 1<<16)
			t.Fatalf("waited in vain for %s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}

// text returns the text of an error, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func announce(t testing.TB, w dev.Wire, addr string) dev.Listener {
	t.Helper()
	l, err := w.Announce(t.Context(), addr)
	if err != nil {
		t.Fatalf("announce %s: %v", addr, err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// pair returns the two ends of a call to an address with port 0.
func pair(t testing.TB, w dev.Wire, addr string) (c, s dev.Conn) {
	t.Helper()
	l := announce(t, w, addr)
	proto, _, _ := strings.Cut(addr, "!")
	c, err := w.Dial(t.Context(), proto+"!"+l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if proto == "udp" {
		write(t, c, "call")
	}
	s, err = l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if proto == "udp" {
		expect(t, s, "call")
	}
	return c, s
}

func write(t testing.TB, c dev.Conn, s string) {
	t.Helper()
	if n, err := c.Write(t.Context(), []byte(s)); n != len(s) || err != nil {
		t.Fatalf("write: %d, %v", n, err)
	}
}

// expect reads exactly s.
func expect(t testing.TB, c dev.Conn, s string) {
	t.Helper()
	buf := make([]byte, len(s))
	if _, err := io.ReadFull(reader{t.Context(), c}, buf); err != nil || string(buf) != s {
		t.Fatalf("read %.40q, %v, want %.40q", buf, err, s)
	}
}

func read1(ctx context.Context, c dev.Conn) error {
	_, err := c.Read(ctx, make([]byte, 1))
	return err
}

// A reader is a Conn with a context.
type reader struct {
	ctx context.Context
	c   dev.Conn
}

func (r reader) Read(p []byte) (int, error) { return r.c.Read(r.ctx, p) }

// TestOutside says which addresses are the host's.
func TestOutside(t *testing.T) {
	out, _ := lab(t)
	for _, row := range []struct {
		name, addr, want string // what is called on the host; "": the grid's
	}{
		{"node", "tcp!10.9.0.1!564", ""},
		{"address of the grid that no node has", "tcp!10.9.0.77!564", ""},
		{"loopback", "tcp!127.0.0.1!564", "tcp 127.0.0.1:564"},
		{"loopback of version 6", "tcp!::1!564", "tcp [::1]:564"},
		{"other address", "tcp!192.0.2.1!80", "tcp 192.0.2.1:80"},
		{"datagrams", "udp!192.0.2.1!53", "udp 192.0.2.1:53"},
		{"version 4 in version 6", "tcp!::ffff:192.0.2.1!80", "tcp 192.0.2.1:80"},
		{"node in version 6", "tcp!::ffff:10.9.0.1!80", ""},
		{"any", "tcp!*!564", ""},
		{"any of version 4", "tcp!0.0.0.0!564", ""},
		{"any of version 6", "tcp!::!564", ""},
		{"any of version 4 in version 6", "tcp!::ffff:0.0.0.0!564", ""},
		{"name", "tcp!localhost!564", ""},
		{"no port", "tcp!127.0.0.1", ""},
		{"odd port", "tcp!127.0.0.1!x", ""},
		{"large port", "tcp!127.0.0.1!65536", ""},
		{"other protocol", "il!127.0.0.1!17008", ""},
		{"nothing", "", ""},
	} {
		proto, host, ok := out.(*wire).outside(row.addr)
		got := ""
		if ok {
			got = proto + " " + host.String()
		}
		if got != row.want {
			t.Errorf("%s: %s is %q, want %q", row.name, row.addr, got, row.want)
		}
	}
}

// TestErrors has what cannot be called and announced.
func TestErrors(t *testing.T) {
	out, _ := lab(t)
	taken := announce(t, out, "tcp!127.0.0.1!0")
	takenUDP := announce(t, out, "udp!127.0.0.1!0")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := end(addrPort(free.Addr()))
	free.Close()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	dial := func(ctx context.Context, addr string) string {
		c, err := out.Dial(ctx, addr)
		if err == nil {
			c.Close()
		}
		return text(err)
	}
	listen := func(addr string) string {
		l, err := out.Announce(t.Context(), addr)
		if err == nil {
			l.Close()
		}
		return text(err)
	}
	for _, row := range []struct{ name, got, want string }{
		{"dial nobody", dial(t.Context(), "tcp!"+nobody), "connection refused"},
		{"dial nobody in the grid", dial(t.Context(), "tcp!10.9.0.2!9"), "connection refused"},
		{"dial what the grid lacks", dial(t.Context(), "tcp!10.9.0.77!9"), "no route"},
		{"dial any", dial(t.Context(), "tcp!0.0.0.0!9"), "no route"},
		{"dial when done", dial(done, "tcp!"+taken.Addr()), "interrupted"},
		{"dial nonsense", dial(t.Context(), "tcp!x!y"), "bad arg in system call"},
		{"announce twice", listen("tcp!" + taken.Addr()), "connection in use"},
		{"announce datagrams twice", listen("udp!" + takenUDP.Addr()), "connection in use"},
		{"announce another's address", listen("tcp!192.0.2.1!0"), "bad ip address syntax"},
		{"announce a group", listen("udp!224.0.0.1!0"), "bad ip address syntax"},
		{"announce any of the host", listen("tcp!0.0.0.0!0"), "bad ip address syntax"},
		{"announce any, version 6", listen("tcp!::!0"), "bad ip address syntax"},
		{"announce for the grid", listen("tcp!*!0"), ""},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}

// TestAnyStaysInside announces for any address: the host must not hear it.
func TestAnyStaysInside(t *testing.T) {
	out, in := lab(t)
	l := announce(t, out, "tcp!*!0")
	port := strings.TrimPrefix(l.Addr(), "*!")
	if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		t.Errorf("the host has something at port %s", port)
		c.Close()
	}
	c, err := in.Dial(t.Context(), "tcp!10.9.0.1!"+port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// eachLoopback runs a test on both loopback addresses.
func eachLoopback(t *testing.T, proto string, test func(t *testing.T, w dev.Wire, addr string)) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		t.Run(ip, func(t *testing.T) {
			l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
			if err != nil {
				t.Skip(err)
			}
			l.Close()
			out, _ := lab(t)
			test(t, out, proto+"!"+ip+"!0")
		})
	}
}

func TestStream(t *testing.T) {
	eachLoopback(t, "tcp", func(t *testing.T, w dev.Wire, addr string) {
		c, s := pair(t, w, addr)
		if c.LocalAddr() != s.RemoteAddr() || c.RemoteAddr() != s.LocalAddr() || strings.Count(c.LocalAddr(), "!") != 1 {
			t.Errorf("addresses %s %s, %s %s", c.LocalAddr(), c.RemoteAddr(), s.LocalAddr(), s.RemoteAddr())
		}
		write(t, c, "question")
		if err := c.(dev.HalfCloser).CloseWrite(); err != nil {
			t.Error(err)
		}
		expect(t, s, "question")
		if err := read1(t.Context(), s); err != io.EOF {
			t.Errorf("read at the end: %v", err)
		}
		write(t, s, "answer")
		s.Close()
		expect(t, c, "answer")
		if err := read1(t.Context(), c); err != io.EOF {
			t.Errorf("read at the end: %v", err)
		}
		if _, err := c.Write(t.Context(), []byte("x")); err != ninep.ErrHungup {
			t.Errorf("write after the end: %v", err)
		}
	})
}

// TestInterrupt interrupts reads and writes over and over, and counts the
// bytes.
func TestInterrupt(t *testing.T) {
	eachLoopback(t, "tcp", func(t *testing.T, w dev.Wire, addr string) {
		c, s := pair(t, w, addr)
		const size = 8 << 20
		var wg sync.WaitGroup
		wg.Go(func() { // ends when all is written
			defer c.Close()
			data := make([]byte, 64<<10)
			for sent := 0; sent < size; {
				for i := range data {
					data[i] = byte((sent + i) % 251)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Microsecond)
				n, err := c.Write(ctx, data[:min(len(data), size-sent)])
				cancel()
				if err != nil && err != ninep.ErrIntr {
					t.Errorf("write: %v", err)
					return
				}
				sent += n
			}
		})
		buf, got, interrupted := make([]byte, 10000), 0, 0
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Microsecond)
			n, err := s.Read(ctx, buf)
			cancel()
			for i := range n {
				if buf[i] != byte((got+i)%251) {
					t.Fatalf("byte %d is wrong", got+i)
				}
			}
			got += n
			if err == io.EOF {
				break
			}
			if err == ninep.ErrIntr {
				interrupted++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		wg.Wait()
		if got != size {
			t.Errorf("%d bytes of %d, %d interrupts", got, size, interrupted)
		}
	})
}

// TestWake has who waits woken, by its context or by Close.
func TestWake(t *testing.T) {
	out, _ := lab(t)
	for _, row := range []struct {
		name string
		make func(t *testing.T) (wait func(ctx context.Context) error, close func() error)
	}{
		{"read", func(t *testing.T) (func(context.Context) error, func() error) {
			c, _ := pair(t, out, "tcp!127.0.0.1!0")
			return func(ctx context.Context) error { return read1(ctx, c) }, c.Close
		}},
		{"write", func(t *testing.T) (func(context.Context) error, func() error) {
			c, _ := pair(t, out, "tcp!127.0.0.1!0")
			return func(ctx context.Context) error {
				for {
					if _, err := c.Write(ctx, make([]byte, 1<<20)); err != nil {
						return err
					}
				}
			}, c.Close
		}},
		{"accept", func(t *testing.T) (func(context.Context) error, func() error) {
			l := announce(t, out, "tcp!127.0.0.1!0")
			return func(ctx context.Context) error { _, err := l.Accept(ctx); return err }, l.Close
		}},
		{"read of datagrams, dialled", func(t *testing.T) (func(context.Context) error, func() error) {
			c, _ := pair(t, out, "udp!127.0.0.1!0")
			return func(ctx context.Context) error { return read1(ctx, c) }, c.Close
		}},
		{"read of datagrams, accepted", func(t *testing.T) (func(context.Context) error, func() error) {
			_, s := pair(t, out, "udp!127.0.0.1!0")
			return func(ctx context.Context) error { return read1(ctx, s) }, s.Close
		}},
		{"accept of datagrams", func(t *testing.T) (func(context.Context) error, func() error) {
			l := announce(t, out, "udp!127.0.0.1!0")
			return func(ctx context.Context) error { _, err := l.Accept(ctx); return err }, l.Close
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			wait, closeIt := row.make(t)
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				if err := wait(ctx); err != ninep.ErrIntr {
					t.Errorf("interrupted: %v", err)
				}
				cancel()
			}
			var wg sync.WaitGroup
			for range 3 { // several may wait
				wg.Go(func() {
					if err := wait(t.Context()); err != ninep.ErrHungup {
						t.Errorf("closed: %v", err)
					}
				})
			}
			runtime.Gosched()
			if err := closeIt(); err != nil {
				t.Errorf("close: %v", err)
			}
			wg.Wait()
			if err := wait(t.Context()); err != ninep.ErrHungup {
				t.Errorf("after close: %v", err)
			}
			if err := closeIt(); err != nil {
				t.Errorf("close again: %v", err)
			}
		})
	}
}

// TestCloseDelivers closes with something unread: what was sent before must
// arrive nevertheless.
func TestCloseDelivers(t *testing.T) {
	out, _ := lab(t)
	for range 20 {
		c, s := pair(t, out, "tcp!127.0.0.1!0")
		write(t, c, strings.Repeat("unread", 10000))
		write(t, s, strings.Repeat("answer", 10000))
		s.Close()
		expect(t, c, strings.Repeat("answer", 10000))
		if err := read1(t.Context(), c); err != io.EOF {
			t.Fatalf("read at the end: %v", err)
		}
		c.Close()
	}
}

// TestReset has a conversation that the other side breaks.
func TestReset(t *testing.T) {
	out, _ := lab(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := out.Dial(t.Context(), "tcp!"+end(addrPort(l.Addr())))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s.(*net.TCPConn).SetLinger(0)
	s.Close()
	if err := read1(t.Context(), c); err != ninep.ErrHungup {
		t.Errorf("read: %v", err)
	}
	if _, err := c.Write(t.Context(), []byte("x")); err != ninep.ErrHungup {
		t.Errorf("write: %v", err)
	}
}
