//go:build unix

package post

import (
	"io"
	"syscall"
)

// An idleConn is a ninep.IdleReader.
type idleConn struct {
	socket
	raw syscall.RawConn
	try func(fd uintptr) bool // read, made once: so a read costs no memory

	// Of the read in progress, one at a time.
	p    []byte
	idle func() // nil: it was called
	n    int
	err  error
}

// newIdleConn returns s as an idleConn, or nil if it cannot be one. Its reads do not wait
// in the system, as they would once somebody had the descriptor of its File.
func newIdleConn(s socket) *idleConn {
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	if closed := raw.Control(func(fd uintptr) { err = syscall.SetNonblock(int(fd), true) }); closed != nil || err != nil {
		return nil
	}
	c := &idleConn{socket: s, raw: raw}
	c.try = c.read
	return c
}

// ReadIdle makes an idleConn an IdleReader.
func (c *idleConn) ReadIdle(p []byte, idle func()) (int, error) {
	c.p, c.idle = p, idle
	closed := c.raw.Read(c.try)
	n, err := c.n, c.err
	c.p, c.idle = nil, nil
	switch {
	case closed != nil:
		return 0, closed
	case err != nil:
		return 0, err
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// read reads without waiting. It reports whether there was something to read, or
// the end; else it is to be called again when there is.
func (c *idleConn) read(fd uintptr) bool {
	for c.n, c.err = syscall.Read(int(fd), c.p); c.err == syscall.EINTR; {
		c.n, c.err = syscall.Read(int(fd), c.p)
	}
	if c.err != syscall.EAGAIN {
		return true
	}
	if c.idle != nil {
		c.idle()
		c.idle = nil
	}
	return false
}
