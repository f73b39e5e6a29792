package hostnet

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/hosted/post"
	"ufo/ninep"
)

// A desk is a published service of a node, and what log was told.
type desk struct {
	addr string
	stop func() // ends Publish and waits for it

	mu  sync.Mutex // guards log
	log []string
}

func (d *desk) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.log, "\n")
}

// publish shows what a node does with the calls to its port 7 on the host.
// With no do nobody has announced that.
func publish(t *testing.T, do func(ctx context.Context, c dev.Conn)) *desk {
	t.Helper()
	out, in := lab(t)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	if do != nil {
		l := announce(t, in, "tcp!*!7")
		all.Go(func() { // ends with ctx, as each call does
			for {
				c, err := l.Accept(ctx)
				if err != nil {
					return
				}
				all.Go(func() {
					defer c.Close()
					do(ctx, c)
				})
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{addr: l.Addr().String(), stop: func() { cancel(); all.Wait() }}
	t.Cleanup(d.stop)
	all.Go(func() { // ends with ctx
		Publish(ctx, l, func(ctx context.Context) (dev.Conn, error) {
			return out.Dial(ctx, "tcp!10.9.0.2!7")
		}, func(msg string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.log = append(d.log, msg)
		})
	})
	return d
}

// call connects to the published service.
func (d *desk) call(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second)) // of a test that hangs
	return c.(*net.TCPConn)
}

// echo says what it hears, when it has heard all.
func echo(ctx context.Context, c dev.Conn) {
	data, err := io.ReadAll(reader{ctx, c})
	if err == nil {
		c.Write(ctx, data)
	}
}

// works fails the test if the service does not echo.
func (d *desk) works(t *testing.T, text string) {
	t.Helper()
	c := d.call(t)
	defer c.Close()
	go io.WriteString(writeEnd{c}, text) // ends when all is written, or c closed
	got, err := io.ReadAll(c)
	if err != nil || string(got) != text {
		t.Errorf("%d bytes of %d came back, %v", len(got), len(text), err)
	}
}

// A writeEnd ends what is written after the first Write.
type writeEnd struct{ c *net.TCPConn }

func (w writeEnd) Write(p []byte) (int, error) {
	defer w.c.CloseWrite()
	return w.c.Write(p)
}

// TestPublish has callers of all kinds, good and bad. Whatever they do, the
// service goes on, and nothing is left in the end.
func TestPublish(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<17)
	for _, row := range []struct {
		name string
		do   func(t *testing.T, d *desk)
	}{
		{"good", func(t *testing.T, d *desk) { d.works(t, "hello") }},
		{"good, says nothing", func(t *testing.T, d *desk) { d.works(t, "") }},
		{"good, says much", func(t *testing.T, d *desk) { d.works(t, big) }},
		{"connects and is silent", func(t *testing.T, d *desk) { d.call(t) }},
		{"connects and leaves", func(t *testing.T, d *desk) {
			for range 50 {
				d.call(t).Close()
			}
		}},
		{"breaks", func(t *testing.T, d *desk) {
			for range 50 {
				c := d.call(t)
				c.Write([]byte("half a mess"))
				c.SetLinger(0)
				c.Close()
			}
		}},
		{"leaves before the answer", func(t *testing.T, d *desk) {
			c := d.call(t)
			c.Write([]byte(big[:100000]))
			c.CloseWrite()
			c.Close()
		}},
		{"never reads", func(t *testing.T, d *desk) {
			c := d.call(t)
			c.SetReadBuffer(1)
			c.Write([]byte(big))
			c.CloseWrite()
		}},
		{"never ends what it says", func(t *testing.T, d *desk) {
			c := d.call(t)
			var wg sync.WaitGroup
			t.Cleanup(wg.Wait)
			t.Cleanup(func() { c.Close() })
			wg.Go(func() { // ends when c is closed
				for {
					if _, err := c.Write([]byte(big)); err != nil {
						return
					}
				}
			})
		}},
		{"many at once", func(t *testing.T, d *desk) {
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() { d.works(t, "one of many") })
			}
			wg.Wait()
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := publish(t, echo)
			row.do(t, d)
			d.works(t, "the next one")
			d.stop()
			if d.said() != "" {
				t.Errorf("logged: %s", d.said())
			}
			if c, err := net.Dial("tcp", d.addr); err == nil {
				c.Close()
				t.Error("still listens")
			}
		})
	}
}

