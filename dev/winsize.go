package dev

import (
	"context"
	"strconv"

	"ufo/ninep"
)

// openSize makes the open file of winsize. Its first read says how large the
// terminal is, each further one waits until it is of another size: as that of
// wctl does in a window of Plan 9.
func (c *console) openSize(context.Context, string, ninep.Mode) (*ninep.Node, error) {
	told, rest := "", ""           // rest: what of told was not read yet
	turn := make(chan struct{}, 1) // held by the read that looks at them
	return &ninep.Node{Name: "winsize", Perm: 0440, ReadAt: func(ctx context.Context, p []byte, _ int64) (int, error) {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return 0, ninep.ErrIntr
		}
		defer func() { <-turn }()
		if rest == "" {
			text, err := c.otherSize(ctx, told)
			if err != nil {
				return 0, err
			}
			told, rest = text, text
		}
		n := copy(p, rest)
		rest = rest[n:]
		return n, nil
	}}, nil
}

// otherSize waits until the size is not told any more, and returns it.
func (c *console) otherSize(ctx context.Context, told string) (string, error) {
	for {
		c.mu.Lock()
		term := c.term
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed // the terminal is another one, or held
		c.mu.Unlock()
		var rows, cols int
		var resized <-chan struct{}
		if s, ok := term.(Sizer); ok {
			rows, cols, resized = s.Size()
		}
		if text := strconv.Itoa(rows) + " " + strconv.Itoa(cols) + "\n"; text != told {
			return text, nil
		}
		select {
		case <-changed:
		case <-resized:
		case <-ctx.Done():
			return "", ninep.ErrIntr
		}
	}
}
