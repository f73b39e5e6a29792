package disk

import (
	"io"
	"sync"
)

// A Store is the piece of the host on which a Disk keeps its log. Reads may
// happen at the same time as one write.
type Store interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error // returns when all that was written will survive a power cut
	Close() error
}

// A Replacer is a Store that can be rewritten as a whole; without it a log is
// never made shorter.
type Replacer interface {
	// Replace calls write with an empty store and, if that succeeds, puts
	// the new store in place of the receiver, which is closed. Interrupted
	// at any moment it leaves either the old or the new one, complete.
	Replace(write func(Store) error) (Store, error)
}

// memChunk is how much memory a Mem takes at a time.
const memChunk = 32 << 10

// A Mem is a Store in memory.
type Mem struct {
	mu     sync.RWMutex // guards what follows
	chunks []*[memChunk]byte
	size   int64
}

// NewMem returns an empty Mem.
func NewMem() *Mem { return new(Mem) }

// ReadAt reads like any io.ReaderAt.
func (m *Mem) ReadAt(p []byte, off int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := 0
	for n < len(p) && off < m.size {
		c := m.chunks[off/memChunk][off%memChunk:]
		if rest := m.size - off; rest < int64(len(c)) {
			c = c[:rest]
		}
		k := copy(p[n:], c)
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes p, and takes the memory for it.
func (m *Mem) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grow(off + int64(len(p)))
	for n := 0; n < len(p); {
		k := copy(m.chunks[off/memChunk][off%memChunk:], p[n:])
		n += k
		off += int64(k)
	}
	return len(p), nil
}

func (m *Mem) grow(size int64) {
	for int64(len(m.chunks))*memChunk < size {
		m.chunks = append(m.chunks, new([memChunk]byte))
	}
	m.size = max(m.size, size)
}

// Size returns how many bytes there are.
func (m *Mem) Size() (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.size, nil
}

// Truncate makes the store size bytes long.
func (m *Mem) Truncate(size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grow(size)
	keep := (size + memChunk - 1) / memChunk
	clear(m.chunks[keep:])
	m.chunks = m.chunks[:keep]
	if size%memChunk != 0 {
		clear(m.chunks[keep-1][size%memChunk:])
	}
	m.size = size
	return nil
}

// Sync does nothing.
func (m *Mem) Sync() error { return nil }

// Close does nothing: a Mem can be opened again, as a host file can.
func (m *Mem) Close() error { return nil }

// Replace puts another Mem in this one's place.
func (m *Mem) Replace(write func(Store) error) (Store, error) {
	nm := NewMem()
	if err := write(nm); err != nil {
		return nil, err
	}
	return nm, nil
}
