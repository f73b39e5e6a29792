package ninep

import (
	"io"
	"sync"
)

// pipeSize is how many bytes wait in one direction of a Pipe before a write
// blocks.
const pipeSize = 64 << 10

// Pipe returns the two ends of a buffered connection in memory. What is
// written to one can be read from the other. When an end is closed its own
// calls give ErrHungup, and so do writes to the other; reads from the other
// take what was written before, then give io.EOF.
func Pipe() (a, b io.ReadWriteCloser) {
	x, y := newFlow(), newFlow()
	return &pipeEnd{in: x, out: y}, &pipeEnd{in: y, out: x}
}

// A pipeEnd is one end of a Pipe.
type pipeEnd struct{ in, out *flow }

func (e *pipeEnd) Read(p []byte) (int, error)  { return e.in.read(p, nil) }
func (e *pipeEnd) Write(p []byte) (int, error) { return e.out.write(p) }

// ReadIdle makes a pipeEnd an IdleReader.
func (e *pipeEnd) ReadIdle(p []byte, idle func()) (int, error) { return e.in.read(p, idle) }

func (e *pipeEnd) Close() error {
	e.in.close(&e.in.noReader)
	e.out.close(&e.out.noWriter)
	return nil
}

// A flow is one direction of a Pipe.
type flow struct {
	mu       sync.Mutex // guards the fields below
	changed  sync.Cond  // for readers that wait for bytes and writers that wait for room
	buf      []byte     // written; its first off bytes have been read
	off      int
	noReader bool // the reading end was closed
	noWriter bool // the writing end was closed
}

func newFlow() *flow {
	f := new(flow)
	f.changed.L = &f.mu
	return f
}

func (f *flow) close(flag *bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*flag = true
	f.changed.Broadcast()
}

func (f *flow) read(p []byte, idle func()) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.noReader && f.off == len(f.buf) && !f.noWriter && len(p) > 0 {
		if idle == nil {
			f.changed.Wait()
			continue
		}
		f.mu.Unlock()
		idle()
		idle = nil
		f.mu.Lock()
	}
	switch {
	case f.noReader:
		return 0, ErrHungup
	case f.off == len(f.buf) && f.noWriter:
		return 0, io.EOF
	}
	n := copy(p, f.buf[f.off:])
	if f.off += n; f.off == len(f.buf) {
		f.buf, f.off = f.buf[:0], 0
	}
	f.changed.Broadcast()
	return n, nil
}

func (f *flow) write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for {
		if f.noReader || f.noWriter {
			return n, ErrHungup
		}
		m := min(len(p)-n, pipeSize-(len(f.buf)-f.off))
		if m > 0 && f.off > 0 && len(f.buf)+m > cap(f.buf) {
			f.buf, f.off = append(f.buf[:0], f.buf[f.off:]...), 0
		}
		f.buf = append(f.buf, p[n:n+m]...)
		n += m
		f.changed.Broadcast()
		if n == len(p) {
			return n, nil
		}
		f.changed.Wait()
	}
}
