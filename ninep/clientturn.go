package ninep

import (
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"time"
)

// This file is who reads a Client's connection. To wait for a goroutine that reads
// costs a switch to it, and often a processor that has to be woken. So a call that
// waits reads for itself, and for the others until it has its own reply, as the
// first of the processes that wait does in the mount driver of Plan 9. A goroutine
// of the Client's reads when no call has done so for a while: there are replies that
// nobody waits for, and a connection that ends is to be noticed.
//
// A call may be over before its Read is, or its Write. So that is only for a connection
// of which these can be broken off, as they can of a socket. Short messages, of which
// many are under way, are best read and written by others than who waits for them:
// several go with each switch.

// errTurn is what a Read gives that was broken off: nothing is lost.
const errTurn = Error("read broken off")

// restTime is how long no call reads until the Client's goroutine does.
const restTime = 10 * time.Millisecond

// restAfter is how many calls in a row read themselves, or would, until the goroutine
// leaves it to them.
const restAfter = 3

// longRead is how many bytes a Tread asks for whose reply is read by who waits for it
// although others are under way.
const longRead = 32 << 10

// messageCost is how many bytes a message takes of a connection's buffers beside its
// own: Linux counts 768 for the shortest at a Unix socket.
const messageCost = 1 << 10

// turns say whose turn to read it is.
type turns struct {
	direct  *breakable // the connection; nil if calls neither read nor write
	mostOwn int        // a call writes while the requests without an answer cost no more: they fit the connection's buffers, even if nobody reads them; and a long one if there is no other

	turn  chan *input  // has the input when nobody reads; nil if calls do not
	back  chan *input  // has it from who wants the goroutine to read
	taken atomic.Int64 // how many turns calls have had
	lone  atomic.Int32 // how many calls in a row read themselves, or would: up to restAfter

	// Of whose turn it is.
	half     *call  // whose reply has begun to come; nil: none
	halfSize uint32 // bytes of it, when all is there

	// Guarded by Client.mu.
	watched <-chan struct{} // closed when the call is over that reads, or the last that did
	unwatch func() bool     // nil: nobody looks at watched
	reading bool            // it does
}

// begin returns what there is to read of a connection.
func (t *turns) begin(conn io.Reader) io.Reader {
	s, ok := conn.(socket)
	if !ok || s.SetReadDeadline(time.Time{}) != nil {
		return conn
	}
	t.direct = &breakable{s}
	t.turn, t.back = make(chan *input, 1), make(chan *input, 1)
	t.mostOwn = 4 << 10 // of the 8 KB that a socket of BSD's has
	if runtime.GOOS == "linux" {
		t.mostOwn = 32 << 10 // of 208 KB
	}
	return t.direct
}

// end is the end of the client. The caller has Client.mu.
func (t *turns) end() {
	if t.unwatch != nil {
		t.unwatch()
	}
}

// A socket is a connection of the system's. It is known by the buffer that it has.
type socket interface {
	io.Reader
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SetWriteBuffer(bytes int) error
}

// A breakable is a socket of which a Read and a Write can be broken off.
type breakable struct{ socket }

// breakOff has a Read that waits give errTurn, or else the next.
func (b breakable) breakOff() { b.SetReadDeadline(time.Unix(1, 0)) }

// breakWrite has a Write that waits, or else the next, write no more.
func (b breakable) breakWrite() { b.SetWriteDeadline(time.Unix(1, 0)) }

func (b breakable) Read(p []byte) (int, error) {
	n, err := b.socket.Read(p)
	if isLate(err) {
		b.SetReadDeadline(time.Time{})
		err = errTurn
	}
	return n, err
}

// isLate reports whether an error is that of a deadline.
func isLate(err error) bool {
	late, ok := err.(interface{ Timeout() bool })
	return ok && late.Timeout()
}

// countWait notes that somebody waits for a call.
func (t *turns) countWait(k *call) {
	switch {
	case t.direct == nil:
	case !k.readsItself():
		t.lone.Store(0)
	case t.lone.Load() < restAfter:
		t.lone.Add(1)
	}
}

// readsItself reports whether who waits for a call best reads and writes for it.
func (k *call) readsItself() bool {
	return k.wake == nil || k.t.Type == Tread && k.size() >= longRead
}

// await waits for the end of a call. It reports false when ctx is done before.
func (c *Client) await(ctx context.Context, k *call) (err error, come bool) {
	if k.wake == nil { // else waitOr has counted it
		c.countWait(k)
	}
	for {
		if len(k.done) > 0 {
			return <-k.done, true
		}
		select {
		case err := <-k.done:
			return err, true
		case <-ctx.Done():
			return nil, false
		case in := <-c.turn:
			c.readFor(ctx, in, func() bool { return len(k.done) > 0 })
		}
	}
}

// readFor takes replies until there is what the caller waits for, or ctx is done.
func (c *Client) readFor(ctx context.Context, in *input, until func() bool) {
	c.taken.Add(1)
	c.watch(ctx)
	for !until() && ctx.Err() == nil {
		if err := c.take(in); err != nil && err != errTurn {
			c.fail()
			break
		}
	}
	c.mu.Lock()
	c.reading = false
	c.mu.Unlock()
	c.turn <- in
}

// watch says that a call reads, until ctx is done. Often it is the ctx of the last
// that did.
func (c *Client) watch(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = true
	done := ctx.Done()
	if done == c.watched || c.dead {
		return
	}
	if c.unwatch != nil {
		c.unwatch()
		c.unwatch = nil
	}
	if c.watched = done; done != nil {
		c.unwatch = context.AfterFunc(ctx, func() { c.over(done) })
	}
}

// over breaks off the Read of a call that is over, if it reads.
func (c *Client) over(done <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched != done {
		return
	}
	c.unwatch = nil
	if c.reading {
		c.direct.breakOff()
	}
}

// rest lets calls read until none has done so for a while, or one takes long, or wants
// somebody else to. In steady use it has a turn now and then. It returns nil when the
// client is dead.
func (c *Client) rest(in *input) *input {
	c.turn <- in
	t := time.NewTimer(restTime)
	defer t.Stop()
	for {
		taken := c.taken.Load()
		select {
		case in := <-c.back:
			return in
		case <-c.done:
			return nil
		case <-t.C:
		}
		if taken != c.taken.Load() && len(c.turn) > 0 {
			t.Reset(restTime)
			continue
		}
		select {
		case in := <-c.back:
			return in
		case <-c.done:
			return nil
		case in := <-c.turn:
			return in
		}
	}
}
