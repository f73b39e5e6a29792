package ninetest

import "ufo/ninep"

// statChecks are of what stat(5) says about stat.
var statChecks = []Check{
	{"stat/root", "stat(5)", "The root of a server is called /.", func(x *exam) {
		c, root := x.tree()
		x.want(c.stat(root).Name == "/", "it is called %q", c.stat(root).Name)
	}},
	{"stat/name", "stat(5)", "The name of a file is the last of those that lead to it.", func(x *exam) {
		c, root, s := x.sampleFile()
		for i := range s.file {
			d := c.stat(root, s.file[:i+1]...)
			x.want(d.Name == s.file[i], "%q is called %q", s.file[i], d.Name)
		}
	}},
	{"stat/directory", "stat(5)", "A directory has DMDIR and the length 0.", func(x *exam) {
		c, root, dir := x.sampleDir()
		d := c.stat(root, dir...)
		x.want(d.IsDir() && d.Length == 0, "the mode is %v, the length %d", d.Mode, d.Length)
	}},
	{"stat/length", "stat(5)", "The length of a file is the number of its bytes.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE)
		for _, n := range []int{0, 1, 10, 4096, 10000} {
			c.write(f, 0, sampleText[:n])
			x.want(c.stat(dir, "a").Length == int64(n), "the length is %d after %d bytes", c.stat(dir, "a").Length, n)
		}
	}},
	{"stat/owners", "stat(5)", "A file has an owner and a group.", func(x *exam) {
		c, root := x.tree()
		for _, d := range append(c.list(root), c.stat(root)) {
			x.want(d.UID != "" && d.GID != "", "%q has the owner %q and the group %q", d.Name, d.UID, d.GID)
		}
	}},
	{"stat/twice", "stat(5)", "A stat changes nothing.", func(x *exam) {
		c, root, s := x.sampleFile()
		a, b := c.stat(root, s.file...), c.stat(root, s.file...)
		a.Atime, b.Atime = 0, 0
		x.want(a == b, "first %v, then %v", a, b)
	}},
	{"stat/mtime", "stat(5)", "A write makes the file newer, not older.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.OWRITE, "a")
		before := c.stat(f).Mtime
		c.write(f, 0, "x")
		x.want(c.stat(f).Mtime >= before, "from %d to %d", before, c.stat(f).Mtime)
	}},
	{"stat/open-directory", "stat(5)", "A directory that is open can be asked, too.", func(x *exam) {
		c, root := x.tree()
		x.want(c.stat(c.open(root, ninep.OREAD)).Qid.Path == c.stat(root).Qid.Path, "it is another file")
	}},
}

// A change is what a Twstat asks for.
type change = func(d *ninep.Dir)

// try is wstat for a check that needs it to succeed.
func (c *client) try(f uint32, what string, to change) {
	if r := c.rpc(twstat(f, to)); r.Type == ninep.Rerror {
		c.x.skip("%s cannot be changed: %s", what, r.Ename)
	}
}

