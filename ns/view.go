package ns

import (
	"context"
	"errors"

	"ufo/ninep"
)

// resolve returns the Chan that text names, on the near side of a last mount
// point, and the name cut up.
func (v View) resolve(ctx context.Context, text string) (*Chan, *name, error) {
	n, err := v.parse(ctx, text)
	if err != nil {
		return nil, nil, err
	}
	c, nth, err := v.walk(ctx, n.start, n.elems, n.sharp)
	if err != nil {
		return nil, nil, n.errorAt(nth, err)
	}
	if n.mustdir && !c.Qid().IsDir() {
		c.Close()
		return nil, nil, n.errorAt(len(n.elems), ninep.ErrNotDir)
	}
	return c, n, nil
}

// cross returns the Chan a process sees at c, the caller's own and not open:
// what is mounted there, or c itself. It consumes c. The mhead, nil for none,
// comes with a reference.
func (v View) cross(ctx context.Context, c *Chan, sharp bool) (*Chan, *mhead, error) {
	var mh *mhead
	if !sharp {
		mh = v.Pgrp.find(c.key())
	}
	if mh == nil {
		c, err := c.own(ctx, c.path.incref())
		return c, nil, err
	}
	to := mh.mounts[0].to
	path := newPath(c.path, mh.from, to, nil)
	c.Close()
	c, err := to.Incref().own(ctx, path)
	if err != nil {
		mh.close()
		return nil, nil, err
	}
	if v.trace != nil {
		v.trace.crossed(ctx, c, mh)
	}
	return c, mh, nil
}

// Walk returns the Chan that name stands for, not open: what stat(2) and
// remove(2) work on. The caller closes it.
func (v View) Walk(ctx context.Context, name string) (*Chan, error) {
	c, n, err := v.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	c, mh, err := v.cross(ctx, c, n.sharp)
	mh.close()
	if err != nil {
		return nil, n.errorAt(len(n.elems), err)
	}
	return c, nil
}

// Dir returns the directory name for use as a Dot: on the near side of what
// is mounted on it, so that one may mount on "." and see the effect.
func (v View) Dir(ctx context.Context, name string) (*Chan, error) {
	c, n, err := v.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	if !c.Qid().IsDir() {
		c.Close()
		return nil, n.errorAt(len(n.elems), ninep.ErrNotDir)
	}
	return c, nil
}

// Open opens a file. See open(2).
func (v View) Open(ctx context.Context, name string, mode ninep.Mode) (*Chan, error) {
	if mode&^openModes != 0 {
		return nil, ninep.ErrBadArg
	}
	c, n, err := v.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	if c, err = v.openChan(ctx, c, mode, n.sharp); err != nil {
		return nil, n.errorAt(len(n.elems), err)
	}
	return c, nil
}

// openModes are all that open(2) may be asked for.
const openModes = 3 | ninep.OTRUNC | ninep.OCEXEC | ninep.ORCLOSE

// openChan opens what a process sees at c, which it consumes.
func (v View) openChan(ctx context.Context, c *Chan, mode ninep.Mode, sharp bool) (*Chan, error) {
	mode &^= ninep.OCEXEC | ninep.OEXCL
	if c.Qid().IsDir() && mode.Access() == ninep.OEXEC {
		c.Close()
		return nil, ninep.Error("cannot exec directory")
	}
	if c.Qid().IsDir() && mode != ninep.OREAD { // open(5) forbids to remove one on close, too
		c.Close()
		return nil, ninep.ErrIsDir
	}
	c, mh, err := v.cross(ctx, c, sharp)
	if err != nil {
		return nil, err
	}
	if r, ok := ninep.As[Redirector](c.file); ok {
		mh.close()
		defer c.Close()
		to, err := r.Redirect(ctx, mode)
		if v.trace != nil {
			v.trace.opened(ctx, c, err)
		}
		return to, err
	}
	err = c.file.Open(ctx, mode)
	if v.trace != nil {
		v.trace.opened(ctx, c, err)
	}
	if err != nil {
		mh.close()
		c.Close()
		return nil, err
	}
	c.open, c.mode = true, mode
	if mh != nil && len(mh.mounts) > 1 {
		c.union = mh
	} else {
		mh.close()
	}
	return c, nil
}

// A Redirector is a File whose opening yields another, open, Chan, with a
// reference for the caller: files of #d and #s stand for Chans that exist.
// A Redirect to nothing, nil and nil, means an ordinary Open.
type Redirector interface {
	Redirect(ctx context.Context, mode ninep.Mode) (*Chan, error)
}

