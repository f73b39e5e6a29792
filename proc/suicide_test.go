package proc_test

import (
	"strings"
	"testing"
	"time"

	"ufo/proc"
)

// TestSuicide has the kernel say, on the standard error of a process, that a fault of
// its own has ended it; of other ends, and to who has no standard error, it says nothing.
func TestSuicide(t *testing.T) {
	for _, row := range []struct {
		name, note, want string
		handler          func(p *proc.Proc, note string) bool
		deaf             bool
	}{
		{"a fault", "sys: trap: fault", "init 2: suicide: sys: trap: fault\n", nil, false},
		{"one that is not handled", "sys: trap: fault", "init 2: suicide: sys: trap: fault\n", func(*proc.Proc, string) bool { return false }, false},
		{"nowhere to say it", "sys: trap: fault", "", nil, true},
		{"the end of a pipeline", "sys: write on closed pipe", "", nil, false},
		{"somebody's note", "interrupt", "", nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			run(t, nil, func(p *proc.Proc) error {
				in, out, err := p.Pipe()
				must(t, err)
				p.Fork(proc.RFFDG, func(p *proc.Proc) error {
					p.Dup(out, 2)
					if row.deaf {
						p.Close(2)
					}
					p.Notify(row.handler)
					p.Post(row.note)
					return p.Sleep(time.Hour)
				})
				w, err := p.Wait()
				must(t, err)
				if !strings.HasSuffix(w.Msg, ": "+row.note) {
					t.Error(w)
				}
				must(t, p.Close(out))
				buf := make([]byte, 100)
				n, _ := p.Read(in, buf)
				if got := string(buf[:n]); got != row.want {
					t.Errorf("it is said %q, want %q", got, row.want)
				}
				return nil
			})
		})
	}
}
