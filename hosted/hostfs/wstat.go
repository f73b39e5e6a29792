package hostfs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"ufo/ninep"
)

// Wstat follows stat(5), but that the owner may set atime, too. It makes sure
// that each change is permitted, opens what has to be open, and then makes
// them; when the host refuses one nevertheless, those before it are undone.
// NullDir has the host write the file to its disk.
func (f *file) Wstat(ctx context.Context, d ninep.Dir) error {
	if d == ninep.NullDir {
		return f.sync(ctx)
	}
	t, err := f.trail(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	w, err := f.wanted(t, d)
	if err != nil {
		return err
	}
	defer w.close()
	if w.name != "" {
		if w.parent, err = f.parent(ctx); err != nil {
			return err
		}
		if err := w.parent.mayMove(); err != nil {
			return err
		}
	}
	if err := w.do(t); err != nil {
		return hostError(err)
	}
	if w.name != "" {
		f.renamed(w.name)
	}
	return nil
}

// sync writes the file to the host's disk.
func (f *file) sync(ctx context.Context) error {
	if _, open := f.path(); open != nil {
		return hostError(open.Sync())
	}
	t, err := f.trail(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	h, err := t.open(ninep.OREAD)
	if err != nil {
		return err
	}
	defer h.Close()
	return hostError(h.Sync())
}

// renamed sets the last name.
func (f *file) renamed(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.names) - 1
	f.names = append(f.names[:last:last], host)
}

// changes are what a Wstat wants, where it is not what the file has.
type changes struct {
	name         string      // on the host; "": none
	parent       *trail      // to the file's own name, if there is a new one
	mode         fs.FileMode // with chmod
	chmod        bool
	atime, mtime time.Time // zero: none
	length       int64
	open         *os.File // for the new length; nil: none
}

func (w *changes) close() {
	if w.parent != nil {
		w.parent.close()
	}
	if w.open != nil {
		w.open.Close()
	}
}

// wanted compares d with the file at the end of the trail, and returns what
// has to be done if the caller may ask for it. The caller closes the changes.
func (f *file) wanted(t *trail, d ninep.Dir) (*changes, error) {
	null, now := ninep.NullDir, f.s.dir(f.name(), t.info)
	switch {
	case now.Qid.Type != f.Qid().Type:
		return nil, ninep.ErrNotExist // what was walked to is gone
	case d.UID != null.UID && d.UID != now.UID, d.GID != null.GID && d.GID != now.GID,
		d.MUID != null.MUID && d.MUID != now.MUID,
		d.Qid.Path != null.Qid.Path && d.Qid.Path != now.Qid.Path,
		d.Qid.Vers != null.Qid.Vers && d.Qid.Vers != now.Qid.Vers,
		d.Qid.Type != null.Qid.Type && d.Qid.Type != now.Qid.Type,
		d.Mode != null.Mode && d.Mode.IsDir() != now.IsDir():
		return nil, ninep.ErrWstatProh
	case d.Mode != null.Mode && d.Mode&^(ninep.DMDIR|0777) != 0:
		return nil, ErrBits
	}
	w := &changes{}
	if d.Name != null.Name && d.Name != now.Name {
		host, ok := unescape(d.Name)
		if !ok {
			return nil, ninep.ErrBadChar
		}
		w.name = host
	}
	if d.Mode != null.Mode && d.Mode != now.Mode {
		w.chmod, w.mode = true, newMode(t.info.Mode(), d.Mode)
	}
	if d.Atime != null.Atime && d.Atime != now.Atime {
		w.atime = time.Unix(int64(d.Atime), 0)
	}
	if d.Mtime != null.Mtime && d.Mtime != now.Mtime {
		w.mtime = time.Unix(int64(d.Mtime), 0)
	}
	if w.chmod || !w.atime.IsZero() || !w.mtime.IsZero() {
		if !t.grant().write || special(t.info) {
			return nil, ninep.ErrPerm
		}
		if !f.s.owns(t.user, t.info) {
			return nil, ninep.ErrNotOwner
		}
	}
	if d.Length != null.Length && d.Length != now.Length {
		return w, w.resize(t, d.Length)
	}
	return w, nil
}

// newMode returns a mode with other permissions. Who cannot see the bits that
// give a program its owner's rights does not give them to another one either.
func newMode(was fs.FileMode, perm ninep.Perm) fs.FileMode {
	keep := was & (fs.ModeSticky | fs.ModeSetgid)
	if !was.IsDir() {
		keep = 0
	}
	return keep | fs.FileMode(perm&0777)
}

// resize opens the file for a new length.
func (w *changes) resize(t *trail, length int64) (err error) {
	switch {
	case t.info.IsDir():
		return ninep.ErrIsDir
	case !t.grant().write:
		return ninep.ErrPerm
	case length < 0:
		return ninep.ErrBadArg
	}
	w.length = length
	w.open, err = t.open(ninep.OWRITE)
	return err
}

// do makes the changes to the file at the end of the trail. The new length
// comes last but for the time, which it would change: it cannot be undone. What
// takes the file's place meanwhile gets mode and times, also through a link to
// something in the same directory: the host has no call to prevent that.
func (w *changes) do(t *trail) (err error) {
	var undo []func() error
	defer func() {
		for i := len(undo) - 1; err != nil && i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	name := t.name
	if w.name != "" {
		p, from := w.parent, w.parent.name
		if err := renameNew(p.dir(), from, w.name); err != nil {
			return err
		}
		undo = append(undo, func() error { return renameNew(p.dir(), w.name, from) })
		if os.SameFile(p.info, t.info) { // not a link to it
			name = w.name
		}
	}
	if w.chmod {
		if err := t.dir().Chmod(name, w.mode); err != nil {
			return err
		}
		undo = append(undo, func() error { return t.dir().Chmod(name, t.info.Mode()) })
	}
	if err := w.times(t.dir(), name); err != nil || w.open == nil {
		return err
	}
	was := &changes{atime: accessed(t.info.Sys().(*syscall.Stat_t)), mtime: t.info.ModTime()}
	undo = append(undo, func() error { return was.times(t.dir(), name) })
	if err := w.open.Truncate(w.length); err != nil {
		return err
	}
	return w.times(t.dir(), name)
}

// times sets the times that are not zero.
func (w *changes) times(dir *os.Root, name string) error {
	if w.atime.IsZero() && w.mtime.IsZero() {
		return nil
	}
	return dir.Chtimes(name, w.atime, w.mtime)
}

// renameLooked renames a file if nothing has the new name. Should something
// get it in between it is replaced, if the host permits that.
func renameLooked(dir *os.Root, from, to string) error {
	if _, err := dir.Lstat(to); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return dir.Rename(from, to)
}