// Create creates a file, or truncates the one that exists, and opens it. See
// open(2). In a union it goes to the first member bound with MCREATE.
func (v View) Create(ctx context.Context, name string, mode ninep.Mode, perm ninep.Perm) (*Chan, error) {
	m := mode &^ (ninep.OCEXEC | ninep.OEXCL)
	if m&^openModes != 0 || perm.IsDir() && (m.CanWrite() || m > ninep.OEXEC) {
		return nil, ninep.ErrBadArg
	}
	n, err := v.parse(ctx, name)
	if err != nil {
		return nil, err
	}
	if n.mustdir && !perm.IsDir() {
		n.start.Close()
		return nil, n.errorAt(len(n.elems), ninep.Error("create without DMDIR"))
	}
	if len(n.elems) == 0 {
		n.start.Close()
		return nil, ninep.ErrExist
	}
	last := len(n.elems) - 1
	if n.elems[last] == ".." {
		n.start.Close()
		return nil, n.errorAt(last+1, ninep.ErrExist)
	}
	dir, nth, err := v.walk(ctx, n.start, n.elems[:last], n.sharp)
	if err != nil {
		return nil, n.errorAt(nth, err)
	}
	defer dir.Close()
	c, err := v.createIn(ctx, dir, n.elems[last], mode, perm, n.sharp)
	if err != nil {
		return nil, n.errorAt(last+1, err)
	}
	return c, nil
}

// createIn is Create in a directory, on the near side of its mounts.
//
// create(2) truncates a file that exists, create(5) fails: so a create that
// failed looks once more whether somebody else made the file meanwhile, as
// two shells that set one variable often do.
func (v View) createIn(ctx context.Context, dir *Chan, elem string, mode ninep.Mode, perm ninep.Perm, sharp bool) (*Chan, error) {
	if !dir.Qid().IsDir() {
		return nil, ninep.ErrNotDir
	}
	try := func() (*Chan, bool, error) {
		c, _, err := v.walk(ctx, dir.Incref(), []string{elem}, sharp)
		if err != nil {
			return nil, false, err
		}
		if mode&ninep.OEXCL != 0 {
			c.Close()
			return nil, true, ninep.ErrExist
		}
		c, err = v.openChan(ctx, c, mode|ninep.OTRUNC, sharp)
		return c, true, err
	}
	if c, exists, err := try(); exists {
		return c, err
	}
	c, err := v.createNew(ctx, dir, elem, mode, perm, sharp)
	if err == nil || mode&ninep.OEXCL != 0 {
		return c, err
	}
	if c, exists, err := try(); exists {
		return c, err
	}
	return nil, err
}

// createNew makes a file that is not there.
func (v View) createNew(ctx context.Context, dir *Chan, elem string, mode ninep.Mode, perm ninep.Perm, sharp bool) (*Chan, error) {
	var mh *mhead
	if !sharp {
		mh = v.Pgrp.find(dir.key())
	}
	defer mh.close()
	in := dir
	path := func() *Path { return dir.path.join(dir, []string{elem}) }
	if mh != nil {
		if in = mh.creator(); in == nil {
			if v.trace != nil {
				v.trace.created(ctx, nil, nil, dir.path, elem, ninep.ErrNoCreate)
			}
			return nil, ninep.ErrNoCreate
		}
		path = func() *Path { return newPath(dir.path, mh.from, in, []string{elem}) }
	}
	mode &^= ninep.OCEXEC | ninep.OEXCL
	f, err := in.file.Create(ctx, elem, perm, mode)
	if v.trace != nil {
		v.trace.created(ctx, in, mh, dir.path, elem, err)
	}
	if err != nil {
		return nil, err
	}
	c := newChan(f, in.typ, in.dev, path())
	c.open, c.mode = true, mode
	return c, nil
}

// creator returns the member in which files are created, nil for none.
func (mh *mhead) creator() *Chan {
	for _, m := range mh.mounts {
		if m.flag&MCREATE != 0 {
			return m.to
		}
	}
	return nil
}

// Stat returns a file's directory entry. See stat(2).
func (v View) Stat(ctx context.Context, name string) (ninep.Dir, error) {
	c, err := v.Walk(ctx, name)
	if err != nil {
		return ninep.Dir{}, err
	}
	defer c.Close()
	d, err := c.Stat(ctx)
	if err != nil {
		return d, &NameError{name, err}
	}
	return d, nil
}

// Wstat changes a file's directory entry. See stat(2).
func (v View) Wstat(ctx context.Context, name string, d ninep.Dir) error {
	c, err := v.Walk(ctx, name)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Wstat(ctx, d); err != nil {
		return &NameError{name, err}
	}
	return nil
}

