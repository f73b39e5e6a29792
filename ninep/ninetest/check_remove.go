package ninetest

import "ufo/ninep"

// appendChecks are of what stat(5) says about append-only files.
var appendChecks = []Check{
	{"append/end", "stat(5)", "A write to an append-only file goes to its end, whatever the offset.", func(x *exam) {
		c, dir, f := x.special(ninep.DMAPPEND)
		c.write(f, 0, "ab")
		c.write(f, 0, "cd")
		c.write(f, 100, "ef")
		x.want(c.get(dir, "a") == "abcdef", "it contains %q", c.get(dir, "a"))
	}},
	{"append/truncate", "open(5)", "OTRUNC does not truncate an append-only file.", func(x *exam) {
		c, dir, f := x.special(ninep.DMAPPEND)
		c.write(f, 0, "ab")
		if r := c.rpc(topen(c.walk(dir, "a"), ninep.OWRITE|ninep.OTRUNC)); r.Type == ninep.Rerror {
			x.fail("the open fails: %s", r.Ename)
		}
		x.want(c.get(dir, "a") == "ab", "it contains %q", c.get(dir, "a"))
	}},
	{"append/qid", "stat(5)", "The qid of an append-only file says so.", func(x *exam) {
		c, dir, _ := x.special(ninep.DMAPPEND)
		d := c.stat(dir, "a")
		x.want(d.Qid.Type&ninep.QTAPPEND != 0, "the mode is %v, the qid %v", d.Mode, d.Qid)
	}},
	{"append/two", "stat(5)", "Two who append do not overwrite each other.", func(x *exam) {
		c, dir, f := x.special(ninep.DMAPPEND)
		g := c.open(dir, ninep.OWRITE, "a")
		c.write(f, 0, "ab")
		c.write(g, 0, "cd")
		c.write(f, 2, "ef")
		x.want(c.get(dir, "a") == "abcdef", "it contains %q", c.get(dir, "a"))
	}},
	{"append/read", "read(5)", "The offset of a read counts, in an append-only file, too.", func(x *exam) {
		c, dir, f := x.special(ninep.DMAPPEND)
		c.write(f, 0, "abcd")
		x.want(c.read(c.open(dir, ninep.OREAD, "a"), 2, 10) == "cd", "at 2 there is something else than cd")
	}},
}

// special makes a file called a with a bit of the mode that the server may not
// have, and returns its fid, open for both.
func (x *exam) special(bit ninep.Perm) (c *client, dir, fid uint32) {
	c, dir = x.work()
	fid = c.walk(dir)
	if r := c.rpc(tcreate(fid, "a", bit|0666, ninep.ORDWR)); r.Type == ninep.Rerror {
		x.skip("no file can have the mode %v: %s", bit|0666, r.Ename)
	}
	if d := c.stat(fid); d.Mode&bit == 0 {
		x.skip("a file made with the mode %v has %v", bit|0666, d.Mode)
	}
	return c, dir, fid
}

