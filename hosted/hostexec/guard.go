package hostexec

import (
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
)

// A guard is a shell that kills what runs when this program ends without
// having done so: when a pipe from here ends that it reads. On Linux the first
// process of a group would end anyway, but not those that it has started. The
// zero value is one that has not begun, nil one that does nothing.
type guard struct {
	begin sync.Once

	mu   sync.Mutex // guards what follows, and writes
	cmd  *exec.Cmd  // nil: there is none
	pipe *os.File
}

// guardScript keeps the numbers of process groups that come with a + and go
// with a -. Signals of the terminal are not for it.
const guardScript = `trap "" HUP INT QUIT TERM TSTP TTIN TTOU PIPE
live=" "
while read op p; do
	case $op in
	+) live="$live$p " ;;
	-) live="${live%% $p *} ${live#* $p }" ;;
	esac
done
for p in $live; do kill -KILL -$p; done 2>/dev/null`

// start starts the shell, the first time. A host without one has no guard.
func (g *guard) start() {
	if g == nil {
		return
	}
	g.begin.Do(func() {
		r, w, err := os.Pipe()
		if err != nil {
			return
		}
		defer r.Close()
		cmd := exec.Command("/bin/sh", "-c", guardScript)
		cmd.Stdin = r
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if cmd.Start() != nil {
			w.Close()
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.cmd, g.pipe = cmd, w
	})
}

func (g *guard) watch(pgid int)  { g.tell("+", pgid) }
func (g *guard) forget(pgid int) { g.tell("-", pgid) }

func (g *guard) tell(op string, pgid int) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pipe != nil {
		g.pipe.WriteString(op + " " + strconv.Itoa(pgid) + "\n")
	}
}

// dismiss ends the shell. It kills what has not been forgotten.
func (g *guard) dismiss() {
	g.begin.Do(func() {}) // from now on there is none
	g.mu.Lock()
	cmd, pipe := g.cmd, g.pipe
	g.cmd, g.pipe = nil, nil
	g.mu.Unlock()
	if cmd != nil {
		pipe.Close()
		cmd.Wait()
	}
}
