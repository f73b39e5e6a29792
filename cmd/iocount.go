package cmd

import (
	"context"
	"slices"
	"sync"
	"time"

	"ufo/ninep"
)

// This file is how iostats counts: a Server around another that notes each
// call, as the message of 9P that it stands for, and each file that is opened.

// An opCount is what there was of one kind of message.
type opCount struct {
	n              int
	low, high, all time.Duration
	in, out        int64 // bytes of data in requests, in replies
}

// A fileCount is what there was of one file.
type fileCount struct {
	opens, reads, writes int
	read, written        int64 // bytes
}

// An iocount counts what passes to a Server.
type iocount struct {
	ninep.Server
	now func() time.Time

	mu    sync.Mutex // guards what follows
	ops   map[string]*opCount
	files map[string]*fileCount
}

func newIOCount(srv ninep.Server, now func() time.Time) *iocount {
	return &iocount{Server: srv, now: now, ops: make(map[string]*opCount), files: make(map[string]*fileCount)}
}

// count makes a call and counts it as a message.
func (c *iocount) count(op string, call func() (in, out int, err error)) error {
	began := c.now()
	in, out, err := call()
	took := c.now().Sub(began)
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.ops[op]
	if o == nil {
		o = &opCount{low: took}
		c.ops[op] = o
	}
	o.n++
	o.low, o.high, o.all = min(o.low, took), max(o.high, took), o.all+took
	o.in, o.out = o.in+int64(in), o.out+int64(out)
	return err
}

// file changes the counts of a file.
func (c *iocount) file(name string, change func(f *fileCount)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.files[name]
	if f == nil {
		f = new(fileCount)
		c.files[name] = f
	}
	change(f)
}

// names returns the names of the files in order.
func (c *iocount) names() []string {
	var names []string
	for name := range c.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// walk makes a call that returns a File, called name, and counts it.
func (c *iocount) walk(op, name string, call func() (ninep.File, error)) (nf ninep.File, err error) {
	err = c.count(op, func() (int, int, error) {
		nf, err = call()
		return 0, 0, err
	})
	if err != nil {
		return nil, err
	}
	return &countedFile{nf, c, name}, nil
}

// Attach returns the root.
func (c *iocount) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return c.walk("attach", "", func() (ninep.File, error) { return c.Server.Attach(ctx, user, spec) })
}

// A countedFile is a File behind an iocount. Its name is "" for the root.
type countedFile struct {
	ninep.File
	c    *iocount
	name string
}

func (f *countedFile) Unwrap() ninep.File { return f.File }

func (f *countedFile) Clone(ctx context.Context) (ninep.File, error) {
	return f.c.walk("walk", f.name, func() (ninep.File, error) { return f.File.Clone(ctx) })
}

func (f *countedFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.c.walk("walk", f.name+"/"+name, func() (ninep.File, error) { return f.File.Walk(ctx, name) })
}

// opened counts an open of a file that went well.
func (f *countedFile) opened(name string, err error) {
	if err == nil {
		f.c.file(name, func(n *fileCount) { n.opens++ })
	}
}

func (f *countedFile) Open(ctx context.Context, mode ninep.Mode) error {
	err := f.c.count("open", func() (int, int, error) { return 0, 0, f.File.Open(ctx, mode) })
	f.opened(f.name, err)
	return err
}

func (f *countedFile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	nf, err := f.c.walk("create", f.name+"/"+name, func() (ninep.File, error) { return f.File.Create(ctx, name, perm, mode) })
	f.opened(f.name+"/"+name, err)
	return nf, err
}

func (f *countedFile) Read(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.c.count("read", func() (int, int, error) {
		n, err = f.File.Read(ctx, p, off)
		return 0, n, err
	})
	f.c.file(f.name, func(c *fileCount) { c.reads, c.read = c.reads+1, c.read+int64(n) })
	return n, err
}

// ReadDir counts the entries as the bytes they would be in a message.
func (f *countedFile) ReadDir(ctx context.Context) (dirs []ninep.Dir, err error) {
	n := 0
	err = f.c.count("read", func() (int, int, error) {
		dirs, err = f.File.ReadDir(ctx)
		for _, d := range dirs {
			if b, err := ninep.AppendDir(nil, d); err == nil {
				n += len(b)
			}
		}
		return 0, n, err
	})
	f.c.file(f.name, func(c *fileCount) { c.reads, c.read = c.reads+1, c.read+int64(n) })
	return dirs, err
}

func (f *countedFile) Write(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.c.count("write", func() (int, int, error) {
		n, err = f.File.Write(ctx, p, off)
		return n, 0, err
	})
	f.c.file(f.name, func(c *fileCount) { c.writes, c.written = c.writes+1, c.written+int64(n) })
	return n, err
}

func (f *countedFile) Stat(ctx context.Context) (d ninep.Dir, err error) {
	err = f.c.count("stat", func() (int, int, error) {
		d, err = f.File.Stat(ctx)
		return 0, 0, err
	})
	return d, err
}

func (f *countedFile) Wstat(ctx context.Context, d ninep.Dir) error {
	return f.c.count("wstat", func() (int, int, error) { return 0, 0, f.File.Wstat(ctx, d) })
}

func (f *countedFile) Remove(ctx context.Context) error {
	return f.c.count("remove", func() (int, int, error) { return 0, 0, f.File.Remove(ctx) })
}

func (f *countedFile) Close() error {
	return f.c.count("clunk", func() (int, int, error) { return 0, 0, f.File.Close() })
}
