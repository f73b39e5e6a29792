package post

import (
	"io"
	"net"
	"syscall"
)

// withIdle returns a connection as one that says when a read waits, if it can, and that
// is read in the best way for as much as comes to it and to others with the same b.
func withIdle(c net.Conn, b *busy) io.ReadWriteCloser {
	widen(c)
	switch c.(type) {
	case *net.UnixConn, *net.TCPConn:
		if p := newIdleConn(c.(socket)); p != nil {
			return withThread(p, b)
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
