package ninep_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	. "ufo/ninep"
)

var conns = flag.Int("conns", 50, "connections of TestServeCrowd")

// perConn is how many requests each of the crowd has in flight.
const perConn = 100

// A crowd is connections to one server, which share their Memory. They have
// no buffers of their own: what is in memory is the server's.
type crowd struct {
	t       *testing.T
	srv     Server
	opt     ServeOptions
	clients []*echo
	served  sync.WaitGroup
	wrong   atomic.Int64
}

// join adds a client, which has the file called name open as fid 1.
func (c *crowd) join(name string) *echo {
	here, there := net.Pipe()
	c.served.Go(func() {
		if err := Serve(context.Background(), there, c.srv, &c.opt); err != nil {
			c.wrong.Add(1)
		}
	})
	e := &echo{conn: here, buf: make([]byte, 512)}
	for _, m := range []Fcall{
		{Type: Tversion, Tag: NOTAG, Msize: MaxMsize, Version: VERSION9P},
		{Type: Tattach, Afid: NOFID, Uname: "glenda"},
		{Type: Twalk, Newfid: 1, Wname: []string{name}},
		{Type: Topen, Fid: 1},
	} {
		e.ask, _ = m.Append(nil)
		if e.rpc(c.t); MsgType(e.buf[4]) != m.Type+1 {
			c.t.Fatalf("%v: %q", &m, e.buf[:64])
		}
	}
	return e
}

// memory returns what the program has in use, of heap and of stacks.
func memory() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools keep what they have once
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// ask has a client ask for count bytes perConn times, and not listen.
func (c *crowd) ask(e *echo, count int) {
	e.ask = e.ask[:0]
	for tag := range uint16(perConn) {
		e.ask, _ = (&Fcall{Type: Tread, Tag: tag, Fid: 1, Count: uint32(count)}).Append(e.ask)
	}
	if _, err := e.conn.Write(e.ask); err != nil {
		c.t.Fatal(err)
	}
	e.ask = nil
}

// hear has a client take the replies to what it asked for.
func (c *crowd) hear(e *echo, count int) {
	e.buf = make([]byte, 11+count)
	var got [perConn]bool
	for range perConn {
		n, err := e.recv()
		tag := int(e.buf[5]) | int(e.buf[6])<<8
		if err != nil || n != 11+count || MsgType(e.buf[4]) != Rread || tag >= perConn || got[tag] {
			c.t.Fatalf("%d bytes, %v: %q", n, err, e.buf[:32])
		}
		got[tag] = true
	}
}

// The memory of many connections with many requests in flight each is bounded,
// whether these wait, or their replies do since nobody reads them; others are
// served meanwhile; and then it is given back.
func TestServeCrowd(t *testing.T) {
	let := make(chan struct{})
	for _, tt := range []struct {
		name, file string
		srv        Server
		count      int
		bound      int64 // of bytes for one connection
	}{
		{"requests wait", "wait", waitingTree(let), 16, perConn * 8 << 10},
		{"nobody reads", "zero", files(t)["prompt"], 8000, 112 << 10},
		{"nobody reads what takes goroutines", "zero", disk(), 2000, perConn * 10 << 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &crowd{t: t, srv: tt.srv, opt: ServeOptions{Memory: NewMemory(int64(*conns) * tt.bound)}}
			before, routines := memory(), runtime.NumGoroutine()
			for range *conns {
				c.clients = append(c.clients, c.join(tt.file))
			}
			idle := memory() - before
			for _, e := range c.clients {
				c.ask(e, tt.count)
			}
			c.settle(routines)
			busy, now := memory()-before, runtime.NumGoroutine()-routines
			n := int64(*conns)
			t.Logf("%d connections: %d bytes each, with %d requests in flight %d; %d goroutines", n, idle/n, perConn, busy/n, now)
			if idle/n > 24<<10 || busy/n > tt.bound || now > *conns*(perConn+2) {
				t.Errorf("more than %d", tt.bound)
			}
			c.lively(tt.file)
			if tt.file == "wait" {
				close(let)
			}
			for _, e := range c.clients {
				c.hear(e, tt.count)
				e.conn.Close()
			}
			c.served.Wait()
			if c.wrong.Load() > 0 || c.opt.Memory.Used() != 0 {
				t.Errorf("%d connections ended badly, %d bytes are still taken", c.wrong.Load(), c.opt.Memory.Used())
			}
			c.clients = nil
			// For a goroutine that has ended Go keeps half a kilobyte.
			if left := memory() - before; left > 1<<20+n*perConn<<10 {
				t.Errorf("%d bytes are left", left)
			}
		})
	}
}

// settle waits until all requests are where they stay: as many goroutines as
// that takes, again and again.
func (c *crowd) settle(before int) {
	for same, last := 0, -1; same < 100; {
		runtime.Gosched()
		if n := runtime.NumGoroutine(); n == last {
			same++
		} else {
			same, last = 0, n
		}
	}
}

// lively asks something of a crowded server, often.
func (c *crowd) lively(name string) {
	e := c.join(name)
	defer e.conn.Close()
	e.ask, _ = (&Fcall{Type: Tstat, Tag: 1, Fid: 1}).Append(nil)
	for range 100 {
		if e.rpc(c.t); MsgType(e.buf[4]) != Rstat {
			c.t.Fatalf("%q", e.buf[:64])
		}
	}
}

// What requests in progress are taken to need is what they have, whatever size they
// are of.
func TestServeMemoryHad(t *testing.T) {
	const limit = 24 << 20
	for _, size := range []int{10, 2500, 9000, 17000, 33000, 66000, 128 << 10, 300000} {
		asked := min(2000, 2*limit/size)
		for _, kind := range []MsgType{Tread, Twrite} {
			t.Run(fmt.Sprint(kind, " of ", size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					mem := NewMemory(limit)
					r := serveRaw(t, waitingTree(nil), &ServeOptions{Memory: mem, Requests: asked})
					before := memory()
					m := Fcall{Type: kind, Fid: 1, Count: uint32(size)}
					if kind == Twrite {
						r.begin(MaxMsize, "sink", OWRITE)
						m.Data = make([]byte, size)
					} else {
						r.begin(MaxMsize, "wait", OREAD)
					}
					go func() { // ends with the connection
						for err := error(nil); err == nil; {
							_, err = readFcall(r.in) // a refusal
						}
					}()
					for m.Tag = range uint16(asked) {
						r.send(m)
					}
					synctest.Wait()
					had := memory() - before
					t.Logf("%d KB, for %d", had>>10, mem.Used()>>10)
					if most := int64(mem.Used() + 3<<20 + mem.Used()/4); had > most { // 1 MB and 64 KB of it always
						t.Errorf("%d KB, more than %d", had>>10, most>>10)
					}
				})
			})
		}
	}
}
