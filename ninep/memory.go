package ninep

import (
	"sync"
	"sync/atomic"
)

// A Memory is what connections that are served take for their requests in
// progress. Those that share one take its limit at most, together, beside what
// each may always take: a buffer for a message of its Msize and 64 KB. What a request took
// is given back when it is answered, for other requests of any connection. A
// quarter of the limit, at most, is taken beside that for wider buffers to read
// with, by connections that write much.
type Memory struct {
	limit    int64
	used     atomic.Int64
	wide     atomic.Int64                // bytes of wide buffers; see input
	requests sync.Pool                   // of *request
	buffers  [len(bufferSizes)]sync.Pool // of *buffer, with a size of the table each
}

// memoryLimit is the limit for a connection that shares its Memory with nobody.
const memoryLimit = 64 << 20

// NewMemory returns a Memory of limit bytes.
func NewMemory(limit int64) *Memory {
	m := &Memory{limit: limit}
	m.requests.New = func() any { return new(request) }
	return m
}

// Used returns how many bytes of the limit are taken.
func (m *Memory) Used() int64 { return m.used.Load() }

// take takes n bytes of the limit, if there are that many.
func (m *Memory) take(n int64) bool {
	if m.used.Add(n) <= m.limit {
		return true
	}
	m.used.Add(-n)
	return false
}

// widen takes a wide buffer, if there may be another.
func (m *Memory) widen() bool {
	if m.wide.Add(wideIn) <= m.limit/4 {
		return true
	}
	m.wide.Add(-wideIn)
	return false
}

// give gives back what was taken.
func (m *Memory) give(n int64) { m.used.Add(-n) }

// A buffer is for a message.
type buffer struct {
	b    []byte
	size int // its row in bufferSizes
}

// bufferSizes are the sizes of buffers: from a small reply to MaxMsize.
var bufferSizes = [...]int{
	512, 2 << 10, 8<<10 + IOHDRSZ, 16<<10 + IOHDRSZ, 32<<10 + IOHDRSZ, 64<<10 + IOHDRSZ + smallIn,
	128<<10 + IOHDRSZ + smallIn, 256<<10 + IOHDRSZ + smallIn, 512<<10 + IOHDRSZ + smallIn, MaxMsize + smallIn,
}

// rowFor returns the row in bufferSizes for n bytes.
func rowFor(n int) int {
	i := 0
	for i < len(bufferSizes)-1 && bufferSizes[i] < n {
		i++
	}
	return i
}

// bufferFor returns how many bytes a buffer for n bytes takes.
func bufferFor(n int) int { return bufferSizes[rowFor(n)] }

// buffer returns one for at least n bytes.
func (m *Memory) buffer(n int) *buffer {
	i := rowFor(n)
	if b, ok := m.buffers[i].Get().(*buffer); ok {
		return b
	}
	return &buffer{b: make([]byte, max(n, bufferSizes[i])), size: i}
}

// recycle takes a buffer back, if there is one.
func (m *Memory) recycle(b *buffer) {
	if b != nil {
		m.buffers[b.size].Put(b)
	}
}

// grow returns b with length n, if need be another b.
func grow(b []byte, n int) []byte {
	if cap(b) < n {
		b = make([]byte, n)
	}
	return b[:n]
}
