package ns

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// A Chan is a File in use: the place itself, which tree it is in, the name
// that led there, and, once it is open, a mode and an offset. It is what a
// file descriptor, the current directory and a mount point refer to.
//
// A Chan is counted. Whoever keeps one holds a reference and ends it with
// Close; the last Close closes the File.
type Chan struct {
	// immutable once the Chan is shared
	file  ninep.File
	typ   rune   // letter of the device, 'M' in a mounted tree
	dev   uint32 // which of the device's trees
	path  *Path  // owned
	name  string // what mount(2) mounted, as /proc/n/ns shows it; "" for a Chan of bind(2)
	mode  ninep.Mode
	open  bool
	union *mhead  // of an open union directory: its members; owned
	free  func()  // called after the File was closed; nil for nothing
	mnt   *mntcli // of a mounted root: the connection it came over; owned

	refs   atomic.Int32
	offset atomic.Int64
	muxed  atomic.Bool // there is a mux: bytes of the connection are its client's

	mu     sync.Mutex  // guards what follows
	dirs   []ninep.Dir // entries not yet read
	gotdir bool        // dirs has been filled
	mux    *mux        // a connection that was mounted: its client
	posted string      // the name in /srv of a connection
}

// newChan returns a Chan with one reference; it consumes f and path.
func newChan(f ninep.File, typ rune, dev uint32, path *Path) *Chan {
	c := &Chan{file: f, typ: typ, dev: dev, path: path}
	c.refs.Store(1)
	return c
}

// Incref returns c with one more reference.
func (c *Chan) Incref() *Chan {
	c.refs.Add(1)
	return c
}

// Close gives one reference back. The last one closes the File.
func (c *Chan) Close() error {
	n := c.refs.Add(-1)
	if n > 0 {
		return nil
	}
	if n < 0 {
		panic("ns: Chan closed twice: " + c.path.String())
	}
	c.hangup()
	err := c.file.Close()
	if c.union != nil {
		c.union.close()
	}
	if c.mnt != nil {
		c.mnt.close()
	}
	if c.free != nil {
		c.free()
	}
	c.path.close()
	return err
}

// File returns the File, which lives as long as the Chan.
func (c *Chan) File() ninep.File { return c.file }

// Qid returns the file's qid.
func (c *Chan) Qid() ninep.Qid { return c.file.Qid() }

// Name returns the name by which the file was reached.
func (c *Chan) Name() string { return c.path.String() }

// SetPosted notes the name in /srv under which a connection was posted first:
// that is what the lines of a name space call it when it is mounted.
func (c *Chan) SetPosted(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.posted == "" {
		c.posted = name
	}
}

// postedName returns the name in /srv, or that by which c was reached.
func (c *Chan) postedName() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.posted != "" {
		return c.posted
	}
	return c.Name()
}

// Type returns the letter of the device that has the file, 'M' for a mounted
// tree.
func (c *Chan) Type() rune { return c.typ }

// As returns the File that c is a use of as a T, as ninep.As does.
func As[T any](c *Chan) (T, bool) { return ninep.As[T](c.file) }

// Dev tells the trees of one device apart.
func (c *Chan) Dev() uint32 { return c.dev }

// Mode returns how the Chan was opened.
func (c *Chan) Mode() ninep.Mode { return c.mode }

// Offset returns where the next Read or Write takes place.
func (c *Chan) Offset() int64 { return c.offset.Load() }

// String describes the Chan for people who debug.
func (c *Chan) String() string {
	return fmt.Sprintf("%s(#%c.%d %x)", c.path, c.typ, c.dev, c.Qid().Path)
}

// key is the identity of the file as mount points know it.
func (c *Chan) key() key { return key{c.typ, c.dev, c.Qid().Path} }

// own returns a Chan at the same place that only the caller refers to and
// that is not open, with path as its name; it consumes c and path.
func (c *Chan) own(ctx context.Context, path *Path) (*Chan, error) {
	if c.refs.Load() == 1 {
		path, c.path = c.path, path
		path.close()
		return c, nil
	}
	f, err := c.file.Clone(ctx)
	typ, dev := c.typ, c.dev
	c.Close()
	if err != nil {
		path.close()
		return nil, err
	}
	return newChan(f, typ, dev, path), nil
}

// Read reads at the offset and moves it. End of file is 0, nil.
func (c *Chan) Read(ctx context.Context, p []byte) (int, error) {
	n, err := c.ReadAt(ctx, p, c.offset.Load())
	if n > 0 {
		c.offset.Add(int64(n))
	}
	return n, err
}

// ReadAt reads at off, and leaves the offset alone.
func (c *Chan) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if !c.open || !c.mode.CanRead() || c.muxed.Load() {
		return 0, ninep.ErrBadUseFD
	}
	if c.Qid().IsDir() {
		return 0, ninep.ErrIsDir // its entries are for View.Read
	}
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	if len(p) == 0 {
		return 0, nil
	}
	return c.file.Read(ctx, p, off)
}

// Write writes at the offset and moves it, first: whoever writes to the same
// Chan meanwhile writes behind p and not over it.
func (c *Chan) Write(ctx context.Context, p []byte) (int, error) {
	end := c.offset.Add(int64(len(p)))
	n, err := c.WriteAt(ctx, p, end-int64(len(p)))
	c.offset.Add(int64(n - len(p)))
	return n, err
}

// WriteAt writes at off, and leaves the offset alone.
func (c *Chan) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	if !c.open || !c.mode.CanWrite() || c.muxed.Load() {
		return 0, ninep.ErrBadUseFD
	}
	if c.Qid().IsDir() {
		return 0, ninep.ErrIsDir
	}
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	return c.file.Write(ctx, p, off)
}

// Seek moves the offset as seek(2) says: whence is 0 for the start of the
// file, 1 for the offset, 2 for the end. A directory can only be rewound.
func (c *Chan) Seek(ctx context.Context, off int64, whence int) (int64, error) {
	if c.typ == '|' {
		return 0, ninep.ErrIsStream
	}
	switch whence {
	case 0:
	case 1:
		off += c.offset.Load()
	case 2:
		d, err := c.file.Stat(ctx)
		if err != nil {
			return 0, err
		}
		off += d.Length
	default:
		return 0, ninep.ErrBadArg
	}
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	if c.Qid().IsDir() {
		if off != 0 {
			return 0, ninep.ErrDirSeek
		}
		c.mu.Lock()
		c.dirs, c.gotdir = nil, false
		c.mu.Unlock()
	}
	c.offset.Store(off)
	return off, nil
}

// Stat returns the directory entry, with the device's letter and number in
// Type and Dev, and under the name by which the file was reached.
func (c *Chan) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := c.file.Stat(ctx)
	if err != nil {
		return d, err
	}
	d.Type, d.Dev = uint16(c.typ), c.dev
	if len(c.path.rel) == 0 && (c.path.up != nil || c.path.root == "/") {
		d.Name = c.path.last()
	}
	return d, nil
}

// Wstat changes the directory entry.
func (c *Chan) Wstat(ctx context.Context, d ninep.Dir) error {
	return c.file.Wstat(ctx, d)
}
