package ninetest

import "ufo/ninep"

// flushChecks are of flush(5), where no request has to wait.
var flushChecks = []Check{
	{"flush/unknown", "flush(5)", "A flush of a tag that nobody uses is answered by Rflush.", func(x *exam) {
		c, _ := x.tree()
		c.do(tflush(4711))
	}},
	{"flush/done", "flush(5)", "A flush of a request that was answered is answered by Rflush.", func(x *exam) {
		c, root := x.tree()
		c.rpcAs(7, tstat(root))
		c.do(tflush(7))
	}},
	{"flush/itself", "flush(5)", "A flush of its own tag is answered by Rflush.", func(x *exam) {
		c, _ := x.tree()
		c.do(tflush(1))
	}},
	{"flush/notag", "flush(5)", "A flush of NOTAG is answered by Rflush.", func(x *exam) {
		c, _ := x.tree()
		c.do(tflush(ninep.NOTAG))
	}},
	{"flush/flush", "flush(5)", "A flush can be flushed.", func(x *exam) {
		c, _ := x.tree()
		c.sendAs(7, tflush(4711))
		c.sendAs(8, tflush(7))
		c.flushes(8, 7)
	}},
	{"flush/before-attach", "flush(5)", "A flush needs no fid.", func(x *exam) {
		x.session(smallest).do(tflush(1))
	}},
	{"flush/order", "flush(5)", "The reply to a request comes before the reply to its flush, or not at all.", func(x *exam) {
		c, root := x.tree()
		for range 50 {
			c.sendAs(7, tstat(root))
			c.sendAs(8, tflush(7))
			c.flushes(8, 7)
		}
		c.do(tstat(root))
	}},
	{"flush/tag-free", "flush(5)", "After Rflush the tag of what was flushed can be used.", func(x *exam) {
		c, root := x.tree()
		for range 50 {
			c.sendAs(7, tstat(root))
			c.sendAs(8, tflush(7))
			c.flushes(8, 7)
			c.rpcAs(7, tstat(root))
		}
	}},
	{"flush/read", "flush(5)", "A read that was flushed harms no later one.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		for range 20 {
			c.sendAs(7, tread(f, 0, 4))
			c.sendAs(8, tflush(7))
			c.flushes(8, 7)
			x.want(c.read(f, 0, 4) == s.text[:min(4, len(s.text))], "it reads something else")
		}
	}},
	{"flush/walk", "flush(5)", "A walk whose reply came before Rflush is done; one without a reply is not.", func(x *exam) {
		c, root := x.tree()
		for range 50 {
			f := c.fid()
			c.sendAs(7, twalk(root, f))
			c.sendAs(8, tflush(7))
			if r := c.flushes(8, 7); r != nil && r.Type == ninep.Rwalk {
				c.do(tclunk(f))
			} else {
				c.refused(tstat(f))
			}
		}
	}},
	{"flush/open", "flush(5)", "An open whose reply came before Rflush is done; one without a reply is not.", func(x *exam) {
		c, root := x.tree()
		for range 20 {
			f := c.walk(root)
			c.sendAs(7, topen(f, ninep.OREAD))
			c.sendAs(8, tflush(7))
			if r := c.flushes(8, 7); r != nil && r.Type == ninep.Ropen {
				c.read(f, 0, 1000)
			} else {
				c.do(topen(f, ninep.OREAD))
			}
			c.do(tclunk(f))
		}
	}},
	{"flush/clunk", "flush(5)", "A clunk whose reply came before Rflush is done; one without a reply is not.", func(x *exam) {
		c, root := x.tree()
		for range 20 {
			f := c.walk(root)
			c.sendAs(7, tclunk(f))
			c.sendAs(8, tflush(7))
			if r := c.flushes(8, 7); r != nil && r.Type == ninep.Rclunk {
				c.refused(tstat(f))
			} else {
				c.do(tclunk(f))
			}
		}
	}},
	{"flush/create", "flush(5)", "A create whose reply came before Rflush is done; the fid of one without a reply is the directory.", func(x *exam) {
		c, dir := x.work()
		for range 20 {
			f := c.walk(dir)
			c.sendAs(7, tcreate(f, "a", 0666, ninep.OWRITE))
			c.sendAs(8, tflush(7))
			if r := c.flushes(8, 7); r != nil && r.Type == ninep.Rcreate {
				x.want(c.stat(f).Name == "a", "the fid is %v", c.stat(f))
				c.do(tremove(f))
				continue
			}
			x.want(c.stat(f).Qid.Path == c.stat(dir).Qid.Path, "the fid is %v", c.stat(f))
			c.removeAll(dir, "a")
		}
	}},
	{"flush/several", "flush(5)", "Of several flushes of a request the last is answered, after those of the others that are.", func(x *exam) {
		c, root := x.tree()
		for range 20 {
			c.sendAs(7, tstat(root))
			for tag := range uint16(3) {
				c.sendAs(20+tag, tflush(7))
			}
			c.severalFlushes(7, 20, 3)
			c.do(tstat(root))
		}
	}},
}