// Remove removes a file. See remove(2). What is mounted somewhere cannot be
// removed there.
func (v View) Remove(ctx context.Context, name string) error {
	c, n, err := v.resolve(ctx, name)
	if err != nil {
		return err
	}
	c, mh, err := v.cross(ctx, c, n.sharp)
	if err != nil {
		return n.errorAt(len(n.elems), err)
	}
	defer c.Close()
	if mh != nil {
		mh.close()
		return n.errorAt(len(n.elems), ninep.ErrIsMount)
	}
	if err := c.file.Remove(ctx); err != nil {
		return n.errorAt(len(n.elems), err)
	}
	return nil
}

// Bind makes the file or directory new visible at old too. See bind(2).
func (v View) Bind(ctx context.Context, new, old string, flag int) error {
	c, n, err := v.resolve(ctx, new)
	if err != nil {
		return err
	}
	// A bind takes what is mounted now, the whole of a union.
	if !n.sharp {
		if mh := v.Pgrp.find(c.key()); mh != nil {
			near := c
			c, err = mh.mounts[0].to.clone(ctx)
			if err == nil && len(mh.mounts) == 1 && c.name != "" {
				// So that the lines of the name space bind the
				// name again, and need no second attach.
				c.name = ""
				c.path.close()
				c.path = near.path.incref()
			}
			near.Close()
			if err != nil {
				mh.close()
				return n.errorAt(len(n.elems), err)
			}
			c.union = mh
		}
	}
	defer c.Close()
	return v.bindAt(ctx, c, old, flag, "")
}

// clone returns another Chan, not open, of the same file with the same name.
func (c *Chan) clone(ctx context.Context) (*Chan, error) {
	f, err := c.file.Clone(ctx)
	if err != nil {
		return nil, err
	}
	n := newChan(f, c.typ, c.dev, c.path.incref())
	n.name = c.name
	if c.mnt != nil {
		c.mnt.refs.Add(1)
		n.mnt = c.mnt
	}
	return n, nil
}

// bindAt binds c at the name old.
func (v View) bindAt(ctx context.Context, c *Chan, old string, flag int, spec string) error {
	on, n, err := v.resolve(ctx, old)
	if err != nil {
		return err
	}
	defer on.Close()
	if err := v.Pgrp.Bind(v.Devs, c, on, flag, spec); err != nil {
		return n.errorAt(len(n.elems), err)
	}
	return nil
}

// cacheSize is how many bytes of its files one mount with MCACHE keeps.
const cacheSize = 16 << 20

// Mount makes the tree that the server behind conn serves for spec visible at
// old. Conn is a connection, open for reading and writing, or a Chan on which
// a Server was posted. See bind(2).
func (v View) Mount(ctx context.Context, conn *Chan, old string, flag int, spec string) error {
	return v.MountAuth(ctx, conn, nil, old, flag, spec)
}

// MountAuth is Mount by a user who has proved by auth, which Fauth returned, who
// he is.
func (v View) MountAuth(ctx context.Context, conn, auth *Chan, old string, flag int, spec string) error {
	if !v.Pgrp.Allowed('M') {
		return ninep.ErrNoAttach
	}
	m, err := dial(ctx, conn)
	if err != nil {
		return err
	}
	f, err := m.attach(ctx, auth, v.User, spec)
	if err != nil {
		m.close()
		return err
	}
	if _, far := m.srv.(*ninep.Client); far && flag&MCACHE != 0 {
		f = ninep.NewCache(cacheSize).File(f)
	}
	c := newChan(f, 'M', v.Devs.trees.Add(1), newRootPath("#M"))
	m.user = v.User
	c.mnt, c.name = m, conn.postedName()
	c = v.Pgrp.wrapped(c)
	defer c.Close()
	return v.bindAt(ctx, c, old, flag, spec)
}

// Unmount undoes a bind or mount of new on old, or with new "" all of them.
// See bind(2).
func (v View) Unmount(ctx context.Context, new, old string) error {
	on, n, err := v.resolve(ctx, old)
	if err != nil {
		return err
	}
	defer on.Close()
	var c *Chan
	if new != "" {
		if c, err = v.unmountee(ctx, new); err != nil {
			return err
		}
		defer c.Close()
	}
	if err := v.Pgrp.Unmount(c, on); err != nil {
		return n.errorAt(len(n.elems), err)
	}
	return nil
}

// unmountee returns the Chan that unmount's first name stands for: that of a
// file of /srv or /fd is the connection it would be opened as.
func (v View) unmountee(ctx context.Context, name string) (*Chan, error) {
	c, err := v.Open(ctx, name, ninep.OREAD)
	if err == nil || errors.Is(err, ninep.ErrIntr) {
		return c, err
	}
	return v.Walk(ctx, name)
}
