package ninep

import "io"

// An IdleReader is a connection that can say when a read waits. A server that
// has one keeps its replies as long as there are requests to be read, and writes
// them together; otherwise it can only look at what it has read already.
type IdleReader interface {
	// ReadIdle is Read, which calls idle before it waits, once at most.
	ReadIdle(p []byte, idle func()) (int, error)
}

// An input is what is read of a connection, through a buffer that fits its
// messages. A small one is enough as long as these are small, and is best when they
// are big, as what does not fit is read to where it is to be; those in between
// come several at a time if the buffer is wide.
type input struct {
	conn io.Reader
	idle func()  // called before a read that may wait; nil: nothing is to be done then
	mem  *Memory // what a wide buffer is taken from; nil: it may be had
	buf  []byte
	r, w int   // buf[r:w] is what was read and is not used yet
	err  error // of the connection: nothing more comes
	have int   // how much of a message is where it is to be, while the rest is read
	like int   // how many messages in a row would have had the buffer otherwise
}

const (
	smallIn = 4 << 10
	wideIn  = 64 << 10
	changes = 8 // so many messages in a row change the buffer
)

func newInput(conn io.Reader, mem *Memory, idle func()) *input {
	return &input{conn: conn, idle: idle, mem: mem, buf: make([]byte, smallIn)}
}

// buffered returns what was read and is not used yet.
func (in *input) buffered() []byte { return in.buf[in.r:in.w] }

// read reads something of the connection, or returns an error. That which comes
// with something is the next read's.
func (in *input) read(p []byte) (n int, err error) {
	conn, ok := in.conn.(IdleReader)
	for range 100 {
		switch {
		case in.err != nil:
			return 0, in.err
		case in.idle == nil:
			n, in.err = in.conn.Read(p)
		case ok:
			n, in.err = conn.ReadIdle(p, in.idle)
		default:
			in.idle()
			n, in.err = in.conn.Read(p)
		}
		broken := in.err == errTurn
		if broken {
			in.err = nil
		}
		switch {
		case n > 0:
			return n, nil
		case broken:
			return 0, errTurn
		}
	}
	return 0, io.ErrNoProgress
}

// peek returns the next n bytes, which must fit the buffer, without using them.
// They stay as they are until more is read.
func (in *input) peek(n int) ([]byte, error) {
	for in.w-in.r < n {
		if in.r > 0 && (in.r == in.w || in.r+n > len(in.buf)) {
			in.w = copy(in.buf, in.buf[in.r:in.w])
			in.r = 0
		}
		m, err := in.read(in.buf[in.w:])
		if err != nil {
			return in.buffered(), err
		}
		in.w += m
	}
	return in.buf[in.r:][:n], nil
}

// discard uses n bytes without looking at them.
func (in *input) discard(n int) error {
	for n > in.w-in.r {
		n -= in.w - in.r
		in.r, in.w = 0, 0
		m, err := in.read(in.buf)
		if err != nil {
			return err
		}
		in.w = m
	}
	in.r += n
	return nil
}

// full fills the first n bytes of b. After errTurn it is called again, and goes on.
func (in *input) full(b []byte, n int) error {
	if n > len(in.buf) {
		return in.beyond(b, n)
	}
	p, err := in.peek(n)
	if err == errTurn {
		return err
	}
	in.r += copy(b, p)
	return err
}

// beyond is full for more than was read. The rest of b may be filled with what
// follows, to save a call: that is next to be read.
func (in *input) beyond(b []byte, n int) error {
	if in.have == 0 {
		in.have = copy(b, in.buffered())
		in.r, in.w = 0, 0
	}
	b = b[:min(len(b), n+len(in.buf))]
	for in.have < n {
		m, err := in.read(b[in.have:])
		if err != nil {
			return err
		}
		in.have += m
	}
	in.w = copy(in.buf, b[n:in.have])
	in.have = 0
	return nil
}

// fit notes the size of a message that was read and is longer than smallIn.
func (in *input) fit(size int) {
	want := smallIn
	if size <= wideIn/2 {
		want = wideIn
	}
	if want == len(in.buf) {
		in.like = 0
		return
	}
	if in.like++; in.like < changes || in.w-in.r > want {
		return
	}
	in.like = 0
	if want == wideIn && in.mem != nil && !in.mem.widen() {
		return
	}
	in.close()
	b := make([]byte, want)
	in.r, in.w, in.buf = 0, copy(b, in.buffered()), b
}

// close gives back what a wide buffer was taken from.
func (in *input) close() {
	if in.mem != nil && len(in.buf) == wideIn {
		in.mem.wide.Add(-wideIn)
	}
}
