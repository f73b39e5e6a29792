package ninep

import (
	"bufio"
	"bytes"
	"io"
)

// An input is what is read of a connection, through a buffer that fits its
// messages. A small one is enough as long as these are small, and is best when they
// are big, as what does not fit is read to where it is to be; those in between
// come several at a time if the buffer is wide.
type input struct {
	*bufio.Reader
	from io.Reader // what fills the buffer: the connection, and before it what earlier buffers had of it
	mem  *Memory   // what a wide buffer is taken from; nil: it may be had
	like int       // how many messages in a row would have had the buffer otherwise
}

const (
	smallIn = 4 << 10
	wideIn  = 64 << 10
	changes = 8 // so many messages in a row change the buffer
)

func newInput(conn io.Reader, mem *Memory) *input {
	return &input{Reader: bufio.NewReaderSize(conn, smallIn), from: conn, mem: mem}
}

// fit notes the size of a message that was read and is longer than smallIn.
func (in *input) fit(size int) {
	want := smallIn
	if size <= wideIn/2 {
		want = wideIn
	}
	if want == in.Size() {
		in.like = 0
		return
	}
	if in.like++; in.like < changes {
		return
	}
	in.like = 0
	if want == wideIn && in.mem != nil && !in.mem.widen() {
		return
	}
	in.close()
	if rest, _ := in.Peek(in.Buffered()); len(rest) > 0 {
		in.from = io.MultiReader(bytes.NewReader(rest), in.from)
	}
	in.Reader = bufio.NewReaderSize(in.from, want)
}

// close gives back what a wide buffer was taken from.
func (in *input) close() {
	if in.mem != nil && in.Size() == wideIn {
		in.mem.wide.Add(-wideIn)
	}
}
