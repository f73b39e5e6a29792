package disk

import (
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// rootPath is the qid path of the root; files made here count on from it.
const rootPath = 1

// baseBit is set in the qid path of a file of the base, whose other bits are
// a hash of its name there: the same in each start, and never one of ours.
const baseBit = 1 << 63

// meta is what the log remembers of a file besides its bytes.
type meta struct {
	name   string
	mode   ninep.Perm
	uid    string
	gid    string
	muid   string
	mtime  uint32
	vers   uint32
	length int64
}

// A node is a file of the tree, in use or not.
type node struct {
	path  uint64        // immutable
	atime atomic.Uint32 // set by readers too

	// Guarded by Disk.mu.
	meta
	parent *node            // nil for the root, and when the node is gone
	gone   bool             // removed
	logged bool             // in Disk.nodes
	base   string           // name in the base of a folder whose entries show here, or of a file still read there
	data   extents          // of a file that is not read from the base
	hidden map[string]bool  // names of the base that are not to be shown
	holder *file            // who has an exclusive-use file open
	kids   map[string]*node // by name; complete after fill
	filled sync.Once        // the base's entries are in kids
}

func (n *node) isDir() bool { return n.mode.IsDir() }

func (n *node) qid() ninep.Qid {
	return ninep.Qid{Path: n.path, Vers: n.vers, Type: n.mode.QidType()}
}

func (n *node) dir() ninep.Dir {
	d := ninep.Dir{
		Qid: n.qid(), Mode: n.mode, Atime: n.atime.Load(), Mtime: n.mtime,
		Length: n.length, Name: n.name, UID: n.uid, GID: n.gid, MUID: n.muid,
	}
	if n.isDir() {
		d.Length = 0
	}
	return d
}

// basePath returns the qid path of the base's file called name.
func basePath(name string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, name)
	return h.Sum64() | baseBit
}

// attr gives n what the base's file called name has by nature.
func (d *Disk) attr(n *node, name string, dir bool) {
	n.uid, n.gid, n.mode = d.cfg.Attr(name, dir)
	if dir {
		n.mode |= ninep.DMDIR
	} else {
		n.mode &^= ninep.DMDIR
	}
	if n.uid == "" {
		n.uid = d.cfg.Owner
	}
	if n.gid == "" {
		n.gid = n.uid
	}
	n.muid = n.uid
	n.mtime = d.born
	n.atime.Store(d.born)
}

// baseNode returns a new node for an entry of the base in directory dir.
func (d *Disk) baseNode(dir *node, name string, isDir bool, info fs.FileInfo) *node {
	full := path.Join(dir.base, name)
	n := &node{path: basePath(full), base: full, parent: dir}
	n.name = name
	d.attr(n, full, isDir)
	if info != nil {
		if !isDir {
			n.length = info.Size()
		}
		if t := info.ModTime(); !t.IsZero() {
			n.mtime = uint32(t.Unix())
			n.atime.Store(n.mtime)
		}
	}
	return n
}

// fill adds the base's entries to the directory's own, once. Readers may call
// it at the same time: nobody looks at kids without having called it.
func (d *Disk) fill(dir *node) {
	dir.filled.Do(func() {
		if dir.kids == nil {
			dir.kids = make(map[string]*node)
		}
		if dir.base == "" {
			return
		}
		list, _ := fs.ReadDir(d.cfg.Base, dir.base) // a base that lost the directory adds nothing
		for _, e := range list {
			if dir.kids[e.Name()] != nil || dir.hidden[e.Name()] {
				continue
			}
			info, err := e.Info()
			if err != nil || !e.IsDir() && !e.Type().IsRegular() {
				continue
			}
			dir.kids[e.Name()] = d.baseNode(dir, e.Name(), e.IsDir(), info)
		}
	})
}

// kid returns the entry of dir called name, nil if there is none.
func (d *Disk) kid(dir *node, name string) *node {
	d.fill(dir)
	return dir.kids[name]
}

// list returns the directory's entries in the order of their names.
func (d *Disk) list(dir *node) []*node {
	d.fill(dir)
	all := make([]*node, 0, len(dir.kids))
	for _, name := range slices.Sorted(maps.Keys(dir.kids)) {
		all = append(all, dir.kids[name])
	}
	return all
}

// inBase reports whether the base has an entry called name in dir, hidden or
// not.
func (d *Disk) inBase(dir *node, name string) bool {
	if dir.base == "" {
		return false
	}
	_, err := fs.Stat(d.cfg.Base, path.Join(dir.base, name))
	return err == nil
}

// under reports whether n is dir or somewhere below it.
func under(n, dir *node) bool {
	for ; n != nil; n = n.parent {
		if n == dir {
			return true
		}
	}
	return false
}

func cut(name string) (first, rest string, ok bool) { return strings.Cut(name, "/") }

// hasBin reports whether one of the folders in name is called bin.
func hasBin(name string) bool {
	return strings.HasPrefix(name, "bin/") || strings.Contains(name, "/bin/")
}
