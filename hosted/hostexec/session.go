package hostexec

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A program is one of the host that runs for a process.
type program struct {
	*command
	signal func(sig signal) error
	status func() string // how it ended, after gone
	close  func()        // gives back what it had, after gone
}

// A session is a process whose program runs on the host: what its descriptors
// 0, 1 and 2, its notes and its end have to do with that.
type session struct {
	p    *proc.Proc
	prog *program // nil before it runs

	ctx     context.Context // of the goroutines that copy
	cancel  context.CancelFunc
	outputs sync.WaitGroup // goroutines that copy what the program prints
	others  sync.WaitGroup // and those that do something else
	done    chan struct{}  // closed when it has ended and all it printed is copied

	tty        bool // it has a terminal, which is our console
	errPipe    bool // that is not for the error output
	winsize    int  // descriptor; -1 for none
	rows, cols int
}

func newSession(p *proc.Proc) *session {
	s := &session{p: p, done: make(chan struct{}), winsize: -1}
	s.ctx, s.cancel = context.WithCancel(p.Life())
	return s
}

// start starts the program and connects it.
func (s *session) start(e executable) error {
	s.console()
	prog, err := e.start(s)
	if err != nil {
		return err
	}
	s.prog = prog
	// Notes are for the program; a signal that none stands for ends it.
	s.p.Notify(func(_ *proc.Proc, note string) bool {
		prog.signal(signalFor(note))
		return true
	})
	s.p.OnStop(func(stop bool) {
		if stop {
			prog.signal(sigStop)
		} else {
			prog.signal(sigCont)
		}
	})
	s.others.Go(s.input)
	s.outputs.Go(func() { s.output(prog.out, 1) })
	if !s.tty || s.errPipe {
		s.outputs.Go(func() { s.output(prog.err, 2) })
	}
	if s.winsize >= 0 {
		s.others.Go(s.follow)
	}
	s.others.Go(func() {
		s.outputs.Wait()
		<-prog.gone
		close(s.done)
	})
	return nil
}

// wait waits for the end of the program and returns its exit status.
func (s *session) wait() error {
	for s.p.Until(s.done) == ninep.ErrIntr {
	}
	if status := s.prog.status(); status != "" {
		return errors.New(status)
	}
	return nil
}

// end ends the program, if it has not ended, and what works for it.
func (s *session) end() {
	s.p.OnStop(nil)
	s.cancel()
	if s.prog == nil {
		return
	}
	s.prog.command.signal(sigKill)
	<-s.prog.gone
	s.others.Wait()
	s.outputs.Wait()
	s.prog.close()
}

// console finds out whether the program shall have a terminal, which it does
// if our input and output are a console at which somebody sits, since that
// knows its size; and makes it raw. The descriptors opened for it go with the
// process.
func (s *session) console() {
	if !s.iscons(0) || !s.iscons(1) {
		return
	}
	fd, err := s.p.Open("/dev/winsize", ninep.OREAD)
	if err != nil {
		return
	}
	b := make([]byte, 64)
	n, err := s.p.Read(fd, b)
	if err != nil || !s.setSize(b[:n]) {
		s.p.Close(fd)
		return
	}
	s.tty, s.errPipe, s.winsize = true, !s.iscons(2), fd
	if ctl, err := s.p.Open("/dev/consctl", ninep.OWRITE); err == nil {
		s.p.FD(ctl).Write([]byte("rawon"))
	}
}

// setSize takes the text of winsize; false if it says nothing.
func (s *session) setSize(text []byte) bool {
	f := strings.Fields(string(text))
	rows, cols, err := size(f)
	if err == nil {
		s.rows, s.cols = rows, cols
	}
	return err == nil
}

func (s *session) iscons(fd int) bool {
	name, err := s.p.Fd2path(fd)
	return err == nil && path.Base(name) == "cons"
}

// input copies descriptor 0 to the program, until its end or that of the
// session.
func (s *session) input() {
	defer s.prog.in.close()
	s.copyFrom(0, func(b []byte) error {
		_, err := s.prog.in.write(s.ctx, b)
		return err
	})
}

// copyFrom calls f with what is read from a descriptor, until there is no more.
func (s *session) copyFrom(fd int, f func(b []byte) error) {
	c, err := s.p.FdChan(fd)
	if err != nil {
		return
	}
	defer c.Close()
	view, release, err := s.p.Look()
	if err != nil {
		return
	}
	defer release()
	b := make([]byte, 32*1024)
	for {
		n, err := view.Read(s.ctx, c, b)
		if n == 0 || err != nil || f(b[:n]) != nil {
			return
		}
	}
}

// output copies what the program prints to a descriptor. When that takes no
// more the program is told by its pipe.
func (s *session) output(from *stream, fd int) {
	c, err := s.p.FdChan(fd)
	if err != nil {
		from.close()
		return
	}
	defer c.Close()
	b := make([]byte, 32*1024)
	for {
		n, err := from.read(s.ctx, b)
		if n == 0 || err != nil {
			return
		}
		out := b[:n]
		if from.tty {
			// Our console makes a new line of each newline. The program, whose
			// terminal has done that already, means a step down: ESC D.
			out = bytes.ReplaceAll(out, []byte("\n"), []byte("\x1bD"))
		}
		if !writeAll(s.ctx, c, out) {
			from.close()
			return
		}
	}
}

// writeAll writes all of b.
func writeAll(ctx context.Context, c *ns.Chan, b []byte) bool {
	for len(b) > 0 {
		n, err := c.Write(ctx, b)
		if n == 0 || err != nil {
			return false
		}
		b = b[n:]
	}
	return true
}

// follow tells the program's terminal the size of ours, until the session ends.
func (s *session) follow() {
	s.copyFrom(s.winsize, func(b []byte) error {
		if s.setSize(b) {
			s.prog.resize(s.rows, s.cols)
		}
		return nil
	})
}

// environ returns the variables of the process for a program of the host. The
// elements of a list are separated by blanks.
func environ(p *proc.Proc) []string {
	var env []string
	for _, v := range p.Env().List() {
		if hostName(v.Name) {
			env = append(env, v.Name+"="+strings.ReplaceAll(variable(p, v.Name), "\x00", " "))
		}
	}
	return env
}

// hostName reports whether a variable has a name that the host knows as one.
func hostName(name string) bool {
	for i, c := range []byte(name) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// variable returns the text of a variable of the process, "" if it has none.
func variable(p *proc.Proc, name string) string {
	v := p.Env().Get(name)
	if v == nil {
		return ""
	}
	return string(bytes.TrimSuffix(v.Value, []byte{0}))
}
