package ninetest

import "ufo/ninep"

// tagChecks are of what intro(5) says about tags and replies.
var tagChecks = []Check{
	{"tag/echo", "intro(5)", "The reply has the tag of the request.", func(x *exam) {
		c, root := x.tree()
		for _, tag := range []uint16{0, 1, 255, 256, 1<<15 - 1, 1 << 15, 1<<16 - 2} {
			c.rpcAs(tag, tstat(root))
		}
	}},
	{"tag/echo-error", "error(5)", "An Rerror has the tag of the request that failed.", func(x *exam) {
		c, _ := x.tree()
		r := c.rpcAs(4711, tstat(4711))
		x.want(r.Type == ninep.Rerror, "the reply is %v", r)
	}},
	{"tag/error-text", "error(5)", "An Rerror tells why.", func(x *exam) {
		c, _ := x.tree()
		r := c.rpc(tstat(4711))
		x.want(r.Type == ninep.Rerror && r.Ename != "", "the reply is %v", r)
	}},
	{"tag/reuse", "intro(5)", "A tag is free as soon as its reply has come.", func(x *exam) {
		c, root := x.tree()
		for range 100 {
			c.do(tstat(root))
		}
	}},
	{"tag/many", "intro(5)", "Many requests can be outstanding; each gets one reply.", func(x *exam) {
		c, root := x.tree()
		const n = 64
		go func() {
			b := batch(n, func(i int) *ninep.Fcall { return tstat(root) })
			c.rwc.Write(b)
		}()
		c.log.line(c.n, "# 64 of Tstat, with the tags 0 to 63, in one write")
		c.collect(n, ninep.Rstat)
	}},
	{"tag/many-kinds", "intro(5)", "Requests of different types can be outstanding together.", func(x *exam) {
		c, root := x.tree()
		c.sendAs(10, tstat(root))
		c.sendAs(11, twalk(root, 100))
		c.sendAs(12, tstat(4711))
		c.sendAs(13, tflush(99))
		want := map[uint16]ninep.MsgType{10: ninep.Rstat, 11: ninep.Rwalk, 12: ninep.Rerror, 13: ninep.Rflush}
		for range 4 {
			r := c.recv()
			x.want(r != nil, "the connection is closed")
			x.want(want[r.Tag] == r.Type, "tag %d has the reply %v", r.Tag, r.Type)
			delete(want, r.Tag)
		}
	}},
	{"tag/split", "intro(5)", "A message is one however its bytes arrive.", func(x *exam) {
		c, root := x.tree()
		t := tstat(root)
		t.Tag = 1
		b, _ := t.Append(nil)
		c.log.line(c.n, "# a byte at a time")
		c.log.line(c.n, t.String())
		for i := range b {
			c.rwc.Write(b[i : i+1])
		}
		r := c.recv()
		x.want(r != nil && r.Type == ninep.Rstat && r.Tag == 1, "the reply is %v", r)
	}},
	{"tag/split-between", "intro(5)", "Where one message ends and the next begins its size says, not how the bytes arrive.", func(x *exam) {
		c, root := x.tree()
		b := batch(2, func(int) *ninep.Fcall { return tstat(root) })
		c.log.line(c.n, "# two of Tstat, tags 0 and 1, cut within the second")
		cut := len(b) - 3
		c.rwc.Write(b[:cut])
		r := c.recv()
		x.want(r != nil && r.Type == ninep.Rstat && r.Tag == 0, "the first reply is %v", r)
		c.rwc.Write(b[cut:])
		r = c.recv()
		x.want(r != nil && r.Type == ninep.Rstat && r.Tag == 1, "the second reply is %v", r)
	}},
}

// batch returns n requests, with the tags from 0, as bytes.
func batch(n int, t func(i int) *ninep.Fcall) []byte {
	var b []byte
	for i := range n {
		m := t(i)
		m.Tag = uint16(i)
		b, _ = m.Append(b)
	}
	return b
}

// collect receives the replies to a batch, in whatever order.
func (c *client) collect(n int, want ninep.MsgType) {
	seen := make(map[uint16]bool)
	for range n {
		r := c.recv()
		c.x.want(r != nil, "the connection is closed after %d of %d replies", len(seen), n)
		c.x.want(r.Type == want, "the reply is %v", r)
		c.x.want(int(r.Tag) < n && !seen[r.Tag], "a second reply with tag %d, or one to nothing", r.Tag)
		seen[r.Tag] = true
	}
}

// noFid is a number that no check gives to a fid.
const noFid = 4711

// fidChecks are of what intro(5) says about fids.
var fidChecks = []Check{
	{"fid/unknown-walk", "intro(5)", "A walk of a fid that nobody introduced is an error.", refuses(twalk(noFid, 1, "x"))},
	{"fid/unknown-clone", "intro(5)", "A walk of no names of an unknown fid is an error.", refuses(twalk(noFid, 1))},
	{"fid/unknown-open", "intro(5)", "An open of an unknown fid is an error.", refuses(topen(noFid, ninep.OREAD))},
	{"fid/unknown-create", "intro(5)", "A create with an unknown fid is an error.", refuses(tcreate(noFid, "ninetest", 0666, ninep.OREAD))},
	{"fid/unknown-read", "intro(5)", "A read of an unknown fid is an error.", refuses(tread(noFid, 0, 10))},
	{"fid/unknown-write", "intro(5)", "A write to an unknown fid is an error.", refuses(twrite(noFid, 0, "x"))},
	{"fid/unknown-clunk", "intro(5)", "A clunk of an unknown fid is an error.", refuses(tclunk(noFid))},
	{"fid/unknown-remove", "intro(5)", "A remove of an unknown fid is an error.", refuses(tremove(noFid))},
	{"fid/unknown-stat", "intro(5)", "A stat of an unknown fid is an error.", refuses(tstat(noFid))},
	{"fid/unknown-wstat", "intro(5)", "A wstat of an unknown fid is an error.", refuses(twstat(noFid, func(*ninep.Dir) {}))},
	{"fid/any-number", "intro(5)", "The client chooses the numbers of fids: any 32 bits.", func(x *exam) {
		c, root := x.tree()
		for _, n := range []uint32{1, 255, 1 << 16, 1 << 31, 1<<32 - 2} {
			c.do(twalk(root, n))
			c.do(tstat(n))
			c.do(tclunk(n))
		}
	}},
	{"fid/many", "intro(5)", "Many fids can be in use.", func(x *exam) {
		c, root := x.tree()
		for i := range uint32(500) {
			c.do(twalk(root, 1000+i))
		}
		c.do(tstat(1000))
		c.do(tstat(1499))
	}},
	{"fid/independent", "intro(5)", "Two fids for one file have states of their own: opening one does not open the other.", func(x *exam) {
		c, root := x.tree()
		f := c.walk(root)
		c.do(topen(f, ninep.OREAD))
		c.refused(tread(root, 0, 1000))
		c.do(twalk(root, c.fid()))
	}},
	{"fid/connections", "intro(5)", "Each connection has its own fids.", func(x *exam) {
		c, root := x.tree()
		o := x.session(smallest)
		o.refused(tstat(root))
		o.attach()
		c.do(tclunk(root))
		o.do(tstat(0))
	}},
}

// refuses returns a check of a request that must not succeed.
func refuses(t *ninep.Fcall) func(x *exam) {
	return func(x *exam) {
		c, _ := x.tree()
		t := *t
		c.refused(&t)
	}
}
