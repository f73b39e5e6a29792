//go:build !linux

package fuse

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"ufo/ninep"
)

// macFUSE is what mounts on macOS.
const macFUSE = "/Library/Filesystems/macfuse.fs"

// Mount mounts a Server on a directory of the host, through macFUSE.
//
// BUG: it builds, but nobody has tried it on macOS.
//
// Ctx is for attaching. Error: what Attach returned, or what is missing on the
// host and what mends it.
func Mount(ctx context.Context, srv ninep.Server, dir string, opt Options) (*Mounted, error) {
	if err := Available(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	fs, err := newFileSystem(ctx, srv, opt)
	if err != nil {
		return nil, err
	}
	m := &Mounted{fs: fs, dir: dir, done: make(chan struct{})}
	if err := m.start(dir); err != nil {
		return nil, err
	}
	return m, nil
}

// Available returns nil if this host can mount for the present user, or an
// error that says what is missing and what mends it.
func Available() error {
	if runtime.GOOS != "darwin" {
		return errors.New("mounting in the host is not possible on " + runtime.GOOS)
	}
	if _, err := os.Stat(macFUSE); err != nil {
		return errors.New("macFUSE is not installed: get it from https://macfuse.github.io")
	}
	return nil
}

// A hostMount is what we hold of a mount in the host.
type hostMount struct{}

func (hostMount) close() {}

// holdFD says that only Linux has descriptors to serve.
func holdFD(int) (hostMount, error) {
	return hostMount{}, errors.New("serving a descriptor is possible on Linux only")
}

// closeFD closes a descriptor of the host.
func closeFD(fd int) { syscall.Close(fd) }

// Unmount takes the mount away. A second call returns what the first did.
func (m *Mounted) Unmount() error {
	m.once.Do(func() {
		m.fs.die()
		if m.err = m.srv.Unmount(); m.err == nil {
			m.err = m.wait()
		}
	})
	return m.err
}

// Dead reports whether a mount of ours is on dir whose server has died.
func Dead(dir string) bool {
	var st syscall.Stat_t
	return errors.Is(syscall.Stat(dir, &st), syscall.ENOTCONN)
}

// Clear takes a dead mount of ours away from dir; that there is none is no
// error.
func Clear(dir string) error {
	if !Dead(dir) {
		return nil
	}
	return syscall.Unmount(dir, 0)
}
