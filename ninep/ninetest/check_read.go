package ninetest

import (
	"strings"

	"ufo/ninep"
)

// readChecks are of read(5), about plain files.
var readChecks = []Check{
	{"read/whole", "read(5)", "Read on to the end a file gives as many bytes as its length says.", func(x *exam) {
		c, root, s := x.sampleFile()
		x.want(c.get(root, s.file...) == s.text, "it is not the same as before")
		x.want(c.stat(root, s.file...).Length == int64(len(s.text)), "the length is %d, there are %d bytes", c.stat(root, s.file...).Length, len(s.text))
	}},
	{"read/offset", "read(5)", "A read begins at its offset.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for _, off := range []int{len(s.text) - 1, len(s.text) / 2, min(1, len(s.text)-1), 0} {
			if got := c.read(f, uint64(off), 100); got == "" || !strings.HasPrefix(s.text[off:], got) {
				x.fail("at %d it gives %q", off, got)
			}
		}
	}},
	{"read/count", "read(5)", "A read gives no more than it asks for.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for _, n := range []uint32{1, 2, 7} {
			c.read(f, 0, n)
		}
	}},
	{"read/nothing", "read(5)", "A read of no bytes gives none.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.read(c.open(root, ninep.OREAD, s.file...), 0, 0)
	}},
	{"read/end", "read(5)", "A read at the end gives no bytes.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for range 2 {
			x.want(c.read(f, uint64(len(s.text)), 10) == "", "there is something")
		}
	}},
	{"read/beyond", "read(5)", "A read beyond the end gives no bytes.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for _, more := range []uint64{1, 1000, 1 << 31, 1 << 32, 1 << 40} {
			x.want(c.read(f, uint64(len(s.text))+more, 10) == "", "%d bytes beyond the end there is something", more)
		}
	}},
	{"read/far-beyond", "read(5)", "However far beyond the end a read is, it gives nothing, or an error.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for _, off := range []uint64{1<<63 - 1, 1 << 63, 1<<64 - 1, 1<<64 - 8} {
			r := c.rpc(tread(f, off, 10))
			x.want(r.Type == ninep.Rerror || len(r.Data) == 0, "at %d there is %q", off, r.Data)
		}
		x.want(c.read(f, 0, 1) == s.text[:1], "then it does not read as before")
	}},
	{"read/largest-count", "read(5)", "A read may ask for more than fits in a message; it gets what fits.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		r := c.rpc(tread(f, 0, 1<<32-1))
		x.want(r.Type == ninep.Rerror || len(r.Data) > 0 && strings.HasPrefix(s.text, string(r.Data)), "it gives %q", r.Data)
	}},
	{"read/two", "read(5)", "The offset is the request's: two fids, or two reads, have nothing to do with each other.", func(x *exam) {
		c, root, s := x.sampleFile()
		f, g := c.open(root, ninep.OREAD, s.file...), c.open(root, ninep.OREAD, s.file...)
		for range 3 {
			x.want(c.read(f, 0, 4) == c.read(g, 0, 4), "two fids read different things")
		}
	}},
	{"read/clunked", "clunk(5)", "What was clunked cannot be read.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		c.do(tclunk(f))
		c.refused(tread(f, 0, 10))
	}},
	{"read/pipelined", "read(5)", "Reads that are outstanding together give what they would give one by one.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		const n = 16
		step := uint64(len(s.text)/n + 1)
		c.log.line(c.n, "# 16 of Tread in one write")
		go c.rwc.Write(batch(n, func(i int) *ninep.Fcall { return tread(f, uint64(i)*step, 5) }))
		for range n {
			r := c.recv()
			x.want(r != nil && r.Type == ninep.Rread && r.Tag < n, "the reply is %v", r)
			off := min(int(r.Tag)*int(step), len(s.text))
			x.want(strings.HasPrefix(s.text[off:], string(r.Data)) && (len(r.Data) > 0 || off == len(s.text)), "at %d there is %q", off, r.Data)
		}
	}},
}

