package fat

import (
	"context"

	"ufo/ninep"
)

// A file is a place in the tree: a [ninep.File].
type file struct {
	n      *node
	user   string
	rclose bool // remove on close; set by Open and Create only
}

func (f *file) Qid() ninep.Qid { return f.n.qid() }

// begin takes the turn for a call that needs the file to be there.
func (f *file) begin(ctx context.Context) error {
	if err := f.n.fs.lock(ctx); err != nil {
		return err
	}
	if f.n.gone {
		f.n.fs.unlock()
		return ninep.ErrNotExist
	}
	return nil
}

func (f *file) Stat(ctx context.Context) (ninep.Dir, error) {
	if err := f.begin(ctx); err != nil {
		return ninep.Dir{}, err
	}
	defer f.n.fs.unlock()
	return f.n.stat(), nil
}

// stat returns the directory entry.
func (n *node) stat() ninep.Dir {
	owner := n.fs.opt.Owner
	d := ninep.Dir{Qid: n.qid(), Mode: 0777, Atime: n.mtime, Mtime: n.mtime, Length: n.size, Name: n.name, UID: owner, GID: owner, MUID: owner}
	if n.attr&attrReadOnly != 0 || n.fs.opt.ReadOnly {
		d.Mode = 0555
	}
	if n.folder {
		d.Mode |= ninep.DMDIR
		d.Length = 0
	}
	return d
}

func (f *file) Clone(context.Context) (ninep.File, error) { return &file{n: f.n, user: f.user}, nil }

func (f *file) Walk(ctx context.Context, name string) (ninep.File, error) {
	if !f.n.folder {
		return nil, ninep.ErrNotDir
	}
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	defer f.n.fs.unlock()
	n, err := f.n.lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	return &file{n: n, user: f.user}, nil
}

// lookup returns the file called name in the directory n.
func (n *node) lookup(ctx context.Context, name string) (*node, error) {
	b, err := n.contents(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := find(entries(b), name)
	if !ok {
		return nil, ninep.ErrNotExist
	}
	return n.node(e), nil
}

// mayChange returns why the file may not be changed, if it may not.
func (n *node) mayChange() error {
	switch {
	case n.fs.opt.ReadOnly:
		return errReadonly
	case n.attr&attrReadOnly != 0:
		return ninep.ErrPerm
	}
	return nil
}

func (f *file) Open(ctx context.Context, mode ninep.Mode) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.n.fs.unlock()
	if mode.CanWrite() || mode&ninep.OTRUNC != 0 {
		if err := f.n.mayChange(); err != nil {
			return err
		}
	}
	if mode&ninep.ORCLOSE != 0 {
		if err := f.n.mayRemove(); err != nil {
			return err
		}
	}
	if mode&ninep.OTRUNC != 0 && !f.n.folder {
		if err := f.n.resize(ctx, 0); err != nil {
			return err
		}
		f.n.touch()
	}
	f.rclose = mode&ninep.ORCLOSE != 0
	return nil
}

// touch notes a change in memory; store writes it.
func (n *node) touch() {
	n.mtime = uint32(n.fs.opt.Now().Unix()) &^ 1
	n.vers.Add(1)
}

func (f *file) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	defer f.n.fs.unlock()
	if err := f.n.mayChange(); err != nil {
		return nil, err
	}
	if perm&(ninep.DMAPPEND|ninep.DMEXCL|ninep.DMAUTH|ninep.DMTMP) != 0 {
		return nil, ninep.ErrPerm
	}
	if !validName(name) {
		return nil, ninep.ErrBadChar
	}
	switch _, err := f.n.lookup(ctx, name); err {
	case nil:
		return nil, ninep.ErrExist
	case ninep.ErrNotExist:
	default:
		return nil, err
	}
	n, err := f.n.create(ctx, name, perm)
	if err != nil {
		return nil, err
	}
	return &file{n: n, user: f.user, rclose: mode&ninep.ORCLOSE != 0}, nil
}

// create makes a file in the directory n.
func (n *node) create(ctx context.Context, name string, perm ninep.Perm) (*node, error) {
	fs := n.fs
	fs.paths++
	nn := &node{fs: fs, path: fs.paths, dir: n, folder: perm.IsDir(), attr: attrArchive}
	nn.touch()
	if perm&0222 == 0 {
		nn.attr |= attrReadOnly
	}
	if nn.folder {
		nn.attr = nn.attr&^attrArchive | attrDir
		if err := nn.grow(ctx, 1, true); err != nil {
			return nil, err
		}
		if err := nn.write(ctx, nn.dots(), 0); err != nil {
			return nil, err
		}
	}
	if err := n.add(ctx, nn, name); err != nil {
		fs.release(nn.chain)
		return nil, err
	}
	return nn, nil
}

