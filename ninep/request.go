package ninep

import (
	"context"
	"math"
	"sync"
)

// A request is a T-message and what becomes of it.
type request struct {
	t, r    Fcall
	in, out *buffer // where data of t and r are; nil: there are none, or the reader has them
	bad     bool    // not a message
	err     error   // becomes an Rerror
	inline  bool    // run by the reader, who holds the reply
	ctx     context.Context
	call    *callContext // ctx, if not inline; kept for the next request

	// Set by take, dropped by finish.
	fid, afid *fid // a reference to each
	walks     bool // counted in fid.walks
	opens     bool // fid.state is opening
	makes     bool // a fid with the number newfid
	newfid    uint32

	made *fid // what is to be newfid

	taken, shared int64 // memory: without asking, of the Memory

	flushes []uint16 // the tags of those who flush it; guarded by server.mu
}

// prompt reports whether the call that r asks for never waits.
func (r *request) prompt(srv Server) bool {
	switch r.t.Type {
	case Tclunk:
		return true
	case Tauth, Tattach:
		return r.afid == nil && Prompt(srv, r.t.Type)
	}
	return Prompt(r.fid.file, r.t.Type)
}

// The memory that a request is taken to need while it is in progress: itself,
// and the goroutine; and the least that there has to be for the data of a read.
const (
	requestCost = 7 << 10
	leastRead   = MinMsize - IOHDRSZ
)

func (r *request) cost() int64 {
	n := int64(requestCost)
	switch r.t.Type {
	case Tread:
		n += int64(bufferFor(rreadsz + int(min(r.t.Count, leastRead))))
	case Twrite:
		if r.in == nil {
			n += int64(bufferFor(len(r.t.Data)))
		}
	}
	return n
}

// keep gives r what it needs when the reader goes on to read.
func (r *request) keep(m *Memory) {
	if n := len(r.t.Data); n > 0 && r.in == nil {
		r.in = m.buffer(n)
		r.t.Data = r.in.b[:copy(r.in.b, r.t.Data)]
	}
}

// run runs a request that has begun, and answers it.
func (s *session) run(r *request) {
	switch {
	case r.err != nil:
	case s.opt.Panic != nil:
		r.err = s.callSafely(r)
	default:
		r.err = s.call(r)
	}
	s.finish(r)
}

// callSafely is call for a server that may panic.
func (s *session) callSafely(r *request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.opt.Panic(v)
			err = ErrIO
		}
	}()
	return s.call(r)
}

// call does what a request asks for.
func (s *session) call(r *request) (err error) {
	switch r.t.Type {
	case Tauth:
		return s.auth(r)
	case Tattach:
		return s.attach(r)
	case Twalk:
		return s.walk(r)
	case Topen:
		return s.open(r)
	case Tcreate:
		return s.create(r)
	case Tread:
		return s.doRead(r)
	case Twrite:
		return s.doWrite(r)
	case Tremove:
		return r.fid.file.Remove(r.ctx)
	case Tstat:
		r.r.Stat, err = r.fid.file.Stat(r.ctx)
		if r.fid.at == nil && r.fid.from != nil {
			r.r.Stat.Name = "/" // whatever it is called where it is attached below
		}
		return err
	case Twstat:
		if name := r.t.Stat.Name; name != "" && !ValidName(name) {
			return ErrBadChar
		}
		return r.fid.file.Wstat(r.ctx, r.t.Stat)
	}
	return nil // Tclunk
}

func (s *session) auth(r *request) error {
	a, ok := s.srv.(Auther)
	if !ok {
		return ErrNoAuth
	}
	file, err := a.Auth(r.ctx, r.t.Uname, r.t.Aname)
	if err != nil {
		return err
	}
	r.made = &fid{file: file, auth: &[2]string{r.t.Uname, r.t.Aname}, state: isOpen, mode: ORDWR}
	r.r.Qid = file.Qid()
	r.r.Qid.Type |= QTAUTH
	return nil
}

func (s *session) attach(r *request) error {
	root, err := s.attachRoot(r)
	if err != nil {
		return err
	}
	file, err := root.Clone(r.ctx)
	if err != nil {
		root.Close()
		return err
	}
	r.made = &fid{file: file, from: &attachment{root: root}}
	r.r.Qid = file.Qid()
	s.entered()
	return nil
}

