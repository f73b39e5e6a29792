package ninetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ufo/ninep"
)

// workName is what the directory is called in which a check makes its files;
// a number is added if there is one already.
const workName = "ninetest.work"

// maxWork is how many of that name there may be, left by others.
const maxWork = 10

// work opens a connection and makes a directory. It ends the check if none can
// be made.
func (x *exam) work() (c *client, dir uint32) {
	if x.noWork != "" {
		x.skip("%s", x.noWork)
	}
	c, root := x.tree()
	dir, why := x.makeWork(c, root)
	if why != "" {
		x.noWork = why
		x.skip("%s", why)
	}
	return c, dir
}

// makeWork makes the directory, or says why that cannot be.
func (x *exam) makeWork(c *client, root uint32) (dir uint32, why string) {
	place := "/" + strings.Join(x.Dir, "/")
	top := c.fid()
	if r := c.rpc(twalk(root, top, x.Dir...)); r.Type == ninep.Rerror || len(r.Wqid) < len(x.Dir) {
		return 0, fmt.Sprintf("there is no %s to make files in", place)
	}
	var r *ninep.Fcall
	for i := range maxWork {
		x.workName = workName
		if i > 0 {
			x.workName += fmt.Sprint(".", i)
		}
		made := c.fid()
		c.do(twalk(top, made))
		r = c.rpc(tcreate(made, x.workName, ninep.DMDIR|0777, ninep.OREAD))
		c.do(tclunk(made))
		if r.Type != ninep.Rerror || !c.has(top, x.workName) {
			break
		}
	}
	if r.Type == ninep.Rerror {
		x.workName = ""
		return 0, fmt.Sprintf("no directory can be made in %s: %s", place, r.Ename)
	}
	if dir = c.fid(); len(c.do(twalk(top, dir, x.workName)).Wqid) != 1 {
		return 0, fmt.Sprintf("the directory made in %s is not there", place)
	}
	if !x.keeps(c, dir) {
		return 0, "what is written to a new file cannot be read from it"
	}
	return dir, ""
}

// keeps reports whether files keep what is written to them, which those of a
// device need not. It is asked once.
func (x *exam) keeps(c *client, dir uint32) bool {
	if x.tried {
		return true
	}
	x.tried = true
	const text = "hello, world\n"
	f := c.fid()
	c.do(twalk(dir, f))
	if c.rpc(tcreate(f, "probe", 0666, ninep.ORDWR)).Type == ninep.Rerror {
		return false
	}
	kept := false
	if c.rpc(twrite(f, 0, text)).Type == ninep.Rwrite {
		r := c.rpc(tread(f, 0, 100))
		kept = r.Type == ninep.Rread && string(r.Data) == text
	}
	c.do(tremove(f))
	return kept
}

// second opens another connection and walks to the directory of work; it ends
// the check if that is not there, as with a program that is started for each
// connection.
func (x *exam) second() (c *client, dir uint32) {
	c, root := x.tree()
	dir = c.fid()
	names := append(slices.Clone(x.Dir), x.workName)
	if r := c.rpc(twalk(root, dir, names...)); len(r.Wqid) != len(names) {
		x.skip("each connection has files of its own")
	}
	return c, dir
}

// tidy removes what the check has made and ends its connections.
func (x *exam) tidy(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, x.Limit)
	defer cancel()
	if x.workName != "" {
		y := &exam{Suite: x.Suite, knowledge: x.knowledge, ctx: ctx, log: new(transcript)}
		y.guard(func() { y.clear(x) })
		if y.status != "" {
			x.left = append(x.left, fmt.Sprintf("%s (%s)", x.workName, y.saw))
		}
		for _, c := range y.conns {
			c.close()
		}
	}
	for _, c := range x.conns {
		c.close()
	}
}

// clear removes the directory of another exam.
func (x *exam) clear(other *exam) {
	c := x.renew(other)
	top := c.walk(c.attach(), x.Dir...)
	c.removeAll(top, other.workName)
}

// renew begins a session in which to clear up: on the connection of the check,
// whose fids that ends, or on a new one if there is no talking on that.
func (x *exam) renew(other *exam) *client {
	c := &client{other.conns[0].conn, x}
	if b, err := tversion(smallest, ninep.VERSION9P).Append(nil); other.status == Failed || err != nil || c.give(b, "") != nil {
		return x.session(smallest)
	}
	for {
		switch r := c.recv(); {
		case r == nil:
			return x.session(smallest)
		case r.Type == ninep.Rversion:
			c.msize = r.Msize
			return c
		}
	}
}

// removeAll removes a file, and if it is a directory what is in it.
func (c *client) removeAll(dir uint32, name string) {
	if !c.has(dir, name) {
		return
	}
	f := c.walk(dir, name)
	if d := c.stat(f); d.IsDir() {
		if d.Mode&0700 != 0700 {
			c.do(twstat(f, func(d *ninep.Dir) { d.Mode = ninep.DMDIR | 0777 }))
		}
		for _, d := range c.list(f) {
			c.removeAll(f, d.Name)
		}
	}
	c.do(tremove(f))
}
