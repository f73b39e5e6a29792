package hostfs

import (
	"errors"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openKnown opens a file that check has seen and found good.
func openKnown(dir *os.Root, name string, flag int, check func(fs.FileInfo) error) (*os.File, error) {
	h, err := dir.OpenFile(name, unix.O_PATH|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return nil, err
	}
	if err := check(info); err != nil {
		return nil, err
	}
	// The name in /proc is a symbolic link to the file itself.
	f, err := os.OpenFile("/proc/self/fd/"+strconv.Itoa(int(h.Fd())), flag&^unix.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return openLooked(dir, name, flag, check)
	}
	return f, err
}

// renameNew renames a file in its directory; a name that exists is an error.
func renameNew(dir *os.Root, from, to string) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	fd := int(d.Fd())
	err = unix.Renameat2(fd, from, fd, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return renameLooked(dir, from, to) // a file system that cannot
	}
	return err
}
