package aout

import (
	"sync"
	"sync/atomic"

	"ufo/hosted/vm"
)

// A segment is a piece of memory at an address, of which each process that shares
// it has a reference. Its place in the host's memory is as long as it may become;
// of that it has those runs that were used, and counts them.
//
// A process that forks lends its runs to the child: see lend.go.
type segment struct {
	name    string // as /proc/n/segment says: Text, Data, Stack
	base    uint64
	bss     uint64    // of Data: where the zeros begin that brk moves the end of
	extent  vm.Extent // as long as it may become
	prot    vm.Prot
	shared  bool // children have it too
	cexec   bool // exec drops it
	mem     *vm.Memory
	account *account
	refs    atomic.Int32
	size    atomic.Uint64 // how much of it is valid
	given   atomic.Int64  // bytes of its runs that are present

	mu        *sync.Mutex // guards what follows; one of all that lend to each other
	runs      []state     // those behind are absent
	dead      bool        // without references
	lender    *segment    // who has the borrowed runs; nil for nobody
	owed      int         // borrowed runs
	borrowers map[*segment]bool
	users     map[*task]bool // that have it in their spaces
	pins      []pin
}

// A state is what a segment has of a run.
type state byte

const (
	absent   state = iota // zeros: no memory yet
	present               // memory of its own
	borrowed              // what the lender has there
)

// A pin is a piece of a segment that a system call of a task will change.
type pin struct {
	t    *task
	runs [2]int // the first, and the one behind the last
}

// newSegment returns a segment whose size may become room, all zeros.
func newSegment(mem *vm.Memory, account *account, name string, base, size, room uint64, prot vm.Prot) (*segment, error) {
	e, err := mem.Alloc(int64(room))
	if err != nil {
		return nil, errNoMemory
	}
	s := &segment{name: name, base: base, extent: e, prot: prot, mem: mem, account: account, mu: new(sync.Mutex)}
	s.refs.Store(1)
	s.size.Store(size)
	return s, nil
}

func (s *segment) incref() *segment {
	s.refs.Add(1)
	return s
}

// close drops a reference; memory without any goes back, if it is not lent.
func (s *segment) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

// release is close with mu held.
func (s *segment) release() {
	if s.refs.Add(-1) > 0 {
		return
	}
	s.dead = true
	for i := range s.runs {
		switch {
		case s.runs[i] == borrowed:
			s.set(i, absent)
		case s.runs[i] == present && len(s.borrowers) == 0: // bury makes zeros of all
			s.give(i)
		case s.runs[i] == present && !s.lent(i):
			s.drop(i)
		}
	}
	s.bury()
}

// bury gives back the place of a segment that nobody refers to or borrows from.
func (s *segment) bury() {
	if s.dead && len(s.borrowers) == 0 {
		s.mem.Free(s.extent)
		s.extent = vm.Extent{}
	}
}

// end returns the first address that is not valid.
func (s *segment) end() uint64 { return s.base + s.size.Load() }

// index returns the number of the run that an address is in.
func (s *segment) index(addr uint64) int { return int((addr - s.base) / runLen) }

// span returns the runs that n bytes at an address are in.
func (s *segment) span(addr, n uint64) (from, to int) {
	return s.index(addr), s.index(addr+n-1) + 1
}

// count returns how many runs are valid.
func (s *segment) count() int { return int((s.size.Load() + runLen - 1) / runLen) }

// piece returns where the runs are in memory.
func (s *segment) piece(from, to int) vm.Extent {
	off := int64(from) * runLen
	return vm.Extent{Off: s.extent.Off + off, Len: min(int64(to)*runLen, s.extent.Len) - off}
}

// state returns what there is of a run. The caller holds mu, here and below.
func (s *segment) state(i int) state {
	if i < len(s.runs) {
		return s.runs[i]
	}
	return absent
}

// set changes it. A run that is borrowed no more may be the lender's last.
func (s *segment) set(i int, to state) {
	if more := i + 1 - len(s.runs); more > 0 {
		s.runs = append(s.runs, make([]state, more)...)
	}
	was := s.runs[i]
	s.runs[i] = to
	switch {
	case to == present:
		s.given.Add(runLen)
	case was == present:
		s.given.Add(-runLen)
	}
	if was != borrowed {
		return
	}
	l := s.lender
	if l.dead && !l.lent(i) {
		l.drop(i)
	}
	if s.owed--; s.owed == 0 {
		delete(l.borrowers, s)
		s.lender = nil
		l.bury()
	}
}

// drop gives the memory of a run back.
func (s *segment) drop(i int) {
	s.mem.Zero(s.piece(i, i+1))
	s.give(i)
}

// give notes that it is given back.
func (s *segment) give(i int) {
	s.set(i, absent)
	s.account.give(runLen)
}

// own gives the segment memory for runs, which is lent to nobody afterwards; room
// is how much the process may still get, in bytes.
func (s *segment) own(from, to int, room int64) error {
	for i := from; i < to; i++ {
		if s.state(i) != present {
			if room -= runLen; room < 0 {
				return errNoMemory
			}
			if err := s.take(i); err != nil {
				return err
			}
		}
		if err := s.collect(i); err != nil {
			return err
		}
	}
	return nil
}

// take makes a run present: zeros, or a copy of what was borrowed.
func (s *segment) take(i int) error {
	if !s.account.take(runLen) {
		return errNoMemory
	}
	if s.state(i) == borrowed {
		if err := s.mem.Copy(s.piece(i, i+1), s.lender.piece(i, i+1)); err != nil {
			s.mem.Zero(s.piece(i, i+1))
			s.account.give(runLen)
			return errNoMemory
		}
	}
	s.set(i, present)
	return nil
}

// bytes returns n bytes at an address, all of which is in the segment. The
// program may change them at any time.
func (s *segment) bytes(addr, n uint64) []byte {
	return s.mem.Bytes(s.extent.Off+int64(addr-s.base), int64(n))
}

// zero makes zeros of the pages from an offset to another.
func (s *segment) zero(from, to uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for from < to {
		i := int(from / runLen)
		n := min(to, uint64(i+1)*runLen) - from
		switch {
		case s.state(i) == borrowed && n == runLen:
			s.set(i, absent)
		case s.state(i) != absent:
			if err := s.own(i, i+1, runLen); err != nil {
				return err
			}
			s.mem.Zero(vm.Extent{Off: s.extent.Off + int64(from), Len: int64(n)})
		}
		from += n
	}
	return nil
}

// cut takes away the runs from one on, which no space may have mapped.
func (s *segment) cut(from int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := from; i < len(s.runs); i++ {
		if err := s.collect(i); err != nil {
			return err
		}
		switch s.runs[i] {
		case borrowed:
			s.set(i, absent)
		case present:
			s.drop(i)
		}
	}
	return nil
}
