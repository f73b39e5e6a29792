package hostfs

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"ufo/ninep"
)

// A file is a name in a grant.
type file struct {
	s     *Server
	user  string // who attached
	grant *grant // where names begin
	node  *node  // of this name; nil if it has none

	mu    sync.Mutex // guards the fields below; the slice is replaced, never changed
	names []string   // on the host, from the grant's root
	qid   ninep.Qid  // as last seen
	open  *os.File   // a plain file that is open
	mode  ninep.Mode // of it
	by    string     // who opened the file, plain or not
}

// path returns the names and the open file.
func (f *file) path() ([]string, *os.File) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.names, f.open
}

// trail returns the trail to the file as it is now, for who calls.
func (f *file) trail(ctx context.Context) (*trail, error) {
	names, _ := f.path()
	return f.s.trail(f.grant, f.s.who(ctx, f.user), names...)
}

// parent returns the trail to the file, which does not follow the symbolic
// link that the file itself can be.
func (f *file) parent(ctx context.Context) (*trail, error) {
	names, _ := f.path()
	if f.node != nil { // a grant, or what leads to one
		return nil, ninep.ErrPerm
	}
	last := len(names) - 1
	t, err := f.s.trail(f.grant, f.s.who(ctx, f.user), names[:last]...)
	if err != nil {
		return nil, err
	}
	if err := t.step(names[last], false); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// name returns the name that is shown.
func (f *file) name() string {
	names, _ := f.path()
	switch {
	case len(names) > 0:
		return escape(names[len(names)-1])
	case f.node.host == "":
		return "/"
	}
	return escape(f.node.host)
}

// HostPath returns the name that the file has on the host, for programs there;
// false for what only leads to folders that are shown.
func (f *file) HostPath() (string, bool) {
	names, _ := f.path()
	if f.grant == nil {
		return "", false
	}
	return filepath.Join(append([]string{f.grant.root.Name()}, names...)...), true
}

// Qid returns the identity as last seen.
func (f *file) Qid() ninep.Qid {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.qid
}

// saw remembers the identity.
func (f *file) saw(q ninep.Qid) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.qid = q
}

// Stat returns the entry of the open file, or of what has the name now.
func (f *file) Stat(ctx context.Context) (ninep.Dir, error) {
	if _, open := f.path(); open != nil {
		info, err := open.Stat()
		if err != nil {
			return ninep.Dir{}, hostError(err)
		}
		d := f.s.dir(f.name(), info)
		f.saw(d.Qid)
		return d, nil
	}
	t, err := f.trail(ctx)
	if err != nil {
		return ninep.Dir{}, err
	}
	defer t.close()
	d := f.s.dir(f.name(), t.info)
	if d.Qid.Type != f.Qid().Type {
		return d, ninep.ErrNotExist // what was walked to is gone
	}
	f.saw(d.Qid)
	return d, nil
}

// Clone returns another File for the same name.
func (f *file) Clone(context.Context) (ninep.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &file{s: f.s, user: f.user, grant: f.grant, node: f.node, names: f.names, qid: f.qid}, nil
}

// Walk looks a name up.
func (f *file) Walk(ctx context.Context, name string) (ninep.File, error) {
	nf, _, err := f.WalkNames(ctx, []string{name})
	return nf, err
}

// WalkNames looks names up on one trail.
func (f *file) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	t, err := f.trail(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer t.close()
	at, _ := f.path()
	node := f.node
	var qids []ninep.Qid
	for i, name := range names {
		host, ok := unescape(name)
		if !ok {
			return nil, qids, ninep.ErrNotExist
		}
		node = node.kid(host)
		if node != nil && node.grant != nil {
			return f.s.walkFrom(ctx, f.user, node, qids, names[i+1:])
		}
		if err := t.step(host, true); err != nil {
			return nil, qids, err
		}
		at = append(at[:len(at):len(at)], host)
		qids = append(qids, qid(t.info))
	}
	nf := &file{s: f.s, user: f.user, grant: f.grant, node: node, names: at, qid: qids[len(qids)-1]}
	return nf, qids, nil
}

