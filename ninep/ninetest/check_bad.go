package ninetest

import (
	"encoding/binary"
	"fmt"
	"strings"

	"ufo/ninep"
)

// others checks that the server still serves those who begin now.
func (x *exam) others() {
	c, root := x.tree()
	c.do(tstat(root))
}

// hangup ends the connection as one does who was cut off.
func (c *client) hangup() {
	c.log.line(c.n, "# the client closes the connection")
	c.close()
}

// bad sends what is no message and checks that it is refused, and that others
// are served as before: one who was there, and one who comes.
func (x *exam) bad(b []byte) {
	there, root := x.tree()
	c, _ := x.tree()
	c.sendRaw(b)
	c.refusedOrClosed()
	there.do(tstat(root))
	x.others()
}

// message returns bytes with a size before, and a type and a tag.
func message(t ninep.MsgType, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(7+len(body)))
	return append(append(b, byte(t), 1, 0), body...)
}

// isBad returns a check that bytes are refused.
func isBad(b []byte) func(x *exam) { return func(x *exam) { x.bad(b) } }

// u32 returns a number as four bytes.
func u32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// cat puts bytes together.
func cat(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// malformedChecks are of intro(5): of what the messages are made.
var malformedChecks = []Check{
	{"malformed/size-zero", "intro(5)", "The size counts itself: 0 is none.", isBad([]byte{0, 0, 0, 0, 120, 1, 0, 0, 0, 0, 0})},
	{"malformed/size-four", "intro(5)", "A message has a type and a tag: 4 is too short.", isBad([]byte{4, 0, 0, 0, 120, 1, 0, 0, 0, 0, 0})},
	{"malformed/size-six", "intro(5)", "A message has a whole tag: 6 is too short.", isBad([]byte{6, 0, 0, 0, 120, 1, 0, 0, 0, 0, 0})},
	{"malformed/size-huge", "version(5)", "A size beyond what was agreed upon is refused, not waited for.", isBad([]byte{255, 255, 255, 255, 120, 1, 0, 0, 0, 0, 0})},
	{"malformed/size-one-more", "version(5)", "A size one beyond what was agreed upon is refused, not waited for.", func(x *exam) {
		there, root := x.tree()
		c, _ := x.tree()
		c.sendRaw(append(u32(c.msize+1), 120, 1, 0, 0, 0, 0, 0))
		go c.rwc.Write(make([]byte, c.msize)) // for a server that reads on
		c.refusedOrClosed()
		there.do(tstat(root))
		x.others()
	}},
	{"malformed/type-zero", "intro(5)", "A type that is none is refused.", isBad(message(0))},
	{"malformed/type-99", "intro(5)", "The types begin with 100.", isBad(message(99))},
	{"malformed/type-106", "error(5)", "There is no Terror.", isBad(message(106))},
	{"malformed/type-128", "intro(5)", "After Rwstat there are no types.", isBad(message(128))},
	{"malformed/type-255", "intro(5)", "A type that is none is refused.", isBad(message(255))},
	{"malformed/nul-walk", "intro(5)", "There is no NUL in a name.", isBad(message(ninep.Twalk, cat(u32(0), u32(9), []byte{1, 0, 3, 0, 'a', 0, 'b'})...))},
	{"malformed/nul-attach", "intro(5)", "There is no NUL in the name of a user.", isBad(message(ninep.Tattach, cat(u32(9), u32(ninep.NOFID), []byte{3, 0, 'a', 0, 'b', 0, 0})...))},
	{"malformed/nul-create", "intro(5)", "There is no NUL in the name of a new file.", isBad(message(ninep.Tcreate, cat(u32(0), []byte{3, 0, 'a', 0, 'b'}, u32(0666), []byte{0})...))},
	{"malformed/string-walk", "intro(5)", "A name ends within its message.", isBad(message(ninep.Twalk, cat(u32(0), u32(9), []byte{1, 0, 255, 255, 'a'})...))},
	{"malformed/string-attach", "intro(5)", "The name of a user ends within its message.", isBad(message(ninep.Tattach, cat(u32(9), u32(ninep.NOFID), []byte{255, 0, 'a', 'b'})...))},
	{"malformed/string-version", "intro(5)", "The version ends within its message.", isBad(message(ninep.Tversion, cat(u32(8192), []byte{255, 255, '9', 'P'})...))},
	{"malformed/walk-count", "walk(5)", "There are as many names as the count says.", isBad(message(ninep.Twalk, cat(u32(0), u32(9), []byte{2, 0, 1, 0, 'a'})...))},
	{"malformed/walk-count-largest", "walk(5)", "No walk has 65535 names.", isBad(message(ninep.Twalk, cat(u32(0), u32(9), []byte{255, 255, 1, 0, 'a'})...))},
	{"malformed/write-count", "read(5)", "There are as many bytes to write as the count says.", isBad(message(ninep.Twrite, cat(u32(0), make([]byte, 8), u32(100), []byte("short"))...))},
	{"malformed/write-count-largest", "read(5)", "No write has four billion bytes.", isBad(message(ninep.Twrite, cat(u32(0), make([]byte, 8), u32(1<<32-1), []byte("short"))...))},
	{"malformed/write-count-less", "read(5)", "There are no more bytes to write than the count says.", isBad(message(ninep.Twrite, cat(u32(0), make([]byte, 8), u32(2), []byte("longer"))...))},
	{"malformed/wstat-size", "stat(5)", "The two sizes of a stat agree.", func(x *exam) { x.bad(badStat(func(b []byte) { b[13]++ })) }},
	{"malformed/wstat-outer", "stat(5)", "The size of a stat is what is there.", func(x *exam) { x.bad(badStat(func(b []byte) { b[11]++ })) }},
	{"malformed/wstat-string", "stat(5)", "The strings of a stat end within it.", func(x *exam) { x.bad(badStat(func(b []byte) { b[len(b)-2] = 9 })) }},
	{"malformed/wstat-empty", "stat(5)", "A stat has all its fields.", isBad(message(ninep.Twstat, cat(u32(0), []byte{2, 0, 0, 0})...))},
	{"malformed/text", "intro(5)", "Who speaks another protocol is refused.", func(x *exam) {
		c := x.dial()
		c.sendRaw([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat(" ", 9000)))
		c.refusedOrClosed()
		x.others()
	}},
	{"malformed/cut-off", "intro(5)", "Who is cut off in the middle of a message harms nobody.", func(x *exam) {
		c, root := x.tree()
		t := tstat(root)
		b, _ := t.Append(nil)
		c.sendRaw(b[:6])
		c.hangup()
		x.others()
	}},
}

// badStat returns a Twstat of the root that changes nothing, spoilt.
func badStat(spoil func(b []byte)) []byte {
	t := twstat(0, func(*ninep.Dir) {})
	t.Tag = 1
	b, _ := t.Append(nil)
	spoil(b)
	return b
}

// requests returns a good message of each type but Tversion, for the fid of
// the root.
func requests() []*ninep.Fcall {
	return []*ninep.Fcall{
		tauth(9, "u", "a"), tattach(9, "u", "a"), tflush(9), twalk(0, 9, "x"), topen(0, 0),
		tcreate(0, "x", 0, 0), tread(0, 0, 0), twrite(0, 0, "x"), tclunk(0), tremove(9), tstat(0),
		twstat(0, func(*ninep.Dir) {}),
	}
}

// truncatedChecks returns a check for each type of message: that one which
// lacks its last byte is refused.
func truncatedChecks() []Check {
	var all []Check
	for _, t := range requests() {
		t.Tag = 1
		b, _ := t.Append(nil)
		b = b[:len(b)-1]
		binary.LittleEndian.PutUint32(b, uint32(len(b)))
		all = append(all, Check{
			fmt.Sprintf("malformed/short-%v", t.Type), "intro(5)",
			fmt.Sprintf("A %v that lacks a byte at its end is none.", t.Type), isBad(b),
		})
	}
	return all
}

// overlongChecks is truncatedChecks for messages with a byte too many.
func overlongChecks() []Check {
	var all []Check
	for _, t := range requests() {
		t.Tag = 1
		b, _ := t.Append(nil)
		b = append(b, 0)
		binary.LittleEndian.PutUint32(b, uint32(len(b)))
		all = append(all, Check{
			fmt.Sprintf("malformed/long-%v", t.Type), "intro(5)",
			fmt.Sprintf("A %v with a byte more than it has parameters is none.", t.Type), isBad(b),
		})
	}
	return all
}

// replyChecks returns a check for each type of reply: that a client must not
// send it.
func replyChecks() []Check {
	var all []Check
	for t := ninep.Rversion; t <= ninep.Rwstat; t += 2 {
		b, _ := (&ninep.Fcall{Type: t, Tag: 1}).Append(nil)
		all = append(all, Check{
			fmt.Sprintf("malformed/reply-%v", t), "intro(5)",
			fmt.Sprintf("%v is a reply, not a request.", t), isBad(b),
		})
	}
	return all
}
