package ninep

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

// ServeOptions bound what one connection may use. Zero fields stand for the
// defaults.
type ServeOptions struct {
	Msize    uint32 // bytes of the longest message, MinMsize to MaxMsize; 0: MaxMsize
	Fids     int    // fids in use; 0: 16384
	Requests int    // requests not yet answered; 0: 1024

	// Memory is what requests take theirs from, the same for connections
	// that are to have one bound together. While it is used up reads return
	// less than they could and what does not fit at all is refused with
	// ErrManyReqs. Nil: 64 MB for this connection alone.
	Memory *Memory

	// How long a peer may take, until Serve returns ErrTimedOut. 0: for ever.
	Hello  time.Duration // until its Tversion has come
	Attach time.Duration // until it has attached to something
	Idle   time.Duration // until it asks for something, when all is answered; its fids do not count
	Stall  time.Duration // until it has taken 256 KB of the replies that wait for it, or the rest of them

	// Drain, when it is done, ends the connection in order: no more
	// requests begin, those that have are answered, and then conn is closed.
	// How long that may take is for ctx to say. Nil: there is only ctx.
	Drain context.Context

	// Linger is how long requests in progress may take when the peer has
	// closed its side and may still be reading, as it may when conn has a
	// method CloseWrite. 0: a second.
	Linger time.Duration

	// Panic is told of a panic in a call of the Server, where it happened.
	// The request is answered with ErrIO, and what the call held is its
	// own affair. Nil: the panic goes on, perhaps to the caller of Serve.
	Panic func(v any)
}

// Serve answers the 9P requests that arrive on conn by calling srv, until
// conn ends (nil, if that is between two messages or while replying), until
// what arrives is not 9P (ErrBadMsg or ErrDupTag), until a time of opt is over,
// or until ctx is done. It closes conn, which must end a Read or Write in
// progress. When it returns, every File it had from srv is closed and every
// goroutine it started has ended. The contexts of the requests derive from
// ctx, and are done when the calls have returned.
//
// Requests run concurrently, but their fids are looked up in the order in
// which they arrive, and a Tclunk is finished before the next request begins:
// Close must not wait for other requests. So are calls that a [Prompter] says
// never wait, which is faster: nobody has to stand by to read what comes
// meanwhile, and the replies to what came together go together; see [IdleReader].
//
// A peer that does not take its replies is not read from any more, once 64 KB
// of them wait.
func Serve(ctx context.Context, conn io.ReadWriteCloser, srv Server, opt *ServeOptions) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &server{
		ctx: ctx, cancel: cancel, srv: srv, conn: conn, opt: opt.withDefaults(),
		end: make(chan error, 1),
	}
	s.mem, s.next = s.opt.Memory, s.read
	s.in = newInput(conn, s.mem, s.deliver)
	s.written.L = &s.mu
	defer s.watch()()

	if s.opt.Drain != nil {
		defer after(s.opt.Drain, s.drain)()
	}
	stop := after(ctx, func() { conn.Close() })
	// One goroutine reads, until one sends to end: this one as long as nothing
	// may block.
	if r := s.turn(); r != nil {
		go s.pass(r) // ends with r
	}
	err := <-s.end
	if err == nil {
		s.linger()
	}
	if stop() {
		conn.Close()
	} else if err = context.Cause(ctx); err == errGone || err == errDrained {
		err = nil
	}
	if s.session != nil {
		s.session.close()
	}
	s.in.close()
	return err
}

// after is context.AfterFunc with a stop that waits for f, if that has begun.
func after(ctx context.Context, f func()) (stop func() bool) {
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() { f(); close(done) })
	return func() bool {
		stopped := cancel()
		if !stopped {
			<-done
		}
		return stopped
	}
}

// errGone ends a connection whose other end takes no replies, errDrained one
// that has answered all it was asked before it was to end.
var (
	errGone    = errors.New("nobody reads the replies")
	errDrained = errors.New("all requests are answered")
)

func (o *ServeOptions) withDefaults() ServeOptions {
	var opt ServeOptions
	if o != nil {
		opt = *o
	}
	if opt.Msize == 0 {
		opt.Msize = MaxMsize
	}
	opt.Msize = min(max(opt.Msize, MinMsize), MaxMsize)
	if opt.Fids == 0 {
		opt.Fids = 16384
	}
	if opt.Requests == 0 {
		opt.Requests = 1024
	}
	if opt.Memory == nil {
		opt.Memory = NewMemory(memoryLimit)
	}
	if opt.Linger == 0 {
		opt.Linger = time.Second
	}
	return opt
}

// A server is a connection being served.
//
// Its goroutines take turns in reading: the one that has read a request lets
// another read the next before it runs the request. So a request starts
// without a switch between goroutines, and yet one that blocks never stands
// in the way of the Tflush behind it. A request that cannot block is run
// between two turns, inline: its reply is held until a read would wait, there is
// enough to write, or it has waited for enough others.
type server struct {
	ctx    context.Context
	cancel context.CancelCauseFunc // ends the connection
	srv    Server
	opt    ServeOptions
	mem    *Memory
	conn   io.ReadWriteCloser
	end    chan error // why the last reader stopped
	next   func()     // read

	// Private to the goroutine whose turn it is to read.
	in      *input
	session *session // nil before Tversion
	held    []byte   // replies
	holds   *buffer  // what held is in
	answers int      // how many replies are held

	mu      sync.Mutex // guards the fields below and the tables of the session
	written sync.Cond  // there is room in out, or nobody writes
	writing bool       // somebody writes, and will write out, too
	out     []byte     // replies for him to write
	waiting int        // how many wait for room
	dead    bool       // a write failed
	begun   int        // requests that have begun, and replies that are held
	drained bool       // no more are to begin
	taken   int64      // memory that was taken without asking
	clock
}

