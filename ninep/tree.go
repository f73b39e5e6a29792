package ninep

import (
	"context"
	"sync"
)

// A Tree is a Server whose files are [Node]s: what most devices and small
// file servers are. The nodes are not copied, and must not change once they
// are served; what changes is behind their functions.
//
//	hz := &ninep.Node{Name: "hz", Read: func(context.Context) ([]byte, error) {
//		return []byte("100\n"), nil
//	}}
//	srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{hz}})
type Tree struct {
	// Mtime is the time of last change and access that Stat returns, if
	// a Node's own Stat says nothing else.
	Mtime uint32

	// Who says who makes a call, when that can be another user than the
	// one who attached: a kernel's name space holds files attached by one
	// and used by many. Nil: the one who attached.
	Who func(ctx context.Context, attached string) string

	owner string
	root  *Node

	looked sync.Once // sets what follows
	still  bool      // no walk waits
}

// NewTree returns a Tree with the given root; files belong to owner unless
// they say otherwise.
func NewTree(owner string, root *Node) *Tree {
	return &Tree{owner: owner, root: root}
}

// A Node is a file or a directory of a [Tree]. All fields are optional: a
// file needs a Name and a Read, a directory a Name and Children.
//
// The functions may be called concurrently; those that can block return when
// ctx is done. The user they are told is the one who attached, and the Tree
// has compared his rights with Perm, as intro(5) wants it, before it calls.
type Node struct {
	Name   string // "" for a root, which is shown as "/"
	Perm   Perm   // 0: 0555 for directories; for files 0444 if they can be read, plus 0220 if they can be written
	Owner  string // "": the Tree's owner
	Group  string // "": the Owner
	Length int64  // in the entry; 0 for what has no length of its own
	Path   uint64 // of the qid; 0: made from the names on the way here, so a file is the same whenever it is listed

	// A directory has DMDIR in Perm or one of these.
	Children []*Node                                               // what is always there
	List     func(ctx context.Context) ([]*Node, error)            // what comes and goes, listed after Children
	Lookup   func(ctx context.Context, name string) (*Node, error) // finds one of List faster; ErrNotExist

	// A file has one of each pair, or none.
	Read    func(ctx context.Context) ([]byte, error)                   // the whole text; called anew when an open file is read at 0; alone, it does not block
	ReadAt  func(ctx context.Context, p []byte, off int64) (int, error) // as File.Read
	Write   func(ctx context.Context, p []byte) error                   // each write is one message; the offset is ignored
	WriteAt func(ctx context.Context, p []byte, off int64) (int, error) // as File.Write

	// Stat changes the entry made from the fields above, where they do not
	// say all: times, version, a length that changes.
	Stat func(d *Dir)

	// May is asked, beside Perm, whether the user may open the file.
	May func(ctx context.Context, user string, mode Mode) error

	// Prompt says that none of the functions of this node that have a context
	// ever waits, which makes calls faster: see [Prompter].
	Prompt bool

	// Pure says that Read may be called at any time, to learn the length of
	// the text: of a file with nothing but a Read that goes without saying.
	Pure bool

	// Open is called when the file is opened. The Node it returns stands
	// for the open file from then on: one with functions that know what
	// this open file needs to know, or, as in a clone file, another file
	// altogether. Nil stands for the file itself. The mode can have OTRUNC.
	Open func(ctx context.Context, user string, mode Mode) (*Node, error)

	// Close is called once for each successful open, on the Node that
	// stands for the open file.
	Close func()

	// Create makes a file in this directory; it is then opened, whatever
	// its Perm. Nil: nobody may create.
	Create func(ctx context.Context, user, name string, perm Perm, mode Mode) (*Node, error)

	// Remove removes the file, Wstat changes the fields of its entry that
	// differ from NullDir's; Remove is only called for who may write the
	// directory, what Wstat permits is its own affair. Nil: nobody may.
	Remove func(ctx context.Context, user string) error
	Wstat  func(ctx context.Context, user string, d Dir) error

	// Wrap, if set, is given each File made for this Node and returns the
	// one to use in its place: a struct that embeds the File and has more
	// methods than it.
	Wrap func(f File) File
}

// Text returns a file that always contains s.
func Text(name, s string) *Node {
	return &Node{Name: name, Length: int64(len(s)), Prompt: true,
		ReadAt: func(_ context.Context, p []byte, off int64) (int, error) { return copyAt(p, s, off), nil },
	}
}

// TextFunc returns a file whose contents f makes when it is read. F does not
// block.
func TextFunc(name string, f func() string) *Node {
	return &Node{Name: name, Read: func(context.Context) ([]byte, error) { return []byte(f()), nil }}
}

// copyAt copies to p the part of text that begins at off.
func copyAt[T string | []byte](p []byte, text T, off int64) int {
	if off < 0 || off >= int64(len(text)) {
		return 0
	}
	return copy(p, text[off:])
}

func (n *Node) isDir() bool {
	return n.Perm.IsDir() || n.Children != nil || n.List != nil || n.Lookup != nil
}