// flushes receives the Rflush with a tag, and before it perhaps the reply to
// old, which it returns.
func (c *client) flushes(tag, old uint16) (r *ninep.Fcall) {
	for {
		m := c.recv()
		switch {
		case m == nil:
			c.x.fail("the connection is closed")
		case m.Tag == tag && m.Type == ninep.Rflush:
			return r
		case m.Tag == tag:
			c.x.fail("a flush is answered by %v", m.Type)
		case m.Tag != old || r != nil:
			c.x.fail("a reply with tag %d, which nobody waits for", m.Tag)
		}
		r = m
	}
}

// severalFlushes receives the replies to n flushes of old, with tags from
// first, in order: those but the last may be missing.
func (c *client) severalFlushes(old, first uint16, n uint16) {
	next, answered := first, false
	for next < first+n {
		m := c.recv()
		switch {
		case m == nil:
			c.x.fail("the connection is closed")
		case m.Tag == old && !answered && next == first:
			answered = true
		case m.Type == ninep.Rflush && m.Tag >= next && m.Tag < first+n:
			next = m.Tag + 1
		default:
			c.x.fail("out of order: %v", m)
		}
	}
}

// waitChecks are of flush(5) and intro(5), with requests that wait.
var waitChecks = []Check{
	{"wait/others", "intro(5)", "A request that waits keeps no other waiting.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		c.do(tstat(f))
		c.do(tflush(99))
	}},
	{"wait/flush", "flush(5)", "A request that waits is given up when it is flushed.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		c.sendAs(8, tflush(7))
		c.flushes(8, 7)
		c.do(tstat(f))
	}},
	{"wait/flush-again", "flush(5)", "After the flush of a request that waited its tag is free and its fid as before.", func(x *exam) {
		c, f := x.waiting()
		for range 10 {
			c.sendAs(7, tread(f, 0, 100))
			c.sendAs(8, tflush(7))
			c.flushes(8, 7)
		}
		c.do(tclunk(f))
	}},
	{"wait/flush-one", "flush(5)", "The flush of one request leaves others waiting.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(6, tread(f, 0, 100))
		c.sendAs(7, tread(f, 0, 100))
		c.sendAs(8, tflush(7))
		c.flushes(8, 7)
		c.do(tstat(f))
		c.sendAs(8, tflush(6))
		c.flushes(8, 6)
	}},
	{"wait/flush-several", "flush(5)", "Of several flushes of a request that waits the last is answered.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		for tag := range uint16(3) {
			c.sendAs(20+tag, tflush(7))
		}
		c.severalFlushes(7, 20, 3)
		c.do(tstat(f))
	}},
	{"wait/clunk", "clunk(5)", "A fid can be clunked while a request with it waits; the request can be flushed then.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		c.sendAs(8, tclunk(f))
		c.sendAs(9, tflush(7))
		clunked := false
		for {
			r := c.recv()
			x.want(r != nil, "the connection is closed")
			clunked = clunked || r.Tag == 8 && r.Type == ninep.Rclunk
			if r.Tag == 9 {
				x.want(r.Type == ninep.Rflush, "a flush is answered by %v", r.Type)
				break
			}
		}
		if !clunked {
			r := c.recv()
			x.want(r != nil && r.Tag == 8 && r.Type == ninep.Rclunk, "the clunk is answered by %v", r)
		}
		c.refused(tstat(f))
	}},
	{"wait/many", "intro(5)", "Many requests can wait; each flush ends its own.", func(x *exam) {
		c, f := x.waiting()
		const n = 20
		for tag := range uint16(n) {
			c.sendAs(100+tag, tread(f, 0, 100))
		}
		for tag := range uint16(n) {
			c.sendAs(8, tflush(100+tag))
			c.flushes(8, 100+tag)
		}
		c.do(tstat(f))
	}},
	{"wait/same-tag", "intro(5)", "A tag that is used twice at a time is the client's mistake; others do not suffer.", func(x *exam) {
		c, f := x.waiting()
		c.sendAs(7, tread(f, 0, 100))
		c.sendAs(7, tstat(f))
		x.others()
	}},
	{"wait/gone", "intro(5)", "When a client goes with requests that wait the server goes on.", func(x *exam) {
		c, f := x.waiting()
		for tag := range uint16(10) {
			c.sendAs(tag, tread(f, 0, 100))
		}
		c.close()
		o, root := x.tree()
		o.do(tstat(root))
	}},
}

// waiting opens a connection and the file a read of which waits, or ends the
// check if none is known.
func (x *exam) waiting() (c *client, fid uint32) {
	if len(x.Waits) == 0 {
		x.skip("no file is known whose reads wait")
	}
	c, root := x.tree()
	return c, c.open(root, ninep.OREAD, x.Waits...)
}
