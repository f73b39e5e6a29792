package ninep

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// ClientOptions are what a client may ask for. Zero fields stand for the
// defaults.
type ClientOptions struct {
	Msize uint32 // bytes of the longest message, MinMsize to MaxMsize; 0: DefaultMsize
}

// A Client is the client's side of a connection, and so a Server: the one at
// the other end. It is an [Auther], too, which tells what the other end says.
//
// A call whose ctx is done returns ErrIntr at once, with a Tflush on its way;
// what the server has done in spite of it is undone. Only an Open waits, not
// long, for what became of it: it cannot be undone. Once the connection has
// ended all calls give ErrHungup. Closing a File never waits, not for a dead
// server either: its Tclunk goes out before any later request.
type Client struct {
	conn  io.ReadWriteCloser
	msize uint32
	done  chan struct{}
	wg    sync.WaitGroup // the reader and the writer
	pool  sync.Pool      // of *call
	bufs  sync.Pool      // of *[]byte, for long messages
	long  sync.Pool      // of *[]byte, for long replies

	turns

	mu         sync.Mutex // guards the fields below
	dead       bool
	work       sync.Cond     // out is to be written by the writer, or the client is dead
	out        []byte        // messages to write
	spare      []byte        // for out, when that is being written
	busy       bool          // somebody writes
	room       chan struct{} // closed when out was taken; nil when nobody waits
	calls      []*call       // by tag
	tags       []uint16      // the tags below len(calls) that are not in use
	fids       []uint32      // the fids below nfid that are not in use
	nfid       uint32
	unanswered int  // what the requests cost that were not answered
	reads      pace // of Treads that are sent before they are wanted
	writes     pace // of Twrites that are sent before the one before is answered
	ahead      int  // bytes asked for and not yet wanted, of all files

	changed [256]atomic.Uint32 // how often files were changed through us, by qid path
}

// The most calls and fids in use. Every call may need a tag for its Tflush,
// every fid one for its Tclunk, and there are 1<<16 - 1.
const (
	maxCalls = 1 << 14
	maxFids  = 1<<15 - 1
)

// NewClient agrees with the server on conn about the protocol and returns a
// Client, which owns conn and closes it when it ends; so does an error. A
// Close of conn must end a Read or Write in progress. The Client lives until
// Close or until conn ends: ctx is for the beginning only. Of a socket it sets the
// deadlines: calls then read and write for themselves, and an end of the connection
// while there are none is noticed a little later.
func NewClient(ctx context.Context, conn io.ReadWriteCloser, opt *ClientOptions) (*Client, error) {
	c := &Client{conn: conn, msize: DefaultMsize, done: make(chan struct{})}
	c.work.L = &c.mu
	c.pool.New = func() any { return &call{done: make(chan error, 1)} }
	if opt != nil && opt.Msize != 0 {
		c.msize = min(max(opt.Msize, MinMsize), MaxMsize)
	}
	in := newInput(c.turns.begin(conn), nil, nil)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { conn.Close(); close(closed) })
	err := c.version(in)
	if !stop() {
		<-closed
		return nil, ErrIntr
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	c.wg.Add(2)
	go c.read(in) // both end when the connection does
	go c.write()
	return c, nil
}

// rlerror is the type of message by which a server of 9P2000.L refuses, even
// before there is an agreement to speak that.
const rlerror = 7

// version sends Tversion and takes the reply.
func (c *Client) version(in *input) error {
	k := c.newCall(Fcall{Type: Tversion, Tag: NOTAG, Msize: c.msize, Version: VERSION9P})
	b, err := k.t.Append(nil)
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(b); err != nil {
		return ErrHungup
	}
	if b, err = in.peek(hdrsz); err != nil {
		return ErrHungup
	}
	if b[4] == rlerror {
		return fmt.Errorf("9P2000.L: %w", ErrVersion)
	}
	if err := c.receive(in, k, le.Uint32(b)); err != nil {
		return err
	}
	switch {
	case k.r.Type == Rerror:
		return Error(k.r.Ename)
	case k.r.Version != VERSION9P:
		return fmt.Errorf("%q: %w", k.r.Version, ErrVersion)
	case k.r.Tag != NOTAG || k.r.Msize < MinMsize || k.r.Msize > c.msize:
		return ErrBotch
	}
	c.msize = k.r.Msize
	return nil
}

