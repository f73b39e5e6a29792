// Package ramfs is a file server that keeps its files in memory, with the
// semantics of Plan 9's disk file servers: permissions of owner, group and
// others checked at every step, groups inherited from the directory,
// append-only and exclusive-use files, remove on close, versions in qids, and
// wstat that does all or nothing. See intro(5), open(5), stat(5), ramfs(4).
//
// There is no users file, so a group is a user: the leader and only member of
// group g is user g, as in Plan 9's ramfs.
//
// A removed file lives on in the Files that have it open.
package ramfs

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"ufo/ninep"
)

// An FS is a file system in memory. It is a [ninep.Server].
type FS struct {
	now   func() time.Time
	limit int64

	mu   sync.Mutex // guards all below, and every node
	root *node
	path uint64 // the last qid path given out
	used int64  // bytes of data in memory
}

// A node is a file or a directory. The FS's mu guards its fields.
type node struct {
	dir    ninep.Dir        // Name, Qid, Mode …; Length is kept in data
	parent *node            // itself for the root, nil when removed
	kids   map[string]*node // of a directory
	data   data             // of a file
	opens  int              // how many Files have it open
}

// New makes an empty file system whose root belongs to owner and is open to
// everybody. Times come from now. The data of all files together takes at
// most limit bytes, which is no limit when 0. What is kept of whole messages takes an
// eighth more than that of memory.
func New(owner string, now func() time.Time, limit int64) *FS {
	fs := &FS{now: now, limit: limit}
	fs.root = fs.newnode("/", owner, owner, ninep.DMDIR|0777)
	fs.root.parent = fs.root
	return fs
}

// Attach returns the root. There is one tree: spec must be empty.
func (fs *FS) Attach(_ context.Context, user, spec string) (ninep.File, error) {
	if spec != "" {
		return nil, ninep.ErrBadSpec
	}
	return &file{fs: fs, n: fs.root, user: user}, nil
}

// Prompt is a [ninep.Prompter]'s: all is in memory.
func (fs *FS) Prompt(ninep.MsgType) bool { return true }

// newnode makes a node that is in no directory yet.
func (fs *FS) newnode(name, user, group string, mode ninep.Perm) *node {
	now := uint32(fs.now().Unix())
	n := &node{dir: ninep.Dir{
		Qid:  ninep.Qid{Path: fs.path, Type: mode.QidType()},
		Mode: mode, Atime: now, Mtime: now,
		Name: name, UID: user, GID: group, MUID: user,
	}}
	if mode.IsDir() {
		n.kids = make(map[string]*node)
	}
	fs.path++
	return n
}

// stat returns the node's directory entry.
func (n *node) stat() ninep.Dir {
	d := n.dir
	if !d.IsDir() {
		d.Length = n.data.size
	}
	return d
}

// removed reports whether the node is no longer in the tree.
func (n *node) removed() bool { return n.parent == nil }

// touched records a modification by user.
func (fs *FS) touched(n *node, user string) {
	n.dir.Qid.Vers++
	n.dir.Mtime = uint32(fs.now().Unix())
	n.dir.MUID = user
}

// access checks that user may open n with mode.
func (n *node) access(user string, mode ninep.Mode) error {
	if !n.dir.Access(user, nil, mode) {
		return ninep.ErrPerm
	}
	return nil
}

// entries returns a directory's entries in the order of their creation.
func (n *node) entries() []ninep.Dir {
	list := make([]ninep.Dir, 0, len(n.kids))
	for _, k := range n.kids {
		list = append(list, k.stat())
	}
	slices.SortFunc(list, func(a, b ninep.Dir) int { return cmp.Compare(a.Qid.Path, b.Qid.Path) })
	return list
}

// create makes a file in directory n for user, as open(5) has it.
func (fs *FS) create(n *node, user, name string, perm ninep.Perm) (*node, error) {
	if n.removed() {
		return nil, ninep.ErrNotExist
	}
	if !ninep.ValidName(name) {
		return nil, ninep.ErrBadChar
	}
	if err := n.access(user, ninep.OWRITE); err != nil {
		return nil, err
	}
	if n.kids[name] != nil {
		return nil, ninep.ErrExist
	}
	// A new file has at most the permissions of its directory.
	if perm.IsDir() {
		perm &= ^ninep.Perm(0777) | n.dir.Mode&0777
	} else {
		perm &= ^ninep.Perm(0666) | n.dir.Mode&0666
	}
	k := fs.newnode(name, user, n.dir.GID, perm)
	k.parent = n
	n.kids[name] = k
	fs.touched(n, user)
	return k, nil
}

// mayremove checks that user may remove n.
func (fs *FS) mayremove(n *node, user string) error {
	switch {
	case n == fs.root:
		return ninep.ErrPerm
	case n.removed():
		return ninep.ErrNotExist
	}
	return n.parent.access(user, ninep.OWRITE)
}

// remove takes n out of its directory. Its data goes with the last File that
// has it open.
func (fs *FS) remove(n *node, user string) error {
	if err := fs.mayremove(n, user); err != nil {
		return err
	}
	if len(n.kids) > 0 {
		return ninep.ErrNotEmpty
	}
	delete(n.parent.kids, n.dir.Name)
	fs.touched(n.parent, user)
	n.parent = nil
	fs.reclaim(n)
	return nil
}

// reclaim frees the data of a removed file that nobody has open.
func (fs *FS) reclaim(n *node) {
	if n.removed() && n.opens == 0 {
		fs.used += n.data.truncate(0)
	}
}

// truncate sets the size of n's data.
func (fs *FS) truncate(n *node, size int64, user string) {
	fs.used += n.data.truncate(size)
	fs.touched(n, user)
}
