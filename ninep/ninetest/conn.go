package ninetest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"sync"

	"ufo/ninep"
)

// A transcript is what was said on the connections of a check, in the form of
// a script.
type transcript struct {
	lines []string
	last  int // the connection of the last line; 0: none
}

// line notes a message on connection n.
func (t *transcript) line(n int, s string) {
	if t.last != n && (t.last != 0 || n > 1) {
		t.lines = append(t.lines, fmt.Sprintf("# connection %d", n))
	}
	t.last = n
	t.lines = append(t.lines, s)
}

// A conn is a connection to the server: messages as they are, good or bad.
type conn struct {
	rwc   io.ReadWriteCloser
	log   *transcript
	n     int    // its number in the transcript
	msize uint32 // agreed upon; 0: nothing yet
	next  uint32 // the fid to use next

	replies chan reply // from rwc, until it ends
	stop    chan struct{}
	once    sync.Once
}

// A reply is a message that came from the server, or why none came.
type reply struct {
	m    *ninep.Fcall
	size int
	err  error
}

// maxReply is how long a reply may be, whatever was agreed, to be looked at.
const maxReply = 1 << 24

func newConn(rwc io.ReadWriteCloser, log *transcript, n int) *conn {
	c := &conn{rwc: rwc, log: log, n: n, replies: make(chan reply), stop: make(chan struct{})}
	go c.read() // ends with the connection
	return c
}

// read hands over what comes, as fast as it is taken.
func (c *conn) read() {
	defer close(c.replies)
	in := bufio.NewReader(c.rwc)
	for {
		r := readReply(in)
		select {
		case c.replies <- r:
		case <-c.stop:
			return
		}
		if r.err != nil {
			return
		}
	}
}

// errReply says that what came is no message.
type errReply string

func (e errReply) Error() string { return string(e) }

// readReply reads a message.
func readReply(in io.Reader) reply {
	var head [4]byte
	if n, err := io.ReadFull(in, head[:]); err != nil {
		if n > 0 {
			err = errReply("the connection ends within a message")
		}
		return reply{err: err}
	}
	size := binary.LittleEndian.Uint32(head[:])
	if size < 7 || size > maxReply {
		return reply{err: errReply(fmt.Sprintf("a message of size %d", size))}
	}
	b := make([]byte, size)
	copy(b, head[:])
	if _, err := io.ReadFull(in, b[4:]); err != nil {
		return reply{err: errReply("the connection ends within a message")}
	}
	m := new(ninep.Fcall)
	if err := m.Unmarshal(b); err != nil {
		return reply{err: errReply(fmt.Sprintf("no 9P message: %q", b[:min(len(b), 100)]))}
	}
	return reply{m: m, size: int(size)}
}

// send sends bytes and notes them as line.
func (c *conn) send(b []byte, line string) error {
	c.log.line(c.n, line)
	_, err := c.rwc.Write(b)
	return err
}

// rawLine returns the line for bytes that are no message.
func rawLine(b []byte) string {
	const most = 200
	if len(b) > most {
		return fmt.Sprintf("# raw, %d bytes that begin with %s", len(b), strconv.QuoteToASCII(string(b[:most])))
	}
	s := "raw \""
	for _, c := range b {
		s += fmt.Sprintf(`\x%02x`, c)
	}
	return s + `"`
}

// close ends the connection.
func (c *conn) close() {
	c.once.Do(func() {
		close(c.stop)
		c.rwc.Close()
	})
}
