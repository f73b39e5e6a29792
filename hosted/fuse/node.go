package fuse

import (
	"context"
	"slices"

	"ufo/ninep"
)

// A node is what the host knows by a number: a name in a directory, and the
// file that the name led to when it was looked up last. Guarded by the
// fileSystem's mu, but for id.
type node struct {
	id     uint64
	parent *node  // nil for the root, and when the name is no longer its
	name   string // in parent
	kids   map[string]*node
	known  uint64 // how many answers have told the host of it
	gone   bool   // the host has forgotten it

	qid     ninep.Qid // of the file
	length  int64     // when it was looked up
	vers    uint32    // of the data in the host's cache
	at      *place    // where the file is, not open; nil: walk there again
	slot    int       // in the ring of those with a place; -1: in none
	handles []*handle // open files

	aside  *aside            // where it went when it was removed while open
	asides map[string]*aside // of a directory: what is aside there
}

// A place is a File that is used by more than one request, and closed when the
// last has done with it.
type place struct {
	file ninep.File
	refs int // guarded by the fileSystem's mu
}

// ringSize is how many nodes keep a place. The host may know any number of
// files, and a file server has to remember something for each File.
const ringSize = 256

// release gives a reference to a place back.
func (fs *fileSystem) release(p *place) {
	if p == nil {
		return
	}
	fs.mu.Lock()
	p.refs--
	last := p.refs == 0
	fs.mu.Unlock()
	if last {
		fs.closeFile(p.file)
	}
}

// closeFile closes a File that has nobody to be told of an error.
func (fs *fileSystem) closeFile(f ninep.File) {
	defer func() {
		if r := recover(); r != nil {
			fs.panicked(r)
		}
	}()
	if err := f.Close(); err != nil && fs.opt.Log != nil {
		fs.opt.Log("close: " + err.Error())
	}
}

// keep makes p the place of n, with a reference of its own; nil leaves it as
// it is.
func (fs *fileSystem) keep(n *node, p *place) {
	if p == nil {
		return
	}
	var old, evicted *place
	fs.mu.Lock()
	if !n.gone {
		p.refs++
		old, n.at = n.at, p
		evicted = fs.enter(n)
	}
	fs.mu.Unlock()
	fs.release(old)
	fs.release(evicted)
}

// enter puts n into the ring and returns the place that had to go for it. The
// caller holds mu.
func (fs *fileSystem) enter(n *node) *place {
	if n.slot >= 0 || n == fs.root {
		return nil
	}
	var p *place
	if old := fs.ring[fs.next]; old != nil {
		p, old.at, old.slot = old.at, nil, -1
	}
	n.slot = fs.next
	fs.ring[fs.next] = n
	fs.next = (fs.next + 1) % len(fs.ring)
	return p
}

// node returns the node that the host means by id.
func (fs *fileSystem) node(id uint64) *node {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.nodes[id]
}

// at returns the place of a node; the caller releases it. If the node has
// none it is walked to, from its directory, and must still be the same file.
func (fs *fileSystem) at(ctx context.Context, n *node) (*place, error) {
	if n == nil {
		return nil, errStale
	}
	fs.mu.Lock()
	if p := n.at; p != nil {
		p.refs++
		fs.mu.Unlock()
		return p, nil
	}
	fs.mu.Unlock()
	f, err := fs.walk(ctx, n)
	if err != nil {
		return nil, err
	}
	p := &place{file: f, refs: 1}
	fs.keep(n, p)
	return p, nil
}

// walk returns a new File for a node, from its directory.
func (fs *fileSystem) walk(ctx context.Context, n *node) (ninep.File, error) {
	fs.mu.Lock()
	parent, name, qid := n.parent, n.name, n.qid
	fs.mu.Unlock()
	if parent == nil {
		return nil, errStale
	}
	f, err := fs.walkIn(ctx, parent, name)
	if err != nil {
		return nil, err
	}
	if got := f.Qid(); got.Path != qid.Path || got.IsDir() != qid.IsDir() {
		fs.closeFile(f)
		return nil, errStale
	}
	return f, nil
}