// dots returns the first two entries of a new directory.
func (n *node) dots() []byte {
	b := make([]byte, 2*entrySize)
	n.put(b)
	copy(b, ".          ")
	up := node{fs: n.fs, attr: attrDir, mtime: n.mtime}
	if n.dir.dir != nil {
		up.start = n.dir.start // the root is 0
	}
	up.put(b[entrySize:])
	copy(b[entrySize:], "..         ")
	return b
}

func (f *file) Read(ctx context.Context, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	if err := f.begin(ctx); err != nil {
		return 0, err
	}
	defer f.n.fs.unlock()
	if off >= f.n.size {
		return 0, nil
	}
	p = p[:min(int64(len(p)), f.n.size-off)]
	if err := f.n.read(ctx, p, off); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *file) Write(ctx context.Context, p []byte, off int64) (int, error) {
	switch {
	case off < 0:
		return 0, ninep.ErrNegOff
	case off > maxSize-int64(len(p)):
		return 0, ninep.ErrTooBig
	case len(p) == 0:
		return 0, nil
	}
	if err := f.begin(ctx); err != nil {
		return 0, err
	}
	defer f.n.fs.unlock()
	f.n.touch()
	if err := f.n.change(ctx, p, off); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *file) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	defer f.n.fs.unlock()
	b, err := f.n.contents(ctx)
	if err != nil {
		return nil, err
	}
	var dirs []ninep.Dir
	for _, e := range entries(b) {
		if ninep.ValidName(e.name) {
			dirs = append(dirs, f.n.node(e).stat())
		}
	}
	return dirs, nil
}

// mayRemove returns why the file may not be removed, or called something
// else, if it may not.
func (n *node) mayRemove() error {
	if n.dir == nil {
		return ninep.ErrPerm
	}
	return n.dir.mayChange()
}

func (f *file) Remove(ctx context.Context) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.n.fs.unlock()
	return f.n.remove(ctx)
}

// remove removes a file and gives its clusters back.
func (n *node) remove(ctx context.Context) error {
	if err := n.mayRemove(); err != nil {
		return err
	}
	all, err := n.clusters()
	if err != nil {
		return err
	}
	if n.folder {
		b, err := n.contents(ctx)
		if err != nil {
			return err
		}
		if len(entries(b)) > 0 {
			return ninep.ErrNotEmpty
		}
	}
	if err := n.dir.erase(ctx, n.at, n.slot, n.slots); err != nil {
		return err
	}
	n.gone = true
	n.fs.release(all)
	return n.fs.flush(ctx)
}

// Close removes a file that was opened to be removed.
func (f *file) Close() error {
	if !f.rclose {
		return nil
	}
	f.rclose = false
	return f.Remove(context.Background())
}

// Wstat checks everything before it changes anything.
func (f *file) Wstat(ctx context.Context, d ninep.Dir) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer f.n.fs.unlock()
	n, null := f.n, ninep.NullDir
	if d == null { // all is to be on the disk: it is, but for the table
		return n.fs.flush(ctx)
	}
	if err := n.mayWstat(ctx, d); err != nil {
		return err
	}
	if d.Name != "" && d.Name != n.name {
		if err := n.rename(ctx, d.Name); err != nil {
			return err
		}
	}
	if d.Length != null.Length && !n.folder && d.Length != n.size {
		n.touch()
		if err := n.resize(ctx, d.Length); err != nil {
			return err
		}
	}
	if d.Mode != null.Mode {
		n.attr &^= attrReadOnly
		if d.Mode&0222 == 0 {
			n.attr |= attrReadOnly
		}
	}
	if d.Mtime != null.Mtime {
		n.mtime = d.Mtime &^ 1
	}
	return n.store(ctx)
}

// mayWstat returns why the entry may not be changed so, if it may not.
func (n *node) mayWstat(ctx context.Context, d ninep.Dir) error {
	null, was := ninep.NullDir, n.stat()
	if n.fs.opt.ReadOnly {
		return errReadonly
	}
	switch {
	case d.Qid != null.Qid && d.Qid != was.Qid,
		d.UID != "" && d.UID != was.UID,
		d.GID != "" && d.GID != was.GID,
		d.MUID != "" && d.MUID != was.MUID:
		return ninep.ErrWstatProh
	}
	if m := d.Mode; m != null.Mode && m != was.Mode {
		user := m >> 6 & 7
		if n.dir == nil || m&^0777 != was.Mode&^0777 || user != m>>3&7 || user != m&7 {
			return ninep.ErrPerm
		}
	}
	if d.Length != null.Length && d.Length != was.Length {
		if n.folder || d.Length < 0 || d.Length > maxSize {
			return ninep.ErrWstatProh
		}
		if err := n.mayChange(); err != nil {
			return err
		}
	}
	if d.Name == "" || d.Name == was.Name {
		return nil
	}
	if err := n.mayRemove(); err != nil {
		return err
	}
	if !validName(d.Name) {
		return ninep.ErrBadChar
	}
	switch other, err := n.dir.lookup(ctx, d.Name); {
	case err == nil && other != n:
		return ninep.ErrExist
	case err != nil && err != ninep.ErrNotExist:
		return err
	}
	return nil
}
