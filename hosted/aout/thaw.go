package aout

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// maxHead bounds what a snapshot says before its pages, in bytes.
const maxHead = 64 << 20

// A thawing is a snapshot that becomes processes again.
type thawing struct {
	snapshot
	*kind
	loader  *Loader
	mem     *vm.Memory
	account *account
	clock   *vm.Clock
	segs    []*segment
	share   *share
	tasks   []*task
	was     map[int]int // the process's number, by what it was

	mu     sync.Mutex       // guards was and what follows
	idle   []*task          // that have no process yet
	met    [2]int           // processes that have come so far: see meet
	all    [2]chan struct{} // closed when all have
	err    error            // why they will not
	failed chan struct{}    // closed when there is one
}

// badSnap returns the error for a file whose content contradicts itself.
func badSnap(what string) error { return ninep.Error("bad snapshot: " + what) }

// loadSnap makes processes of a file of frozen ones.
func (l *Loader) loadSnap(ctx context.Context, mem *vm.Memory, account *account, clock *vm.Clock, file *ns.Chan) (proc.Main, error) {
	w := &thawing{loader: l, mem: mem, account: account, clock: clock, share: new(share), was: make(map[int]int), failed: make(chan struct{})}
	w.all = [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	at, err := w.readHead(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	if w.narrow {
		if err := vm.Narrow(mem); err != nil {
			return nil, err
		}
	}
	for _, ss := range w.Segments {
		if at, err = w.load(ctx, file, ss, at); err != nil {
			w.close()
			return nil, err
		}
	}
	return w.main, nil
}

// load makes a segment whose pages begin in the file at an offset, and returns
// where they end.
func (w *thawing) load(ctx context.Context, file *ns.Chan, ss snapSegment, at int64) (int64, error) {
	s, err := newSegment(w.mem, w.account, ss.Name, ss.Base, ss.Size, ss.Room, ss.Prot)
	if err != nil {
		return 0, err
	}
	w.segs = append(w.segs, s)
	s.bss, s.shared, s.cexec = ss.Bss, ss.Shared, ss.Cexec
	buf := make([]byte, runLen)
	for _, r := range ss.Runs {
		for r.Len > 0 {
			b := buf[:min(r.Len, runLen)]
			if err := readFull(ctx, file, b, at); err != nil {
				return 0, badSnap("pages are missing")
			}
			if _, err := s.change(b, s.base+r.Off); err != nil {
				return 0, err
			}
			n := uint64(len(b))
			r.Off, r.Len, at = r.Off+n, r.Len-n, at+int64(n)
		}
	}
	return at, nil
}

// own makes a task its process's, or reports that there will be none any more.
func (w *thawing) own(t *task) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.idle, t)
	if i < 0 {
		return false
	}
	w.idle = slices.Delete(w.idle, i, i+1)
	return true
}

// close drops the references to the segments, and those of tasks that have got no
// process.
func (w *thawing) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.idle {
		w.share.remove(t)
		t.image.close()
	}
	w.idle = nil
	for _, s := range w.segs {
		s.close()
	}
}

// readHead reads the head and returns where the pages begin.
func (w *thawing) readHead(ctx context.Context, file *ns.Chan) (int64, error) {
	b := make([]byte, len(snapMagic)+12)
	n, err := file.ReadAt(ctx, b, 0)
	if err != nil {
		return 0, err
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(string(b[:n]), snapMagic), "\n")
	length, err := strconv.Atoi(text)
	if err != nil || length < 0 || length > maxHead {
		return 0, badSnap("no length")
	}
	at := int64(len(snapMagic) + len(text) + 1)
	head := make([]byte, length)
	if err := readFull(ctx, file, head, at); err != nil {
		return 0, badSnap("it is cut off")
	}
	if err := json.Unmarshal(head, &w.snapshot); err != nil {
		return 0, badSnap(err.Error())
	}
	return at + int64(length), nil
}

