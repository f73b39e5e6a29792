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

// TestSuicideUnheard has nobody read what is said: a note ends that, as any write.
func TestSuicideUnheard(t *testing.T) {
	for _, handler := range []func(*proc.Proc, string) bool{nil, func(*proc.Proc, string) bool { return false }} {
		run(t, nil, func(p *proc.Proc) error {
			_, out, err := p.Pipe()
			must(t, err)
			pid, err := p.Fork(proc.RFFDG, func(p *proc.Proc) error {
				p.Dup(out, 2)
				p.Notify(func(*proc.Proc, string) bool { return true })
				p.Alarm(time.Second)
				for err := error(nil); err == nil; { // until it is full
					_, err = p.Write(2, make([]byte, 1000))
				}
				p.Notify(handler)
				p.Post("sys: trap: fault")
				return p.Sleep(time.Hour)
			})
			must(t, err)
			p.Sleep(2 * time.Second)
			must(t, p.Postnote(pid, "kill"))
			if w, err := p.Wait(); err != nil || !strings.HasSuffix(w.Msg, ": sys: trap: fault") && !strings.HasSuffix(w.Msg, ": Killed") {
				t.Error(w, err)
			}
			return nil
		})
	}
}
