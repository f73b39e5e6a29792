package proc

import (
	"slices"
	"sync"
	"sync/atomic"

	"ufo/ninep"
	"ufo/ns"
)

// maxFD bounds the file descriptors of a group.
const maxFD = 5000

// An Fgrp is a file descriptor group.
type Fgrp struct {
	refs atomic.Int32

	mu      sync.Mutex // guards what follows
	fds     []fdesc
	watches []watch
}

// An fdesc is one descriptor: the Chan, owned, and whether exec closes it.
type fdesc struct {
	c     *ns.Chan
	cexec bool
}

func newFgrp() *Fgrp {
	f := new(Fgrp)
	f.refs.Store(1)
	return f
}

// copy returns a group of its own with the same files: RFFDG.
func (f *Fgrp) copy() *Fgrp {
	n := newFgrp()
	f.mu.Lock()
	defer f.mu.Unlock()
	n.fds = slices.Clone(f.fds)
	for _, d := range n.fds {
		if d.c != nil {
			d.c.Incref()
		}
	}
	return n
}

func (f *Fgrp) close() {
	if f.refs.Add(-1) > 0 {
		return
	}
	f.mu.Lock() // somebody may still look at the group, through #p
	fds := f.fds
	f.fds = nil
	for fd := range fds {
		f.changed(fd)
	}
	f.mu.Unlock()
	for _, d := range fds {
		if d.c != nil {
			d.c.Close()
		}
	}
}

// get returns the Chan of a descriptor with a reference.
func (f *Fgrp) get(fd int) (*ns.Chan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fd < 0 || fd >= len(f.fds) || f.fds[fd].c == nil {
		return nil, ninep.ErrBadFD
	}
	return f.fds[fd].c.Incref(), nil
}

// add gives c, which it consumes, the lowest free descriptor.
func (f *Fgrp) add(c *ns.Chan, cexec bool) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := slices.IndexFunc(f.fds, func(d fdesc) bool { return d.c == nil })
	if fd < 0 {
		fd = len(f.fds)
	}
	if fd >= maxFD {
		go c.Close() // not under the lock
		return 0, ninep.ErrNoFD
	}
	f.put(fd, fdesc{c, cexec})
	return fd, nil
}

// put stores d at fd; the caller holds mu.
func (f *Fgrp) put(fd int, d fdesc) {
	for len(f.fds) <= fd {
		f.fds = append(f.fds, fdesc{})
	}
	f.fds[fd] = d
	f.changed(fd)
}

// set makes fd refer to c, which it consumes, and returns what it referred to
// before, for the caller to close.
func (f *Fgrp) set(fd int, c *ns.Chan) (*ns.Chan, error) {
	if fd < 0 || fd >= maxFD {
		return c, ninep.ErrBadFD
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var old *ns.Chan
	if fd < len(f.fds) {
		old = f.fds[fd].c
	}
	f.put(fd, fdesc{c: c})
	return old, nil
}

// remove takes a descriptor away and returns its Chan, for the caller to
// close.
func (f *Fgrp) remove(fd int) (*ns.Chan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fd < 0 || fd >= len(f.fds) || f.fds[fd].c == nil {
		return nil, ninep.ErrBadFD
	}
	c := f.fds[fd].c
	f.fds[fd] = fdesc{}
	f.changed(fd)
	return c, nil
}

// closeExec closes what was opened OCEXEC.
func (f *Fgrp) closeExec() {
	var chans []*ns.Chan
	f.mu.Lock()
	for fd, d := range f.fds {
		if d.c != nil && d.cexec {
			chans = append(chans, d.c)
			f.fds[fd] = fdesc{}
			f.changed(fd)
		}
	}
	f.mu.Unlock()
	for _, c := range chans {
		c.Close()
	}
}

// list returns the numbers of the open descriptors with their Chans, each
// with a reference.
func (f *Fgrp) list() ([]int, []fdesc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var fds []int
	var descs []fdesc
	for fd, d := range f.fds {
		if d.c != nil {
			d.c.Incref()
			fds, descs = append(fds, fd), append(descs, d)
		}
	}
	return fds, descs
}

// An Egrp is an environment group: what #e shows. Anyone may call it.
type Egrp struct {
	refs atomic.Int32

	mu   sync.Mutex // guards what follows
	vars map[string]*Evar
	path uint64 // last qid path given out
}

// An Evar is one environment variable. It is immutable.
type Evar struct {
	Name  string
	Value []byte // not to be changed
	Path  uint64 // of the qid: the same for one variable as long as it exists
	Vers  uint32
}

// NewEgrp returns an empty environment.
func NewEgrp() *Egrp {
	e := &Egrp{vars: make(map[string]*Evar)}
	e.refs.Store(1)
	return e
}

func (e *Egrp) copy() *Egrp {
	n := NewEgrp()
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, v := range e.vars {
		n.vars[name] = v
	}
	n.path = e.path
	return n
}

func (e *Egrp) close() { e.refs.Add(-1) }

// Get returns the variable, nil for none.
func (e *Egrp) Get(name string) *Evar {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vars[name]
}

// Set gives the variable a value, which the group keeps, and makes it if need
// be.
func (e *Egrp) Set(name string, value []byte) *Evar {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := &Evar{Name: name, Value: value}
	if old := e.vars[name]; old != nil {
		v.Path, v.Vers = old.Path, old.Vers+1
	} else {
		e.path++
		v.Path = e.path
	}
	e.vars[name] = v
	return v
}

// Create makes a variable without value; ErrExist if there is one.
func (e *Egrp) Create(name string) (*Evar, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.vars[name] != nil {
		return nil, ninep.ErrExist
	}
	e.path++
	v := &Evar{Name: name, Path: e.path}
	e.vars[name] = v
	return v, nil
}

// Swap gives the variable another value if it is still old, and reports
// whether it was.
func (e *Egrp) Swap(old *Evar, value []byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.vars[old.Name] != old {
		return false
	}
	e.vars[old.Name] = &Evar{Name: old.Name, Value: value, Path: old.Path, Vers: old.Vers + 1}
	return true
}

// Remove takes the variable away; ErrNotExist if there is none.
func (e *Egrp) Remove(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.vars[name] == nil {
		return ninep.ErrNotExist
	}
	delete(e.vars, name)
	return nil
}

// List returns the variables in the order in which they were made.
func (e *Egrp) List() []*Evar {
	e.mu.Lock()
	defer e.mu.Unlock()
	vars := make([]*Evar, 0, len(e.vars))
	for _, v := range e.vars {
		vars = append(vars, v)
	}
	slices.SortFunc(vars, func(a, b *Evar) int { return int(a.Path) - int(b.Path) })
	return vars
}
