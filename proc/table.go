package proc

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ninep"
	"ufo/ns"
)

// A Config is what the processes of a kernel share.
type Config struct {
	Devs    *ns.Devtab
	Loaders []Loader
	Clock   func() time.Time  // nil: time.Now
	Log     func(text string) // takes messages for kmesg; nil: they are lost

	MaxProcs int // that there may be at a time; 0: maxProcs
}

// maxProcs is how many processes a table holds unless its Config says so:
// conf.nproc of the kernel. A program that forks without end must not take the other nodes along.
const maxProcs = 2000

// A Table is the processes of one kernel.
type Table struct {
	cfg   Config
	pgrps atomic.Int64 // numbers of name space groups
	sems  semtable

	mu      sync.Mutex // guards what follows, and the family fields of each Proc
	procs   map[int]*Proc
	lastpid int
	calls   uint64 // system calls of processes that are gone
	down    bool   // no new processes
	empty   chan struct{}
}

// NewTable returns a table without processes.
func NewTable(cfg Config) *Table {
	if cfg.MaxProcs == 0 {
		cfg.MaxProcs = maxProcs
	}
	return &Table{cfg: cfg, procs: make(map[int]*Proc)}
}

func (t *Table) now() time.Time {
	if t.cfg.Clock != nil {
		return t.cfg.Clock()
	}
	return time.Now()
}

func (t *Table) log(text string) {
	if t.cfg.Log != nil {
		t.cfg.Log(text)
	}
}

// Start starts a process that has no parent, with new groups: an empty name
// space, and the root of the device #/ as root and current directory.
func (t *Table) Start(ctx context.Context, user string, args []string, main Main) (*Proc, error) {
	slash, err := t.cfg.Devs.Root(ctx, user)
	if err != nil {
		return nil, err
	}
	p := &Proc{
		Args: args, args: args, text: args[0],
		table: t, user: user,
		pgrp: newPgrp(t, ns.NewPgrp()), slash: slash, dot: slash.Incref(),
		fgrp: newFgrp(), egrp: NewEgrp(), rgrp: newRgrp(),
	}
	if err := t.add(p, 0); err != nil {
		p.fgrp.close()
		p.pgrp.close()
		slash.Close()
		slash.Close()
		return nil, err
	}
	go p.run(main)
	return p, nil
}

// add gives a process its pid and enters it; noteid 0 means a new note group.
func (t *Table) add(p *Proc, noteid int) error {
	p.start = t.now()
	p.died = make(chan struct{})
	p.life, p.die = context.WithCancel(context.WithValue(context.Background(), upKey{}, p))
	p.call, p.cancel = context.WithCancel(p.life)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return ninep.ErrShutdown
	}
	if len(t.procs) >= t.cfg.MaxProcs {
		return ninep.ErrNoProcs
	}
	if p.parent != nil && noteid != 0 && p.parent.noted() {
		return errNoted
	}
	t.lastpid++
	p.pid = t.lastpid
	p.noteid = noteid
	if noteid == 0 {
		p.noteid = p.pid
	}
	if p.parent != nil {
		p.parent.addKid(p)
	}
	t.procs[p.pid] = p
	return nil
}

// newPid returns a number that no process or note group has or will have.
func (t *Table) newPid() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastpid++
	return t.lastpid
}

func (p *Proc) addKid(kid *Proc) {
	if !kid.nowait {
		p.children++
	}
	if p.kids == nil {
		p.kids = make(map[*Proc]bool)
	}
	p.kids[kid] = true
}

// exited takes the process out of the table and tells its parent. Nobody is
// told of its children any more.
func (t *Table) exited(p *Proc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.procs, p.pid)
	t.calls += p.calls.Load()
	for kid := range p.kids {
		kid.parent = nil
	}
	if pp := p.parent; pp != nil {
		delete(pp.kids, p)
		if !p.nowait {
			pp.waitq = append(pp.waitq, p.waitmsg())
			pp.wakeWaiter()
		}
	}
	if len(t.procs) == 0 && t.empty != nil {
		close(t.empty)
		t.empty = nil
	}
}

// Find returns the process with the pid, nil for none.
func (t *Table) Find(pid int) *Proc {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.procs[pid]
}

// Procs returns the processes in the order of their pids.
func (t *Table) Procs() []*Proc {
	t.mu.Lock()
	defer t.mu.Unlock()
	procs := make([]*Proc, 0, len(t.procs))
	for _, p := range t.procs {
		procs = append(procs, p)
	}
	slices.SortFunc(procs, func(a, b *Proc) int { return a.pid - b.pid })
	return procs
}

// Calls returns how many system calls were made, and how many processes are in
// none: they run.
func (t *Table) Calls() (calls uint64, busy int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls = t.calls
	for _, p := range t.procs {
		calls += p.calls.Load()
		if p.where.Load() == int32(running) {
			busy++
		}
	}
	return calls, busy
}

// Len returns how many processes there are.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.procs)
}

// Postgroup posts a note to all processes of a note group, except to one
// (nil for none).
func (t *Table) Postgroup(noteid int, note string, except *Proc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.procs {
		if p != except && p.Noteid() == noteid {
			p.Post(note)
		}
	}
}

// Shutdown ends all processes and lets no new ones start. It returns when
// they are gone, or with ctx's error when some are not by then.
func (t *Table) Shutdown(ctx context.Context) error {
	t.mu.Lock()
	t.down = true
	var empty chan struct{}
	if len(t.procs) > 0 {
		if t.empty == nil {
			t.empty = make(chan struct{})
		}
		empty = t.empty
	}
	t.mu.Unlock()
	if empty == nil {
		return nil
	}
	for _, p := range t.Procs() {
		p.Kill()
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
