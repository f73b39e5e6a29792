package grid

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/cmd/disk"
	"ufo/dev"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
	"ufo/proc"
	"ufo/rootfs"
)

// A small boot program: it listens where a node should and then waits; at a
// further console it says what is typed again.
type bootLoader struct{}

func (bootLoader) Match(b []byte) bool { return bytes.HasPrefix(b, []byte("#builtin boot")) }

func (bootLoader) Load(context.Context, *ns.Chan) (proc.Main, error) { return bootMain, nil }

func bootMain(p *proc.Proc) error {
	if len(p.Args) > 1 && p.Args[1] == "-c" {
		in := bufio.NewScanner(p.Stdin())
		for in.Scan() {
			fmt.Fprintln(p.Stdout(), "you said", in.Text())
			if in.Text() == "exit" {
				return nil
			}
		}
		return in.Err()
	}
	fmt.Fprintln(p.Stdout(), "booting", p.Getpid())
	ports := []int{portExport}
	role, err := p.ReadFile("#ec/role")
	if err != nil {
		return err
	}
	if strings.Contains(string(role), "fs") {
		ports = append(ports, portFS)
	}
	for _, port := range ports {
		fd, err := p.Open("#I/tcp/clone", ninep.ORDWR)
		if err == nil {
			_, err = p.Write(fd, fmt.Appendf(nil, "announce %d", port))
		}
		if err != nil {
			return err
		}
	}
	return p.Sleep(1000 * time.Hour)
}

// A wireTerminal is a terminal that does nothing to the bytes.
type wireTerminal struct{ c *Console }

func (w wireTerminal) Read(ctx context.Context, p []byte) (int, error) { return w.c.in.read(ctx, p) }
func (w wireTerminal) Write(ctx context.Context, p []byte) (int, error) {
	return w.c.out.write(ctx, p)
}
func (wireTerminal) SetRaw(bool)               {}
func (wireTerminal) SetNote(func(note string)) {}

// small returns a grid of the default topology whose nodes run the small boot
// program.
func small(t testing.TB) *Grid {
	text, _ := Builtin("four")
	return newSmall(t, text)
}