// writeChecks are of what read(5) says about write.
var writeChecks = []Check{
	{"write/count", "read(5)", "The reply to a write says how many bytes were taken.", func(x *exam) {
		c, dir := x.work()
		r := c.do(twrite(c.create(dir, "a", 0666, ninep.OWRITE), 0, "hello"))
		x.want(r.Count == 5, "of 5 bytes %d", r.Count)
	}},
	{"write/middle", "read(5)", "A write goes to its offset and changes nothing else.", func(x *exam) {
		c, dir := x.fileA("hello, world")
		f := c.open(dir, ninep.OWRITE, "a")
		c.write(f, 5, "-")
		x.want(c.get(dir, "a") == "hello- world", "it contains %q", c.get(dir, "a"))
		c.write(f, 0, "J")
		x.want(c.get(dir, "a") == "Jello- world", "it contains %q", c.get(dir, "a"))
	}},
	{"write/end", "read(5)", "A write at the end makes the file longer.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE, "a")
		c.write(f, 5, "!")
		x.want(c.get(dir, "a") == "hello!" && c.stat(f).Length == 6, "it contains %q, its length is %d", c.get(dir, "a"), c.stat(f).Length)
	}},
	{"write/over-end", "read(5)", "A write across the end makes the file longer by what is beyond.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.write(c.open(dir, ninep.OWRITE, "a"), 4, "ium")
		x.want(c.get(dir, "a") == "hellium", "it contains %q", c.get(dir, "a"))
	}},
	{"write/hole", "read(5)", "Between the end and a write beyond it there are zeros.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE, "a")
		if r := c.rpc(twrite(f, 8, "!")); r.Type == ninep.Rerror {
			x.skip("nothing can be written beyond the end: %s", r.Ename)
		}
		x.want(c.get(dir, "a") == "hello\x00\x00\x00!", "it contains %q", c.get(dir, "a"))
	}},
	{"write/nothing", "read(5)", "A write of no bytes changes nothing.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE, "a")
		c.rpc(twrite(f, 0, ""))
		c.rpc(twrite(f, 5, ""))
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"write/bytes", "read(5)", "Data are bytes, any of them.", func(x *exam) {
		c, dir := x.work()
		var all strings.Builder
		for i := range 256 {
			all.WriteByte(byte(i))
		}
		c.put(dir, "a", all.String())
		x.want(c.get(dir, "a") == all.String(), "it contains %q", c.get(dir, "a"))
	}},
	{"write/large", "read(5)", "What is written in many messages is read as it was written.", func(x *exam) {
		c, dir := x.work()
		text := strings.Repeat(sampleText, 4)
		c.put(dir, "a", text)
		x.want(c.get(dir, "a") == text, "it reads as something else")
	}},
	{"write/backward", "read(5)", "The order of writes is the client's to choose.", func(x *exam) {
		c, dir := x.fileA("....")
		f := c.open(dir, ninep.OWRITE, "a")
		for i, b := range []string{"d", "c", "b", "a"} {
			c.write(f, uint64(3-i), b)
		}
		x.want(c.get(dir, "a") == "abcd", "it contains %q", c.get(dir, "a"))
	}},
	{"write/pipelined", "read(5)", "Writes that are outstanding together are all done.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE)
		c.write(f, 0, strings.Repeat(".", 32))
		const n = 16
		c.log.line(c.n, "# 16 of Twrite in one write")
		go c.rwc.Write(batch(n, func(i int) *ninep.Fcall { return twrite(f, uint64(2*i), string(rune('a'+i))) }))
		c.collect(n, ninep.Rwrite)
		x.want(c.get(dir, "a") == "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.", "it contains %q", c.get(dir, "a"))
	}},
	{"write/far", "read(5)", "A write at an offset that no file has is refused, or done; it harms nothing.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE, "a")
		for _, off := range []uint64{1 << 63, 1<<64 - 1} {
			c.refused(twrite(f, off, "x"))
		}
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"write/seen", "read(5)", "What one has written another reads at once.", func(x *exam) {
		c, dir := x.fileA("hello")
		o, odir := x.second()
		r := o.open(odir, ninep.OREAD, "a")
		c.write(c.open(dir, ninep.OWRITE, "a"), 0, "J")
		x.want(o.read(r, 0, 10) == "Jello", "another connection reads what was there before")
	}},
}
