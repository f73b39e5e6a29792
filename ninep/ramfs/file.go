package ramfs

import (
	"context"

	"ufo/ninep"
)

// maxsize is the largest offset a file can have.
const maxsize = 1 << 62

// A file is a user's place in the tree: a [ninep.File].
type file struct {
	fs   *FS
	n    *node
	user string

	// guarded by fs.mu
	open   bool
	rclose bool // remove on close
}

// Prompt is a [ninep.Prompter]'s: all is in memory.
func (f *file) Prompt(ninep.MsgType) bool { return true }

func (f *file) Qid() ninep.Qid {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.n.dir.Qid
}

func (f *file) Stat(context.Context) (ninep.Dir, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.n.stat(), nil
}

func (f *file) Clone(context.Context) (ninep.File, error) {
	return &file{fs: f.fs, n: f.n, user: f.user}, nil
}

func (f *file) Walk(_ context.Context, name string) (ninep.File, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.n.access(f.user, ninep.OEXEC); err != nil {
		return nil, err
	}
	n := f.n.kids[name]
	if n == nil {
		return nil, ninep.ErrNotExist
	}
	return &file{fs: f.fs, n: n, user: f.user}, nil
}

func (f *file) Open(_ context.Context, mode ninep.Mode) error {
	fs := f.fs
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if err := f.n.access(f.user, mode); err != nil {
		return err
	}
	if mode&ninep.ORCLOSE != 0 {
		if err := fs.mayremove(f.n, f.user); err != nil {
			return err
		}
	}
	if f.n.dir.Mode&ninep.DMEXCL != 0 && f.n.opens > 0 {
		return ninep.ErrExcl
	}
	if mode&ninep.OTRUNC != 0 && f.n.dir.Mode&ninep.DMAPPEND == 0 {
		fs.truncate(f.n, 0, f.user)
	}
	f.opened(mode)
	return nil
}

// opened notes that f is open.
func (f *file) opened(mode ninep.Mode) {
	f.open = true
	f.rclose = mode&ninep.ORCLOSE != 0
	f.n.opens++
}

func (f *file) Create(_ context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	n, err := f.fs.create(f.n, f.user, name, perm)
	if err != nil {
		return nil, err
	}
	nf := &file{fs: f.fs, n: n, user: f.user}
	nf.opened(mode)
	return nf, nil
}

func (f *file) Read(_ context.Context, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.n.dir.Atime = uint32(f.fs.now().Unix())
	return f.n.data.read(p, off), nil
}

func (f *file) Write(_ context.Context, p []byte, off int64) (int, error) {
	n, _, err := f.write(p, off, false)
	return n, err
}

// WriteKeep makes file a Keeper, of whole blocks.
func (f *file) WriteKeep(_ context.Context, p []byte, off int64) (n int, other []byte, err error) {
	return f.write(p, off, true)
}

// write is Write, or WriteKeep if p may be kept.
func (f *file) write(p []byte, off int64, keep bool) (n int, other []byte, err error) {
	fs := f.fs
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.n.dir.Mode&ninep.DMAPPEND != 0 {
		off = f.n.data.size
	}
	if off < 0 {
		return 0, p, ninep.ErrNegOff
	}
	if off > maxsize-int64(len(p)) {
		return 0, p, ninep.ErrTooBig
	}
	if len(p) == 0 {
		return 0, p, nil
	}
	more := f.n.data.grows(len(p), off)
	if fs.limit > 0 && fs.used+more > fs.limit {
		return 0, p, ninep.ErrNoMem
	}
	fs.used += more
	if n, other = len(p), p; keep && n == blocksize && off%blocksize == 0 {
		other = f.n.data.keep(p, off)
	} else {
		f.n.data.write(p, off)
	}
	fs.touched(f.n, f.user)
	return n, other, nil
}

func (f *file) ReadDir(context.Context) ([]ninep.Dir, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.n.dir.Atime = uint32(f.fs.now().Unix())
	return f.n.entries(), nil
}

func (f *file) Remove(context.Context) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.fs.remove(f.n, f.user)
}

func (f *file) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if !f.open {
		return nil
	}
	f.open = false
	f.n.opens--
	var err error
	if f.rclose {
		err = f.fs.remove(f.n, f.user)
	}
	f.fs.reclaim(f.n)
	return err
}

// Wstat checks everything before it changes anything, as stat(5) demands.
func (f *file) Wstat(_ context.Context, d ninep.Dir) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.maywstat(d); err != nil {
		return err
	}
	n, null := f.n, ninep.NullDir
	if d.Name != "" && d.Name != n.dir.Name {
		delete(n.parent.kids, n.dir.Name)
		n.parent.kids[d.Name] = n
		n.dir.Name = d.Name
		f.fs.touched(n.parent, f.user)
	}
	if d.Mode != null.Mode {
		n.dir.Mode = d.Mode
		n.dir.Qid.Type = d.Mode.QidType()
	}
	if d.GID != "" {
		n.dir.GID = d.GID
	}
	if d.Length != null.Length && !n.dir.IsDir() && d.Length != n.data.size {
		f.fs.truncate(n, d.Length, f.user)
	}
	if d.Mtime != null.Mtime {
		n.dir.Mtime = d.Mtime
	}
	return nil
}

// maywstat checks whether f's user may change what d changes. The access time
// is the server's own: a request to set it is passed over, as lib9p does.
func (f *file) maywstat(d ninep.Dir) error {
	n, null := f.n, ninep.NullDir
	was := n.stat()
	owner := f.user == was.UID || f.user == was.GID // the leader of a group is its user
	switch {
	case d.Qid != null.Qid && d.Qid != was.Qid,
		d.MUID != "" && d.MUID != was.MUID:
		return ninep.ErrWstatProh
	case d.UID != "" && d.UID != was.UID:
		return ninep.ErrPerm
	}
	if d.Name != "" && d.Name != was.Name {
		if err := f.mayrename(d.Name); err != nil {
			return err
		}
	}
	if d.Length != null.Length && d.Length != was.Length {
		if d.Length < 0 || d.Length > maxsize || was.IsDir() {
			return ninep.ErrWstatProh
		}
		if err := n.access(f.user, ninep.OWRITE); err != nil {
			return err
		}
	}
	if d.Mode != null.Mode && d.Mode != was.Mode {
		if d.Mode.IsDir() != was.IsDir() {
			return ninep.ErrWstatProh
		}
		if !owner {
			return ninep.ErrNotOwner
		}
	}
	if d.Mtime != null.Mtime && d.Mtime != was.Mtime && !owner {
		return ninep.ErrNotOwner
	}
	// The owner must be a member of the new group; there being no users
	// file, ramfs believes it.
	if d.GID != "" && d.GID != was.GID && f.user != was.UID {
		return ninep.ErrNotOwner
	}
	return nil
}

// mayrename checks that f's user may call the file name.
func (f *file) mayrename(name string) error {
	if err := f.fs.mayremove(f.n, f.user); err != nil {
		return err
	}
	if !ninep.ValidName(name) {
		return ninep.ErrBadChar
	}
	if f.n.parent.kids[name] != nil {
		return ninep.ErrExist
	}
	return nil
}
