package ninep

import (
	"context"
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
	wg     sync.WaitGroup // requests begun and not finished

	// Guarded by server.mu.
	fids     map[uint32]*fid // nil: taken for a request that is to make it
	requests map[uint16]*request
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
// connection; one that is to be replied is left in r.err.
func (s *session) begin(r *request) error {
	r.r = Fcall{Type: r.t.Type + 1, Tag: r.t.Tag}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drained {
		return errDrained
	}
	if s.requests[r.t.Tag] != nil {
		return ErrDupTag
	}
	s.requests[r.t.Tag] = r
	s.begun++
	s.wg.Add(1)
	if len(s.requests) > s.opt.Requests {
		r.err = ErrManyReqs
		return nil
	}
	r.err = s.take(r)
	if r.err == nil {
		r.ctx, r.cancel = context.WithCancel(s.ctx)
	}
	return nil
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
// made, and answers it and its Tflush.
func (s *session) finish(r *request) {
	if r.cancel != nil {
		r.cancel()
	}
	for _, f := range s.settle(r) {
		s.release(f)
	}
	b := s.encode(r)

	s.mu.Lock()
	s.waitRoom()
	// The tag goes before the reply: after that the client may use it again.
	// A Tflush that does not find it any more is answered after the reply.
	delete(s.requests, r.t.Tag)
	s.begun--
	if r.flushed {
		if r.err != nil {
			b = b[:0] // as if it had never been sent
		}
		b, _ = (&Fcall{Type: Rflush, Tag: r.flush}).Append(b)
	}
	if s.ctx.Err() == nil {
		s.send(b)
	} else {
		s.settled()
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

// encode returns the reply to r as bytes, in r.out.
func (s *session) encode(r *request) []byte {
	if r.err == nil {
		r.out, r.err = r.r.Append(r.out[:0])
	}
	if r.err == nil && len(r.out) > int(s.msize) {
		r.err = ErrTooLong
	}
	if r.err != nil {
		ename := ErrorOf(r.err)
		if s.unix {
			ename = unixError(ename)
		}
		ename = ename[:min(len(ename), maxEname)]
		r.out, _ = (&Fcall{Type: Rerror, Tag: r.t.Tag, Ename: string(ename)}).Append(r.out[:0])
	}
	return r.out
}

// maxEname is where an error string is cut; errstr(2) cuts it at 128.
const maxEname = 1024

// flush cancels a request. It is answered after the request, by finish.
func (s *session) flush(r *request) {
	s.mu.Lock()
	var cancel context.CancelFunc
	if old := s.requests[r.t.Oldtag]; old != nil {
		// Only the last Tflush of a request needs an answer.
		old.flushed, old.flush = true, r.t.Tag
		cancel = old.cancel
	}
	s.mu.Unlock()
	if cancel != nil {
		cancel()
	} else {
		s.reply(&Fcall{Type: Rflush, Tag: r.t.Tag})
	}
	s.free(r)
}
