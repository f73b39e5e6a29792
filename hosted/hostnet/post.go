package hostnet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"syscall"

	"ufo/ninep"
)

// maxName is how long the name of a socket may be, in bytes, on every host.
const maxName = 103

// Post makes a socket in the host's files, of mode 0600: only who runs this
// program, and the super-user, can connect. A socket of ours at which nobody
// listens any more is replaced, anything else that has the name is an error.
// Closing the listener removes the socket.
func Post(name string) (net.Listener, error) {
	if len(name) > maxName {
		return nil, fmt.Errorf("%s: a socket's name has at most %d bytes", name, maxName)
	}
	l, err := listenUnix(name)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeDead(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		l, err = listenUnix(name)
	}
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	info, err := os.Lstat(name)
	if err == nil {
		err = os.Chmod(name, 0o600) // where the socket's own mode does not count
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return &posted{UnixListener: l, name: name, info: info}, nil
}

// listenUnix makes a socket. On Linux the file that bind makes gets the mode
// that the socket has, so that nobody can be faster than a later chmod.
func listenUnix(name string) (*net.UnixListener, error) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.Fchmod(int(fd), 0o600) })
	}}
	l, err := lc.Listen(context.Background(), "unix", name)
	if err != nil {
		return nil, err
	}
	return l.(*net.UnixListener), nil
}

// removeDead removes a socket of ours at which nobody listens.
func removeDead(name string) error {
	before, err := os.Lstat(name)
	if err != nil {
		return err
	}
	st, ok := before.Sys().(*syscall.Stat_t)
	if before.Mode().Type() != fs.ModeSocket || !ok || int(st.Uid) != os.Geteuid() {
		return errors.New("exists, and is no socket of yours")
	}
	c, err := net.Dial("unix", name)
	if err == nil {
		c.Close()
		return errors.New("somebody listens there already")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	// Should another of us be here, too, what it made meanwhile is not this.
	after, err := os.Lstat(name)
	if err != nil || !os.SameFile(before, after) {
		return errors.New("somebody else uses it")
	}
	return os.Remove(name)
}

// A posted is a socket that is removed when it is closed.
type posted struct {
	*net.UnixListener
	name string
	info fs.FileInfo
	once sync.Once
}

// Close removes the socket, if it still has its name, and ends listening.
func (p *posted) Close() error {
	p.once.Do(func() {
		if now, err := os.Lstat(p.name); err == nil && os.SameFile(now, p.info) {
			os.Remove(p.name)
		}
	})
	return p.UnixListener.Close()
}

// Serve answers those who connect to l with the files of srv, and returns when
// ctx is done or l is closed. Log is told of mistakes of ours that they come
// upon; what they do wrong ends their connection only.
func Serve(ctx context.Context, l net.Listener, srv ninep.Server, log func(msg string)) {
	opt := ninep.ServeOptions{Panic: func(v any) { log(fmt.Sprintf("%s: panic: %v\n%s", l.Addr(), v, debug.Stack())) }}
	accept(ctx, l, maxConns, log, func(ctx context.Context, c net.Conn) {
		ninep.Serve(ctx, c, srv, &opt)
		c.Close()
	})
}