// check refuses what no processes can be made of: the file may be anybody's.
func (w *thawing) check() error {
	for _, k := range kinds {
		if k.name == w.Kind {
			w.kind = k
		}
	}
	if w.kind == nil {
		return badSnap("of an unknown kind")
	}
	for _, s := range w.Segments {
		if err := w.checkSegment(s); err != nil {
			return err
		}
	}
	if len(w.Procs) == 0 {
		return badSnap("no process")
	}
	for i, sp := range w.Procs {
		if sp.State == nil || sp.State.Regs.Narrow != w.narrow || sp.State.Pending < 0 || sp.State.Pending > len(repeatable) ||
			sp.Pid <= 0 || sp.Pid > maxPid ||
			i > 0 && (sp.Parent < 0 || sp.Parent >= i) || sp.Apart&^(everything|proc.RFNOTEG|proc.RFNOWAIT) != 0 {
			return badSnap("process " + strconv.Itoa(sp.Pid))
		}
		if err := w.checkImage(sp); err != nil {
			return err
		}
	}
	return nil
}

// checkSegment refuses a segment that is out of reach, or whose pages are out of it.
// Sums come last: any of the numbers may be so large that they would be small.
func (w *thawing) checkSegment(s snapSegment) error {
	if s.Base%vm.PageSize != 0 || s.Base < vm.PageSize || s.Base > w.stacktop ||
		s.Room > dataRoom || s.Room > w.stacktop-s.Base || s.Size > s.Room ||
		s.Bss != 0 && (s.Bss < s.Base || s.Bss > s.Base+s.Size) {
		return badSnap("a segment out of reach")
	}
	if s.Prot&^(vm.R|vm.W|vm.X) != 0 || s.Prot&(vm.W|vm.X) == vm.W|vm.X {
		return badSnap("a segment that can be written and executed")
	}
	next := uint64(0)
	for _, r := range s.Runs {
		if r.Off < next || r.Off%vm.PageSize != 0 || r.Len == 0 || r.Off > s.Size || r.Len > s.Size-r.Off {
			return badSnap("a page out of its segment")
		}
		next = r.Off + r.Len
	}
	return nil
}

// maxPid is the largest number that a frozen process may have had: those of new
// ones are larger, and have to be ints of C as long as the node runs.
const maxPid = 1 << 30

// checkImage refuses a process whose segments overlap, or that has no stack.
func (w *thawing) checkImage(sp snapProc) error {
	stack := false
	for i, n := range sp.Segments {
		if n < 0 || n >= len(w.Segments) {
			return badSnap("a segment that is missing")
		}
		s := w.Segments[n]
		stack = stack || s.Name == stackName && s.Base+s.Size == w.stacktop
		for _, m := range sp.Segments[:i] {
			if o := w.Segments[m]; s.Base < o.Base+o.Size && o.Base < s.Base+s.Size {
				return badSnap("segments overlap")
			}
		}
	}
	if !stack {
		return badSnap("a process without a stack")
	}
	return nil
}

// main starts the processes and waits for the first. Its own process is none of
// them: their numbers are new, and larger than all that they know of, so that
// those that they remember can only mean themselves.
func (w *thawing) main(p *proc.Proc) error {
	defer w.close()
	p.Leave(nil) // what is frozen has its own
	for _, sp := range w.Procs {
		p.Table().Reserve(sp.Pid)
		var im image
		for _, n := range sp.Segments {
			im = append(im, &mapping{segment: w.segs[n].incref()})
		}
		if im.left() < 0 {
			w.fail(errNoMemory)
		}
		t := newTask(nil, im)
		t.mem, t.account, t.platform, t.calls = w.mem, w.account, w.loader.platform(), newCalls()
		t.kind, t.was, t.clock = w.kind, w.was, w.clock
		t.set(sp.State)
		w.share.add(t)
		w.tasks = append(w.tasks, t)
		w.idle = append(w.idle, t)
	}
	if w.err != nil {
		return w.err
	}
	defer w.end(p)
	first, err := w.fork(p, 0)
	if err != nil {
		w.fail(err)
	}
	// Notes to the group are for those who do the work.
	p.Notify(func(*proc.Proc, string) bool { return true })
	for {
		msg, err := p.Wait()
		switch {
		case err == ninep.ErrNoChild:
			return w.err
		case err == nil && msg.Pid == first:
			_, status, _ := strings.Cut(msg.Msg, ": ")
			p.Exits(status)
		}
	}
}

