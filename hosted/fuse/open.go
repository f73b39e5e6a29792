package fuse

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// openMode returns the mode of Plan 9 for the flags of the host's open(2).
func openMode(flags uint32) ninep.Mode {
	var mode ninep.Mode
	switch flags & syscall.O_ACCMODE {
	case syscall.O_WRONLY:
		mode = ninep.OWRITE
	case syscall.O_RDWR:
		mode = ninep.ORDWR
	default:
		if flags&fuse.FMODE_EXEC != 0 {
			mode = ninep.OEXEC
		}
	}
	if flags&syscall.O_TRUNC != 0 {
		mode |= ninep.OTRUNC
	}
	return mode
}

// Open opens a file.
func (fs *fileSystem) Open(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	n := fs.node(in.NodeId)
	f, err := fs.open(c, n, openMode(in.Flags))
	if err != nil {
		return fs.status("open", n, "", err)
	}
	fs.opening(n, f, in.Flags, out)
	return fuse.OK
}

// open returns a node's file, open.
func (fs *fileSystem) open(ctx context.Context, n *node, mode ninep.Mode) (ninep.File, error) {
	f, err := fs.take(ctx, n)
	if err != nil {
		return nil, err
	}
	return f, fs.openOrClose(ctx, f, mode)
}

// openOrClose opens a File, or closes it.
func (fs *fileSystem) openOrClose(ctx context.Context, f ninep.File, mode ninep.Mode) error {
	open := false
	defer func() {
		if !open { // also when it panics
			fs.closeFile(f)
		}
	}()
	err := openFile(ctx, f, mode)
	open = err == nil
	return err
}

// openFile opens a File. The host closes files a moment after a program did,
// so one for exclusive use gets that moment.
func openFile(ctx context.Context, f ninep.File, mode ninep.Mode) error {
	var t *time.Timer
	for wait := time.Millisecond; ; wait *= 2 {
		err := f.Open(ctx, mode)
		if !errors.Is(err, ninep.ErrExcl) || wait > grace {
			return err
		}
		if t == nil {
			t = time.NewTimer(wait)
			defer t.Stop()
		} else {
			t.Reset(wait)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return err
		}
	}
}

// opening makes a handle and tells the host how to treat its data.
func (fs *fileSystem) opening(n *node, f ninep.File, flags uint32, out *fuse.OpenOut) *handle {
	qid := f.Qid()
	h := fs.opened(n, f)
	h.atEnd = flags&syscall.O_APPEND != 0 && qid.Type&ninep.QTAPPEND == 0
	// What is only written gains nothing from the host's cache.
	h.direct = fs.direct || h.length == 0 || h.other || flags&syscall.O_ACCMODE == syscall.O_WRONLY
	out.Fh = h.id
	same := fs.sameVersion(n, qid.Vers)
	switch {
	case h.direct:
		out.OpenFlags |= fuse.FOPEN_DIRECT_IO
	case fs.opt.Cache && same && flags&syscall.O_TRUNC == 0:
		out.OpenFlags |= fuse.FOPEN_KEEP_CACHE
	}
	if fs.opt.Cache && !same {
		fs.host.InodeNotify(n.id, -1, 0) // only the attributes: the data go with the open
	}
	return h
}

// sameVersion reports whether the host's cache has this version of a file's
// data, and notes that now it does.
func (fs *fileSystem) sameVersion(n *node, vers uint32) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	same := n.vers == vers
	n.vers = vers
	return same
}

// Create makes a file and opens it. One that has come to exist since the host
// looked is opened, unless it must be new.
func (fs *fileSystem) Create(cancel <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(in.NodeId)
	f, err := fs.create(c, dir, name, ninep.Perm(in.Mode&0777), openMode(in.Flags))
	if errors.Is(err, ninep.ErrExist) && in.Flags&syscall.O_EXCL == 0 {
		return fs.openNew(c, dir, name, in, out)
	}
	if err != nil {
		return fs.status("create", dir, name, err)
	}
	d, err := f.Stat(c)
	if err != nil {
		fs.closeFile(f)
		return fs.status("create", dir, name, err)
	}
	n := fs.met(dir, name, d, nil)
	h := fs.opening(n, f, in.Flags, &out.OpenOut)
	h.length = -1
	fs.entry(n, d, &out.EntryOut)
	return fuse.OK
}