// exclChecks are of what stat(5) and open(5) say about files for exclusive use.
var exclChecks = []Check{
	{"exclusive/second", "open(5)", "A file for exclusive use that is open cannot be opened.", func(x *exam) {
		c, dir, f := x.special(ninep.DMEXCL)
		c.do(tclunk(f))
		c.open(dir, ninep.OREAD, "a")
		c.refused(topen(c.walk(dir, "a"), ninep.OREAD))
		c.refused(topen(c.walk(dir, "a"), ninep.OWRITE))
	}},
	{"exclusive/created", "open(5)", "A file made for exclusive use is open, and cannot be opened.", func(x *exam) {
		c, dir, _ := x.special(ninep.DMEXCL)
		c.refused(topen(c.walk(dir, "a"), ninep.OREAD))
	}},
	{"exclusive/connections", "stat(5)", "Exclusive use is among all clients of the server.", func(x *exam) {
		x.special(ninep.DMEXCL)
		o, dir := x.second()
		o.refused(topen(o.walk(dir, "a"), ninep.OREAD))
	}},
	{"exclusive/clunked", "open(5)", "After the clunk a file for exclusive use can be opened by another.", func(x *exam) {
		c, dir, f := x.special(ninep.DMEXCL)
		c.do(tclunk(f))
		for range 3 {
			c.do(tclunk(c.open(dir, ninep.OREAD, "a")))
		}
	}},
	{"exclusive/failed", "open(5)", "An open that failed does not hold a file for exclusive use.", func(x *exam) {
		c, dir, f := x.special(ninep.DMEXCL)
		g := c.walk(dir, "a")
		c.refused(topen(g, ninep.OREAD))
		c.do(tclunk(f))
		c.do(topen(g, ninep.OREAD))
	}},
	{"exclusive/stat", "stat(5)", "A file for exclusive use can be walked to and asked for its entry while it is open.", func(x *exam) {
		c, dir, _ := x.special(ninep.DMEXCL)
		d := c.stat(dir, "a")
		x.want(d.Qid.Type&ninep.QTEXCL != 0, "the mode is %v, the qid %v", d.Mode, d.Qid)
	}},
	{"exclusive/version", "version(5)", "A new session lets go of the files for exclusive use.", func(x *exam) {
		c, _, _ := x.special(ninep.DMEXCL)
		o, dir := x.second()
		f := o.walk(dir, "a")
		o.refused(topen(f, ninep.OREAD))
		c.version(smallest)
		o.do(topen(f, ninep.OREAD))
	}},
}

// removeChecks are of remove(5).
var removeChecks = []Check{
	{"remove/file", "remove(5)", "A file that is removed is gone.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.do(tremove(c.walk(dir, "a")))
		x.want(!c.has(dir, "a"), "a walk finds it")
	}},
	{"remove/directory", "remove(5)", "An empty directory can be removed.", func(x *exam) {
		c, dir := x.work()
		c.do(tremove(c.mkdir(dir, "a")))
		x.want(!c.has(dir, "a"), "a walk finds it")
	}},
	{"remove/full", "remove(2)", "A directory with files in it cannot be removed.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(dir, "a")
		c.put(d, "f", "hello")
		c.refused(tremove(c.walk(dir, "a")))
		x.want(c.has(dir, "a", "f"), "it is gone all the same")
	}},
	{"remove/clunks", "remove(5)", "Remove clunks the fid.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.do(tremove(f))
		c.refused(tstat(f))
		c.do(twalk(dir, f))
	}},
	{"remove/clunks-failed", "remove(5)", "Remove clunks the fid even if it fails.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(dir, "a")
		c.put(d, "f", "hello")
		f := c.walk(dir, "a")
		c.refused(tremove(f))
		c.refused(tstat(f))
		c.do(twalk(dir, f))
	}},
	{"remove/open", "remove(5)", "A file that is open can be removed by its fid.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.ORDWR, "a")
		c.do(tremove(f))
		x.want(!c.has(dir, "a"), "a walk finds it")
		c.refused(tread(f, 0, 10))
	}},
	{"remove/others", "remove(5)", "What other fids of a removed file are good for the server decides; it answers, and they can be clunked.", func(x *exam) {
		c, dir := x.fileA("hello")
		f, g := c.open(dir, ninep.ORDWR, "a"), c.walk(dir, "a")
		c.do(tremove(c.walk(dir, "a")))
		c.rpc(tread(f, 0, 10))
		c.rpc(twrite(f, 0, "x"))
		c.rpc(tstat(f))
		c.rpc(tstat(g))
		c.rpc(tclunk(f))
		c.rpc(tclunk(g))
		x.want(!c.has(dir, "a"), "the file is back")
		c.refused(tstat(f))
	}},
	{"remove/twice", "remove(5)", "What is gone cannot be removed.", func(x *exam) {
		c, dir := x.fileA("hello")
		f, g := c.walk(dir, "a"), c.walk(dir, "a")
		c.do(tremove(f))
		c.refused(tremove(g))
	}},
	{"remove/again", "remove(5)", "A name that is free again can be created.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.do(tremove(c.walk(dir, "a")))
		c.put(dir, "a", "new")
		x.want(c.get(dir, "a") == "new", "it contains %q", c.get(dir, "a"))
	}},
	{"remove/permission", "remove(5)", "To remove a file one must be permitted to write the directory.", func(x *exam) {
		c, d := x.dirMode(0555)
		c.refused(tremove(c.walk(d, "a")))
		x.want(c.has(d, "a"), "it is gone all the same")
	}},
	{"remove/read-only", "remove(5)", "The permissions of the file itself are not asked for.", func(x *exam) {
		c, f := x.fileMode(0)
		c.do(tremove(f))
	}},
}

// clunkChecks are of clunk(5).
var clunkChecks = []Check{
	{"clunk/forgets", "clunk(5)", "A fid that was clunked is none any more.", func(x *exam) {
		c, root := x.tree()
		f := c.walk(root)
		c.do(tclunk(f))
		c.refused(tstat(f))
		c.refused(twalk(f, c.fid()))
		c.refused(topen(f, ninep.OREAD))
	}},
	{"clunk/twice", "clunk(5)", "A fid can be clunked once.", func(x *exam) {
		c, root := x.tree()
		f := c.walk(root)
		c.do(tclunk(f))
		c.refused(tclunk(f))
	}},
	{"clunk/reuse", "clunk(5)", "The number of a fid that was clunked can be used in a walk.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.walk(root)
		c.do(tclunk(f))
		c.do(twalk(root, f, dir...))
		x.want(c.stat(f).Qid.Path == c.stat(root, dir...).Qid.Path, "it is another file")
	}},
	{"clunk/reuse-attach", "clunk(5)", "The number of a fid that was clunked can be used in an attach.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.walk(root, dir...)
		c.do(tclunk(f))
		c.do(tattach(f, x.User, x.Aname))
		x.want(c.stat(f).Qid.Path == c.stat(root).Qid.Path, "it is another file")
	}},
	{"clunk/open", "clunk(5)", "A file that is open is closed by the clunk.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.open(root, ninep.OREAD, s.file...)
		c.do(tclunk(f))
		c.refused(tread(f, 0, 10))
	}},
	{"clunk/open-directory", "clunk(5)", "A directory that is open is closed by the clunk.", func(x *exam) {
		c, root := x.tree()
		f := c.open(root, ninep.OREAD)
		c.do(tclunk(f))
		c.refused(tread(f, 0, 1000))
	}},
	{"clunk/keeps", "clunk(5)", "A clunk does not remove the file.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.do(tclunk(c.open(dir, ninep.ORDWR, "a")))
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"clunk/others", "clunk(5)", "The clunk of one fid leaves others for the same file as they are.", func(x *exam) {
		c, root, s := x.sampleFile()
		f, g := c.open(root, ninep.OREAD, s.file...), c.open(root, ninep.OREAD, s.file...)
		c.do(tclunk(f))
		x.want(c.read(g, 0, 4) != "", "it cannot be read any more")
	}},
	{"clunk/root", "clunk(5)", "The clunk of the root's fid leaves the fids that were walked to from it.", func(x *exam) {
		c, root, dir := x.sampleDir()
		f := c.walk(root, dir...)
		c.do(tclunk(root))
		c.do(tstat(f))
		c.walk(f, "..")
	}},
	{"clunk/after-error", "clunk(5)", "A fid with which something failed can be clunked.", func(x *exam) {
		c, root := x.tree()
		f := c.walk(root)
		c.refused(topen(f, ninep.OWRITE))
		c.refused(twrite(f, 0, "x"))
		c.do(tclunk(f))
		c.refused(tstat(f))
	}},
	{"clunk/removed", "clunk(5)", "After the clunk of a file that was removed meanwhile its number is free, also if that is an error.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OREAD, "a")
		c.do(tremove(c.walk(dir, "a")))
		c.rpc(tclunk(f))
		c.do(twalk(dir, f))
	}},
}
