package ns

import (
	"context"
	"path"
	"sync"

	"ufo/ninep"
)

// Export returns the tree below name, as it is seen in v, as a Server: what
// exportfs(4) serves, and what a host sees of a node. Whoever attaches acts
// with v's user, also with an attach specifier, which is a name below name. The View's
// Pgrp and Chans must outlive the Server.
func (v View) Export(name string) ninep.Server {
	return &export{v: v, name: name}
}

type export struct {
	v    View
	name string

	mu    sync.Mutex // guards first
	first key        // the device of the tree that was attached to first; the qid path is 0
}

func (e *export) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	name := e.name
	if spec != "" {
		name += path.Clean("/" + spec) // dot-dot does not lead out of the tree
	}
	c, n, err := e.v.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	f, err := e.file(c, n.sharp)
	if err == nil {
		f.Qid() // which is of the first tree
	}
	return f, err
}

// An exported is a file of a name space for others. It keeps two Chans: where
// the name leads, since that is where mounts happen and "up" begins, and what
// is seen there.
type exported struct {
	e     *export
	near  *Chan
	far   *Chan // what is mounted at near, or near itself
	sharp bool
	open  *Chan // once it is open
}

// file returns the exported file at c, which it consumes.
func (e *export) file(c *Chan, sharp bool) (ninep.File, error) {
	far := c
	if !sharp {
		if mh := e.v.Pgrp.find(c.key()); mh != nil {
			defer mh.close()
			far = mh.mounts[0].to
		}
	}
	return &exported{e: e, near: c, far: far.Incref(), sharp: sharp}, nil
}

// Qid returns a qid that is unique in the whole of the exported tree, though
// it may be made of many servers' trees.
func (f *exported) Qid() ninep.Qid { return f.e.qid(f.far.typ, f.far.dev, f.far.Qid()) }

// qid mixes the device into the path, so that a file has the same qid on another
// connection, to another Server, whatever was looked at there before. The tree
// attached to first keeps its paths; those of others would have to differ from one
// of them in just the bits of a 64-bit product to be taken for it.
func (e *export) qid(typ rune, dev uint32, q ninep.Qid) ninep.Qid {
	k := key{typ, dev, 0}
	e.mu.Lock()
	if e.first == (key{}) {
		e.first = k
	}
	first := e.first == k
	e.mu.Unlock()
	if !first {
		q.Path ^= (uint64(typ)<<32 | uint64(dev)) * 0x9e3779b97f4a7c15
	}
	return q
}

func (f *exported) dir(d ninep.Dir) ninep.Dir {
	d.Qid = f.e.qid(rune(d.Type), d.Dev, d.Qid)
	return d
}

func (f *exported) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.far.Stat(ctx)
	if f.far != f.near {
		d.Name = f.near.path.last()
	}
	return f.dir(d), err
}

// TrueLength is that of the file seen here: a [ninep.Measurer].
func (f *exported) TrueLength(ctx context.Context) (int64, bool) {
	c := f.far
	if f.open != nil {
		c = f.open
	}
	if m, ok := ninep.As[ninep.Measurer](c.file); ok {
		return m.TrueLength(ctx)
	}
	return 0, false
}

func (f *exported) Clone(ctx context.Context) (ninep.File, error) {
	c, err := f.near.clone(ctx)
	if err != nil {
		return nil, err
	}
	return f.e.file(c, f.sharp)
}

func (f *exported) Walk(ctx context.Context, name string) (ninep.File, error) {
	c, _, err := f.e.v.walk(ctx, f.near.Incref(), []string{name}, f.sharp)
	if err != nil {
		return nil, err
	}
	return f.e.file(c, f.sharp)
}

// WalkNames asks the servers of the name space as seldom as a walk there does.
func (f *exported) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	v := f.e.v
	v.trail = &trail{e: f.e, qids: make([]ninep.Qid, 0, len(names))}
	c, _, err := v.walk(ctx, f.near.Incref(), names, f.sharp)
	if err != nil {
		return nil, v.trail.qids, err
	}
	nf, err := f.e.file(c, f.sharp)
	return nf, v.trail.qids, err
}

// A trail is the qids, as they are exported, of the names that were walked.
type trail struct {
	e    *export
	qids []ninep.Qid
}

// pass adds the qid of a file in the tree of dir.
func (t *trail) pass(dir *Chan, q ninep.Qid) {
	t.qids = append(t.qids, t.e.qid(dir.typ, dir.dev, q))
}

// arrive makes the last qid that of what is seen at a place.
func (t *trail) arrive(v View, at *place, sharp bool) {
	mh := at.mh
	if mh == nil && !sharp {
		mh = v.Pgrp.find(at.c.key())
		defer mh.close()
	}
	if mh == nil {
		return
	}
	to := mh.mounts[0].to
	t.qids[len(t.qids)-1] = t.e.qid(to.typ, to.dev, to.Qid())
}

func (f *exported) Open(ctx context.Context, mode ninep.Mode) error {
	c, err := f.e.v.openChan(ctx, f.near.Incref(), mode, f.sharp)
	if err != nil {
		return err
	}
	f.open = c
	return nil
}

func (f *exported) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	c, err := f.e.v.createIn(ctx, f.near, name, mode|ninep.OEXCL, perm, f.sharp)
	if err != nil {
		return nil, err
	}
	return &exported{e: f.e, near: c.Incref(), far: c.Incref(), sharp: f.sharp, open: c}, nil
}

func (f *exported) Read(ctx context.Context, p []byte, off int64) (int, error) {
	return f.open.ReadAt(ctx, p, off)
}

func (f *exported) Write(ctx context.Context, p []byte, off int64) (int, error) {
	return f.open.WriteAt(ctx, p, off)
}

func (f *exported) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	if _, err := f.open.Seek(ctx, 0, 0); err != nil {
		return nil, err
	}
	dirs, err := f.e.v.ReadDir(ctx, f.open)
	for i, d := range dirs {
		dirs[i] = f.dir(d)
	}
	return dirs, err
}

func (f *exported) Wstat(ctx context.Context, d ninep.Dir) error { return f.far.Wstat(ctx, d) }

func (f *exported) Remove(ctx context.Context) error {
	if f.far != f.near {
		return ninep.ErrIsMount
	}
	return f.far.file.Remove(ctx)
}

func (f *exported) Close() error {
	var err error
	if f.open != nil {
		err = f.open.Close()
	}
	f.far.Close()
	f.near.Close()
	return err
}
