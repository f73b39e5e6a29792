package grid

import (
	"errors"
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// The rate of the link goes with the size, so that the round trips cost as much:
// to 256 MB belongs 1 Gbit/s.
var wanSize = flag.Int("wan", 16, "megabytes that TestWAN copies")

// TestWAN: a copy from or to another node takes little longer than its bytes
// take on the link, if that is long, and no longer if it is short. The time is
// the bubble's, so it is the link's alone.
func TestWAN(t *testing.T) {
	size, rate := *wanSize<<20, fmt.Sprintf("%dkbit", *wanSize*1e6/256)
	const far, near = "/n/far/usr/glenda/far", "/n/near/near"
	for _, tt := range []struct {
		name, delay string
		from, to    string
		least       float64 // the part of the link that is used
	}{
		{"from 50 ms away", "25ms", far, "/dev/null", 0.8},
		{"to 50 ms away", "25ms", near, far, 0.8},
		{"from 0.2 ms away", "100us", far, "/dev/null", 0.98},
		{"to 0.2 ms away", "100us", near, far, 0.98},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := copyOver(t, "delay="+tt.delay+" bandwidth="+rate, tt.from, tt.to, size)
				bytes, _ := parseRate(rate)
				used := float64(size) / took.Seconds() / bytes
				t.Logf("%d MB over %s and %s took %v: %.1f%% of the link", size>>20, tt.delay, rate, took, 100*used)
				if used < tt.least {
					t.Error("that is too little")
				}
			})
		})
	}
}

// copyOver copies a file of size bytes by cp on the node term, which has the
// files of n1 in /n/far, and those of a ramfs of its own in /n/near. The link is
// perfect until it begins.
func copyOver(t *testing.T, settings, from, to string, size int) (took time.Duration) {
	var l *Link
	copying := func(p *proc.Proc) error {
		fd, err := p.Create(from, ninep.OWRITE, 0666)
		if err != nil {
			return err
		}
		b := make([]byte, 1<<20)
		for range size / len(b) {
			if _, err := p.Write(fd, b); err != nil {
				return err
			}
		}
		p.Close(fd)
		if err := l.Ctl(settings); err != nil {
			return err
		}
		begin := time.Now()
		cp := func(c *proc.Proc) error { return c.Exec("#/ufo/bin/cp", []string{"cp", from, to}) }
		if _, err := p.Fork(0, cp); err != nil {
			return err
		}
		w, err := p.Wait()
		took = time.Since(begin)
		l.Ctl("delay=0 bandwidth=0")
		if err == nil && w.Msg != "" {
			err = errors.New(w.Msg)
		}
		return err
	}
	var status error
	g := whole(t, map[string]proc.Main{"copying": func(p *proc.Proc) error {
		status = copying(p)
		return status
	}})
	wantErr(t, g.Boot(t.Context()), nil)
	var err error
	l, err = g.wire.Link("term", "n1")
	wantErr(t, err, nil)
	const script = "ramfs -m /n/near && srv -q tcp!10.9.0.1!564 far /n/far && copying"
	p, err := g.Node("term").Kernel().Start(t.Context(), 0, "#/ufo/bin/boot", "boot", "-c", "0", script)
	wantErr(t, err, nil)
	<-p.Done()
	wantErr(t, status, nil)
	wantErr(t, g.Halt(t.Context()), nil)
	return took
}
