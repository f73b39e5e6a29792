package ninep

import (
	"container/list"
	"context"
	"sync"
)

// A Cache keeps what was read of files, to read it again without their server.
// It believes what bind(2) says of MCACHE: the contents of a file are what they
// were as long as its qid has the same version when it is opened. While it is open
// only changes made through the Cache are seen. Directories are not kept, nor
// files for appending or exclusive use, nor those without a version: devices.
//
// What is written is kept, too, until the file is opened anew with the version
// it has then: how far a write moves that, only the server knows.
type Cache struct {
	max int // bytes to keep

	mu    sync.Mutex // guards the fields below, and the contents
	size  int
	files map[uint64]*contents // by qid path
	used  *list.List           // of *contents, last opened first
}

// NewCache returns a Cache that keeps so many bytes.
func NewCache(max int) *Cache {
	return &Cache{max: max, files: make(map[uint64]*contents), used: list.New()}
}

// cacheBlock is how many bytes of a file are kept together.
const cacheBlock = 16 << 10

// contents are what is kept of one version of a file.
type contents struct {
	qid    Qid
	at     *list.Element    // in Cache.used; nil: given up
	blocks map[int64][]byte // the beginning of each block, or all of it
	end    int64            // where a read gave nothing; -1: not known
	vers   int              // moves with each write, twice
	writes int              // under way
}

// File returns f, seen through the cache. All files of one tree have to be. Who
// closes it closes f.
func (c *Cache) File(f File) File { return &cachedFile{File: f, c: c} }

// opened returns what is kept of the file, nil if it is not to be.
func (c *Cache) opened(q Qid, trunc bool) *contents {
	if q.Type&^QTTMP != QTFILE || q.Vers == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.files[q.Path]
	if e != nil && (e.qid != q || trunc) {
		c.drop(e)
		e = nil
	}
	if e == nil {
		e = &contents{qid: q, blocks: make(map[int64][]byte), end: -1}
		e.at = c.used.PushFront(e)
		c.files[q.Path] = e
	}
	c.used.MoveToFront(e.at)
	return e
}

// forget gives up what is kept of a file, which has changed.
func (c *Cache) forget(q Qid) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.files[q.Path]; e != nil {
		c.drop(e)
	}
}

// drop gives up contents. The caller has mu.
func (c *Cache) drop(e *contents) {
	for _, b := range e.blocks {
		c.size -= len(b)
	}
	c.used.Remove(e.at)
	delete(c.files, e.qid.Path)
	e.at, e.blocks = nil, nil
}

// get copies to p what is kept from off on, and returns how many bytes a read
// gives there if the file has not grown; -1: that is not known. Vers is for put.
func (c *Cache) get(e *contents, p []byte, off int64) (n, all, vers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n < len(p) && e.at != nil {
		at := off + int64(n)
		b, in := e.blocks[at/cacheBlock], at%cacheBlock
		if in >= int64(len(b)) {
			break
		}
		n += copy(p[n:], b[in:])
	}
	if n == len(p) || n > 0 && off+int64(n) == e.end {
		return n, n, e.vers
	}
	return n, -1, e.vers
}

// read keeps what was read, if nothing was written meanwhile.
func (c *Cache) read(e *contents, p []byte, off int64, vers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.at == nil || e.vers != vers {
		return
	}
	if c.put(e, p, off); len(p) == 0 {
		e.end = off
	}
}

// begin begins a write.
func (c *Cache) begin(e *contents) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.only(e)
	e.vers++
	e.writes++
}

// only gives up what is kept of other versions of a file. The caller has mu.
func (c *Cache) only(e *contents) {
	if o := c.files[e.qid.Path]; o != nil && o != e {
		c.drop(o)
	}
}

// wrote ends a write, and keeps what was written unless who knows what is there
// now.
func (c *Cache) wrote(e *contents, p []byte, off int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok = ok && e.writes == 1
	e.writes--
	e.vers++
	e.end = -1
	c.only(e)
	switch {
	case e.at == nil:
	case ok:
		c.put(e, p, off)
	default:
		c.drop(e)
	}
}

// put keeps p, which is at off in the file. The caller has mu.
func (c *Cache) put(e *contents, p []byte, off int64) {
	for len(p) > 0 && e.at != nil {
		i, in := off/cacheBlock, int(off%cacheBlock)
		b, n := e.blocks[i], min(cacheBlock-in, len(p))
		more := in + n - len(b)
		if more > 0 && in <= len(b) && c.room(e, more) {
			c.size += more
			b = append(b, make([]byte, more)...)
			e.blocks[i] = b
		}
		if in < len(b) {
			copy(b[in:], p[:n])
		}
		p, off = p[n:], off+int64(n)
	}
}

// room makes room for n more bytes of e, at the cost of others. The caller has
// mu.
func (c *Cache) room(e *contents, n int) bool {
	for c.size+n > c.max {
		last := c.used.Back()
		if last.Value == e {
			return false
		}
		c.drop(last.Value.(*contents))
	}
	return true
}

// A cachedFile is a File seen through a Cache.
type cachedFile struct {
	File
	c    *Cache
	kept *contents // of an open file; nil: none
}

func (f *cachedFile) Unwrap() File { return f.File }

// file returns what a walk returned as a cachedFile.
func (f *cachedFile) file(nf File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f.c.File(nf), nil
}

func (f *cachedFile) Clone(ctx context.Context) (File, error) { return f.file(f.File.Clone(ctx)) }

func (f *cachedFile) Walk(ctx context.Context, name string) (File, error) {
	return f.file(f.File.Walk(ctx, name))
}

func (f *cachedFile) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	nf, qids, err := WalkNames(ctx, f.File, names)
	nf, err = f.file(nf, err)
	return nf, qids, err
}

func (f *cachedFile) Open(ctx context.Context, mode Mode) error {
	if err := f.File.Open(ctx, mode); err != nil {
		return err
	}
	f.kept = f.c.opened(f.File.Qid(), mode&OTRUNC != 0)
	return nil
}

func (f *cachedFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	nf, err := f.File.Create(ctx, name, perm, mode)
	if err != nil {
		return nil, err
	}
	return &cachedFile{nf, f.c, f.c.opened(nf.Qid(), true)}, nil
}

func (f *cachedFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	e := f.kept
	if e == nil || len(p) == 0 {
		return f.File.Read(ctx, p, off)
	}
	n, all, vers := f.c.get(e, p, off)
	if n == all {
		return n, nil
	}
	at := off + int64(n)
	m, err := f.File.Read(ctx, p[n:], at)
	switch {
	case err != nil && n > 0:
		return n, nil // the next read will tell
	case err != nil:
		return 0, err
	}
	f.c.read(e, p[n:n+m], at, vers)
	return n + m, nil
}

func (f *cachedFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	e := f.kept
	if e == nil {
		defer f.c.forget(f.File.Qid())
		return f.File.Write(ctx, p, off)
	}
	f.c.begin(e)
	n, err := f.File.Write(ctx, p, off)
	f.c.wrote(e, p, off, err == nil && n == len(p))
	return n, err
}

func (f *cachedFile) Wstat(ctx context.Context, d Dir) error {
	defer f.c.forget(f.File.Qid())
	return f.File.Wstat(ctx, d)
}

func (f *cachedFile) Remove(ctx context.Context) error {
	defer f.c.forget(f.File.Qid())
	return f.File.Remove(ctx)
}
