package ninetest

import (
	"encoding/binary"
	"strings"

	"ufo/ninep"
)

// iounitChecks are of what open(5) says about iounit.
var iounitChecks = []Check{
	{"iounit/open", "open(5)", "The iounit of an open is 0, or a number of bytes that fit in a message.", func(x *exam) {
		c, root, s := x.sampleFile()
		r := c.do(topen(c.walk(root, s.file...), ninep.OREAD))
		x.want(r.Iounit < c.msize, "it is %d, the msize %d", r.Iounit, c.msize)
	}},
	{"iounit/create", "open(5)", "The iounit of a create is 0, or a number of bytes that fit in a message.", func(x *exam) {
		c, dir := x.work()
		_, r := c.createQid(dir, "a", 0666, ninep.OWRITE)
		x.want(r.Iounit < c.msize, "it is %d, the msize %d", r.Iounit, c.msize)
	}},
	{"iounit/read", "open(5)", "So many bytes as the iounit says are read at once.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.walk(root, s.file...)
		n := c.do(topen(f, ninep.OREAD)).Iounit
		if n == 0 {
			x.skip("the iounit is 0, which says nothing")
		}
		want := min(int(n), len(s.text))
		x.want(len(c.read(f, 0, n)) == want, "a read of %d bytes gives %d of %d", n, len(c.read(f, 0, n)), len(s.text))
	}},
	{"iounit/write", "open(5)", "So many bytes as the iounit says are written at once.", func(x *exam) {
		c, dir := x.work()
		f, r := c.createQid(dir, "a", 0666, ninep.OWRITE)
		if r.Iounit == 0 {
			x.skip("the iounit is 0, which says nothing")
		}
		n := min(int(r.Iounit), len(sampleText), int(c.msize)-ninep.IOHDRSZ)
		w := c.do(twrite(f, 0, sampleText[:n]))
		x.want(int(w.Count) == n, "a write of %d bytes takes %d", n, w.Count)
	}},
}

// msizeChecks are of what version(5) says about the length of messages. That no
// reply is longer than was agreed upon all checks see.
var msizeChecks = []Check{
	{"msize/read", "version(5)", "The reply to a read that asks for more is not longer than was agreed upon.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for _, n := range []uint32{c.msize - 24, c.msize - 23, c.msize - 11, c.msize - 10, c.msize, c.msize + 1, 1 << 20} {
			c.rpc(tread(f, 0, n))
		}
	}},
	{"msize/read-whole", "version(5)", "A read whose reply just fits gets all it asks for.", func(x *exam) {
		c, root, s := x.sampleFile()
		if len(s.text) < smallest {
			x.skip("the file is shorter than a message")
		}
		n := c.msize - ninep.IOHDRSZ
		got := len(c.read(c.open(root, ninep.OREAD, s.file...), 0, n))
		x.want(got == int(n), "of %d bytes it gets %d", n, got)
	}},
	{"msize/directory", "version(5)", "The reply to a read of a directory is not longer than was agreed upon.", func(x *exam) {
		c, dir := x.work()
		long := strings.Repeat("n", 50)
		for i := range 100 {
			c.do(tclunk(c.create(dir, long+string(rune('A'+i/10))+string(rune('a'+i%10)), 0666, ninep.OWRITE)))
		}
		f := c.open(dir, ninep.OREAD)
		c.entries(string(c.rpc(tread(f, 0, 1<<20)).Data)) // none, if that is refused
		c.entries(c.read(f, 0, c.msize-ninep.IOHDRSZ))
	}},
	{"msize/write", "version(5)", "A write of all the bytes that a message has room for, beside the 24 that are for its header, is taken.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE)
		n := int(c.msize) - ninep.IOHDRSZ
		r := c.do(twrite(f, 0, sampleText[:n]))
		x.want(r.Count > 0 && int(r.Count) <= n, "of %d bytes it took %d", n, r.Count)
	}},
	{"msize/too-long", "version(5)", "A request longer than was agreed upon is refused.", func(x *exam) {
		c, root := x.tree()
		t := twrite(root, 0, strings.Repeat("x", int(c.msize)))
		t.Tag = 1
		b, _ := t.Append(nil)
		go c.rwc.Write(b)
		c.log.line(c.n, "# a Twrite of more bytes than were agreed upon")
		c.refusedOrClosed()
		x.others()
	}},
	{"msize/agreed", "version(5)", "The msize agreed upon, not the one the server would like, is what counts.", func(x *exam) {
		big := x.session(64 << 10)
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		r := c.rpc(tread(f, 0, big.msize-ninep.IOHDRSZ))
		x.want(len(r.Data) <= smallest, "a read gives %d bytes", len(r.Data))
	}},
	{"msize/big", "version(5)", "With a larger msize a read gives more at once.", func(x *exam) {
		first, _, s := x.sampleFile()
		if len(s.text) < 2*smallest-1000 {
			x.skip("the file is too short")
		}
		c := x.session(64 << 10)
		if c.msize < 3*smallest {
			x.skip("the server takes no more than %d", c.msize)
		}
		root := c.attach()
		if r := c.rpc(twalk(root, c.fid(), s.file...)); len(r.Wqid) < len(s.file) {
			c = first // each connection has files of its own
			c.version(64 << 10)
			root = c.attach()
		}
		f := c.open(root, ninep.OREAD, s.file...)
		n := len(c.read(f, 0, c.msize-ninep.IOHDRSZ))
		x.want(n > smallest || n == len(s.text), "a read gives %d bytes of %d", n, len(s.text))
	}},
	{"msize/long-name", "intro(5)", "What does not fit in a message is an error, not cut.", func(x *exam) {
		c, dir := x.work()
		name := strings.Repeat("n", smallest-50)
		f := c.walk(dir)
		if r := c.rpc(tcreate(f, name, 0666, ninep.OWRITE)); r.Type == ninep.Rerror {
			x.skip("no name is that long: %s", r.Ename)
		}
		r := c.rpc(tstat(f))
		x.want(r.Type == ninep.Rerror || r.Stat.Name == name, "the name is cut to %d bytes", len(r.Stat.Name))
		c.do(tremove(f))
	}},
	{"msize/long-error", "intro(5)", "An error message that is too long is cut, not refused.", func(x *exam) {
		c, root := x.tree()
		if r := c.rpc(twalk(root, c.fid(), strings.Repeat("n", smallest-60))); r.Type != ninep.Rerror {
			x.skip("there are files of any name")
		}
	}},
	{"msize/before", "version(5)", "A first message that is longer than any version needs harms nobody.", func(x *exam) {
		c := x.dial()
		var b []byte
		b = binary.LittleEndian.AppendUint32(b, 1<<31)
		c.sendRaw(append(b, 100, 255, 255))
		c.hangup()
		x.others()
	}},
}
