package ninep

import (
	"context"
	"slices"
	"sync"
)

// A session is what there is between one Tversion and the next: a table of
// fids and one of requests.
//
// The reader enters each request with begin, which does what has to be done
// in the order of arrival. Then run calls the server's Files, concurrently
// with other requests, and finish answers.
type session struct {
	*server
	msize  uint32
	unix   bool            // the client would rather speak a dialect of Unix: see unixErrors
	ctx    context.Context // of all requests
	cancel context.CancelFunc
	wg     sync.WaitGroup // requests begun and not finished, but those inline

	// Guarded by server.mu.
	fids     map[uint32]*fid     // nil: taken for a request that is to make it
	requests map[uint16]*request // but those inline
	flushed  int                 // requests with flushes
}

// A fid is a File in use.
type fid struct {
	file File
	from *attachment // nil: an authentication file
	at   *place      // in the attached tree; nil: its root
	auth *[2]string  // user and spec of an authentication file

	// Guarded by server.mu.
	refs  int // the table's and those of requests
	walks int // requests that need the file not open
	state fidState
	mode  Mode // of the open file

	dir dirReader
}

type fidState uint8

const (
	notOpen fidState = iota
	opening
	isOpen
)

// An attachment is a tree that was attached. Its root is kept, because
// dot-dot is a walk from there.
type attachment struct {
	root File
	refs int // fids in the tree; guarded by server.mu
}

// A place is a name in a tree. It says what is above, which a File does not.
type place struct {
	up   *place // nil: the root
	name string
}

// names returns the names that lead from the root to a place.
func (p *place) names() []string {
	if p == nil {
		return nil
	}
	return append(p.up.names(), p.name)
}

func newSession(s *server, msize uint32) *session {
	ctx, cancel := context.WithCancel(s.ctx)
	return &session{
		server: s, msize: msize, ctx: ctx, cancel: cancel,
		fids: make(map[uint32]*fid), requests: make(map[uint16]*request),
	}
}

// close cancels all requests, waits until they are done and closes all Files.
func (s *session) close() {
	s.cancel()
	s.wg.Wait()
	for _, f := range s.fids {
		s.release(f)
	}
}

// begin enters a request in the tables. An error is the end of the
// connection; one that is to be replied is left in r.err, and nobody waits
// for a reply that needs no call.
func (s *session) begin(r *request) error {
	r.r = Fcall{Type: r.t.Type + 1, Tag: r.t.Tag}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.drained:
		return errDrained
	case s.requests[r.t.Tag] != nil:
		return ErrDupTag
	}
	s.begun++
	if r.err == nil {
		r.err = s.take(r)
	}
	if r.inline = r.err != nil || r.prompt(s.srv); r.inline {
		r.ctx = s.ctx
		return nil
	}
	if len(s.requests) >= s.opt.Requests || !s.chargeLocked(r, r.cost()) {
		r.err, r.inline = ErrManyReqs, true
		return nil
	}
	r.call = r.call.begin(s.ctx)
	r.ctx = r.call
	s.requests[r.t.Tag] = r
	s.wg.Add(1)
	return nil
}

// charge takes memory for a request, if there is that much.
func (s *session) charge(r *request, n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chargeLocked(r, n)
}

// alwaysTaken is how much requests of a connection may take without asking the
// Memory, beside a buffer for a message of msize.
const alwaysTaken = 64 << 10

// chargeLocked is charge for a caller who has mu.
func (s *session) chargeLocked(r *request, n int64) bool {
	switch {
	case s.taken+n <= int64(bufferFor(int(s.msize)+smallIn))+alwaysTaken:
		s.taken += n
		r.taken += n
	case s.mem.take(n):
		r.shared += n
	default:
		return false
	}
	return true
}

// take takes the fids that a request names and checks that they are in a
// state for it. The caller has mu.
func (s *session) take(r *request) (err error) {
	t := &r.t
	switch t.Type {
	case Tauth:
		return s.takeNew(r, t.Afid)
	case Tattach:
		if t.Afid != NOFID {
			if r.afid, err = s.takeFid(t.Afid); err != nil {
				return err
			}
		}
		return s.takeNew(r, t.Fid)
	}
	if r.fid, err = s.takeFid(t.Fid); err != nil {
		return err
	}
	f := r.fid
	switch t.Type {
	case Twalk, Tcreate:
		if f.state != notOpen {
			return ErrBotch
		}
		f.walks++
		r.walks = true
		if t.Type == Tcreate || t.Newfid == t.Fid {
			r.makes, r.newfid = true, t.Fid
			return nil
		}
		return s.takeNew(r, t.Newfid)
	case Topen:
		if f.state != notOpen || f.walks > 0 {
			return ErrBotch
		}
		f.state, r.opens = opening, true
	case Tread, Twrite:
		if f.state != isOpen {
			return ErrBotch
		}
	case Tclunk, Tremove:
		delete(s.fids, t.Fid)
		f.refs--
	}
	return nil
}

// takeFid returns a fid with one more reference. The caller has mu.
func (s *session) takeFid(n uint32) (*fid, error) {
	f := s.fids[n]
	if f == nil {
		return nil, ErrBadFid
	}
	f.refs++
	return f, nil
}

// takeNew reserves a number for the fid that r makes. The caller has mu.
func (s *session) takeNew(r *request, n uint32) error {
	_, taken := s.fids[n]
	switch {
	case n == NOFID:
		return ErrBadFid
	case taken:
		return ErrDupFid
	case len(s.fids) >= s.opt.Fids:
		return ErrManyFids
	}
	s.fids[n] = nil
	r.makes, r.newfid = true, n
	return nil
}