func (s *session) attachRoot(r *request) (File, error) {
	if r.afid == nil {
		return s.srv.Attach(r.ctx, r.t.Uname, r.t.Aname)
	}
	a, ok := s.srv.(Auther)
	if !ok || r.afid.auth == nil || *r.afid.auth != [2]string{r.t.Uname, r.t.Aname} {
		return nil, ErrPerm
	}
	return a.AttachAuth(r.ctx, r.afid.file, r.t.Uname, r.t.Aname)
}

// walk walks as far as it goes. Only if that is to the end is there a new
// fid, and only if it is not even one name is there an error.
func (s *session) walk(r *request) error {
	w := walker{root: r.fid.from.root, at: r.fid.at, file: r.fid.file}
	err := w.walk(r.ctx, r.t.Wname)
	r.r.Wqid = w.qids
	if err == nil {
		r.made = &fid{file: w.file, from: r.fid.from, at: w.at}
		return nil
	}
	if w.owned {
		w.file.Close()
	}
	if len(w.qids) > 0 {
		return nil
	}
	return err
}

// A walker walks names in a tree, dot-dot among them.
type walker struct {
	root  File // of the tree
	at    *place
	file  File // at that place
	owned bool // by the walker, who has to close it
	qids  []Qid
}

// walk walks names until one cannot be walked. No names are a clone.
func (w *walker) walk(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return w.down(ctx, nil)
	}
	for len(names) > 0 {
		if !w.file.Qid().IsDir() {
			return ErrNotDir
		}
		n, err := 1, error(ErrNotExist)
		switch {
		case names[0] == "..":
			err = w.up(ctx)
		case ValidName(names[0]):
			for n < len(names) && ValidName(names[n]) {
				n++
			}
			err = w.down(ctx, names[:n])
		}
		if err != nil {
			return err
		}
		names = names[n:]
	}
	return nil
}

// down walks names none of which is dot-dot.
func (w *walker) down(ctx context.Context, names []string) error {
	f, qids, err := WalkNames(ctx, w.file, names)
	w.qids = append(w.qids, qids...)
	for _, name := range names[:len(qids)] {
		w.at = &place{w.at, name}
	}
	if err == nil {
		w.set(f)
	}
	return err
}

// up walks dot-dot: from the root, the names that lead here but the last.
func (w *walker) up(ctx context.Context) error {
	to := w.at
	if to != nil {
		to = to.up
	}
	f, _, err := WalkNames(ctx, w.root, to.names())
	if err != nil {
		return err
	}
	w.set(f)
	w.at, w.qids = to, append(w.qids, f.Qid())
	return nil
}

func (w *walker) set(f File) {
	if w.owned {
		w.file.Close()
	}
	w.file, w.owned = f, true
}

// openMode checks the mode of an open, and returns it without what is not a
// File's business.
func openMode(mode Mode, isDir bool) (Mode, error) {
	switch {
	case mode&^(3|OTRUNC|OCEXEC|ORCLOSE) != 0:
		return 0, ErrBadArg
	case isDir && (mode.CanWrite() || mode&(OTRUNC|ORCLOSE) != 0):
		return 0, ErrIsDir
	}
	return mode &^ OCEXEC, nil
}

func (s *session) open(r *request) error {
	f := r.fid.file
	mode, err := openMode(r.t.Mode, f.Qid().IsDir())
	if err != nil {
		return err
	}
	if err := f.Open(r.ctx, mode); err != nil {
		return err
	}
	r.r.Qid, r.r.Iounit = f.Qid(), s.msize-IOHDRSZ
	return nil
}

func (s *session) create(r *request) error {
	mode, err := openMode(r.t.Mode, r.t.Perm.IsDir())
	switch {
	case err != nil:
		return err
	case !ValidName(r.t.Name):
		return ErrBadChar
	case !r.fid.file.Qid().IsDir():
		return ErrNotDir
	}
	f, err := r.fid.file.Create(r.ctx, r.t.Name, r.t.Perm, mode)
	if err != nil {
		return err
	}
	at := &place{r.fid.at, r.t.Name}
	r.made = &fid{file: f, from: r.fid.from, at: at, state: isOpen, mode: r.t.Mode}
	r.r.Qid, r.r.Iounit = f.Qid(), s.msize-IOHDRSZ
	return nil
}

