package disk

import (
	"context"
	"sync/atomic"

	"ufo/ninep"
)

// exclusive is how long, in seconds, an exclusive-use file belongs to who has
// it open without using it.
const exclusive = 300

// A file is a place in the tree as one user sees it.
type file struct {
	d    *Disk
	n    *node
	user string

	mode ninep.Mode    // set by Open, or by the Create that made the file
	excl bool          // so is this: the file is the node's holder
	used atomic.Uint32 // when an exclusive-use file was last used
}

// ready reports why the file cannot be used. d.mu is held.
func (f *file) ready() error {
	if f.d.fail == ninep.ErrShutdown {
		return f.d.fail
	}
	if f.n.gone {
		return ErrPhase
	}
	return nil
}

// Qid returns the file's identity.
func (f *file) Qid() ninep.Qid {
	f.d.mu.RLock()
	defer f.d.mu.RUnlock()
	return f.n.qid()
}

// Stat returns the file's directory entry.
func (f *file) Stat(context.Context) (ninep.Dir, error) {
	f.d.mu.RLock()
	defer f.d.mu.RUnlock()
	if err := f.ready(); err != nil {
		return ninep.Dir{}, err
	}
	return f.n.dir(), nil
}

// Clone returns another File at the same place.
func (f *file) Clone(context.Context) (ninep.File, error) {
	return &file{d: f.d, n: f.n, user: f.user}, nil
}

// Walk needs execute permission for the directory.
func (f *file) Walk(_ context.Context, name string) (ninep.File, error) {
	f.d.mu.RLock()
	defer f.d.mu.RUnlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	if !f.n.isDir() {
		return nil, ninep.ErrNotDir
	}
	if !f.d.may(f.n, f.user, ninep.OEXEC) {
		return nil, ninep.ErrPerm
	}
	f.n.atime.Store(f.d.now())
	n := f.d.kid(f.n, name)
	if n == nil {
		return nil, ninep.ErrNotExist
	}
	return &file{d: f.d, n: n, user: f.user}, nil
}

// Open checks permissions, and truncates with OTRUNC.
func (f *file) Open(_ context.Context, mode ninep.Mode) error {
	d, n := f.d, f.n
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := f.ready(); err != nil {
		return err
	}
	if n.isDir() && (mode.CanWrite() || mode&(ninep.OTRUNC|ninep.ORCLOSE) != 0) {
		return ninep.ErrIsDir
	}
	if !d.may(n, f.user, mode) || mode&ninep.ORCLOSE != 0 && !d.may(n.parent, f.user, ninep.OWRITE) {
		return ninep.ErrPerm
	}
	if n.mode&ninep.DMEXCL != 0 && n.holder != nil && d.now()-n.holder.used.Load() < exclusive {
		return ninep.ErrExcl
	}
	if mode&ninep.OTRUNC != 0 && n.mode&ninep.DMAPPEND == 0 {
		if err := f.truncate(); err != nil {
			return err
		}
	}
	f.opened(mode)
	return nil
}

// opened notes that the file is open now.
func (f *file) opened(mode ninep.Mode) {
	f.mode = mode
	if f.n.mode&ninep.DMEXCL != 0 {
		f.n.holder, f.excl = f, true
		f.used.Store(f.d.now())
	}
}

func (f *file) truncate() error {
	d, n := f.d, f.n
	b := d.begin()
	if err := d.log(n, false); err != nil {
		return err
	}
	m, now := n.meta, d.now()
	m.length, m.mtime, m.muid = 0, now, f.user
	m.vers++
	b.node(n, n.parent, m, now)
	return d.commit()
}

