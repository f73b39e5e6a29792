package grid

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// A stand is some nodes without kernels: a server that keeps what clients
// write to it, and clients that write. Nodes die and come back, links break
// and heal, and in the end the server must have every write that it
// acknowledged.
type stand struct {
	wire  *Wire
	names []string // the first is the server's
	rng   *rand.Rand

	mu    sync.Mutex // guards the fields below
	alive map[string]*life
	disk  map[string][]byte // what the server keeps when it dies
	quit  bool              // clients stop after their next write
}

// A life is a node between its start and its end.
type life struct {
	iface *Iface
	ctx   context.Context
	end   context.CancelFunc
	done  sync.WaitGroup
}

func newStand(t *testing.T, seed uint64, clients int) *stand {
	s := &stand{wire: NewWire(), rng: rand.New(rand.NewPCG(seed, 0)),
		alive: map[string]*life{}, disk: map[string][]byte{}}
	for i := range clients + 1 {
		name := fmt.Sprint("n", i)
		s.names = append(s.names, name)
		if err := s.wire.Add(name, netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range s.names[1:] {
		s.start(name)
		s.disk[name] = nil
	}
	s.startServer()
	return s
}

// start plugs a node in.
func (s *stand) start(name string) *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive[name] != nil {
		return nil
	}
	iface, err := s.wire.Plug(name)
	if err != nil {
		panic(err)
	}
	l := &life{iface: iface}
	l.ctx, l.end = context.WithCancel(context.Background())
	s.alive[name] = l
	return l
}

// kill unplugs a node, and waits until nothing of it is left.
func (s *stand) kill(name string) {
	s.mu.Lock()
	l := s.alive[name]
	delete(s.alive, name)
	s.mu.Unlock()
	if l != nil {
		l.iface.Unplug()
		l.end()
		l.done.Wait()
	}
}

// startServer starts the server: each life has its own files over the same disk.
func (s *stand) startServer() {
	l := s.start(s.names[0])
	if l == nil {
		return
	}
	root := &ninep.Node{}
	for _, name := range s.names[1:] {
		root.Children = append(root.Children, &ninep.Node{Name: name, Perm: 0666,
			WriteAt: func(_ context.Context, p []byte, off int64) (int, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				d := s.disk[name]
				d = append(d, make([]byte, max(0, int(off)+len(p)-len(d)))...)
				s.disk[name] = d
				return copy(d[off:], p), nil
			}})
	}
	tree := ninep.NewTree("adm", root)
	ln, err := l.iface.Announce(l.ctx, "tcp!*!564")
	if err != nil {
		panic(err)
	}
	l.done.Go(func() {
		for {
			c, err := ln.Accept(l.ctx)
			if err != nil {
				return
			}
			l.done.Go(func() { ninep.Serve(l.ctx, bound{l.ctx, c}, tree, nil) })
		}
	})
}

// bound is a Conn as ninep wants it.
type bound struct {
	ctx context.Context
	dev.Conn
}

func (b bound) Read(p []byte) (int, error)  { return b.Conn.Read(b.ctx, p) }
func (b bound) Write(p []byte) (int, error) { return b.Conn.Write(b.ctx, p) }

// client writes records to the server until it is told to stop, and returns
// how many were acknowledged. It never gives one up: after an error it
// connects anew, as whoever its node is then.
func (s *stand) client(name string) (acked uint64) {
	rng := rand.New(rand.NewPCG(1, uint64(len(s.names))))
	for {
		s.mu.Lock()
		l := s.alive[name]
		s.mu.Unlock()
		if l != nil {
			acked = s.session(l, name, acked)
		}
		s.mu.Lock()
		quit := s.quit
		s.mu.Unlock()
		if quit && l != nil {
			return acked
		}
		time.Sleep(time.Duration(1 + rng.IntN(int(100*time.Millisecond))))
	}
}

// session writes records on one connection until that fails.
func (s *stand) session(l *life, name string, acked uint64) uint64 {
	c, err := l.iface.Dial(l.ctx, "tcp!10.0.0.1!564")
	if err != nil {
		return acked
	}
	client, err := ninep.NewClient(l.ctx, bound{l.ctx, c}, nil)
	if err != nil {
		c.Close()
		return acked
	}
	defer client.Close()
	f, err := openFile(l.ctx, client, name)
	if err != nil {
		return acked
	}
	defer f.Close()
	for {
		rec := binary.BigEndian.AppendUint64(nil, acked+1)
		if _, err := f.Write(l.ctx, rec, int64(8*acked)); err != nil {
			return acked
		}
		acked++
		s.mu.Lock()
		quit := s.quit
		s.mu.Unlock()
		if quit {
			return acked
		}
		time.Sleep(time.Millisecond)
	}
}

func openFile(ctx context.Context, srv ninep.Server, name string) (ninep.File, error) {
	root, err := srv.Attach(ctx, "glenda", "")
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Walk(ctx, name)
	if err == nil {
		if err = f.Open(ctx, ninep.OWRITE); err != nil {
			f.Close()
		}
	}
	return f, err
}

// fault does one random thing to the stand.
func (s *stand) fault(t *testing.T) {
	node := s.names[s.rng.IntN(len(s.names))]
	other := s.names[s.rng.IntN(len(s.names))]
	link := func(msg string) {
		if l, err := s.wire.Link(node, other); err == nil {
			ctl(t, l, msg)
		}
	}
	switch s.rng.IntN(8) {
	case 0:
		link("cut")
	case 1:
		link("to " + node + " cut")
	case 2, 3:
		link("heal")
	case 4:
		s.kill(node)
	case 5, 6:
		if node == s.names[0] {
			s.startServer()
		} else {
			s.start(node)
		}
	case 7:
		link(fmt.Sprintf("delay=%dus jitter=1ms loss=%d%%", s.rng.IntN(5000), s.rng.IntN(20)))
	}
}

// mend ends all faults.
func (s *stand) mend(t *testing.T) {
	for i, a := range s.names {
		for _, b := range s.names[:i] {
			l, _ := s.wire.Link(a, b)
			ctl(t, l, "heal")
		}
		if i > 0 {
			s.start(a)
		}
	}
	s.startServer()
}

// TestChaos: 10 000 random kills, cuts and heals lose no acknowledged write,
// and leave no goroutine: the bubble ends only when there is none.
func TestChaos(t *testing.T) {
	const faults = 10000
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, seed, 4)
				acked := map[string]uint64{}
				var mu sync.Mutex
				var clients sync.WaitGroup
				for _, name := range s.names[1:] {
					clients.Go(func() {
						n := s.client(name)
						mu.Lock()
						defer mu.Unlock()
						acked[name] = n
					})
				}
				for range faults {
					s.fault(t)
					time.Sleep(time.Duration(s.rng.IntN(int(20 * time.Millisecond))))
				}
				s.mend(t)
				time.Sleep(time.Minute) // longer than a dial takes to notice
				s.mu.Lock()
				s.quit = true
				s.mu.Unlock()
				clients.Wait()
				for _, name := range s.names {
					s.kill(name)
				}
				for name, n := range acked {
					if n < 100 { // else nothing was tried; 1000 is usual
						t.Errorf("%s: only %d writes", name, n)
					}
					for i := range n {
						if len(s.disk[name]) < int(8*i+8) || binary.BigEndian.Uint64(s.disk[name][8*i:]) != i+1 {
							t.Fatalf("%s: write %d of %d was acknowledged and is lost", name, i, n)
						}
					}
				}
			})
		})
	}
}