func newSmall(t testing.TB, text string) *Grid {
	t.Helper()
	top, err := ParseTopology("four", text)
	if err != nil {
		t.Fatal(err)
	}
	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Config{
		Topology:    top,
		Root:        d,
		Kernel:      kernel.Config{User: "glenda", Loaders: []proc.Loader{bootLoader{}}, Builtins: []string{"boot"}},
		NewTerminal: func(_ *Node, c *Console) dev.Terminal { return wireTerminal{c} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// control is the control tree of a grid, in the hands of its owner.
type control struct {
	t   testing.TB
	srv ninep.Server
}

func (c control) open(name string, mode ninep.Mode) (ninep.File, error) {
	root, err := c.srv.Attach(c.t.Context(), "glenda", "")
	if err != nil {
		c.t.Fatal(err)
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(c.t.Context(), root, strings.Split(name, "/"))
	if err != nil {
		return nil, err
	}
	if err := f.Open(c.t.Context(), mode); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (c control) read(name string) string {
	c.t.Helper()
	f, err := c.open(name, ninep.OREAD)
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	defer f.Close()
	p := make([]byte, 8192)
	n, err := f.Read(c.t.Context(), p, 0)
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	return string(p[:n])
}

func (c control) write(name, msg string) error {
	f, err := c.open(name, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(c.t.Context(), []byte(msg), 0)
	return err
}

func TestGrid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		c := control{t, g.Server()}
		if got := c.read("nodes/n2/status"); got != "name n2\naddr 10.9.0.2\nrole cpu\nstate off\n" {
			t.Errorf("status of a node that is off:\n%s", got)
		}
		wantErr(t, g.Boot(t.Context()), nil)
		const status = `n1    10.9.0.1  auth fs cpu  up  0 ms
n2    10.9.0.2  cpu          up  0 ms
n3    10.9.0.3  cpu replica  up  0 ms
n4    10.9.0.4  cpu venti    up  0 ms
term  10.9.0.9  terminal     up  0 ms
`
		if got := c.read("status"); got != status {
			t.Errorf("status:\n%s", got)
		}
		if got := c.read("nodes/n1/status"); !strings.HasPrefix(got, "name n1\naddr 10.9.0.1\nrole auth fs cpu\nstate up\nboot 0s\nuptime 0s\nprocs 1\n") {
			t.Errorf("status of n1:\n%s", got)
		}
		wantErr(t, c.write("nodes/n1/ctl", "start"), ninep.ErrInUse)
		wantErr(t, c.write("nodes/n1/ctl", "fly"), ninep.ErrCtlUnknown)

		wantErr(t, c.write("nodes/n1/ctl", "kill\n"), nil)
		if got := c.read("nodes/n1/status"); !strings.Contains(got, "state dead\n") {
			t.Errorf("status of a dead node:\n%s", got)
		}
		wantErr(t, c.write("nodes/n1/ctl", "start"), nil)
		wantErr(t, c.write("nodes/n2/ctl", "halt"), nil)
		wantErr(t, c.write("nodes/n2/ctl", "halt"), nil)
		wantErr(t, c.write("links/n4-n1/ctl", "cut"), nil)
		wantErr(t, c.write("links/n1-n4/ctl", "to n1 heal\ndelay 1ms\n"), nil)
		if got := c.read("links/n1-n4/status"); !strings.Contains(got, "to n4 cut\n") || !strings.Contains(got, "to n1 heal\n") {
			t.Errorf("status of a link:\n%s", got)
		}
		_, err := c.open("links/n1-n9", ninep.OREAD)
		wantErr(t, err, ninep.ErrNotExist)

		f, err := c.open("events", ninep.OREAD)
		wantErr(t, err, nil)
		defer f.Close()
		var events []string
		for p := make([]byte, 100); len(events) == 0 || !strings.HasSuffix(events[len(events)-1], "delay 1ms"); {
			n, err := f.Read(t.Context(), p, 0)
			wantErr(t, err, nil)
			events = append(events, strings.TrimSpace(string(p[:n])))
		}
		const last = "0.000 n1 dead, 0.000 n1 booting, 0.000 n1 up, 0.000 n2 halted, 0.000 n1-n4 cut, 0.000 n1-n4 to n1 heal, 0.000 n1-n4 delay 1ms"
		if got := strings.Join(events[max(0, len(events)-7):], ", "); got != last {
			t.Errorf("events:\n%s", strings.Join(events, "\n"))
		}

		wantErr(t, c.write("ctl", "halt"), nil)
		<-g.Halted()
		wantErr(t, g.Halt(t.Context()), nil)
		if g.Node("term").Kernel() != nil {
			t.Error("term still has a kernel")
		}
	})
}

// TestControlRules: the control tree keeps the rules of 9P.
func TestControlRules(t *testing.T) {
	g := small(t)
	wantErr(t, ninetest.TestServer(t.Context(), g.Server()), nil)
	wantErr(t, ninetest.TestWire(t.Context(), g.Server()), nil)
}

// TestEventsWait: a reader of events waits for the next.
func TestEventsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		c := control{t, g.Server()}
		f, err := c.open("events", ninep.OREAD)
		wantErr(t, err, nil)
		defer f.Close()
		p := make([]byte, 100)
		_, err = f.Read(timeout(t, time.Second), p, 0)
		wantErr(t, err, ninep.ErrIntr)
		time.AfterFunc(time.Second, func() { c.write("links/n1-n2/ctl", "heal") })
		n, err := f.Read(t.Context(), p, 0)
		if string(p[:n]) != "2.000 n1-n2 heal\n" || err != nil {
			t.Errorf("%q %v", p[:n], err)
		}
	})
}

