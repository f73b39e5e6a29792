package aout

import (
	"slices"

	"ufo/hosted/vm"
	"ufo/ninep"
)

const (
	errNoVM    = ninep.Error("virtual memory allocation failed")
	errOverlap = ninep.Error("segments overlap")
)

// data returns the segment that brk changes.
func (t *task) data() *mapping {
	for _, m := range t.image {
		if m.name == dataName {
			return m
		}
	}
	return nil
}

// brk moves the end of the data; 0 asks where it began.
func brk(t *task, a args) (uint64, error) {
	m := t.data()
	if m == nil {
		return 0, ninep.ErrBadArg
	}
	return t.brk(m, a.ptr(0))
}

// brk is the system call for a data segment.
func (t *task) brk(m *mapping, addr uint64) (uint64, error) {
	if addr == 0 {
		return m.bss, nil
	}
	if addr >= m.base {
		addr = max(addr, m.bss)
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
	for _, o := range t.image {
		if o != m && o.base < m.base+size && m.base < o.end() {
			return errOverlap
		}
	}
	for {
		old := m.size.Load()
		if size < old {
			if m.refs.Load() > 1 {
				return ninep.ErrInUse
			}
			if err := t.shrink(m, size, old); err != nil {
				return err
			}
		}
		if m.size.CompareAndSwap(old, size) { // or another that has it made it longer
			return nil
		}
	}
}

// shrink takes away the pages of a segment, which nobody else has, from one size to
// another.
func (t *task) shrink(m *mapping, size, old uint64) error {
	if err := t.space.Unmap(m.base+size, old-size); err != nil {
		return errNoVM
	}
	whole := (size + runLen - 1) / runLen
	for i := int(whole); i < len(m.mapped); i++ {
		m.mapped[i] = 0
	}
	if err := m.zero(size, min(old, whole*runLen)); err != nil {
		return err
	}
	return m.cut(int(whole))
}

// The names of attached segments.
const (
	memoryName = "Memory"
	sharedName = "Shared"
)

// The attributes of segments, and how many a process may attach.
const (
	readOnly    = 0040 // SG_RONLY
	closeOnExec = 0100 // SG_CEXEC
	maxAttached = 8
)

// segattach adds a segment of zeros: the classes are memory and shared.
func segattach(t *task, a args) (uint64, error) {
	class, addr, n := a.str(1), a.ptr(2), a.ptr(3)
	if n > dataRoom {
		return 0, errNoVM
	}
	if n = pages(n + addr%vm.PageSize); n == 0 || addr >= t.stacktop {
		return 0, ninep.ErrBadArg
	}
	if addr &^= vm.PageSize - 1; a.ptr(2) == 0 {
		if addr = t.hole(n); addr == 0 {
			return 0, errNoVM
		}
	}
	if addr < vm.PageSize || addr >= t.stacktop || n > t.stacktop-addr {
		return 0, ninep.ErrBadArg
	}
	if t.image.overlaps(addr, n) {
		return 0, errOverlap
	}
	attached := 0
	for _, m := range t.image {
		if m.attached() {
			attached++
		}
	}
	if attached == maxAttached {
		return 0, errNoVM
	}
	s, err := t.attached(class, a.int(0), addr, n)
	if err != nil {
		return 0, err
	}
	s.use(t)
	t.change(append(t.image[:len(t.image):len(t.image)], &mapping{segment: s}))
	return addr, nil
}

// attached returns a new segment of a class.
func (t *task) attached(class string, attr int, addr, n uint64) (*segment, error) {
	name := map[string]string{"memory": memoryName, "shared": sharedName}[class]
	if name == "" {
		return nil, ninep.ErrBadArg
	}
	prot := vm.R | vm.W
	if attr&readOnly != 0 {
		prot = vm.R
	}
	s, err := newSegment(t.mem, t.account, name, addr, n, n, prot)
	if err == nil {
		s.shared, s.cexec = class == "shared", attr&closeOnExec != 0
	}
	return s, err
}

// hole returns an address below the stack, and what was attached before, where n
// bytes fit; 0 if they fit nowhere.
func (t *task) hole(n uint64) uint64 {
	top := t.stacktop - uint64(t.stack)
	for again := true; again; {
		again = false
		for _, m := range t.image {
			if n >= top {
				return 0
			}
			if top-n < m.end() && m.base < top {
				top, again = m.base, true
			}
		}
	}
	return top - n
}

// segdetach takes away what is no stack.
func segdetach(t *task, a args) (uint64, error) {
	m := t.image.find(a.ptr(0))
	if m == nil || m.name == stackName {
		return 0, ninep.ErrBadArg
	}
	if err := t.space.Unmap(m.base, pages(m.size.Load())); err != nil {
		return 0, err
	}
	t.change(slices.DeleteFunc(slices.Clone(t.image), func(o *mapping) bool { return o == m }))
	m.unuse(t)
	m.close()
	return 0, nil
}

// segbrk moves the end of a segment: an attached one, or the data like brk, if it is
// given an address behind those of the file.
func segbrk(t *task, a args) (uint64, error) {
	m, addr := t.image.find(a.ptr(0)), a.ptr(1)
	if m != nil && m.name == dataName && a.ptr(0) >= m.bss {
		return t.brk(m, addr)
	}
	if m == nil || !m.attached() {
		return 0, ninep.ErrBadArg
	}
	if addr == 0 {
		return m.base, nil
	}
	return 0, t.resize(m, addr)
}

// segfree gives the pages of a range back; they are zeros afterwards, but those of
// text stay.
func segfree(t *task, a args) (uint64, error) {
	from, n := a.ptr(0), a.ptr(1)
	m, to := t.image.find(from), from+n
	if m == nil || to < from {
		return 0, ninep.ErrBadArg
	}
	from, to = pages(from), to&^(vm.PageSize-1)
	if from >= to || m.prot&vm.W == 0 {
		return 0, nil
	}
	if to > m.end() {
		return 0, ninep.ErrBadArg
	}
	return 0, m.zero(from-m.base, to-m.base)
}

// segflush has nothing to do: the processors see what is stored.
func segflush(*task, args) (uint64, error) { return 0, nil }
