package disk

import (
	"hash/fnv"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ufo/ninep"
	"ufo/rootfs"
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
	base   string           // of a directory: the name of the one in the base whose entries show here
	src    io.ReaderAt      // of a file of the base that never changed: its contents
	data   extents          // of any other file
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

// baseNode returns a new node for a file of the base, an entry of directory
// dir.
func (d *Disk) baseNode(dir *node, f rootfs.File) *node {
	n := &node{path: basePath(f.Name), parent: dir}
	n.name, n.mode, n.length = path.Base(f.Name), ninep.Perm(f.Perm), f.Size
	if f.Dir {
		n.mode |= ninep.DMDIR
		n.base = f.Name
	} else {
		n.src = f.Data
	}
	n.uid, n.gid, n.muid = f.UID, f.GID, f.UID
	n.mtime = uint32(d.cfg.Born.Unix())
	n.atime.Store(n.mtime)
	return n
}

// seek returns where name is in the base, or would be.
func (d *Disk) seek(name string) (i int, found bool) {
	return slices.BinarySearchFunc(d.cfg.Base, name, func(f rootfs.File, name string) int {
		return strings.Compare(f.Name, name)
	})
}

// inBase reports whether the base has an entry called name in dir, hidden or
// not.
func (d *Disk) inBase(dir *node, name string) bool {
	if dir.base == "" {
		return false
	}
	_, found := d.seek(path.Join(dir.base, name))
	return found
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
		prefix := strings.TrimSuffix(dir.base, "/") + "/"
		i, _ := d.seek(prefix)
		for _, f := range d.cfg.Base[i:] {
			name, ok := strings.CutPrefix(f.Name, prefix)
			if !ok {
				break
			}
			if name == "" || strings.Contains(name, "/") || dir.kids[name] != nil || dir.hidden[name] {
				continue
			}
			dir.kids[name] = d.baseNode(dir, f)
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

// under reports whether n is dir or somewhere below it.
func under(n, dir *node) bool {
	for ; n != nil; n = n.parent {
		if n == dir {
			return true
		}
	}
	return false
}
