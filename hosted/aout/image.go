package aout

import (
	"math"

	"ufo/hosted/vm"
)

// An image is the memory of a process.
type image []*mapping

// find returns the mapping that an address is in, nil for none.
func (im image) find(addr uint64) *mapping {
	for _, m := range im {
		if addr >= m.base && addr < m.end() {
			return m
		}
	}
	return nil
}

// bytes returns n bytes at an address, false if they are not all the process's,
// or if there is no memory for them.
func (im image) bytes(addr, n uint64) ([]byte, bool) {
	m := im.find(addr)
	if m == nil || n == 0 || n > m.end()-addr {
		return nil, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := m.span(addr, n)
	if m.own(from, to, im.left()) != nil {
		return nil, false
	}
	return m.bytes(addr, n), true
}

// room is bytes for what is going to be written: not to what is read-only.
func (im image) room(addr, n uint64) ([]byte, bool) {
	if m := im.find(addr); m == nil || m.prot&vm.W == 0 {
		return nil, false
	}
	return im.bytes(addr, n)
}

// pin is bytes for what a system call changes or reads later, when it has waited:
// until it ends the task's.
func (im image) pin(t *task, addr, n uint64) ([]byte, bool) {
	b, ok := im.bytes(addr, n)
	if !ok {
		return nil, false
	}
	m := im.find(addr)
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := m.span(addr, n)
	if m.refs.Load() > 1 { // also of a child that does not run yet
		m.pins = append(m.pins, pin{t, [2]int{from, to}})
		t.pinned = append(t.pinned, m.segment)
	}
	if m.own(from, to, im.left()) != nil { // lent between the two locks
		return nil, false
	}
	return b, m.mem.Populate(m.extent.Off+int64(addr-m.base), int64(n)) == nil
}

// unpin ends what pin began.
func (t *task) unpin() {
	for _, s := range t.pinned {
		s.mu.Lock()
		s.unpin(t)
		s.mu.Unlock()
	}
	t.pinned = t.pinned[:0]
}

// used returns how much memory the process has, in bytes.
func (im image) used() (n int64) {
	for _, m := range im {
		n += m.given.Load()
	}
	return n
}

// left returns how much more it may get.
func (im image) left() int64 {
	for _, m := range im {
		if m.account.process > 0 {
			return m.account.process - im.used()
		}
	}
	return math.MaxInt64
}

// fork returns the memory of a child: text and, with share, data are the
// same, all else is copied.
func (im image) fork(share bool) (image, error) {
	var kid image
	for _, m := range im {
		s, err := m.inherited(share)
		if err != nil {
			kid.close()
			return nil, err
		}
		kid = append(kid, &mapping{segment: s})
	}
	return kid, nil
}

// inherited returns the segment as a child has it, with a reference.
func (s *segment) inherited(share bool) (*segment, error) {
	if s.name == textName || s.shared || share && s.name != stackName {
		return s.incref(), nil
	}
	return s.fork(s.account)
}

// close gives back what the process has.
func (im image) close() {
	for _, m := range im {
		m.close()
	}
}

// attach maps what there is in the space of a task.
func (im image) attach(space vm.Space) error {
	for _, m := range im {
		if err := m.attach(space); err != nil {
			return err
		}
	}
	return nil
}
