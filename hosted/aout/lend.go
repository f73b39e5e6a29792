package aout

import (
	"slices"

	"ufo/hosted/vm"
)

// A fork without RFMEM gives the child a copy of the memory. Where that is much,
// nothing is copied at first: the child borrows the runs. It has none of them in
// its space, so that it faults when it first looks at one, and gets its copy then.
// The parent goes on in the same place, but may only read: when it wants to write,
// all who still borrow the run get their copies first.
//
// So memory of a segment is always in its own place and in one piece, for us as
// for programs, and a copy never changes what another space has mapped: that would
// need a stop of who runs there. Only the beginning of a loan does, where several
// processes share what is lent.
//
// What a system call is going to write, as read(2) does when the bytes come,
// passes by the mappings. A pin says where, and that is copied at once.

// copyMax is how much a fork copies at once, in bytes: less than this costs less
// than the faults. See BenchmarkFork.
const copyMax = 4 * runLen

// fork returns the copy of a segment for a child, whose account it goes on.
func (s *segment) fork(account *account) (*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; s.lender != nil && i < len(s.runs); i++ {
		if s.runs[i] == borrowed { // who lends owes nothing
			if err := s.take(i); err != nil {
				return nil, err
			}
		}
	}
	c, err := newSegment(s.mem, account, s.name, s.base, s.size.Load(), uint64(s.extent.Len), s.prot)
	if err != nil {
		return nil, err
	}
	c.bss, c.cexec = s.bss, s.cexec
	if s.given.Load() > copyMax {
		err = s.lend(c)
	} else {
		err = s.copyTo(c)
	}
	if err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// copyTo copies what is there to a new segment.
func (s *segment) copyTo(c *segment) error {
	for i, st := range s.runs {
		if st != present {
			continue
		}
		if !c.account.take(runLen) {
			return errNoMemory
		}
		c.set(i, present)
		if s.mem.Copy(c.piece(i, i+1), s.piece(i, i+1)) != nil {
			return errNoMemory
		}
	}
	return nil
}

// lend lends all runs to a new segment.
func (s *segment) lend(c *segment) error {
	for t := range s.users {
		t.halt()
	}
	c.mu, c.lender = s.mu, s
	if s.borrowers == nil {
		s.borrowers = make(map[*segment]bool)
	}
	for i, st := range s.runs {
		if st == present {
			c.set(i, borrowed)
			c.owed++
			s.borrowers[c] = true
		}
	}
	if c.owed == 0 {
		c.lender = nil
	}
	for _, p := range s.pins {
		for i := p.runs[0]; i < p.runs[1]; i++ {
			if err := s.collect(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// lent reports whether somebody borrows a run.
func (s *segment) lent(i int) bool {
	for b := range s.borrowers {
		if b.state(i) == borrowed {
			return true
		}
	}
	return false
}

// collect gives those who borrow a run their copies.
func (s *segment) collect(i int) error {
	for b := range s.borrowers {
		if b.state(i) == borrowed {
			if err := b.take(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// use notes that a task has the segment in its space.
func (s *segment) use(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		s.users = make(map[*task]bool)
	}
	s.users[t] = true
}

func (s *segment) unuse(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, t)
	s.unpin(t)
}

// sharers returns how many processes have it.
func (s *segment) sharers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.users)
}

// others returns who has it too.
func (s *segment) others(t *task) (list []*task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for o := range s.users {
		if o != t {
			list = append(list, o)
		}
	}
	return list
}

// unpin takes the pins of a task away. The caller holds mu.
func (s *segment) unpin(t *task) {
	s.pins = slices.DeleteFunc(s.pins, func(p pin) bool { return p.t == t })
}

// A mapping is a segment as a process has it.
type mapping struct {
	*segment
	mapped []vm.Prot // what its space allows in each run; 0: not mapped
}

// allowed returns what a space may have of a run: nothing, all, or all but to
// write. The caller holds mu.
func (m *mapping) allowed(i int) vm.Prot {
	switch {
	case m.state(i) != present:
		return 0
	case m.lent(i):
		return m.prot &^ vm.W
	}
	return m.prot
}

func (m *mapping) has(i int) vm.Prot {
	if i < len(m.mapped) {
		return m.mapped[i]
	}
	return 0
}

// attach maps what is there in the space, if it is not mapped that way already.
func (m *mapping) attach(space vm.Space) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mapRuns(space, 0, m.count())
}

// mapRuns does it for some runs: with as few calls as that takes.
func (m *mapping) mapRuns(space vm.Space, from, to int) error {
	for from < to {
		prot := m.allowed(from)
		if prot == 0 || prot == m.has(from) {
			from++
			continue
		}
		n := from + 1
		for n < to && m.allowed(n) == prot && m.has(n) != prot {
			n++
		}
		if err := m.mapPiece(space, from, n, prot); err != nil {
			return err
		}
		from = n
	}
	return nil
}

// mapPiece maps runs, up to the last page that is valid.
func (m *mapping) mapPiece(space vm.Space, from, to int, prot vm.Prot) error {
	e := m.piece(from, to)
	off := int64(from) * runLen
	e.Len = min(e.Len, int64(pages(m.size.Load()))-off)
	if err := space.Map(m.base+uint64(off), e, prot); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		m.note(i, prot&^vm.Soon)
	}
	return nil
}

func (m *mapping) note(i int, prot vm.Prot) {
	if more := i + 1 - len(m.mapped); more > 0 {
		m.mapped = append(m.mapped, make([]vm.Prot, more)...)
	}
	m.mapped[i] = prot
}

// touch gives a run memory for who faulted there, and some that it will want next:
// the more the more it has. It maps them, and what is like them around.
func (m *mapping) touch(space vm.Space, i int, write bool, room int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := i, i+1
	if st := m.state(i); st != present || write {
		if st != present {
			from, to = m.ahead(i, int(min(max(m.given.Load()/runLen/4, minAhead), maxAhead)))
		}
		if m.own(from, to, room) != nil {
			from, to = i, i+1
			if err := m.own(from, to, room); err != nil {
				return err
			}
		}
	}
	prot := m.allowed(i)
	same := func(i int) bool { return m.allowed(i) == prot && m.has(i) != prot }
	for from > 0 && same(from-1) {
		from--
	}
	for to < m.count() && same(to) {
		to++
	}
	if m.given.Load() > soonMin {
		prot |= vm.Soon
	}
	return m.mapPiece(space, from, to, prot)
}

// ahead returns the runs, of the n that are a block with one, of which a fault at it
// makes others likely.
func (m *mapping) ahead(i, n int) (from, to int) {
	first := i - i%n
	for from = i; from > first && m.state(from-1) == m.state(i); {
		from--
	}
	for to = i + 1; to < min(first+n, m.count()) && m.state(to) == m.state(i); {
		to++
	}
	return from, to
}

// Of how many runs a fault gives at least, if there are so many, and at most; and
// how many bytes a program has that is going to use all that it is given.
const (
	minAhead = 4
	maxAhead = 64
	soonMin  = 8 << 20
)
