package tty

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// A Raw is the host's terminal in raw mode.
type Raw struct {
	file  *os.File
	old   *term.State
	guard *guard
	stop  func() // what watches for SIGCONT

	mu       sync.Mutex // guards restored, and is held while modes change
	restored bool
}

// MakeRaw puts the terminal f into raw mode: what is typed arrives at once,
// nothing is echoed, ^C is a byte like others. Until Restore a small process
// waits that does what Restore does if this one is killed. When this one was
// stopped and is continued, the terminal is put into raw mode again.
func MakeRaw(f *os.File) (*Raw, error) {
	g := newGuard(f)
	old, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		g.dismiss()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Raw{file: f, old: old, guard: g, stop: cancel}
	OnContinue(ctx, r.again)
	return r, nil
}

// again puts the terminal into raw mode once more.
func (r *Raw) again() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.restored {
		term.MakeRaw(int(r.file.Fd()))
	}
}

// Restore leaves the terminal as it was found. Only the first call does
// anything. Defer it: then it is called when the program panics, too.
func (r *Raw) Restore() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.restored {
		r.restored = true
		r.stop()
		if Pastes(os.Getenv("TERM")) {
			r.file.WriteString(setPasteMode(false)) // an Editor may have turned it on
		}
		term.Restore(int(r.file.Fd()), r.old)
		r.guard.dismiss()
	}
}

// A guard is a shell that gives a terminal its modes back when the end of a
// pipe comes and no word came before it. Nil is none.
type guard struct {
	cmd  *exec.Cmd
	pipe *os.File
}

// newGuard starts one. A host without stty(1) has none.
func newGuard(f *os.File) *guard {
	const script = `trap "" HUP INT QUIT TERM TSTP TTIN TTOU
		s=$(stty -g) && echo "$s" && { read word <&3 || { stty "$s"; printf %s "$1" >&0; }; }`
	off := ""
	if Pastes(os.Getenv("TERM")) {
		off = setPasteMode(false)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-c", script, "sh", off)
	cmd.Stdin = f
	cmd.ExtraFiles = []*os.File{r}
	ready, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.Close()
		return nil
	}
	ready.Read(make([]byte, 512)) // the modes are known now, or never
	return &guard{cmd, w}
}

// dismiss tells the guard that all is well.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	g.pipe.WriteString("ok\n")
	g.pipe.Close()
	g.cmd.Wait()
}

// WindowSize returns how large the terminal f is, 80 by 24 if it does not
// know.
func WindowSize(f *os.File) (width, height int) {
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// OnResize calls f with the size of the terminal each time it changes, until
// ctx is done.
func OnResize(ctx context.Context, t *os.File, f func(width, height int)) {
	onSignal(ctx, func() { f(WindowSize(t)) }, syscall.SIGWINCH)
}

// OnContinue calls f each time this program goes on after it was stopped, until
// ctx is done.
func OnContinue(ctx context.Context, f func()) { onSignal(ctx, f, syscall.SIGCONT) }

// onSignal calls f when a signal comes, until ctx is done.
func onSignal(ctx context.Context, f func(), signals ...os.Signal) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, signals...)
	go func() { // ends when ctx is done
		defer signal.Stop(c)
		for {
			select {
			case <-c:
				f()
			case <-ctx.Done():
				return
			}
		}
	}()
}
