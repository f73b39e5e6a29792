package fuse

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"

	"ufo/ninep"
)

// A fileSystem answers the requests of a mount. What it does not answer is not
// implemented, which the host takes as it should.
type fileSystem struct {
	fuse.RawFileSystem // ENOSYS for what is not below

	// immutable
	opt  Options
	root *node
	mark string        // in the names of files that are put aside
	dead chan struct{} // closed, with mu held, when all calls have to end

	// written before the first request
	host   *fuse.Server // to tell the host of changes
	direct bool         // no data in the host's cache

	mu      sync.Mutex // guards what follows, nodes and handles; never held during a call on a File
	last    uint64     // number given out
	nodes   map[uint64]*node
	handles map[uint64]*handle
	ring    [ringSize]*node // nodes with a place
	next    int             // in ring
}

// How long the host may believe what it was told.
const (
	cacheTTL = time.Second      // of a tree that is cached
	statTTL  = time.Millisecond // of the attributes that came with a lookup, so that stat(2) is one request, not two
)

// errStale is what a node gives whose name leads to another file now.
const errStale ninep.Error = "file has been replaced"

// newFileSystem attaches to a Server.
func newFileSystem(ctx context.Context, srv ninep.Server, opt Options) (*fileSystem, error) {
	if opt.User == "" {
		opt.User = "glenda"
	}
	if opt.Name == "" {
		opt.Name = "ufo"
	}
	if opt.UID == 0 && opt.GID == 0 {
		opt.UID, opt.GID = uint32(os.Getuid()), uint32(os.Getgid())
	}
	fs := &fileSystem{
		RawFileSystem: fuse.NewDefaultRawFileSystem(),
		opt:           opt,
		mark:          newMark(),
		dead:          make(chan struct{}),
		nodes:         make(map[uint64]*node),
		handles:       make(map[uint64]*handle),
	}
	root, err := srv.Attach(ctx, opt.User, opt.Spec)
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	if !root.Qid().IsDir() {
		root.Close()
		return nil, fmt.Errorf("attach: %w", ninep.ErrNotDir)
	}
	fs.root = &node{id: fuse.FUSE_ROOT_ID, slot: -1, qid: root.Qid(), at: &place{file: root, refs: 1}}
	fs.nodes[fs.root.id] = fs.root
	fs.last = fs.root.id
	return fs, nil
}

// String names the file system.
func (fs *fileSystem) String() string { return fs.opt.Name }

// Init looks at what the host can do. Before Linux 6.6 it could not map files
// to share whose data it does not cache; then data of files with a length go
// through the cache, which asks for the attributes before it believes itself.
//
// BUG: there a pipe whose entry says how much is in it ends after that.
func (fs *fileSystem) Init(s *fuse.Server) {
	fs.host = s
	in := s.KernelSettings()
	fs.direct = !fs.opt.Cache && in.Flags64()&fuse.CAP_DIRECT_IO_ALLOW_MMAP != 0
}

// panicked tells of a File that panicked; the request becomes an i/o error.
func (fs *fileSystem) panicked(what any) fuse.Status {
	if fs.opt.Log != nil {
		fs.opt.Log(fmt.Sprintf("panic: %v\n%s", what, debug.Stack()))
	}
	return fuse.EIO
}

// status returns what the host is told of an error of an operation on a file,
// and tells the log more. That a file does not exist needs no telling.
func (fs *fileSystem) status(op string, n *node, name string, err error) fuse.Status {
	if err == nil {
		return fuse.OK
	}
	return fs.failed(op, n, name, err, errno(err))
}

// failed is status with the errno given.
func (fs *fileSystem) failed(op string, n *node, name string, err error, e syscall.Errno) fuse.Status {
	select {
	case <-fs.dead:
		e = syscall.ENODEV
	default:
	}
	if fs.opt.Log != nil && e != syscall.ENOENT {
		fs.opt.Log(fmt.Sprintf("%s %s: %q: %v", op, fs.name(n, name), ninep.ErrorOf(err), e))
	}
	return fuse.Status(e)
}

// name returns the name of a file, or of name in a directory, from the root of
// the mount.
func (fs *fileSystem) name(n *node, name string) string {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var names []string
	if name != "" {
		names = append(names, name)
	}
	for ; n != nil && n != fs.root; n = n.parent {
		names = append(names, n.name)
	}
	s := ""
	for _, name := range names {
		s = "/" + name + s
	}
	if s == "" {
		s = "/"
	}
	return strings.ToValidUTF8(s, "?")
}

