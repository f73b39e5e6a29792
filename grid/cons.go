package grid

import (
	"context"
	"sync/atomic"

	"ufo/proc"
)

// A Console is one end of the stream of bytes between a terminal of a node
// and whoever sits at it. Closing either end ends both.
type Console struct {
	// Width and Height are how large the terminal is, in columns and rows,
	// if that is known when the console is made; 0 otherwise.
	Width, Height int

	in, out *half
	shell   atomic.Pointer[proc.Proc] // of the node's end
}

// newConsole returns the two ends of a stream.
func newConsole() (a, b *Console) {
	there, back := newHalf(nil, ""), newHalf(nil, "")
	there.opposite, back.opposite = back, there
	return &Console{in: back, out: there}, &Console{in: there, out: back}
}

// Shell returns the process that runs at the node's end, nil while there is
// none yet.
func (c *Console) Shell() *proc.Proc { return c.shell.Load() }

// Read reads what the other end has written; io.EOF once that has closed.
func (c *Console) Read(p []byte) (int, error) { return c.in.read(context.Background(), p) }

// Write writes to the other end; ErrHungup once that has closed.
func (c *Console) Write(p []byte) (int, error) { return c.out.write(context.Background(), p) }

// Close ends the stream; the other end still reads what was written before.
func (c *Console) Close() error {
	c.in.abandon()
	c.out.finish(endPacket)
	return nil
}