// walkIn walks to a name in a directory.
func (fs *fileSystem) walkIn(ctx context.Context, dir *node, name string) (ninep.File, error) {
	p, err := fs.at(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer fs.release(p)
	return p.file.Walk(ctx, name)
}

// take returns a File for a node that the caller may open, and closes. In a
// tree that is cached it is walked to anew, since the host did not ask for the
// name.
func (fs *fileSystem) take(ctx context.Context, n *node) (ninep.File, error) {
	fs.mu.Lock()
	p := n.at
	if n.parent != nil && fs.opt.Cache {
		p = nil
	}
	switch {
	case p == nil:
	case p.refs == 1 && n != fs.root:
		n.at = nil
		fs.mu.Unlock()
		return p.file, nil
	default:
		p.refs++
	}
	fs.mu.Unlock()
	if p == nil {
		return fs.walk(ctx, n)
	}
	defer fs.release(p)
	return p.file.Clone(ctx)
}

// met notes that the host is told of the file called name in dir, which has
// the entry d, and returns its node. It is the one the host knows already if
// the name leads to the same file as before. P is the place of the file, or
// nil.
func (fs *fileSystem) met(dir *node, name string, d ninep.Dir, p *place) *node {
	fs.mu.Lock()
	n := dir.kids[name]
	if n != nil && !n.is(d.Qid) {
		fs.detach(n)
		n = nil
	}
	if n == nil {
		fs.last++
		n = &node{id: fs.last, parent: dir, name: name, slot: -1, vers: d.Qid.Vers}
		fs.nodes[n.id] = n
		dir.adopt(n)
	}
	n.qid, n.length = d.Qid, d.Length
	n.known++
	fs.mu.Unlock()
	fs.keep(n, p)
	return n
}

// is reports whether qid is the node's file's. The caller holds mu.
func (n *node) is(qid ninep.Qid) bool {
	return n.qid.Path == qid.Path && n.qid.IsDir() == qid.IsDir()
}

// adopt enters n into the directory's names. The caller holds mu.
func (dir *node) adopt(n *node) {
	if dir.kids == nil {
		dir.kids = make(map[string]*node)
	}
	dir.kids[n.name] = n
}

// detach takes a node's name away. The caller holds mu.
func (fs *fileSystem) detach(n *node) {
	if n.parent != nil && n.parent.kids[n.name] == n {
		delete(n.parent.kids, n.name)
	}
	n.parent = nil
}

// removed notes that name in dir is no more.
func (fs *fileSystem) removed(dir *node, name string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if n := dir.kids[name]; n != nil {
		fs.detach(n)
	}
}

// moved notes that a file was renamed within dir.
func (fs *fileSystem) moved(dir *node, from, to string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if n := dir.kids[to]; n != nil {
		fs.detach(n)
	}
	if n := dir.kids[from]; n != nil {
		delete(dir.kids, from)
		n.name = to
		dir.adopt(n)
	}
}

// Forget notes that the host knows less of a node, or nothing any more.
func (fs *fileSystem) Forget(id, count uint64) {
	fs.mu.Lock()
	n := fs.nodes[id]
	if n == nil || n == fs.root {
		fs.mu.Unlock()
		return
	}
	n.known -= min(count, n.known)
	var p *place
	if n.known == 0 {
		n.gone = true
		p, n.at = n.at, nil
		if n.slot >= 0 {
			fs.ring[n.slot], n.slot = nil, -1
		}
		delete(fs.nodes, id)
		if n.parent != nil && n.parent.kids[n.name] == n {
			delete(n.parent.kids, n.name) // the parent stays, for its own kids to be walked to
		}
	}
	fs.mu.Unlock()
	fs.release(p)
}

// A handle is an open file of the host.
type handle struct {
	id     uint64
	node   *node
	at     *place // the open File
	direct bool   // its data is not in the host's cache
	length int64  // when it was looked up; 0: unknown; -1: it is a new file
	atEnd  bool   // opened to append, where the server does not see to it

	// guarded by the fileSystem's mu
	other bool        // opening led to another file, as that of a clone file does
	dirs  []ninep.Dir // of a directory; replaced whole
}

// opened makes a handle for an open File, which it takes.
func (fs *fileSystem) opened(n *node, f ninep.File) *handle {
	path := f.Qid().Path
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.last++
	h := &handle{id: fs.last, node: n, at: &place{file: f, refs: 1}, other: path != n.qid.Path}
	if !h.other {
		h.length = n.length
	}
	fs.handles[h.id] = h
	n.handles = append(n.handles, h)
	return h
}

// handle returns the open file that the host means by id, or nil. The caller
// may use it until the request is answered, for the host does not close what
// it uses.
func (fs *fileSystem) handle(id uint64) *handle {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.handles[id]
}

// closed ends an open file.
func (fs *fileSystem) closed(id uint64) {
	fs.mu.Lock()
	h := fs.handles[id]
	if h == nil {
		fs.mu.Unlock()
		return
	}
	delete(fs.handles, id)
	if i := slices.Index(h.node.handles, h); i >= 0 {
		h.node.handles = slices.Delete(h.node.handles, i, i+1)
	}
	var a *aside
	if len(h.node.handles) == 0 {
		a = h.node.takeAside()
	}
	fs.mu.Unlock()
	fs.release(h.at)
	fs.drop(a)
}

// close closes all Files. No request comes any more.
func (fs *fileSystem) close() {
	fs.die()
	fs.mu.Lock()
	var all []*place
	var asides []*aside
	for _, h := range fs.handles {
		all = append(all, h.at)
		asides = append(asides, h.node.takeAside())
	}
	for _, n := range fs.nodes {
		if n.at != nil {
			all = append(all, n.at)
			n.at = nil
		}
		n.gone = true
	}
	clear(fs.handles)
	clear(fs.nodes)
	fs.mu.Unlock()
	for _, p := range all {
		fs.release(p)
	}
	for _, a := range asides {
		fs.drop(a)
	}
}

// die makes all calls end.
func (fs *fileSystem) die() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	select {
	case <-fs.dead:
	default:
		close(fs.dead)
	}
}