// Lookup walks to a name.
func (fs *fileSystem) Lookup(cancel <-chan struct{}, h *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	dir := fs.node(h.NodeId)
	return fs.status("lookup", dir, name, fs.lookup(c, dir, name, out))
}

// lookup walks to a name and fills the entry that tells the host of it.
func (fs *fileSystem) lookup(ctx context.Context, dir *node, name string, out *fuse.EntryOut) error {
	switch {
	case len(name) > maxName:
		return ninep.ErrTooLong
	case !ninep.ValidName(name):
		return ninep.ErrNotExist
	}
	f, err := fs.walkIn(ctx, dir, name)
	if err != nil {
		return err
	}
	p := &place{file: f, refs: 1}
	defer fs.release(p)
	d, err := fs.stat(ctx, f)
	if err != nil {
		return err
	}
	fs.entry(fs.met(dir, name, d, p), d, out)
	return nil
}

// entry tells the host of a node.
func (fs *fileSystem) entry(n *node, d ninep.Dir, out *fuse.EntryOut) {
	out.NodeId = n.id
	out.Generation = 1
	out.SetAttrTimeout(fs.attrTTL(d))
	if fs.opt.Cache {
		out.SetEntryTimeout(cacheTTL)
	}
	fs.attr(d, &out.Attr)
}

// attrTTL says for how long an entry tells the truth.
func (fs *fileSystem) attrTTL(d ninep.Dir) time.Duration {
	switch {
	case fs.opt.Cache && (d.Length > 0 || d.IsDir()):
		return cacheTTL
	case fs.direct:
		return statTTL
	}
	return 0
}

// GetAttr returns a file's entry.
func (fs *fileSystem) GetAttr(cancel <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	n := fs.node(in.NodeId)
	d, err := fs.statNode(c, n)
	if err != nil {
		return fs.status("stat", n, "", err)
	}
	fs.attr(d, &out.Attr)
	if fs.opt.Cache {
		out.SetTimeout(fs.attrTTL(d))
	}
	return fuse.OK
}

// statNode returns the entry of a node's file, from an open File if there is
// one: it stays when the name goes.
func (fs *fileSystem) statNode(ctx context.Context, n *node) (ninep.Dir, error) {
	if p := fs.openPlace(n); p != nil {
		defer fs.release(p)
		if d, err := fs.stat(ctx, p.file); err == nil {
			return d, nil
		}
	}
	p, err := fs.at(ctx, n)
	if err != nil {
		return ninep.Dir{}, err
	}
	defer fs.release(p)
	return fs.stat(ctx, p.file)
}

// openPlace returns the place of an open File of a node, which the caller
// releases, or nil.
func (fs *fileSystem) openPlace(n *node) *place {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if n == nil {
		return nil
	}
	for _, h := range slices.Backward(n.handles) {
		if !h.other || n.parent == nil {
			h.at.refs++
			return h.at
		}
	}
	return nil
}

// StatFs says that there is room. Nobody in Plan 9 knows how much.
func (fs *fileSystem) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	const block, blocks, files = 4096, 1 << 28, 1 << 20
	*out = fuse.StatfsOut{
		Bsize: block, Frsize: block, NameLen: maxName,
		Blocks: blocks, Bfree: blocks, Bavail: blocks,
		Files: files, Ffree: files,
	}
	return fuse.OK
}

// Access says whether the user may certainly not do something, by the bits of
// the mode. Who is in which group only the server knows.
func (fs *fileSystem) Access(cancel <-chan struct{}, in *fuse.AccessIn) fuse.Status {
	c := fs.begin(cancel, grace)
	defer c.end()
	n := fs.node(in.NodeId)
	d, err := fs.statNode(c, n)
	if err != nil {
		return fs.status("access", n, "", err)
	}
	anyGroup := func(string, string) bool { return true }
	for _, want := range []struct {
		bit  uint32
		mode ninep.Mode
	}{{fuse.R_OK, ninep.OREAD}, {fuse.W_OK, ninep.OWRITE}, {fuse.X_OK, ninep.OEXEC}} {
		if in.Mask&want.bit != 0 && !d.Access(fs.opt.User, anyGroup, want.mode) {
			return fuse.EACCES
		}
	}
	return fuse.OK
}
