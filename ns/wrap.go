package ns

import (
	"cmp"
	"maps"
	"slices"

	"ufo/ninep"
)

// This file is how somebody looks at what passes between a name space and the
// servers that are mounted in it.

// A Wrap returns a File to be used in the place of f, a place in the mounted
// tree t: one that traces or counts what passes. Whoever closes it leaves f
// open.
type Wrap func(t Tree, f ninep.File) ninep.File

// Wrap has all trees that are mounted in pg, now or later, seen through w: also
// in copies of pg that are made from now on. Files that are in use already are
// used as before.
func (pg *Pgrp) Wrap(w Wrap) {
	pg.wrap.Store(&w)
	for {
		old := pg.hold()
		wr := &wrapper{wrap: w, made: make(map[*Chan]*Chan)}
		heads := make(map[key]*mhead, len(old.heads))
		for _, k := range old.keys() {
			heads[k] = wr.mhead(old.heads[k])
		}
		wr.close()
		t := newTable(heads)
		pg.mu.Lock()
		same := pg.tab.Load() == old
		if same {
			pg.tab.Store(t)
		}
		pg.mu.Unlock()
		old.close() // the reference of hold
		if same {
			old.close()
			return
		}
		t.close() // somebody was faster
	}
}

// keys returns the mount points in the order in which they were made, so that
// a Wrap is called in the same order each time.
func (t *table) keys() []key {
	return slices.SortedFunc(maps.Keys(t.heads), func(a, b key) int {
		return cmp.Compare(t.heads[a].mounts[0].id, t.heads[b].mounts[0].id)
	})
}

// A wrapper makes wrapped Chans, one for each that it is given.
type wrapper struct {
	wrap Wrap
	made map[*Chan]*Chan
}

// close gives back the wrapper's own references.
func (wr *wrapper) close() {
	for _, c := range wr.made {
		c.Close()
	}
}

// mhead returns mh with its Chans wrapped.
func (wr *wrapper) mhead(mh *mhead) *mhead {
	mounts := make([]mount, len(mh.mounts))
	for i, m := range mh.mounts {
		mounts[i] = m
		mounts[i].to = wr.through(m.to)
	}
	return newMhead(wr.through(mh.from), mounts)
}

// through returns c as it is seen through the Wrap; the wrapper has the
// reference. The Chan it returns holds c, whose File it uses.
func (wr *wrapper) through(c *Chan) *Chan {
	if n := wr.made[c]; n != nil {
		return n
	}
	if c.typ != 'M' || c.open {
		wr.made[c] = c.Incref()
		return c
	}
	n := newChan(wr.wrap(c.tree(), c.file), c.typ, c.dev, wr.path(c.path))
	n.name = c.name
	if c.mnt != nil {
		c.mnt.refs.Add(1)
		n.mnt = c.mnt
	}
	c.Incref()
	n.free = func() { c.Close() }
	wr.made[c] = n
	return n
}

// path returns p, with a reference, with the Chans it is made of wrapped: ".."
// walks from them.
func (wr *wrapper) path(p *Path) *Path {
	if p.anchor == nil {
		return p.incref()
	}
	if p.up == nil {
		return newPath(nil, nil, wr.through(p.anchor), p.rel)
	}
	up := wr.path(p.up)
	defer up.close()
	return newPath(up, wr.through(p.from), wr.through(p.anchor), p.rel)
}

// Wrapped returns c, a directory in use as a Dot, as it is seen through w. It
// consumes c.
func (c *Chan) Wrapped(w Wrap) *Chan {
	wr := &wrapper{wrap: w, made: make(map[*Chan]*Chan)}
	n := wr.through(c).Incref()
	wr.close()
	c.Close()
	return n
}

// wrapped returns c, the root of a tree that is being mounted, as pg wants it
// to be seen. It consumes c.
func (pg *Pgrp) wrapped(c *Chan) *Chan {
	if w := pg.wrap.Load(); w != nil {
		return c.Wrapped(*w)
	}
	return c
}
