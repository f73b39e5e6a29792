package ns

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// The flags of bind and mount. See bind(2).
const (
	MREPL   = 0  // the new file replaces the old one
	MBEFORE = 1  // the new directory goes before the union
	MAFTER  = 2  // the new directory goes after the union
	MCREATE = 4  // files may be created in the new directory
	MCACHE  = 16 // contents may be cached

	morder = MBEFORE | MAFTER
	mmask  = morder | MCREATE | MCACHE
)

// A key is the identity of a file: which device or mounted tree, and the qid.
type key struct {
	typ  rune
	dev  uint32
	path uint64
}

// A mount is one member of what an mhead stands for. It is immutable.
type mount struct {
	id   uint64 // in order of binding
	to   *Chan  // what is seen; owned by the mhead that lists the mount
	flag int
	spec string // attach specifier of a mount(2)
}

// An mhead is a mount point: the file mounted upon, and what is seen there,
// in order. It is immutable, shared between the tables of many name spaces,
// and counted.
type mhead struct {
	from   *Chan
	mounts []mount

	refs atomic.Int32
}

// newMhead takes references to from and to every member.
func newMhead(from *Chan, mounts []mount) *mhead {
	for _, m := range mounts {
		m.to.Incref()
	}
	mh := &mhead{from: from.Incref(), mounts: mounts}
	mh.refs.Store(1)
	return mh
}

