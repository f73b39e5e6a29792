package post

import (
	"net"
	"syscall"
)

// withIdle returns a connection as one that says when a read waits, if it can.
func withIdle(c net.Conn) net.Conn {
	widen(c)
	switch c.(type) {
	case *net.UnixConn, *net.TCPConn:
		s := c.(socket)
		if raw, err := s.SyscallConn(); err == nil {
			return newIdleConn(s, raw)
		}
	}
	return c
}

// A socket is what those of Unix and of TCP can do.
type socket interface {
	net.Conn
	CloseWrite() error
	SyscallConn() (syscall.RawConn, error)
}