// wstatChecks are of what stat(5) says about wstat that is permitted.
var wstatChecks = []Check{
	{"wstat/nothing", "stat(5)", "A wstat of nothing but don't-touch values changes nothing.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.do(twstat(f, func(*ninep.Dir) {}))
		x.want(before == c.stat(f), "before %v, after it %v", before, c.stat(f))
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/name", "stat(5)", "A wstat of the name gives the file another one.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the name", func(d *ninep.Dir) { d.Name = "b" })
		x.want(!c.has(dir, "a"), "the old name is still there")
		x.want(c.has(dir, "b") && c.lists(dir, "b"), "the new name is not there")
		x.want(c.stat(f).Name == "b" && c.get(dir, "b") == "hello", "the fid is %v", c.stat(f))
	}},
	{"wstat/name-directory", "stat(5)", "A directory can get another name, with what is in it.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(dir, "a")
		c.put(d, "f", "hello")
		c.try(d, "the name", func(d *ninep.Dir) { d.Name = "b" })
		x.want(!c.has(dir, "a") && c.has(dir, "b", "f") && c.get(dir, "b", "f") == "hello", "it has not")
	}},
	{"wstat/name-only", "stat(5)", "A wstat of the name changes nothing else.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.try(f, "the name", func(d *ninep.Dir) { d.Name = "b" })
		after := c.stat(f)
		x.want(after.Length == before.Length && after.Mode == before.Mode && after.UID == before.UID && after.Mtime == before.Mtime,
			"before %v, after it %v", before, after)
	}},
	{"wstat/length", "stat(5)", "A wstat of a smaller length cuts the file.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the length", func(d *ninep.Dir) { d.Length = 2 })
		x.want(c.stat(f).Length == 2 && c.get(dir, "a") == "he", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/length-zero", "stat(5)", "The length 0 is a length, not a don't-touch value.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the length", func(d *ninep.Dir) { d.Length = 0 })
		x.want(c.stat(f).Length == 0 && c.get(dir, "a") == "", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/length-more", "stat(5)", "A wstat of a larger length adds zeros.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the length", func(d *ninep.Dir) { d.Length = 7 })
		x.want(c.get(dir, "a") == "hello\x00\x00", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/length-directory", "stat(5)", "The length of a directory can be set to 0 only.", func(x *exam) {
		c, dir := x.work()
		c.refused(twstat(c.mkdir(dir, "a"), func(d *ninep.Dir) { d.Length = 10 }))
	}},
	{"wstat/mode", "stat(5)", "A wstat of the mode sets the permissions.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the mode", func(d *ninep.Dir) { d.Mode = 0640 })
		x.want(c.stat(f).Mode == 0640, "0640 gives %v", c.stat(f).Mode)
		x.want(c.get(dir, "a") == "hello", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/mode-directory", "stat(5)", "A directory's permissions can be set; it stays a directory.", func(x *exam) {
		c, dir := x.work()
		f := c.mkdir(dir, "a")
		c.try(f, "the mode", func(d *ninep.Dir) { d.Mode = ninep.DMDIR | 0700 })
		x.want(c.stat(f).Mode == ninep.DMDIR|0700, "the mode is %v", c.stat(f).Mode)
	}},
	{"wstat/mtime", "stat(5)", "The time of modification can be set.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "the time", func(d *ninep.Dir) { d.Mtime = 1e9 })
		x.want(c.stat(f).Mtime == 1e9, "1000000000 gives %d", c.stat(f).Mtime)
	}},
	{"wstat/group", "stat(5)", "The group can be changed by who is in the new one; it is changed or refused.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f).GID
		r := c.rpc(twstat(f, func(d *ninep.Dir) { d.GID = "sys" }))
		want := map[ninep.MsgType]string{ninep.Rwstat: "sys", ninep.Rerror: before}[r.Type]
		x.want(c.stat(f).GID == want, "after %v it is %s", r.Type, c.stat(f).GID)
	}},
	{"wstat/several", "stat(5)", "One wstat can change several things.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.try(f, "mode, length and name", func(d *ninep.Dir) { d.Mode, d.Length, d.Name = 0600, 1, "b" })
		d := c.stat(dir, "b")
		x.want(d.Mode == 0600 && d.Length == 1, "the file is %v", d)
	}},
	{"wstat/open", "stat(5)", "A file that is open can be changed, too.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.open(dir, ninep.ORDWR, "a")
		c.try(f, "the length", func(d *ninep.Dir) { d.Length = 1 })
		x.want(c.read(f, 0, 10) == "h", "it contains %q", c.get(dir, "a"))
	}},
	{"wstat/seen", "stat(5)", "What wstat changes another fid sees.", func(x *exam) {
		c, dir := x.fileA("hello")
		f, g := c.walk(dir, "a"), c.walk(dir, "a")
		c.try(f, "the mode", func(d *ninep.Dir) { d.Mode = 0640 })
		x.want(c.stat(g).Mode == 0640, "it has the mode %v", c.stat(g).Mode)
	}},
}

