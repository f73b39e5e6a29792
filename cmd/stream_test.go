package cmd

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/proc"
)

// streams are tools that need no more memory for more text.
var streams = []string{
	"cat", "tee", "dd -quiet 1", "tr a b", "tail -3", "tail +3", "sed s/a/b/", "sed -n '$p'", "grep -v q", "uniq", "comm - /dev/null",
	"join -a 1 - /dev/null", "awk 1", "pr -t", "pr -3", "fmt", "wc", "sum", "md5sum", "xd -c", "strings", "gzip", "freq",
}

// TestStreams has each tool read a lot. Half way there may not be more in memory
// by what was read.
func TestStreams(t *testing.T) {
	const half, room = 16 << 20, 8 << 20
	block := []byte(strings.Repeat("a line of some words\n", 1000))
	for _, cmd := range streams {
		t.Run(cmd, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, nil)
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				m.do(func(p *proc.Proc) error {
					w := streamInto(p, cmd)
					for n := 0; n < half; n += len(block) {
						if _, err := p.Write(w, block); err != nil {
							t.Error(err)
						}
					}
					runtime.GC()
					runtime.ReadMemStats(&after)
					p.Close(w)
					for range 2 {
						if w, err := p.Wait(); err != nil || strings.Contains(w.Msg, ": ") {
							t.Error(w.Msg, err)
						}
					}
					return nil
				})
				if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > room {
					t.Errorf("%d bytes more in memory after %d", grown, half)
				}
			})
		})
	}
}

// streamInto starts a command between two pipes, and something that reads what
// it prints. It returns where to write what it reads.
func streamInto(p *proc.Proc, cmd string) (fd int) {
	for range 3 { // 0, 1 and 2 are the command's
		p.Open("/tmp", ninep.OREAD)
	}
	null, _ := p.Open("/dev/null", ninep.OWRITE)
	r, w, _ := p.Pipe()
	or, ow, _ := p.Pipe()
	start := func(in, out int, line string) {
		p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			p.Dup(in, 0)
			p.Dup(out, 1)
			for _, fd := range []int{r, w, or, ow, null} {
				p.Close(fd)
			}
			args := words(line, ' ')
			for i := range args {
				args[i] = strings.Trim(args[i], "'")
			}
			return p.Exec("/bin/"+args[0], args)
		})
	}
	start(r, ow, cmd)
	start(or, null, "wc")
	for _, fd := range []int{r, or, ow} {
		p.Close(fd)
	}
	return w
}
