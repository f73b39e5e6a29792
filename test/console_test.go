package test

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"ufo/ninep"
)

// A console is a dev.Terminal in the hands of a session: lines are typed when
// the session says so, and what is printed waits to be looked at.
type console struct {
	mu    sync.Mutex    // guards what follows
	out   bytes.Buffer  // printed, not yet taken
	typed []string      // lines not yet read; "" is ^D
	wake  chan struct{} // closed when something is typed, then a new one
	idle  int           // readers that wait for something to be typed
	note  func(note string)
}

func newConsole() *console { return &console{wake: make(chan struct{})} }

// Read returns a typed line, or waits for one.
func (c *console) Read(ctx context.Context, p []byte) (int, error) {
	for {
		c.mu.Lock()
		if len(c.typed) > 0 {
			n := copy(p, c.typed[0])
			if c.typed[0] = c.typed[0][n:]; c.typed[0] == "" {
				c.typed = c.typed[1:]
			}
			c.mu.Unlock()
			return n, nil
		}
		wake := c.wake
		c.idle++
		c.mu.Unlock()
		var err error
		select {
		case <-wake:
		case <-ctx.Done():
			err = ninep.ErrIntr
		}
		c.mu.Lock()
		c.idle--
		c.mu.Unlock()
		if err != nil {
			return 0, err
		}
	}
}

// Write keeps what is printed.
func (c *console) Write(_ context.Context, p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

// SetRaw does nothing: a session types whole lines.
func (c *console) SetRaw(bool) {}

// SetNote remembers whom ^C is for.
func (c *console) SetNote(f func(note string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note = f
}

// typeLine types a line of a transcript: "^C" and "^D" are these keys.
func (c *console) typeLine(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case line == "^C":
		if note := c.note; note != nil {
			note("interrupt")
		}
		return
	case line == "^D":
		c.typed = append(c.typed, "")
	default:
		c.typed = append(c.typed, line+"\n")
	}
	close(c.wake)
	c.wake = make(chan struct{})
}

// waiting reports whether somebody waits for something to be typed.
func (c *console) waiting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idle > 0 && len(c.typed) == 0
}

// take returns the lines printed since it was called last, and what was
// printed of the line after them: a prompt, usually.
func (c *console) take() (lines []string, rest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := c.out.String()
	c.out.Reset()
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		lines, text = strings.Split(text[:i], "\n"), text[i+1:]
	}
	return lines, text
}
