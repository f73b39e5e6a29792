package grid

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/proc"
)

// A sitter is somebody at a console.
type sitter struct {
	control
	f ninep.File
}

// sit opens a console.
func (c control) sit(name string) *sitter {
	c.t.Helper()
	f, err := c.open(name, ninep.ORDWR)
	wantErr(c.t, err, nil)
	return &sitter{c, f}
}

// typ types a line, and wants to see text.
func (s *sitter) typ(line, text string) {
	s.t.Helper()
	_, err := s.f.Write(s.t.Context(), []byte(line), 0)
	wantErr(s.t, err, nil)
	s.see(text)
}

func (s *sitter) see(text string) {
	s.t.Helper()
	p := make([]byte, 2*maxTail)
	n, err := s.f.Read(s.t.Context(), p, 0)
	if string(p[:n]) != text || err != nil {
		s.t.Errorf("%q %v, want %q", ends(string(p[:n])), err, ends(text))
	}
}

// ends returns the ends of a text that is too long to be shown.
func ends(text string) string {
	if len(text) <= 200 {
		return text
	}
	return text[:100] + "..." + text[len(text)-100:]
}

// leave closes the console.
func (s *sitter) leave() {
	s.f.Close()
	synctest.Wait()
}

// onGrid runs a test with a small grid that is up.
func onGrid(t *testing.T, f func(t *testing.T, g *Grid, c control)) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		wantErr(t, g.Boot(t.Context()), nil)
		f(t, g, control{t, g.Server()})
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// procs waits until nothing happens, and counts the processes of a node.
func procs(g *Grid, node string) int {
	synctest.Wait()
	return g.Node(node).Kernel().Procs().Len()
}

// TestSession: who leaves a console finds it again as it was.
func TestSession(t *testing.T) {
	onGrid(t, func(t *testing.T, g *Grid, c control) {
		const dir = "nodes/n3/consoles/"
		s := c.sit(dir + "new")
		s.typ("one\n", "you said one\n")
		if got := c.read(dir + "1/status"); got != "state attached\npid 2\nruns boot -c 1\n" {
			t.Errorf("status %q", got)
		}
		_, err := c.open(dir+"1/data", ninep.ORDWR)
		wantErr(t, err, ninep.ErrInUse)
		_, err = c.open(dir+"1/data", ninep.OREAD)
		wantErr(t, err, ninep.ErrPerm)
		s.leave()
		if got := c.read(dir + "1/status"); !strings.HasPrefix(got, "state detached\n") {
			t.Errorf("status %q", got)
		}

		s = c.sit(dir + "1/data")
		s.see("you said one\n")
		s.typ("two\n", "you said two\n")
		wantErr(t, c.write(dir+"1/ctl", "detach"), nil)
		s.see("")
		other := c.sit(dir + "1/data")
		other.see("you said one\nyou said two\n")
		s.leave() // not the other
		other.typ("exit\n", "you said exit\n")
		other.see("")
		other.leave()
		_, err = c.open(dir+"1/data", ninep.ORDWR)
		wantErr(t, err, ninep.ErrNotExist)
		wantErr(t, c.write("nodes/n3/consoles/new", "x"), ninep.ErrPerm)
		if n := procs(g, "n3"); n != 1 {
			t.Errorf("%d processes when nobody has a console", n)
		}
	})
}

