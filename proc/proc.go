// Package proc has the processes of a Plan 9 kernel: their groups, notes,
// and the system calls, which are the methods of [Proc]. Section 2 of the
// Plan 9 manual is their specification.
//
// A process is a goroutine that runs a [Main], a Go function. What made the
// function is a [Loader]'s affair: a built-in command, a shell script, and a
// binary are processes alike.
//
// # Who may call what
//
// The system calls of a Proc are made by its own goroutine, one at a time,
// as a process makes them. What other goroutines may call says so: Info, the
// Env, Postnote through the [Table], and the methods of what Life bounds.
//
// # Notes and contexts
//
// Each system call runs under a context that a note ends: a device blocked
// in a read returns, the call gives ErrIntr, and before it returns to the
// program the note is delivered, to the handler if there is one, otherwise by
// ending the process. A process that makes no system call is not reached by
// notes, and can be neither stopped nor killed, unless its program has another
// way to be interrupted: see OnInterrupt.
//
// # Locks
//
//	Table.mu    which processes there are, children, and who waits
//	  Proc.mu   what others may look at: notes, groups, names
//	Fgrp.mu, Egrp.mu, Rgrp.mu
//
// None is held during a call on a File.
package proc

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ns"
)

// A Main is a loaded program. Its error's text is the exit status; nil is
// the empty status, success.
type Main func(p *Proc) error

// A Proc is a process. See the package comment for who may call what.
type Proc struct {
	// Args are the program's arguments; Args[0] is its name.
	Args []string

	// immutable
	table  *Table
	pid    int
	parent *Proc // who waits for it; nil for nobody
	ppid   int
	nowait bool // RFNOWAIT: the parent is not told
	start  time.Time
	life   context.Context // done when the process exits
	die    context.CancelFunc

	// private to the process
	next   Main   // what Exec loaded
	legacy Legacy // for it; nil for none
	innote bool   // the handler runs
	alarm  *time.Timer
	wakeup time.Time // when the alarm goes off
	errstr string    // of errstr(2)
	call   context.Context
	trace  Tracer // told of its calls; nil for none

	watched *atomic.Uint32 // of WatchFD; nil for none

	calls     atomic.Uint64 // system calls made
	where     atomic.Int32  // the callno of the system call it is in; 0 when it runs
	attention atomic.Bool   // there is a note to deliver, or a word of ctl to heed
	died      chan struct{} // closed at the very end

	mu        sync.Mutex // guards what follows; what only the process changes it reads without
	text      string     // name of the program, for ps
	args      []string   // as /proc/n/args shows them
	title     string     // shown in their place; "" for none
	exe       *ns.Chan   // the file the program came from; nil for none
	user      string
	noteid    int
	pgrp      *pgrp
	slash     *ns.Chan
	dot       *ns.Chan
	fgrp      *Fgrp
	egrp      *Egrp
	rgrp      *rgrp
	gates     []*gate
	notes     []string
	alarms    int // how often Alarm was called
	handler   func(p *Proc, note string) bool
	cancel    context.CancelFunc // ends the call context
	killed    string             // the exit status, if it is to end at once
	hang      bool               // stop at the next exec
	stopped   chan struct{}      // closed to go on; nil when it shall not stop
	halted    bool               // it has stopped
	tocall    bool               // it shall stop at a system call only
	halting   chan struct{}      // closed when it stops; nil when nobody waits
	onstop    func(bool)         // of OnStop; nil for none
	interrupt func()             // of OnInterrupt; nil for none
	segments  func() []Segment   // of SetSegments; nil for none
	machine   Machine            // of SetMachine; nil for none
	private   bool               // of SetPrivate
	status    string
	exiting   bool
	freezer

	// guarded by table.mu
	children int            // that Wait will tell of
	waitq    []Waitmsg      // of children that exited
	waiting  chan struct{}  // closed when waitq grows; nil when nobody waits
	kids     map[*Proc]bool // living children
}

// upKey is the context key of the calling process.
type upKey struct{}

// Up returns the process on whose behalf a device is called: up of the Plan 9
// kernel. It is nil when the host called.
func Up(ctx context.Context) *Proc {
	p, _ := ctx.Value(upKey{}).(*Proc)
	return p
}

// Context returns the context of the process's next system call. It is done
// when a note arrives, and carries the process for Up.
func (p *Proc) Context() context.Context { return p.call }

// Life returns a context that is done when the process exits; notes leave it
// alone. Servers and goroutines of the process live by it.
func (p *Proc) Life() context.Context { return p.life }

// Table returns the table the process is in.
func (p *Proc) Table() *Table { return p.table }

// View returns what the process resolves names in. It holds no references:
// it is good until the process exits or changes its name space group.
func (p *Proc) View() ns.View {
	return ns.View{Pgrp: p.pgrp.Pgrp, Slash: p.slash, Dot: p.dot, User: p.user, Devs: p.table.cfg.Devs}
}