// end takes the others along when the process that waits for them is killed.
func (w *thawing) end(p *proc.Proc) {
	if !p.Ended() {
		return
	}
	w.fail(ninep.ErrIntr)
	w.share.kill()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pid := range w.was { // of which some may have executed something else
		if kid := p.Table().Find(pid); kid != nil {
			kid.Kill()
		}
	}
}

// fail is for a process that cannot be made: none will run.
func (w *thawing) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		close(w.failed)
	}
}

// fork makes the ith process, a child of p.
func (w *thawing) fork(p *proc.Proc, i int) (int, error) {
	sp, t := &w.Procs[i], w.tasks[i]
	if !w.own(t) {
		return 0, ninep.ErrIntr
	}
	flags := sp.Apart
	if i == 0 {
		flags = everything
	}
	return p.ForkOr(flags, func(k *proc.Proc) error {
		w.share.begin(t, k)
		defer t.end()
		catchFaults()
		t.setNotify(t.notify) // what comes from now on is for the program
		if err := w.begin(k, i); err != nil {
			return err
		}
		k.Errstr(sp.State.Errstr)
		if sp.State.Alarm > 0 {
			k.Alarm(sp.State.Alarm)
		}
		err := t.run(sp.State.FP)
		w.say(k, "process %d: %v", sp.Pid, err)
		return err
	}, func() {
		w.share.remove(t)
		t.image.close()
	})
}

// begin makes of a process what the ith was, and waits until all are. If it does
// not come that far, because of a note or an error, none will run.
func (w *thawing) begin(k *proc.Proc, i int) (err error) {
	begun := false
	defer func() {
		switch {
		case begun:
		case err == nil: // a note has ended it
			w.fail(ninep.ErrIntr)
		default:
			w.fail(err)
		}
	}()
	sp := &w.Procs[i]
	k.SetName(sp.Text, sp.Args)
	k.SetSelf(sp.Pid)
	w.restore(k, sp, i == 0)
	w.mu.Lock()
	w.was[sp.Pid] = k.Getpid()
	w.mu.Unlock()
	for j := range w.Procs {
		if j > 0 && w.Procs[j].Parent == i {
			if _, err := w.fork(k, j); err != nil {
				return err
			}
		}
	}
	if err := w.meet(k, 0); err != nil {
		return err
	}
	// Some files are those of the other processes.
	if i == 0 || sp.Apart&proc.RFFDG != 0 {
		w.files(k, w.tasks[i], sp.Files)
	}
	err = w.meet(k, 1)
	begun = err == nil
	return err
}

// meet waits until all processes are there, at the place where. After a failure
// none passes.
func (w *thawing) meet(k *proc.Proc, where int) error {
	w.mu.Lock()
	if w.met[where]++; w.met[where] == len(w.Procs) {
		close(w.all[where])
	}
	w.mu.Unlock()
	for {
		w.mu.Lock()
		all, err := w.met[where] == len(w.Procs), w.err
		w.mu.Unlock()
		if all || err != nil {
			return err
		}
		select {
		case <-w.all[where]:
		case <-w.failed:
		case <-k.Context().Done():
			k.Attend()
		}
	}
}

// say tells the user what is not as it was.
func (w *thawing) say(k *proc.Proc, format string, a ...any) {
	fmt.Fprintf(k.Stderr(), "thaw: "+format+"\n", a...)
}
