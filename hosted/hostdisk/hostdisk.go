// Package hostdisk has files of the host as disks of nodes: units of #S, see
// sd(3).
//
//	d, err := hostdisk.Open("disk.img", true)
//	unit := dev.Unit{Name: "sdD0", Inquiry: "host disk.img", Disk: d}
//
// What a node writes is in the file when the write returns. Who has a file as a
// disk has it locked, against others who do the same: two who both believe
// that what they have read is still there would destroy what is on it.
package hostdisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"ufo/ninep"
)

// sectorSize is what the sizes of disks are multiples of.
const sectorSize = 512

// A Disk is a file of the host; it is a dev.Disk.
type Disk struct {
	f    *os.File
	size int64
}

// Open opens a file, or a block device of the host. What is behind the last
// whole sector of 512 bytes does not belong to the disk. Who made the Disk
// closes it.
func Open(name string, write bool) (*Disk, error) {
	// Opening a fifo or a terminal could wait, or do something.
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if kind := info.Mode().Type(); kind != 0 && kind != fs.ModeDevice {
		return nil, fmt.Errorf("%s: neither a file nor a block device", name)
	}
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return open(name, flag, 0)
}

// Make opens a file of at least size bytes, for writing, which it makes or makes
// longer. What was not written is zero, and takes no room where the host knows
// of holes. A longer file stays as it is, and shows its beginning.
func Make(name string, size int64) (*Disk, error) {
	return open(name, os.O_RDWR|os.O_CREATE, size)
}

// open opens and locks a file. With a size, that is what it will have.
func open(name string, flag int, size int64) (*Disk, error) {
	f, err := os.OpenFile(name, flag, 0600)
	if err != nil {
		return nil, err
	}
	d := &Disk{f, size}
	if err := d.lock(flag); err != nil {
		f.Close()
		return nil, err
	}
	end, err := f.Seek(0, io.SeekEnd) // which also works for devices
	if err == nil && size == 0 {
		d.size = end - end%sectorSize
		if d.size == 0 {
			err = fmt.Errorf("%s: too small for a disk: not one sector of %d bytes", name, sectorSize)
		}
	} else if err == nil && end < size {
		err = f.Truncate(size)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

// lock locks the file against who writes to it, or, to write, against all.
func (d *Disk) lock(flag int) error {
	how := syscall.LOCK_SH
	if flag&os.O_RDWR != 0 {
		how = syscall.LOCK_EX
	}
	err := syscall.Flock(int(d.f.Fd()), how|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return fmt.Errorf("%s: is a disk of another node or grid already", d.f.Name())
	} else if err != nil {
		return fmt.Errorf("%s: lock: %w", d.f.Name(), err)
	}
	return nil
}

// Size returns the number of bytes.
func (d *Disk) Size() int64 { return d.size }

// ReadAt reads all of p. If the host has made the file shorter meanwhile, that
// is an i/o error.
func (d *Disk) ReadAt(_ context.Context, p []byte, off int64) error {
	_, err := d.f.ReadAt(p, off)
	return ioError(err)
}

// WriteAt writes all of p.
func (d *Disk) WriteAt(_ context.Context, p []byte, off int64) error {
	_, err := d.f.WriteAt(p, off)
	return ioError(err)
}

// Sync has the host write what it keeps in memory.
func (d *Disk) Sync() error { return ioError(d.f.Sync()) }

// Close closes the file. Who uses the disk after that gets errors.
func (d *Disk) Close() error { return d.f.Close() }

// ioError returns what a program sees of an error of the host.
func ioError(err error) error {
	var e syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return fmt.Errorf("%w: %w", ninep.ErrIO, e)
	}
	return ninep.ErrIO
}
