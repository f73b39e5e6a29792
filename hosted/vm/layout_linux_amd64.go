package vm

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"
)

// A layout is what is mapped in an address space: by address, with nothing twice.
//
// A stub keeps what its program had mapped when that ends. The next is probably the
// same program again, or another process of it, which wants much of that where it
// is: then it is there at once, with the host's page tables for it. All else goes
// before the new program runs: see [layout.calls].
type layout []piece

// A piece is mapped from an address to another.
type piece struct {
	addr, end uint64
	off       int64 // in Memory
	prot      Prot
}

// find returns the number of the first piece that ends behind an address.
func (l layout) find(addr uint64) int {
	i, _ := slices.BinarySearchFunc(l, addr, func(p piece, addr uint64) int {
		if p.end <= addr {
			return -1
		}
		return 1
	})
	return i
}

// cut takes away what is mapped from an address to another.
func (l *layout) cut(addr, end uint64) {
	var rest []piece // of the pieces there
	from := l.find(addr)
	to := from
	for ; to < len(*l) && (*l)[to].addr < end; to++ {
		p := (*l)[to]
		rest = append(rest, p.within(p.addr, addr)...)
		rest = append(rest, p.within(end, p.end)...)
	}
	*l = slices.Replace(*l, from, to, rest...)
}

// within returns what of a piece is between two addresses: one or none.
func (p piece) within(addr, end uint64) []piece {
	addr, end = max(addr, p.addr), min(end, p.end)
	if addr >= end {
		return nil
	}
	return []piece{{addr, end, p.off + int64(addr-p.addr), p.prot}}
}

// add maps a piece, in place of what was there.
func (l *layout) add(p piece) {
	l.cut(p.addr, p.end)
	i := l.find(p.addr)
	if i < len(*l) && p.before((*l)[i]) {
		p.end = (*l)[i].end
		*l = slices.Delete(*l, i, i+1)
	}
	if i > 0 && (*l)[i-1].before(p) {
		(*l)[i-1].end = p.end
		return
	}
	*l = slices.Insert(*l, i, p)
}

// before reports whether q goes on where p ends, as if they were one.
func (p piece) before(q piece) bool {
	return p.end == q.addr && p.off+int64(p.end-p.addr) == q.off && p.prot == q.prot
}

// kept returns what is mapped in the same way in both.
func (l layout) kept(want layout) (same layout) {
	for _, w := range want {
		for i := l.find(w.addr); i < len(l) && l[i].addr < w.end; i++ {
			if l[i].prot == w.prot && l[i].off-w.off == int64(l[i].addr-w.addr) {
				same = append(same, l[i].within(w.addr, w.end)...)
			}
		}
	}
	return same
}

// A span is addresses: from one to another.
type span struct{ addr, end uint64 }

// calls returns the system calls that make another layout of what is in the spans:
// all there that the other has not goes, from each gap at once.
func (l layout) calls(want layout, spans []span) (list []hostCall) {
	kept := l.kept(want)
	for _, s := range spans {
		for _, gap := range kept.gaps(s) {
			if i := l.find(gap.addr); i < len(l) && l[i].addr < gap.end {
				list = append(list, hostCall{unix.SYS_MUNMAP, gap.addr, gap.end - gap.addr})
			}
		}
	}
	for _, p := range want {
		for _, gap := range kept.gaps(span{p.addr, p.end}) {
			list = append(list, p.within(gap.addr, gap.end)[0].call())
		}
	}
	return list
}

// gaps returns where in a span nothing is.
func (l layout) gaps(s span) (list []span) {
	for i := l.find(s.addr); i < len(l) && l[i].addr < s.end; i++ {
		if l[i].addr > s.addr {
			list = append(list, span{s.addr, l[i].addr})
		}
		s.addr = l[i].end
	}
	if s.addr < s.end {
		list = append(list, s)
	}
	return list
}

// call returns the system call that maps a piece.
func (p piece) call() hostCall {
	return hostCall{unix.SYS_MMAP, p.addr, p.end - p.addr, hostProt(p.prot), unix.MAP_SHARED | unix.MAP_FIXED, stubMemory, uint64(p.off)}
}

var errStub = errors.New("no program can have memory there")

// A plan is the layout of a space, and what its stub has to do until that is so. To
// have it do much costs little more than one thing.
type plan struct {
	layout layout
	todo   []hostCall
	begun  bool // there is a stub: until then todo is not known
}

// begin makes the plan that of a stub.
func (p *plan) begin(has layout, spans []span) {
	p.todo, p.begun = has.calls(p.layout, spans), true
}

// add maps an extent, in place of what was there, but not where stubs have what is
// theirs.
func (p *plan) add(addr uint64, e Extent, prot Prot) error {
	if addr < stubTop && stubAddr < addr+uint64(e.Len) {
		return errStub
	}
	p.set(addr, e, prot)
	return nil
}

// set is add for what stubs have.
func (p *plan) set(addr uint64, e Extent, prot Prot) {
	q := piece{addr, addr + uint64(e.Len), e.Off, prot &^ Soon}
	p.layout.add(q)
	c := q.call()
	if prot&Soon != 0 {
		c[4] |= unix.MAP_POPULATE
	}
	p.do(c)
}

// cut takes away what is mapped in a range.
func (p *plan) cut(addr, n uint64) {
	p.layout.cut(addr, addr+n)
	p.do(hostCall{unix.SYS_MUNMAP, addr, n})
}

func (p *plan) do(c hostCall) {
	if p.begun {
		p.todo = append(p.todo, c)
	}
}

// left returns what the stub has in the end; nil if that is not known.
func (p *plan) left() layout {
	if len(p.todo) > 0 {
		return nil
	}
	return p.layout
}
