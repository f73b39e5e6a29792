package ninep

import (
	"context"
	"sync"
	"sync/atomic"
)

// Attach attaches to the server at the other end, without authentication.
func (c *Client) Attach(ctx context.Context, user, spec string) (File, error) {
	return c.attach(ctx, NOFID, user, spec)
}

// Auth begins an authentication, if the server at the other end wants one.
func (c *Client) Auth(ctx context.Context, user, spec string) (File, error) {
	fid, err := c.newFid()
	if err != nil {
		return nil, err
	}
	k := c.newCall(Fcall{Type: Tauth, Afid: fid, Uname: user, Aname: spec})
	defer c.free(k)
	if err := c.rpc(ctx, k); err != nil {
		return nil, err
	}
	return c.file(fid, k.r.Qid), nil
}

// AttachAuth attaches with a file that Auth returned.
func (c *Client) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	f, ok := As[*clientFile](auth)
	if !ok || f.c != c {
		return nil, ErrPerm
	}
	return c.attach(ctx, f.fid, user, spec)
}

func (c *Client) attach(ctx context.Context, afid uint32, user, spec string) (File, error) {
	fid, err := c.newFid()
	if err != nil {
		return nil, err
	}
	k := c.newCall(Fcall{Type: Tattach, Fid: fid, Afid: afid, Uname: user, Aname: spec})
	defer c.free(k)
	if err := c.rpc(ctx, k); err != nil {
		return nil, err
	}
	return c.file(fid, k.r.Qid), nil
}

func (c *Client) file(fid uint32, qid Qid) *clientFile {
	return &clientFile{c: c, fid: fid, qid: qid, iounit: int(c.msize - IOHDRSZ)}
}

// A clientFile is a fid at the other end of a connection.
type clientFile struct {
	c    *Client
	fid  uint32
	gone atomic.Bool // clunked or removed

	reading atomic.Bool  // a Read has what follows
	ahead   ahead        // what it reads ahead
	length  atomic.Int64 // if positive, this is a plain file that was so long; see learn
	asked   atomic.Int32 // how often its length was asked for
	wrote   atomic.Int64 // a plain file is so long, at least: that much was written

	mu     sync.Mutex // guards the fields below, which Open changes
	qid    Qid
	iounit int // bytes of data in a message
}

func (f *clientFile) Qid() Qid {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.qid
}

func (f *clientFile) Clone(ctx context.Context) (File, error) {
	nf, _, err := f.walk(ctx, nil)
	if err != nil {
		return nil, err
	}
	return nf, nil
}

func (f *clientFile) Walk(ctx context.Context, name string) (File, error) {
	nf, _, err := f.WalkNames(ctx, []string{name})
	return nf, err
}

// WalkNames walks up to MAXWELEM names with one Twalk. A Twalk that stops
// early does not say why; the qids tell as much as they told Plan 9.
func (f *clientFile) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	at := f
	qids := make([]Qid, 0, len(names))
	for len(qids) < len(names) {
		n := min(MAXWELEM, len(names)-len(qids))
		next, q, err := at.walk(ctx, names[len(qids):][:n])
		if at != f {
			at.Close()
		}
		qids = append(qids, q...)
		if err != nil {
			return nil, qids, err
		}
		at = next
	}
	return at, qids, nil
}

// walk walks names with one Twalk.
func (f *clientFile) walk(ctx context.Context, names []string) (*clientFile, []Qid, error) {
	fid, err := f.c.newFid()
	if err != nil {
		return nil, nil, err
	}
	k := f.c.newCall(Fcall{Type: Twalk, Fid: f.fid, Newfid: fid, Wname: names})
	defer f.c.free(k)
	if err := f.c.rpc(ctx, k); err != nil {
		return nil, nil, err
	}
	qids, qid := k.r.Wqid, f.Qid()
	if len(qids) > 0 {
		qid = qids[len(qids)-1]
	}
	if len(qids) == len(names) {
		return f.c.file(fid, qid), qids, nil
	}
	f.c.mu.Lock()
	f.c.settle(k, &k.r)
	f.c.unlock()
	if len(qids) > len(names) || len(qids) == 0 {
		f.c.fail()
		return nil, nil, ErrBotch
	}
	if !qid.IsDir() {
		return nil, qids, ErrNotDir
	}
	return nil, qids, ErrNotExist
}

