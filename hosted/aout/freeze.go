package aout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// snapMagic is how the file of frozen processes begins: see snap(6). The length
// of the head follows, in a line of its own, the head, which is a snapshot in
// JSON, and the pages of the segments, those that are not all zeros.
const snapMagic = "ufosnap 1\n"

// A snapshot is what processes that share memory are made of.
type snapshot struct {
	Kind     string // as $cputype has it
	Segments []snapSegment
	Procs    []snapProc // parents come before their children
}

// A snapSegment is a segment, of one process or more.
type snapSegment struct {
	Name             string
	Base, Size, Room uint64
	Bss              uint64
	Prot             vm.Prot
	Shared, Cexec    bool
	Runs             []run `json:",omitempty"`
}

// A run is pages that follow each other: their offset in the segment, and length
// in bytes.
type run struct{ Off, Len uint64 }

// A snapProc is a process.
type snapProc struct {
	Pid      int // by which its program knows it
	Parent   int // its place among the processes; the first has none
	Apart    int // rfork's flags for what it does not share with its parent
	Text     string
	Args     []string
	Dot      string
	Segments []int // their places
	State    *taskState

	// What it does not share with its parent.
	Files []snapFile `json:",omitempty"`
	Env   []snapVar  `json:",omitempty"`
	NS    string     `json:",omitempty"`
}

// A snapFile is an open file.
type snapFile struct {
	Fd     int
	Mode   ninep.Mode
	Type   rune
	Name   string
	Offset int64
	Cexec  bool `json:",omitempty"`
	Dup    int  // the descriptor that is of the same open file; its own if it is the first
}

// A snapVar is a variable of the environment.
type snapVar struct {
	Name  string
	Value []byte
}

// everything are the flags with which a process shares nothing.
const everything = proc.RFNAMEG | proc.RFFDG | proc.RFENVG | proc.RFREND

// freeze freezes the task and those that share its memory.
func (t *task) freeze(ctx context.Context) (proc.Frozen, error) {
	f := &frozen{share: t.share}
	var bad error
	if err := t.share.freeze(ctx, func() { bad = f.describe() }); err != nil {
		return nil, err
	}
	if bad != nil {
		f.Close()
		return nil, bad
	}
	return f, nil
}

// A frozen is tasks that stand still.
type frozen struct {
	share  *share
	close  sync.Once
	procs  []*proc.Proc
	segs   []*segment // with a reference
	head   []byte
	pieces []piece // what follows the head
}

// describe makes the file, while nobody does anything.
func (f *frozen) describe() error {
	var tasks []*task
	for t := range f.share.tasks {
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		return ninep.ErrProcDied
	}
	// A child's number is larger than its parent's.
	slices.SortFunc(tasks, func(a, b *task) int { return a.p.Getpid() - b.p.Getpid() })
	snap := snapshot{Kind: tasks[0].name}
	places := make(map[*segment]int)
	for _, t := range tasks {
		sp, err := t.snap(f)
		if err != nil {
			return err
		}
		state := *f.share.tasks[t]
		state.Notes = slices.Concat(state.Notes, t.p.Notes())
		sp.State = &state
		for _, m := range t.image {
			i, ok := places[m.segment]
			if !ok {
				i = len(places)
				places[m.segment] = i
				ss, err := f.segment(m.segment)
				if err != nil {
					return err
				}
				snap.Segments = append(snap.Segments, ss)
			}
			sp.Segments = append(sp.Segments, i)
		}
		snap.Procs = append(snap.Procs, sp)
		f.procs = append(f.procs, t.p)
	}
	b, err := json.MarshalIndent(snap, "", " ")
	if err != nil {
		return err
	}
	f.head = fmt.Appendf(nil, "%s%d\n%s", snapMagic, len(b), b)
	return nil
}

