package ns

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// A mntcli is a file server as mount(2) sees it: the other end of a
// connection, or a Server that was posted for direct calls. The roots mounted
// from it count it.
type mntcli struct {
	from *Chan // what was mounted; owned
	srv  ninep.Server
	user string // who mounted it
	refs atomic.Int32
}

// A mux is the 9P client on a connection. It belongs to the connection's
// Chan and lasts as long as that: mounting it twice shares one client, and an
// unmount does not end it. If it did, the next client would be given the
// replies that the one before was still to get.
type mux struct {
	ctx    context.Context // of the connection's reads and writes
	cancel context.CancelFunc

	ready  chan struct{} // closed when what follows is set
	client *ninep.Client
	err    error
}

// A Poster is a File whose other end is a Server in this kernel: mounting it
// needs no messages.
type Poster interface {
	Posted() ninep.Server
}

// Server returns the Server behind a Chan on which one was posted.
func (c *Chan) Server() (ninep.Server, bool) {
	p, ok := ninep.As[Poster](c.file)
	if !ok {
		return nil, false
	}
	return p.Posted(), true
}

// dial returns the server behind c, with a reference.
func dial(ctx context.Context, c *Chan) (*mntcli, error) {
	srv, ok := c.Server()
	if !ok {
		client, err := c.dial(ctx)
		if err != nil {
			return nil, err
		}
		srv = client
	}
	m := &mntcli{from: c.Incref(), srv: srv}
	m.refs.Store(1)
	return m, nil
}

// dial returns the client on c, which may have to be made. Who waits for that
// can be interrupted; the client is made all the same, for whoever mounts c
// next: a second Tversion would take the answer to the first for its own.
func (c *Chan) dial(ctx context.Context) (*ninep.Client, error) {
	if !c.open || c.mode.Access() != ninep.ORDWR {
		return nil, ninep.ErrBadUseFD
	}
	c.mu.Lock()
	m := c.mux
	if m == nil {
		m = &mux{ready: make(chan struct{})}
		m.ctx, m.cancel = context.WithCancel(context.Background())
		c.mux = m
		c.muxed.Store(true)
		go c.connect(m) // ends when the server answers, or c is closed
	}
	c.mu.Unlock()
	select {
	case <-m.ready:
		return m.client, m.err
	case <-ctx.Done():
		return nil, ninep.ErrIntr
	}
}

// connect makes the client of m. Its reads are nobody's, since it outlives
// whoever mounts it.
func (c *Chan) connect(m *mux) {
	m.client, m.err = ninep.NewClient(m.ctx, &line{m.ctx, m.cancel, c}, nil)
	if m.err != nil {
		c.mu.Lock()
		c.mux = nil
		c.muxed.Store(false)
		c.mu.Unlock()
	}
	close(m.ready)
}

// hangup ends the client on c, if there is one.
func (c *Chan) hangup() {
	c.mu.Lock()
	m := c.mux
	c.mu.Unlock()
	if m == nil {
		return
	}
	m.cancel()
	<-m.ready
	if m.client != nil {
		m.client.Close()
	}
}

// A line is the stream of bytes below a client. It has no reference to the
// Chan, which waits for the client to end before it ends itself.
type line struct {
	ctx    context.Context
	cancel context.CancelFunc
	c      *Chan
}

func (s *line) Read(p []byte) (int, error) {
	n, err := s.c.file.Read(s.ctx, p, s.c.offset.Load())
	s.c.offset.Add(int64(n))
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

func (s *line) Write(p []byte) (int, error) {
	end := s.c.offset.Add(int64(len(p)))
	return s.c.file.Write(s.ctx, p, end-int64(len(p)))
}

func (s *line) Close() error {
	s.cancel()
	return nil
}

// Dial returns the server behind the connection c for direct use, shared with
// whoever mounts c, and a function to call when it is not used any more.
func Dial(ctx context.Context, c *Chan) (srv ninep.Server, release func(), err error) {
	m, err := dial(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	return m.srv, m.close, nil
}

func (m *mntcli) close() {
	if m.refs.Add(-1) == 0 {
		m.from.Close()
	}
}

// is reports whether c is the connection that was mounted.
func (m *mntcli) is(c *Chan) bool { return m.from == c || m.from.key() == c.key() }

// Conn returns c as a stream of bytes for package ninep. It takes a
// reference; Close gives it back, and ends the calls under way, as does ctx.
func Conn(ctx context.Context, c *Chan) io.ReadWriteCloser {
	s := &conn{c: c.Incref()}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// A conn is a Chan as a stream. Its calls hold a reference of their own,
// since they can still be on their way out when it is closed.
type conn struct {
	ctx    context.Context
	cancel context.CancelFunc
	c      *Chan

	mu     sync.Mutex // guards closed
	closed bool
}

func (s *conn) Read(p []byte) (int, error) {
	if !s.begin() {
		return 0, ninep.ErrHungup
	}
	defer s.c.Close()
	n, err := s.c.file.Read(s.ctx, p, s.c.offset.Load())
	s.c.offset.Add(int64(n))
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

func (s *conn) Write(p []byte) (int, error) {
	if !s.begin() {
		return 0, ninep.ErrHungup
	}
	defer s.c.Close()
	return s.c.Write(s.ctx, p)
}

// begin takes a reference for a call, unless the conn is closed.
func (s *conn) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.c.Incref()
	}
	return !s.closed
}

func (s *conn) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	s.cancel()
	return s.c.Close()
}
