package dev

// The proc device: processes as files.
//
//	#p/n/args      the arguments; writing changes what is shown here
//	#p/n/ctl       takes the words of procctl.go; reads the pid
//	#p/n/mem       memory, at its addresses
//	#p/n/regs      the registers of the processor
//	#p/n/fpregs    those of floating point
//	#p/n/fd        current directory and open files, a line each
//	#p/n/note      writing posts a note; reading takes the next one away
//	#p/n/noteid    the note group; writing joins another one
//	#p/n/notepg    writing posts a note to the note group
//	#p/n/ns        the name space, as the commands that rebuild it
//	#p/n/ppid      the parent
//	#p/n/proc      what the kernel knows of the process, for who debugs it
//	#p/n/segment   memory: of programs that are not part of the kernel
//	#p/n/snap      what the process is made of: see below
//	#p/n/status    one line of columns, which ps(1) reads
//	#p/n/text      the file that the program came from
//	#p/n/wait      the next child to exit, in the form of await in wait(2)
//
// A directory belongs to the user of its process.
//
// As long as snap is open the process stands still, and those that share its
// memory with it: a call in which it waits is made again afterwards. What is read
// from the file are all of them, in the form of snap(6), and executing a file with
// that in it makes them go on. The word kill, written to it, ends them. Only
// programs made for Plan 9 have something to be read.
//
//	% bind '#p' /proc
//	% cat /proc/1/args
//	boot
//	% echo kill >/proc/$apid/ctl
//
// Mem, regs and fpregs are there only of programs that are not part of the kernel: those
// made for Plan 9. Their owner alone may look there.
//
// This file is the tree and what it reads, procctl.go what it takes, procmem.go
// mem, regs and fpregs.

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A procDev is the device #p.
type procDev struct {
	owner string
	table func() *proc.Table
}

// NewProc returns the device #p. Table is asked for the processes whenever it
// is used: a kernel makes its devices first.
func NewProc(h Host, table func() *proc.Table) ninep.Server {
	d := &procDev{h.Owner, table}
	return newTree(h, &ninep.Node{
		List: func(context.Context) ([]*ninep.Node, error) {
			var dirs []*ninep.Node
			for _, p := range table().Procs() {
				dirs = append(dirs, d.dir(p))
			}
			return dirs, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			pid, err := strconv.Atoi(name)
			p := table().Find(pid)
			if err != nil || p == nil || name != strconv.Itoa(pid) {
				return nil, ninep.ErrNotExist
			}
			return d.dir(p), nil
		},
	})
}

// A procFile is one of the files that each process has: what makes its node.
type procFile struct {
	name string
	perm ninep.Perm
	fill func(d *procDev, p *proc.Proc, n *ninep.Node)

	machine bool // of programs only that are not Go's
}

// procFiles are the files of a process.
var procFiles = []procFile{
	{name: "args", perm: 0660, fill: (*procDev).args},
	{name: "ctl", perm: 0660, fill: (*procDev).ctl},
	{name: "fd", perm: 0444, fill: reads(procFds)},
	{name: "fpregs", perm: 0640, fill: registers(proc.Machine.FPRegs, proc.Machine.SetFPRegs), machine: true},
	{name: "mem", perm: 0640, fill: (*procDev).mem, machine: true},
	{name: "note", perm: 0660, fill: (*procDev).note},
	{name: "noteid", perm: 0664, fill: (*procDev).noteid},
	{name: "notepg", perm: 0660, fill: (*procDev).notepg},
	{name: "ns", perm: 0444, fill: reads((*proc.Proc).NS)},
	{name: "ppid", perm: 0444, fill: reads(func(p *proc.Proc) (string, error) { return number(p.Getppid()), nil })},
	{name: "proc", perm: 0400, fill: reads(func(p *proc.Proc) (string, error) { return fmt.Sprintf("%+v\n", p.Info()), nil })},
	{name: "regs", perm: 0640, fill: registers(proc.Machine.Regs, proc.Machine.SetRegs), machine: true},
	{name: "segment", perm: 0444, fill: reads(procSegments)},
	{name: "snap", perm: 0600, fill: (*procDev).snap, machine: true},
	{name: "status", perm: 0444, fill: reads(procStatus)},
	{name: "text", perm: 0440, fill: (*procDev).text},
	{name: "wait", perm: 0440, fill: (*procDev).wait},
}

// dir returns the directory of a process.
func (d *procDev) dir(p *proc.Proc) *ninep.Node {
	path := uint64(p.Getpid()) << 5
	return &ninep.Node{
		Name: strconv.Itoa(p.Getpid()), Owner: p.User(), Path: path,
		List: func(context.Context) ([]*ninep.Node, error) {
			var nodes []*ninep.Node
			for i, f := range procFiles {
				if !f.machine || p.Machine() != nil {
					nodes = append(nodes, d.node(p, path|uint64(i+1), f))
				}
			}
			return nodes, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			i := slices.IndexFunc(procFiles, func(f procFile) bool { return f.name == name })
			if i < 0 || procFiles[i].machine && p.Machine() == nil {
				return nil, ninep.ErrNotExist
			}
			return d.node(p, path|uint64(i+1), procFiles[i]), nil
		},
	}
}