// TestPublishNode has nodes of all kinds.
func TestPublishNode(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(ctx context.Context, c dev.Conn)
		want string // read by the caller, who says hello and ends
		err  bool
		log  string
	}{
		{"nobody there", nil, "", true, "connection refused"},
		{"hangs up", func(context.Context, dev.Conn) {}, "", false, ""},
		{"answers and hangs up", func(ctx context.Context, c dev.Conn) { c.Write(ctx, []byte("hi")) }, "hi", false, ""},
		{"ends, and reads on", func(ctx context.Context, c dev.Conn) {
			c.Write(ctx, []byte("hi"))
			c.(dev.HalfCloser).CloseWrite()
			io.ReadAll(reader{ctx, c})
		}, "hi", false, ""},
		{"reads first", func(ctx context.Context, c dev.Conn) { echo(ctx, c) }, "hello", false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := publish(t, row.do)
			c := d.call(t)
			io.WriteString(writeEnd{c}, "hello")
			got, err := io.ReadAll(c)
			if string(got) != row.want || err != nil && !row.err {
				t.Errorf("%q, %v, want %q", got, err, row.want)
			}
			d.stop()
			if said := d.said(); !strings.Contains(said, row.log) || row.log == "" && said != "" {
				t.Errorf("log: %q, want %q", said, row.log)
			}
		})
	}
}

// TestPublishCrowd has one address call as often as there can be calls, and say
// nothing, before another calls.
func TestPublishCrowd(t *testing.T) {
	d := publish(t, echo)
	for range maxConns + 10 {
		d.call(t)
	}
	there := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	c, err := there.DialContext(t.Context(), "tcp", d.addr)
	if err != nil {
		t.Skip(err) // this host has only one
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(writeEnd{c.(*net.TCPConn)}, "hello")
	if got, err := io.ReadAll(c); string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestCallers counts calls from addresses, of which each has as many of 1000 as are left.
func TestCallers(t *testing.T) {
	var c callers
	enter := func(addr string, want int) {
		t.Helper()
		n := 0
		for c.enter(origin(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr)))) {
			n++
		}
		if n != want {
			t.Errorf("%s: %d calls, want %d", addr, n, want)
		}
	}
	enter("10.0.0.1:1", 500)
	enter("[::ffff:10.0.0.1]:2", 0)
	enter("10.0.0.2:1", 250)
	enter("[2001:db8::1]:1", 125)
	enter("[2001:db8::2]:1", 0) // of the same network
	enter("[2001:db8:0:1::1]:1", 63)
	for range 500 {
		c.leave(netip.MustParseAddr("10.0.0.1"))
	}
	enter("10.0.0.3:1", 281)
	enter("10.0.0.1:1", 141)
}

// A caller is one end of a pipe, at which it does not matter whether the other ends
// what it says.
type caller struct{ net.Conn }

func (caller) CloseWrite() error { return nil }

// TestPublishEnds has a caller who does not hang up when the node does. A call ends
// a minute after he has said the last thing.
func TestPublishEnds(t *testing.T) {
	say := func(pause time.Duration) func(c net.Conn) {
		return func(c net.Conn) {
			for range 3 {
				time.Sleep(pause)
				c.Write([]byte("more"))
			}
		}
	}
	hangup := func(context.Context, dev.Conn) {}
	for _, row := range []struct {
		name   string
		node   func(ctx context.Context, c dev.Conn)
		caller func(c net.Conn)
		want   time.Duration
	}{
		{"he says nothing", hangup, say(time.Hour), time.Minute},
		{"he says something, and not to the end", hangup, func(c net.Conn) { c.Write([]byte("half a mess")) }, time.Minute},
		{"he goes on, and nobody hears it", hangup, say(10 * time.Second), 20*time.Second + lingerTime},
		{"he goes on, and the node reads", func(ctx context.Context, c dev.Conn) {
			c.(dev.HalfCloser).CloseWrite()
			io.ReadAll(reader{ctx, c})
		}, say(50 * time.Second), 210 * time.Second},
		{"neither says anything", func(ctx context.Context, c dev.Conn) { io.ReadAll(reader{ctx, c}) }, say(50 * time.Hour), 100 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, in := wires(t)
				l := announce(t, in, "tcp!*!7")
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Hour)
				defer cancel()
				go func() { // ends with ctx
					c, err := l.Accept(ctx)
					if err == nil {
						defer c.Close()
						row.node(ctx, c)
					}
				}()
				there, err := out.Dial(ctx, "tcp!10.9.0.2!7")
				if err != nil {
					t.Fatal(err)
				}
				here, host := net.Pipe()
				var said sync.WaitGroup
				defer said.Wait()
				defer here.Close()
				said.Go(func() { row.caller(here) }) // ends a while after here
				begin := time.Now()
				carry(ctx, caller{host}, there)
				if took := time.Since(begin); took != row.want {
					t.Errorf("ended after %v, want %v", took, row.want)
				}
			})
		})
	}
}

