package ns

import (
	"context"
	"sync"

	"ufo/ninep"
)

// Post returns an open Chan whose other end is srv. Mounted, it has srv
// called directly; read and written, as a program on another machine does
// through an exported /srv, it carries 9P messages. The messages are answered
// until ctx is done. When the last reference to the Chan is gone, done is
// called.
func Post(ctx context.Context, devs *Devtab, name string, srv ninep.Server, done func()) *Chan {
	c := newChan(&posted{ctx: ctx, devs: devs, srv: srv}, '|', devs.trees.Add(1), newRootPath(name))
	c.open, c.mode, c.free = true, ninep.ORDWR, done
	return c
}

// A posted is the File of a Chan on which a Server was posted.
type posted struct {
	ninep.Plain
	ctx  context.Context
	devs *Devtab
	srv  ninep.Server

	mu   sync.Mutex // guards pipe
	pipe *Chan      // our end of the pipe that carries messages, once there are any
}

func (f *posted) Posted() ninep.Server { return f.srv }

func (f *posted) Qid() ninep.Qid { return ninep.Qid{} }

func (f *posted) Stat(context.Context) (ninep.Dir, error) {
	return ninep.Dir{Name: "data", Mode: 0600}, nil
}

func (f *posted) Clone(context.Context) (ninep.File, error) { return nil, ninep.ErrBadUseFD }

func (f *posted) Read(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := f.connect(ctx)
	if err != nil {
		return 0, err
	}
	return c.file.Read(ctx, p, off)
}

func (f *posted) Write(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := f.connect(ctx)
	if err != nil {
		return 0, err
	}
	return c.file.Write(ctx, p, off)
}

func (f *posted) Close() error {
	f.mu.Lock()
	c := f.pipe
	f.mu.Unlock()
	if c != nil {
		return c.Close()
	}
	return nil
}

// connect returns the pipe, and at the first call starts to serve its other
// end. That ends when either end is closed or ctx is done.
func (f *posted) connect(ctx context.Context) (*Chan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pipe != nil {
		return f.pipe, nil
	}
	a, b, err := Pipe(ctx, f.devs, "")
	if err != nil {
		return nil, err
	}
	f.pipe = a
	go func() {
		ctx := context.WithValue(f.ctx, saidKey{}, true)
		ninep.Serve(ctx, Conn(ctx, b), f.srv, nil)
		b.Close()
	}()
	return a, nil
}

type saidKey struct{}

// Said reports whether a call of a Server that was posted came as a message on its
// file: whoever writes those can say any name.
func Said(ctx context.Context) bool { return ctx.Value(saidKey{}) != nil }

// Pipe returns the two ends of a new pipe, open. See pipe(2) and pipe(3).
func Pipe(ctx context.Context, devs *Devtab, user string) (a, b *Chan, err error) {
	root, err := devs.Attach(ctx, user, '|', "")
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	if a, err = root.open1(ctx, "data"); err != nil {
		return nil, nil, err
	}
	if b, err = root.open1(ctx, "data1"); err != nil {
		a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

// open1 opens the file called name in directory c for reading and writing.
func (c *Chan) open1(ctx context.Context, name string) (*Chan, error) {
	f, err := c.file.Walk(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := f.Open(ctx, ninep.ORDWR); err != nil {
		f.Close()
		return nil, err
	}
	n := newChan(f, c.typ, c.dev, c.path.join(c, []string{name}))
	n.open, n.mode = true, ninep.ORDWR
	return n, nil
}
