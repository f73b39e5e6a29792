package disk

import (
	"fmt"
	"maps"
	"slices"

	"ufo/ninep"
)

// What a compaction must at least be worth, and what a file's entry costs.
const (
	minWaste = 1 << 20
	metaCost = 128
)

// wasteful reports whether more than half of the log is dead.
func (d *Disk) wasteful() bool {
	if _, ok := d.store.(Replacer); !ok || d.end < d.patience {
		return false
	}
	live := d.live + int64(len(d.nodes))*metaCost
	return d.end-live > max(live, minWaste)
}

// compact writes the log anew, without what is dead. If that fails the old
// one stays in use, for a while.
func (d *Disk) compact() {
	c := &compaction{d: d, data: make(map[*node]extents)}
	s, err := d.store.(Replacer).Replace(c.write)
	if err != nil {
		if d.cfg.Log != nil {
			d.cfg.Log(fmt.Sprintf("disk: the log stays as long as it is: %v", err))
		}
		d.patience = d.end * 2
		return
	}
	d.store, d.end, d.live = s, c.end, c.live
	for _, n := range d.nodes {
		n.data = c.data[n]
	}
}

// A compaction is a log in the making.
type compaction struct {
	d    *Disk
	b    builder
	s    Store
	end  int64
	live int64
	data map[*node]extents // where they are in s
}

func (c *compaction) write(s Store) error {
	c.s = s
	c.b.reset()
	c.b.next(c.d.next)
	if err := c.flush(); err != nil {
		return err
	}
	if err := c.tree(c.d.root); err != nil {
		return err
	}
	return s.Sync()
}

// tree writes n and what is below it, parents first.
func (c *compaction) tree(n *node) error {
	if err := c.node(n); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		if k := n.kids[name]; k.logged {
			if err := c.tree(k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *compaction) node(n *node) error {
	c.b.node(n, n.parent, n.meta, n.atime.Load())
	for name := range n.hidden {
		c.b.hide(n.path, name)
	}
	if err := c.flush(); err != nil {
		return err
	}
	return c.bytes(n)
}

// bytes writes what is in a file; neighbours become one extent.
func (c *compaction) bytes(n *node) error {
	var buf []byte
	for i := 0; i < len(n.data); {
		off := n.data[i].off
		end := off
		for ; i < len(n.data) && n.data[i].off == end; i++ {
			if end += n.data[i].n; end-off >= maxData {
				i++
				break
			}
		}
		buf = slices.Grow(buf[:0], int(end-off))[:end-off]
		if err := n.data.read(c.d.store, buf, off); err != nil {
			return err
		}
		c.b.data(n.path, off, buf)
		at := c.end + int64(len(c.b.b)-len(buf))
		if err := c.flush(); err != nil {
			return err
		}
		c.data[n] = append(c.data[n], extent{off, at, end - off})
		c.live += end - off
	}
	return nil
}

// flush writes the record under construction, if there is anything in it.
func (c *compaction) flush() error {
	if len(c.b.b) > headerSize {
		pos, err := c.b.appendTo(c.s, c.end)
		if err != nil {
			return fmt.Errorf("%w: %w", ninep.ErrIO, err)
		}
		c.end = pos + int64(len(c.b.b)-headerSize)
	}
	c.b.reset()
	return nil
}
