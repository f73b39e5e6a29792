package proc_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// TestStill: a call that can be made again is cut short, and its process knows why,
// even if the reason is over by then.
func TestStill(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		pid, err := p.Fork(0, func(p *proc.Proc) error {
			p.Repeatable(true)
			if err := p.Sleep(time.Minute); err != ninep.ErrIntr || !p.Repeatable(false) {
				t.Error("not cut short: ", err)
			}
			p.Repeatable(true)
			if err := p.Sleep(time.Minute); err != nil || p.Repeatable(false) {
				t.Error("cut short again: ", err)
			}
			return p.Sleep(time.Minute) // which cannot be made again
		})
		must(t, err)
		kid := p.Table().Find(pid)
		p.Sleep(time.Second)
		kid.Still(true)
		kid.Still(false)
		p.Sleep(90 * time.Second)
		kid.Still(true)
		kid.Still(false)
		w, err := p.Wait()
		must(t, err)
		if want := 2*time.Minute + time.Second; w.Msg != "" || w.Time[2] != want {
			t.Error(w, want)
		}
		return nil
	})
}

// TestStillStopped: a process that has stopped does not count as one while it is
// asked to be still; afterwards it stops again.
func TestStillStopped(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		stood := make(chan bool)
		pid, err := p.Fork(0, func(p *proc.Proc) error {
			for range 4 {
				p.Attend()
				<-stood
			}
			return nil
		})
		must(t, err)
		kid := p.Table().Find(pid)
		synctest.Wait()
		kid.Stop()
		stood <- true
		synctest.Wait()
		if got := kid.Info().State; got != "Stopped" {
			t.Error("it has not stopped: ", got)
		}
		kid.Still(true)
		stood <- true
		synctest.Wait() // it attends once more while it is asked to
		if got := kid.Info().State; got == "Stopped" {
			t.Error("it has stopped, though it goes on")
		}
		kid.Still(false)
		stood <- true
		synctest.Wait()
		if got := kid.Info().State; got != "Stopped" {
			t.Error("it has not stopped again: ", got)
		}
		must(t, kid.Go())
		close(stood)
		_, err = p.Wait()
		return err
	})
}
