//go:build unix

package post

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"ufo/ninep"
)

// postName serves srv at the socket that name stands for.
func postName(ctx context.Context, name string, srv ninep.Server, opt *Options) error {
	if !strings.Contains(name, "/") {
		dir, err := namespace()
		if err != nil {
			return err
		}
		name = filepath.Join(dir, name)
	}
	l, err := listenSocket(name)
	if err != nil {
		return err
	}
	return ServeListener(ctx, l, srv, opt)
}

// namespace returns the folder in which plan9port has what is posted, which it
// makes if need be, as that does. It must be ours alone.
func namespace() (string, error) {
	dir := os.Getenv("NAMESPACE")
	if dir == "" {
		display := os.Getenv("DISPLAY")
		if display == "" {
			display = ":0"
		}
		display = strings.ReplaceAll(strings.TrimSuffix(display, ".0"), "/", "_")
		dir = "/tmp/ns." + os.Getenv("USER") + "." + display
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s: is not a folder that only you can use", dir)
	}
	return dir, nil
}

// maxName is how long the name of a socket may be, in bytes, on every host.
const maxName = 103

// listenSocket makes a socket in the host's files: see Listen.
func listenSocket(name string) (net.Listener, error) {
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
