package proc_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// TestTrace compares what a Tracer is told with the calls that were made.
func TestTrace(t *testing.T) {
	for _, row := range []struct {
		name string
		main proc.Main
		want string
	}{
		{"files", func(p *proc.Proc) error {
			fd, _ := p.Create("/f", ninep.ORDWR, 0600)
			p.Write(fd, []byte("text"))
			p.Pread(fd, make([]byte, 10), 1)
			p.Seek(fd, 0, 0)
			p.Read(fd, make([]byte, 2))
			p.Fstat(fd)
			p.Dup(fd, 7)
			p.Close(fd)
			_, err := p.Open("/none", ninep.OREAD)
			return err
		}, `Create [/f 2 --rw-------] 0
Write [0 "text" 4] 4
Pread [0 "ext" 10 1] 3
Seek [0 0 0] 0
Read [0 "te" 2] 2
Fstat [0] 0
Dup [0 7] 7
Close [0] 0
Open [/none 0] -1 '/none' file does not exist
Exits ['/none' file does not exist] 0
`},
		{"names", func(p *proc.Proc) error {
			p.Bind("/true", "/true", 0)
			p.Unmount("", "/true")
			p.Stat("/true")
			p.Chdir("/nope")
			p.Remove("/true")
			return nil
		}, `Bind [/true /true 0] 0
Unmount [ /true] 0
Stat [/true] 0
Chdir [/nope] -1 '/nope' file does not exist
Remove [/true] 0
Exits [] 0
`},
		{"children", func(p *proc.Proc) error {
			p.Fork(proc.RFFDG, func(p *proc.Proc) error {
				p.Sleep(time.Second) // until the parent waits
				return p.Exec("/true", []string{"true"})
			})
			p.Wait()
			p.Sleep(time.Second)
			p.Trace(nil)
			p.Sleep(time.Second)
			return nil
		}, `Fork [4] 3
3: Sleep [1s] 0 after 1s
3: Exec [/true [true]] 0
3: Exits [] 0
Wait [] 0
Sleep [1s] 0 after 1s
`},
		{"a note in a call", func(p *proc.Proc) error {
			p.Alarm(time.Second)
			p.Sleep(time.Minute)
			return nil
		}, `Sleep [1m0s] -1 interrupted after 1s
Exits [alarm] 0
`},
	} {
		t.Run(row.name, func(t *testing.T) {
			var mu sync.Mutex // guards out
			var out strings.Builder
			tracer := func(p *proc.Proc, c proc.Call) {
				mu.Lock()
				defer mu.Unlock()
				if p.Getpid() != 2 {
					fmt.Fprintf(&out, "%d: ", p.Getpid())
				}
				for i, arg := range c.Args {
					if b, ok := arg.([]byte); ok {
						c.Args[i] = fmt.Sprintf("%q", b)
					}
				}
				fmt.Fprintf(&out, "%s %v %d", c.Name, c.Args, c.Result)
				if c.Err != nil {
					fmt.Fprintf(&out, " %v", c.Err)
				}
				if d := c.Ended.Sub(c.Began); d > 0 && c.Name != "Wait" {
					fmt.Fprintf(&out, " after %v", d)
				}
				out.WriteString("\n")
			}
			run(t, testLoader{"true": func(*proc.Proc) error { return nil }}, func(p *proc.Proc) error {
				p.Fork(proc.RFFDG, func(p *proc.Proc) error {
					p.Trace(tracer)
					return row.main(p)
				})
				p.Wait()
				return nil
			})
			if got := out.String(); got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}
