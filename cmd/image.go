package cmd

import (
	"context"
	"sync"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// An image is a file of the name space that has others in it, an archive or a
// file system, and that a server uses on behalf of its clients.
type image struct {
	size int64 // when it was opened; 0 for what has no length
	id   fileid

	mu sync.Mutex // guards c
	c  *ns.Chan   // nil once it is closed
}

// openImage opens an image. It belongs to no process: who opens it closes it.
func openImage(ctx context.Context, v ns.View, name string, mode ninep.Mode) (*image, error) {
	c, err := v.Open(ctx, name, mode)
	if err != nil {
		return nil, err
	}
	d, err := c.Stat(ctx)
	if err == nil && d.IsDir() {
		err = ninep.ErrIsDir
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return &image{size: d.Length, id: idof(d), c: c}, nil
}

// use returns the image's Chan with one more reference.
func (m *image) use() (*ns.Chan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.c == nil {
		return nil, ninep.ErrShutdown
	}
	return m.c.Incref(), nil
}

// ReadAt reads like a File's Read.
func (m *image) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := m.use()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.ReadAt(ctx, p, off)
}

// WriteAt writes like a File's Write.
func (m *image) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := m.use()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.WriteAt(ctx, p, off)
}

// close closes the image when calls that still use it have returned.
func (m *image) close() {
	m.mu.Lock()
	c := m.c
	m.c = nil
	m.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// imageOf is openImage for a process.
func imageOf(p *proc.Proc, name string, mode ninep.Mode) (*image, error) {
	return openImage(p.Context(), p.View(), name, mode)
}
