package cmd

import (
	"testing"
	"time"

	"ufo/proc"
)

// An alarm that comes when the work is done, but not yet said to be, does not
// end the process.
func TestWithinJustInTime(t *testing.T) {
	onNode(t, func(p *proc.Proc) error {
		alive := false
		pid, err := p.Fork(0, func(p *proc.Proc) error {
			err := within(p, time.Second, func() error {
				<-time.After(2 * time.Second) // no system call: the note waits
				return nil
			})
			p.Sleep(time.Second)
			alive = true
			return err
		})
		if err != nil {
			return err
		}
		if w, err := p.Wait(); err != nil || w.Pid != pid || w.Msg != "" || !alive {
			t.Error(w, err)
		}
		return nil
	})
}
