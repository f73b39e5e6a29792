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
// A call may be over before its Read is. So that is only for a connection of
// which a Read can be broken off, as it can of a socket. Short messages, of which
// many are under way, are best read and written by others than who waits for them:
// several go with each switch.

// A direct connection is one that calls read.
type direct interface {
	io.Reader
	breakOff() // makes a Read that waits give errTurn; or else the next
}

// errTurn is what a Read gives that was broken off: nothing is lost.
const errTurn = Error("read broken off")

// restTime is how long no call reads until the Client's goroutine does.
const restTime = 10 * time.Millisecond

// restAfter is how many calls wait for themselves alone, one after the other, until
// the goroutine leaves reading to them.
const restAfter = 3

// aloneSize is how many bytes a Tread asks for that is read by who waits for it,
// although others are under way.
const aloneSize = 32 << 10

// turns say whose turn to read it is.
type turns struct {
	direct  direct // the connection; nil if calls do not read
	mostOwn int    // bytes of requests without an answer, for a call to write its own: there is room for them

	turn  chan *input  // has the input when nobody reads; nil if calls do not
	back  chan *input  // has it when the goroutine is to read
	taken atomic.Int64 // how many turns calls have had
	alone atomic.Int32 // how many calls have waited for themselves, to restAfter

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
	t.direct = breakable{s}
	t.turn, t.back = make(chan *input, 1), make(chan *input, 1)
	t.mostOwn = 4 << 10 // of the 8 KB that a socket of BSD's has
	if runtime.GOOS == "linux" {
		t.mostOwn = 16 << 10
	}
	return t.direct
}

// end is the end of the client. The caller has Client.mu.
func (t *turns) end() {
	if t.unwatch != nil {
		t.unwatch()
	}
}

// A socket is a connection of the system's, which has a buffer of its own.
type socket interface {
	io.Reader
	SetReadDeadline(t time.Time) error
	SetWriteBuffer(bytes int) error
}

// A breakable is a socket that is direct.
type breakable struct{ socket }

func (b breakable) breakOff() { b.SetReadDeadline(time.Unix(1, 0)) }

func (b breakable) Read(p []byte) (int, error) {
	n, err := b.socket.Read(p)
	if late, ok := err.(interface{ Timeout() bool }); ok && late.Timeout() {
		b.SetReadDeadline(time.Time{})
		err = errTurn
	}
	return n, err
}

// waits notes that somebody waits for a call.
func (t *turns) waits(k *call) {
	switch {
	case t.direct == nil:
	case !k.isAlone():
		t.alone.Store(0)
	case t.alone.Load() < restAfter:
		t.alone.Add(1)
	}
}

// isAlone reports whether who waits for a call reads and writes for it.
func (k *call) isAlone() bool {
	return k.wake == nil || k.t.Type == Tread && k.size() >= aloneSize
}

// await waits for the end of a call. It reports false when ctx is done before.
func (c *Client) await(ctx context.Context, k *call) (err error, come bool) {
	c.waits(k)
	for {
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
	if c.reading && c.watched == done {
		c.direct.breakOff()
	}
}

// rest lets calls read until none has done so for a while, or one has for longer, or
// it is time to read for many. It returns nil when the client is dead.
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
