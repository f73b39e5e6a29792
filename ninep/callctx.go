package ninep

import (
	"context"
	"sync"
)

// A callContext is the context of one request. Files that never wait never ask
// it anything, so what a context takes is only made when it is asked for; one
// that was not can be another request's after this.
type callContext struct {
	context.Context // the session's

	mu     sync.Mutex // guards the fields below
	over   bool       // cancelled
	own    context.Context
	cancel context.CancelFunc // of own
}

func (c *callContext) Done() <-chan struct{} { return c.made().Done() }

func (c *callContext) Err() error { return c.made().Err() }

// Value finds, for package context, the context that can be cancelled.
func (c *callContext) Value(key any) any {
	c.mu.Lock()
	at := c.own
	if at == nil {
		at = c.Context
	}
	c.mu.Unlock()
	return at.Value(key)
}

// made returns the context that can be cancelled.
func (c *callContext) made() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil {
		c.own, c.cancel = context.WithCancel(c.Context)
		if c.over {
			c.cancel()
		}
	}
	return c.own
}

// end cancels the context.
func (c *callContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.cancel != nil {
		c.cancel()
	}
}

// begin makes c the context of another request, or returns a new one if that
// has been made for which somebody may still ask.
func (c *callContext) begin(parent context.Context) *callContext {
	if c == nil {
		return &callContext{Context: parent}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		return &callContext{Context: parent}
	}
	c.Context, c.over = parent, false
	return c
}
