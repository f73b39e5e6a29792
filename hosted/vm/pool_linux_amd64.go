package vm

import (
	"os"
	"runtime"
	"slices"
	"sync"
)

// A pool keeps the stubs of a Memory that no program uses any more: to start one
// takes a hundred times as long as to let it forget its program.
type pool struct {
	stubs   shelf[*stubProc]
	tracees shelf[*tracee]

	mu    sync.Mutex  // guards what follows
	image *os.File    // the stub as a file
	forks chan func() // to the thread whose children they are; nil before
	texts map[Extent][]patch
}

// A shelf has the stubs of one platform.
type shelf[S interface {
	reset() error // makes it as if it were new
	end()
}] struct {
	mu   sync.Mutex // guards idle
	idle []S
}

// maxIdle is how many stubs a shelf keeps.
const maxIdle = 32

// take returns the stub that is worth most, of several the one that was used last;
// false if there is none. While few are idle it is none either if all are worth
// less than least.
func (l *shelf[S]) take(worth func(S) int, least int) (s S, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	best, most := -1, -1
	for i, s := range slices.Backward(l.idle) {
		if n := worth(s); n > most {
			best, most = i, n
		}
	}
	if best < 0 || most < least && len(l.idle) < maxIdle/2 {
		return s, false
	}
	s = l.idle[best]
	l.idle = slices.Delete(l.idle, best, best+1)
	return s, true
}

// put takes a stub back, if it can be used again.
func (l *shelf[S]) put(s S, spoilt bool) {
	if spoilt || s.reset() != nil {
		s.end()
		return
	}
	l.mu.Lock()
	full := len(l.idle) == maxIdle
	if !full {
		l.idle = append(l.idle, s)
	}
	l.mu.Unlock()
	if full {
		s.end()
	}
}

// close ends them all.
func (l *shelf[S]) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.idle {
		s.end()
	}
	l.idle = nil
}

// It pays to have a stub for each kind of program that runs again and again: to map
// and unmap costs as much as to start one. So few pieces may be missing.
const missing = 4

// get returns a stub for trap, of those that are idle the one that has most mapped
// of a layout.
func (p *pool) get(mem *Memory, want layout) (*stubProc, error) {
	s, ok := p.stubs.take(func(s *stubProc) int { return len(s.has.kept(want)) }, len(want)-missing)
	if ok {
		return s, nil
	}
	return newStub(mem)
}

func (p *pool) put(s *stubProc, spoilt bool) { p.stubs.put(s, spoilt) }

// tracee returns a stub for ptrace, which the calling thread traces. One that was
// idle may have been killed.
func (p *pool) tracee(mem *Memory, want layout) (*tracee, error) {
	for {
		s, idle := p.tracees.take(func(s *tracee) int { return len(s.has.kept(want)) }, len(want)-missing)
		if !idle {
			var err error
			if s, err = newTracee(mem); err != nil {
				return nil, err
			}
		}
		err := s.attach()
		if err == nil {
			return s, nil
		}
		if s.end(); !idle {
			return nil, err
		}
	}
}

// onThread calls f on a thread that stays until close: children of the host end
// with the thread that started them.
func (p *pool) onThread(f func()) {
	p.mu.Lock()
	if p.forks == nil {
		p.forks = make(chan func())
		go func(forks chan func()) { // until close
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for f := range forks {
				f()
			}
		}(p.forks)
	}
	forks := p.forks
	p.mu.Unlock()
	done := make(chan struct{})
	forks <- func() {
		f()
		close(done)
	}
	<-done
}

// close ends the stubs.
func (p *pool) close() {
	p.stubs.close()
	p.tracees.close()
	if p.forks != nil {
		close(p.forks)
	}
	if p.image != nil {
		p.image.Close()
	}
	p.image, p.forks = nil, nil
}