// Done returns a channel that is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close ends the connection, and with it all calls and files.
func (c *Client) Close() error {
	c.fail()
	c.wg.Wait()
	return nil
}

// fail ends the connection.
func (c *Client) fail() {
	c.mu.Lock()
	if c.dead {
		c.mu.Unlock()
		return
	}
	c.dead = true
	close(c.done)
	c.turns.end()
	c.work.Signal()
	for _, k := range c.calls {
		switch {
		case k == nil:
		case !k.gone:
			k.done <- ErrHungup
		case k.done != nil && !k.replied:
			k.done <- ErrIntr // for outcome, if it waits
		}
	}
	c.mu.Unlock()
	c.conn.Close()
}

// A call is a request and its reply.
type call struct {
	t, r Fcall
	in   []byte        // r as bytes
	long *[]byte       // what in is in, if it is long
	done chan error    // takes the end of the call, one only; has room for it; nil: nobody asks
	lost bool          // ended with the connection, perhaps under the reader's hands
	pace *pace         // what it is counted in; nil: nothing
	wake chan struct{} // posted to when the reply has come; nil: nobody asks

	// Guarded by Client.mu.
	gone    bool      // nobody waits for the reply; whoever reads it settles the call
	replied bool      // gone, and replied nevertheless
	flushed *call     // of a Tflush: the call that is gone
	cost    int       // of the request, while it is not answered
	sent    time.Time // if there is a pace
	came    time.Time // the reply
	moved   int64     // pace.moved when it was sent
	probes  bool      // it measures the round trip anew
}

// newCall returns a call for a request.
func (c *Client) newCall(t Fcall) *call {
	k := c.pool.Get().(*call)
	k.t, k.pace, k.wake = t, nil, nil
	return k
}

// free keeps a call that has returned for another use.
func (c *Client) free(k *call) {
	if !k.gone && !k.lost {
		k.r.Data = nil
		if k.long != nil {
			c.long.Put(k.long)
			k.in, k.long = nil, nil
		}
		c.pool.Put(k)
	}
}

// rpc sends a request and waits for the reply. When it fails, the fid that
// k.t would have made, changed or removed has been taken care of.
func (c *Client) rpc(ctx context.Context, k *call) error {
	if err := c.start(ctx, k); err != nil {
		return err
	}
	return c.wait(ctx, k)
}

// start is the first half of rpc: it sends a request. Without an error the
// caller owes the call one wait, or one drop.
func (c *Client) start(ctx context.Context, k *call) error {
	c.mu.Lock()
	err := c.waitRoom(ctx)
	if err == nil && len(c.calls)-len(c.tags) >= maxCalls {
		err = ErrManyReqs
	}
	if err == nil {
		err = c.send(k)
	}
	switch {
	case err != nil:
		c.settle(k, nil)
		c.leave()
	case k.readsItself():
		c.unlockFor(ctx, k)
	default:
		c.leave() // the requests of many go together
	}
	return err
}

// wait is the second half of rpc: it waits for the reply.
func (c *Client) wait(ctx context.Context, k *call) error {
	var err error
	if answered, come := c.await(ctx, k); come {
		err = answered
	} else if !c.abandon(k) {
		err = <-k.done
	} else if err = c.outcome(k); err != nil {
		return err
	}
	switch {
	case err != nil:
		k.lost = true
	case k.r.Type == Rerror:
		c.mu.Lock()
		c.settle(k, &k.r)
		c.unlock()
		err = Error(k.r.Ename)
	}
	return err
}

// drop ends a call that was started and whose reply nobody wants any more: as
// an interrupted one.
func (c *Client) drop(k *call) {
	if c.abandon(k) {
		return
	}
	k.lost = <-k.done != nil
	c.free(k)
}

// flushTime is how long an Open waits for the reply to its Tflush. A server
// should answer that at once.
const flushTime = time.Second

