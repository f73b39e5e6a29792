package aan

import (
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// window is how many messages are kept for the other side, and how many of
	// the other's for who reads.
	window = 32
	// ackAfter is how many messages are taken before this is said without
	// anything else to say.
	ackAfter = window / 4
	// syncTime is how often a header is sent without data.
	syncTime = 8 * time.Second
	// maxQuiet is after how many of these without an answer a connection is dead.
	maxQuiet = 3
	// linger is how long Close waits: a dead connection is found, and there is
	// time for another.
	linger = 2 * maxQuiet * syncTime
)

// ErrLost is the error of a Close when the other side may not have got all.
var ErrLost = errors.New("end was not acknowledged")

// A Conn is one side of a stream. Read, Write and Close may be called at the same
// time by different goroutines, as may Use and Fail by who looks after
// connections.
type Conn struct {
	done chan struct{} // closed when it is over

	mu     sync.Mutex // guards what follows; not held during a call of a connection
	change *sync.Cond // of anything below
	link   *link      // in use, or nil
	out    [][]byte   // data of messages not acknowledged yet; empty: the end
	next   int        // index in out of the next to be sent over link
	acked  uint32     // how many the other side has taken: the number of out[0]
	in     [][]byte   // data taken, for Read
	inmsg  uint32     // how many messages were taken
	told   uint32     // how many of them the other side knows of
	due    bool       // a header without data is to be sent
	quiet  int        // how many of those since something came
	eof    bool       // the other side has ended the stream
	closed bool       // this one has
	over   bool       // no connection is needed any more
	err    error      // why it is over, unless both sides wanted that
}

// New returns a Conn that has no connection yet.
func New() *Conn {
	c := &Conn{done: make(chan struct{})}
	c.change = sync.NewCond(&c.mu)
	return c
}

// Done returns a channel that is closed when no connection is needed any more:
// the stream has ended and both sides know, or it has failed. What came before can
// still be read.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Read reads what the other side has written. At the end of the stream it returns
// io.EOF, and after Fail that error.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.in) == 0 && !c.eof && !c.over && !c.closed {
		c.change.Wait()
	}
	switch {
	case c.closed:
		return 0, io.ErrClosedPipe
	case len(c.in) > 0:
		n := copy(p, c.in[0])
		if c.in[0] = c.in[0][n:]; len(c.in[0]) == 0 {
			c.in = c.in[1:]
			c.change.Broadcast()
		}
		return n, nil
	case c.err != nil:
		return 0, c.err
	}
	return 0, io.EOF
}

// Write returns when all of p is kept for the other side.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := 0; ; {
		for len(c.out) >= window && !c.eof && !c.over && !c.closed {
			c.change.Wait()
		}
		switch {
		case c.err != nil:
			return n, c.err
		case c.eof, c.over, c.closed:
			return n, io.ErrClosedPipe
		case n == len(p):
			return n, nil
		}
		data := append([]byte(nil), p[n:min(len(p), n+maxData)]...)
		c.out = append(c.out, data)
		c.change.Broadcast()
		n += len(data)
	}
}

// Close ends the stream. It waits until the other side has acknowledged all, but
// no longer than a dead connection would be noticed twice; the error is ErrLost
// then. What the other side still says is not read.
func (c *Conn) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		if !c.eof && !c.over {
			c.out = append(c.out, nil)
		}
		c.in = nil
		c.change.Broadcast()
	}
	c.mu.Unlock()
	t := time.AfterFunc(linger, func() { c.Fail(ErrLost) })
	defer t.Stop()
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Fail ends the stream if it is not over, for who has no connections any more.
func (c *Conn) Fail(err error) {
	c.mu.Lock()
	c.end(err)
	c.mu.Unlock()
}

// end says that it is over. The caller holds mu.
func (c *Conn) end(err error) {
	if c.over {
		return
	}
	c.over, c.err = true, err
	close(c.done)
	if c.link != nil {
		go c.drop(c.link) // ends when the connection is closed
	}
	c.change.Broadcast()
}
