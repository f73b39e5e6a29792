package ninep_test

import (
	"bufio"
	"context"
	"io"
	"sync"
	"testing"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// A cutter is a server that is called over connections which it cuts.
type cutter struct {
	t   *testing.T
	srv Server
	wg  sync.WaitGroup

	mu    sync.Mutex          // guards the fields below, and is held when they are called
	lose  func(m *Fcall) bool // whether to cut instead of passing a T on; nil: never
	after func(m *Fcall) bool // whether to cut instead of passing the reply to a T on
	dials int
	down  error // what a dial gets
	conns []io.Closer
}

// dial is for NewRedialer.
func (c *cutter) dial(ctx context.Context) (io.ReadWriteCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dials++
	if c.down != nil {
		return nil, c.down
	}
	ours, near := Pipe()
	far, served := Pipe()
	c.conns = append(c.conns, near)
	cut := func() {
		near.Close()
		far.Close()
	}
	lost := make(chan uint16, 1) // the tag whose reply is lost
	c.wg.Go(func() { Serve(context.Background(), served, c.srv, nil) })
	c.wg.Go(func() { defer cut(); c.carry(near, far, lost) })
	c.wg.Go(func() { defer cut(); c.back(far, near, lost) })
	return end(ours), nil
}

// carry carries requests.
func (c *cutter) carry(from io.Reader, to io.Writer, lost chan<- uint16) {
	in := bufio.NewReader(from)
	for {
		m, err := readFcall(in)
		if err != nil {
			return
		}
		c.mu.Lock()
		lose, after := c.lose != nil && c.lose(m), c.after != nil && c.after(m)
		c.mu.Unlock()
		if lose {
			return
		}
		if after {
			select {
			case lost <- m.Tag:
			default: // one before it is lost, and all that follows
			}
		}
		if b, err := m.Append(nil); err != nil {
			c.t.Error(err)
		} else if _, err := to.Write(b); err != nil {
			return
		}
	}
}

// back carries replies.
func (c *cutter) back(from io.Reader, to io.Writer, lost <-chan uint16) {
	in := bufio.NewReader(from)
	tag, any := uint16(0), false
	for {
		m, err := readFcall(in)
		if err != nil {
			return
		}
		if !any {
			select {
			case tag = <-lost:
				any = true
			default:
			}
		}
		if any && m.Tag == tag {
			return
		}
		b, _ := m.Append(nil)
		if _, err := to.Write(b); err != nil {
			return
		}
	}
}

// cut cuts all connections, and has dials get an error, if there is one.
func (c *cutter) cut(down error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// heal has dials get through again.
func (c *cutter) heal() { c.set(func() { c.down = nil }) }

// set changes fields.
func (c *cutter) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// dialed returns how often it was called.
func (c *cutter) dialed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dials
}

// redialer returns a Redialer that calls c, and its root. At the end of the test
// nothing of either must be left.
func (c *cutter) redialer(t *testing.T, opt *RedialOptions) (*Redialer, File) {
	t.Helper()
	strict := ninetest.Strict(c.srv)
	c.t, c.srv = t, strict
	r, err := NewRedialer(t.Context(), c.dial, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		c.wg.Wait()
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
	})
	root, err := r.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	return r, root
}
