package ninetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"ufo/ninep"
)

// An exam is a check being run. Its methods, and those of its connections, end
// the check when the server does what it must not: what comes after them
// need not ask.
type exam struct {
	*Suite
	*knowledge
	ctx   context.Context
	log   *transcript
	conns []*client

	workName string // of the directory that was made; "": none was
	status   Status
	saw      string
}

// knowledge is what one check learns of the server for those after it.
type knowledge struct {
	noWork string   // why no directory can be made; "": it can, or nobody tried
	tried  bool     // whether files keep what is written
	found  *sample  // of a server on which none can be made
	left   []string // what could not be removed
}

// guard calls f in a goroutine of its own, which fail and skip may end.
func (x *exam) guard(f func()) {
	done := make(chan struct{})
	go func() { // ends with f, which waits for nothing longer than x.ctx
		defer close(done)
		f()
	}()
	<-done
}

// fail ends the check: the server broke the rule.
func (x *exam) fail(format string, args ...any) {
	x.status, x.saw = Failed, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// skip ends the check: it does not apply.
func (x *exam) skip(format string, args ...any) {
	x.status, x.saw = Skipped, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// want ends the check unless ok.
func (x *exam) want(ok bool, format string, args ...any) {
	if !ok {
		x.fail(format, args...)
	}
}

// A client is a conn of a check.
type client struct {
	*conn
	x *exam
}

// dial opens a connection on which nothing has been said.
func (x *exam) dial() *client {
	rwc, err := x.Dial(x.ctx)
	if err != nil {
		x.log.line(len(x.conns)+1, "# no connection")
		x.fail("no connection: %v", err)
	}
	c := &client{newConn(rwc, x.log, len(x.conns)+1), x}
	x.conns = append(x.conns, c)
	return c
}

// smallest is the length of messages that every server can do.
const smallest = 8192

// session opens a connection and begins a session with messages of at most
// msize bytes.
func (x *exam) session(msize uint32) *client {
	c := x.dial()
	c.version(msize)
	return c
}

// version begins a session.
func (c *client) version(msize uint32) *ninep.Fcall {
	r := c.do(tversion(msize, ninep.VERSION9P))
	if r.Version != ninep.VERSION9P {
		c.x.skip("the server speaks %q", r.Version)
	}
	c.x.want(r.Msize <= msize, "the server's msize %d is above the client's %d", r.Msize, msize)
	c.msize = r.Msize
	return r
}

// tree opens a connection and attaches: the fid of the root is 0.
func (x *exam) tree() (c *client, root uint32) {
	c = x.session(smallest)
	return c, c.attach()
}

// attach attaches, and returns the fid of the root.
func (c *client) attach() uint32 {
	t := tattach(c.fid(), c.x.User, c.x.Aname)
	if r := c.rpc(t); r.Type == ninep.Rerror {
		c.x.skip("attach as %s: %s", c.x.User, r.Ename)
	}
	return t.Fid
}

// fid returns a number that is no fid yet.
func (c *client) fid() uint32 {
	c.next++
	return c.next - 1
}

// sendAs sends a message with a tag and does not wait.
func (c *client) sendAs(tag uint16, t *ninep.Fcall) {
	t.Tag = tag
	b, err := t.Append(nil)
	if err != nil {
		c.x.fail("cannot send %v: %v", t, err)
	}
	if err := c.give(b, t.String()); err != nil {
		c.x.fail("the server has closed the connection")
	}
}

// give sends bytes, and ends the check if nobody takes them.
func (c *client) give(b []byte, line string) error {
	stop := context.AfterFunc(c.x.ctx, c.close) // ends a write
	err := c.send(b, line)
	if !stop() {
		c.x.fail("the server has not taken a message in %v", c.x.Limit)
	}
	return err
}

// sendRaw sends bytes and does not wait. A server that has enough may have
// closed the connection.
func (c *client) sendRaw(b []byte) { c.give(b, rawLine(b)) }

// recv returns the next message, or nil if the server has closed the
// connection.
func (c *client) recv() *ninep.Fcall {
	var r reply
	select {
	case r = <-c.replies:
	case <-c.x.ctx.Done():
		c.x.fail("no reply in %v", c.x.Limit)
	}
	var bad errReply
	switch {
	case errors.As(r.err, &bad):
		c.x.fail("reply: %v", bad)
	case r.m == nil:
		c.log.line(c.n, "# the server closes the connection")
		return nil
	}
	c.log.line(c.n, r.m.String())
	if c.msize > 0 && r.size > int(c.msize) {
		c.x.fail("a message of %d bytes; %d were agreed upon", r.size, c.msize)
	}
	return r.m
}

// rpc sends a message and returns the reply, which has to be one to it.
func (c *client) rpc(t *ninep.Fcall) *ninep.Fcall {
	tag := uint16(1)
	if t.Type == ninep.Tversion {
		tag = ninep.NOTAG
	}
	return c.rpcAs(tag, t)
}

// rpcAs is rpc with a tag.
func (c *client) rpcAs(tag uint16, t *ninep.Fcall) *ninep.Fcall {
	c.sendAs(tag, t)
	r := c.recv()
	switch {
	case r == nil:
		c.x.fail("%v: the connection is closed", t.Type)
	case r.Tag != tag:
		c.x.fail("%v tag %d: the reply has tag %d", t.Type, tag, r.Tag)
	case r.Type != t.Type+1 && r.Type != ninep.Rerror:
		c.x.fail("%v: the reply is %v", t.Type, r.Type)
	}
	return r
}

// do is rpc of what must succeed.
func (c *client) do(t *ninep.Fcall) *ninep.Fcall {
	r := c.rpc(t)
	if r.Type == ninep.Rerror {
		c.x.fail("%v: %s", t, r.Ename)
	}
	return r
}

// refused is rpc of what must not succeed.
func (c *client) refused(t *ninep.Fcall) {
	if r := c.rpc(t); r.Type != ninep.Rerror {
		c.x.fail("%v has succeeded", t)
	}
}

// refusedOrClosed is refused for what a server may also take as the end of
// all talk.
func (c *client) refusedOrClosed() {
	r := c.recv()
	c.x.want(r == nil || r.Type == ninep.Rerror, "the reply is %v", r)
}
