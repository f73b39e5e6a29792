package ninep

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
)

// ServeOptions bound what one connection may use. Zero fields stand for the
// defaults.
type ServeOptions struct {
	Msize    uint32 // bytes of the longest message, MinMsize to MaxMsize; 0: DefaultMsize
	Fids     int    // fids in use; 0: 16384
	Requests int    // requests not yet answered; 0: 1024

	// Drain, when it is closed, ends the connection in order: no more
	// requests begin, those that have are answered, and then conn is closed.
	// How long that may take is for ctx to say. Nil: there is only ctx.
	Drain <-chan struct{}

	// Panic is told of a panic in a call of the Server, where it happened.
	// The request is answered with ErrIO, and what the call held is its
	// own affair. Nil: the panic goes on.
	Panic func(v any)
}

// Serve answers the 9P requests that arrive on conn by calling srv, until
// conn ends (nil, if that is between two messages or while replying), until
// what arrives is not 9P (ErrBadMsg or ErrDupTag), or until ctx is done. It
// closes conn, which must end a Read or Write in progress. When it returns,
// every File it had from srv is closed and every goroutine it started has
// ended. The contexts of the requests derive from ctx.
//
// Requests run concurrently, but their fids are looked up in the order in
// which they arrive, and a Tclunk is finished before the next request begins:
// Close must not wait for other requests.
func Serve(ctx context.Context, conn io.ReadWriteCloser, srv Server, opt *ServeOptions) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &server{
		ctx: ctx, cancel: cancel, srv: srv, conn: conn, opt: opt.withDefaults(),
		in: bufio.NewReader(conn), end: make(chan error, 1),
	}
	s.written.L = &s.mu
	s.pool.New = func() any { return new(request) }

	var draining sync.WaitGroup
	defer draining.Wait()
	defer cancel(nil)
	if s.opt.Drain != nil {
		draining.Go(s.drain) // ends with ctx
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { conn.Close(); close(closed) })
	go s.read() // one goroutine reads, until one sends to end
	err := <-s.end
	if stop() {
		conn.Close()
	} else {
		<-closed
		if err = context.Cause(ctx); err == errGone || err == errDrained {
			err = nil
		}
	}
	if s.session != nil {
		s.session.close()
	}
	return err
}

// errGone ends a connection whose other end takes no replies, errDrained one
// that has answered all it was asked before it was to end.
var (
	errGone    = errors.New("nobody reads the replies")
	errDrained = errors.New("all requests are answered")
)

func (o *ServeOptions) withDefaults() ServeOptions {
	opt := ServeOptions{Msize: DefaultMsize, Fids: 16384, Requests: 1024}
	if o == nil {
		return opt
	}
	if o.Msize != 0 {
		opt.Msize = min(max(o.Msize, MinMsize), MaxMsize)
	}
	if o.Fids != 0 {
		opt.Fids = o.Fids
	}
	if o.Requests != 0 {
		opt.Requests = o.Requests
	}
	opt.Drain, opt.Panic = o.Drain, o.Panic
	return opt
}

// A server is a connection being served.
//
// Its goroutines take turns in reading: the one that has read a request lets
// another read the next before it runs the request. So a request starts
// without a switch between goroutines, and yet one that blocks never stands
// in the way of the Tflush behind it.
type server struct {
	ctx    context.Context
	cancel context.CancelCauseFunc // ends the connection
	srv    Server
	opt    ServeOptions
	conn   io.ReadWriteCloser
	end    chan error // why the last reader stopped
	pool   sync.Pool  // of *request, for their buffers

	// Private to the goroutine whose turn it is to read.
	in      *bufio.Reader
	session *session // nil before Tversion

	mu      sync.Mutex // guards the fields below and the tables of the session
	written sync.Cond  // out was taken, or the connection is dead
	writing bool       // somebody writes, and will write out, too
	out     []byte     // replies for him to write
	dead    bool       // a write failed
	begun   int        // requests that have begun and are not finished
	drained bool       // no more are to begin
}

// maxOut is how many bytes of replies may wait to be written before those
// who have more must wait themselves.
const maxOut = 64 << 10

