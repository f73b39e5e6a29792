package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"ufo/cmd/disk"
)

// A store is a host file that a disk keeps its log in.
type store struct {
	*os.File
	name string
}

// openStore opens the file, or makes it. One that was being written anew when
// the program died is of no use.
func openStore(name string) (*store, error) {
	os.Remove(name + ".new")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0600)
	if err != nil {
		return nil, err
	}
	return &store{f, name}, nil
}

// Size returns how long the file is.
func (s *store) Size() (int64, error) {
	info, err := s.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Free returns how many bytes the host's file system has left for us.
func (s *store) Free() (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Fstatfs(int(s.Fd()), &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// Replace writes another file and gives it this one's name.
func (s *store) Replace(write func(disk.Store) error) (disk.Store, error) {
	f, err := os.OpenFile(s.name+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0600)
	if err != nil {
		return nil, err
	}
	if err = write(&store{f, s.name}); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(s.name+".new", s.name)
	}
	if err != nil {
		f.Close()
		os.Remove(s.name + ".new")
		return nil, err
	}
	if dir, err := os.Open(filepath.Dir(s.name)); err == nil {
		dir.Sync() // the name; without it the old file is there after a power cut
		dir.Close()
	}
	s.Close()
	return &store{f, s.name}, nil
}

// damaged says what to do about a disk that cannot be opened.
func damaged(file string, err error) error {
	var d *disk.DamageError
	switch {
	case errors.As(err, &d) && d.Offset == 0:
		return fmt.Errorf("%s: %w: -fresh starts anew, and keeps it as %s.old", file, err, filepath.Base(file))
	case errors.As(err, &d):
		return fmt.Errorf("%s: %w: truncate -s %d %s keeps what was written before, -fresh starts anew", file, err, d.Offset, file)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: set UFO_STATE to a folder of your own", err)
	}
	return err
}