// wstatRefusedChecks are of what stat(5) says that wstat must not do.
var wstatRefusedChecks = []Check{
	{"wstat/name-exists", "stat(5)", "A file cannot get the name of another.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.put(dir, "b", "world")
		c.refused(twstat(c.walk(dir, "a"), func(d *ninep.Dir) { d.Name = "b" }))
		x.want(c.get(dir, "a") == "hello" && c.get(dir, "b") == "world", "they are not as before")
	}},
	{"wstat/name-dots", "open(5)", "A file cannot be called dot or dot-dot.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		for _, name := range []string{".", ".."} {
			c.refused(twstat(f, func(d *ninep.Dir) { d.Name = name }))
		}
		x.want(c.has(dir, "a"), "it is gone")
	}},
	{"wstat/name-slash", "intro(5)", "A name with a slash does not move a file to another directory.", func(x *exam) {
		c, dir := x.fileA("hello")
		d := c.mkdir(dir, "d")
		c.rpc(twstat(c.walk(dir, "a"), func(d *ninep.Dir) { d.Name = "d/b" }))
		x.want(!c.has(d, "b"), "it did")
	}},
	{"wstat/directory-bit", "stat(5)", "A file cannot be made a directory.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.refused(twstat(f, func(d *ninep.Dir) { d.Mode = ninep.DMDIR | 0777 }))
		x.want(!c.stat(f).IsDir(), "it is one")
	}},
	{"wstat/directory-bit-off", "stat(5)", "A directory cannot be made a file.", func(x *exam) {
		c, dir := x.work()
		f := c.mkdir(dir, "a")
		c.rpc(twstat(f, func(d *ninep.Dir) { d.Mode = 0777 }))
		x.want(c.stat(f).IsDir(), "it is one")
	}},
	{"wstat/owner", "stat(5)", "The owner cannot be changed.", cannot(func(d *ninep.Dir) { d.UID = "ninetest nobody" })},
	{"wstat/modifier", "stat(5)", "Who modified a file last cannot be changed.", cannot(func(d *ninep.Dir) { d.MUID = "ninetest nobody" })},
	{"wstat/type-and-dev", "stat(5)", "Type and dev are the kernel's: a change of them changes nothing.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.rpc(twstat(f, func(d *ninep.Dir) { d.Type, d.Dev = 4711, 4711 })) // most servers pass it over
		x.want(c.stat(f) == before, "before %v, after it %v", before, c.stat(f))
	}},
	{"wstat/qid-path", "stat(5)", "The path of the qid cannot be changed.", cannot(func(d *ninep.Dir) { d.Qid.Path = 4711 })},
	{"wstat/qid-version", "stat(5)", "The version of the qid cannot be changed.", cannot(func(d *ninep.Dir) { d.Qid.Vers = 4711 })},
	{"wstat/qid-type", "stat(5)", "The type of the qid cannot be changed.", cannot(func(d *ninep.Dir) { d.Qid.Type = ninep.QTDIR })},
	{"wstat/all-or-nothing", "stat(5)", "If one change is not permitted none is made.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.refused(twstat(f, func(d *ninep.Dir) {
			d.Name, d.Length, d.Mode, d.Mtime, d.UID = "b", 1, 0600, 1e9, "ninetest nobody"
		}))
		x.want(c.stat(f) == before, "before %v, after it %v", before, c.stat(f))
		x.want(!c.has(dir, "b") && c.get(dir, "a") == "hello", "it was done in part")
	}},
	{"wstat/all-or-nothing-name", "stat(5)", "If the name is taken nothing else is changed.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.put(dir, "b", "")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.refused(twstat(f, func(d *ninep.Dir) { d.Name, d.Length, d.Mode = "b", 1, 0600 }))
		x.want(c.stat(f) == before, "before %v, after it %v", before, c.stat(f))
	}},
	{"wstat/permission-length", "stat(5)", "To change the length one must be permitted to write.", func(x *exam) {
		c, f := x.fileMode(0444)
		c.refused(twstat(f, func(d *ninep.Dir) { d.Length = 0 }))
	}},
	{"wstat/permission-name", "stat(5)", "To change a name one must be permitted to write the directory.", func(x *exam) {
		c, d := x.dirMode(0555)
		c.refused(twstat(c.walk(d, "a"), func(d *ninep.Dir) { d.Name = "b" }))
	}},
}

// cannot returns a check that a file cannot be changed so.
func cannot(to change) func(x *exam) {
	return func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.refused(twstat(f, to))
		x.want(c.stat(f) == before, "before %v, after it %v", before, c.stat(f))
	}
}
