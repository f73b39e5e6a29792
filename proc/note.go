package proc

import (
	"context"
	"runtime"
	"strings"
	"time"

	"ufo/ninep"
)

// maxNotes is how many notes may wait for a process: NNOTE of the kernel.
const maxNotes = 5

// maxNoteLen is the length of a note in bytes, with its NUL: ERRMAX.
const maxNoteLen = 128

// Notify makes h the handler of notes; nil means none. The handler returns
// true when the program shall go on, noted(NCONT), and false when what
// happens to programs without a handler shall happen, noted(NDFLT). It runs
// before the system call that was interrupted returns. It may end the process
// with Exits; notes that come while it runs wait. See notify(2).
func (p *Proc) Notify(h func(p *Proc, note string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handler = h
}

// Postnote posts a note to a process of the same user. See postnote(2).
func (p *Proc) Postnote(pid int, note string) (err error) {
	if p.trace != nil {
		defer p.tell("Postnote", p.Now(), nil, &err, pid, note)
	}
	to := p.table.Find(pid)
	if to == nil {
		return ninep.ErrProcDied
	}
	if to.User() != p.user {
		return ninep.ErrPerm
	}
	return to.Post(note)
}

// Postgroup posts a note to the processes of a note group but the caller.
func (p *Proc) Postgroup(noteid int, note string) error {
	p.table.Postgroup(noteid, note, p)
	return nil
}

// Post posts a note to the process. Anyone may call it.
func (p *Proc) Post(note string) error {
	if note == "" {
		return ninep.ErrBadArg
	}
	if len(note) > maxNoteLen-1 {
		note = note[:maxNoteLen-1]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.post(note)
}

// closedPipe is the note of who writes to a pipe that nobody reads.
const closedPipe = "sys: write on closed pipe"

// post is Post with mu held.
func (p *Proc) post(note string) error {
	if p.exiting {
		return ninep.ErrProcDied
	}
	if len(p.notes) >= maxNotes {
		return ninep.Error("too many notes")
	}
	p.notes = append(p.notes, note)
	p.attract()
	return nil
}

// attract makes the process attend to what came, at once if it is in a call.
// The caller holds mu.
func (p *Proc) attract() {
	p.attention.Store(true)
	p.cancel()
	if p.interrupt != nil {
		p.interrupt()
	}
}

// OnInterrupt is for a program that runs without making system calls, as
// instructions of a processor do: f is called when something waits for the
// process to attend to it, from wherever that came. F does not block, and calls
// nothing of p. Nil ends that. Only the process may call it.
func (p *Proc) OnInterrupt(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interrupt = f
}

// Attend does what was asked of the process from outside, as each system call
// does: it stops, is told of its notes, or ends.
func (p *Proc) Attend() {
	if p.attention.Load() {
		p.attend(between)
	}
}

// BeginCall is for a program that runs without making system calls, at the beginning
// of what is one to it: it may stop, or be killed. It reports false when the call
// has to wait until the program has attended, for another is to look at it first.
func (p *Proc) BeginCall() bool { return !p.attention.Load() || p.attend(atBegin) }

// EndCall is Attend at the end of such a call.
func (p *Proc) EndCall() {
	if p.attention.Load() {
		p.attend(atEnd)
	}
}

// Kill ends the process at its next system call, or in the one it is in,
// whatever its handler. Anyone may call it.
func (p *Proc) Kill() { p.KillFor("Killed") }

// KillFor is Kill with the exit status that the process is to have.
func (p *Proc) KillFor(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed == "" {
		p.killed = why
	}
	p.resume()
	p.attract()
}

// Stop makes the process stop before its next system call, or after the one
// it is in; or at once, if it runs elsewhere: see OnStop. Anyone may call it.
func (p *Proc) Stop() {
	p.mu.Lock()
	var f func(stop bool)
	if (p.stopped == nil || p.tocall) && !p.exiting {
		p.shallStop(false)
		if f = p.onstop; f != nil {
			p.halt()
		} else if p.interrupt != nil {
			p.interrupt()
		}
	}
	p.mu.Unlock()
	if f != nil {
		f(true)
	}
}

// Go lets a stopped process go on. Anyone may call it.
func (p *Proc) Go() error {
	p.mu.Lock()
	if p.stopped == nil {
		p.mu.Unlock()
		return ninep.ErrBadCtl
	}
	f := p.onstop
	p.resume()
	p.mu.Unlock()
	if f != nil {
		f(false)
	}
	return nil
}

// GoToCall lets a stopped process go on to the beginning or the end of a system
// call, whichever comes next; one that runs elsewhere stops at once, and the end of an
// exec is none. Anyone may call it.
func (p *Proc) GoToCall() error {
	p.mu.Lock()
	if p.onstop != nil {
		p.mu.Unlock()
		if err := p.Go(); err != nil {
			return err
		}
		p.Stop()
		return nil
	}
	defer p.mu.Unlock()
	if p.stopped == nil {
		return ninep.ErrBadCtl
	}
	p.resume()
	p.shallStop(true)
	return nil
}

// shallStop asks the process to stop when it attends, at a call or anywhere. The
// caller holds mu.
func (p *Proc) shallStop(tocall bool) {
	if p.stopped == nil {
		p.stopped = make(chan struct{})
	}
	p.tocall = tocall
	p.attention.Store(true)
}

// OnStop is for a program that runs elsewhere, as one of the host does: f is
// called when the process shall stop, with true, and when it may go on. F does
// not block. Nil ends that. Only the process may call it.
func (p *Proc) OnStop(f func(stop bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onstop = f
}

// Hang makes the process stop, or not, when it has loaded its next program.
func (p *Proc) Hang(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hang = on
}

// hangs reports whether the process stops after its next exec.
func (p *Proc) hangs() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hang
}

// A moment is when a process attends to what was asked of it.
type moment int

const (
	inCall  moment = iota // the beginning or the end of a call here
	between               // no call
	atBegin               // the beginning of what is one to a program that Attends
	atEnd                 // and its end
)

// stops reports whether the process shall stop, and does so at a moment. While it
// is asked to be still that is only in a call that cannot be repeated. A program of
// OnInterrupt stops in no call: its registers are not yet what the call makes them.
// The caller holds mu.
func (p *Proc) stops(when moment) bool {
	switch {
	case p.stopped == nil || p.still && (when != inCall || p.repeatable):
		return false
	case when == inCall:
		return p.interrupt == nil
	}
	return when != between || !p.tocall
}

// attend does what was asked of the process from outside: it ends, stops, or
// is told of its notes. It reports false at the beginning of a call that has to
// wait: the process is to stop there, and to be still before.
func (p *Proc) attend(when moment) bool {
	if p.next != nil { // deferred functions after Exec: what it loaded attends
		return true
	}
	// Started and told to stop again, it makes a call, or what is left of
	// one, before it stops: it has been here already.
	for resumed := false; ; {
		p.mu.Lock()
		if p.exiting {
			p.mu.Unlock()
			return true
		}
		if p.killed != "" {
			p.status, p.next = p.killed, nil
			p.exiting = true // deferred functions may still make calls
			p.mu.Unlock()
			runtime.Goexit()
		}
		if p.still && (when == atBegin || when == atEnd) {
			p.tocall = false // it stops here, once it has been still
		}
		if stopped := p.stopped; !resumed && p.stops(when) {
			if p.machine != nil {
				p.machine.Halt()
			}
			p.halt()
			p.stilled = make(chan struct{})
			stilled := p.stilled
			p.mu.Unlock()
			select {
			case <-stopped:
				resumed = true
			case <-stilled:
			}
			continue
		}
		if when == atBegin {
			wait := p.still && p.stopped != nil
			p.mu.Unlock()
			return !wait
		}
		if p.call.Err() != nil && !(p.still && p.repeatable) { // a note ends one call; the handler's are others
			p.call, p.cancel = context.WithCancel(p.life)
		}
		if p.innote || len(p.notes) == 0 {
			// Notes wait while the handler runs.
			p.attention.Store(p.stopped != nil || p.still || len(p.notes) > 0)
			p.mu.Unlock()
			return true
		}
		note := p.notes[0]
		p.notes = p.notes[1:]
		p.exiting = p.handler == nil
		p.mu.Unlock()
		p.deliver(note)
	}
}

// noted reports whether a note waits that will be delivered at the end of the
// system call. Only the process may call it.
func (p *Proc) noted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.notes) > 0 && !p.innote && !p.exiting
}

