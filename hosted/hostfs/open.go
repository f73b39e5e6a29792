package hostfs

import (
	"io/fs"
	"os"
	"syscall"

	"ufo/ninep"
)

// A fifo waits for its other end when it is opened, and a device may do
// anything: a tape rewinds. So what is opened has to be known to be a plain
// file or a directory before. To look first is not enough, as the name can
// mean another file a moment later. On Linux there is a handle for a file that
// is not opened, O_PATH: it is looked at, and the same file is then opened
// through it. Elsewhere, or with no /proc, we look, open without waiting, and
// look whether it was the same file: what takes its place in between is opened,
// and closed again.

// open opens the file at the end of the trail, after the caller's permission
// has been compared with what was found.
func (t *trail) open(mode ninep.Mode) (*os.File, error) {
	flag := flags(mode) | syscall.O_NONBLOCK | syscall.O_NOCTTY | syscall.O_NOFOLLOW
	f, err := openKnown(t.dir(), t.name, flag, func(info fs.FileInfo) error {
		if !os.SameFile(info, t.info) {
			return ninep.ErrNotExist // it was another when we came
		}
		if !t.s.may(t.user, info, mode) {
			return ninep.ErrPerm
		}
		return nil
	})
	return f, hostError(err)
}

// openLooked opens a file, looking at it before and after. See above.
func openLooked(dir *os.Root, name string, flag int, check func(fs.FileInfo) error) (*os.File, error) {
	before, err := dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if err := check(before); err != nil {
		return nil, err
	}
	f, err := dir.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = ninep.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