func (f *clientFile) Open(ctx context.Context, mode Mode) error {
	k := f.c.newCall(Fcall{Type: Topen, Fid: f.fid, Mode: mode})
	defer f.c.free(k)
	err := f.c.rpc(ctx, k)
	if mode&OTRUNC != 0 {
		f.change()
	}
	if err != nil {
		return err
	}
	f.opened(&k.r)
	return nil
}

// opened notes what Ropen and Rcreate tell.
func (f *clientFile) opened(r *Fcall) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.qid = r.Qid
	if n := int(r.Iounit); n > 0 && n < f.iounit {
		f.iounit = n
	}
}

// Create creates from a clone, because Tcreate moves the fid to the file.
func (f *clientFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	nf, _, err := f.walk(ctx, nil)
	if err != nil {
		return nil, err
	}
	k := f.c.newCall(Fcall{Type: Tcreate, Fid: nf.fid, Name: name, Perm: perm, Mode: mode})
	defer f.c.free(k)
	if err := f.c.rpc(ctx, k); err != nil {
		return nil, err
	}
	nf.opened(&k.r)
	return nf, nil
}

// unit returns how many bytes one message can carry.
func (f *clientFile) unit() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.iounit
}

// read sends one Tread.
func (f *clientFile) read(ctx context.Context, p []byte, off int64) (int, error) {
	k := f.c.newCall(Fcall{Type: Tread, Fid: f.fid, Offset: uint64(off), Count: uint32(len(p))})
	defer f.c.free(k)
	if err := f.c.rpc(ctx, k); err != nil {
		return 0, err
	}
	if len(k.r.Data) > len(p) {
		f.c.fail()
		return 0, ErrBotch
	}
	return copy(p, k.r.Data), nil
}

// ReadDir reads the directory from its beginning to its end.
func (f *clientFile) ReadDir(ctx context.Context) ([]Dir, error) {
	var dirs []Dir
	buf := make([]byte, f.unit())
	for off := int64(0); ; {
		n, err := f.read(ctx, buf, off)
		if n == 0 || err != nil {
			return dirs, err
		}
		off += int64(n)
		for b := buf[:n]; len(b) > 0; {
			var d Dir
			if d, b, err = UnmarshalDir(b); err != nil {
				return dirs, err
			}
			dirs = append(dirs, d)
		}
	}
}

func (f *clientFile) Stat(ctx context.Context) (Dir, error) {
	k := f.c.newCall(Fcall{Type: Tstat, Fid: f.fid})
	defer f.c.free(k)
	err := f.c.rpc(ctx, k)
	if err != nil {
		return Dir{}, err
	}
	if f.wrote.Load() > 0 {
		f.note(&k.r.Stat)
	}
	return k.r.Stat, nil
}

func (f *clientFile) Wstat(ctx context.Context, d Dir) error {
	k := f.c.newCall(Fcall{Type: Twstat, Fid: f.fid, Stat: d})
	defer f.c.free(k)
	defer f.change()
	return f.c.rpc(ctx, k)
}

// Remove removes the file, and the fid in any case.
func (f *clientFile) Remove(ctx context.Context) error {
	if f.gone.Swap(true) {
		return ErrBadFid
	}
	f.dropAhead()
	k := f.c.newCall(Fcall{Type: Tremove, Fid: f.fid})
	defer f.c.free(k)
	defer f.change()
	err := f.c.rpc(ctx, k)
	if err == nil {
		f.c.mu.Lock()
		f.c.freeFid(f.fid)
		f.c.mu.Unlock()
	}
	return err
}

func (f *clientFile) Close() error {
	if f.gone.Swap(true) {
		return nil
	}
	f.dropAhead()
	f.c.mu.Lock()
	defer f.c.unlock()
	f.c.clunk(f.fid)
	return nil
}
