package hostnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"ufo/dev"
	"ufo/hosted/post"
)

// maxConns is how many callers a published service has at once. One address has
// no more of them than are left for others, and is hung up on if it calls more
// often: so one that calls for nothing takes half, two take a third each, and
// whoever else calls is let in.
const maxConns = 1000

// Publish shows a service of a node on the host: each call that comes to l is
// carried to what dial returns, both ways and with the end of each. It returns
// when ctx is done or l is closed, when all calls have ended and l is closed;
// both sides of a call are hung up then. When dial fails the caller is hung up
// and log is told.
func Publish(ctx context.Context, l net.Listener, dial func(ctx context.Context) (dev.Conn, error), log func(msg string)) {
	var all callers
	post.Accept(ctx, l, maxConns, log, func(ctx context.Context, c net.Conn) {
		from := origin(c.RemoteAddr())
		if !all.enter(from) {
			c.Close()
			return
		}
		defer all.leave(from)
		there, err := dial(ctx)
		if err != nil {
			if ctx.Err() == nil {
				log(fmt.Sprintf("%s: call from %s: %v", l.Addr(), c.RemoteAddr(), err))
			}
			c.Close()
			return
		}
		carry(ctx, c, there)
	})
}

// Callers are the addresses from which there are calls.
type callers struct {
	mu   sync.Mutex // guards what follows
	all  int
	from map[netip.Addr]int
}

// enter counts a call from an address, if it may have another one.
func (c *callers) enter(from netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from[from] >= maxConns-c.all {
		return false
	}
	if c.from == nil {
		c.from = make(map[netip.Addr]int)
	}
	c.all++
	c.from[from]++
	return true
}

// leave counts a call out.
func (c *callers) leave(from netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[from]--; c.from[from] == 0 {
		delete(c.from, from)
	}
}

// origin returns the address for which a call is counted: of IPv6 the first of a
// network, as who has one address there has all.
func origin(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	if addr.Is6() {
		p, _ := addr.Prefix(64)
		addr = p.Masked().Addr()
	}
	return addr
}

// carry moves bytes between a caller on the host and a node until both have
// ended, one has hung up, or ctx is done; then it hangs up both. When the node
// has ended, it may have hung up: who says nothing for a minute then is not
// waited for any more.
func carry(ctx context.Context, host net.Conn, node dev.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	var out sync.WaitGroup
	var ended atomic.Bool // the node has
	defer out.Wait()
	defer host.Close()
	defer node.Close()
	defer context.AfterFunc(ctx, func() { host.SetDeadline(time.Unix(1, 0)) })()
	defer cancel()
	out.Go(func() { // ends with an error, to which cancel leads, or the end of what the node says
		err := copyOut(ctx, host, node)
		if err == nil {
			err = closeWrite(host)
			ended.Store(true)
			wait(ctx, host, endedTime)
		}
		if err != nil {
			reset(host)
			cancel()
		}
	})
	switch err := copyIn(ctx, node, host, &ended); err {
	case nil:
		if closeWrite(node) == nil {
			out.Wait()
		}
	case errDeaf: // what it said before is still carried
		out.Wait()
		linger(ctx, host)
	}
}

// errDeaf says that a node does not hear any more.
var errDeaf = errors.New("node has hung up")

// endedTime is how long a caller may say nothing when the node has ended what
// it says.
const endedTime = time.Minute

// wait bounds the time until the host says something, if ctx is not done.
func wait(ctx context.Context, host net.Conn, d time.Duration) {
	host.SetReadDeadline(time.Now().Add(d))
	if ctx.Err() != nil { // what it has led to may have been before
		host.SetReadDeadline(time.Unix(1, 0))
	}
}

// linger reads and forgets what the host says, for a while: closing a
// connection with something to read can lose what was sent before.
func linger(ctx context.Context, host net.Conn) {
	wait(ctx, host, lingerTime)
	io.Copy(io.Discard, onlyReader{host})
}

// copyIn carries what the host says until that ends, or the node hears it no
// more. It has always time for that, until the node has ended.
func copyIn(ctx context.Context, node dev.Conn, host net.Conn, ended *atomic.Bool) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := host.Read(buf)
		if n > 0 && ended.Load() {
			wait(ctx, host, endedTime)
		}
		for sent := 0; sent < n; {
			m, err := node.Write(ctx, buf[sent:n])
			if err != nil {
				return errDeaf
			}
			sent += m
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// copyOut carries what the node says until that ends.
func copyOut(ctx context.Context, host net.Conn, node dev.Conn) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := node.Read(ctx, buf)
		if n > 0 {
			if _, err := host.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// closeWrite ends what is said to one side. A side that has no way to be told
// has only one: to be hung up.
func closeWrite(c any) error {
	if h, ok := c.(dev.HalfCloser); ok {
		return h.CloseWrite()
	}
	return io.ErrClosedPipe
}

// reset makes the closing of a connection that broke look like that, not like
// its end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// Who says who can connect to an address of the host, for a warning: "every
// user of this host".
func Who(addr netip.AddrPort) string {
	switch ip := addr.Addr().Unmap(); {
	case ip.IsLoopback():
		return "every user of this host"
	case !ip.IsValid() || ip.IsUnspecified():
		return "every host that reaches this one"
	default:
		return "every host that reaches " + ip.String()
	}
}
