package ns

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// A mntcli is a file server as mount(2) sees it: a connection with a 9P
// client on it, or a Server that was posted for direct calls. The roots
// mounted from it count it; when the last one goes, so does the client.
type mntcli struct {
	from   *Chan // what was mounted; owned
	srv    ninep.Server
	client *ninep.Client // nil for a direct one
	refs   atomic.Int32
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

// dial returns the server behind c, with a reference. Mounting a connection
// twice shares one client.
func dial(ctx context.Context, c *Chan) (*mntcli, error) {
	if srv, ok := c.Server(); ok {
		m := &mntcli{from: c.Incref(), srv: srv}
		m.refs.Store(1)
		return m, nil
	}
	c.mu.Lock()
	m := c.cli
	c.mu.Unlock()
	if m != nil && m.tryref() {
		return m, nil
	}
	if !c.open || c.mode.Access() != ninep.ORDWR {
		return nil, ninep.ErrBadUseFD
	}
	// The client outlives whoever mounts it, so its reads are nobody's.
	client, err := ninep.NewClient(ctx, Conn(context.Background(), c), nil)
	if err != nil {
		return nil, err
	}
	m = &mntcli{from: c.Incref(), srv: client, client: client}
	m.refs.Store(1)
	c.mu.Lock()
	c.cli = m
	c.mu.Unlock()
	return m, nil
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

func (m *mntcli) tryref() bool {
	for {
		n := m.refs.Load()
		if n == 0 {
			return false
		}
		if m.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (m *mntcli) close() {
	if m.refs.Add(-1) > 0 {
		return
	}
	if m.client != nil {
		m.client.Close()
	}
	m.from.Close()
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
	n, err := s.c.Read(s.ctx, p)
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
