package hostnet

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// A gate is one direction of a conversation, or the calls to an address. A
// deadline in the past wakes who waits there; so that it is always meant for
// who does, one passes at a time.
type gate struct {
	token    chan struct{}   // holds one for who passes
	done     <-chan struct{} // closed when the conversation is
	deadline func(time.Time) error
}

func newGate(done <-chan struct{}, deadline func(time.Time) error) gate {
	return gate{make(chan struct{}, 1), done, deadline}
}

// pass calls do, which fails when the deadline comes, and wakes it when ctx or
// the conversation is done.
func (g gate) pass(ctx context.Context, do func() error) error {
	select {
	case g.token <- struct{}{}:
		defer func() { <-g.token }()
	case <-g.done:
		return ninep.ErrHungup
	case <-ctx.Done():
		return ninep.ErrIntr
	}
	select {
	case <-g.done:
		return ninep.ErrHungup
	default:
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		g.deadline(time.Unix(1, 0))
		close(woken)
	})
	err := do()
	if !stop() {
		<-woken
		g.deadline(time.Time{})
	}
	if err == nil || err == io.EOF {
		return err
	}
	select {
	case <-g.done:
		return ninep.ErrHungup
	default:
		return netError(ctx, err)
	}
}

// A conn is a conversation by tcp, or by udp with one other side.
type conn struct {
	c       net.Conn
	stream  bool
	closed  atomic.Bool
	done    chan struct{} // closed by Close
	in, out gate
}

func newConn(c net.Conn) *conn {
	done := make(chan struct{})
	_, stream := c.(*net.TCPConn)
	return &conn{
		c: c, stream: stream, done: done,
		in: newGate(done, c.SetReadDeadline), out: newGate(done, c.SetWriteDeadline),
	}
}

// Read reads what has come.
func (c *conn) Read(ctx context.Context, p []byte) (n int, err error) {
	err = c.in.pass(ctx, func() (err error) {
		for {
			n, err = c.c.Read(p)
			if c.stream || !errors.Is(err, syscall.ECONNREFUSED) {
				return err
			}
			// A datagram was lost, as they can be, and we are told.
		}
	})
	return n, err
}

// Write sends p.
func (c *conn) Write(ctx context.Context, p []byte) (n int, err error) {
	err = c.out.pass(ctx, func() (err error) {
		n, err = c.c.Write(p)
		if !c.stream && errors.Is(err, syscall.ECONNREFUSED) {
			n, err = c.c.Write(p) // that was about one sent before
		}
		return err
	})
	return n, err
}

// CloseWrite ends what this side says; see [dev.HalfCloser].
func (c *conn) CloseWrite() error {
	if tcp, ok := c.c.(*net.TCPConn); ok {
		return netError(context.Background(), tcp.CloseWrite())
	}
	return nil
}

// lingerTime is how long a closed conversation stays to have what was sent
// delivered.
const lingerTime = 2 * time.Second

// Close ends the conversation. A host that closes while there is something to
// read has the other side's connection reset, which may lose what it was sent
// before; so what comes is read, for a while, by a goroutine that ends when
// the other side does or lingerTime is over.
func (c *conn) Close() error {
	if !c.closed.CompareAndSwap(false, true) {
		return nil
	}
	close(c.done)
	past := time.Unix(1, 0)
	c.c.SetDeadline(past)
	tcp, ok := c.c.(*net.TCPConn)
	if !ok {
		return netError(context.Background(), c.c.Close())
	}
	if err := tcp.CloseWrite(); err != nil {
		c.c.Close()
		return nil // the other side was faster
	}
	go func() {
		defer tcp.Close()
		c.in.token <- struct{}{} // who read there is woken, and gone soon
		tcp.SetReadDeadline(time.Now().Add(lingerTime))
		io.Copy(io.Discard, onlyReader{tcp})
	}()
	return nil
}

// An onlyReader hides what else can be read from: io.Copy would splice.
type onlyReader struct{ io.Reader }

// LocalAddr returns our address: "127.0.0.1!41234".
func (c *conn) LocalAddr() string { return end(addrPort(c.c.LocalAddr())) }

// RemoteAddr returns the other side's.
func (c *conn) RemoteAddr() string { return end(addrPort(c.c.RemoteAddr())) }

// A listener takes calls by tcp.
type listener struct {
	l      *net.TCPListener
	closed atomic.Bool
	done   chan struct{} // closed by Close
	gate   gate
}

func newListener(l *net.TCPListener) *listener {
	done := make(chan struct{})
	return &listener{l: l, done: done, gate: newGate(done, l.SetDeadline)}
}

// Accept waits for a call.
func (l *listener) Accept(ctx context.Context) (dev.Conn, error) {
	var c net.Conn
	err := l.gate.pass(ctx, func() (err error) {
		for {
			c, err = l.l.Accept()
			if !errors.Is(err, syscall.ECONNABORTED) {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return newConn(c), nil
}

// Close ends the announcement.
func (l *listener) Close() error {
	if !l.closed.CompareAndSwap(false, true) {
		return nil
	}
	close(l.done)
	return netError(context.Background(), l.l.Close())
}

// Addr returns the address with its port: "127.0.0.1!564".
func (l *listener) Addr() string { return end(addrPort(l.l.Addr())) }