// finish gives back what take took, installs the fid that the request has
// made, and answers it and those that flush it.
func (s *session) finish(r *request) {
	if r.call != nil {
		r.call.end()
	}
	for _, f := range s.settle(r) {
		s.release(f)
	}
	if r.inline {
		s.hold(rreadsz)
		s.held = s.encode(r, s.held)
		s.answers++
		s.free(r)
		return
	}
	if r.out == nil {
		r.out = s.mem.buffer(rreadsz)
	}
	b := s.encode(r, r.out.b[:0])

	s.mu.Lock()
	s.waitRoom()
	// The tag goes before the reply: after that the client may use it again.
	// A Tflush that does not find it any more is answered after the reply.
	delete(s.requests, r.t.Tag)
	s.begun--
	if len(r.flushes) > 0 {
		s.flushed--
		if r.err != nil {
			b = b[:0] // as if it had never been sent
		}
	}
	for _, tag := range r.flushes {
		b, _ = (&Fcall{Type: Rflush, Tag: tag}).Append(b)
	}
	if s.ctx.Err() == nil {
		s.send(b)
	}
	s.mu.Unlock()
	s.free(r)
	s.wg.Done()
}

// settle makes the table what it is to be after the request, and returns
// the fids that have one reference too many.
func (s *session) settle(r *request) (drop [3]*fid) {
	s.mu.Lock()
	defer s.mu.Unlock()
	drop = [3]*fid{r.fid, r.afid}
	if r.walks {
		r.fid.walks--
	}
	if r.opens {
		r.fid.state, r.fid.mode = isOpen, r.t.Mode
		if r.err != nil {
			r.fid.state = notOpen
		}
	}
	made := r.made
	if made != nil {
		made.refs = 1
		if made.from != nil {
			made.from.refs++
		}
	}
	switch {
	case !r.makes:
	case r.walks && r.newfid == r.t.Fid: // takes the place of r.fid
		if made == nil {
			break
		}
		if s.fids[r.newfid] == r.fid {
			s.fids[r.newfid], drop[2] = made, r.fid
		} else { // which was clunked in the meantime
			r.err, drop[2] = ErrBadFid, made
		}
	case made != nil:
		s.fids[r.newfid] = made
	default:
		delete(s.fids, r.newfid)
	}
	return drop
}

// release drops a reference to a fid, if there is one; the last closes it.
func (s *session) release(f *fid) {
	if f == nil {
		return
	}
	s.mu.Lock()
	f.refs--
	last, lastInTree := f.refs == 0, false
	if last && f.from != nil {
		f.from.refs--
		lastInTree = f.from.refs == 0
	}
	s.mu.Unlock()
	if last {
		f.file.Close()
	}
	if lastInTree {
		f.from.root.Close()
	}
}

// rreadsz is how many bytes of an Rread come before its data.
const rreadsz = hdrsz + 4

// twritesz is how many bytes of a Twrite are before its data.
const twritesz = hdrsz + 4 + 8 + 4

// encode appends the reply to r. The data of an Rread are there already, where
// doRead has left them.
func (s *session) encode(r *request, b []byte) []byte {
	start := len(b)
	if n := rreadsz + len(r.r.Data); r.err == nil && r.r.Type == Rread {
		b = b[:start+n]
		le.PutUint32(b[start:], uint32(n))
		b[start+4] = byte(Rread)
		le.PutUint16(b[start+5:], r.r.Tag)
		le.PutUint32(b[start+hdrsz:], uint32(len(r.r.Data)))
	} else if r.err == nil {
		b, r.err = r.r.Append(b)
	}
	if r.err == nil && len(b)-start > int(s.msize) {
		r.err = ErrTooLong
	}
	if r.err != nil {
		ename := ErrorOf(r.err)
		if s.unix {
			ename = unixError(ename)
		}
		ename = ename[:min(len(ename), maxEname)]
		b, _ = (&Fcall{Type: Rerror, Tag: r.t.Tag, Ename: string(ename)}).Append(b[:start])
	}
	return b
}

// maxEname is where an error string is cut; errstr(2) cuts it at 128.
const maxEname = 1024

// maxFlushes is how many flushes of one request are answered, the last ones:
// the last alone needs an answer.
const maxFlushes = 64

// flush cancels a request. The answer comes after that to the request, by
// finish; so does the answer to the flush of a flush.
func (s *session) flush(r *request) {
	s.mu.Lock()
	old := s.requests[r.t.Oldtag]
	if old == nil && s.flushed > 0 {
		old = s.flushing(r.t.Oldtag)
	}
	var call *callContext
	if old != nil {
		if len(old.flushes) == 0 {
			s.flushed++
		}
		if len(old.flushes) == maxFlushes {
			old.flushes = append(old.flushes[:0], old.flushes[1:]...)
		}
		old.flushes = append(old.flushes, r.t.Tag)
		call = old.call
	}
	s.mu.Unlock()
	if call != nil {
		call.end()
	} else {
		s.reply(&Fcall{Type: Rflush, Tag: r.t.Tag})
	}
	s.free(r)
}

// flushing returns the request that a Tflush with this tag waits for, or nil. The
// caller has mu.
func (s *session) flushing(tag uint16) *request {
	for _, r := range s.requests {
		if slices.Contains(r.flushes, tag) {
			return r
		}
	}
	return nil
}
