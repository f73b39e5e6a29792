package aout

import (
	"sync/atomic"

	"ufo/hosted/vm"
	"ufo/ninep"
)

// A segment is a piece of memory at an address, of which each process that shares
// it has a reference.
type segment struct {
	name   string // as /proc/n/segment says: Text, Data, Bss, Stack
	base   uint64
	extent vm.Extent // as long as it may become
	prot   vm.Prot
	mem    *vm.Memory
	refs   atomic.Int32
	size   atomic.Uint64 // how much of it is valid
}

// newSegment returns a segment whose size may become room, all zeros.
func newSegment(mem *vm.Memory, name string, base, size, room uint64, prot vm.Prot) (*segment, error) {
	e, err := mem.Alloc(int64(room))
	if err != nil {
		return nil, errNoMemory
	}
	s := &segment{name: name, base: base, extent: e, prot: prot, mem: mem}
	s.refs.Store(1)
	s.size.Store(size)
	return s, nil
}

const errNoMemory = ninep.Error("insufficient memory")

func (s *segment) incref() *segment {
	s.refs.Add(1)
	return s
}

// close drops a reference; memory without any goes back.
func (s *segment) close() {
	if s.refs.Add(-1) == 0 {
		s.mem.Free(s.extent)
	}
}

// end returns the first address that is not valid.
func (s *segment) end() uint64 { return s.base + s.size.Load() }

// bytes returns n bytes at an address, all of which is in the segment. The
// program may change them at any time.
func (s *segment) bytes(addr, n uint64) []byte {
	return s.mem.Bytes(s.extent.Off+int64(addr-s.base), int64(n))
}

// copy returns a segment with the same in it.
func (s *segment) copy() (*segment, error) {
	n, err := newSegment(s.mem, s.name, s.base, s.size.Load(), uint64(s.extent.Len), s.prot)
	if err != nil {
		return nil, err
	}
	if err := s.mem.Copy(n.extent, vm.Extent{Off: s.extent.Off, Len: int64(s.size.Load())}); err != nil {
		n.close()
		return nil, errNoMemory
	}
	return n, nil
}

// A mapping is a segment as a process has it.
type mapping struct {
	*segment
	mapped uint64 // so much of it is mapped in the process's space
}

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

// bytes returns n bytes at an address, false if they are not all the process's.
func (im image) bytes(addr, n uint64) ([]byte, bool) {
	m := im.find(addr)
	if m == nil || n > m.end()-addr {
		return nil, false
	}
	return m.bytes(addr, n), true
}

// fork returns the memory of a child: text and, with share, data are the same,
// all else is copied.
func (im image) fork(share bool) (image, error) {
	var kid image
	for _, m := range im {
		s := m.segment
		var err error
		switch {
		case m.prot&vm.W == 0, m.name == sharedName, share && m.name != stackName:
			s.incref()
		default:
			s, err = s.copy()
		}
		if err != nil {
			kid.close()
			return nil, err
		}
		kid = append(kid, &mapping{segment: s})
	}
	return kid, nil
}

// close gives back what the process has.
func (im image) close() {
	for _, m := range im {
		m.close()
	}
}

// attach maps in the space what is not mapped yet of a segment.
func (m *mapping) attach(space vm.Space) error {
	size := pages(m.size.Load())
	if size <= m.mapped {
		return nil
	}
	at := m.mapped
	e := vm.Extent{Off: m.extent.Off + int64(at), Len: int64(size - at)}
	if err := space.Map(m.base+at, e, m.prot); err != nil {
		return err
	}
	m.mapped = size
	return nil
}
