package vm

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// Memory is the memory of spaces: pages in a sparse file without a name, which
// has pages where something was stored.
type Memory struct {
	file *os.File
	all  []byte

	mu   sync.Mutex // guards what follows
	free []Extent   // by offset; neighbours are one
	top  int64      // nothing was given out above
}

// An Extent is a piece of Memory: its offset and length in bytes, multiples of
// PageSize.
type Extent struct{ Off, Len int64 }

// sizes are how much address space Memory tries to get, which is all that limits
// it: pages cost memory when they are used.
var sizes = []int64{1 << 44, 1 << 42, 1 << 40, 1 << 38, 1 << 36, 1 << 34}

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

// Close gives all of it back. Nothing may use it any more.
func (m *Memory) Close() error {
	err := unix.Munmap(m.all)
	m.file.Close()
	return err
}

// Alloc returns n bytes of zeros, n rounded up to pages.
func (m *Memory) Alloc(n int64) (Extent, error) {
	n = (n + PageSize - 1) &^ (PageSize - 1)
	m.mu.Lock()
	defer m.mu.Unlock()
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

// Free gives an extent back, which no space may have mapped any more.
func (m *Memory) Free(e Extent) {
	if e.Len == 0 {
		return
	}
	m.Zero(e)
	m.mu.Lock()
	defer m.mu.Unlock()
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
	for _, e := range m.free {
		n -= e.Len
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

// Copy copies what is not zero of an extent to another of at least its length,
// which is new.
func (m *Memory) Copy(to, from Extent) error {
	end := from.Off + from.Len
	for off := from.Off; off < end; {
		data, hole, err := m.stored(off, end)
		if err != nil || data == end {
			return err
		}
		for at := data; at < hole; at += PageSize {
			page := m.Bytes(at, PageSize)
			if !allZero(page) {
				copy(m.Bytes(to.Off+at-from.Off, PageSize), page)
			}
		}
		off = hole
	}
	return nil
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
