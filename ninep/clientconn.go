package ninep

import "context"

// This file is a Client's two goroutines: one writes requests, one takes replies.

// write writes what is to be written, all there is at a time, until the
// client is dead.
func (c *Client) write() {
	defer c.wg.Done()
	var spare []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.dead {
			c.work.Wait()
		}
		if c.dead {
			c.mu.Unlock()
			return
		}
		b := c.out
		c.out = spare
		if c.room != nil {
			close(c.room)
			c.room = nil
		}
		c.mu.Unlock()
		if _, err := c.conn.Write(b); err != nil {
			c.fail()
			return
		}
		spare = nil
		if cap(b) <= keep {
			spare = b[:0]
		} else {
			b = b[:0]
			c.bufs.Put(&b)
		}
	}
}

// read takes replies, until the connection ends or one is not what it should
// be.
func (c *Client) read(in *input) {
	defer c.wg.Done()
	defer c.fail()
	for {
		b, err := in.peek(hdrsz)
		if err != nil {
			return
		}
		tag := le.Uint16(b[5:])
		c.mu.Lock()
		var k *call
		if int(tag) < len(c.calls) {
			k = c.calls[tag]
		}
		bad := k == nil || k.replied
		c.mu.Unlock()
		if bad || c.receive(in, k, le.Uint32(b)) != nil {
			return
		}
		c.deliver(k)
	}
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
	k.in = grow(k.in, room)
	if err := in.full(k.in, int(size)); err != nil {
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

// deliver hands a reply to who waits for it.
func (c *Client) deliver(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
	for {
		more()
		select {
		case err := <-k.done:
			k.done <- err
		case <-ctx.Done():
		case <-c.done:
		case <-k.wake:
			continue
		}
		return c.wait(ctx, k)
	}
}