// TestConversationsEnd: what is left of a stream after both ends have closed,
// in whatever order, is nothing.
func TestConversationsEnd(t *testing.T) {
	for _, test := range []struct {
		name  string
		first func(c, s dev.Conn, b *Iface)
	}{
		{"dialer first", func(c, s dev.Conn, _ *Iface) { c.Close(); s.Close() }},
		{"server first", func(c, s dev.Conn, _ *Iface) { s.Close(); c.Close() }},
		{"node dies", func(c, _ dev.Conn, b *Iface) { b.Unplug(); c.Close() }},
		{"twice", func(c, s dev.Conn, _ *Iface) { c.Close(); c.Close(); s.Close(); s.Close() }},
	} {
		for _, settings := range []string{"", "delay=10ms", "cut"} {
			t.Run(test.name+" "+settings, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					_, a, b, l := lab(t, "")
					c, s := pair(t, a, b)
					if settings != "" {
						ctl(t, l, settings)
					}
					write(t, c, "unread")
					test.first(c, s, b)
					time.Sleep(time.Second)
					ctl(t, l, "heal")
					time.Sleep(time.Second)
					if n := len(a.streams) + len(b.streams) + len(a.used) + len(b.used); n != 0 && test.name != "node dies" {
						t.Errorf("%d conversations and ports left", n)
					}
					if n := len(l.toA.flying) + len(l.toB.flying); n != 0 {
						t.Errorf("%d streams left on the link", n)
					}
				})
			})
		}
	}
}

// BenchmarkNinep is a round trip of 9P between two nodes.
func BenchmarkNinep(b *testing.B) {
	_, ia, ib, _ := lab(b, "")
	c, s := pair(b, ia, ib)
	ctx := b.Context()
	srv := ninep.NewTree("adm", &ninep.Node{Children: []*ninep.Node{ninep.Text("x", "hello")}})
	go ninep.Serve(ctx, bound{ctx, s}, srv, nil)
	client, err := ninep.NewClient(ctx, bound{ctx, c}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	root, err := client.Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := root.Walk(ctx, "x")
	if err == nil {
		err = f.Open(ctx, ninep.OREAD)
	}
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Read(ctx, p, 0); err != nil && err != io.EOF {
			b.Fatal(err)
		}
	}
}
