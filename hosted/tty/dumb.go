package tty

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"

	"ufo/ninep"
)

// A Dumb is input and output that are no terminal, but files or pipes, or one
// that can only print and whose lines the host edits. Nothing is echoed or
// edited here.
type Dumb struct {
	r     io.Reader
	w     io.Writer
	start sync.Once
	in    chan []byte // what comes in; closed at the end
	rest  []byte      // what of it is not read yet: Read's own

	mu   sync.Mutex // guards note, and writes
	note func(string)
}

// NewDumb returns a Dumb. It reads from r only when it is read from: then a
// goroutine starts that ends with r.
func NewDumb(r io.Reader, w io.Writer) *Dumb {
	return &Dumb{r: r, w: w, in: make(chan []byte)}
}

// Read returns at most a line. There is one Read at a time.
func (d *Dumb) Read(ctx context.Context, p []byte) (int, error) {
	d.start.Do(func() { go d.listen() })
	if len(d.rest) == 0 {
		select {
		case d.rest = <-d.in:
		case <-ctx.Done():
			return 0, ninep.ErrIntr
		}
	}
	n := len(d.rest)
	if i := bytes.IndexByte(d.rest, '\n'); i >= 0 {
		n = i + 1
	}
	n = copy(p, d.rest[:n])
	d.rest = d.rest[n:]
	return n, nil
}

// listen passes on what comes in, until it ends.
func (d *Dumb) listen() {
	defer close(d.in)
	for {
		buf := make([]byte, 8192)
		n, err := d.r.Read(buf)
		if n > 0 {
			d.in <- buf[:n]
		}
		if f, ok := d.r.(*os.File); ok && err == io.EOF && IsTerminal(f) {
			d.in <- nil // ^D: there can be more
		} else if err != nil {
			return
		}
	}
}

// Write writes p as it is.
func (d *Dumb) Write(ctx context.Context, p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.w.Write(p)
}

// SetRaw does nothing: what comes in is raw.
func (d *Dumb) SetRaw(on bool) {}

// Size says that there is none.
func (d *Dumb) Size() (rows, cols int, changed <-chan struct{}) { return 0, 0, nil }

// SetNote says whom Note tells.
func (d *Dumb) SetNote(f func(note string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note = f
}

// Note passes a note on, such as that the host wants this program to end.
func (d *Dumb) Note(note string) {
	d.mu.Lock()
	f := d.note
	d.mu.Unlock()
	if f != nil {
		f(note)
	}
}
