package proc

import (
	"context"
	"sync/atomic"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// Who got hold of a process's descriptors just before it exited finds none.
func TestClosedFgrp(t *testing.T) {
	closed := 0
	c := ns.Post(context.Background(), ns.NewDevtab(nil), "#|/data", nil, func() { closed++ })
	f := newFgrp()
	fd, err := f.add(c, false)
	if err != nil {
		t.Fatal(err)
	}
	f.close()
	if _, err := f.get(fd); err != ninep.ErrBadFD {
		t.Error("get: ", err)
	}
	if fds, _ := f.list(); len(fds) > 0 {
		t.Error("list: ", fds)
	}
	if _, err := f.remove(fd); err != ninep.ErrBadFD {
		t.Error("remove: ", err)
	}
	if closed != 1 {
		t.Error("closed ", closed, " times")
	}
}

// TestWatch has a word watch a descriptor until that is not what it was.
func TestWatch(t *testing.T) {
	post := func() *ns.Chan {
		return ns.Post(context.Background(), ns.NewDevtab(nil), "#|/data", nil, func() {})
	}
	for _, row := range []struct {
		name string
		do   func(f *Fgrp, fd, other int)
		ends bool
	}{
		{"remove", func(f *Fgrp, fd, _ int) { f.remove(fd) }, true},
		{"remove another", func(f *Fgrp, _, other int) { f.remove(other) }, false},
		{"set", func(f *Fgrp, fd, _ int) { f.set(fd, post()) }, true},
		{"set another", func(f *Fgrp, _, other int) { f.set(other, post()) }, false},
		{"exec", func(f *Fgrp, _, _ int) { f.closeExec() }, true},
		{"close", func(f *Fgrp, _, _ int) { f.close() }, true},
		{"change a copy", func(f *Fgrp, fd, _ int) { f.copy().remove(fd) }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, c := newFgrp(), post()
			other, _ := f.add(post(), false)
			fd, _ := f.add(c, true)
			var word, stale atomic.Uint32
			if f.watch(other, c, &stale) || f.watch(7, c, &stale) || !f.watch(fd, c, &word) || word.Load() != uint32(fd)+1 {
				t.Fatal("the word is ", word.Load())
			}
			if row.do(f, fd, other); word.Load() == 0 != row.ends || stale.Load() != 0 {
				t.Errorf("the words are %d, %d", word.Load(), stale.Load())
			}
			f.unwatch(&word)
			if word.Load() != 0 || len(f.watches) != 0 {
				t.Errorf("the word is %d, %d are watched", word.Load(), len(f.watches))
			}
		})
	}
}
