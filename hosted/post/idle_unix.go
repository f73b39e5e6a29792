//go:build unix

package post

import (
	"io"
	"syscall"
)

// canTry says whether a read can be told not to wait.
const canTry = true

// ReadIdle makes an idleConn an IdleReader.
func (c *idleConn) ReadIdle(p []byte, idle func()) (n int, err error) {
	closed := c.raw.Read(func(fd uintptr) bool {
		for n, err = syscall.Read(int(fd), p); err == syscall.EINTR; {
			n, err = syscall.Read(int(fd), p)
		}
		if err != syscall.EAGAIN {
			return true
		}
		if idle != nil {
			idle()
			idle = nil
		}
		return false // to be called again when there is something
	})
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
