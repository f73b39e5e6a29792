package grid

import (
	"context"
	"sync/atomic"

	"ufo/ninep"
	"ufo/proc"
)

// A seen is a name space as it is seen by a process, while there are files of
// it.
type seen struct {
	by      *proc.Proc
	mix     uint64 // makes qids differ from those of other trees
	refs    atomic.Int32
	release func()
}

func (s *seen) done() {
	if s.refs.Add(-1) == 0 {
		s.release()
	}
}

// ctx returns a context that ends as ctx does, for a call that the process
// makes.
func (s *seen) ctx(ctx context.Context) context.Context { return &callctx{ctx, s.by} }

type callctx struct {
	context.Context
	by *proc.Proc
}

func (c *callctx) Value(key any) any {
	if v := c.by.Life().Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

func (s *seen) wrap(f ninep.File, err error) (ninep.File, error) {
	if f == nil || err != nil {
		return nil, err
	}
	s.refs.Add(1)
	return &seenFile{f, s}, nil
}

func (s *seen) qid(q ninep.Qid) ninep.Qid {
	q.Path ^= s.mix
	return q
}

// A seenFile is a file of a name space as a process sees it.
type seenFile struct {
	f ninep.File
	s *seen
}

var _ ninep.Wrapper = (*seenFile)(nil)

func (f *seenFile) Unwrap() ninep.File { return f.f }

func (f *seenFile) Qid() ninep.Qid { return f.s.qid(f.f.Qid()) }

func (f *seenFile) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.f.Stat(f.s.ctx(ctx))
	d.Qid = f.s.qid(d.Qid)
	return d, err
}

func (f *seenFile) Clone(ctx context.Context) (ninep.File, error) {
	return f.s.wrap(f.f.Clone(f.s.ctx(ctx)))
}

func (f *seenFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.s.wrap(f.f.Walk(f.s.ctx(ctx), name))
}

func (f *seenFile) Open(ctx context.Context, mode ninep.Mode) error {
	return f.f.Open(f.s.ctx(ctx), mode)
}

func (f *seenFile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	return f.s.wrap(f.f.Create(f.s.ctx(ctx), name, perm, mode))
}

func (f *seenFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	return f.f.Read(f.s.ctx(ctx), p, off)
}

func (f *seenFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	return f.f.Write(f.s.ctx(ctx), p, off)
}

func (f *seenFile) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	dirs, err := f.f.ReadDir(f.s.ctx(ctx))
	for i := range dirs {
		dirs[i].Qid = f.s.qid(dirs[i].Qid)
	}
	return dirs, err
}

func (f *seenFile) Wstat(ctx context.Context, d ninep.Dir) error {
	return f.f.Wstat(f.s.ctx(ctx), d)
}

func (f *seenFile) Remove(ctx context.Context) error { return f.f.Remove(f.s.ctx(ctx)) }

func (f *seenFile) Close() error {
	defer f.s.done()
	return f.f.Close()
}
