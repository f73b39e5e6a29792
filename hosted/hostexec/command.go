package hostexec

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"ufo/ninep"
)

// A spec says what to run, and how.
type spec struct {
	path       string // of the file on the host
	args       []string
	dir        string // "": where this program was started
	env        []string
	clean      bool // env is the whole environment
	nice       int  // 0 to 3
	detached   bool // no input and no output
	pty        bool
	rows, cols int
	errPipe    bool                       // a terminal is not for the error output
	extra      []*os.File                 // descriptors from 3
	attr       func(*syscall.SysProcAttr) // changes how it is started; nil: it stays
}

// A command is a process group of the host that was started.
type command struct {
	cmd   *exec.Cmd
	guard *guard
	in    *stream
	out   *stream
	err   *stream
	tty   *os.File // our side of its terminal; nil for none
	began time.Time
	gone  chan struct{} // closed when the process has ended
	real  time.Duration // how long it ran; known when gone is closed
}

// start starts the command. With a guard it and what it starts end with this
// program, however that ends.
func (s spec) start(g *guard) (*command, error) {
	c := &command{guard: g, gone: make(chan struct{}), in: new(stream), out: new(stream), err: new(stream)}
	c.cmd = &exec.Cmd{Path: s.path, Args: s.args, Dir: s.dir, Env: s.environ(), SysProcAttr: procAttr()}
	theirs, err := s.connect(c)
	c.cmd.ExtraFiles = s.extra
	if s.attr != nil {
		s.attr(c.cmd.SysProcAttr)
	}
	if err == nil {
		err = c.launch(s.nice)
	}
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// environ returns the command's environment: not nil, which would stand for
// ours.
func (s spec) environ() []string {
	env := []string{}
	if !s.clean {
		env = os.Environ()
		if s.dir != "" {
			env = append(env, "PWD="+s.dir)
		}
		if s.pty {
			env = append(env, "TERM="+hostTerm())
		}
	}
	return append(env, s.env...)
}

// connect makes the pipes, or the terminal, between us and the command. It
// returns the command's ends, also with an error.
func (s spec) connect(c *command) (theirs []*os.File, err error) {
	switch {
	case s.detached:
		return nil, nil
	case s.pty:
		return s.connectTerminal(c)
	}
	// pipe keeps one end, ours, and returns the other.
	pipe := func(ours **stream, write bool) *os.File {
		if err != nil {
			return nil
		}
		var r, w *os.File
		if r, w, err = os.Pipe(); err != nil {
			return nil
		}
		if write {
			r, w = w, r
		}
		*ours, theirs = newStream(r, write, false), append(theirs, w)
		return w
	}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = pipe(&c.in, true), pipe(&c.out, false), pipe(&c.err, false)
	return theirs, err
}

// launch starts the process, and a goroutine that ends with it.
func (c *command) launch(nice int) error {
	started := make(chan error)
	go func() {
		// On Linux the process is to end with the thread that forked it:
		// so that thread does nothing else, until the process is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		c.guard.start()
		c.began = time.Now()
		err := c.cmd.Start()
		if err == nil {
			c.guard.watch(c.cmd.Process.Pid)
			if nice > 0 {
				// Best effort: the command has begun already.
				syscall.Setpriority(syscall.PRIO_PGRP, c.cmd.Process.Pid, nice*6)
			}
		}
		started <- err
		if err != nil {
			return
		}
		c.cmd.Wait()
		c.real = time.Since(c.began)
		c.guard.forget(c.cmd.Process.Pid)
		for _, s := range []*stream{c.in, c.out, c.err} {
			s.end()
		}
		close(c.gone)
	}()
	return <-started
}

// signal sends the process group a signal; an error if there is none any more.
func (c *command) signal(sig signal) error {
	select {
	case <-c.gone:
		return nil
	default:
		return hostError(syscall.Kill(-c.cmd.Process.Pid, sig))
	}
}

// close gives back what a command that has ended, or never began, had.
func (c *command) close() {
	for _, s := range []*stream{c.in, c.out, c.err} {
		s.close()
	}
	if c.tty != nil {
		c.tty.Close()
	}
}

// message returns what wait(2) says of the command that has ended: its number
// on the host, its user, system and real time in milliseconds, and its status.
func (c *command) message() string {
	st := c.cmd.ProcessState
	if st == nil { // the wait itself failed: nothing is known
		return fmt.Sprintf("%d 0 0 %d %s", c.cmd.Process.Pid, c.real.Milliseconds(), ninep.Quote("unknown"))
	}
	ws, _ := st.Sys().(syscall.WaitStatus)
	return fmt.Sprintf("%d %d %d %d %s", st.Pid(), st.UserTime().Milliseconds(), st.SystemTime().Milliseconds(),
		c.real.Milliseconds(), ninep.Quote(exitStatus(ws)))
}
