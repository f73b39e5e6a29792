package ninetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ufo/ninep"
)

// A Fuzz is messages made up at random, as they should be and spoilt, for the
// server of a Suite. What it may not do is fall silent for others, answer what
// is no message, one that is too long, or with a tag that nobody has used.
type Fuzz struct {
	Suite
	Seed     uint64 // the same seed gives the same messages
	Messages int    // how many, at least; 0: 10000
	Write    bool   // the server's files may be changed
}

// perConn is how many messages one connection gets, at most: one that is cut or
// too long is the last.
const perConn = 100

// Run sends the messages. It returns how many were sent, and as an error what
// was wrong; said is what was said on the last connection.
func (f Fuzz) Run(ctx context.Context) (sent int, said []string, err error) {
	if f.Messages == 0 {
		f.Messages = 10000
	}
	if f.User == "" {
		f.User = "glenda"
	}
	if f.Limit == 0 {
		f.Limit = 10 * time.Second
	}
	for i := uint64(0); sent < f.Messages && ctx.Err() == nil; i++ {
		r := rand.New(rand.NewPCG(f.Seed, i))
		x := &exam{Suite: &f.Suite, knowledge: &knowledge{}, log: new(transcript)}
		z := &fuzzer{r: r, write: f.Write}
		limited, cancel := context.WithTimeout(ctx, f.Limit)
		x.ctx = limited
		x.guard(func() { x.fuzz(z) })
		cancel()
		for _, c := range x.conns {
			c.close()
		}
		sent, said = sent+z.sent, x.log.lines
		if x.status != "" && ctx.Err() == nil {
			return sent, said, errors.New(x.saw)
		}
	}
	return sent, said, nil
}

// fuzz sends messages on a connection, and sees whether others are served.
func (x *exam) fuzz(f *fuzzer) {
	there, root := x.tree()
	c := x.session(smallest)
	wrong := make(chan string, 1)
	done := make(chan struct{})
	go func() { // ends with the connection
		defer close(done)
		if s := c.listen(); s != "" {
			wrong <- s
		}
	}()
	late := context.AfterFunc(x.ctx, c.close) // ends a write that nobody takes
	for range perConn {
		b := f.message()
		f.sent++
		if c.send(b, fuzzLine(b)) != nil {
			break // the server has had enough
		}
		if len(b) < 4 || binary.LittleEndian.Uint32(b) != uint32(len(b)) {
			break // what came next would be a part of this, or begin in it
		}
	}
	if !late() {
		x.fail("in %v the server has not taken what was sent", x.Limit)
	}
	x.others()
	there.do(tstat(root))
	c.close()
	<-done
	select {
	case s := <-wrong:
		x.fail("%s", s)
	default:
	}
}

// listen takes replies until the connection ends, and says what was wrong with
// one.
func (c *client) listen() string {
	for r := range c.replies {
		var bad errReply
		switch {
		case errors.As(r.err, &bad):
			return fmt.Sprintf("reply: %v", bad)
		case r.m == nil:
			return ""
		case r.m.Type%2 == 0:
			return fmt.Sprintf("the server sends a request: %v", r.m)
		case r.size > smallest && r.m.Type != ninep.Rversion:
			return fmt.Sprintf("a reply of %d bytes; %d were agreed upon", r.size, smallest)
		}
	}
	return ""
}

// fuzzLine returns the line for bytes that may be a message.
func fuzzLine(b []byte) string {
	var m ninep.Fcall
	if m.Unmarshal(b) == nil && m.Type%2 == 0 {
		return m.String()
	}
	return rawLine(b)
}

// A fuzzer makes up messages.
type fuzzer struct {
	r     *rand.Rand
	write bool
	sent  int
}

// message returns a message, or what is none.
func (f *fuzzer) message() []byte {
	for {
		b, err := f.request().Append(nil)
		if err != nil {
			continue
		}
		if f.r.IntN(4) == 0 {
			b = f.spoil(b)
		}
		if f.write || harmless(b) {
			return b
		}
	}
}

// request returns a request that has the right form.
func (f *fuzzer) request() *ninep.Fcall {
	var t *ninep.Fcall
	switch f.r.IntN(14) {
	case 0:
		t = tversion(smallest, f.pick(ninep.VERSION9P, "9P2000.u", "9P", "")) // the msize stays what listen knows
	case 1:
		t = tauth(f.fid(), f.name(), f.name())
	case 2, 3:
		t = tattach(f.fid(), f.pick("glenda", "none", f.name()), f.pick("", f.name()))
	case 4:
		t = tflush(f.tag())
	case 5, 6:
		t = twalk(f.fid(), f.fid())
		for range f.r.IntN(5) {
			t.Wname = append(t.Wname, f.name())
		}
	case 7:
		t = topen(f.fid(), ninep.Mode(f.r.IntN(256)))
	case 8:
		t = tcreate(f.fid(), f.name(), ninep.Perm(f.r.Uint32()), ninep.Mode(f.r.IntN(256)))
	case 9:
		t = tread(f.fid(), f.number(), uint32(f.number()))
	case 10:
		t = twrite(f.fid(), f.number(), string(make([]byte, f.r.IntN(200))))
	case 11:
		t = tclunk(f.fid())
	case 12:
		t = tstat(f.fid())
	default:
		t = tremove(f.fid())
		if f.r.IntN(2) == 0 {
			t = twstat(f.fid(), func(d *ninep.Dir) {
				d.Name, d.Length, d.Mode = f.name(), int64(f.r.IntN(1000)), ninep.Perm(f.r.Uint32())
			})
		}
	}
	t.Tag = f.tag()
	return t
}

// Few fids, tags and names, so that they meet.
func (f *fuzzer) fid() uint32 { return uint32(f.r.IntN(8)) }
func (f *fuzzer) tag() uint16 { return uint16(f.r.IntN(500)) }

func (f *fuzzer) pick(words ...string) string { return words[f.r.IntN(len(words))] }

func (f *fuzzer) name() string {
	return f.pick("", ".", "..", "a", "b", "ninetest.a", "a/b", "/", "\xff\xfe", "\x01", string(make([]byte, f.r.IntN(300))))
}

// number returns a number that is small, or at an edge.
func (f *fuzzer) number() uint64 {
	if f.r.IntN(2) == 0 {
		return uint64(f.r.IntN(10000))
	}
	return uint64(1)<<f.r.IntN(64) - uint64(f.r.IntN(2))
}

// spoil changes some bytes, or how many there are.
func (f *fuzzer) spoil(b []byte) []byte {
	switch f.r.IntN(4) {
	case 0:
		b = b[:f.r.IntN(len(b)+1)]
	case 1:
		b = append(b, make([]byte, 1+f.r.IntN(20))...)
	case 2:
		for i := range b {
			b[i] = byte(f.r.Uint32())
		}
	}
	for range f.r.IntN(4) {
		if len(b) > 0 {
			b[f.r.IntN(len(b))] = byte(f.r.Uint32())
		}
	}
	if len(b) >= 4 && f.r.IntN(3) > 0 {
		binary.LittleEndian.PutUint32(b, uint32(len(b)))
	}
	return b
}

// harmless reports whether bytes change no file, in the eyes of a server
// however forgiving: their type is not one of those that do, and what they
// open is opened for reading.
func harmless(b []byte) bool {
	if len(b) < 12 {
		return true
	}
	switch ninep.MsgType(b[4]) {
	case ninep.Tcreate, ninep.Twrite, ninep.Tremove, ninep.Twstat:
		return false
	case ninep.Topen:
		return b[11] == byte(ninep.OREAD) || b[11] == byte(ninep.OEXEC)
	}
	return true
}
