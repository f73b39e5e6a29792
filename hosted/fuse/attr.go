package fuse

import (
	"context"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// nobody is the host's id for users of Plan 9 it has none for.
const nobody = 65534

// stat returns a file's entry, with its true length if that can be known.
func (fs *fileSystem) stat(ctx context.Context, f ninep.File) (ninep.Dir, error) {
	d, err := f.Stat(ctx)
	if err != nil || d.Length != 0 || d.IsDir() {
		return d, err
	}
	d.Length = fs.trueLength(ctx, f)
	return d, nil
}

// measuring is how long a file may take to find out its length.
const measuring = 100 * time.Millisecond

// trueLength returns a file's length if it can be known, or 0. That it panics
// or blocks, which it must not, is no reason not to show the file.
func (fs *fileSystem) trueLength(ctx context.Context, f ninep.File) int64 {
	m, ok := ninep.As[ninep.Measurer](f)
	if !ok {
		return 0
	}
	defer func() {
		if r := recover(); r != nil {
			fs.panicked(r)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), measuring)
	defer cancel()
	n, _ := m.TrueLength(ctx)
	return max(0, n)
}

// attr fills the host's attributes from an entry.
func (fs *fileSystem) attr(d ninep.Dir, out *fuse.Attr) {
	*out = fuse.Attr{
		Ino:   ino(d.Qid),
		Mode:  uint32(d.Mode)&0777 | fileType(d),
		Nlink: 1,
		Atime: uint64(d.Atime), Mtime: uint64(d.Mtime), Ctime: uint64(d.Mtime),
		Owner: fuse.Owner{Uid: nobody, Gid: nobody},
	}
	out.Blksize = blksize
	if !d.IsDir() && d.Length > 0 {
		out.Size = uint64(d.Length)
		out.Blocks = (out.Size + 511) / 512
	}
	if d.UID == fs.opt.User {
		out.Uid = fs.opt.UID
	}
	if d.GID == fs.opt.User {
		out.Gid = fs.opt.GID
	}
}

// blksize is how many bytes programs had best read at once.
const blksize = 128 << 10

// ino returns the inode number, which is not 0 in the host.
func ino(q ninep.Qid) uint64 {
	if q.Path == 0 {
		return 1 << 63
	}
	return q.Path
}

// fileType returns the host's type bits.
func fileType(d ninep.Dir) uint32 {
	if d.IsDir() {
		return syscall.S_IFDIR
	}
	return syscall.S_IFREG
}

// SetAttr changes a file's entry.
func (fs *fileSystem) SetAttr(cancel <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	n := fs.node(in.NodeId)
	var p *place
	if fh, ok := in.GetFh(); ok {
		p = fs.handlePlace(fh)
	}
	if p == nil {
		if p = fs.namelessPlace(n); p == nil {
			var err error
			if p, err = fs.at(c, n); err != nil {
				return fs.status("wstat", n, "", err)
			}
		}
	}
	defer fs.release(p)
	was, err := p.file.Stat(c)
	if err != nil {
		return fs.status("wstat", n, "", err)
	}
	if err := fs.wstat(c, p.file, was, in); err != nil {
		e := errno(err)
		if _, size := in.GetSize(); e == syscall.EACCES && !size {
			e = syscall.EPERM // what chmod says
		}
		return fs.failed("wstat", n, "", err, e)
	}
	d, err := fs.stat(c, p.file)
	if err != nil {
		return fs.status("stat", n, "", err)
	}
	fs.attr(d, &out.Attr)
	if fs.opt.Cache {
		out.SetTimeout(fs.attrTTL(d))
	}
	return fuse.OK
}

// handlePlace returns the place of an open file, which the caller releases,
// or nil.
func (fs *fileSystem) handlePlace(fh uint64) *place {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	h := fs.handles[fh]
	if h == nil {
		return nil
	}
	h.at.refs++
	return h.at
}

// namelessPlace returns the place of an open file of a node that has no name
// any more.
func (fs *fileSystem) namelessPlace(n *node) *place {
	fs.mu.Lock()
	nameless := n != nil && n != fs.root && n.parent == nil
	fs.mu.Unlock()
	if !nameless {
		return nil
	}
	return fs.openPlace(n)
}

// wstat makes one Wstat of what the host wants changed. Owners that stay the
// same are not changed. The time of access is a wish: many servers keep their
// own.
func (fs *fileSystem) wstat(ctx context.Context, f ninep.File, was ninep.Dir, in *fuse.SetAttrIn) error {
	var a fuse.Attr
	fs.attr(was, &a)
	if uid, ok := in.GetUID(); ok && uid != a.Uid {
		return ninep.ErrNotOwner
	}
	if gid, ok := in.GetGID(); ok && gid != a.Gid {
		return ninep.ErrNotOwner
	}
	d := ninep.NullDir
	if size, ok := in.GetSize(); ok {
		d.Length = int64(size)
	}
	if mode, ok := in.GetMode(); ok && ninep.Perm(mode)&0777 != was.Mode&0777 {
		d.Mode = was.Mode&^0777 | ninep.Perm(mode)&0777
	}
	if t, ok := in.GetMTime(); ok {
		d.Mtime = seconds(t)
	}
	t, atime := in.GetATime()
	if !atime {
		if d == ninep.NullDir {
			return nil
		}
		return f.Wstat(ctx, d)
	}
	with := d
	with.Atime = seconds(t)
	err := f.Wstat(ctx, with)
	if err == nil || d == ninep.NullDir {
		return nil
	}
	return f.Wstat(ctx, d)
}

// seconds returns a time as an entry has it.
func seconds(t time.Time) uint32 {
	return uint32(max(0, min(t.Unix(), 1<<32-2)))
}
