//go:build !unix

package post

import (
	"net"
	"syscall"
)

// newIdleConn returns s: no read can be told not to wait.
func newIdleConn(s socket, _ syscall.RawConn) net.Conn { return s }