// mode returns Perm with what its zero value stands for.
func (n *Node) mode() Perm {
	perm := n.Perm
	if n.isDir() {
		perm |= DMDIR
	}
	switch {
	case perm == DMDIR:
		perm |= 0555
	case perm == 0:
		if n.Read != nil || n.ReadAt != nil {
			perm |= 0444
		}
		if n.Write != nil || n.WriteAt != nil {
			perm |= 0220
		}
	}
	return perm
}

// list returns all nodes of a directory.
func (n *Node) list(ctx context.Context) ([]*Node, error) {
	if n.List == nil {
		return n.Children, nil
	}
	more, err := n.List(ctx)
	if err != nil {
		return nil, err
	}
	return append(n.Children[:len(n.Children):len(n.Children)], more...), nil
}

// lookup finds a node of a directory.
func (n *Node) lookup(ctx context.Context, name string) (*Node, error) {
	nodes := n.Children
	if n.Lookup == nil {
		all, err := n.list(ctx)
		if err != nil {
			return nil, err
		}
		nodes = all
	}
	for _, c := range nodes {
		if c.Name == name {
			return c, nil
		}
	}
	if n.Lookup == nil {
		return nil, ErrNotExist
	}
	return n.Lookup(ctx, name)
}

// path returns the qid path of a node in the directory with qid path dir: a
// hash (FNV-1a) of the names that lead to it.
func (n *Node) path(dir uint64) uint64 {
	if n.Path != 0 {
		return n.Path
	}
	const prime = 1099511628211
	h := (dir ^ 14695981039346656037) * prime
	for i := range len(n.Name) {
		h = (h ^ uint64(n.Name[i])) * prime
	}
	return h
}

// Attach returns the root. There is only one tree, the one with spec "".
func (t *Tree) Attach(_ context.Context, user, spec string) (File, error) {
	if spec != "" {
		return nil, ErrBadSpec
	}
	return t.file(user, nil, t.root, t.root.Path, t.stillRoot()), nil
}

// file returns a File for a node that was found in the directory dir.
func (t *Tree) file(user string, dir, n *Node, path uint64, still bool) File {
	f := &treeFile{tree: t, user: user, dir: dir, place: n, path: path, still: still}
	if n.Wrap != nil {
		return n.Wrap(f)
	}
	return f
}

// stat returns the entry of a node with the given qid path.
func (t *Tree) stat(n *Node, path uint64) Dir {
	mode := n.mode()
	d := Dir{
		Qid:  Qid{Path: path, Type: mode.QidType()},
		Mode: mode, Atime: t.Mtime, Mtime: t.Mtime, Length: n.Length,
		Name: n.Name, UID: n.Owner, GID: n.Group,
	}
	if d.Name == "" {
		d.Name = "/"
	}
	if d.UID == "" {
		d.UID = t.owner
	}
	if d.GID == "" {
		d.GID = d.UID
	}
	d.MUID = d.UID
	if n.Stat != nil {
		return n.changed(d)
	}
	return d
}

// changed returns what Stat makes of an entry. It stands alone so that an
// entry goes to the heap only where there is a Stat.
func (n *Node) changed(d Dir) Dir {
	n.Stat(&d)
	return d
}

// who returns the user that makes the call.
func (f *treeFile) who(ctx context.Context) string {
	if f.tree.Who == nil {
		return f.user
	}
	return f.tree.Who(ctx, f.user)
}

// may says whether the caller may do to the node what mode says.
func (f *treeFile) may(ctx context.Context, n *Node, mode Mode) error {
	if want := mode.needs(); n.Stat == nil && n.mode()&want == want {
		return nil // everybody may
	}
	if !f.tree.stat(n, 0).Access(f.who(ctx), nil, mode) {
		return ErrPerm
	}
	return nil
}

// A treeFile is a File of a Tree.
type treeFile struct {
	tree  *Tree
	user  string
	dir   *Node // where place was found; nil for the root
	place *Node
	path  uint64 // of place's qid
	still bool   // of the whole tree: no walk in it waits

	mu   sync.Mutex // guards the fields below
	open *Node      // stands for the open file; nil when not open
	mode Mode       // of the open file
	by   string     // who opened it
	text []byte     // what open.Read returned last
	held bool       // text is valid
}

// node returns the node that stands for the file now, and its qid path.
func (f *treeFile) node() (*Node, uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open != nil && f.open.Path != 0 {
		return f.open, f.open.Path
	}
	if f.open != nil {
		return f.open, f.path
	}
	return f.place, f.path
}

func (f *treeFile) Qid() Qid {
	n, path := f.node()
	if n.Stat != nil {
		return f.tree.stat(n, path).Qid
	}
	return Qid{Path: path, Type: n.mode().QidType()}
}

func (f *treeFile) Stat(context.Context) (Dir, error) {
	n, path := f.node()
	return f.tree.stat(n, path), nil
}

