package grid

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/cmd"
	"ufo/cmd/disk"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
	"ufo/rootfs"
)

// whole returns a grid of the default topology that runs what it does in real
// life, and further commands.
func whole(t testing.TB, further map[string]proc.Main) *Grid {
	t.Helper()
	text, _ := Builtin("four")
	top, err := ParseTopology("four", text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
	if err != nil {
		t.Fatal(err)
	}
	names := cmd.Names()
	for name := range further {
		names = append(names, name)
	}
	slices.Sort(names)
	g, err := New(Config{Topology: top, Root: d, Kernel: kernel.Config{
		Loaders: []proc.Loader{mains(further), cmd.Loader()}, Builtins: names}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// mains are further built-in commands.
type mains map[string]proc.Main

func (m mains) find(magic []byte) proc.Main {
	line, _, _ := bytes.Cut(magic, []byte("\n"))
	return m[strings.TrimPrefix(string(line), "#builtin ")]
}

func (m mains) Match(magic []byte) bool { return m.find(magic) != nil }

func (m mains) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	p := make([]byte, 64)
	n, err := file.ReadAt(ctx, p, 0)
	return m.find(p[:n]), err
}

func TestWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := whole(t, nil)
		wantErr(t, g.Boot(t.Context()), nil)
		for _, n := range g.Nodes() {
			if state, _ := n.State(); state != Up {
				t.Errorf("%s is %s", n.Name, state)
			}
		}
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// A siege is a whole grid in which a process on each node but n1 writes to
// n1's disk, while nodes die and links break.
type siege struct {
	*Grid
	t   *testing.T
	rng *rand.Rand

	mu    sync.Mutex // guards the fields below
	acked map[string]uint64
	quit  bool
}

// writer writes records to the file named until told to stop.
func (s *siege) writer(p *proc.Proc) error {
	file := p.Args[1]
	node := file[strings.LastIndexByte(file, '/')+1:]
	fd, err := p.Open(file, ninep.OWRITE)
	if err != nil {
		fd, err = p.Create(file, ninep.OWRITE, 0664)
	}
	if err != nil {
		return err
	}
	for {
		s.mu.Lock()
		n, quit := s.acked[node], s.quit
		s.mu.Unlock()
		if _, err := p.Pwrite(fd, binary.BigEndian.AppendUint64(nil, n+1), int64(8*n)); err != nil {
			return err
		}
		s.mu.Lock()
		s.acked[node] = n + 1
		s.mu.Unlock()
		if quit {
			return nil
		}
		if err := p.Sleep(time.Millisecond); err != nil {
			return err
		}
	}
}

// besiege keeps a writer running on the node, which connects to n1 by itself:
// as on Plan 9 the root of a node does not survive the death of its server.
func (s *siege) besiege(n *Node) {
	const script = "srv -q tcp!10.9.0.1!564 w$pid /mnt && writer /mnt/usr/glenda/$sysname; rm -f /srv/w$pid"
	for {
		s.mu.Lock()
		quit, before := s.quit, s.acked[n.Name]
		s.mu.Unlock()
		if k := n.Kernel(); k != nil {
			p, err := k.Start(s.t.Context(), 0, "#/ufo/bin/boot", "boot", "-c", "0", script)
			if err == nil {
				<-p.Done()
			}
		}
		s.mu.Lock()
		wrote := s.acked[n.Name] > before
		s.mu.Unlock()
		if quit && wrote {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// fault does one random thing to the grid.
func (s *siege) fault(starts *sync.WaitGroup) {
	n, other := s.nodes[s.rng.IntN(len(s.nodes))], s.nodes[s.rng.IntN(len(s.nodes))]
	link := func(msg string) {
		if l, err := s.wire.Link(n.Name, other.Name); err == nil {
			ctl(s.t, l, msg)
		}
	}
	switch s.rng.IntN(8) {
	case 0:
		link("cut")
	case 1:
		link("to " + n.Name + " cut")
	case 2, 3:
		link("heal")
	case 4:
		wantErr(s.t, n.Kill(s.t.Context()), nil)
	case 5, 6:
		starts.Go(func() { n.Start(timeout(s.t, time.Minute)) }) // it may be up, or killed again
	case 7:
		link(fmt.Sprintf("delay=%dus jitter=1ms loss=%d%%", s.rng.IntN(5000), s.rng.IntN(3)))
	}
}

// TestSiege: faults lose no write that a process on another node was told is
// done, and nothing of the grid is left afterwards.
func TestSiege(t *testing.T) {
	faults := 10000
	if testing.Short() {
		faults = 1000
	}
	synctest.Test(t, func(t *testing.T) {
		s := &siege{t: t, rng: rand.New(rand.NewPCG(1, 0)), acked: map[string]uint64{}}
		s.Grid = whole(t, map[string]proc.Main{"writer": s.writer})
		wantErr(t, s.Boot(t.Context()), nil)
		var writers, starts sync.WaitGroup
		for _, n := range s.nodes[1:] {
			writers.Go(func() { s.besiege(n) })
		}
		for range faults {
			s.fault(&starts)
			time.Sleep(time.Duration(s.rng.IntN(int(100 * time.Millisecond))))
		}
		for i, a := range s.nodes {
			for _, b := range s.nodes[:i] {
				l, _ := s.wire.Link(a.Name, b.Name)
				ctl(t, l, "heal")
			}
			starts.Go(func() { a.Start(timeout(t, time.Minute)) })
		}
		starts.Wait()
		s.mu.Lock()
		s.quit = true
		s.mu.Unlock()
		writers.Wait()
		wantErr(t, s.Halt(context.Background()), nil)
		for _, node := range s.nodes[1:] {
			name, n := node.Name, s.acked[node.Name]
			if n < 100 {
				t.Errorf("%s: only %d writes", name, n)
			}
			f, err := (control{t, s.cfg.Root}).open("usr/glenda/"+name, ninep.OREAD)
			wantErr(t, err, nil)
			p := make([]byte, 8)
			for i := range n {
				if m, err := f.Read(t.Context(), p, int64(8*i)); m != 8 || err != nil || binary.BigEndian.Uint64(p) != i+1 {
					t.Fatalf("%s: write %d of %d was acknowledged and is lost: %d bytes, %v", name, i, n, m, err)
				}
			}
			f.Close()
		}
	})
}

// BenchmarkBoot boots the default grid and halts it, with and without keys.
func BenchmarkBoot(b *testing.B) {
	for _, keys := range []bool{false, true} {
		b.Run(fmt.Sprintf("keys=%v", keys), func(b *testing.B) {
			for b.Loop() {
				g := whole(b, nil)
				g.cfg.Keys = keys
				if err := g.Boot(b.Context()); err != nil {
					b.Fatal(err)
				}
				if err := g.Halt(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
