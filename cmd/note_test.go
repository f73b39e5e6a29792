package cmd

import (
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/proc"
)

// TestWriteError gives commands an output that cannot be written.
func TestWriteError(t *testing.T) {
	for _, cmd := range []string{"cat f", "echo x", "wc f", "sort f", "sed p f", "grep x f", "ls -l", "tr x y", "diff f /dev/null", "tail f", "xd f", "date", "seq 3"} {
		synctest.Test(t, func(t *testing.T) {
			m := newMachine(t, files{"f": "x\n"})
			m.do(func(p *proc.Proc) error {
				p.Chdir("/tmp")
				p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
					p.Open("f", ninep.OREAD)
					p.Open("f", ninep.OREAD)
					p.Create("/fd/out", ninep.OWRITE, 0o666)
					args := strings.Fields(cmd)
					return p.Exec("/bin/"+args[0], args)
				})
				w, err := p.Wait()
				b, _ := p.ReadFile("/fd/out")
				if err != nil || w.Msg == "" || !strings.Contains(string(b), "inappropriate use of fd") {
					t.Errorf("%s: %q, prints %q (%v)", cmd, w.Msg, b, err)
				}
				return nil
			})
		})
	}
}

// TestNotes interrupts commands that wait for input.
func TestNotes(t *testing.T) {
	for cmd, want := range map[string]string{
		"cat":      "interrupt",
		"sed p":    "interrupt",
		"sort":     "interrupt",
		"tee":      "interrupt",
		"tee -i":   "",
		"sleep 99": "interrupt",
	} {
		synctest.Test(t, func(t *testing.T) {
			newMachine(t, nil).do(func(p *proc.Proc) error {
				r, w, err := p.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				pid, _ := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
					p.Dup(r, 0)
					p.Close(w)
					args := strings.Fields(cmd)
					return p.Exec("/bin/"+args[0], args)
				})
				p.Close(r)
				p.Sleep(1)
				synctest.Wait()
				p.Postnote(pid, "interrupt")
				synctest.Wait()
				p.Close(w)
				msg, err := p.Wait()
				if err != nil || !strings.HasSuffix(msg.Msg, want) || want == "" && msg.Msg != "" {
					t.Errorf("%s: %q, want %q (%v)", cmd, msg.Msg, want, err)
				}
				return nil
			})
		})
	}
}
