package vm

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Memory is the memory of spaces: pages in a sparse file without a name, which
// has pages where something was stored.
type Memory struct {
	file    *os.File
	all     []byte
	buffers sync.Pool // of *[]byte

	mu     sync.Mutex // guards what follows
	recent []Extent   // were freed last, the last one last
	free   []Extent   // by offset; neighbours are one
	top    int64      // nothing was given out above

	pool pool // of stubs

	tried  sync.Once // sets what follows
	chosen Platform  // of Default
}

// An Extent is a piece of Memory: its offset and length in bytes, multiples of
// PageSize.
type Extent struct{ Off, Len int64 }

// sizes are how much address space Memory tries to get, which is all that limits
// it: pages cost memory when they are used.
var sizes = []int64{1 << 46, 1 << 44, 1 << 42, 1 << 40, 1 << 38, 1 << 36, 1 << 34}

// NewMemory returns Memory without extents.
func NewMemory() (*Memory, error) {
	fd, err := unix.MemfdCreate("memory", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(fd), "memory")
	for _, size := range sizes {
		if err = unix.Ftruncate(fd, size); err != nil {
			continue
		}
		var all []byte
		all, err = unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_NORESERVE)
		if err == nil {
			return &Memory{file: file, all: all}, nil
		}
	}
	file.Close()
	return nil, fmt.Errorf("no address space for memory: %w", err)
}

// platform returns the one that Default is, which the first who asks tries.
func (m *Memory) platform() Platform {
	m.tried.Do(func() { m.chosen = firstWorking(Trapped, Ptrace) })
	return m.chosen
}

// HostMemory returns how much memory the host has, in bytes; 0 if that is unknown.
func HostMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// Close gives all of it back. Nothing may use it any more.
func (m *Memory) Close() error {
	m.pool.close()
	err := unix.Munmap(m.all)
	m.file.Close()
	return err
}

// Alloc returns n bytes of zeros, n rounded up to pages: if possible what was freed
// lately, as it was, which idle stubs may still have mapped.
func (m *Memory) Alloc(n int64) (Extent, error) {
	n = (n + PageSize - 1) &^ (PageSize - 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, e := range slices.Backward(m.recent) {
		if e.Len == n {
			m.recent = slices.Delete(m.recent, i, i+1)
			return e, nil
		}
	}
	if m.top+n > int64(len(m.all)) {
		m.settle(0)
	}
	for i, e := range m.free {
		if e.Len < n {
			continue
		}
		if m.free[i] = (Extent{e.Off + n, e.Len - n}); e.Len == n {
			m.free = slices.Delete(m.free, i, i+1)
		}
		return Extent{e.Off, n}, nil
	}
	if m.top+n > int64(len(m.all)) {
		return Extent{}, fmt.Errorf("out of physical memory: no address space for %d bytes", n)
	}
	e := Extent{m.top, n}
	m.top += n
	return e, nil
}

// maxRecent is how many extents are kept as they were.
const maxRecent = 64

// Free gives an extent back, which no space may have mapped any more. Idle stubs may:
// that is gone before they run a program.
func (m *Memory) Free(e Extent) {
	if e.Len == 0 {
		return
	}
	m.pool.forget(m, e)
	m.Zero(e)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recent = append(m.recent, e)
	m.settle(maxRecent)
}

// settle lets extents become one with their neighbours, but for n. The caller holds
// mu.
func (m *Memory) settle(n int) {
	for len(m.recent) > n {
		m.join(m.recent[0])
		m.recent = slices.Delete(m.recent, 0, 1)
	}
}

// join adds an extent to those that are free.
func (m *Memory) join(e Extent) {
	i, _ := slices.BinarySearchFunc(m.free, e, func(a, b Extent) int { return int((a.Off - b.Off) / PageSize) })
	if i < len(m.free) && e.Off+e.Len == m.free[i].Off {
		e.Len += m.free[i].Len
		m.free = slices.Delete(m.free, i, i+1)
	}
	if i > 0 && m.free[i-1].Off+m.free[i-1].Len == e.Off {
		i--
		e = Extent{m.free[i].Off, m.free[i].Len + e.Len}
		m.free = slices.Delete(m.free, i, i+1)
	}
	if e.Off+e.Len == m.top {
		m.top = e.Off
		return
	}
	m.free = slices.Insert(m.free, i, e)
}

// Given returns how many bytes were given out and not back.
func (m *Memory) Given() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.top
	for _, list := range [][]Extent{m.recent, m.free} {
		for _, e := range list {
			n -= e.Len
		}
	}
	return n
}