// create makes a file in a directory.
func (fs *fileSystem) create(ctx context.Context, dir *node, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if err := nameable(name); err != nil {
		return nil, err
	}
	p, err := fs.at(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer fs.release(p)
	return p.file.Create(ctx, name, perm, mode&^ninep.OTRUNC)
}

// openNew opens a file that somebody else has just made.
func (fs *fileSystem) openNew(ctx context.Context, dir *node, name string, in *fuse.CreateIn, out *fuse.CreateOut) fuse.Status {
	if err := fs.lookup(ctx, dir, name, &out.EntryOut); err != nil {
		return fs.status("create", dir, name, err)
	}
	n := fs.node(out.NodeId)
	f, err := fs.open(ctx, n, openMode(in.Flags))
	if err != nil {
		fs.Forget(out.NodeId, 1)
		return fs.status("open", dir, name, err)
	}
	fs.opening(n, f, in.Flags, &out.OpenOut)
	return fuse.OK
}

// Read reads from an open file.
func (fs *fileSystem) Read(cancel <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	h := fs.handle(in.Fh)
	if h == nil {
		return nil, fuse.EBADF
	}
	c := fs.begin(cancel, h.grace())
	defer c.end()
	n, err := h.read(c, buf[:min(int(in.Size), len(buf))], int64(in.Offset))
	if n == 0 && err != nil {
		return nil, fs.status("read", h.node, "", err)
	}
	return fuse.ReadResultData(buf[:n]), fuse.OK
}

// grace says how long an interrupted read or write may go on. A file of known
// length does not block, and programs do not expect EINTR of it.
func (h *handle) grace() time.Duration {
	if h.length == 0 {
		return 0
	}
	return grace
}

// read fills p, or what of it there is. For the host a short read is the end
// of a file that is mapped, and for a server it need not be. Of a file of
// unknown length it returns what one Read does, for the next can block; as it
// can of a pipe, whose length is what is in it. So what counts is the length
// now.
func (h *handle) read(ctx context.Context, p []byte, off int64) (int, error) {
	total, err := h.readOnce(ctx, p, off)
	if err != nil || total == 0 || total == len(p) || h.length == 0 || off+int64(total) == h.length {
		return total, err
	}
	d, err := h.at.file.Stat(ctx)
	for err == nil && total < len(p) && off+int64(total) < d.Length {
		var n int
		n, err = h.readOnce(ctx, p[total:], off+int64(total))
		if n == 0 {
			break
		}
		total += n
	}
	return total, err
}

// readOnce is one Read, whose result can be believed.
func (h *handle) readOnce(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := h.at.file.Read(ctx, p, off)
	return max(0, min(n, len(p))), err
}

// Write writes to an open file. One write of the host is one of the server, up
// to a megabyte: for a device it is a message.
func (fs *fileSystem) Write(cancel <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	h := fs.handle(in.Fh)
	if h == nil {
		return 0, fuse.EBADF
	}
	c := fs.begin(cancel, h.grace())
	defer c.end()
	off := int64(in.Offset)
	if h.atEnd && in.WriteFlags&fuse.WRITE_CACHE == 0 {
		d, err := h.at.file.Stat(c)
		if err != nil {
			return 0, fs.status("write", h.node, "", err)
		}
		off = d.Length
	}
	n, err := h.at.file.Write(c, data, off)
	n = max(0, min(n, len(data)))
	if n == 0 && err != nil {
		return 0, fs.status("write", h.node, "", err)
	}
	return uint32(n), fuse.OK
}

// Release ends an open file. Nobody waits for it.
func (fs *fileSystem) Release(_ <-chan struct{}, in *fuse.ReleaseIn) { fs.closed(in.Fh) }

// Flush is asked for at each close(2), until it says that there is no need: all
// writes have reached the server.
func (fs *fileSystem) Flush(<-chan struct{}, *fuse.FlushIn) fuse.Status { return fuse.ENOSYS }

// Fsync asks the server to make a file safe: a Wstat that changes nothing. One
// that does not know of it has nothing to do.
func (fs *fileSystem) Fsync(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	p := fs.handlePlace(in.Fh)
	if p == nil {
		return fuse.OK
	}
	defer fs.release(p)
	c := fs.begin(cancel, grace)
	defer c.end()
	err := p.file.Wstat(c, ninep.NullDir)
	if e := errno(err); err != nil && e != syscall.EIO && e != syscall.EINTR && e != syscall.ENOSPC {
		err = nil
	}
	return fs.status("sync", fs.node(in.NodeId), "", err)
}

// FsyncDir does nothing: names are the server's at once.
func (fs *fileSystem) FsyncDir(<-chan struct{}, *fuse.FsyncIn) fuse.Status { return fuse.OK }
