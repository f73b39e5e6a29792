package aan

import (
	"io"
	"sync"
	"time"
)

// A link is a connection in use.
type link struct {
	io.ReadWriteCloser
	timer *time.Timer
	once  sync.Once // for Close
}

// Use goes on over a connection, which is Conn's to close: its Close must end a
// Read and a Write that wait. When the connection is of no more use the channel is
// closed, after the last call of conn; only then may Use be called again.
func (c *Conn) Use(conn io.ReadWriteCloser) <-chan struct{} {
	l := &link{ReadWriteCloser: conn}
	broken := make(chan struct{})
	c.mu.Lock()
	c.link, c.next, c.quiet, c.due = l, 0, 0, false
	if c.inmsg > 0 { // what was said of them may be lost, and the other have no room
		c.told = c.inmsg - ackAfter
	}
	l.timer = time.AfterFunc(syncTime, func() { c.tick(l) })
	over := c.over
	c.mu.Unlock()
	if over {
		c.drop(l)
		close(broken)
		return broken
	}
	var both sync.WaitGroup
	both.Go(func() { // ends when the link is dropped
		c.send(l)
		c.drop(l)
	})
	both.Go(func() { // as well
		c.receive(l)
		c.drop(l)
	})
	go func() { // ends when those two have
		both.Wait()
		close(broken)
	}()
	return broken
}

// drop ends the use of a link.
func (c *Conn) drop(l *link) {
	c.mu.Lock()
	if c.link == l {
		c.link = nil
		if c.eof { // the other side is gone: nothing more is to be said
			c.end(nil)
		}
	}
	l.timer.Stop()
	c.change.Broadcast()
	c.mu.Unlock()
	l.once.Do(func() { l.Close() })
}

// tick has a header sent without data, or finds that the link is dead.
func (c *Conn) tick(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != l {
		return
	}
	c.quiet++
	if len(c.in) >= window { // it is this side that does not listen
		c.quiet = 0
	}
	if c.quiet >= maxQuiet {
		go c.drop(l) // ends when the connection is closed
		return
	}
	c.due = true
	c.change.Broadcast()
	l.timer.Reset(syncTime)
}

// send writes messages until the link is dropped.
func (c *Conn) send(l *link) {
	for {
		b, told, ok := c.message(l)
		if !ok {
			return
		}
		if _, err := l.Write(b); err != nil {
			return
		}
		c.mu.Lock()
		c.told = told
		if c.eof && told == c.inmsg {
			c.end(nil)
		}
		c.mu.Unlock()
	}
}

// message waits for what is to be sent next, and returns it and what it
// acknowledges.
func (c *Conn) message(l *link) (b []byte, told uint32, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		h := header{msg: noMessage, acked: c.inmsg}
		switch {
		case c.link != l || c.over:
			return nil, 0, false
		case c.next < len(c.out) && !c.eof:
			data := c.out[c.next]
			h.n, h.msg = uint32(len(data)), c.acked+uint32(c.next)
			c.next++
			return append(h.append(nil), data...), h.acked, true
		case c.due, c.inmsg-c.told >= ackAfter, c.eof && c.told != c.inmsg:
			c.due = false
			return h.append(nil), h.acked, true
		}
		c.change.Wait()
	}
}

// receive reads messages until the link is dropped, or the other side says what
// it must not.
func (c *Conn) receive(l *link) {
	var b [headerLen]byte
	for {
		if _, err := io.ReadFull(l, b[:]); err != nil {
			return
		}
		var h header
		if err := h.parse(b[:]); err != nil {
			c.Fail(err)
			return
		}
		data := make([]byte, h.n)
		if _, err := io.ReadFull(l, data); err != nil {
			return
		}
		if err := c.take(l, h, data); err != nil {
			c.Fail(err)
			return
		}
	}
}

// take takes a message, when there is room for it.
func (c *Conn) take(l *link, h header, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = 0
	if err := c.acknowledge(h.acked); err != nil {
		return err
	}
	if h.empty() || h.msg != c.inmsg || c.eof {
		return nil
	}
	for h.n > 0 && len(c.in) >= window && c.link == l {
		c.change.Wait()
	}
	if c.link != l { // it will come again
		return nil
	}
	c.inmsg++
	switch {
	case h.n == 0:
		c.eof = true
	case !c.closed:
		c.in = append(c.in, data)
	}
	c.change.Broadcast()
	return nil
}

// acknowledge forgets the messages that the other side has taken. What was said
// earlier may come later. The caller holds mu.
func (c *Conn) acknowledge(acked uint32) error {
	n := int(int32(acked - c.acked))
	switch {
	case n <= 0:
		return nil
	case n > len(c.out):
		return ErrProtocol
	}
	clear(c.out[:n])
	c.out = c.out[n:]
	c.acked = acked
	c.next = max(c.next-n, 0)
	if c.closed && len(c.out) == 0 {
		c.end(nil)
	}
	c.change.Broadcast()
	return nil
}
