package dev

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"ufo/ninep"
	"ufo/proc"
)

// A console is a terminal as the files cons, consctl and winsize. Without a terminal,
// as on a machine whose screen is unplugged, readers wait, and what is
// printed is lost, except to the log.
type console struct {
	tree    *ninep.Tree            // what an attach shows
	log     *kmesg                 // takes what is printed; nil for none
	reading chan struct{}          // held by the one that reads the terminal: capacity 1
	reader  atomic.Pointer[reader] // who read last or, before that, opened it

	mu      sync.Mutex    // guards what follows
	term    Terminal      // nil for none
	ended   bool          // there will be none any more
	ctls    int           // how often consctl is open
	raw     bool          // asked for by rawon
	held    bool          // by holdon: what is typed is kept back
	changed chan struct{} // closed when term, ended or held changes; nil when nobody waits
}

// A reader is who gets the notes of a console.
type reader struct {
	table  *proc.Table
	noteid int
}

// set gives the console a terminal, or with nil takes it away.
func (c *console) set(term Terminal) {
	c.mu.Lock()
	old, raw := c.term, c.raw
	c.term = term
	c.wake()
	c.mu.Unlock()
	if old != nil {
		old.SetNote(func(string) {})
	}
	if term != nil {
		term.SetNote(c.note)
		term.SetRaw(raw)
	}
}

// end takes the terminal away for good: readers get the end of the file.
func (c *console) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.set(nil)
}

// terminal returns the terminal, nil for none.
func (c *console) terminal() Terminal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.term
}

// wake tells readers to look again. Called with mu held.
func (c *console) wake() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// note posts a note to the note group of the process that read last. Until
// somebody reads it is that of the first that opened cons: what it runs may
// never read. Who reads for others does not count: exportfs, for a program on
// another machine, which the notes reach by way of who started exportfs.
func (c *console) note(note string) {
	if r := c.reader.Load(); r != nil {
		r.table.Postgroup(r.noteid, note, nil)
	}
}

// files returns cons, consctl and winsize.
func (c *console) files() []*ninep.Node {
	return []*ninep.Node{
		{Name: "winsize", Perm: 0440, Open: c.openSize, ReadAt: func(context.Context, []byte, int64) (int, error) { return 0, nil }},
		{
			Name: "cons", Perm: 0660,
			ReadAt:  func(ctx context.Context, p []byte, _ int64) (int, error) { return c.read(ctx, p) },
			WriteAt: func(ctx context.Context, p []byte, _ int64) (int, error) { return c.write(ctx, p) },
			Open: func(ctx context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) {
				if up := proc.Up(ctx); up != nil && !up.Serving() {
					c.reader.CompareAndSwap(nil, &reader{up.Table(), up.Noteid()})
				}
				return nil, nil
			},
		},
		{
			Name: "consctl", Perm: 0220, Write: c.ctl,
			Open: func(context.Context, string, ninep.Mode) (*ninep.Node, error) {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.ctls++
				return nil, nil
			},
			Close: func() {
				c.mu.Lock()
				c.ctls--
				last := c.ctls == 0
				c.mu.Unlock()
				if last {
					c.setRaw(false)
					c.hold(false)
				}
			},
		},
	}
}

// read reads the terminal, one reader after the other.
func (c *console) read(ctx context.Context, p []byte) (int, error) {
	if up := proc.Up(ctx); up != nil && !up.Serving() {
		c.reader.Store(&reader{up.Table(), up.Noteid()})
	}
	select {
	case c.reading <- struct{}{}:
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
	defer func() { <-c.reading }()
	for {
		c.mu.Lock()
		term, ended := c.term, c.ended
		if c.held || term == nil && !ended {
			if c.changed == nil {
				c.changed = make(chan struct{})
			}
			changed := c.changed
			c.mu.Unlock()
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return 0, ninep.ErrIntr
			}
		}
		c.mu.Unlock()
		if ended {
			return 0, nil
		}
		return term.Read(ctx, p)
	}
}

// write prints p.
func (c *console) write(ctx context.Context, p []byte) (int, error) {
	if c.log != nil {
		c.log.add(p)
	}
	if term := c.terminal(); term != nil {
		return term.Write(ctx, p)
	}
	return len(p), nil
}

// ctl does a word written to consctl.
func (c *console) ctl(_ context.Context, p []byte) error {
	switch strings.TrimSuffix(string(p), "\n") {
	case "rawon":
		c.setRaw(true)
	case "rawoff":
		c.setRaw(false)
	case "holdon":
		c.hold(true)
	case "holdoff":
		c.hold(false)
	default:
		return ninep.ErrBadArg
	}
	return nil
}

func (c *console) setRaw(on bool) {
	c.mu.Lock()
	c.raw = on
	term := c.term
	c.mu.Unlock()
	if term != nil {
		term.SetRaw(on)
	}
}

func (c *console) hold(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = on
	c.wake()
}