// walkFrom goes on with a walk that has come to a node, behind the names that
// qids are of.
func (s *Server) walkFrom(ctx context.Context, user string, n *node, qids []ninep.Qid, names []string) (ninep.File, []ninep.Qid, error) {
	f, err := s.at(user, n)
	if err != nil {
		return nil, qids, err
	}
	qids = append(qids, f.Qid())
	if len(names) == 0 {
		return f, qids, nil
	}
	nf, more, err := ninep.WalkNames(ctx, f, names)
	f.Close()
	return nf, append(qids, more...), err
}

// Open opens a plain file on the host, and sees whether a directory can be.
func (f *file) Open(ctx context.Context, mode ninep.Mode) error {
	t, err := f.trail(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	change := mode.CanWrite() || mode&ninep.OTRUNC != 0
	switch {
	case t.info.IsDir() != f.Qid().IsDir():
		return ninep.ErrNotExist // what was walked to is gone
	case t.info.IsDir() && (change || mode&ninep.ORCLOSE != 0):
		return ninep.ErrIsDir
	case change && !t.grant().write:
		return ninep.ErrPerm
	}
	if mode&ninep.ORCLOSE != 0 {
		if err := f.mayMove(ctx); err != nil {
			return err
		}
	}
	h, err := t.open(mode)
	if err != nil {
		return err
	}
	if t.info.IsDir() {
		f.opened(nil, mode, t.user)
		return hostError(h.Close())
	}
	if mode&ninep.OTRUNC != 0 {
		if err := h.Truncate(0); err != nil {
			h.Close()
			return hostError(err)
		}
	}
	f.opened(h, mode, t.user)
	return nil
}

// opened notes that the file is open now.
func (f *file) opened(h *os.File, mode ninep.Mode, by string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open, f.mode, f.by = h, mode, by
}

// mayMove says whether the file may be removed or renamed.
func (f *file) mayMove(ctx context.Context) error {
	t, err := f.parent(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	return t.mayMove()
}

// Create makes a plain file or a directory, with the most that its directory
// permits and the host's umask.
func (f *file) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	t, err := f.trail(ctx)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.enter(); err != nil {
		return nil, err
	}
	if err := t.mayChange(); err != nil {
		return nil, err
	}
	host, ok := unescape(name)
	switch {
	case !ok:
		return nil, ninep.ErrBadChar
	case perm&^(ninep.DMDIR|0777) != 0:
		return nil, ErrBits
	case perm.IsDir() && (mode.CanWrite() || mode&(ninep.OTRUNC|ninep.ORCLOSE) != 0):
		return nil, ninep.ErrIsDir
	case f.node.kid(host) != nil:
		return nil, ninep.ErrExist
	}
	names, _ := f.path()
	nf := &file{s: f.s, user: f.user, grant: f.grant, by: t.user, names: append(names[:len(names):len(names)], host)}
	if err := nf.make(t, host, perm, mode); err != nil {
		return nil, err
	}
	return nf, nil
}

// make makes and opens the file in the directory that the trail ends in.
func (f *file) make(t *trail, host string, perm ninep.Perm, mode ninep.Mode) error {
	most := ninep.Perm(t.info.Mode().Perm())
	if perm.IsDir() {
		if err := t.dir().Mkdir(host, os.FileMode(perm&most&0777)); err != nil {
			return hostError(err)
		}
		info, err := t.dir().Lstat(host)
		if err == nil {
			f.qid = qid(info)
		}
		return hostError(err)
	}
	perm &= ^ninep.Perm(0666) | most&0666
	h, err := t.dir().OpenFile(host, os.O_CREATE|os.O_EXCL|flags(mode), os.FileMode(perm&0777))
	if err != nil {
		return hostError(err)
	}
	info, err := h.Stat()
	if err != nil {
		h.Close()
		return hostError(err)
	}
	f.open, f.mode, f.qid = h, mode, qid(info)
	return nil
}

// flags returns the host's form of a mode, without what OTRUNC and ORCLOSE
// add.
func flags(mode ninep.Mode) int {
	switch mode.Access() {
	case ninep.OWRITE:
		return os.O_WRONLY
	case ninep.ORDWR:
		return os.O_RDWR
	}
	return os.O_RDONLY
}

// Read reads from the open file.
func (f *file) Read(_ context.Context, p []byte, off int64) (int, error) {
	_, open := f.path()
	switch {
	case open == nil:
		return 0, ninep.ErrBadUseFD
	case off < 0:
		return 0, ninep.ErrNegOff
	}
	n, err := open.ReadAt(p, off)
	if errors.Is(err, io.EOF) || n > 0 {
		return n, nil
	}
	return n, hostError(err)
}

// Write writes to the open file.
func (f *file) Write(_ context.Context, p []byte, off int64) (int, error) {
	_, open := f.path()
	switch {
	case open == nil:
		return 0, ninep.ErrBadUseFD
	case off < 0:
		return 0, ninep.ErrNegOff
	}
	n, err := open.WriteAt(p, off)
	return n, hostError(err)
}

// Remove removes the file from the host; of a symbolic link, the link.
func (f *file) Remove(ctx context.Context) error {
	t, err := f.parent(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.mayMove(); err != nil {
		return err
	}
	return hostError(t.dir().Remove(t.name))
}

// Close closes the file on the host. One opened ORCLOSE is removed, if it
// still has its name.
func (f *file) Close() error {
	f.mu.Lock()
	open, mode := f.open, f.mode
	f.open = nil
	f.mu.Unlock()
	if open == nil {
		return nil
	}
	var err error
	if mode&ninep.ORCLOSE != 0 {
		err = f.removeOpen(open)
	}
	return errors.Join(err, hostError(open.Close()))
}

// removeOpen removes the open file. That this was permitted has been seen when
// it was opened.
func (f *file) removeOpen(open *os.File) error {
	was, err := open.Stat()
	if err != nil {
		return hostError(err)
	}
	names, _ := f.path()
	to, err := f.s.trail(f.grant, f.s.owner, names...)
	if err != nil {
		return nil // it has gone
	}
	defer to.close()
	last := len(names) - 1
	t, err := f.s.trail(f.grant, f.s.owner, names[:last]...)
	if err != nil {
		return nil
	}
	defer t.close()
	if err := t.step(names[last], false); err != nil || !os.SameFile(was, to.info) {
		return nil // somebody else has its name
	}
	if err := t.mayMove(); err != nil {
		return err
	}
	return hostError(t.dir().Remove(t.name))
}

// ReadDir returns the entries that who opened the directory can walk to, in the
// host's order.
func (f *file) ReadDir(context.Context) ([]ninep.Dir, error) {
	f.mu.Lock()
	names, mode, by := f.names, f.mode, f.by
	f.mu.Unlock()
	t, err := f.s.trail(f.grant, by, names...)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.push(); err != nil {
		return nil, err
	}
	h, err := t.open(mode)
	if err != nil {
		return nil, err
	}
	hosts, err := h.Readdirnames(-1)
	if err = errors.Join(err, h.Close()); err != nil {
		return nil, hostError(err)
	}
	dirs := make([]ninep.Dir, 0, len(hosts))
	for _, host := range hosts {
		if d, ok := f.listed(t, names, host); ok {
			dirs = append(dirs, d)
		}
	}
	return slices.Clip(dirs), nil
}

// listed returns the entry of one file in the directory that the trail along
// names ends in. What has gone meanwhile has none, nor has a symbolic link that nobody
// may follow.
func (f *file) listed(t *trail, names []string, host string) (ninep.Dir, bool) {
	info, err := t.dir().Lstat(host)
	if err != nil {
		return ninep.Dir{}, false
	}
	if info.Mode()&os.ModeSymlink != 0 {
		to, err := f.s.trail(f.grant, t.user, append(names[:len(names):len(names)], host)...)
		if err != nil {
			return ninep.Dir{}, false
		}
		defer to.close()
		info = to.info
	}
	return f.s.dir(escape(host), info), true
}
