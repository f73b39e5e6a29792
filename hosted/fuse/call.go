package fuse

import (
	"context"
	"sync"
	"time"
)

// A call is the context of the calls on Files that one request makes. It has
// the values of Options.Context and is done when the request is interrupted,
// when the mount is, or when the request has been answered.
//
// Most calls on Files never ask when they are done, so there is a channel and
// a goroutine only for one that does.
type call struct {
	fs     *fileSystem
	cancel <-chan struct{} // closed when the request is interrupted; of use only until end
	grace  time.Duration   // how long an interrupted request may go on

	mu    sync.Mutex    // guards what follows
	done  chan struct{} // nil until somebody asks
	ended chan struct{} // closed by end; nil if done is
	err   error
}

// grace is how long calls go on that a program does not expect to be
// interrupted.
const grace = 200 * time.Millisecond

// begin returns the context of a request. The caller ends it.
func (fs *fileSystem) begin(cancel <-chan struct{}, grace time.Duration) *call {
	return &call{fs: fs, cancel: cancel, grace: grace}
}

// end says that the request is answered.
func (c *call) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		close(c.ended)
	}
	if c.done == nil {
		c.finish()
	}
}

// finish makes the call done. The caller holds mu.
func (c *call) finish() {
	if c.err == nil {
		c.err = context.Canceled
		if c.done == nil {
			c.done = make(chan struct{})
		}
		close(c.done)
	}
}

// Done returns a channel that is closed when the call should end.
func (c *call) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done, c.ended = make(chan struct{}), make(chan struct{})
		go c.watch(c.ended) // ends with the request
	}
	return c.done
}

// watch waits for what makes the call done.
func (c *call) watch(ended <-chan struct{}) {
	select {
	case <-c.cancel:
		t := time.NewTimer(c.grace)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.fs.dead:
		case <-ended:
		}
	case <-c.fs.dead:
	case <-ended:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish()
}

// Err returns context.Canceled when the call should end.
func (c *call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.done != nil {
		return c.err
	}
	select {
	case <-c.fs.dead:
		c.finish()
	default:
	}
	return c.err
}

// Deadline says that there is none.
func (c *call) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value returns a value of Options.Context.
func (c *call) Value(key any) any {
	if c.fs.opt.Context == nil {
		return nil
	}
	return c.fs.opt.Context.Value(key)
}