// begin starts a system call: it delivers what came before and returns the
// context of the call.
//
// A program of OnInterrupt is told of its notes when the call has its result. So
// the call keeps the context that a note before it has ended, and does not wait:
// what interrupted it is not lost.
func (p *Proc) begin(call callno) context.Context {
	if p.interrupt == nil && p.attention.Load() {
		p.attend(inCall)
	}
	p.calls.Add(1)
	p.where.Store(int32(call))
	return p.call
}

// end ends a system call. A note that came during it is delivered now.
func (p *Proc) end() {
	p.where.Store(0)
	if p.attention.Load() {
		p.attend(inCall)
	}
}

// run is the goroutine of the process: one program, until it exits or execs.
func (p *Proc) run(main Main) {
	defer p.reap()
	err := main(p)
	p.setStatus(err)
}

// setStatus makes err the exit status.
func (p *Proc) setStatus(err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = err.Error()
	if p.status == "" {
		p.status = "error"
	}
}

// reap follows the end of a program: what Exec loaded takes its place, on a
// new goroutine so that the old stack goes, or the process is gone.
func (p *Proc) reap() {
	if r := recover(); r != nil {
		// A mistake of ours in a built-in must not take the other
		// processes and nodes along.
		p.next = nil
		p.mu.Lock()
		p.status = "sys: trap: " + trapText(r)
		p.mu.Unlock()
		p.Trap(r)
	}
	if next := p.next; next != nil {
		p.next = nil
		go p.run(next)
		return
	}
	p.exit()
}

// Trap notes, for kmesg, that code which runs for the process has panicked with
// r: a mistake in the program ufo. Anyone may call it, where it happened.
func (p *Proc) Trap(r any) {
	p.table.log(p.Info().Text + " " + itoa(p.pid) + ": sys: trap: " + trapText(r) + "\n" + string(debug.Stack()))
}

func trapText(r any) string {
	switch r := r.(type) {
	case error:
		return r.Error()
	case string:
		return r
	}
	return "panic"
}

// Exits ends the process with a status; "" is success. It does not return:
// deferred functions run. See exits(2).
func (p *Proc) Exits(status string) {
	p.mu.Lock()
	p.status = status
	p.mu.Unlock()
	p.next = nil
	runtime.Goexit()
}

// exit gives back what the process has and tells its parent.
func (p *Proc) exit() {
	if p.alarm != nil {
		p.alarm.Stop()
	}
	if p.trace != nil {
		p.tellExit()
	}
	p.mu.Lock()
	p.exiting = true
	gates := p.gates
	p.gates = nil
	p.mu.Unlock()
	p.die()
	for _, g := range gates {
		g.close()
	}
	p.mu.Lock()
	pg, fg, eg, rg := p.pgrp, p.fgrp, p.egrp, p.rgrp
	chans := []*ns.Chan{p.slash, p.dot, p.exe}
	p.pgrp, p.fgrp, p.slash, p.dot, p.exe = nil, nil, nil, nil, nil
	p.mu.Unlock()
	fg.close()
	for _, c := range chans {
		if c != nil {
			c.Close()
		}
	}
	pg.close()
	eg.close()
	rg.close()
	p.Leave(nil)
	p.table.exited(p)
	close(p.died)
}

// Done is closed when the process is gone. Anyone may call it.
func (p *Proc) Done() <-chan struct{} { return p.died }

// Getpid returns the process id.
func (p *Proc) Getpid() int { return p.pid }

// Getppid returns the parent's process id.
func (p *Proc) Getppid() int { return p.ppid }

// User returns the name of the user the process acts as.
func (p *Proc) User() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.user
}

// SetUser makes the process act as another user. It is for devices that have
// made sure it may: see cap(3), and "none" of cons(3).
func (p *Proc) SetUser(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = user
}

// Noteid returns the id of the note group.
func (p *Proc) Noteid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.noteid
}

// Now returns the node's time.
func (p *Proc) Now() time.Time { return p.table.now() }

// Errstr exchanges the error string of the process with s: see errstr(2). The
// errors that system calls return are not put there by themselves.
func (p *Proc) Errstr(s string) string {
	s, p.errstr = p.errstr, s
	return s
}

// A pgrp is an ns.Pgrp with the number of processes in it.
type pgrp struct {
	*ns.Pgrp
	id   int
	refs atomic.Int32
}

func newPgrp(t *Table, pg *ns.Pgrp) *pgrp {
	n := &pgrp{Pgrp: pg, id: int(t.pgrps.Add(1))}
	n.refs.Store(1)
	return n
}

func (pg *pgrp) incref() *pgrp {
	pg.refs.Add(1)
	return pg
}

func (pg *pgrp) close() {
	if pg.refs.Add(-1) == 0 {
		pg.Pgrp.Close()
	}
}
