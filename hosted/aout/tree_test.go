package aout_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

var trees = flag.Int("trees", 4, "how many trees of processes TestTrees runs, four at a time")

// TestTrees runs programs that run themselves five deep, each of several threads
// and waiting for its child's output and end. If none of them ends for a while,
// somebody waits for what does not happen: all are printed, and killed.
func TestTrees(t *testing.T) {
	const atOnce, limit = 4, 90 * time.Second
	const want = "at the bottom xxxxx\ntrue\ntrue\ntrue\ntrue\ntrue\n"
	many := build(t, "many", "amd64")
	m := newMachine(t)
	hung := time.AfterFunc(limit, func() {
		t.Errorf("none of these ends:\n%s", m.ps())
		for _, p := range m.k.Procs().Procs() {
			p.Kill()
		}
	})
	defer hung.Stop()
	m.do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/many", many); err != nil {
			t.Error(err)
			return err
		}
		for begun, ended := 0, 0; ended < *trees; {
			if begun < *trees && begun < ended+atOnce {
				begun++
				p.Fork(proc.RFFDG, tree(fmt.Sprintf("/tmp/out.%d", begun)))
				continue
			}
			w, err := p.Wait()
			if err != nil {
				t.Error(err)
				return err
			}
			if !strings.HasSuffix(w.Msg, ": 3") {
				t.Error(w)
			}
			ended++
			hung.Reset(limit)
		}
		for n := range *trees {
			if b, err := p.ReadFile(fmt.Sprintf("/tmp/out.%d", n+1)); err != nil || string(b) != want {
				t.Errorf("tree %d: %v %q", n+1, err, b)
			}
		}
		return nil
	})
}

// tree returns what runs the program, with its output in a file. It is run by rc,
// as a Go program must have an environment.
func tree(out string) proc.Main {
	return func(p *proc.Proc) error {
		p.Open("/dev/null", ninep.OREAD)
		p.Create(out, ninep.OWRITE, 0o666)
		p.Dup(1, 2)
		return p.Exec("/bin/rc", []string{"rc", "-c", "exec /tmp/many exec abcde"})
	}
}

// ps lists the processes.
func (m *machine) ps() string {
	var b strings.Builder
	for _, p := range m.k.Procs().Procs() {
		in := p.Info()
		fmt.Fprintf(&b, "%d %d %s %s %v\n", in.Pid, in.Ppid, in.State, in.Text, in.Args)
	}
	return b.String()
}
