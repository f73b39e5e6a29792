package aout

import (
	"ufo/hosted/vm"
	"ufo/ninep"
)

const (
	errNoVM    = ninep.Error("virtual memory allocation failed")
	errOverlap = ninep.Error("segments overlap")
	errInUse   = ninep.Error("file in use")
)

// data returns the segment that brk changes.
func (t *task) data() *mapping {
	for _, m := range t.image {
		if m.name == "Data" {
			return m
		}
	}
	return nil
}

// brk moves the end of the data; 0 asks where it began.
func brk(t *task, a args) (uint64, error) {
	addr := a.ptr(0)
	m := t.data()
	if m == nil {
		return 0, ninep.ErrBadArg
	}
	if addr == 0 {
		return m.base, nil
	}
	return 0, t.resize(m, addr)
}

// resize makes a segment end at an address. What others have of it too cannot
// become shorter.
func (t *task) resize(m *mapping, addr uint64) error {
	if addr < m.base || addr > m.base+uint64(m.extent.Len) {
		return errNoVM
	}
	size := pages(addr - m.base)
	old := m.size.Load()
	if size < old {
		if m.refs.Load() > 1 {
			return errInUse
		}
		m.mem.Zero(vm.Extent{Off: m.extent.Off + int64(size), Len: int64(old - size)})
		if m.mapped > size {
			if err := t.space.Unmap(m.base+size, m.mapped-size); err != nil {
				return errNoVM
			}
			m.mapped = size
		}
	}
	for _, o := range t.image {
		if o != m && o.base < m.base+size && m.base < o.end() {
			return errOverlap
		}
	}
	m.size.Store(size)
	return nil
}

// The names of attached segments.
const (
	memoryName = "Memory"
	sharedName = "Shared"
)

// segattach adds a segment of zeros: the classes are memory and shared.
func segattach(t *task, a args) (uint64, error) {
	class, addr, n := a.str(1), a.ptr(2)&^(vm.PageSize-1), pages(a.ptr(3))
	if class != "memory" && class != "shared" {
		return 0, ninep.Error("segment not found")
	}
	if n == 0 || n > dataRoom {
		return 0, ninep.ErrBadArg
	}
	if addr == 0 {
		addr = t.hole(n)
	}
	if addr < vm.PageSize || addr+n < addr || addr+n > t.stacktop {
		return 0, ninep.ErrBadArg
	}
	for _, m := range t.image {
		if addr < m.base+uint64(m.size.Load()) && m.base < addr+n {
			return 0, errOverlap
		}
	}
	name := memoryName
	if class == "shared" {
		name = sharedName
	}
	s, err := newSegment(t.mem, name, addr, n, n, vm.R|vm.W)
	if err != nil {
		return 0, err
	}
	t.change(append(t.image[:len(t.image):len(t.image)], &mapping{segment: s}))
	return addr, nil
}

// hole returns an address below the stack, and what was attached before, where n
// bytes fit.
func (t *task) hole(n uint64) uint64 {
	addr := t.stacktop - uint64(t.stack) - n
	for again := true; again; {
		again = false
		for _, m := range t.image {
			if addr < m.end() && m.base < addr+n {
				addr, again = m.base-n, true
			}
		}
	}
	return addr
}

// attached returns the place of an attached segment in the image.
func (t *task) attached(addr uint64) (int, error) {
	for i, m := range t.image {
		if addr >= m.base && addr < m.end() {
			if m.name != memoryName && m.name != sharedName {
				return 0, ninep.ErrBadArg
			}
			return i, nil
		}
	}
	return 0, ninep.ErrBadArg
}

func segdetach(t *task, a args) (uint64, error) {
	i, err := t.attached(a.ptr(0))
	if err != nil {
		return 0, err
	}
	m := t.image[i]
	if m.mapped > 0 {
		if err := t.space.Unmap(m.base, m.mapped); err != nil {
			return 0, err
		}
	}
	t.change(append(t.image[:i:i], t.image[i+1:]...))
	m.close()
	return 0, nil
}

// segbrk moves the end of an attached segment.
func segbrk(t *task, a args) (uint64, error) {
	i, err := t.attached(a.ptr(0))
	if err != nil {
		return 0, err
	}
	m, addr := t.image[i], a.ptr(1)
	if addr == 0 {
		return m.base, nil
	}
	return 0, t.resize(m, addr)
}

// segfree gives the pages of a range back; they are zeros afterwards.
func segfree(t *task, a args) (uint64, error) {
	from, n := a.ptr(0), a.ptr(1)
	m := t.image.find(from)
	if m == nil || n > m.end()-from || m.prot&vm.W == 0 {
		return 0, ninep.ErrBadArg
	}
	to := (from + n) &^ (vm.PageSize - 1)
	if from = pages(from); from < to {
		m.mem.Zero(vm.Extent{Off: m.extent.Off + int64(from-m.base), Len: int64(to - from)})
	}
	return 0, nil
}

// segflush has nothing to do: the processors see what is stored.
func segflush(*task, args) (uint64, error) { return 0, nil }