func TestConsole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		c := control{t, g.Server()}
		_, err := c.open("nodes/n3/cons", ninep.ORDWR)
		wantErr(t, err, ninep.ErrShutdown)
		wantErr(t, g.Boot(t.Context()), nil)
		_, err = c.open("nodes/n3/cons", ninep.OREAD)
		wantErr(t, err, ninep.ErrPerm)

		f, err := c.open("nodes/n3/cons", ninep.ORDWR)
		wantErr(t, err, nil)
		say := func(line, want string) {
			t.Helper()
			_, err := f.Write(t.Context(), []byte(line), 0)
			wantErr(t, err, nil)
			p := make([]byte, 100)
			n, err := f.Read(t.Context(), p, 0)
			if string(p[:n]) != want || err != nil {
				t.Errorf("%q %v, want %q", p[:n], err, want)
			}
		}
		say("hello\n", "you said hello\n")
		other, err := c.open("nodes/n3/cons", ninep.ORDWR)
		wantErr(t, err, nil)
		say("exit\n", "you said exit\n")
		if n, err := f.Read(t.Context(), make([]byte, 1), 0); n != 0 || err != nil {
			t.Errorf("read %d bytes, %v after the end", n, err)
		}
		f.Close()

		// Two ways to lose a console.
		synctest.Wait()
		if n := g.Node("n3").Kernel().Procs().Len(); n != 2 {
			t.Errorf("%d processes, not boot and one shell", n)
		}
		other.Close()
		synctest.Wait()
		if n := g.Node("n3").Kernel().Procs().Len(); n != 1 {
			t.Errorf("%d processes after the console was closed", n)
		}
		f, err = c.open("nodes/n3/cons", ninep.ORDWR)
		wantErr(t, err, nil)
		wantErr(t, c.write("nodes/n3/ctl", "kill"), nil)
		if n, err := f.Read(t.Context(), make([]byte, 1), 0); n != 0 || err != nil {
			t.Errorf("read %d bytes, %v from a dead node", n, err)
		}
		f.Close()
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// TestTopologyInstalled: the nodes find the topology as their network database.
func TestTopologyInstalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newSmall(t, lab3)
		wantErr(t, g.Boot(t.Context()), nil)
		if got := (control{t, g.cfg.Root}).read("lib/ndb/local"); got != lab3 {
			t.Errorf("/lib/ndb/local:\n%s", got)
		}
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// TestReboot: a program may halt its node, or boot it again, which keeps its nvram.
func TestReboot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		wantErr(t, g.Boot(t.Context()), nil)
		n2 := g.Node("n2")
		nvram := func(main proc.Main) {
			t.Helper()
			p, err := n2.Kernel().Procs().Start(t.Context(), "glenda", []string{"nvram"}, main)
			wantErr(t, err, nil)
			<-p.Done()
		}
		nvram(func(p *proc.Proc) error {
			wantErr(t, p.WriteFile("#r/nvram", []byte("key")), nil)
			return nil
		})
		old := n2.Kernel()
		wantErr(t, n2.reboot([]string{"reboot"}), nil)
		synctest.Wait()
		if state, _ := n2.State(); state != Up || n2.Kernel() == old {
			t.Errorf("%s after reboot", state)
		}
		nvram(func(p *proc.Proc) error {
			if b, err := p.ReadFile("#r/nvram"); !strings.HasPrefix(string(b), "key\x00") {
				t.Errorf("nvram after reboot: %q, %v", b, err)
			}
			return nil
		})
		wantErr(t, n2.reboot([]string{"halt"}), nil)
		synctest.Wait()
		if state, _ := n2.State(); state != Halted {
			t.Errorf("%s after halt", state)
		}
		wantErr(t, g.Halt(t.Context()), nil)
	})
}

// TestBootFails: who does not come up is named, with what it said.
func TestBootFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := small(t)
		g.cfg.Kernel.Loaders = []proc.Loader{}
		err := g.Boot(t.Context())
		wantErr(t, err, ninep.ErrProcDied)
		if !strings.HasPrefix(err.Error(), "n1: not listening on tcp!*!564: process exited\n") {
			t.Errorf("%v", err)
		}
		wantErr(t, g.Halt(t.Context()), nil)

		// A node that does not listen, but does not die either.
		g = small(t)
		g.cfg.Kernel.Loaders = []proc.Loader{mains{"boot": func(p *proc.Proc) error { return p.Sleep(time.Hour) }}}
		wantErr(t, g.Boot(t.Context()), ninep.ErrTimedOut)
		wantErr(t, g.Node("n2").Start(timeout(t, time.Second)), ninep.ErrIntr)
		wantErr(t, g.Halt(t.Context()), nil)
	})
}
