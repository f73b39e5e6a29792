package ninetest

import (
	"encoding/binary"

	"ufo/ninep"
)

// missing is a name that no file has.
const missing = "ninetest.no-such-file"

// walkChecks are of walk(5).
var walkChecks = []Check{
	{"walk/clone", "walk(5)", "A walk of no names makes newfid the same file as fid.", func(x *exam) {
		c, root, dir := x.sampleAny()
		a, b := c.walk(root, dir...), c.fid()
		r := c.do(twalk(a, b))
		x.want(len(r.Wqid) == 0, "%d qids for no names", len(r.Wqid))
		x.want(c.stat(a).Qid.Path == c.stat(b).Qid.Path, "fid and newfid are different files")
	}},
	{"walk/clone-file", "walk(5)", "Of no names a plain file can be walked, too.", func(x *exam) {
		c, root, s := x.sampleFile()
		f := c.walk(root, s.file...)
		x.want(c.stat(c.walk(f)).Qid.Path == c.stat(f).Qid.Path, "fid and newfid are different files")
	}},
	{"walk/clone-same", "walk(5)", "A walk of no names with newfid the same as fid changes nothing.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.walk(root, dir...)
		before := c.stat(f)
		c.do(twalk(f, f))
		x.want(c.stat(f).Qid.Path == before.Qid.Path, "fid is another file")
	}},
	{"walk/one", "walk(5)", "A walk of a name gives the qid of the file, and newfid is that file.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f, qids := c.walkQids(root, dir[:1]...)
		d := c.stat(f)
		x.want(d.Qid.Path == qids[0].Path && d.Name == dir[0], "walked to %v, and that is %v", qids[0], d)
	}},
	{"walk/several", "walk(5)", "The qids are those of the files on the way, in order.", func(x *exam) {
		c, root, s := x.sampleFile()
		_, qids := c.walkQids(root, s.file...)
		for i := range s.file {
			d := c.stat(root, s.file[:i+1]...)
			x.want(d.Qid.Path == qids[i].Path, "name %d has qid %v on the way and %v by itself", i, qids[i], d.Qid)
		}
	}},
	{"walk/sixteen", "walk(5)", "Sixteen names fit in one message.", func(x *exam) {
		c, root, dir := x.sampleDir()
		var names []string
		for range ninep.MAXWELEM / 2 {
			names = append(names, dir[0], "..")
		}
		f := c.walk(root, names...)
		x.want(c.stat(f).Qid.Path == c.stat(root).Qid.Path, "down and up eight times does not lead back")
	}},
	{"walk/seventeen", "walk(5)", "More names than sixteen do not fit.", func(x *exam) {
		c, root, dir := x.sampleDir()
		t := twalk(root, c.fid(), dir[0], "..", dir[0], "..", dir[0], "..", dir[0], "..", dir[0], "..", dir[0], "..", dir[0], "..", dir[0])
		b, _ := t.Append(nil)
		b = append(b, 2, 0, '.', '.', byte(len(dir[0])), byte(len(dir[0])>>8))
		b = append(b, dir[0]...)
		binary.LittleEndian.PutUint32(b, uint32(len(b)))
		b[15] += 2
		c.sendRaw(b)
		c.refusedOrClosed()
	}},
	{"walk/missing", "walk(5)", "If the first name cannot be walked the reply is Rerror.", func(x *exam) {
		c, root, nf := x.treeMissing()
		c.refused(twalk(root, nf, missing))
		c.refused(twalk(root, nf, missing, ".."))
	}},
	{"walk/missing-newfid", "walk(5)", "If the first name cannot be walked newfid is not used.", func(x *exam) {
		c, root, nf := x.treeMissing()
		c.refused(twalk(root, nf, missing, "x"))
		c.refused(tstat(nf))
		c.do(twalk(root, nf))
	}},
	{"walk/missing-same", "walk(5)", "If the first name cannot be walked a fid that is newfid, too, stays what it is.", func(x *exam) {
		c, root, nf := x.treeMissing()
		c.do(twalk(root, nf))
		c.refused(twalk(nf, nf, missing))
		x.want(c.stat(nf).Qid.Path == c.stat(root).Qid.Path, "fid is another file")
	}},
	{"walk/partial", "walk(5)", "If a later name cannot be walked the reply has the qids of those before.", func(x *exam) {
		c, root, dir := x.sampleMissing()
		r := c.do(twalk(root, c.fid(), append(dir, missing)...))
		x.want(len(r.Wqid) == len(dir), "%d names could be walked, and there are %d qids", len(dir), len(r.Wqid))
		d := c.stat(root, dir...)
		x.want(d.Qid.Path == r.Wqid[len(dir)-1].Path, "the last qid is %v, and that of the file %v", r.Wqid[len(dir)-1], d.Qid)
	}},
	{"walk/partial-newfid", "walk(5)", "A walk that stops early does not use newfid.", func(x *exam) {
		c, root, dir := x.sampleMissing()
		nf := c.fid()
		c.do(twalk(root, nf, append(dir, missing)...))
		c.refused(tstat(nf))
		c.do(twalk(root, nf))
	}},
	{"walk/partial-fid", "walk(5)", "A walk that stops early leaves fid where it is.", func(x *exam) {
		c, root, dir := x.sampleMissing()
		before := c.stat(root)
		c.do(twalk(root, c.fid(), append(dir, missing)...))
		x.want(c.stat(root).Qid.Path == before.Qid.Path, "fid is another file")
	}},
	{"walk/partial-same", "walk(5)", "A walk that stops early leaves fid where it is, also if newfid is the same.", func(x *exam) {
		c, root, dir := x.sampleMissing()
		f := c.walk(root)
		c.do(twalk(f, f, append(dir, missing)...))
		x.want(c.stat(f).Qid.Path == c.stat(root).Qid.Path, "fid is another file")
	}},
	{"walk/partial-middle", "walk(5)", "The names after the one that stopped a walk are not walked.", func(x *exam) {
		c, root, dir := x.sampleMissing()
		r := c.do(twalk(root, c.fid(), append(dir, missing, "..", "..")...))
		x.want(len(r.Wqid) == len(dir), "%d names could be walked, and there are %d qids", len(dir), len(r.Wqid))
	}},
	{"walk/same", "walk(5)", "With newfid the same as fid a walk moves it.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.walk(root)
		c.do(twalk(f, f, dir...))
		x.want(c.stat(f).Qid.Path == c.stat(root, dir...).Qid.Path, "fid is not the file that was walked to")
	}},
	{"walk/keeps", "walk(5)", "A walk to another fid leaves fid where it is.", func(x *exam) {
		c, root, dir := x.sampleAny()
		before := c.stat(root)
		c.walk(root, dir...)
		x.want(c.stat(root).Qid.Path == before.Qid.Path, "fid is another file")
	}},
	{"walk/newfid-in-use", "walk(5)", "If newfid is in use the walk is an error.", func(x *exam) {
		c, root, dir := x.sampleAny()
		nf := c.walk(root)
		c.refused(twalk(root, nf, dir...))
		x.want(c.stat(nf).Qid.Path == c.stat(root).Qid.Path, "newfid is another file")
	}},
	{"walk/newfid-in-use-clone", "walk(5)", "If newfid is in use a walk of no names is an error, too.", func(x *exam) {
		c, root := x.tree()
		nf := c.walk(root)
		c.refused(twalk(root, nf))
	}},
	{"walk/from-file", "walk(5)", "From a plain file nothing can be walked.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.refused(twalk(c.walk(root, s.file...), c.fid(), "x"))
	}},
	{"walk/through-file", "walk(5)", "A walk through a plain file stops there.", func(x *exam) {
		c, root, s := x.sampleFile()
		r := c.do(twalk(root, c.fid(), append(s.file, "x")...))
		x.want(len(r.Wqid) == len(s.file), "%d names could be walked, and there are %d qids", len(s.file), len(r.Wqid))
	}},
	{"walk/open", "walk(5)", "A fid that is open cannot be walked.", func(x *exam) {
		c, root, dir := x.sampleAny()
		f := c.open(root, ninep.OREAD)
		c.refused(twalk(f, c.fid(), dir...))
	}},
	{"walk/open-clone", "walk(5)", "A fid that is open cannot be walked, not even of no names.", func(x *exam) {
		c, root := x.tree()
		f := c.open(root, ninep.OREAD)
		c.refused(twalk(f, c.fid()))
	}},
	{"walk/slash", "intro(5)", "A name is one step: one with a slash does not lead two.", func(x *exam) {
		c, root, s := x.sampleBelow()
		n := len(s.file)
		f := c.walk(root, s.file[:n-2]...)
		c.refused(twalk(f, c.fid(), s.file[n-2]+"/"+s.file[n-1]))
	}},
	{"walk/escape", "intro(5)", "A name with slashes and dots does not lead out of the tree.", func(x *exam) {
		c, root := x.tree()
		for _, name := range []string{"../..", "/", "/etc/passwd", "../../../etc/passwd", "../etc"} {
			c.refused(twalk(root, c.fid(), name))
		}
	}},
	{"walk/made-and-removed", "walk(5)", "Names are walked as they are now.", func(x *exam) {
		c, dir := x.work()
		for range 3 {
			x.want(!c.has(dir, "a"), "a walk finds what is not there")
			c.put(dir, "a", "")
			f := c.walk(dir, "a")
			c.do(tremove(f))
		}
	}},
}

