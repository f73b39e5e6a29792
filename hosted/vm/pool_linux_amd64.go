package vm

import (
	"os"
	"runtime"
	"sync"
)

// A pool keeps the stubs of a Memory that no program uses any more: to start one
// takes a hundred times as long as to let it forget its program.
type pool struct {
	mu    sync.Mutex // guards what follows
	idle  []*stubProc
	image *os.File    // the stub as a file
	forks chan func() // to the thread whose children they are; nil before
	texts map[Extent][]patch
}

// maxIdle is how many stubs a pool keeps.
const maxIdle = 32

// get returns a stub.
func (p *pool) get(mem *Memory) (*stubProc, error) {
	p.mu.Lock()
	n := len(p.idle)
	if n == 0 {
		p.mu.Unlock()
		return newStub(mem)
	}
	defer p.mu.Unlock()
	s := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return s, nil
}

// put takes a stub back, if it can be used again.
func (p *pool) put(s *stubProc, spoilt bool) {
	if spoilt || s.reset() != nil {
		s.end()
		return
	}
	p.mu.Lock()
	if len(p.idle) < maxIdle {
		p.idle = append(p.idle, s)
		s = nil
	}
	p.mu.Unlock()
	if s != nil {
		s.end()
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
	for _, s := range p.idle {
		s.end()
	}
	if p.forks != nil {
		close(p.forks)
	}
	if p.image != nil {
		p.image.Close()
	}
	p.idle, p.image, p.forks = nil, nil, nil
}
