package proc_test

import (
	"sync/atomic"
	"testing"

	"ufo/ninep"
	"ufo/proc"
)

// A will counts those who have it.
type will struct{ held *atomic.Int32 }

func (w will) Fork() (proc.Legacy, error) {
	if w.held.Load() == 3 {
		return nil, ninep.ErrNoMem
	}
	w.held.Add(1)
	return w, nil
}

func (w will) Close() { w.held.Add(-1) }

// What a program leaves passes those that do not want it, and their children, to
// one that does.
func TestLegacy(t *testing.T) {
	var held atomic.Int32
	progs := testLoader{
		"passes": func(p *proc.Proc) error {
			for range 2 {
				_, err := p.Fork(0, func(p *proc.Proc) error { return p.Exec("/takes", []string{"takes"}) })
				must(t, err)
				w, err := p.Wait()
				must(t, err)
				if w.Msg != "" {
					t.Error(w.Msg)
				}
			}
			held.Add(2)
			if _, err := p.Fork(0, func(*proc.Proc) error { return nil }); err != ninep.ErrNoMem {
				t.Error("a child without its share: ", err)
			}
			held.Add(-2)
			return p.Exec("/takes", []string{"takes"})
		},
		"takes": func(p *proc.Proc) error {
			l := p.Left()
			if l != (will{&held}) || p.Left() != nil {
				t.Error("got ", l)
			}
			p.Leave(l)
			return nil
		},
	}
	run(t, progs, func(p *proc.Proc) error {
		_, err := p.Fork(0, func(p *proc.Proc) error {
			held.Add(2)
			p.Leave(will{&held})
			p.Leave(will{&held})
			return p.Exec("/passes", []string{"passes"})
		})
		must(t, err)
		w, err := p.Wait()
		must(t, err)
		if w.Msg != "" || held.Load() != 0 {
			t.Error(w.Msg, ", have it: ", held.Load())
		}
		return nil
	})
}
