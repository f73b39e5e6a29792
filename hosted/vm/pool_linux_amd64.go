package vm

import (
	"os"
	"runtime"
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

// take returns a stub, false if there is none.
func (l *shelf[S]) take() (s S, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.idle)
	if n == 0 {
		return s, false
	}
	s = l.idle[n-1]
	l.idle = l.idle[:n-1]
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
	for s, ok := l.take(); ok; s, ok = l.take() {
		s.end()
	}
}

// get returns a stub for trap.
func (p *pool) get(mem *Memory) (*stubProc, error) {
	if s, ok := p.stubs.take(); ok {
		return s, nil
	}
	return newStub(mem)
}

func (p *pool) put(s *stubProc, spoilt bool) { p.stubs.put(s, spoilt) }

// tracee returns a stub for ptrace, which the calling thread traces. One that was
// idle may have been killed.
func (p *pool) tracee(mem *Memory) (*tracee, error) {
	for {
		s, idle := p.tracees.take()
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
