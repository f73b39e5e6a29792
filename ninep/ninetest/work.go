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

// A sample is some files that are there and stay as they are.
type sample struct {
	dir  []string // the names of a directory below the root; none: there is none
	file []string // of a plain file, in that directory if possible; none: there is none
	text string   // what that contains
}

// sampleText is what the file of a sample contains if it could be made: more
// than one message.
var sampleText = strings.Repeat("0123456789abcde\n", 1000)

// sample opens a connection and returns files to look at: new ones, or, where
// no files can be made, those that it finds. One it has if a directory is
// needed, and one if a file is.
func (x *exam) sample() (c *client, root uint32, s sample) {
	if x.noWork == "" {
		c, root := x.tree()
		dir, why := x.makeWork(c, root)
		if why == "" {
			d := c.mkdir(dir, "d")
			c.put(d, "f", sampleText)
			at := append(slices.Clone(x.Dir), x.workName, "d")
			return c, root, sample{slices.Clip(at), slices.Clip(append(slices.Clone(at), "f")), sampleText}
		}
		x.noWork = why
	}
	c, root = x.tree()
	if x.found == nil {
		x.found = new(sample)
		(&finder{client: c, s: x.found}).find(root, nil)
	}
	s = *x.found // clipped: checks append to the names
	return c, root, sample{slices.Clip(s.dir), slices.Clip(s.file), s.text}
}

// sampleDir is sample for a check that needs a directory.
func (x *exam) sampleDir() (c *client, root uint32, dir []string) {
	c, root, s := x.sample()
	if len(s.dir) == 0 {
		x.skip("there is no directory in the root")
	}
	return c, root, s.dir
}

// sampleAny is sampleDir for a check that a file serves as well.
func (x *exam) sampleAny() (c *client, root uint32, names []string) {
	c, root, s := x.sample()
	if names = s.dir; len(names) == 0 {
		names = s.file
	}
	if len(names) == 0 {
		x.skip("there is neither a directory nor a plain file with a length")
	}
	return c, root, names
}

// sampleFile is sample for a check that needs a file.
func (x *exam) sampleFile() (c *client, root uint32, s sample) {
	c, root, s = x.sample()
	if len(s.file) == 0 {
		x.skip("no plain file with a length is found, and %s", x.noWork)
	}
	return c, root, s
}

// sampleBelow is sampleFile for a check that needs the file in a directory.
func (x *exam) sampleBelow() (c *client, root uint32, s sample) {
	c, root, s = x.sampleFile()
	if len(s.file) == 1 {
		x.skip("no plain file with a length is found in a directory, and %s", x.noWork)
	}
	return c, root, s
}

// A finder looks for a sample.
type finder struct {
	*client
	s    *sample
	dirs int // looked at
}

// How far a finder looks.
const (
	maxFindDepth = 4
	maxFindDirs  = 50
	maxFindBytes = 1 << 18
)

// find looks in the directory with the names, of which fid is one, and below.
func (f *finder) find(fid uint32, names []string) {
	f.dirs++
	of := f.fid()
	if f.rpc(twalk(fid, of)).Type == ninep.Rerror {
		return
	}
	if f.rpc(topen(of, ninep.OREAD)).Type == ninep.Rerror {
		f.do(tclunk(of))
		return
	}
	dirs := f.entries(f.readAll(of))
	f.do(tclunk(of))
	for _, d := range dirs {
		at := append(slices.Clone(names), d.Name)
		switch {
		case len(f.s.file) > 1 || f.dirs > maxFindDirs:
			return
		case d.IsDir() && len(at) <= maxFindDepth:
			nf := f.fid()
			if r := f.rpc(twalk(fid, nf, d.Name)); len(r.Wqid) != 1 {
				continue
			}
			if len(f.s.dir) == 0 {
				f.s.dir = at
			}
			f.find(nf, at)
			f.do(tclunk(nf))
		case !d.IsDir() && !f.x.Tree.NoRead && (len(names) > 0 || len(f.s.file) == 0) && d.Length > 0 && d.Length < maxFindBytes && d.Mode&(ninep.DMAPPEND|ninep.DMEXCL) == 0:
			f.take(fid, at, d)
		}
	}
}

// take makes a file the one of the sample if it is as long as it says.
func (f *finder) take(dir uint32, at []string, d ninep.Dir) {
	nf := f.fid()
	if r := f.rpc(twalk(dir, nf, d.Name)); len(r.Wqid) != 1 {
		return
	}
	if f.rpc(topen(nf, ninep.OREAD)).Type == ninep.Ropen {
		if text := f.readAll(nf); int64(len(text)) == d.Length {
			f.s.file, f.s.text = at, text
			if len(at) > 1 {
				f.s.dir = slices.Clone(at[:len(at)-1])
			}
		}
	}
	f.do(tclunk(nf))
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
	if b, err := tversion(smallest, ninep.VERSION9P).Append(nil); other.status == Failed || err != nil || c.send(b, "") != nil {
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