// maxOut is how many bytes of replies may wait to be written before those
// who have more must wait themselves.
const maxOut = 64 << 10

// maxHeld is how many replies are held at most: a peer that never pauses may have
// asked for somebody who does, and waits for the first.
const maxHeld = 64

// read is a goroutine's turn to read, and what it has come to then.
func (s *server) read() {
	if r := s.turn(); r != nil {
		s.pass(r)
	}
}

// pass lets another goroutine read, and runs a request.
func (s *server) pass(r *request) {
	go s.next() // ends when its turn does, as this one
	s.session.run(r)
}

// turn reads and runs requests until it comes to one that may block, which it
// returns, or to the end, for which it returns nil.
func (s *server) turn() *request {
	for {
		r, err := s.message()
		if err != nil {
			s.deliver()
			if err == io.EOF {
				err = nil
			}
			s.end <- err
			return nil
		}
		switch {
		case r.t.Type == Tversion:
			s.version(r)
		case r.t.Type == Tflush:
			s.session.flush(r)
		case r.inline:
			s.session.run(r)
		default:
			r.keep(s.mem)
			return r
		}
		if len(s.held) >= maxOut || s.answers >= maxHeld {
			s.deliver()
		}
	}
}

// message reads a message and makes it a request that is ready to run.
func (s *server) message() (*request, error) {
	size, err := s.size()
	if err != nil {
		return nil, err
	}
	r := s.mem.requests.Get().(*request)
	if size <= len(s.in.buf) {
		err = s.readSmall(r, size)
	} else {
		err = s.readBig(r, size)
	}
	if size > smallIn {
		s.in.fit(size)
	}
	if err != nil {
		s.free(r)
		return nil, err
	}
	s.heard(r.t.Type)
	if r.bad {
		err = ErrBadMsg
	} else {
		err = s.admit(r)
	}
	if err == errDrained {
		s.deliver()
		<-s.ctx.Done() // others are not finished yet
		return nil, err
	}
	if err != nil {
		s.reply(&Fcall{Type: Rerror, Tag: r.t.Tag, Ename: err.Error()})
		s.free(r)
		return nil, err
	}
	return r, nil
}

// size returns the size of the next message.
func (s *server) size() (int, error) {
	b, err := s.in.peek(4)
	if len(b) < 4 {
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	size, msize := le.Uint32(b), uint32(MinMsize)
	if s.session != nil {
		msize = s.session.msize
	}
	if size < hdrsz || size > msize {
		return 0, ErrBadMsg
	}
	return int(size), nil
}

// readSmall reads a message that it leaves where it is, until the next is read.
func (s *server) readSmall(r *request, size int) error {
	b, err := s.in.peek(size)
	if err != nil {
		return unexpected(err)
	}
	r.bad = r.t.Unmarshal(b) != nil
	return s.in.discard(size)
}

// readBig reads a message into a buffer, if there may be one.
func (s *server) readBig(r *request, size int) error {
	b, err := s.in.peek(hdrsz)
	if err != nil {
		return unexpected(err)
	}
	if s.session == nil || s.session.charge(r, int64(bufferFor(size+smallIn))) {
		r.in = s.mem.buffer(size + smallIn)
		if MsgType(b[4]) == Twrite {
			return s.readWrite(r, size)
		}
		err = s.in.beyond(r.in.b, size)
		r.bad = err == nil && r.t.Unmarshal(r.in.b[:size]) != nil
	} else {
		r.t = Fcall{Type: MsgType(b[4]), Tag: le.Uint16(b[5:])}
		r.err = ErrManyReqs
		err = s.in.discard(size)
	}
	return unexpected(err)
}

// readWrite reads a Twrite, whose data is alone in the buffer: who is to have it may
// keep that.
func (s *server) readWrite(r *request, size int) error {
	b, err := s.in.peek(twritesz)
	if err != nil {
		return unexpected(err)
	}
	head := [twritesz]byte(b)
	s.in.discard(twritesz) // which are there
	data := r.in.b[:size-twritesz]
	if err := s.in.beyond(r.in.b, len(data)); err != nil {
		return unexpected(err)
	}
	r.bad = r.t.unmarshalWrite(head[:], data) != nil
	return nil
}

// unexpected is for the end of what is read, where there should be more.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
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

// free gives back what a request has of memory, and keeps it for the next one.
func (s *server) free(r *request) {
	if r.taken > 0 {
		s.mu.Lock()
		s.taken -= r.taken
		s.mu.Unlock()
	}
	s.mem.give(r.shared)
	s.mem.recycle(r.in)
	s.mem.recycle(r.out)
	*r = request{call: r.call, flushes: r.flushes[:0]}
	s.mem.requests.Put(r)
}
