package ninetest

import (
	"fmt"
	"strings"

	"ufo/ninep"
)

// createChecks are of what open(5) says about create.
var createChecks = []Check{
	{"create/file", "open(5)", "Create makes a file, and the fid is that file, open.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.ORDWR)
		x.want(c.stat(f).Name == "a" && !c.stat(f).IsDir(), "the fid is %v", c.stat(f))
		c.write(f, 0, "hello")
		x.want(c.read(f, 0, 10) == "hello", "what was written is not read")
	}},
	{"create/walked", "open(5)", "A file that was created can be walked to and is listed.", func(x *exam) {
		c, dir := x.work()
		c.create(dir, "a", 0666, ninep.OWRITE)
		x.want(c.has(dir, "a"), "a walk does not find it")
		x.want(c.lists(dir, "a"), "the directory does not list it")
	}},
	{"create/empty", "open(5)", "A new file is empty.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.ORDWR)
		x.want(c.stat(f).Length == 0 && c.readAll(f) == "", "it has the length %d", c.stat(f).Length)
	}},
	{"create/mode", "open(5)", "The new file is open with the mode of the create.", func(x *exam) {
		c, dir := x.work()
		c.refused(twrite(c.create(dir, "a", 0666, ninep.OREAD), 0, "x"))
		c.refused(tread(c.create(dir, "b", 0666, ninep.OWRITE), 0, 10))
	}},
	{"create/mode-free", "open(5)", "The mode is not compared with the permissions that the new file gets.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0, ninep.ORDWR)
		c.write(f, 0, "hello")
		x.want(c.read(f, 0, 10) == "hello", "what was written is not read")
	}},
	{"create/directory", "open(5)", "With DMDIR create makes a directory.", func(x *exam) {
		c, dir := x.work()
		f, r := c.createQid(dir, "a", ninep.DMDIR|0777, ninep.OREAD)
		d := c.stat(f)
		x.want(r.Qid.IsDir() && d.IsDir() && d.Name == "a", "the qid is %v, the entry %v", r.Qid, d)
	}},
	{"create/directory-open", "open(5)", "The fid of a new directory is open, and there is nothing to read.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", ninep.DMDIR|0777, ninep.OREAD)
		x.want(c.read(f, 0, 1000) == "", "the new directory has entries")
	}},
	{"create/directory-written", "open(5)", "A directory cannot be created open for writing.", func(x *exam) {
		c, dir := x.work()
		for _, mode := range []ninep.Mode{ninep.OWRITE, ninep.ORDWR} {
			c.refused(tcreate(c.walk(dir), "a", ninep.DMDIR|0777, mode))
			x.want(!c.has(dir, "a"), "it was made all the same")
		}
	}},
	{"create/exists", "open(5)", "A name that is there cannot be created.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.refused(tcreate(c.walk(dir), "a", 0666, ninep.OWRITE))
		x.want(c.get(dir, "a") == "hello", "the file contains %q", c.get(dir, "a"))
	}},
	{"create/exists-truncate", "open(5)", "Not even with OTRUNC can a name be created that is there.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.refused(tcreate(c.walk(dir), "a", 0666, ninep.OWRITE|ninep.OTRUNC))
		x.want(c.get(dir, "a") == "hello", "the file contains %q", c.get(dir, "a"))
	}},
	{"create/exists-directory", "open(5)", "A directory cannot be created where there is one, nor one in place of a file.", func(x *exam) {
		c, dir := x.fileA("hello")
		c.mkdir(dir, "d")
		c.refused(tcreate(c.walk(dir), "d", ninep.DMDIR|0777, ninep.OREAD))
		c.refused(tcreate(c.walk(dir), "a", ninep.DMDIR|0777, ninep.OREAD))
		c.refused(tcreate(c.walk(dir), "d", 0666, ninep.OREAD))
	}},
	{"create/failed", "open(5)", "After a create that failed the fid is the directory, as before.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir)
		c.refused(tcreate(f, "a", 0666, ninep.OWRITE))
		x.want(c.stat(f).Qid.Path == c.stat(dir).Qid.Path, "the fid is another file")
		c.do(tcreate(f, "b", 0666, ninep.OWRITE))
	}},
	{"create/dot", "open(5)", "The name dot cannot be created.", func(x *exam) {
		c, dir := x.work()
		c.refused(tcreate(c.walk(dir), ".", 0666, ninep.OWRITE))
	}},
	{"create/dotdot", "open(5)", "The name dot-dot cannot be created.", func(x *exam) {
		c, dir := x.work()
		c.refused(tcreate(c.walk(dir), "..", 0666, ninep.OWRITE))
		c.refused(tcreate(c.walk(dir), "..", ninep.DMDIR|0777, ninep.OREAD))
	}},
	{"create/slash", "intro(5)", "A name with a slash makes no file in another directory.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(dir, "d")
		f := c.walk(dir)
		c.rpc(tcreate(f, "d/a", 0666, ninep.OWRITE))
		c.do(tclunk(f))
		x.want(!c.has(d, "a"), "it made a file in the directory d")
	}},
	{"create/in-file", "open(5)", "In a plain file nothing can be created.", func(x *exam) {
		c, dir := x.fileA("hello")
		f := c.walk(dir, "a")
		c.refused(tcreate(f, "b", 0666, ninep.OWRITE))
		x.want(c.stat(f).Name == "a", "the fid is another file")
	}},
	{"create/open", "open(5)", "With a fid that is open nothing can be created.", func(x *exam) {
		c, dir := x.work()
		c.refused(tcreate(c.open(dir, ninep.OREAD), "a", 0666, ninep.OWRITE))
		x.want(!c.has(dir, "a"), "it was made all the same")
	}},
	{"create/keeps", "open(5)", "Other fids of the directory stay what they are.", func(x *exam) {
		c, dir := x.work()
		before := c.stat(dir)
		c.create(dir, "a", 0666, ninep.OWRITE)
		x.want(c.stat(dir).Qid.Path == before.Qid.Path, "the fid is another file")
	}},
	{"create/remove-on-close", "open(5)", "With ORCLOSE the new file is removed when its fid is clunked.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE|ninep.ORCLOSE)
		x.want(c.has(dir, "a"), "it is not there while it is open")
		c.do(tclunk(f))
		x.want(!c.has(dir, "a"), "it is there after the clunk")
	}},
	{"create/long-name", "intro(5)", "A long name is kept whole or refused, not cut.", func(x *exam) {
		c, dir := x.work()
		for _, n := range []int{27, 28, 100, 255, 256, 1000} {
			name := strings.Repeat("n", n)
			f := c.walk(dir)
			if c.rpc(tcreate(f, name, 0666, ninep.OWRITE)).Type == ninep.Rerror {
				continue
			}
			x.want(c.stat(f).Name == name, "%d bytes became %d", n, len(c.stat(f).Name))
			x.want(c.has(dir, name), "a name of %d bytes cannot be walked", n)
			c.do(tclunk(f))
		}
	}},
	{"create/utf8", "intro(5)", "Names are UTF-8, any characters of it that the server takes.", func(x *exam) {
		c, dir := x.work()
		for _, name := range []string{"äöü", "αβγ", "日本", "a b", "*", "'", "\u263a"} {
			f := c.walk(dir)
			if c.rpc(tcreate(f, name, 0666, ninep.OWRITE)).Type == ninep.Rerror {
				continue
			}
			x.want(c.stat(f).Name == name && c.lists(dir, name), "%q became %q", name, c.stat(f).Name)
		}
	}},
	{"create/many", "read(5)", "Of many new files the directory lists each once.", func(x *exam) {
		c, dir := x.work()
		const n = 100
		for i := range n {
			c.do(tclunk(c.create(dir, fmt.Sprint("file", i), 0666, ninep.OWRITE)))
		}
		names := make(map[string]int)
		for _, d := range c.list(dir) {
			names[d.Name]++
		}
		for i := range n {
			x.want(names[fmt.Sprint("file", i)] == 1, "file%d is listed %d times", i, names[fmt.Sprint("file", i)])
		}
	}},
}

// createPermChecks are of what open(5) says about a new file's owner and
// permissions.
var createPermChecks = []Check{
	{"create/permission", "open(5)", "Who may not write the directory cannot create in it.", func(x *exam) {
		c, d := x.dirMode(0555)
		c.refused(tcreate(d, "new", 0666, ninep.OWRITE))
	}},
	{"create/masked", "open(5)", "A new file has no permission to read or write that the directory has not.", func(x *exam) {
		c, d := x.dirMode(0750)
		f := c.create(d, "new", 0666, ninep.OWRITE)
		have := c.stat(f).Mode & 0777
		x.want(have&^0640 == 0, "0666 in a directory of 0750 becomes %#o, not 0640", uint32(have))
	}},
	{"create/masked-exec", "open(5)", "Permission to execute a new file is not the directory's to give.", func(x *exam) {
		c, d := x.dirMode(0744)
		f := c.create(d, "new", 0777, ninep.OWRITE)
		have := c.stat(f).Mode & 0777
		if have&0111 == 0 {
			x.skip("there are no executable files")
		}
		x.want(have == 0755, "0777 in a directory of 0744 becomes %#o, not 0755", uint32(have))
	}},
	{"create/masked-directory", "open(5)", "A new directory has no permission that the one it is in has not.", func(x *exam) {
		c, d := x.dirMode(0750)
		f := c.create(d, "new", ninep.DMDIR|0777, ninep.OREAD)
		have := c.stat(f).Mode & 0777
		x.want(have&^0750 == 0, "0777 in a directory of 0750 becomes %#o, not 0750", uint32(have))
	}},
	{"create/owner", "open(5)", "A new file belongs to the user who made it.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE)
		file, of := c.stat(f).UID, c.stat(dir).UID
		x.want(file == x.User || file == of, "the user is %s, the directory made before belongs to %s, the file to %s", x.User, of, file)
	}},
	{"create/group", "open(5)", "The group of a new file is that of the directory.", func(x *exam) {
		c, dir := x.work()
		f := c.create(dir, "a", 0666, ninep.OWRITE)
		x.want(c.stat(f).GID == c.stat(dir).GID, "the directory's is %s, the file's %s", c.stat(dir).GID, c.stat(f).GID)
	}},
	{"create/last", "stat(5)", "Who made a new file has modified it last, and now.", func(x *exam) {
		c, dir := x.work()
		before := c.stat(dir)
		d := c.stat(c.create(dir, "a", 0666, ninep.OWRITE))
		x.want(d.Mtime >= before.Mtime, "the directory made before is of %d, the file of %d", before.Mtime, d.Mtime)
	}},
}
