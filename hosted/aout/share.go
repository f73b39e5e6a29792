package aout

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/proc"
)

// A share is the tasks that share their memory. They are frozen together: each
// comes to stand still between two instructions of its program, and says what it
// is made of.
type share struct {
	frozen atomic.Bool // release is not nil

	mu      sync.Mutex           // guards what follows
	tasks   map[*task]*taskState // nil for one that does not stand still
	all     chan struct{}        // closed when all do; nil when nobody asks
	release chan struct{}        // closed when they may go on
	killed  bool                 // all that there are, and will be
}

// A taskState is what a task is made of that nobody else can see.
type taskState struct {
	Regs     vm.Regs
	FP       []byte
	Notify   uint64   `json:",omitempty"`
	Notes    []string `json:",omitempty"`
	Notified bool     `json:",omitempty"`
	Ureg     uint64   `json:",omitempty"`
	Last     string   `json:",omitempty"`
	NoteFP   []byte   `json:",omitempty"`
	Pending  int      `json:",omitempty"` // see task.pending

	Left, Alarm time.Duration // of the pending call, and until the note
	Errstr      string        `json:",omitempty"`
}

// add makes a task one of those that share. Its process runs no program yet.
func (s *share) add(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks == nil {
		s.tasks = make(map[*task]*taskState)
	}
	s.tasks[t] = nil
	t.share = s
}

// begin says which process runs a task's program.
func (s *share) begin(t *task, p *proc.Proc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.p = p; s.killed {
		p.Kill()
	}
}

// kill ends the processes of all tasks, and of those that are just being forked.
func (s *share) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killed = true
	for t := range s.tasks {
		if t.p != nil {
			t.p.Kill()
		}
	}
}

// remove is for a task that ends.
func (s *share) remove(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tasks, t)
	s.check()
}

// check tells who waits for all to stand still if they do. The caller holds mu.
func (s *share) check() {
	if s.all != nil && s.stands() {
		close(s.all)
		s.all = nil
	}
}

// freeze asks all tasks to stand still, waits until they do, and calls then while
// none of them does anything.
func (s *share) freeze(ctx context.Context, then func()) error {
	s.mu.Lock()
	if s.release != nil {
		s.mu.Unlock()
		return ninep.ErrInUse
	}
	s.release = make(chan struct{})
	s.frozen.Store(true)
	s.still(true)
	for !s.stands() {
		all := make(chan struct{})
		s.all = all
		s.mu.Unlock()
		select {
		case <-all:
		case <-ctx.Done():
			s.thaw()
			return ninep.ErrIntr
		}
		s.mu.Lock() // one may attend to a note by now
	}
	defer s.mu.Unlock()
	then()
	return nil
}

// stands reports whether all tasks stand still. The caller holds mu.
func (s *share) stands() bool {
	for _, state := range s.tasks {
		if state == nil {
			return false
		}
	}
	return true
}

// still tells the processes. The caller holds mu.
func (s *share) still(on bool) {
	for t := range s.tasks {
		if t.p != nil { // one that is being forked comes by itself
			t.p.Still(on)
		}
	}
}

// thaw lets the tasks go on.
func (s *share) thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen.Store(false)
	s.still(false)
	close(s.release)
	s.all, s.release = nil, nil
	for t := range s.tasks {
		s.tasks[t] = nil
	}
}

// stand stands still as long as the share is frozen, and reports whether it did,
// or at least until something else asks for attention.
func (t *task) stand() (bool, error) {
	s := t.share
	if !s.frozen.Load() {
		return false, nil
	}
	state, err := t.state()
	if err != nil {
		return true, err
	}
	s.mu.Lock()
	release := s.release
	if release == nil {
		s.mu.Unlock()
		return true, nil
	}
	s.tasks[t] = state
	s.check()
	s.mu.Unlock()
	select {
	case <-release:
	case <-t.p.Context().Done():
		s.mu.Lock()
		s.tasks[t] = nil // the note is still where others see it
		s.mu.Unlock()
	}
	return true, nil
}

// state returns what the task is made of.
func (t *task) state() (*taskState, error) {
	fp, err := t.space.FP()
	if err != nil {
		return nil, err
	}
	errstr := t.p.Errstr("")
	t.p.Errstr(errstr)
	state := &taskState{
		Regs: t.regs, FP: fp,
		Notify: t.notify, Notes: t.notes, Notified: t.notified, Ureg: t.ureg, Last: t.last, NoteFP: t.fp,
		Pending: t.pending, Alarm: t.p.AlarmLeft(), Errstr: errstr,
	}
	if !t.until.IsZero() {
		state.Left = time.Until(t.until)
	}
	return state, nil
}

// set makes a task what state says, all but what is its process's.
func (t *task) set(state *taskState) {
	t.regs = state.Regs
	t.notify, t.notes, t.notified, t.ureg = state.Notify, state.Notes, state.Notified, state.Ureg
	t.last, t.fp, t.pending = state.Last, state.NoteFP, state.Pending
	if state.Left != 0 {
		t.until = time.Now().Add(state.Left)
	}
}

// repeatable are the system calls that wait without having done anything, by
// their numbers: they can be given up and made again.
var repeatable = [...]bool{
	14: true, // open
	15: true, // read
	17: true, // sleep
	34: true, // rendezvous
	36: true, // _wait
	37: true, // semacquire
	47: true, // await
	50: true, // pread
	52: true, // tsemacquire
	53: false,
}

// make makes a system call. One that ends early because its task shall stand still
// becomes pending.
func (t *task) make(nr uint64, a args) (uint64, error) {
	if !repeatable[nr] {
		return t.calls[nr].f(t, a)
	}
	notes := len(t.notes)
	v, err, cut := t.repeat(nr, a)
	if err == ninep.ErrIntr && cut && len(t.notes) == notes {
		t.pending = int(nr) + 1
		return 0, restored
	}
	t.until = time.Time{}
	return v, err
}

// repeat makes a system call that can be made again, and reports whether it was cut
// short for that.
func (t *task) repeat(nr uint64, a args) (v uint64, err error, cut bool) {
	t.p.Repeatable(true)
	defer func() { cut = t.p.Repeatable(false) }()
	v, err = t.calls[nr].f(t, a)
	return v, err, false
}

// again makes the call that is pending. If a note came meanwhile it was
// interrupted.
func (t *task) again() bool {
	nr := t.pending - 1
	if nr < 0 {
		return false
	}
	t.pending = 0
	if len(t.notes) > 0 && !t.notified {
		t.until = time.Time{}
		t.fail(ninep.ErrIntr)
		return false
	}
	t.call(uint64(nr))
	return true
}

// waits returns how long a call waits that the program makes for a time: if it is
// made again, what is left.
func (t *task) waits(d time.Duration) time.Duration {
	if t.until.IsZero() {
		t.until = time.Now().Add(d)
	}
	return time.Until(t.until)
}
