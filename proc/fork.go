package proc

import (
	"context"
	"runtime"
	"time"

	"ufo/ninep"
	"ufo/ns"
)

// The flags of rfork. See fork(2).
const (
	RFNAMEG  = 1 << 0  // copy the name space
	RFENVG   = 1 << 1  // copy the environment
	RFFDG    = 1 << 2  // copy the file descriptors
	RFNOTEG  = 1 << 3  // a new note group
	RFPROC   = 1 << 4  // a new process
	RFMEM    = 1 << 5  // share memory: Go functions do anyway
	RFNOWAIT = 1 << 6  // the parent will not wait
	RFCNAMEG = 1 << 10 // a clean name space
	RFCENVG  = 1 << 11 // a clean environment
	RFCFDG   = 1 << 12 // no file descriptors
	RFREND   = 1 << 13 // a new rendezvous group
	RFNOMNT  = 1 << 14 // forbid mounts, and the attaching of most devices
)

// mayattach are the devices that RFNOMNT leaves.
const mayattach = "|decp"

// checkRfork refuses flags that contradict each other.
func checkRfork(flag int) error {
	for _, both := range []int{RFFDG | RFCFDG, RFNAMEG | RFCNAMEG, RFENVG | RFCENVG} {
		if flag&both == both {
			return ninep.ErrBadArg
		}
	}
	return nil
}

// Rfork changes the groups of the process itself: rfork(2) without RFPROC.
func (p *Proc) Rfork(flag int) (err error) {
	if p.trace != nil {
		defer p.tell("Rfork", p.Now(), nil, &err, flag)
	}
	p.begin(callRfork)
	defer p.end()
	if err := checkRfork(flag); err != nil || flag&(RFPROC|RFMEM|RFNOWAIT) != 0 {
		return ninep.ErrBadArg
	}
	if flag&(RFFDG|RFCFDG) != 0 {
		p.WatchFD(-1, nil, nil)
	}
	old := groups{p.pgrp, p.fgrp, p.egrp, p.rgrp}
	g := old.fork(p.table, flag)
	p.mu.Lock()
	p.pgrp, p.fgrp, p.egrp, p.rgrp = g.pgrp, g.fgrp, g.egrp, g.rgrp
	p.mu.Unlock()
	if flag&RFNOTEG != 0 {
		// Not the pid: its children may be in the group of that number.
		p.SetNoteid(p.table.newPid())
	}
	old.close()
	return nil
}

// errNoted means that a note came to the process while it forked.
const errNoted = ninep.Error("a note while forking")

// Fork starts a new process that runs main: rfork(2) with RFPROC. Since a
// goroutine cannot be copied it does not return twice.
//
// A note to their group comes before the fork, or to both processes.
func (p *Proc) Fork(flag int, main Main) (pid int, err error) {
	return p.ForkOr(flag, main, func() {})
}

// ForkOr is Fork for who has made something for main: undo is called if main will
// never run, also when a note ends the process meanwhile.
func (p *Proc) ForkOr(flag int, main Main, undo func()) (pid int, err error) {
	if p.trace != nil {
		defer p.tell("Fork", p.Now(), &pid, &err, flag)
	}
	begun := false
	defer func() {
		if !begun {
			undo()
		}
	}()
	for {
		if pid, err = p.fork(flag, main, &begun); err != errNoted {
			return pid, err
		}
	}
}

// fork is Fork; with errNoted nothing has happened but that the note was
// delivered.
func (p *Proc) fork(flag int, main Main, begun *bool) (pid int, err error) {
	p.begin(callRfork)
	defer p.end()
	if err := checkRfork(flag); err != nil {
		return 0, err
	}
	legacy, err := p.bequeath()
	if err != nil {
		return 0, err
	}
	g := groups{p.pgrp, p.fgrp, p.egrp, p.rgrp}.fork(p.table, flag)
	kid := &Proc{
		Args: p.Args, text: p.text, // as after fork(2), /proc/n/args is empty until an exec
		table: p.table, parent: p, ppid: p.pid, nowait: flag&RFNOWAIT != 0,
		user: p.User(), hang: p.hangs(), private: p.Private(),
		pgrp: g.pgrp, fgrp: g.fgrp, egrp: g.egrp, rgrp: g.rgrp,
		slash: p.slash.Incref(), dot: p.dot.Incref(),
		handler: p.handler, trace: p.trace, legacy: legacy,
	}
	if p.exe != nil {
		kid.exe = p.exe.Incref()
	}
	noteid := p.Noteid()
	if flag&RFNOTEG != 0 {
		noteid = 0
	}
	if err := p.table.add(kid, noteid); err != nil {
		g.close()
		kid.Leave(nil)
		kid.slash.Close()
		kid.dot.Close()
		if kid.exe != nil {
			kid.exe.Close()
		}
		return 0, err
	}
	go kid.run(main)
	*begun = true
	return kid.pid, nil
}

