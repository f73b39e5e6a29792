package hostexec

import (
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"ufo/ninep"
)

// openTerminal makes a terminal: our side, which does not block, and the one
// that a program sees.
func openTerminal() (ours, theirs *os.File, err error) {
	p, tty, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer p.Close() // made to block by the library
	fd, err := unix.FcntlInt(p.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err == nil {
		if err = unix.SetNonblock(fd, true); err == nil {
			return os.NewFile(uintptr(fd), "pty"), tty, nil
		}
		unix.Close(fd)
	}
	tty.Close()
	return nil, nil, err
}

// connectTerminal is connect for a command with a terminal.
func (s spec) connectTerminal(c *command) (theirs []*os.File, err error) {
	ours, tty, err := openTerminal()
	if err != nil {
		return nil, err
	}
	c.tty, c.in, c.out = ours, newStream(ours, true, true), newStream(ours, false, true)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = tty, tty, tty
	c.cmd.SysProcAttr.Setctty = true
	theirs = []*os.File{tty}
	if s.errPipe {
		r, w, err := os.Pipe()
		if err != nil {
			return theirs, err
		}
		c.err, c.cmd.Stderr, theirs = newStream(r, false, false), w, append(theirs, w)
	}
	return theirs, c.resize(s.rows, s.cols)
}

// resize changes the size of the terminal.
func (c *command) resize(rows, cols int) error {
	if c.tty == nil {
		return ninep.ErrBadCtl
	}
	raw, err := c.tty.SyscallConn()
	if err != nil {
		return hostError(err)
	}
	var ioctl error
	err = raw.Control(func(fd uintptr) {
		ioctl = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(cols)})
	})
	if err == nil {
		err = ioctl
	}
	return hostError(err)
}

// hostTerm returns what kind of terminal a program has, if nobody says: what
// consoles of nodes understand is what xterm does.
func hostTerm() string {
	if term := os.Getenv("TERM"); term != "" {
		return term
	}
	return "xterm"
}
