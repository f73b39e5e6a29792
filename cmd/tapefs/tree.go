// Package tapefs is archives as file trees that can be read: tar and zip. See
// tarfs(4) and zipfs(4).
//
// An archive is an [Image]; its table of contents is read once, into a tree
// that does not change any more. Contents are read from the image when
// somebody reads them.
package tapefs

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"ufo/ninep"
)

// An Image is where an archive is. ReadAt reads like the Read of a File: less
// than asked for is no error, nothing is the end. Calls may be concurrent.
type Image interface {
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
}

// A Config says what the archive does not.
type Config struct {
	Owner  string // of the root
	Now    uint32 // its time
	Users  IDs    // names for the numbers of owners; nil: the archive's names, or the numbers
	Groups IDs    // the same for groups

	// Warn, if not nil, is told about what is left out, and why.
	Warn func(msg string)
}

// IDs are names by number, from a file in the form of Unix's passwd.
type IDs map[int]string

// ParseIDs reads the lines of a passwd or a group file: a name, something, and
// a number, with colons between them.
func ParseIDs(text string) (IDs, error) {
	ids := make(IDs)
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) < 3 {
			return nil, fmt.Errorf("bad format: %q", strings.TrimSuffix(line, "\n"))
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("bad format: %q", strings.TrimSuffix(line, "\n"))
		}
		if _, ok := ids[n]; !ok {
			ids[n] = f[0]
		}
	}
	return ids, nil
}

// name returns the name for a number; has is the archive's own.
func (ids IDs) name(n int, has string) string {
	if s, ok := ids[n]; ok {
		return s
	}
	if has != "" && ids == nil {
		return has
	}
	return strconv.Itoa(n)
}

// A file is a file of the archive, or a directory.
type file struct {
	name     string // with slashes
	mode     ninep.Perm
	uid, gid string
	mtime    uint32
	size     int64
	readAt   readFunc

	// open, if not nil, returns the readAt of a file that is opened.
	open func(ctx context.Context) (readFunc, error)
}

// A readFunc reads like the Read of a File.
type readFunc func(ctx context.Context, p []byte, off int64) (int, error)

// A tree is made file by file.
type tree struct {
	cfg  Config
	root *dir
	last uint64 // path of a qid
}

// A dir is a directory while the tree is made.
type dir struct {
	node *ninep.Node
	kids map[string]*ninep.Node
	dirs map[string]*dir
	list []string // in the order of the archive
}

func newTree(cfg Config) *tree {
	t := &tree{cfg: cfg}
	t.root = t.newDir(file{mode: ninep.DMDIR | 0o775, uid: cfg.Owner, gid: cfg.Owner, mtime: cfg.Now})
	return t
}

// server returns the finished tree.
func (t *tree) server() ninep.Server { return ninep.NewTree(t.cfg.Owner, t.root.node) }

func (t *tree) warn(format string, a ...any) {
	if t.cfg.Warn != nil {
		t.cfg.Warn(fmt.Sprintf(format, a...))
	}
}

// node makes the node of a file: everything that is the same for directories.
func (t *tree) node(f file) *ninep.Node {
	t.last++
	return &ninep.Node{Name: path.Base(f.name), Perm: f.mode, Owner: f.uid, Group: f.gid, Length: f.size,
		Path: t.last, Stat: func(d *ninep.Dir) { d.Mtime, d.Atime = f.mtime, f.mtime }}
}

func (t *tree) newDir(f file) *dir {
	d := &dir{node: t.node(f), kids: make(map[string]*ninep.Node), dirs: make(map[string]*dir)}
	if f.name == "" {
		d.node.Name = ""
	}
	d.node.Lookup = func(_ context.Context, name string) (*ninep.Node, error) {
		if n := d.kids[name]; n != nil {
			return n, nil
		}
		return nil, ninep.ErrNotExist
	}
	d.node.List = func(context.Context) ([]*ninep.Node, error) {
		list := make([]*ninep.Node, len(d.list))
		for i, name := range d.list {
			list[i] = d.kids[name]
		}
		return list, nil
	}
	return d
}

// put puts a node into the directory, in place of one of that name.
func (d *dir) put(n *ninep.Node) {
	if d.kids[n.Name] == nil {
		d.list = append(d.list, n.Name)
	}
	d.kids[n.Name] = n
}

// at returns the directory called name, made if need be, or nil if it or one
// above is a file.
func (t *tree) at(name string) *dir {
	d := t.root
	for elem := range strings.SplitSeq(name, "/") {
		next := d.dirs[elem]
		if next == nil {
			if d.kids[elem] != nil {
				return nil
			}
			next = t.newDir(file{name: elem, mode: ninep.DMDIR | 0o555, uid: t.cfg.Owner, gid: t.cfg.Owner, mtime: t.cfg.Now})
			d.dirs[elem] = next
			d.put(next.node)
		}
		d = next
	}
	return d
}

// add adds a file. One that is there already is replaced, and keeps its qid
// path if it is a directory, whose contents stay.
func (t *tree) add(f file) {
	f.name = path.Clean("/" + f.name)[1:]
	if strings.ContainsRune(f.name, 0) {
		t.warn("%q: bad name, skipped", f.name)
		return
	}
	f.mode |= 0o400 // at least the owner can read it
	if f.mode.IsDir() {
		t.addDir(f)
		return
	}
	if f.name == "" {
		t.warn("null name skipped")
		return
	}
	d := t.root
	if above := path.Dir(f.name); above != "." {
		d = t.at(above)
	}
	if d == nil || d.dirs[path.Base(f.name)] != nil {
		t.warn("%s: file type changed; ignoring", f.name)
		return
	}
	n := t.node(f)
	n.ReadAt = f.readAt
	if f.open != nil {
		n.Open = func(ctx context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) {
			open := *n
			var err error
			open.ReadAt, err = f.open(ctx)
			return &open, err
		}
	}
	d.put(n)
}

func (t *tree) addDir(f file) {
	d := t.root
	if f.name != "" {
		if d = t.at(f.name); d == nil {
			t.warn("%s: file type changed; ignoring", f.name)
			return
		}
	}
	d.node.Perm, d.node.Owner, d.node.Group = f.mode, f.uid, f.gid
	d.node.Stat = func(d *ninep.Dir) { d.Mtime, d.Atime = f.mtime, f.mtime }
}

// within reads from the n bytes at start of an image.
func within(img Image, start, n int64) readFunc {
	return func(ctx context.Context, p []byte, off int64) (int, error) {
		if off < 0 {
			return 0, ninep.ErrNegOff
		}
		if off >= n {
			return 0, nil
		}
		return img.ReadAt(ctx, p[:min(int64(len(p)), n-off)], start+off)
	}
}