// TrueLength makes the text of a file whose Read is safe to call: a
// [Measurer].
func (f *treeFile) TrueLength(ctx context.Context) (int64, bool) {
	n, _ := f.node()
	alone := n.ReadAt == nil && n.Write == nil && n.WriteAt == nil && f.place.Open == nil
	if n.Read == nil || !alone && !n.Pure {
		return 0, false
	}
	f.mu.Lock()
	text, held := f.text, f.held
	f.mu.Unlock()
	if held {
		return int64(len(text)), true
	}
	if f.mayOpen(ctx, OREAD) != nil {
		return 0, false
	}
	text, err := n.Read(ctx)
	return int64(len(text)), err == nil
}

func (f *treeFile) Clone(context.Context) (File, error) {
	return f.tree.file(f.user, f.dir, f.place, f.path, f.still), nil
}

func (f *treeFile) Walk(ctx context.Context, name string) (File, error) {
	if !f.place.isDir() {
		return nil, ErrNotDir
	}
	if err := f.may(ctx, f.place, OEXEC); err != nil {
		return nil, err
	}
	n, err := f.place.lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	return f.tree.file(f.user, f.place, n, n.path(f.path), f.still), nil
}

func (f *treeFile) Open(ctx context.Context, mode Mode) error {
	if err := f.mayOpen(ctx, mode); err != nil {
		return err
	}
	if mode&ORCLOSE != 0 {
		if err := f.mayRemove(ctx); err != nil {
			return err
		}
	}
	return f.start(ctx, mode)
}

// mayOpen says whether the caller may open the file.
func (f *treeFile) mayOpen(ctx context.Context, mode Mode) error {
	if err := f.may(ctx, f.place, mode); err != nil || f.place.May == nil {
		return err
	}
	return f.place.May(ctx, f.who(ctx), mode)
}

// start opens the file, permission being granted.
func (f *treeFile) start(ctx context.Context, mode Mode) error {
	open := f.place
	if open.Open != nil {
		n, err := open.Open(ctx, f.who(ctx), mode)
		if err != nil {
			return err
		}
		if n != nil {
			open = n
		}
	}
	by := f.who(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open, f.mode, f.by = open, mode, by
	return nil
}

func (f *treeFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	if f.place.Create == nil {
		return nil, ErrPerm
	}
	if err := f.may(ctx, f.place, OWRITE); err != nil {
		return nil, err
	}
	n, err := f.place.Create(ctx, f.who(ctx), name, perm, mode)
	if err != nil {
		return nil, err
	}
	nf := &treeFile{tree: f.tree, user: f.user, dir: f.place, place: n, path: n.path(f.path), still: f.still}
	if err := nf.start(ctx, mode); err != nil {
		return nil, err
	}
	if n.Wrap != nil {
		return n.Wrap(nf), nil
	}
	return nf, nil
}

func (f *treeFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	n, _ := f.node()
	switch {
	case n.ReadAt != nil:
		return n.ReadAt(ctx, p, off)
	case n.Read == nil:
		return 0, nil
	}
	f.mu.Lock()
	text, held := f.text, f.held
	f.mu.Unlock()
	if off == 0 || !held {
		var err error
		if text, err = n.Read(ctx); err != nil {
			return 0, err
		}
		f.mu.Lock()
		f.text, f.held = text, true
		f.mu.Unlock()
	}
	return copyAt(p, text, off), nil
}

func (f *treeFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	n, _ := f.node()
	switch {
	case n.WriteAt != nil:
		return n.WriteAt(ctx, p, off)
	case n.Write == nil:
		return 0, ErrPerm
	}
	if err := n.Write(ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *treeFile) ReadDir(ctx context.Context) ([]Dir, error) {
	nodes, err := f.place.list(ctx)
	if err != nil {
		return nil, err
	}
	dirs := make([]Dir, len(nodes))
	for i, n := range nodes {
		dirs[i] = f.tree.stat(n, n.path(f.path))
	}
	return dirs, nil
}

func (f *treeFile) Wstat(ctx context.Context, d Dir) error {
	n, _ := f.node()
	switch {
	case d == NullDir: // a request to make the file safe, which it always is
		return nil
	case n.Wstat == nil:
		return ErrPerm
	case d.Name != "" && !ValidName(d.Name):
		return ErrBadChar
	}
	return n.Wstat(ctx, f.who(ctx), d)
}

// mayRemove checks the right to remove the file: to write its directory.
func (f *treeFile) mayRemove(ctx context.Context) error {
	if f.dir == nil || f.place.Remove == nil {
		return ErrPerm
	}
	return f.may(ctx, f.dir, OWRITE)
}

func (f *treeFile) Remove(ctx context.Context) error {
	if err := f.mayRemove(ctx); err != nil {
		return err
	}
	return f.place.Remove(ctx, f.who(ctx))
}

func (f *treeFile) Close() error {
	f.mu.Lock()
	open, mode, by := f.open, f.mode, f.by
	f.mu.Unlock()
	if open == nil {
		return nil
	}
	if open.Close != nil {
		open.Close()
	}
	if mode&ORCLOSE != 0 {
		return f.place.Remove(context.Background(), by)
	}
	return nil
}
