package hostexec_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// Programs leave no descriptor and no goroutine: many leave less than one
// each. A few more may stay, since go-fuse adds readers where requests crowd.
func TestProgramLeaks(t *testing.T) {
	w := newWorld(t, nil)
	fds := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	w.do(func(p *proc.Proc) error {
		p.Bind("/mnt", "/bin", ns.MAFTER)
		w.run(p, "", "prog", "true") // the first makes what stays
		n, g := fds(), runtime.NumGoroutine()
		const programs = 20
		for range programs {
			if _, errs, status := w.run(p, "x", "prog", "copy"); status != "" {
				t.Error(errs, status)
			}
		}
		until(t, "the end of what worked for programs", func() bool { return fds() < n+programs && runtime.NumGoroutine() < g+programs })
		return nil
	})
}

// Who cannot be started, because a file server does not answer, can be
// interrupted and killed.
func TestProgramHangs(t *testing.T) {
	w := newWorld(t, nil)
	for _, end := range []string{"note", "kill"} {
		asked := make(chan bool, 10)
		w.do(func(p *proc.Proc) error {
			dir := &ninep.Node{Perm: ninep.DMDIR | 0o555, Lookup: func(ctx context.Context, _ string) (*ninep.Node, error) {
				asked <- true
				<-ctx.Done()
				return nil, ninep.ErrIntr
			}}
			fd, _, err := p.ServerFd("hang", ninep.NewTree("glenda", dir))
			if err == nil {
				err = p.Mount(fd, -1, "/dev", ns.MREPL, "")
			}
			if err != nil {
				t.Error(err)
				return err
			}
			pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(k *proc.Proc) error {
				return k.Exec("/mnt/prog", []string{"prog", "true"})
			})
			if err != nil {
				return err
			}
			<-asked
			if end == "note" {
				p.Postnote(pid, "interrupt")
			} else {
				p.Table().Find(pid).Kill()
			}
			m, err := p.Wait()
			if want := map[string]string{"note": "interrupt", "kill": "Killed"}[end]; err != nil || !strings.HasSuffix(m.Msg, ": "+want) {
				t.Error(fmt.Sprint(end, ": ", m, err))
			}
			return nil
		})
	}
}
