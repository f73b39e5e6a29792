//go:build !unix

package post

// An idleConn is there on systems of which a read can be told not to wait.
type idleConn struct{ socket }

func newIdleConn(socket) *idleConn { return nil }
