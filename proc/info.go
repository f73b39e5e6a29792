package proc

import (
	"context"
	"time"

	"ufo/ninep"
	"ufo/ns"
)

// An Info is what can be seen of a process from outside.
type Info struct {
	Pid, Ppid, Noteid int
	Pgrp              int // number of the name space group
	Text, User        string
	State             string // of ps(1): the system call it is in, Running, Stopped, Moribund
	Args              []string
	Title             string // what the program wants to show in their place
	Start             time.Time
	Status            string // exit status set so far
}

// Info returns what can be seen of the process. Anyone may call it.
func (p *Proc) Info() Info {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := Info{
		Pid: p.pid, Ppid: p.ppid, Noteid: p.noteid,
		Text: p.text, User: p.user,
		Args: p.args, Title: p.title, Start: p.start, Status: p.status,
	}
	if p.pgrp != nil {
		in.Pgrp = p.pgrp.id
	}
	in.State = callNames[p.where.Load()]
	switch {
	case p.exiting:
		in.State = "Moribund"
	case p.halted:
		in.State = callNames[callStopped]
	}
	return in
}

// A Segment is a piece of the memory of a program that is not Go's, and a line of
// /proc/n/segment.
type Segment struct {
	Name      string // Text, Data, Bss, Stack, Shared
	ReadOnly  bool
	Base, End uint64
	Refs      int // processes that share it
}

// SetSegments makes f what tells of the program's memory, until it is nil. Other
// goroutines call f. Only the process may call SetSegments.
func (p *Proc) SetSegments(f func() []Segment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.segments = f
}

// Segments returns the memory of the program; none of one of Go's. Anyone may
// call it.
func (p *Proc) Segments() []Segment {
	p.mu.Lock()
	f := p.segments
	p.mu.Unlock()
	if f == nil {
		return nil
	}
	return f()
}

// SetTitle changes what /proc/n/args shows, until the next exec. Anyone may
// call it.
func (p *Proc) SetTitle(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.title = title
}

// SetNoteid moves the process to another note group. Anyone may call it.
func (p *Proc) SetNoteid(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noteid = id
}

// Env returns the environment group. Anyone may call it.
func (p *Proc) Env() *Egrp { return p.env() }

func (p *Proc) env() *Egrp {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.egrp
}

// An FdInfo is one line of /proc/n/fd.
type FdInfo struct {
	Fd     int
	Mode   ninep.Mode
	Type   rune // letter of the device
	Dev    uint32
	Qid    ninep.Qid
	Offset int64
	Name   string
	Cexec  bool
}

// Fds returns the open descriptors. Anyone may call it.
func (p *Proc) Fds() []FdInfo {
	fg := p.fds()
	if fg == nil {
		return nil
	}
	fds, descs := fg.list()
	infos := make([]FdInfo, len(fds))
	for i, d := range descs {
		infos[i] = FdInfo{fds[i], d.c.Mode(), d.c.Type(), d.c.Dev(), d.c.Qid(), d.c.Offset(), d.c.Name(), d.cexec}
		d.c.Close()
	}
	return infos
}

func (p *Proc) fds() *Fgrp {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fgrp
}

// FdChan returns the Chan of a descriptor with a reference. Anyone may call
// it.
func (p *Proc) FdChan(fd int) (*ns.Chan, error) {
	fg := p.fds()
	if fg == nil {
		return nil, ninep.ErrProcDied
	}
	return fg.get(fd)
}

// CloseFd closes a descriptor for the process. Anyone may call it.
func (p *Proc) CloseFd(fd int) error {
	fg := p.fds()
	if fg == nil {
		return ninep.ErrProcDied
	}
	c, err := fg.remove(fd)
	if err != nil {
		return err
	}
	return c.Close()
}

// AddFd gives the process a descriptor for c, which it consumes: for whoever
// starts it. Only the process or its starter may call it.
func (p *Proc) AddFd(c *ns.Chan) (int, error) { return p.fgrp.add(c, false) }

// NS returns the name space as the commands that rebuild it, and the current
// directory. Anyone may call it.
func (p *Proc) NS() (string, error) {
	p.mu.Lock()
	pg, dot := p.pgrp, p.dot
	if pg == nil {
		p.mu.Unlock()
		return "", ninep.ErrProcDied
	}
	pg.incref()
	dot.Incref()
	p.mu.Unlock()
	defer pg.close()
	defer dot.Close()
	return pg.String() + "cd " + ninep.Quote(dot.Name()) + "\n", nil
}

// Look returns what the process resolves names in, with references that
// release gives back. Anyone may call it: to see names as the process does.
func (p *Proc) Look() (v ns.View, release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pgrp == nil {
		return v, nil, ninep.ErrProcDied
	}
	pg, slash, dot := p.pgrp, p.slash.Incref(), p.dot.Incref()
	pg.incref()
	v = ns.View{Pgrp: pg.Pgrp, Slash: slash, Dot: dot, User: p.user, Devs: p.table.cfg.Devs}
	return v, func() {
		slash.Close()
		dot.Close()
		pg.close()
	}, nil
}

// WrapMounts has all trees that are mounted in the name space of the process, now
// or later, seen through w: see ns.Pgrp.Wrap. It changes the name space for all
// who share it.
func (p *Proc) WrapMounts(w ns.Wrap) {
	p.pgrp.Wrap(w)
	dot := p.dot.Incref().Wrapped(w)
	p.mu.Lock()
	old := p.dot
	p.dot = dot
	p.mu.Unlock()
	old.Close()
}

// DotName returns the name of the current directory. Anyone may call it.
func (p *Proc) DotName() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dot == nil {
		return "", ninep.ErrProcDied
	}
	return p.dot.Name(), nil
}

// Deny forbids the process's name space group the attaching of devices, as
// ns.Pgrp.Deny does. Anyone may call it.
func (p *Proc) Deny(letters string, invert bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pgrp != nil {
		p.pgrp.Deny(letters, invert)
	}
}

// Allowed reports whether the name space group may attach the device. Anyone
// may call it.
func (p *Proc) Allowed(letter rune) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pgrp != nil && p.pgrp.Allowed(letter)
}

// Exe returns the file the program came from, with a reference; nil for none.
// Anyone may call it.
func (p *Proc) Exe() *ns.Chan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exe == nil {
		return nil
	}
	return p.exe.Incref()
}

// WaitChild is Wait for who reads /proc/n/wait: it waits under ctx for a
// child of p to exit. Anyone may call it.
func (p *Proc) WaitChild(ctx context.Context) (*Waitmsg, error) { return p.await(ctx) }

// TakeNote returns the next note, "" for none, in the place of its delivery:
// what reading /proc/n/note does. Anyone may call it.
func (p *Proc) TakeNote() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.notes) == 0 {
		return ""
	}
	note := p.notes[0]
	p.notes = p.notes[1:]
	return note
}
