package fuse

import (
	"context"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// maxName is how long the name of a file may be in the host. Files with longer
// ones are not to be seen there.
const maxName = 255

// OpenDir opens a directory for reading.
func (fs *fileSystem) OpenDir(cancel <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	n := fs.node(in.NodeId)
	p, err := fs.at(c, n)
	if err != nil {
		return fs.status("open", n, "", err)
	}
	defer fs.release(p)
	f, err := p.file.Clone(c)
	if err != nil {
		return fs.status("open", n, "", err)
	}
	if err := fs.openOrClose(c, f, ninep.OREAD); err != nil {
		return fs.status("open", n, "", err)
	}
	out.Fh = fs.opened(n, f).id
	return fuse.OK
}

// ReleaseDir ends an open directory.
func (fs *fileSystem) ReleaseDir(in *fuse.ReleaseIn) { fs.closed(in.Fh) }

// ReadDir lists a directory.
func (fs *fileSystem) ReadDir(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	return fs.readDir(cancel, in, func(_ *node, d ninep.Dir, off uint64) bool {
		return out.AddDirEntry(dirEntry(d, off))
	})
}

// ReadDirPlus lists a directory and makes each file known, as a lookup does.
// It does not make directories known, nor what the host knows otherwise: where
// something is mounted on a name in a name space, the listing has the entry of
// what is below.
func (fs *fileSystem) ReadDirPlus(cancel <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	return fs.readDir(cancel, in, func(dir *node, d ninep.Dir, off uint64) bool {
		e := out.AddDirLookupEntry(dirEntry(d, off))
		if e != nil && !d.IsDir() && !fs.differs(dir, d) {
			fs.entry(fs.met(dir, d.Name, d, nil), d, e)
		}
		return e != nil
	})
}

// differs reports whether the host knows another file by the name of an entry
// of a directory.
func (fs *fileSystem) differs(dir *node, d ninep.Dir) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := dir.kids[d.Name]
	return n != nil && !n.is(d.Qid)
}

// dirEntry returns the host's form of an entry; off is where the next one
// begins.
func dirEntry(d ninep.Dir, off uint64) fuse.DirEntry {
	return fuse.DirEntry{Name: d.Name, Ino: ino(d.Qid), Mode: fileType(d), Off: off}
}

// readDir gives add the entries from the offset asked for, until one does not
// fit. An offset is a number of entries. The directory is read when it is read
// from the beginning.
func (fs *fileSystem) readDir(cancel <-chan struct{}, in *fuse.ReadIn, add func(*node, ninep.Dir, uint64) bool) fuse.Status {
	h := fs.handle(in.Fh)
	if h == nil {
		return fuse.EBADF
	}
	c := fs.begin(cancel, grace)
	defer c.end()
	dirs, err := fs.entries(c, h, in.Offset == 0)
	if err != nil {
		return fs.status("read", h.node, "", err)
	}
	for i := in.Offset; i < uint64(len(dirs)); i++ {
		if !add(h.node, dirs[i], i+1) {
			break
		}
	}
	return fuse.OK
}

// entries returns what the directory has, read anew if first or if it was
// never read.
func (fs *fileSystem) entries(ctx context.Context, h *handle, first bool) ([]ninep.Dir, error) {
	fs.mu.Lock()
	dirs := h.dirs
	fs.mu.Unlock()
	if dirs != nil && !first {
		return dirs, nil
	}
	all, err := h.at.file.ReadDir(ctx)
	if err != nil {
		return nil, err
	}
	dirs = fs.listed(h.node, all)
	fs.mu.Lock()
	h.dirs = dirs
	fs.mu.Unlock()
	return dirs, nil
}

// listed returns the entries that the host sees: those of which it can use the
// name, each name once, as the first is the one that a walk finds in a union,
// none that was put aside, and the two that Plan 9 does not list.
func (fs *fileSystem) listed(n *node, all []ninep.Dir) []ninep.Dir {
	fs.mu.Lock()
	self, up := n.qid, n.qid
	if n.parent != nil {
		up = n.parent.qid
	}
	fs.mu.Unlock()
	seen := make(map[string]bool, len(all))
	dirs := make([]ninep.Dir, 0, len(all)+2)
	dirs = append(dirs, ninep.Dir{Name: ".", Qid: self, Mode: ninep.DMDIR}, ninep.Dir{Name: "..", Qid: up, Mode: ninep.DMDIR})
	for _, d := range all {
		if !seen[d.Name] && !fs.isAside(d.Name) && ninep.ValidName(d.Name) && len(d.Name) <= maxName {
			seen[d.Name] = true
			dirs = append(dirs, d)
		}
	}
	return dirs
}