// snap describes a process, but for what it is in memory; f has the processes
// before it.
func (t *task) snap(f *frozen) (snapProc, error) {
	p := t.p
	in := p.Info()
	dot, err := p.DotName()
	if err != nil {
		return snapProc{}, err
	}
	sp := snapProc{Pid: p.Self(), Parent: -1, Apart: everything, Text: in.Text, Args: in.Args, Dot: dot}
	if len(f.procs) > 0 {
		// Who has lost its parent is a child of the first, which does
		// not wait for it.
		sp.Parent = slices.IndexFunc(f.procs, func(o *proc.Proc) bool { return o.Getpid() == in.Ppid })
		orphan := sp.Parent < 0
		sp.Parent = max(sp.Parent, 0)
		if sp.Apart = p.Apart(f.procs[sp.Parent]); orphan {
			sp.Apart |= proc.RFNOWAIT
		}
	}
	if sp.Apart&proc.RFNAMEG != 0 {
		if sp.NS, err = p.NS(); err != nil {
			return sp, err
		}
	}
	if sp.Apart&proc.RFENVG != 0 {
		for _, v := range p.Env().List() {
			sp.Env = append(sp.Env, snapVar{v.Name, v.Value})
		}
	}
	if sp.Apart&proc.RFFDG != 0 {
		sp.Files = t.files()
	}
	return sp, nil
}

// files describes the open files of the process.
func (t *task) files() []snapFile {
	p := t.p
	var list []snapFile
	chans := make(map[*ns.Chan]int)
	for _, d := range p.Fds() {
		c, err := p.FdChan(d.Fd)
		if err != nil {
			continue // closed by somebody else just now
		}
		first, ok := chans[c]
		if !ok {
			first = d.Fd
			chans[c] = first
		}
		c.Close()
		list = append(list, snapFile{d.Fd, d.Mode, d.Type, renumber(d.Name, t.known), d.Offset, d.Cexec, first})
	}
	return list
}

// segment describes a segment and adds its pages to the file.
func (f *frozen) segment(s *segment) (snapSegment, error) {
	f.segs = append(f.segs, s.incref())
	ss := snapSegment{
		Name: s.name, Base: s.base, Size: s.size.Load(), Room: uint64(s.extent.Len), Bss: s.bss,
		Prot: s.prot, Shared: s.shared, Cexec: s.cexec,
	}
	var err error
	if ss.Runs, err = s.filled(); err != nil {
		return ss, err
	}
	for _, r := range ss.Runs {
		f.pieces = append(f.pieces, piece{s, s.base + r.Off, r.Len})
	}
	return ss, nil
}

// A piece is a run of a segment.
type piece struct {
	*segment
	addr, len uint64
}

// filled returns the pages of a segment that are not all zeros.
func (s *segment) filled() (runs []run, err error) {
	buf, zeros := make([]byte, runLen), make([]byte, vm.PageSize)
	for off := uint64(0); off < s.size.Load(); off += runLen {
		if s.isAbsent(off / runLen) {
			continue
		}
		clear(buf)
		if _, err := s.look(buf, s.base+off); err != nil {
			return nil, err
		}
		for at := uint64(0); at < runLen; at += vm.PageSize {
			if bytes.Equal(buf[at:at+vm.PageSize], zeros) {
				continue
			}
			n := uint64(min(vm.PageSize, s.size.Load()-off-at))
			if last := len(runs) - 1; last >= 0 && runs[last].Off+runs[last].Len == off+at {
				runs[last].Len += n
			} else {
				runs = append(runs, run{off + at, n})
			}
		}
	}
	return runs, nil
}

func (f *frozen) ReadAt(_ context.Context, b []byte, off int64) (n int, err error) {
	at := uint64(off)
	if at < uint64(len(f.head)) {
		n = copy(b, f.head[at:])
	}
	at -= min(at, uint64(len(f.head)))
	for _, p := range f.pieces {
		if n == len(b) {
			break
		}
		if at >= p.len {
			at -= p.len
			continue
		}
		want := min(uint64(len(b)-n), p.len-at)
		got, err := p.look(b[n:n+int(want)], p.addr+at)
		if n += got; err != nil {
			return n, err
		}
		at = 0
	}
	return n, nil
}

func (f *frozen) Kill() {
	for _, p := range f.procs {
		p.Kill()
	}
}

func (f *frozen) Close() {
	f.close.Do(func() {
		for _, s := range f.segs {
			s.close()
		}
		f.share.thaw()
	})
}

// isSnap reports whether a file is one of frozen processes.
func isSnap(magic []byte) bool { return strings.HasPrefix(string(magic), snapMagic) }