// treeMissing is tree, and a number for a new fid, for a check that needs a
// name that is not there.
func (x *exam) treeMissing() (c *client, root, fid uint32) {
	c, root = x.tree()
	if c.has(root, missing) {
		x.skip("there are files of any name")
	}
	return c, root, c.fid()
}

// sampleMissing is sampleDir for a check that needs a name that is not there.
func (x *exam) sampleMissing() (c *client, root uint32, dir []string) {
	c, root, dir = x.sampleDir()
	if c.has(root, append(dir, missing)...) {
		x.skip("there are files of any name")
	}
	return c, root, dir[:len(dir):len(dir)]
}

// dotdotChecks are of what walk(5) says about dot-dot.
var dotdotChecks = []Check{
	{"dotdot/up", "walk(5)", "Dot-dot is the directory above.", func(x *exam) {
		c, root, dir := x.sampleDir()
		f := c.walk(root, dir...)
		above := c.stat(root, dir[:len(dir)-1]...)
		nf, qids := c.walkQids(f, "..")
		x.want(qids[0].Path == above.Qid.Path, "the qid is %v, that of the directory above %v", qids[0], above.Qid)
		x.want(c.stat(nf).Qid.Path == above.Qid.Path, "newfid is another file")
	}},
	{"dotdot/root", "walk(5)", "Dot-dot in the root is the root.", func(x *exam) {
		c, root := x.tree()
		f, qids := c.walkQids(root, "..")
		want := c.stat(root).Qid
		x.want(qids[0].Path == want.Path && c.stat(f).Qid.Path == want.Path, "the qid is %v, that of the root %v", qids[0], want)
	}},
	{"dotdot/root-often", "walk(5)", "However often one walks up, there is nothing above the root.", func(x *exam) {
		c, root := x.tree()
		_, qids := c.walkQids(root, "..", "..", "..", "..", "..", "..")
		want := c.stat(root).Qid
		for _, q := range qids {
			x.want(q.Path == want.Path && q.IsDir(), "the qid is %v, that of the root %v", q, want)
		}
	}},
	{"dotdot/middle", "walk(5)", "Dot-dot is a name like others in the middle of a walk.", func(x *exam) {
		c, root, dir := x.sampleDir()
		names := append(append(dir[:len(dir):len(dir)], ".."), dir[len(dir)-1])
		_, qids := c.walkQids(root, names...)
		n := len(dir)
		x.want(qids[n-1].Path == qids[n+1].Path, "up and down again leads from %v to %v", qids[n-1], qids[n+1])
	}},
	{"dotdot/all-the-way", "walk(5)", "Walked up as often as down one is at the root.", func(x *exam) {
		c, root, dir := x.sampleDir()
		f := c.walk(root, dir...)
		for range dir {
			c.do(twalk(f, f, ".."))
		}
		x.want(c.stat(f).Qid.Path == c.stat(root).Qid.Path, "the file is not the root")
	}},
	{"dotdot/file", "walk(5)", "From a plain file not even dot-dot can be walked.", func(x *exam) {
		c, root, s := x.sampleFile()
		c.refused(twalk(c.walk(root, s.file...), c.fid(), ".."))
	}},
	{"dotdot/new-directory", "intro(5)", "All directories can be left by dot-dot, new ones, too.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(c.mkdir(dir, "a"), "b")
		f := c.walk(d, "..", "..")
		x.want(c.stat(f).Qid.Path == c.stat(dir).Qid.Path, "dot-dot twice does not lead back")
	}},
	{"dotdot/renamed", "stat(5)", "Dot-dot leads up from a directory that has got another name.", func(x *exam) {
		c, dir := x.work()
		d := c.mkdir(dir, "a")
		if r := c.rpc(twstat(d, func(d *ninep.Dir) { d.Name = "b" })); r.Type == ninep.Rerror {
			x.skip("no directory gets another name: %s", r.Ename)
		}
		f := c.walk(dir, "b")
		x.want(c.stat(f, "..").Qid.Path == c.stat(dir).Qid.Path, "dot-dot does not lead back")
	}},
}