// outcome returns what became of a call that is gone, as far as one should know
// here: an Open that was done in spite of the Tflush has opened the file.
func (c *Client) outcome(k *call) error {
	if k.t.Type != Topen {
		return ErrIntr
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err, come := c.await(ctx, k); come {
		return err
	}
	return ErrIntr
}

// waitRoom waits until the writer has taken enough of what is to be written.
// It has and returns with mu.
func (c *Client) waitRoom(ctx context.Context) error {
	for {
		switch {
		case c.dead:
			return ErrHungup
		case ctx.Err() != nil:
			return ErrIntr
		case len(c.out) < max(int(c.msize), maxOut):
			return nil
		}
		if c.room == nil {
			c.room = make(chan struct{})
		}
		room := c.room
		c.mu.Unlock()
		select {
		case <-room:
		case <-c.done:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
}

// keep is how many bytes of a buffer are worth keeping for another message.
const keep = 16 << 10

// send gives a request a tag, and puts its bytes with those that are to be written
// when the caller, who has mu, calls unlock.
func (c *Client) send(k *call) error {
	if len(c.tags) == 0 {
		c.tags = append(c.tags, uint16(len(c.calls)))
		c.calls = append(c.calls, nil)
	}
	k.t.Tag = c.tags[len(c.tags)-1]
	if len(c.out)+len(k.t.Data) > keep && cap(c.out) <= keep {
		b, ok := c.bufs.Get().(*[]byte)
		if !ok {
			n := make([]byte, 0, max(int(c.msize), maxOut)+int(c.msize))
			b = &n
		}
		c.out = append(*b, c.out...)
	}
	start := len(c.out)
	out, err := k.t.Append(c.out)
	k.t.Data = nil
	if err == nil && len(out)-start > int(c.msize) {
		err = ErrTooLong
	}
	if err != nil {
		return err
	}
	c.out = out
	k.cost = len(out) - start + messageCost
	c.unanswered += k.cost
	c.tags = c.tags[:len(c.tags)-1]
	c.calls[k.t.Tag] = k
	if k.pace != nil {
		k.pace.begin(k)
	}
	return nil
}

// abandon makes a call gone and flushes it, unless it has ended.
func (c *Client) abandon(k *call) bool {
	c.mu.Lock()
	defer c.leave()
	if c.dead || c.calls[k.t.Tag] != k {
		return false
	}
	k.gone = true
	if k.pace != nil {
		k.pace.leave(k)
	}
	c.send(&call{t: Fcall{Type: Tflush, Oldtag: k.t.Tag}, gone: true, flushed: k})
	return true
}

// clunk gives up a fid, without waiting. The caller has mu.
func (c *Client) clunk(fid uint32) {
	if !c.dead {
		c.send(&call{t: Fcall{Type: Tclunk, Fid: fid}, gone: true})
	}
}

// settle does what is left to do when a call has failed or is gone. With r
// it was replied; without, it has not been and never will be. The caller has
// mu.
func (c *Client) settle(k *call, r *Fcall) {
	ok := r != nil && r.Type != Rerror
	newFid := NOFID
	switch t := &k.t; t.Type {
	case Tclunk:
		c.freeTag(k)
		c.freeFid(t.Fid)
	case Tflush:
		if !k.flushed.replied {
			c.settle(k.flushed, nil)
			k.flushed.done <- ErrIntr
		}
		c.freeTag(k.flushed)
		c.freeTag(k)
	case Tauth:
		newFid = t.Afid
	case Tattach:
		newFid = t.Fid
	case Twalk:
		if t.Newfid != t.Fid {
			newFid = t.Newfid
		}
		ok = ok && len(r.Wqid) == len(t.Wname)
	case Tcreate:
		c.clunk(t.Fid)
	case Tremove: // is a clunk, too
		if r != nil {
			c.freeFid(t.Fid)
		} else {
			c.clunk(t.Fid)
		}
	}
	if newFid != NOFID && ok {
		c.clunk(newFid)
	} else if newFid != NOFID {
		c.freeFid(newFid)
	}
}

// freeTag makes the tag of a call free for another. The caller has mu.
func (c *Client) freeTag(k *call) {
	c.unanswered -= k.cost
	c.calls[k.t.Tag] = nil
	c.tags = append(c.tags, k.t.Tag)
}

// newFid returns a fid that is not in use.
func (c *Client) newFid() (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.fids); n > 0 {
		fid := c.fids[n-1]
		c.fids = c.fids[:n-1]
		return fid, nil
	}
	if c.nfid == maxFids {
		return 0, ErrManyFids
	}
	c.nfid++
	return c.nfid - 1, nil
}

// freeFid makes a fid free for another use. The caller has mu.
func (c *Client) freeFid(fid uint32) { c.fids = append(c.fids, fid) }
