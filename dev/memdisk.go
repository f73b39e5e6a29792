package dev

import (
	"context"
	"sync"
)

// memChunk is how much memory a MemDisk takes at a time.
const memChunk = 32 << 10

// A MemDisk is a Disk in memory. What was never written takes none.
type MemDisk struct {
	size int64

	mu     sync.Mutex // guards chunks, and what is in them
	chunks map[int64]*[memChunk]byte
}

// NewMemDisk returns a MemDisk of that many bytes, all zero.
func NewMemDisk(size int64) *MemDisk {
	return &MemDisk{size: size, chunks: make(map[int64]*[memChunk]byte)}
}

// Size returns the number of bytes.
func (m *MemDisk) Size() int64 { return m.size }

// Sync does nothing.
func (m *MemDisk) Sync() error { return nil }

// ReadAt reads; what was never written is zero.
func (m *MemDisk) ReadAt(_ context.Context, p []byte, off int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(p) > 0 {
		n := min(len(p), memChunk-int(off%memChunk))
		if c := m.chunks[off/memChunk]; c != nil {
			copy(p[:n], c[off%memChunk:])
		} else {
			clear(p[:n])
		}
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// WriteAt writes, and takes the memory for it.
func (m *MemDisk) WriteAt(_ context.Context, p []byte, off int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(p) > 0 {
		c := m.chunks[off/memChunk]
		if c == nil {
			c = new([memChunk]byte)
			m.chunks[off/memChunk] = c
		}
		n := copy(c[off%memChunk:], p)
		p, off = p[n:], off+int64(n)
	}
	return nil
}
