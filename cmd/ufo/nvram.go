package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"ufo/dev"
	"ufo/ninep"
)

// An nvram is what a node remembers while it is off, in a file of this machine that
// nobody else can read: there is a key in it. There is no file until something is
// written. It is a dev.Disk.
type nvram struct {
	file string

	mu sync.Mutex // held while the file is read or written
}

// Size is a method of dev.Disk.
func (v *nvram) Size() int64 { return dev.NvramSize }

// Sync does nothing: what is written is safe.
func (v *nvram) Sync() error { return nil }

// ReadAt reads; what was never written is zero.
func (v *nvram) ReadAt(_ context.Context, p []byte, off int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, err := v.read()
	if err != nil {
		return err
	}
	copy(p, b[off:])
	return nil
}

// WriteAt writes the file anew beside the old one, and then in its place: a machine
// that loses power has one or the other.
func (v *nvram) WriteAt(_ context.Context, p []byte, off int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, err := v.read()
	if err != nil {
		return err
	}
	copy(b[off:], p)
	fresh := v.file + ".new"
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0600)
	if err != nil {
		return nvramError(err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(fresh, v.file)
	}
	if err != nil {
		os.Remove(fresh)
		return nvramError(err)
	}
	return nil
}

// read returns what is in the file, and zeros. The caller holds mu.
func (v *nvram) read() ([]byte, error) {
	b, err := os.ReadFile(v.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nvramError(err)
	}
	return append(b, make([]byte, dev.NvramSize)...)[:dev.NvramSize], nil
}

// nvramError returns what a program of the node sees of an error of this machine.
func nvramError(err error) error { return fmt.Errorf("%w: %w", ninep.ErrIO, err) }

// nvramOf returns what a node remembers.
func (h *host) nvramOf(node string) dev.Disk {
	if h.c.mem {
		return dev.NewMemDisk(dev.NvramSize)
	}
	return &nvram{file: h.state.file(node + ".nvram")}
}

// freshNvram puts a node's nvram aside, if the grid is to begin anew.
func (h *host) freshNvram(node string) error {
	if h.c.mem || !h.c.fresh {
		return nil
	}
	file := h.state.file(node + ".nvram")
	if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
