package ninep

import (
	"context"
	"slices"
	"time"
)

// This file is how a Client writes requests and takes replies. Two goroutines are
// there for it, and the calls do it themselves where that is better.

// write writes what is to be written, all there is at a time, until the client is
// dead.
func (c *Client) write() {
	defer c.wg.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for (len(c.out) == 0 || c.busy) && !c.dead {
			c.work.Wait()
		}
		if c.dead {
			return
		}
		c.writeOut(context.Background())
	}
}

// unlock gives up mu, and sees that what was sent is written: by the caller, if so
// little is unanswered that this does not wait. Whoever reads must not, as a server
// may wait for that to go on: he uses leave.
func (c *Client) unlock() {
	if c.mayWrite() && c.unanswered <= c.mostOwn {
		c.writeOut(context.Background())
	}
	c.leave()
}

// unlockFor is unlock after k was sent. A long request may wait for the server, and that
// for us to read its replies: so the caller writes it if there are no others to come. What
// is not written of it when ctx is done is left to the writer.
func (c *Client) unlockFor(ctx context.Context, k *call) {
	if c.mayWrite() && c.unanswered > c.mostOwn && c.unanswered == k.cost {
		c.writeOut(ctx)
	}
	c.unlock()
}

// mayWrite reports whether a call may write. The caller has mu.
func (c *Client) mayWrite() bool {
	return c.direct != nil && len(c.out) > 0 && !c.busy && !c.dead
}

// leave gives up mu, and leaves it to the writer to write what was sent.
func (c *Client) leave() {
	if len(c.out) > 0 {
		c.work.Signal()
	}
	c.mu.Unlock()
}

// writeOut writes what is to be written, or, when ctx is done, a part of it. The caller
// has mu, and loses it for a while.
func (c *Client) writeOut(ctx context.Context) {
	b := c.out
	c.out, c.spare, c.busy = c.spare, nil, true
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
	c.mu.Unlock()
	rest, err := c.writeUntil(ctx, b)
	if err != nil {
		c.fail()
	}
	c.mu.Lock()
	if c.busy = false; len(rest) > 0 {
		c.out = slices.Concat(rest, c.out)
	}
	spare := b[:0]
	if cap(b) > keep {
		c.bufs.Put(&spare)
	} else {
		c.spare = spare
	}
}

// writeUntil writes b, and returns what is left of it when ctx is done.
func (c *Client) writeUntil(ctx context.Context, b []byte) (rest []byte, err error) {
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, c.direct.breakWrite)()
	}
	for {
		n, err := c.conn.Write(b)
		b = b[n:]
		if c.direct == nil || !isLate(err) {
			return nil, err
		}
		c.direct.SetWriteDeadline(time.Time{})
		if len(b) == 0 || ctx.Err() != nil {
			return b, nil
		}
	}
}

// read takes replies when nobody else does, until the connection ends or one is
// not what it should be.
func (c *Client) read(in *input) {
	defer c.wg.Done()
	defer c.fail()
	for in != nil {
		switch err := c.take(in); {
		case err == errTurn:
		case err != nil:
			return
		case c.lone.Load() >= restAfter:
			in = c.rest(in)
		}
	}
}

// take takes a reply. After errTurn whoever reads next goes on with it.
func (c *Client) take(in *input) error {
	if c.half == nil {
		b, err := in.peek(hdrsz)
		if err != nil {
			return err
		}
		tag := le.Uint16(b[5:])
		c.mu.Lock()
		if int(tag) < len(c.calls) {
			c.half, c.halfSize = c.calls[tag], le.Uint32(b)
		}
		bad := c.half == nil || c.half.replied
		c.mu.Unlock()
		if bad {
			c.half = nil
			return ErrBotch
		}
	}
	k := c.half
	err := c.receive(in, k, c.halfSize)
	if err == errTurn {
		return err
	}
	c.half = nil
	if err == nil {
		c.deliver(k)
	}
	return err
}

// receive reads the reply to a call, size bytes.
func (c *Client) receive(in *input, k *call, size uint32) error {
	if size < hdrsz || size > c.msize {
		return ErrBotch
	}
	room := int(size)
	if room > len(in.buf) {
		room += smallIn // for what follows
	}
	c.makeRoom(k, room)
	if err := in.full(k.in, int(size)); err == errTurn {
		return err
	} else if err != nil {
		return ErrHungup
	}
	if size > smallIn {
		in.fit(int(size))
	}
	err := k.r.Unmarshal(k.in[:size])
	if err == nil && k.r.Type != k.t.Type+1 && k.r.Type != Rerror {
		err = ErrBotch
	}
	return err
}

// makeRoom makes the room for the reply to a call. Long ones take turns in a few buffers,
// which are at hand when the next comes.
func (c *Client) makeRoom(k *call, n int) {
	if n <= keep {
		k.in = grow(k.in, n)
		return
	}
	if k.long == nil {
		var ok bool
		if k.long, ok = c.long.Get().(*[]byte); !ok {
			k.long = new([]byte)
		}
	}
	*k.long = grow(*k.long, n)
	k.in = *k.long
}

// deliver hands a reply to who waits for it.
func (c *Client) deliver(k *call) {
	c.mu.Lock()
	defer c.leave()
	switch {
	case c.dead:
	case k.gone:
		k.replied = true
		c.settle(k, &k.r)
		if k.done != nil {
			k.done <- nil // for outcome, if it waits
		}
	default:
		if k.pace != nil {
			k.pace.end(k)
		}
		c.freeTag(k)
		wake := k.wake
		k.done <- nil // with it goes k, to be used again
		if wake != nil {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}
}

// waitOr is wait for a call among others with the same wake: more is called at
// the beginning and whenever one of these is answered, as the replies come in any
// order.
func (c *Client) waitOr(ctx context.Context, k *call, more func()) error {
	c.countWait(k)
	for {
		more()
		if len(k.done) > 0 {
			return c.wait(ctx, k)
		}
		select {
		case err := <-k.done:
			k.done <- err
		case <-ctx.Done():
		case <-k.wake:
			continue
		case in := <-c.turn:
			if k.readsItself() {
				c.readFor(ctx, in, func() bool { return len(k.wake) > 0 || len(k.done) > 0 })
			} else {
				c.back <- in
			}
			continue
		}
		return c.wait(ctx, k)
	}
}
