package proc

import (
	"context"
	"slices"
	"time"

	"ufo/ninep"
	"ufo/ns"
)

// A Frozen is a process that stands still, with all processes that share its
// memory, and what they are made of, as bytes. Its methods may be called by
// anyone.
type Frozen interface {
	ReadAt(ctx context.Context, b []byte, off int64) (int, error)
	Kill()  // ends the processes
	Close() // lets them go on
}

// A freezer is what freezing needs of a process.
type freezer struct {
	freeze     func(context.Context) (Frozen, error) // of OnFreeze; nil for none
	still      bool                                  // it shall come to Attend
	stilled    chan struct{}                         // closed when it shall, while it is stopped; nil when nobody waits
	repeatable bool                                  // it will repeat the call that still ends
	cut        bool                                  // Still has ended such a call
	self       int                                   // of SetSelf; 0 for none
}

// OnFreeze is for a program that can tell what it is made of: f freezes it, until
// it is nil. Others call f. Only the process may call OnFreeze.
func (p *Proc) OnFreeze(f func(ctx context.Context) (Frozen, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freeze = f
}

// Freeze makes the process stand still, until Close. Anyone may call it.
func (p *Proc) Freeze(ctx context.Context) (Frozen, error) {
	p.mu.Lock()
	f := p.freeze
	p.mu.Unlock()
	if f == nil {
		return nil, ninep.Error("only programs made for Plan 9 can be frozen")
	}
	return f(ctx)
}

// Still asks the process to come to Attend, or not any more: a call that it can
// repeat ends with ErrIntr, as does a stop, and what OnInterrupt was told of is
// interrupted. There is no note. Who looks at a process because it has stopped
// must not any more. Anyone may call it.
func (p *Proc) Still(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.still = on; !on {
		return
	}
	p.attention.Store(true)
	if p.repeatable {
		p.cancel()
		p.cut = true
	}
	if p.stilled != nil {
		close(p.stilled)
		p.stilled = nil
		p.halted = false
	}
	if p.interrupt != nil {
		p.interrupt()
	}
}

// Repeatable says whether the process will make the calls that it makes from now
// on once more, if Still ends them, and reports whether Still has ended one of those
// before: it may be over by now. Only the process may call it.
func (p *Proc) Repeatable(on bool) (cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut, p.cut = p.cut, false
	p.repeatable = on
	if p.still && on {
		p.cancel()
		p.cut = true
	}
	if p.call.Err() != nil {
		p.attention.Store(true) // the next call gets another context
	}
	return cut
}

// AlarmLeft returns how long the alarm has until it goes off; 0 for none. Only the
// process may call it.
func (p *Proc) AlarmLeft() time.Duration {
	if p.alarm == nil {
		return 0
	}
	return max(time.Until(p.wakeup), 0)
}

// Notes returns the notes that wait. Anyone may call it.
func (p *Proc) Notes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.notes)
}

// Apart returns the flags with which Fork makes of p a process whose groups are
// apart where those of q are. Anyone may call it.
func (p *Proc) Apart(q *Proc) (flags int) {
	type ids struct {
		pgrp   *pgrp
		fgrp   *Fgrp
		egrp   *Egrp
		rgrp   *rgrp
		noteid int
	}
	if p.nowait {
		flags = RFNOWAIT
	}
	of := func(p *Proc) ids {
		p.mu.Lock()
		defer p.mu.Unlock()
		return ids{p.pgrp, p.fgrp, p.egrp, p.rgrp, p.noteid}
	}
	a, b := of(p), of(q)
	for flag, apart := range map[int]bool{
		RFNAMEG: a.pgrp != b.pgrp, RFFDG: a.fgrp != b.fgrp, RFENVG: a.egrp != b.egrp,
		RFREND: a.rgrp != b.rgrp, RFNOTEG: a.noteid != b.noteid,
	} {
		if apart {
			flags |= flag
		}
	}
	return flags
}

// Reserve makes sure that no process is going to have pid or a number below it.
func (t *Table) Reserve(pid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastpid = max(t.lastpid, pid)
}

// An OpenFile is what a descriptor stands for.
type OpenFile struct {
	C     *ns.Chan
	Cexec bool // it is closed by an exec
}

// SetFiles makes files, which it consumes, all that the process has open. Only the
// process may call it.
func (p *Proc) SetFiles(files map[int]OpenFile) {
	p.fgrp.mu.Lock()
	over := p.fgrp.fds // to be closed, but not under the lock
	p.fgrp.fds = nil
	for fd := range over {
		p.fgrp.changed(fd)
	}
	for fd, f := range files {
		d := fdesc{f.C, f.Cexec}
		if fd < 0 || fd >= maxFD {
			over = append(over, d)
			continue
		}
		p.fgrp.put(fd, d)
	}
	p.fgrp.mu.Unlock()
	for _, d := range over {
		if d.c != nil {
			d.c.Close()
		}
	}
}

// SetSelf makes pid the number by which the process knows itself: one that had
// another when it was frozen. For all others it is Getpid. Only the process may
// call it.
func (p *Proc) SetSelf(pid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.self = pid
}

// Self returns the number by which the process knows itself: what #c/pid reads.
// Anyone may call it.
func (p *Proc) Self() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.self != 0 {
		return p.self
	}
	return p.pid
}

// SetName changes the name of the program, and its arguments, as ps(1) and
// /proc show them. Only the process may call it.
func (p *Proc) SetName(text string, args []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text, p.args, p.Args = text, args, args
}