// tryref takes a reference unless the last one is gone already.
func (mh *mhead) tryref() bool {
	for {
		n := mh.refs.Load()
		if n == 0 {
			return false
		}
		if mh.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (mh *mhead) close() {
	if mh == nil || mh.refs.Add(-1) > 0 {
		return
	}
	for _, m := range mh.mounts {
		m.to.Close()
	}
	mh.from.Close()
}

// index returns which member c is, -1 for none.
func (mh *mhead) index(k key) int {
	return slices.IndexFunc(mh.mounts, func(m mount) bool { return m.to.key() == k })
}

// A table is the mount table of a name space at one moment. It is immutable,
// so that lookups need no lock; a bind makes a new one. It holds a reference
// to each of its mheads, and is counted itself: name space groups share a
// table until one of them changes it.
type table struct {
	heads map[key]*mhead
	refs  atomic.Int32
}

func newTable(heads map[key]*mhead) *table {
	t := &table{heads: heads}
	t.refs.Store(1)
	return t
}

func (t *table) find(k key) *mhead {
	if t == nil {
		return nil
	}
	return t.heads[k]
}

func (t *table) close() {
	if t.refs.Add(-1) > 0 {
		return
	}
	for _, mh := range t.heads {
		mh.close()
	}
}

// A Pgrp is a name space group: a mount table shared by the processes in the
// group, and the set of devices they may still attach.
type Pgrp struct {
	mu     sync.Mutex // serializes changes; lookups do without
	tab    atomic.Pointer[table]
	denied atomic.Pointer[mask]
	wrap   atomic.Pointer[Wrap] // what mounted trees are seen through; nil for nothing
}

// A mask says which device letters may not be attached: those in letters, or
// with invert all but those.
type mask func(letter rune) bool

// NewPgrp returns an empty name space, which the caller closes.
func NewPgrp() *Pgrp {
	pg := new(Pgrp)
	pg.tab.Store(newTable(nil))
	return pg
}

// Copy returns a name space of its own that looks like pg now: rfork's
// RFNAMEG. It costs the same however many mounts there are.
func (pg *Pgrp) Copy() *Pgrp {
	pg.mu.Lock() // so that the table is not replaced, and freed, in between
	defer pg.mu.Unlock()
	t := pg.tab.Load()
	t.refs.Add(1)
	n := new(Pgrp)
	n.tab.Store(t)
	n.denied.Store(pg.denied.Load())
	n.wrap.Store(pg.wrap.Load())
	return n
}

// CopyMask gives pg, a new name space, the restrictions of old, and its
// Wrap: they are inherited even by a clean one.
func (pg *Pgrp) CopyMask(old *Pgrp) {
	pg.denied.Store(old.denied.Load())
	pg.wrap.Store(old.wrap.Load())
}

// Close ends the name space. No process may be in it any more; to a server
// that still looks nothing is mounted.
func (pg *Pgrp) Close() {
	if t := pg.tab.Swap(nil); t != nil {
		t.close()
	}
}

// find returns, with a reference, what is mounted on a file; nil for nothing.
func (pg *Pgrp) find(k key) *mhead {
	for {
		mh := pg.tab.Load().find(k)
		if mh == nil || mh.tryref() {
			return mh
		}
		// The table was replaced, and mh with it, after we loaded it.
	}
}

// mounted reports whether anything is mounted on a file.
func (pg *Pgrp) mounted(k key) bool { return pg.tab.Load().find(k) != nil }

// Deny forbids the attaching of the devices in letters or, inverted, of all
// others: RFNOMNT and chdev(1). The letter M stands for mount(2). What was
// denied stays so.
func (pg *Pgrp) Deny(letters string, invert bool) {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	var old mask = func(rune) bool { return false }
	if d := pg.denied.Load(); d != nil {
		old = *d
	}
	var now mask = func(r rune) bool { return old(r) || strings.ContainsRune(letters, r) != invert }
	pg.denied.Store(&now)
}

// Allowed reports whether the device may be attached.
func (pg *Pgrp) Allowed(letter rune) bool {
	d := pg.denied.Load()
	return d == nil || !(*d)(letter)
}

// change has edit say, with mu held, what k's mount point, nil if it is none,
// shall be from now on: nil for none, or an mhead that change consumes. What
// is not mounted any more is closed without the lock.
func (pg *Pgrp) change(k key, edit func(mh *mhead) (*mhead, error)) error {
	pg.mu.Lock()
	old := pg.tab.Load()
	mh, err := edit(old.heads[k])
	if err == nil {
		pg.tab.Store(old.with(k, mh))
	}
	pg.mu.Unlock()
	if err == nil {
		old.close()
	}
	return err
}

// with returns a table with mh, which it consumes, in the place of what is
// mounted on k; nil for nothing.
func (t *table) with(k key, mh *mhead) *table {
	heads := make(map[key]*mhead, len(t.heads)+1)
	maps.Copy(heads, t.heads)
	if mh == nil {
		delete(heads, k)
	} else {
		heads[k] = mh
	}
	for hk, h := range heads {
		if hk != k {
			h.refs.Add(1) // t holds a reference, and the caller holds t
		}
	}
	return newTable(heads)
}

// Bind makes new visible at old, as bind(2) says: bind and mount both end
// here. A new that is itself a union is copied member by member. It takes
// the references it needs.
func (pg *Pgrp) Bind(ids *Devtab, new, old *Chan, flag int, spec string) error {
	if flag&^mmask != 0 || flag&morder == morder {
		return ninep.ErrBadArg
	}
	order := flag & morder
	if new.Qid().IsDir() != old.Qid().IsDir() || !old.Qid().IsDir() && order != MREPL {
		return ninep.ErrMount
	}
	self := ids.nextID() // for the old directory itself, which is there first
	added := []mount{{ids.nextID(), new, flag, spec}}
	if u := new.union; u != nil {
		// A union cannot be bound for creation, since it would not be
		// clear where to create; a plain mount, which is a union of one,
		// can, so that "mount -c fd /root; bind -c /root /" works.
		if flag&MCREATE != 0 && (len(u.mounts) > 1 || u.mounts[0].flag&MCREATE == 0) {
			return ninep.ErrMount
		}
		uflag := order
		if order == MREPL {
			uflag = MAFTER
		}
		for _, m := range u.mounts[1:] {
			added = append(added, mount{ids.nextID(), m.to, uflag, m.spec})
		}
	}
	return pg.change(old.key(), func(mh *mhead) (*mhead, error) {
		if order == MREPL {
			return newMhead(old, added), nil
		}
		have, from := []mount{{self, old, 0, ""}}, old
		if mh != nil {
			have, from = mh.mounts, mh.from
		}
		if order == MBEFORE {
			return newMhead(from, slices.Concat(added, have)), nil
		}
		return newMhead(from, slices.Concat(have, added)), nil
	})
}

// Unmount undoes binds on old: the one of new or, with nil, all of them.
func (pg *Pgrp) Unmount(new, old *Chan) error {
	return pg.change(old.key(), func(mh *mhead) (*mhead, error) {
		switch {
		case mh == nil:
			return nil, ninep.ErrUnmount
		case new == nil:
			return nil, nil
		}
		i := mh.index(new.key())
		if i < 0 {
			i = slices.IndexFunc(mh.mounts, func(m mount) bool { return m.to.mnt != nil && m.to.mnt.is(new) })
		}
		if i < 0 {
			return nil, ninep.ErrUnion
		}
		rest := slices.Delete(slices.Clone(mh.mounts), i, i+1)
		if len(rest) == 0 {
			return nil, nil
		}
		return newMhead(mh.from, rest), nil
	})
}

// String returns the commands, a line each, that rebuild the name space in
// the order in which it was built: what /proc/n/ns reads. See ns(1).
func (pg *Pgrp) String() string {
	type line struct {
		id   uint64
		text string
	}
	var lines []line
	t := pg.hold()
	defer t.close()
	for _, mh := range t.heads {
		for _, m := range mh.mounts {
			lines = append(lines, line{m.id, m.format(mh.from)})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return int(int64(a.id - b.id)) })
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.text)
	}
	return b.String()
}

// hold returns the table with a reference.
func (pg *Pgrp) hold() *table {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	t := pg.tab.Load()
	t.refs.Add(1)
	return t
}

// format returns the command that made m upon from.
func (m mount) format(from *Chan) string {
	if m.to.name == "" {
		return fmt.Sprintf("bind %s %s %s\n", flags(m.flag), ninep.Quote(m.to.Name()), ninep.Quote(from.Name()))
	}
	s := fmt.Sprintf("mount %s %s %s", flags(m.flag), ninep.Quote(m.to.name), ninep.Quote(from.Name()))
	if m.spec != "" {
		s += " " + ninep.Quote(m.spec)
	}
	return s + "\n"
}

// flags returns the options of bind(1) for a flag.
func flags(flag int) string {
	if flag == 0 {
		return ""
	}
	s := "-"
	for _, f := range []struct {
		bit int
		c   string
	}{{MAFTER, "a"}, {MBEFORE, "b"}, {MCREATE, "c"}, {MCACHE, "C"}} {
		if flag&f.bit != 0 {
			s += f.c
		}
	}
	return s
}