// TestSessionEnds: a console ends when it is hung up, and with its node.
func TestSessionEnds(t *testing.T) {
	onGrid(t, func(t *testing.T, g *Grid, c control) {
		const dir = "nodes/n3/consoles/"
		c.sit(dir + "new").leave()
		c.sit(dir + "new").leave()
		sitting := c.sit(dir + "new")
		if n := procs(g, "n3"); n != 4 {
			t.Errorf("%d processes with three consoles", n)
		}
		wantErr(t, c.write(dir+"1/ctl", "hang up"), ninep.ErrCtlUnknown)
		wantErr(t, c.write(dir+"1/ctl", "hangup"), nil)
		wantErr(t, c.write(dir+"3/ctl", "hangup"), nil)
		sitting.see("")
		if n := procs(g, "n3"); n != 2 {
			t.Errorf("%d processes when two were hung up", n)
		}
		wantErr(t, c.write("nodes/n3/ctl", "kill"), nil)
		_, err := c.open(dir+"2/data", ninep.ORDWR)
		wantErr(t, err, ninep.ErrNotExist)
		wantErr(t, c.write("nodes/n3/ctl", "start"), nil)
		c.sit(dir + "new").leave()
		if n := procs(g, "n3"); n != 2 {
			t.Errorf("%d processes after the node was started again", n)
		}
	})
}

// A flood is a boot that prints on further consoles, a line of 8 bytes after
// the other, and says how many it has printed.
type flood struct{ printed chan int }

func (f flood) lines(p *proc.Proc) error {
	if len(p.Args) < 2 {
		return bootMain(p)
	}
	for i := range 100_000 {
		if _, err := fmt.Fprintf(p.Stdout(), "%07d\n", i); err != nil {
			return err
		}
	}
	f.printed <- 100_000
	return p.Sleep(time.Hour)
}

// TestSessionTail: nobody waits for somebody to look, and what is kept of what
// was printed is bounded and begins with a line. Who looks but does not read
// stops a program, but not the end of its node.
func TestSessionTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		f := flood{printed: make(chan int, 1)}
		g.cfg.Kernel.Loaders = []proc.Loader{mains{"boot": f.lines}}
		wantErr(t, g.Boot(t.Context()), nil)
		c := control{t, g.Server()}
		c.sit("nodes/n3/consoles/new").leave()
		if n := <-f.printed; n != 100_000 {
			t.Errorf("printed %d", n)
		}
		synctest.Wait() // the last of it may still be under way
		s := c.sit("nodes/n3/consoles/1/data")
		var want strings.Builder
		for i := 100_000 - maxTail/8; i < 100_000; i++ {
			fmt.Fprintf(&want, "%07d\n", i)
		}
		s.see(want.String())

		stuck := c.sit("nodes/n3/consoles/new")
		synctest.Wait()
		if len(f.printed) > 0 {
			t.Error("a program does not wait for its reader")
		}
		began := time.Now()
		wantErr(t, c.write("nodes/n3/ctl", "kill"), nil)
		if d := time.Since(began); d > time.Second {
			t.Errorf("the node ends after %v", d)
		}
		s.leave()
		stuck.leave()
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// TestLog: what a node printed can be read when it has ended.
func TestLog(t *testing.T) {
	onGrid(t, func(t *testing.T, g *Grid, c control) {
		const booting = "booting 1\n"
		if got := c.read("nodes/n2/log"); got != booting {
			t.Errorf("of a node that is up: %q", got)
		}
		g.Node("n2").Kernel().Log("the end")
		wantErr(t, c.write("nodes/n2/ctl", "kill"), nil)
		if got := c.read("nodes/n2/log"); got != booting+"the end\n" {
			t.Errorf("of one that is dead: %q", got)
		}
		wantErr(t, c.write("nodes/n2/ctl", "start"), nil)
		if got := c.read("nodes/n2/log"); got != booting {
			t.Errorf("of one that was started again: %q", got)
		}
	})
}

// TestConsoleRules: the files of consoles keep the rules of 9P, too.
func TestConsoleRules(t *testing.T) {
	g := small(t)
	wantErr(t, g.Boot(t.Context()), nil)
	c := control{t, g.Server()}
	f, err := c.open("nodes/n3/consoles/new", ninep.ORDWR)
	wantErr(t, err, nil)
	f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	strict := ninetest.Strict(g.Server())
	wantErr(t, ninetest.TestServer(ctx, strict), nil)
	wantErr(t, strict.Check(), nil)
	if err := g.Halt(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
