package proc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ninep"
)

// An rgrp is a rendezvous group.
type rgrp struct {
	refs atomic.Int32

	mu      sync.Mutex // guards waiting
	waiting map[any]*meeting
}

// A meeting is a process that waits for another at a tag.
type meeting struct {
	mine  any
	yours any
	met   chan struct{} // closed when yours is set
}

func newRgrp() *rgrp {
	r := &rgrp{waiting: make(map[any]*meeting)}
	r.refs.Store(1)
	return r
}

func (r *rgrp) close() { r.refs.Add(-1) }

// Rendezvous waits until another process of the rendezvous group calls it
// with the same tag, and exchanges values with it. See rendezvous(2).
func (p *Proc) Rendezvous(tag, val any) (yours any, err error) {
	if p.trace != nil {
		defer p.tell("Rendezvous", p.Now(), nil, &err, tag, val)
	}
	ctx := p.begin(callRendez)
	defer p.end()
	r := p.rgrp
	r.mu.Lock()
	if m := r.waiting[tag]; m != nil {
		delete(r.waiting, tag)
		m.yours = val
		close(m.met)
		r.mu.Unlock()
		return m.mine, nil
	}
	m := &meeting{mine: val, met: make(chan struct{})}
	r.waiting[tag] = m
	r.mu.Unlock()
	select {
	case <-m.met:
		return m.yours, nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-m.met: // the other one came first
		return m.yours, nil
	default:
		delete(r.waiting, tag)
		return nil, ninep.ErrIntr
	}
}

// A semtable has the processes that wait for semaphores, by address.
type semtable struct {
	mu      sync.Mutex // guards waiting
	waiting map[*int32][]chan struct{}
}

// wake lets up to n waiters at addr look again.
func (s *semtable) wake(addr *int32, n int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.waiting[addr]
	k := min(int(n), len(q))
	for _, ch := range q[:k] {
		close(ch)
	}
	if q = q[k:]; len(q) == 0 {
		delete(s.waiting, addr)
	} else {
		s.waiting[addr] = q
	}
}

// enter adds a waiter at addr; the channel is closed to wake it.
func (s *semtable) enter(addr *int32) chan struct{} {
	ch := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = make(map[*int32][]chan struct{})
	}
	s.waiting[addr] = append(s.waiting[addr], ch)
	return ch
}

// leave takes a waiter out; false means it was woken already.
func (s *semtable) leave(addr *int32, ch chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.waiting[addr]
	for i, c := range q {
		if c == ch {
			s.waiting[addr] = append(q[:i:i], q[i+1:]...)
			return true
		}
	}
	return false
}

// canacquire takes one from a semaphore that is above 0.
func canacquire(addr *int32) bool {
	for {
		v := atomic.LoadInt32(addr)
		if v <= 0 {
			return false
		}
		if atomic.CompareAndSwapInt32(addr, v, v-1) {
			return true
		}
	}
}

// Semacquire takes one from the semaphore at addr, and waits for it if block
// is set. It reports whether it took one. See semacquire(2).
func (p *Proc) Semacquire(addr *int32, block bool) (took bool, err error) {
	if p.trace != nil {
		defer p.tell("Semacquire", p.Now(), nil, &err, block)
	}
	ctx := p.begin(callSem)
	defer p.end()
	if !block {
		return canacquire(addr), nil
	}
	return p.table.sems.acquire(ctx, addr, nil)
}

// Tsemacquire is Semacquire that waits no longer than d. See semacquire(2).
func (p *Proc) Tsemacquire(addr *int32, d time.Duration) (took bool, err error) {
	if p.trace != nil {
		defer p.tell("Tsemacquire", p.Now(), nil, &err, d)
	}
	ctx := p.begin(callSem)
	defer p.end()
	timer := time.NewTimer(d)
	defer timer.Stop()
	return p.table.sems.acquire(ctx, addr, timer.C)
}

// acquire takes one from a semaphore; it waits for it as long as ctx and timeout
// allow.
func (s *semtable) acquire(ctx context.Context, addr *int32, timeout <-chan time.Time) (took bool, err error) {
	for {
		if canacquire(addr) {
			return true, nil
		}
		ch := s.enter(addr)
		if canacquire(addr) { // released between the look and the queue
			if !s.leave(addr, ch) {
				s.wake(addr, 1) // our wake-up is another's
			}
			return true, nil
		}
		select {
		case <-ch:
			continue
		case <-ctx.Done():
			err = ninep.ErrIntr
		case <-timeout:
		}
		if !s.leave(addr, ch) {
			s.wake(addr, 1)
		}
		return false, err
	}
}

// Semrelease adds n to the semaphore at addr and returns the new value. See
// semacquire(2).
func (p *Proc) Semrelease(addr *int32, n int32) int32 {
	v := atomic.AddInt32(addr, n)
	p.table.sems.wake(addr, n)
	return v
}
