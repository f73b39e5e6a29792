package ninetest

import "ufo/ninep"

// qidChecks are of what intro(5) says about qids.
var qidChecks = []Check{
	{"qid/same", "intro(5)", "One file has one qid, however often one walks to it.", func(x *exam) {
		c, root, s := x.sampleFile()
		a, b := c.stat(root, s.file...), c.stat(root, s.file...)
		x.want(a.Qid == b.Qid, "first %v, then %v", a.Qid, b.Qid)
	}},
	{"qid/distinct", "intro(5)", "Two files have two qids.", func(x *exam) {
		c, dir := x.work()
		seen := make(map[uint64]string)
		for _, name := range []string{"a", "b", "c"} {
			c.put(dir, name, "")
		}
		c.mkdir(dir, "d")
		for _, d := range c.list(dir) {
			x.want(seen[d.Qid.Path] == "", "%s and %s have the path %x", seen[d.Qid.Path], d.Name, d.Qid.Path)
			seen[d.Qid.Path] = d.Name
		}
	}},
	{"qid/distinct-in-root", "intro(5)", "The files that the root lists have different qids.", func(x *exam) {
		c, root := x.tree()
		if x.Tree.Unions {
			x.skip("a file may have two names")
		}
		seen := map[uint64]string{c.stat(root).Qid.Path: "/"}
		for _, d := range c.list(root) {
			x.want(seen[d.Qid.Path] == "", "%s and %s have the path %x", seen[d.Qid.Path], d.Name, d.Qid.Path)
			seen[d.Qid.Path] = d.Name
		}
	}},
	{"qid/stat", "intro(5)", "Walk and stat give the same qid.", func(x *exam) {
		c, root, s := x.sampleFile()
		f, qids := c.walkQids(root, s.file...)
		q, d := qids[len(qids)-1], c.stat(f)
		x.want(q.Path == d.Qid.Path && q.Type == d.Qid.Type, "walk gives %v, stat %v", q, d.Qid)
	}},
	{"qid/open", "open(5)", "Ropen has the qid of the file that was walked to.", func(x *exam) {
		c, root, s := x.sampleFile()
		f, qids := c.walkQids(root, s.file...)
		r := c.do(topen(f, ninep.OREAD))
		x.want(r.Qid.Path == qids[len(qids)-1].Path, "walk gives %v, open %v", qids[len(qids)-1], r.Qid)
	}},
	{"qid/create", "open(5)", "Rcreate has the qid of the new file.", func(x *exam) {
		c, dir := x.work()
		_, r := c.createQid(dir, "a", 0666, ninep.OREAD)
		d := c.stat(dir, "a")
		x.want(r.Qid.Path == d.Qid.Path && r.Qid.Type == d.Qid.Type, "create gives %v, stat %v", r.Qid, d.Qid)
	}},
	{"qid/directory", "intro(5)", "The qid of a directory has the bit of directories, that of a file has not.", func(x *exam) {
		c, root, s := x.sampleFile()
		_, qids := c.walkQids(root, s.file...)
		for i, q := range qids {
			x.want(q.IsDir() == (i < len(qids)-1), "name %d has the qid %v", i, q)
		}
	}},
	{"qid/type", "stat(5)", "The type of the qid is the top byte of the mode.", func(x *exam) {
		c, root := x.tree()
		for _, d := range append(c.list(root), c.stat(root)) {
			x.want(d.Mode.QidType() == d.Qid.Type, "%v: the mode has type bits %#x, the qid %#x", d, d.Mode.QidType(), d.Qid.Type)
		}
	}},
	{"qid/version-kept", "intro(5)", "The version stays while nobody changes the file.", func(x *exam) {
		c, root, s := x.sampleFile()
		before := c.stat(root, s.file...)
		c.get(root, s.file...)
		after := c.stat(root, s.file...)
		x.want(before.Qid == after.Qid, "before a read %v, after it %v", before.Qid, after.Qid)
	}},
	{"qid/version-written", "intro(5)", "The version of a file changes when it is written.", func(x *exam) {
		c, dir := x.work()
		c.put(dir, "a", "1")
		f := c.open(dir, ninep.OWRITE, "a")
		seen := []ninep.Qid{c.stat(f).Qid}
		for i := range 3 {
			c.write(f, uint64(i), "23")
			q := c.stat(f).Qid
			if q.Vers == 0 && seen[i].Vers == 0 {
				x.skip("files have no versions")
			}
			x.want(q.Path == seen[i].Path && q.Vers != seen[i].Vers, "before a write %v, after it %v", seen[i], q)
			seen = append(seen, q)
		}
	}},
	{"qid/recreated", "intro(5)", "A file that is removed and made anew under its name is another file.", func(x *exam) {
		c, dir := x.work()
		c.put(dir, "a", "")
		f := c.walk(dir, "a")
		before := c.stat(f)
		c.do(tremove(f))
		c.put(dir, "a", "")
		after := c.stat(dir, "a")
		x.want(after.Qid != before.Qid, "both have the qid %v", before.Qid)
		if after.Qid.Path == before.Qid.Path {
			x.skip("paths of files that are gone are used again, if with another version")
		}
	}},
	{"qid/renamed", "intro(5)", "A file that gets another name stays the same file.", func(x *exam) {
		c, dir := x.work()
		c.put(dir, "a", "")
		f := c.walk(dir, "a")
		before := c.stat(f)
		if r := c.rpc(twstat(f, func(d *ninep.Dir) { d.Name = "b" })); r.Type == ninep.Rerror {
			x.skip("no file gets another name: %s", r.Ename)
		}
		x.want(c.stat(dir, "b").Qid.Path == before.Qid.Path, "the path was %x, and is %x", before.Qid.Path, c.stat(dir, "b").Qid.Path)
	}},
	{"qid/connections", "intro(5)", "A file has the same qid for all who see it.", func(x *exam) {
		c, dir := x.work()
		c.put(dir, "a", "")
		o, odir := x.second()
		a, b := c.stat(dir, "a"), o.stat(odir, "a")
		x.want(a.Qid == b.Qid, "on one connection %v, on another %v", a.Qid, b.Qid)
	}},
}
