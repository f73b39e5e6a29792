package post

import (
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A busyConn is an idleConn that waits in a thread of its own while it alone is busy. Go's
// poller waits for all connections at once, which suits many; but who is woken by it is
// woken elsewhere than the peer runs, for whatever happens, and has yet to find out what it
// was. A thread that waits in the system's poll answers the shortest requests in half the
// time.
//
// It has one of Go's processors meanwhile, which others get back after some milliseconds at
// worst. So there is one of them for a listener, and none while several of its connections
// are busy. A peer that does not take what is written to it keeps it as long as it is
// connected.
type busyConn struct {
	busy   *busy
	others int // reads of others that came between; the reader's

	mu     sync.Mutex // guards the fields below
	polled *idleConn  // in the poller; nil: it is not
	fd     int        // otherwise, a descriptor of which it knows nothing
	using  int        // Reads and Writes in progress
	closed bool
}

// busyReads is after how many reads with none of another connection in between one is
// busy alone: so many that those who ask by turns are not, as others are slower until who
// has the thread is quiet.
const busyReads = 512

// mostOthers is how many reads of others it takes in between, before there are busyReads
// again, until it is not.
const mostOthers = 16

// quietTime is for how long nothing comes on a connection that is not busy any more. It is
// longer than the tick of systems: for what is shorter they set a timer, each time, which
// costs as much as the thread gains.
const quietTime = 20 * time.Millisecond

// A busy is what connections to one listener know of each other.
type busy struct {
	last   atomic.Pointer[busyConn] // who read last; nil: it is gone
	inARow atomic.Int32             // how often, about, up to busyReads
	taken  atomic.Bool              // one has the thread
}

// count counts a read, and reports whether there were busyReads in a row.
func (c *busyConn) count() bool {
	b := c.busy
	if b.last.Load() != c {
		b.last.Store(c)
		b.inARow.Store(0)
		c.others++
	}
	n := b.inARow.Load()
	if n < busyReads {
		n++
		b.inARow.Store(n)
	}
	if n < busyReads {
		return false
	}
	c.others = 0
	return true
}

// withThread returns c as a busyConn.
func withThread(c *idleConn, b *busy) io.ReadWriteCloser { return &busyConn{busy: b, polled: c} }

// Read is ReadIdle for who does not want to know.
func (c *busyConn) Read(p []byte) (int, error) { return c.ReadIdle(p, nil) }

// ReadIdle makes a busyConn an IdleReader. One reads at a time.
func (c *busyConn) ReadIdle(p []byte, idle func()) (int, error) {
	for {
		polled, fd, err := c.use()
		if err != nil {
			return 0, err
		}
		if polled != nil {
			n, err := polled.ReadIdle(p, idle)
			c.unuse()
			if err == nil && c.count() {
				c.toThread()
			}
			return n, err
		}
		n, err := readPolling(fd, p, idle)
		c.unuse()
		if err == nil {
			c.count()
		}
		quiet := err == syscall.EAGAIN
		if quiet || c.others >= mostOthers {
			c.toPoller()
		}
		if !quiet {
			return n, err
		}
		idle = nil // it was called
	}
}

// readPolling reads from fd, and waits for it itself. It calls idle, if that is not nil,
// before it does, and returns EAGAIN when it has done so for quietTime.
func readPolling(fd int, p []byte, idle func()) (int, error) {
	for {
		n, err := syscall.Read(fd, p)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			if idle != nil {
				idle()
				idle = nil
			}
			if err := poll(fd, unix.POLLIN, quietTime); err != nil {
				return 0, err
			}
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// forever is a limit to poll that is none.
const forever = -time.Millisecond

// poll waits until something can be done with fd, but no longer than limit: then it returns
// EAGAIN.
func poll(fd int, what int16, limit time.Duration) error {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: what}}, int(limit/time.Millisecond))
		switch {
		case err == syscall.EINTR:
		case err == nil && n == 0:
			return syscall.EAGAIN
		default:
			return err
		}
	}
}

// Write writes all of p. One writes at a time.
func (c *busyConn) Write(p []byte) (int, error) {
	polled, fd, err := c.use()
	if err != nil {
		return 0, err
	}
	defer c.unuse()
	if polled != nil {
		return polled.Write(p)
	}
	for done := 0; ; {
		n, err := syscall.Write(fd, p[done:])
		done += max(n, 0)
		switch {
		case err == syscall.EAGAIN:
			err = poll(fd, unix.POLLOUT, forever)
		case err == nil && done == len(p):
			return done, nil
		}
		if err != nil && err != syscall.EINTR {
			return done, err
		}
	}
}

// use is the beginning of a Read or a Write: it returns of what. The caller owes an unuse.
func (c *busyConn) use() (*idleConn, int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, 0, net.ErrClosed
	}
	c.using++
	return c.polled, c.fd, nil
}

func (c *busyConn) unuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.using--; c.closed {
		c.release()
	}
}

// release closes the descriptor, if there is one and it is not in use. The caller has mu.
func (c *busyConn) release() {
	if c.polled == nil && c.using == 0 {
		syscall.Close(c.fd)
		c.busy.taken.Store(false)
	}
}

// Close ends what is in progress, too.
func (c *busyConn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return net.ErrClosed
	}
	c.closed = true
	c.busy.last.CompareAndSwap(c, nil)
	polled := c.polled
	if polled == nil {
		syscall.Shutdown(c.fd, syscall.SHUT_RDWR) // an error is that the peer has gone
		c.release()
	}
	c.mu.Unlock()
	if polled != nil {
		return polled.Close() // waits for a Read, which may be about to Write
	}
	return nil
}

// CloseWrite ends what the peer reads.
func (c *busyConn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return net.ErrClosed
	case c.polled != nil:
		return c.polled.CloseWrite()
	}
	return syscall.Shutdown(c.fd, syscall.SHUT_WR)
}

// toThread takes the connection out of the poller, unless another is or somebody writes.
// Only who reads calls it, between two reads.
func (c *busyConn) toThread() {
	if c.busy.taken.Load() || runtime.GOMAXPROCS(0) == 1 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.using > 0 || !c.busy.taken.CompareAndSwap(false, true) {
		return
	}
	var fd int
	var err error
	if closed := c.polled.raw.Control(func(old uintptr) { fd, err = dup(int(old)) }); closed != nil || err != nil {
		c.busy.taken.Store(false)
		c.busy.inARow.Store(0) // try again later
		return
	}
	c.polled.Close() // which leaves fd open
	c.polled, c.fd, c.others = nil, fd, 0
}

// toPoller gives the connection back to the poller, unless somebody writes. Only who reads
// calls it, between two reads.
func (c *busyConn) toPoller() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.using > 0 {
		return
	}
	if polled := pollable(c.fd); polled != nil {
		syscall.Close(c.fd)
		c.busy.taken.Store(false)
		c.busy.inARow.Store(0)
		c.polled = polled
	}
}

// pollable returns fd, which it leaves open, as a connection in the poller; nil: it cannot
// be one.
func pollable(fd int) *idleConn {
	other, err := dup(fd)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(other), "")
	defer f.Close()
	conn, err := net.FileConn(f) // with a descriptor of its own
	if err != nil {
		return nil
	}
	c := newIdleConn(conn.(socket))
	if c == nil {
		conn.Close()
	}
	return c
}

// dup returns another descriptor, which programs that are run do not have.
func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }
