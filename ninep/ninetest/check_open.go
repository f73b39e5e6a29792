package ninetest

import "ufo/ninep"

// openChecks are of open(5), about plain files.
var openChecks = []Check{
	{"open/read", "open(5)", "A file opened for reading can be read.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		x.want(c.read(f, 0, 4) == s.text[:min(4, len(s.text))], "it does not read as it is")
	}},
	{"open/read-write", "open(5)", "A file opened for reading cannot be written.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.refused(twrite(c.open(root, ninep.OREAD, s.file...), 0, "x"))
	}},
	{"open/write", "open(5)", "A file opened for writing can be written.", func(x *exam) {
		c, dir := x.fileA("12")
		c.write(c.open(dir, ninep.OWRITE, "a"), 1, "3")
		x.want(c.get(dir, "a") == "13", "it contains %q", c.get(dir, "a"))
	}},
	{"open/write-read", "open(5)", "A file opened for writing cannot be read.", func(x *exam) {
		c, dir := x.fileA("12")
		c.refused(tread(c.open(dir, ninep.OWRITE, "a"), 0, 2))
	}},
	{"open/rdwr", "open(5)", "A file opened for both can be read and written.", func(x *exam) {
		c, dir := x.fileA("12")
		f := c.open(dir, ninep.ORDWR, "a")
		c.write(f, 1, "3")
		x.want(c.read(f, 0, 10) == "13", "it contains %q", c.get(dir, "a"))
	}},
	{"open/exec", "open(5)", "A file opened for executing can be read, and not written.", func(x *exam) {
		c, dir := x.work()
		c.do(tclunk(c.create(dir, "a", 0777, ninep.OWRITE)))
		if c.stat(dir, "a").Mode&0100 == 0 {
			x.skip("there are no executable files")
		}
		f := c.open(dir, ninep.OEXEC, "a")
		c.read(f, 0, 10)
		c.refused(twrite(f, 0, "x"))
	}},
	{"open/closed-read", "open(5)", "What is not open cannot be read.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.refused(tread(c.walk(root, s.file...), 0, 10))
	}},
	{"open/closed-write", "open(5)", "What is not open cannot be written.", func(x *exam) {
		c, dir := x.fileA("12")
		c.refused(twrite(c.walk(dir, "a"), 0, "x"))
	}},
	{"open/twice", "open(5)", "A fid that is open cannot be opened.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.refused(topen(c.open(root, ninep.OREAD, s.file...), ninep.OREAD))
	}},
	{"open/twice-mode", "open(5)", "A fid that somebody tries to open again stays open as it was.", func(x *exam) {
		c, dir := x.fileA("12")
		f := c.open(dir, ninep.OREAD, "a")
		c.refused(topen(f, ninep.OWRITE))
		x.want(c.read(f, 0, 10) == "12", "it cannot be read any more")
		c.refused(twrite(f, 0, "x"))
	}},
	{"open/twice-created", "open(5)", "A fid that create has opened cannot be opened.", func(x *exam) {
		c, dir := x.work()
		c.refused(topen(c.create(dir, "a", 0666, ninep.ORDWR), ninep.OREAD))
	}},
	{"open/failed", "open(5)", "A fid that could not be opened can be used as before.", func(x *exam) {
		c, root, dir := x.sampleDir()
		f := c.walk(root, dir...)
		c.refused(topen(f, ninep.OWRITE))
		c.refused(tread(f, 0, 1000))
		c.do(tstat(f))
		c.walk(f)
		c.do(topen(f, ninep.OREAD))
	}},
	{"open/truncate", "open(5)", "With OTRUNC a file is empty after the open.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE|ninep.OTRUNC, "a")
		x.want(c.stat(f).Length == 0, "its length is %d", c.stat(f).Length)
		x.want(c.get(dir, "a") == "", "it contains %q", c.get(dir, "a"))
	}},
	{"open/truncate-write", "open(5)", "What is written after a truncation is all there is.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.write(c.open(dir, ninep.ORDWR|ninep.OTRUNC, "a"), 0, "x")
		x.want(c.get(dir, "a") == "x", "it contains %q", c.get(dir, "a"))
	}},
	{"open/no-truncate", "open(5)", "Without OTRUNC an open changes nothing.", func(x *exam) {
		c, dir := x.fileA("hello")
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.ORDWR} {
			c.open(dir, mode, "a")
		}
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"open/remove-on-close", "open(5)", "With ORCLOSE the file is removed when the fid is clunked.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OREAD|ninep.ORCLOSE, "a")
		x.want(c.has(dir, "a"), "it is not there while it is open")
		c.do(tclunk(f))
		x.want(!c.has(dir, "a"), "it is there after the clunk")
		x.want(!c.lists(dir, "a"), "it is listed after the clunk")
	}},
	{"open/remove-on-close-other", "open(5)", "That one fid was opened with ORCLOSE is nothing to the clunk of another.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OREAD|ninep.ORCLOSE, "a")
		c.do(tclunk(c.open(dir, ninep.OREAD, "a")))
		x.want(c.has(dir, "a"), "it is not there")
		c.do(tclunk(f))
	}},
	{"open/two", "open(5)", "A file can be opened by two fids, each with its own mode.", func(x *exam) {
		c, dir := x.fileA("12")
		r, w := c.open(dir, ninep.OREAD, "a"), c.open(dir, ninep.OWRITE, "a")
		c.write(w, 0, "3")
		x.want(c.read(r, 0, 10) == "32", "a write by one fid is not read by the other")
		c.refused(twrite(r, 0, "x"))
		c.refused(tread(w, 0, 10))
	}},
	{"open/stat", "open(5)", "A fid that is open can be asked for its entry.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		x.want(c.stat(f).Qid.Path == c.stat(root, s.file...).Qid.Path, "it is another file than before")
	}},
}

// fileA is work with a file called a in it.
func (x *exam) fileA(text string) (c *client, dir uint32) {
	c, dir = x.work()
	c.put(dir, "a", text)
	return c, dir
}

// openDirChecks are of open(5), about directories.
var openDirChecks = []Check{
	{"open/directory", "open(5)", "A directory can be opened for reading.", func(x *exam) {
		c, root, dir := x.sampleDir()
		r := c.do(topen(c.walk(root, dir...), ninep.OREAD))
		x.want(r.Qid.IsDir(), "the qid is %v", r.Qid)
	}},
	{"open/directory-write", "open(5)", "A directory cannot be opened for writing.", dirNotOpen(ninep.OWRITE)},
	{"open/directory-rdwr", "open(5)", "A directory cannot be opened for reading and writing.", dirNotOpen(ninep.ORDWR)},
	{"open/directory-truncate", "open(5)", "A directory cannot be truncated.", dirNotOpen(ninep.OREAD | ninep.OTRUNC)},
	{"open/directory-remove", "open(5)", "A directory cannot be opened to be removed on close.", func(x *exam) {
		c, dir := x.work()
		f := c.mkdir(dir, "a")
		c.refused(topen(f, ninep.OREAD|ninep.ORCLOSE))
		c.do(tclunk(f))
		x.want(c.has(dir, "a"), "it is gone")
	}},
	{"open/directory-written", "read(5)", "A directory that is open cannot be written.", func(x *exam) {
		c, root, dir := x.sampleDir()
		c.refused(twrite(c.open(root, ninep.OREAD, dir...), 0, "x"))
	}},
}

// dirNotOpen returns a check that the root cannot be opened so.
func dirNotOpen(mode ninep.Mode) func(x *exam) {
	return func(x *exam) {
		c, root := x.tree()
		f := c.walk(root)
		c.refused(topen(f, mode))
		c.refused(tread(f, 0, 1000))
	}
}