// read reads and runs requests until it comes to one that may block.
func (s *server) read() {
	for {
		r, err := s.next()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			s.end <- err
			return
		}
		switch {
		case r.t.Type == Tversion:
			s.version(r)
		case r.t.Type == Tflush:
			s.session.flush(r)
		case r.err != nil || r.t.Type == Tclunk:
			s.session.run(r)
		default:
			go s.read() // ends when its turn does, as this one
			s.session.run(r)
			return
		}
	}
}

// next reads a message and makes it a request that is ready to run.
func (s *server) next() (*request, error) {
	b, err := s.in.Peek(4)
	if len(b) < 4 {
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	size, msize := le.Uint32(b), uint32(MinMsize)
	if s.session != nil {
		msize = s.session.msize
	}
	if size < hdrsz || size > msize {
		return nil, ErrBadMsg
	}
	r := s.pool.Get().(*request)
	r.in = grow(r.in, int(size))
	if _, err := io.ReadFull(s.in, r.in); err != nil {
		return nil, err
	}
	if err = r.t.Unmarshal(r.in); err == nil {
		err = s.admit(r)
	}
	if err == errDrained {
		<-s.ctx.Done() // others are not finished yet
		return nil, err
	}
	if err != nil {
		s.reply(&Fcall{Type: Rerror, Tag: r.t.Tag, Ename: err.Error()})
		return nil, err
	}
	return r, nil
}

// admit checks that a message may come now, and begins it if it is one that
// goes to a File.
func (s *server) admit(r *request) error {
	switch {
	case !r.t.Type.isT():
		return ErrBadMsg
	case r.t.Type == Tversion:
		return nil
	case s.session == nil:
		return ErrBadMsg // the first message has to be Tversion
	case r.t.Type == Tflush:
		return nil
	}
	return s.session.begin(r)
}

// grow returns b with length n, if need be another b.
func grow(b []byte, n int) []byte {
	if cap(b) < n {
		b = make([]byte, n)
	}
	return b[:n]
}

// version ends the session, if there is one, and begins another.
func (s *server) version(r *request) {
	if s.session != nil {
		s.session.close()
		s.session = nil
	}
	reply := &Fcall{Type: Rversion, Tag: r.t.Tag, Msize: min(r.t.Msize, s.opt.Msize), Version: VERSION9P}
	version, dialect, _ := strings.Cut(r.t.Version, ".")
	switch {
	case version != VERSION9P:
		reply.Version = "unknown"
	case reply.Msize < MinMsize:
		reply = &Fcall{Type: Rerror, Tag: r.t.Tag, Ename: string(ErrMsize)}
	default:
		s.session = newSession(s, reply.Msize)
		s.session.unix = dialect == "u" || dialect == "L"
	}
	s.reply(reply)
	s.free(r)
}

// reply sends a message that is no request's.
func (s *server) reply(m *Fcall) {
	b, _ := m.Append(make([]byte, 0, 64))
	s.mu.Lock()
	s.waitRoom()
	s.send(b)
	s.mu.Unlock()
}

// waitRoom waits until a reply may be sent. The caller has mu.
func (s *server) waitRoom() {
	for s.writing && len(s.out) >= maxOut {
		s.written.Wait()
	}
}

// send writes a reply, and what others want to send meanwhile; or leaves it
// to somebody who is writing. Replies go out in the order of calls. The
// caller has mu, and loses it for a while.
func (s *server) send(b []byte) {
	if s.writing {
		s.out = append(s.out, b...)
		return
	}
	s.writing = true
	for len(b) > 0 && !s.dead {
		s.mu.Unlock()
		_, err := s.conn.Write(b)
		s.mu.Lock()
		if err != nil {
			s.dead = true
			s.cancel(errGone)
		}
		b, s.out = s.out, nil
		s.written.Broadcast()
	}
	s.writing = false
	s.settled()
}

// drain has the connection end in order when it is to. It returns when it ends
// in whatever way.
func (s *server) drain() {
	select {
	case <-s.opt.Drain:
	case <-s.ctx.Done():
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drained = true
	s.settled()
}

// settled ends a drained connection on which no request is under way and no
// reply. The caller has mu.
func (s *server) settled() {
	if s.drained && s.begun == 0 && !s.writing {
		s.cancel(errDrained)
	}
}

// free keeps the buffers of a request for the next one.
func (s *server) free(r *request) {
	*r = request{in: r.in, out: r.out}
	s.pool.Put(r)
}
