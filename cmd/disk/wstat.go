package disk

import (
	"context"

	"ufo/ninep"
)

// maxLength bounds the offsets of a file.
const maxLength = 1 << 60

// Wstat follows stat(5). NullDir makes the store safe against a power cut.
// Unlike there the owner may set atime, too.
func (f *file) Wstat(_ context.Context, dir ninep.Dir) error {
	d, n := f.d, f.n
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := f.ready(); err != nil {
		return err
	}
	if dir == ninep.NullDir {
		return d.store.Sync()
	}
	m, atime, err := f.wanted(dir)
	if err != nil {
		return err
	}
	if m == n.meta && atime == n.atime.Load() {
		return nil
	}
	now := d.now()
	if m.length != n.length {
		m.vers++
		m.muid = f.user
		if dir.Mtime == ninep.NullDir.Mtime {
			m.mtime = now
		}
	}
	b := d.begin()
	if n.parent != nil {
		if err := d.touch(n.parent, f.user, now); err != nil {
			return err
		}
	}
	if err := d.log(n, true); err != nil {
		return err
	}
	b.node(n, n.parent, m, atime)
	if m.name != n.name && d.inBase(n.parent, n.name) {
		b.hide(n.parent.path, n.name)
	}
	return d.commit()
}

// wanted returns what the file's entry will be when dir's changes, all of
// them permitted, are made.
func (f *file) wanted(dir ninep.Dir) (m meta, atime uint32, err error) {
	d, n, null := f.d, f.n, ninep.NullDir
	m, atime = n.meta, n.atime.Load()
	if err := f.fixed(dir); err != nil {
		return m, 0, err
	}
	owner := f.user == n.uid && f.user != None
	if dir.Name != null.Name && dir.Name != n.name {
		switch {
		case n.parent == nil || !d.may(n.parent, f.user, ninep.OWRITE):
			return m, 0, ninep.ErrPerm
		case !ninep.ValidName(dir.Name):
			return m, 0, ninep.ErrBadChar
		case d.kid(n.parent, dir.Name) != nil:
			return m, 0, ninep.ErrExist
		}
		m.name = dir.Name
	}
	if dir.Length != null.Length && !(n.isDir() && dir.Length == 0) {
		switch {
		case n.isDir():
			return m, 0, ninep.ErrIsDir
		case dir.Length < 0 || dir.Length > maxLength:
			return m, 0, ninep.ErrTooBig
		case dir.Length != n.length && !d.may(n, f.user, ninep.OWRITE):
			return m, 0, ninep.ErrPerm
		}
		m.length = dir.Length
	}
	if dir.Mode != null.Mode {
		m.mode = dir.Mode & (ninep.DMDIR | ninep.DMAPPEND | ninep.DMEXCL | ninep.DMTMP | 0777)
	}
	if dir.Mtime != null.Mtime {
		m.mtime = dir.Mtime
	}
	if dir.Atime != null.Atime {
		atime = dir.Atime
	}
	changed := m.mode != n.mode || m.mtime != n.mtime || atime != n.atime.Load()
	if changed && !owner && !d.users().leads(n.gid, f.user) {
		return m, 0, ErrOwner
	}
	if dir.GID != null.GID && dir.GID != n.gid {
		if err := f.mayGroup(dir.GID, owner); err != nil {
			return m, 0, err
		}
		m.gid = dir.GID
	}
	return m, atime, nil
}

// fixed refuses changes of what cannot be changed.
func (f *file) fixed(dir ninep.Dir) error {
	n, null, qid := f.n, ninep.NullDir, f.n.qid()
	switch {
	case dir.UID != null.UID && dir.UID != n.uid,
		dir.MUID != null.MUID && dir.MUID != n.muid,
		dir.Qid.Path != null.Qid.Path && dir.Qid.Path != qid.Path,
		dir.Qid.Vers != null.Qid.Vers && dir.Qid.Vers != qid.Vers,
		dir.Qid.Type != null.Qid.Type && dir.Qid.Type != qid.Type,
		dir.Mode != null.Mode && dir.Mode.IsDir() != n.isDir():
		return ninep.ErrWstatProh
	}
	return nil
}

// mayGroup reports whether the user may give the file to another group.
func (f *file) mayGroup(gid string, owner bool) error {
	u := f.d.users()
	switch {
	case !u.isGroup(gid):
		return ErrNoGroup
	case u.leads(f.n.gid, f.user) && u.leads(gid, f.user):
		return nil
	case !owner:
		return ErrOwner
	case !u.member(gid, f.user):
		return ErrMember
	}
	return nil
}
