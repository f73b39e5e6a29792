package proc

import (
	"slices"
	"sync/atomic"

	"ufo/ns"
)

// A watch is a word that is 0 from when a descriptor is not what it was.
type watch struct {
	fd   int
	word *atomic.Uint32
}

// WatchFD sets a word to fd and 1 as long as the descriptor refers to c: it becomes
// 0 in the moment when somebody closes it or makes it another file's, and when this
// process gets other descriptors. It is false if fd does not refer to c, or if each
// read of the process has to be told of. One word is watched at a time; nil ends
// that. Only the process may call it.
func (p *Proc) WatchFD(fd int, c *ns.Chan, word *atomic.Uint32) bool {
	if p.watched != nil {
		p.fgrp.unwatch(p.watched)
	}
	p.watched = nil
	if word == nil || p.trace != nil || !p.fgrp.watch(fd, c, word) {
		return false
	}
	p.watched = word
	return true
}

// watch sets a word to fd and 1, if that refers to c.
func (f *Fgrp) watch(fd int, c *ns.Chan, word *atomic.Uint32) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fd < 0 || fd >= len(f.fds) || f.fds[fd].c != c {
		return false
	}
	f.watches = append(f.watches, watch{fd, word})
	word.Store(uint32(fd) + 1)
	return true
}

// unwatch makes a word 0, and leaves it alone from then on.
func (f *Fgrp) unwatch(word *atomic.Uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(func(w watch) bool { return w.word == word })
}

// changed tells those who watch a descriptor. The caller holds mu.
func (f *Fgrp) changed(fd int) { f.drop(func(w watch) bool { return w.fd == fd }) }

// drop ends watches. The caller holds mu.
func (f *Fgrp) drop(which func(w watch) bool) {
	f.watches = slices.DeleteFunc(f.watches, func(w watch) bool {
		if !which(w) {
			return false
		}
		w.word.Store(0)
		return true
	})
}
