package fuse

import (
	"context"
	"errors"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// Mkdir makes a directory.
func (fs *fileSystem) Mkdir(cancel <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(in.NodeId)
	f, err := fs.create(c, dir, name, ninep.DMDIR|ninep.Perm(in.Mode&0777), ninep.OREAD)
	if err != nil {
		return fs.status("create", dir, name, err)
	}
	fs.closeFile(f)
	return fs.status("create", dir, name, fs.lookup(c, dir, name, out))
}

// nameable reports why the host may not call a file name.
func nameable(name string) error {
	switch {
	case !ninep.ValidName(name):
		return ninep.ErrBadChar
	case len(name) > maxName:
		return ninep.ErrTooLong
	}
	return nil
}

// Unlink removes a file.
func (fs *fileSystem) Unlink(cancel <-chan struct{}, h *fuse.InHeader, name string) fuse.Status {
	return fs.remove(cancel, h, name)
}

// Rmdir removes a directory.
func (fs *fileSystem) Rmdir(cancel <-chan struct{}, h *fuse.InHeader, name string) fuse.Status {
	return fs.remove(cancel, h, name)
}

// remove removes a name. Who has the file open keeps it.
func (fs *fileSystem) remove(cancel <-chan struct{}, h *fuse.InHeader, name string) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(h.NodeId)
	f, err := fs.walkIn(c, dir, name)
	if err != nil {
		return fs.status("remove", dir, name, err)
	}
	err = fs.unlink(c, dir, name, f)
	fs.closeFile(f)
	if err == nil {
		fs.removed(dir, name)
	}
	return fs.status("remove", dir, name, err)
}

// renameNoReplace is the flag of Linux's renameat2 that an old file stays.
const renameNoReplace = 1

// Rename renames a file within its directory.
func (fs *fileSystem) Rename(cancel <-chan struct{}, in *fuse.RenameIn, from, to string) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(in.NodeId)
	switch {
	case in.Flags&^renameNoReplace != 0:
		return fuse.EINVAL
	case in.NodeId != in.Newdir:
		return fuse.EXDEV
	}
	if err := nameable(to); err != nil {
		return fs.status("rename", dir, to, err)
	}
	err := fs.rename(c, dir, from, to, in.Flags&renameNoReplace != 0)
	if err == nil {
		fs.moved(dir, from, to)
	}
	return fs.status("rename", dir, from, err)
}

// rename renames a file. When the server refuses and the new name is in use,
// its file makes room.
func (fs *fileSystem) rename(ctx context.Context, dir *node, from, to string, keep bool) error {
	p, err := fs.at(ctx, dir)
	if err != nil {
		return err
	}
	defer fs.release(p)
	src, err := p.file.Walk(ctx, from)
	if err != nil {
		return err
	}
	defer fs.closeFile(src)
	if keep {
		dst, err := p.file.Walk(ctx, to)
		if err == nil {
			fs.closeFile(dst)
			return ninep.ErrExist
		}
	}
	err = setName(ctx, src, to)
	if err == nil || keep {
		return err
	}
	dst, walkErr := p.file.Walk(ctx, to)
	if walkErr != nil {
		return err
	}
	defer fs.closeFile(dst)
	if dst.Qid().Path == src.Qid().Path {
		return nil
	}
	// From here on, an interrupt must not leave it half done.
	return fs.replace(context.WithoutCancel(ctx), dir, src, dst, from, to)
}

// replace gives src, called from, the name of dst and removes dst; or, with an
// error, nothing has changed.
func (fs *fileSystem) replace(ctx context.Context, dir *node, src, dst ninep.File, from, to string) error {
	n, away := fs.busy(dir, to, dst), fs.asideName(to)
	if err := setName(ctx, dst, away); err != nil {
		return err
	}
	err := setName(ctx, src, to)
	if err == nil {
		if n != nil && fs.keepAside(ctx, n, dir, away, dst) {
			return nil
		}
		if err = removeClone(ctx, dst); err == nil {
			return nil
		}
		if back := setName(ctx, src, from); back != nil {
			return errors.Join(err, back)
		}
	}
	return errors.Join(err, setName(ctx, dst, to))
}

// removeClone removes f by another File: after a Remove, even in vain, there is
// no more to be done with the one it was tried with, see remove(5).
func removeClone(ctx context.Context, f ninep.File) error {
	clone, err := f.Clone(ctx)
	if err != nil {
		return err
	}
	defer clone.Close()
	return clone.Remove(ctx)
}

// setName renames a file.
func setName(ctx context.Context, f ninep.File, name string) error {
	d := ninep.NullDir
	d.Name = name
	return f.Wstat(ctx, d)
}

// Mknod makes an ordinary file; there are no others.
func (fs *fileSystem) Mknod(cancel <-chan struct{}, in *fuse.MknodIn, name string, out *fuse.EntryOut) fuse.Status {
	if in.Mode&syscall.S_IFMT != syscall.S_IFREG && in.Mode&syscall.S_IFMT != 0 {
		return fuse.EPERM
	}
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(in.NodeId)
	f, err := fs.create(c, dir, name, ninep.Perm(in.Mode&0777), ninep.OREAD)
	if err != nil {
		return fs.status("create", dir, name, err)
	}
	fs.closeFile(f)
	return fs.status("create", dir, name, fs.lookup(c, dir, name, out))
}

// Symlink says that there are no links.
func (fs *fileSystem) Symlink(<-chan struct{}, *fuse.InHeader, string, string, *fuse.EntryOut) fuse.Status {
	return fuse.EPERM
}

// Link says that there are no links.
func (fs *fileSystem) Link(<-chan struct{}, *fuse.LinkIn, string, *fuse.EntryOut) fuse.Status {
	return fuse.EPERM
}