// doomed reports whether what was asked of the process from outside ends it.
// Anyone may call it.
func (p *Proc) doomed() bool {
	if !p.attention.Load() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed != "" || p.exiting || p.handler == nil && len(p.notes) > 0
}

// Ended reports whether a note has ended the process, so that what runs are its
// deferred functions.
func (p *Proc) Ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exiting
}

// halt notes that the process has stopped. The caller holds mu.
func (p *Proc) halt() {
	p.tocall = false
	p.halted = true
	if p.halting != nil {
		close(p.halting)
		p.halting = nil
	}
}

// resume lets a process that shall stop, or has, go on. The caller holds mu.
func (p *Proc) resume() {
	if p.stopped != nil {
		close(p.stopped)
		p.stopped = nil
	}
	p.halted, p.tocall = false, false
}

// WaitStop waits until the process has stopped, which one that is in a system
// call does at its end. Anyone may call it.
func (p *Proc) WaitStop(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.halted {
			p.mu.Unlock()
			return nil
		}
		if p.halting == nil {
			p.halting = make(chan struct{})
		}
		halting := p.halting
		p.mu.Unlock()
		select {
		case <-halting:
		case <-p.died:
			return ninep.ErrProcDied
		case <-ctx.Done():
			return ninep.ErrIntr
		}
	}
}