// Create needs write permission for the directory, from which the new file
// has its group and the most that may be permitted.
func (f *file) Create(_ context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	d := f.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	switch {
	case !f.n.isDir():
		return nil, ninep.ErrNotDir
	case !ninep.ValidName(name):
		return nil, ninep.ErrBadChar
	case perm.IsDir() && (mode.CanWrite() || mode&(ninep.OTRUNC|ninep.ORCLOSE) != 0):
		return nil, ninep.ErrIsDir
	case !d.may(f.n, f.user, ninep.OWRITE):
		return nil, ninep.ErrPerm
	case d.kid(f.n, name) != nil:
		return nil, ninep.ErrExist
	}
	if perm.IsDir() {
		perm &= ^ninep.Perm(0777) | f.n.mode&0777
		perm &= ninep.DMDIR | ninep.DMTMP | 0777
	} else {
		perm &= ^ninep.Perm(0666) | f.n.mode&0666
		perm &= ninep.DMAPPEND | ninep.DMEXCL | ninep.DMTMP | 0777
	}
	now := d.now()
	b := d.begin()
	if err := d.touch(f.n, f.user, now); err != nil {
		return nil, err
	}
	m := meta{name: name, mode: perm, uid: f.user, gid: f.n.gid, muid: f.user, mtime: now}
	id := d.next
	b.node(&node{path: id, meta: m}, f.n, m, now)
	if err := d.commit(); err != nil {
		return nil, err
	}
	nf := &file{d: d, n: d.nodes[id], user: f.user}
	nf.opened(mode)
	return nf, nil
}

// held reports, for an exclusive-use file, whether somebody else opened it
// after this File had not used it for long. d.mu is held.
func (f *file) held() error {
	if f.excl && f.n.holder != f {
		return ninep.ErrExcl
	}
	return nil
}

// Read reads from the store, or from the base while nothing has changed.
func (f *file) Read(_ context.Context, p []byte, off int64) (int, error) {
	d, n := f.d, f.n
	d.mu.RLock()
	defer d.mu.RUnlock()
	if err := f.ready(); err != nil {
		return 0, err
	}
	if err := f.held(); err != nil {
		return 0, err
	}
	now := d.now()
	n.atime.Store(now)
	f.used.Store(now)
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	if off >= n.length {
		return 0, nil
	}
	p = p[:min(int64(len(p)), n.length-off)]
	return len(p), d.read(n, p, off)
}

// Write appends to the log; what it wrote is in the store when it returns.
func (f *file) Write(_ context.Context, p []byte, off int64) (int, error) {
	d, n := f.d, f.n
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := f.ready(); err != nil {
		return 0, err
	}
	if err := f.held(); err != nil {
		return 0, err
	}
	now := d.now()
	f.used.Store(now)
	if off < 0 || off > maxLength-int64(len(p)) {
		return 0, ninep.ErrTooBig
	}
	done := 0
	for done < len(p) {
		if n.mode&ninep.DMAPPEND != 0 {
			off = n.length - int64(done)
		}
		b := d.begin()
		if err := d.log(n, true); err != nil {
			return done, err
		}
		part := p[done:min(done+maxData, len(p))]
		b.write(n.path, off+int64(done), now, f.user, part)
		if err := d.commit(); err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

// ReadDir returns the entries in the order of their names.
func (f *file) ReadDir(context.Context) ([]ninep.Dir, error) {
	f.d.mu.RLock()
	defer f.d.mu.RUnlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	f.n.atime.Store(f.d.now())
	list := f.d.list(f.n)
	dirs := make([]ninep.Dir, len(list))
	for i, n := range list {
		dirs[i] = n.dir()
	}
	return dirs, nil
}

// Remove needs write permission for the directory that the file is in. Other
// Files at the same place are of no use from now on.
func (f *file) Remove(context.Context) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.ready(); err != nil {
		return err
	}
	if f.n.parent == nil || !f.d.may(f.n.parent, f.user, ninep.OWRITE) {
		return ninep.ErrPerm
	}
	return f.remove()
}

func (f *file) remove() error {
	d, n := f.d, f.n
	if n.isDir() {
		if d.fill(n); len(n.kids) > 0 {
			return ninep.ErrNotEmpty
		}
	}
	b := d.begin()
	if err := d.touch(n.parent, f.user, d.now()); err != nil {
		return err
	}
	if n.logged {
		b.remove(n.path)
	}
	if d.inBase(n.parent, n.name) {
		b.hide(n.parent.path, n.name)
	}
	return d.commit()
}

// Close gives up an exclusive-use file, and removes one opened ORCLOSE: that
// this was permitted has been seen when it was opened.
func (f *file) Close() error {
	if f.mode&ninep.ORCLOSE == 0 && !f.excl {
		return nil
	}
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.n.holder == f {
		f.n.holder = nil
	}
	if f.mode&ninep.ORCLOSE == 0 || f.ready() != nil {
		return nil
	}
	return f.remove()
}