// doRead reads to where the data of the reply have their place, so that encode
// does not have to move them.
func (s *session) doRead(r *request) error {
	f := r.fid
	var n int
	var err error
	switch {
	case !f.mode.CanRead():
		return ErrBadUseFD
	case r.t.Offset > math.MaxInt64:
		return ErrNegOff
	}
	p := s.room(r, int(min(r.t.Count, s.msize-IOHDRSZ)))
	if f.file.Qid().IsDir() {
		n, err = f.dir.read(r.ctx, f.file, p, r.t.Offset)
	} else {
		n, err = f.file.Read(r.ctx, p, int64(r.t.Offset))
	}
	if err != nil {
		return err
	}
	if n < 0 || n > len(p) {
		return ErrIO
	}
	r.r.Data = p[:n]
	return nil
}

// room returns where the data of an Rread go, n bytes or as many as there is
// memory for.
func (s *session) room(r *request, n int) []byte {
	if more := bufferFor(rreadsz+n) - bufferFor(rreadsz+leastRead); more > 0 && !s.charge(r, int64(more)) {
		n = leastRead
	}
	var b []byte
	if r.inline {
		s.hold(rreadsz + n)
		b = s.held[len(s.held):cap(s.held)]
	} else {
		r.out = s.mem.buffer(rreadsz + n)
		b = r.out.b
	}
	return b[rreadsz : rreadsz+n : rreadsz+n]
}

func (s *session) doWrite(r *request) error {
	f := r.fid
	switch {
	case !f.mode.CanWrite():
		return ErrBadUseFD
	case r.t.Offset > math.MaxInt64:
		return ErrNegOff
	}
	n, size, err := 0, len(r.t.Data), error(nil)
	if k, ok := f.file.(Keeper); ok && r.in != nil {
		in, p := r.in, r.t.Data
		r.in, r.t.Data = nil, nil // not ours any more, if it panics
		var other []byte
		n, other, err = k.WriteKeep(r.ctx, p, int64(r.t.Offset))
		if other = other[:cap(other)]; len(other) >= bufferSizes[in.size] {
			in.b, r.in = other, in
		}
	} else {
		n, err = f.file.Write(r.ctx, r.t.Data, int64(r.t.Offset))
	}
	if err != nil {
		return err
	}
	if n < 0 || n > size {
		return ErrIO
	}
	r.r.Count = uint32(n)
	return nil
}

// A dirReader turns the entries of a directory into what reads of it give:
// whole entries, from the beginning or from where the last read ended.
type dirReader struct {
	mu   sync.Mutex // guards the fields below
	rest []Dir      // what has not been read
	off  uint64     // of rest
	left int        // bytes that the last read had no room in for an entry
}

func (d *dirReader) read(ctx context.Context, f File, p []byte, off uint64) (int, error) {
	var dirs []Dir
	if off == 0 {
		var err error
		if dirs, err = f.ReadDir(ctx); err != nil {
			return 0, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if off == 0 {
		d.rest, d.off, d.left = dirs, 0, 0
	}
	if off != d.off {
		return 0, ErrBadOffset
	}
	b := p[:0:len(p)]
	for len(d.rest) > 0 {
		more, err := AppendDir(b, d.rest[0])
		if err != nil {
			return 0, err
		}
		if len(more) > len(p) {
			break
		}
		b, d.rest = more, d.rest[1:]
	}
	// Linux's client reads on until its buffer is full or nothing comes: an error
	// would be that of the whole.
	goesOn := d.left > 0 && len(p) == d.left
	d.left = len(p) - len(b)
	if len(b) == 0 && len(d.rest) > 0 {
		d.left = 0
		if goesOn {
			return 0, nil
		}
		return 0, ErrShort
	}
	d.off += uint64(len(b))
	return len(b), nil
}
