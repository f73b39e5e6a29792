package hostnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"ufo/dev"
	"ufo/ninep"
)

// The limits of an announcement of udp, the same as in the grid.
const (
	maxCalls     = 500   // not yet accepted; what comes then is lost
	maxDatagrams = 64    // unread ones of a conversation
	maxDatagram  = 65507 // bytes
)

// A udpListener takes calls by udp: it has the socket, and gives each datagram
// to the conversation with its sender. The socket is open as long as the
// announcement or a conversation is.
type udpListener struct {
	c     *net.UDPConn
	calls chan *udpConn
	done  chan struct{} // closed by Close

	mu     sync.Mutex // guards the fields below
	closed bool
	convs  map[netip.AddrPort]*udpConn
	mail   chan udpDatagram // see Datagrams; nil before that
}

// A udpDatagram is one that waits to be read by ReadFrom.
type udpDatagram struct {
	from netip.AddrPort
	msg  []byte
}

// announceUDP opens the socket. The goroutine that reads from it ends when it
// is closed.
func announceUDP(ctx context.Context, host netip.AddrPort) (dev.Listener, error) {
	var lc net.ListenConfig
	c, err := lc.ListenPacket(ctx, "udp", host.String())
	if err != nil {
		return nil, netError(ctx, err)
	}
	l := &udpListener{
		c: c.(*net.UDPConn), calls: make(chan *udpConn, maxCalls), done: make(chan struct{}),
		convs: map[netip.AddrPort]*udpConn{},
	}
	go l.receive()
	return l, nil
}

// receive sorts what comes. An error of the socket other than that it is
// closed is about one datagram.
func (l *udpListener) receive() {
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := l.c.ReadFromUDPAddrPort(buf)
		if err == nil {
			l.deliver(from, append([]byte(nil), buf[:n]...))
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

// deliver gives a datagram to its conversation, which may be a new one.
func (l *udpListener) deliver(from netip.AddrPort, msg []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.convs[from]
	if c == nil {
		if l.closed {
			return
		}
		if l.mail != nil {
			select {
			case l.mail <- udpDatagram{from, msg}:
			default:
			}
			return
		}
		c = &udpConn{l: l, remote: from, in: make(chan []byte, maxDatagrams), done: make(chan struct{})}
		select {
		case l.calls <- c:
			l.convs[from] = c
		default:
			return
		}
	}
	select {
	case c.in <- msg:
	default:
	}
}

// Accept waits for a datagram from an address that is not in conversation.
func (l *udpListener) Accept(ctx context.Context) (dev.Conn, error) {
	select {
	case <-l.done:
		return nil, ninep.ErrHungup
	default:
	}
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.done:
		return nil, ninep.ErrHungup
	case <-ctx.Done():
		return nil, ninep.ErrIntr
	}
}

// Close ends the announcement. Calls that nobody accepted are forgotten.
func (l *udpListener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.done)
	l.mu.Unlock()
	for {
		select {
		case c := <-l.calls:
			c.Close()
		default:
			l.release()
			return nil
		}
	}
}

// release closes the socket if nobody uses it.
func (l *udpListener) release() {
	l.mu.Lock()
	last := l.closed && len(l.convs) == 0
	l.mu.Unlock()
	if last {
		l.c.Close()
	}
}

// Datagrams gives what comes one by one; see [dev.Datagrammer].
func (l *udpListener) Datagrams() dev.Datagrams {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mail == nil {
		l.mail = make(chan udpDatagram, maxDatagrams)
	}
	return l
}

// ReadFrom reads a datagram; what p does not hold of it is lost.
func (l *udpListener) ReadFrom(ctx context.Context, p []byte) (n int, from, to netip.AddrPort, err error) {
	to = addrPort(l.c.LocalAddr())
	select {
	case m := <-l.mail:
		return copy(p, m.msg), m.from, to, nil
	case <-l.done:
		return 0, from, to, ninep.ErrHungup
	case <-ctx.Done():
		return 0, from, to, ninep.ErrIntr
	}
}

// WriteTo sends a datagram from the announced port.
func (l *udpListener) WriteTo(_ context.Context, p []byte, to netip.AddrPort) (int, error) {
	select {
	case <-l.done:
		return 0, ninep.ErrHungup
	default:
	}
	n, err := l.c.WriteToUDPAddrPort(p, to)
	return n, netError(context.Background(), err)
}

// Addr returns the address with its port.
func (l *udpListener) Addr() string { return end(addrPort(l.c.LocalAddr())) }

// A udpConn is a conversation with one sender.
type udpConn struct {
	l      *udpListener
	remote netip.AddrPort
	in     chan []byte
	done   chan struct{} // closed by Close, with l.mu held
}

// Read reads one datagram; what p does not hold of it is lost.
func (c *udpConn) Read(ctx context.Context, p []byte) (int, error) {
	select {
	case <-c.done:
		return 0, ninep.ErrHungup
	default:
	}
	select {
	case msg := <-c.in:
		return copy(p, msg), nil
	case <-c.done:
		return 0, ninep.ErrHungup
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
}

// Write sends one datagram.
func (c *udpConn) Write(_ context.Context, p []byte) (int, error) {
	select {
	case <-c.done:
		return 0, ninep.ErrHungup
	default:
	}
	n, err := c.l.c.WriteToUDPAddrPort(p, c.remote)
	return n, netError(context.Background(), err)
}

// Close ends the conversation; another datagram of the sender begins a new
// one.
func (c *udpConn) Close() error {
	c.l.mu.Lock()
	if c.l.convs[c.remote] == c {
		delete(c.l.convs, c.remote)
		close(c.done)
	}
	c.l.mu.Unlock()
	c.l.release()
	return nil
}

// LocalAddr returns the announced address.
func (c *udpConn) LocalAddr() string { return c.l.Addr() }

// RemoteAddr returns the sender's.
func (c *udpConn) RemoteAddr() string { return end(c.remote) }