// groups are what rfork(2) shares, copies or cleans.
type groups struct {
	pgrp *pgrp
	fgrp *Fgrp
	egrp *Egrp
	rgrp *rgrp
}

// fork returns the groups after an rfork, with references for the caller.
func (g groups) fork(t *Table, flag int) groups {
	n := groups{pgrp: g.pgrp, fgrp: g.fgrp, egrp: g.egrp, rgrp: g.rgrp}
	switch {
	case flag&RFNAMEG != 0:
		n.pgrp = newPgrp(t, g.pgrp.Copy())
	case flag&RFCNAMEG != 0:
		n.pgrp = newPgrp(t, ns.NewPgrp())
		n.pgrp.CopyMask(g.pgrp.Pgrp)
	default:
		n.pgrp.incref()
	}
	if flag&RFNOMNT != 0 {
		n.pgrp.Deny(mayattach, true)
	}
	switch {
	case flag&RFFDG != 0:
		n.fgrp = g.fgrp.copy()
	case flag&RFCFDG != 0:
		n.fgrp = newFgrp()
	default:
		n.fgrp.refs.Add(1)
	}
	switch {
	case flag&RFENVG != 0:
		n.egrp = g.egrp.copy()
	case flag&RFCENVG != 0:
		n.egrp = NewEgrp()
	default:
		n.egrp.refs.Add(1)
	}
	if flag&RFREND != 0 {
		n.rgrp = newRgrp()
	} else {
		n.rgrp.refs.Add(1)
	}
	return n
}

func (g groups) close() {
	g.fgrp.close()
	g.pgrp.close()
	g.egrp.close()
	g.rgrp.close()
}

// Exec replaces the program of the process by the one in the file called
// name. Args[0] is the program's own name. It returns only when it failed;
// otherwise the deferred functions of the old program run and then the new
// one begins. See exec(2).
func (p *Proc) Exec(name string, args []string) error {
	if len(args) == 0 {
		return ninep.ErrBadArg
	}
	main, err := p.load(name, args)
	if err != nil {
		return err
	}
	p.Notify(nil)
	p.fgrp.closeExec()
	p.next = main
	runtime.Goexit()
	return nil
}

// A Waitmsg tells of a child that exited. See wait(2).
type Waitmsg struct {
	Pid int
	// Time is user, system and real time. The first two are not known of
	// goroutines, and 0.
	Time [3]time.Duration
	Msg  string // "" or "text pid: status"
}

// waitmsg returns what the parent is told.
func (p *Proc) waitmsg() Waitmsg {
	w := Waitmsg{Pid: p.pid}
	w.Time[2] = p.table.now().Sub(p.start)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status != "" {
		w.Msg = p.text + " " + itoa(p.pid) + ": " + p.status
	}
	return w
}

// wakeWaiter is called with table.mu held.
func (p *Proc) wakeWaiter() {
	if p.waiting != nil {
		close(p.waiting)
		p.waiting = nil
	}
}

// Wait waits for a child to exit and returns its message. Without children it
// gives ErrNoChild. See wait(2).
func (p *Proc) Wait() (w *Waitmsg, err error) {
	if p.trace != nil {
		defer p.tell("Wait", p.Now(), nil, &err)
	}
	ctx := p.begin(callWait)
	defer p.end()
	return p.await(ctx)
}

// await waits under ctx for a child to exit.
func (p *Proc) await(ctx context.Context) (*Waitmsg, error) {
	t := p.table
	for {
		t.mu.Lock()
		if len(p.waitq) > 0 {
			w := p.waitq[0]
			p.waitq = p.waitq[1:]
			p.children--
			t.mu.Unlock()
			return &w, nil
		}
		if p.children == 0 {
			t.mu.Unlock()
			return nil, ninep.ErrNoChild
		}
		if p.waiting == nil {
			p.waiting = make(chan struct{})
		}
		ch := p.waiting
		t.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
			return nil, ninep.ErrIntr
		}
	}
}