// Zero makes zeros of an extent, and gives its pages back to the host.
func (m *Memory) Zero(e Extent) {
	err := unix.Fallocate(int(m.file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, e.Off, e.Len)
	if err != nil {
		clear(m.Bytes(e.Off, e.Len))
	}
}

// Bytes returns n bytes at an offset: not a copy. Programs may change them at any
// time, and after Free they are another's.
func (m *Memory) Bytes(off, n int64) []byte { return m.all[off : off+n : off+n] }

// Has reports whether an address is where Memory is mapped: a fault there means
// that the host has no memory.
func (m *Memory) Has(addr uintptr) bool {
	return addr-uintptr(unsafe.Pointer(unsafe.SliceData(m.all))) < uintptr(len(m.all))
}

// Copy copies what is not zero of an extent to another of at least its length,
// which is new. It reads and writes the file: that costs less than faults of our
// mapping, and gives an error where the host has no memory, instead of a signal.
func (m *Memory) Copy(to, from Extent) error {
	end := from.Off + from.Len
	var buf []byte
	for off := from.Off; off < end; {
		data, hole, err := m.stored(off, end)
		if err != nil || data == end {
			return err
		}
		if buf == nil {
			buf = m.buffer()
			defer m.buffers.Put(&buf)
		}
		for at := data; at < hole; at += int64(len(buf)) {
			b := buf[:min(int64(len(buf)), hole-at)]
			if _, err := m.file.ReadAt(b, at); err != nil {
				return err
			}
			if err := m.store(b, to.Off+at-from.Off); err != nil {
				return err
			}
		}
		off = hole
	}
	return nil
}

// buffer returns what Copy copies with.
func (m *Memory) buffer() []byte {
	if b, ok := m.buffers.Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 64<<10)
}

// store writes the pages of b that are not zero.
func (m *Memory) store(b []byte, off int64) error {
	for len(b) > 0 {
		n := 0
		for n < len(b) && !allZero(b[n:n+PageSize]) {
			n += PageSize
		}
		if n > 0 {
			if _, err := m.file.WriteAt(b[:n], off); err != nil {
				return err
			}
		}
		n = min(n+PageSize, len(b)) // with the page of zeros
		b, off = b[n:], off+int64(n)
	}
	return nil
}

// ReadAt copies what is at an offset to b, as Bytes would have it, but is an error
// where the host has no memory.
func (m *Memory) ReadAt(b []byte, off int64) error {
	_, err := m.file.ReadAt(b, off)
	return err
}

// WriteAt copies b to an offset, also where it is text that programs execute.
func (m *Memory) WriteAt(b []byte, off int64) error {
	_, err := m.file.WriteAt(b, off)
	m.pool.rewrite(m, off, int64(len(b)))
	return err
}

// Populate gives a range its pages, so that loads and stores there do not fail
// when the host has no memory for them: that would be a signal. It is an error
// here.
func (m *Memory) Populate(off, n int64) error {
	from := off &^ (PageSize - 1)
	n = (off + n - from + PageSize - 1) &^ (PageSize - 1)
	err := unix.Madvise(m.Bytes(from, n), unix.MADV_POPULATE_WRITE)
	if err == unix.EINVAL { // before Linux 5.14
		err = unix.Fallocate(int(m.file.Fd()), 0, from, n)
	}
	return os.NewSyscallError("populate", err)
}

// Used returns how many bytes of an extent have pages.
func (m *Memory) Used(e Extent) (n int64) {
	end := e.Off + e.Len
	for off := e.Off; off < end; {
		data, hole, err := m.stored(off, end)
		if err != nil {
			return n
		}
		n += hole - data
		off = hole
	}
	return n
}

// stored returns the first piece between off and end that has pages; it is empty,
// at the end, if there is none.
func (m *Memory) stored(off, end int64) (data, hole int64, err error) {
	fd := int(m.file.Fd())
	data, err = unix.Seek(fd, off, unix.SEEK_DATA)
	if err == unix.ENXIO || err == nil && data >= end {
		return end, end, nil
	}
	if err != nil {
		return 0, 0, os.NewSyscallError("lseek", err)
	}
	hole, err = unix.Seek(fd, data, unix.SEEK_HOLE)
	if err != nil {
		return 0, 0, os.NewSyscallError("lseek", err)
	}
	return data, min(hole, end), nil
}

func allZero(page []byte) bool {
	for i := 0; i < len(page); i += 8 {
		if binary.NativeEndian.Uint64(page[i:]) != 0 {
			return false
		}
	}
	return true
}