// permChecks are of open(5) and intro(5) where they speak of permissions.
var permChecks = []Check{
	{"permission/read", "open(5)", "Who may not read a file cannot open it for reading.", func(x *exam) {
		c, f := x.fileMode(0222)
		c.refused(topen(f, ninep.OREAD))
	}},
	{"permission/write", "open(5)", "Who may not write a file cannot open it for writing.", func(x *exam) {
		c, f := x.fileMode(0444)
		c.refused(topen(f, ninep.OWRITE))
	}},
	{"permission/rdwr", "open(5)", "Opening for both needs both permissions.", func(x *exam) {
		c, f := x.fileMode(0444)
		c.refused(topen(f, ninep.ORDWR))
		c.setMode(f, 0222)
		c.refused(topen(f, ninep.ORDWR))
	}},
	{"permission/exec", "open(5)", "Who may not execute a file cannot open it for that.", func(x *exam) {
		c, f := x.fileMode(0666)
		c.refused(topen(f, ninep.OEXEC))
	}},
	{"permission/truncate", "open(5)", "A truncation needs the permission to write.", func(x *exam) {
		c, f := x.fileMode(0444)
		c.refused(topen(f, ninep.OREAD|ninep.OTRUNC))
		x.want(c.stat(f).Length == 5, "it has the length %d, it had 5", c.stat(f).Length)
	}},
	{"permission/kept", "open(5)", "What is open stays so when the permissions change.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.ORDWR, "a")
		if r := c.rpc(twstat(f, func(d *ninep.Dir) { d.Mode = 0 })); r.Type == ninep.Rerror {
			x.skip("the permissions cannot be changed: %s", r.Ename)
		}
		x.want(c.read(f, 0, 10) == "hello", "it does not read as before")
		c.write(f, 0, "x")
	}},
	{"permission/walk", "intro(5)", "A walk in a directory needs the permission to execute it.", func(x *exam) {
		c, d := x.dirMode(0666)
		c.refused(twalk(d, c.fid(), "a"))
	}},
	{"permission/list", "intro(5)", "Who may not read a directory cannot open it.", func(x *exam) {
		c, d := x.dirMode(0333)
		c.refused(topen(d, ninep.OREAD))
	}},
	{"permission/stat", "stat(5)", "A stat needs no permission.", func(x *exam) {
		c, f := x.fileMode(0)
		c.do(tstat(f))
	}},
}

// fileMode makes a file of five bytes with permissions, and returns it not open.
// It ends the check if nobody asks for these.
func (x *exam) fileMode(perm ninep.Perm) (c *client, fid uint32) {
	c, dir := x.fileA("hello")
	c.mayNot(dir)
	f := c.walk(dir, "a")
	c.setMode(f, perm)
	return c, f
}

// dirMode is fileMode for a directory with a file in it called a.
func (x *exam) dirMode(perm ninep.Perm) (c *client, fid uint32) {
	c, dir := x.fileA("hello")
	c.mayNot(dir)
	d := c.mkdir(dir, "d")
	c.put(d, "a", "")
	c.setMode(d, ninep.DMDIR|perm)
	return c, d
}

// setMode sets a mode, or ends the check if the server does not.
func (c *client) setMode(f uint32, mode ninep.Perm) {
	if r := c.rpc(twstat(f, func(d *ninep.Dir) { d.Mode = mode })); r.Type == ninep.Rerror {
		c.x.skip("no permissions can be set: %s", r.Ename)
	}
	if have := c.stat(f).Mode; have != mode {
		c.x.skip("permissions are not kept: %v was set, %v is there", mode, have)
	}
}

// mayNot ends the check if no permissions are asked for, as with a user who
// may do everything. That one is asked for makes the others the server's duty,
// but the one to execute, which even a host's super-user needs.
func (c *client) mayNot(dir uint32) {
	c.put(dir, "ninetest.p", "")
	f := c.walk(dir, "ninetest.p")
	c.setMode(f, 0)
	for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE} {
		if c.rpc(topen(f, mode)).Type == ninep.Rerror {
			c.do(tremove(f))
			return
		}
		c.do(tclunk(f))
		c.do(twalk(dir, f, "ninetest.p"))
	}
	c.x.skip("%s may do everything: a file with no permissions can be opened", c.x.User)
}