// deliver hands a note to the handler or ends the process.
func (p *Proc) deliver(note string) {
	if h := p.handler; h != nil {
		p.innote = true
		defer func() { p.innote = false }()
		if h(p, note) {
			return
		}
	}
	if strings.HasPrefix(note, "sys:") && !strings.HasPrefix(note, closedPipe) { // which is how pipelines end
		p.complain("suicide: " + note)
	}
	p.Exits(note)
}

// complain is Pprint in a process that a note ends. Another ends the write, if that
// waits, and nothing else any more.
func (p *Proc) complain(line string) {
	p.mu.Lock()
	exiting, more := p.exiting, len(p.notes) > 0
	p.exiting, p.innote = false, true
	p.mu.Unlock()
	if !more {
		p.Pprint(line)
	}
	p.mu.Lock()
	p.exiting = exiting
	p.mu.Unlock()
}

// Pprint writes a line of the kernel's to the standard error of the process, which
// only the process may do: what becomes of it, and why.
func (p *Proc) Pprint(line string) {
	ctx := p.begin(callPwrite)
	defer p.end()
	c, err := p.fgrp.get(2)
	if err != nil {
		return
	}
	defer c.Close()
	c.Write(ctx, []byte(p.text+" "+itoa(p.pid)+": "+line+"\n"))
}

// Sleep waits; a note ends it with ErrIntr. See sleep(2).
func (p *Proc) Sleep(d time.Duration) (err error) {
	if p.trace != nil {
		defer p.tell("Sleep", p.Now(), nil, &err, d)
	}
	ctx := p.begin(callSleep)
	defer p.end()
	if d <= 0 {
		runtime.Gosched()
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ninep.ErrIntr
	}
}

// Alarm posts the note "alarm" after d, instead of what an alarm before would
// have done, and returns how long that still had. 0 means no alarm. See
// alarm in sleep(2).
func (p *Proc) Alarm(d time.Duration) time.Duration {
	var left time.Duration
	if p.alarm != nil && p.alarm.Stop() {
		left = time.Until(p.wakeup)
	}
	p.alarm = nil
	p.mu.Lock()
	p.alarms++ // one that goes off just now comes too late
	n := p.alarms
	p.mu.Unlock()
	if d > 0 {
		p.wakeup = time.Now().Add(d)
		p.alarm = time.AfterFunc(d, func() { p.ring(n) })
	}
	return left
}

// ring posts the note of the nth alarm, if no other has been set meanwhile.
func (p *Proc) ring(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == p.alarms {
		p.post("alarm")
	}
}
