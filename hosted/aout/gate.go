package aout

import "sync"

// A gate is where a task passes from us to its program and back, so that others
// can have it on this side while they change what its space may do.
type gate struct {
	mu     sync.Mutex // guards what follows
	left   sync.Cond  // running has become false
	inside bool       // the program runs
	stale  bool       // its space maps more than it may
}

// enter is called before the program runs. Its space is brought up to date.
func (t *task) enter() error {
	g := &t.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.stale {
		g.stale = false
		g.mu.Unlock()
		err := t.image.attach(t.space)
		g.mu.Lock()
		if err != nil {
			return err
		}
	}
	g.inside = true
	return nil
}

// leave is called when it has stopped.
func (t *task) leave() {
	g := &t.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside = false
	g.left.Broadcast()
}

// halt has the program stopped, until what its space maps has been brought up to
// date: it is when the caller lets go of the locks of the segments.
func (t *task) halt() {
	g := &t.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stale = true
	if g.inside {
		t.space.Kick()
	}
	for g.inside {
		g.left.Wait()
	}
}