// node returns a file of a process. Its user can be another one by now, for
// whoever writes "none" to #c/user, so it is looked up each time.
func (d *procDev) node(p *proc.Proc, path uint64, f procFile) *ninep.Node {
	n := &ninep.Node{Name: f.name, Perm: f.perm, Path: path}
	n.Stat = func(e *ninep.Dir) { e.UID, e.MUID, e.GID = p.User(), p.User(), d.owner }
	n.May = func(ctx context.Context, user string, _ ninep.Mode) error { return d.mayLook(ctx, user, p) }
	f.fill(d, p, n)
	return n
}

// mayLook keeps servers that run as none from the processes of others, should
// they be subverted.
func (d *procDev) mayLook(ctx context.Context, user string, p *proc.Proc) error {
	if gone(p) {
		return ninep.ErrProcDied
	}
	if user == "none" && user != d.owner && proc.Up(ctx) != p {
		return ninep.ErrPerm
	}
	return nil
}

// gone reports whether the process has exited.
func gone(p *proc.Proc) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// reads makes a file that reads what text returns, as long as the process is
// there.
func reads(text func(p *proc.Proc) (string, error)) func(d *procDev, p *proc.Proc, n *ninep.Node) {
	return func(_ *procDev, p *proc.Proc, n *ninep.Node) {
		n.Read = func(context.Context) ([]byte, error) {
			if gone(p) {
				return nil, ninep.ErrProcDied
			}
			s, err := text(p)
			return []byte(s), err
		}
	}
}

// number formats a number as the small numbers of devices are.
func number(n int) string { return string(appendNumber(make([]byte, 0, 12), int64(n), 11)) }

// appendNumber appends a number of at least width characters, and a blank.
func appendNumber(b []byte, n int64, width int) []byte {
	var digits [20]byte
	s := strconv.AppendInt(digits[:0], n, 10)
	for range width - len(s) {
		b = append(b, ' ')
	}
	return append(append(b, s...), ' ')
}

// milliseconds formats a time as a number of milliseconds.
func milliseconds(d time.Duration) string { return number(int(d.Milliseconds())) }

// cputime returns the six numbers of #c/cputime: user, system and real time
// of the process and of its children. Only real time is known of goroutines.
func cputime(p *proc.Proc) string {
	zero := number(0)
	return zero + zero + milliseconds(p.Now().Sub(p.Info().Start)) + zero + zero + zero
}

// priority is that of all processes: they are not scheduled by the kernel.
const priority = 10

func procStatus(p *proc.Proc) (string, error) {
	in := p.Info()
	size := uint64(0)
	for _, s := range p.Segments() {
		size += s.End - s.Base
	}
	return fmt.Sprintf("%-27s %-27s %-11s ", in.Text, in.User, in.State) + cputime(p) +
		fmt.Sprintf("%11d %11d %11d\n", size/1024, priority, priority), nil
}

func procSegments(p *proc.Proc) (string, error) {
	var b strings.Builder
	for _, s := range p.Segments() {
		r := ' '
		if s.ReadOnly {
			r = 'R'
		}
		fmt.Fprintf(&b, "%-6s %c  %8x %8x %4d\n", s.Name, r, s.Base, s.End, s.Refs)
	}
	return b.String(), nil
}

func procFds(p *proc.Proc) (string, error) {
	dot, err := p.DotName()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(dot + "\n")
	for _, d := range p.Fds() {
		b.WriteString(fdLine(d))
	}
	return b.String(), nil
}

func (d *procDev) text(p *proc.Proc, n *ninep.Node) {
	n.Wrap = func(f ninep.File) ninep.File { return textFile{f, d, p} }
}

// A textFile opens as the file that the program came from.
type textFile struct {
	ninep.File
	d *procDev
	p *proc.Proc
}

// Redirect returns the program's Chan with one more reference.
func (f textFile) Redirect(ctx context.Context, mode ninep.Mode) (*ns.Chan, error) {
	if mode != ninep.OREAD {
		return nil, ninep.ErrPerm
	}
	user := who(ctx, f.d.owner)
	if err := f.d.mayLook(ctx, user, f.p); err != nil {
		return nil, err
	}
	e, err := f.Stat(ctx)
	if err == nil && !e.Access(user, nil, mode) {
		err = ninep.ErrPerm
	}
	if err != nil {
		return nil, err
	}
	c := f.p.Exe()
	if c == nil {
		return nil, ninep.ErrNotExist
	}
	if _, err := c.Seek(ctx, 0, 0); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// snap freezes the process as long as the file is open. It shows all that mem does.
func (d *procDev) snap(p *proc.Proc, n *ninep.Node) {
	d.mayDebug(p, n)
	file := *n
	n.Open = func(ctx context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) {
		f, err := p.Freeze(ctx)
		if err != nil {
			return nil, err
		}
		open := file
		open.ReadAt, open.Close = f.ReadAt, f.Close
		open.Write = func(_ context.Context, b []byte) error {
			if strings.TrimSpace(string(b)) != "kill" {
				return ninep.ErrBadCtl
			}
			f.Kill()
			return nil
		}
		return &open, nil
	}
}

func (d *procDev) wait(p *proc.Proc, n *ninep.Node) {
	n.ReadAt = func(ctx context.Context, b []byte, _ int64) (int, error) {
		w, err := p.WaitChild(ctx)
		if err != nil {
			return 0, err
		}
		msg := strconv.Itoa(w.Pid)
		for _, t := range w.Time {
			msg += " " + strconv.FormatInt(t.Milliseconds(), 10)
		}
		return copy(b, msg+" "+ninep.Quote(w.Msg)), nil
	}
}