// TestPublish9P says garbage to a 9P server, and then something sensible.
func TestPublish9P(t *testing.T) {
	srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "text\n")}})
	d := publish(t, func(ctx context.Context, c dev.Conn) {
		ninep.Serve(ctx, struct {
			reader
			writer
			io.Closer
		}{reader{ctx, c}, writer{ctx, c}, c}, srv, nil)
	})
	for _, garbage := range []string{"GET / HTTP/1.0\r\n\r\n", "\x00\x00\x00\x00", "\xff\xff\xff\xff", strings.Repeat("\x13", 1000)} {
		c := d.call(t)
		io.WriteString(writeEnd{c}, garbage)
		io.Copy(io.Discard, c) // until the server has had enough
	}
	client, err := ninep.NewClient(t.Context(), d.call(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	root, err := client.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := ninep.ReadFile(t.Context(), root, "f"); err != nil || string(data) != "text\n" {
		t.Errorf("%q, %v", data, err)
	}
	root.Close()
}

// A writer is a Conn with a context.
type writer struct {
	ctx context.Context
	c   dev.Conn
}

func (w writer) Write(p []byte) (int, error) { return w.c.Write(w.ctx, p) }

// TestAcceptBound lets three in at once.
func TestAcceptBound(t *testing.T) {
	leaks(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	in, leave := make(chan bool, 10), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		post.Accept(ctx, l, 3, func(msg string) { t.Error(msg) }, func(ctx context.Context, c net.Conn) {
			defer c.Close()
			in <- true
			select {
			case <-leave:
			case <-ctx.Done():
			}
		})
	})
	for range 5 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for range 3 {
		<-in
	}
	select {
	case <-in:
		t.Error("a fourth is in")
	default:
	}
	leave <- true
	<-in
	cancel()
	all.Wait()
}

func TestWho(t *testing.T) {
	for _, row := range []struct{ name, addr, want string }{
		{"loopback", "127.0.0.1:5640", "every user of this host"},
		{"loopback of version 6", "[::1]:5640", "every user of this host"},
		{"all of 127", "127.1.2.3:5640", "every user of this host"},
		{"any", "0.0.0.0:5640", "every host that reaches this one"},
		{"any of version 6", "[::]:5640", "every host that reaches this one"},
		{"one address", "192.168.1.5:5640", "every host that reaches 192.168.1.5"},
		{"version 4 in 6", "[::ffff:192.168.1.5]:5640", "every host that reaches 192.168.1.5"},
	} {
		if got := Who(netip.MustParseAddrPort(row.addr)); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
	if got := Who(netip.AddrPort{}); got != "every host that reaches this one" {
		t.Errorf("no address: %q", got)
	}
}

// BenchmarkCarry measures what a published stream carries.
func BenchmarkCarry(b *testing.B) {
	out, in := lab(b)
	l := announce(b, in, "tcp!*!7")
	node, err := out.Dial(b.Context(), "tcp!10.9.0.2!7")
	if err != nil {
		b.Fatal(err)
	}
	far, err := l.Accept(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer far.Close()
	c, s := pair(b, out, "tcp!127.0.0.1!0")
	var wg sync.WaitGroup
	wg.Go(func() { carry(b.Context(), s.(*conn).c, node) })
	block := bytes.Repeat([]byte("x"), 64<<10)
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		if _, err := c.Write(b.Context(), block); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(reader{b.Context(), far}, block); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
	far.Close()
	wg.Wait()
}
