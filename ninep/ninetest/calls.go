package ninetest

import (
	"slices"

	"ufo/ninep"
)

// The messages that checks send, without their tags.

func tversion(msize uint32, version string) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tversion, Msize: msize, Version: version}
}

func tauth(afid uint32, uname, aname string) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tauth, Afid: afid, Uname: uname, Aname: aname}
}

func tattach(fid uint32, uname, aname string) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tattach, Fid: fid, Afid: ninep.NOFID, Uname: uname, Aname: aname}
}

func tflush(oldtag uint16) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tflush, Oldtag: oldtag}
}

func twalk(fid, newfid uint32, names ...string) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Twalk, Fid: fid, Newfid: newfid, Wname: names}
}

func topen(fid uint32, mode ninep.Mode) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Topen, Fid: fid, Mode: mode}
}

func tcreate(fid uint32, name string, perm ninep.Perm, mode ninep.Mode) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tcreate, Fid: fid, Name: name, Perm: perm, Mode: mode}
}

func tread(fid uint32, off uint64, count uint32) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Tread, Fid: fid, Offset: off, Count: count}
}

func twrite(fid uint32, off uint64, data string) *ninep.Fcall {
	return &ninep.Fcall{Type: ninep.Twrite, Fid: fid, Offset: off, Data: []byte(data)}
}

func tclunk(fid uint32) *ninep.Fcall  { return &ninep.Fcall{Type: ninep.Tclunk, Fid: fid} }
func tremove(fid uint32) *ninep.Fcall { return &ninep.Fcall{Type: ninep.Tremove, Fid: fid} }
func tstat(fid uint32) *ninep.Fcall   { return &ninep.Fcall{Type: ninep.Tstat, Fid: fid} }

// twstat returns a Twstat of NullDir with what change makes of it.
func twstat(fid uint32, change func(d *ninep.Dir)) *ninep.Fcall {
	d := ninep.NullDir
	change(&d)
	return &ninep.Fcall{Type: ninep.Twstat, Fid: fid, Stat: d}
}

// What checks do before, and to see, what they are about. All of it has to
// succeed.

// walk walks to a new fid.
func (c *client) walk(fid uint32, names ...string) uint32 {
	nf, _ := c.walkQids(fid, names...)
	return nf
}

// walkQids is walk with the qids on the way.
func (c *client) walkQids(fid uint32, names ...string) (uint32, []ninep.Qid) {
	t := twalk(fid, c.fid(), names...)
	r := c.do(t)
	c.x.want(len(r.Wqid) == len(names), "a walk of %d names gives %d qids", len(names), len(r.Wqid))
	return t.Newfid, r.Wqid
}

// has reports whether the names can be walked.
func (c *client) has(fid uint32, names ...string) bool {
	t := twalk(fid, c.fid(), names...)
	r := c.rpc(t)
	if r.Type == ninep.Rerror || len(r.Wqid) < len(names) {
		return false
	}
	c.do(tclunk(t.Newfid))
	return true
}

// open walks to a new fid and opens it.
func (c *client) open(fid uint32, mode ninep.Mode, names ...string) uint32 {
	nf := c.walk(fid, names...)
	c.do(topen(nf, mode))
	return nf
}

// create makes a file in a directory and returns its fid, open.
func (c *client) create(dir uint32, name string, perm ninep.Perm, mode ninep.Mode) uint32 {
	fid, _ := c.createQid(dir, name, perm, mode)
	return fid
}

// createQid is create with the reply.
func (c *client) createQid(dir uint32, name string, perm ninep.Perm, mode ninep.Mode) (uint32, *ninep.Fcall) {
	fid := c.walk(dir)
	return fid, c.do(tcreate(fid, name, perm, mode))
}

// put makes a file that contains text.
func (c *client) put(dir uint32, name, text string) {
	fid := c.create(dir, name, 0666, ninep.OWRITE)
	c.write(fid, 0, text)
	c.do(tclunk(fid))
}

// mkdir makes a directory and returns a fid for it that is not open.
func (c *client) mkdir(dir uint32, name string) uint32 {
	c.do(tclunk(c.create(dir, name, ninep.DMDIR|0777, ninep.OREAD)))
	return c.walk(dir, name)
}

// write writes all of text.
func (c *client) write(fid uint32, off uint64, text string) {
	most := int(c.msize) - ninep.IOHDRSZ
	for len(text) > 0 {
		n := min(len(text), most)
		r := c.do(twrite(fid, off, text[:n]))
		c.x.want(int(r.Count) == n, "a write of %d bytes took %d", n, r.Count)
		off, text = off+uint64(n), text[n:]
	}
}

// read reads once.
func (c *client) read(fid uint32, off uint64, count uint32) string {
	r := c.do(tread(fid, off, count))
	c.x.want(len(r.Data) <= int(count), "a read of %d bytes gives %d", count, len(r.Data))
	return string(r.Data)
}

// readAll reads an open file from the beginning to its end.
func (c *client) readAll(fid uint32) string {
	const most = 1 << 20
	var all []byte
	for len(all) < most {
		s := c.read(fid, uint64(len(all)), c.msize-ninep.IOHDRSZ)
		if s == "" {
			break
		}
		all = append(all, s...)
	}
	return string(all)
}

// get returns what a file contains.
func (c *client) get(fid uint32, names ...string) string {
	f := c.open(fid, ninep.OREAD, names...)
	s := c.readAll(f)
	c.do(tclunk(f))
	return s
}

// list returns the entries of a directory.
func (c *client) list(fid uint32, names ...string) []ninep.Dir {
	return c.entries(c.get(fid, names...))
}

// entries returns the entries that data read from a directory consists of.
func (c *client) entries(data string) []ninep.Dir {
	var all []ninep.Dir
	for b := []byte(data); len(b) > 0; {
		d, rest, err := ninep.UnmarshalDir(b)
		c.x.want(err == nil, "what is read from a directory is no whole entry: %q", b[:min(len(b), 60)])
		all, b = append(all, d), rest
	}
	return all
}

// lists reports whether a directory has an entry with the name.
func (c *client) lists(fid uint32, name string) bool {
	return slices.ContainsFunc(c.list(fid), func(d ninep.Dir) bool { return d.Name == name })
}

// stat returns the entry of a file.
func (c *client) stat(fid uint32, names ...string) ninep.Dir {
	if len(names) == 0 {
		return c.do(tstat(fid)).Stat
	}
	nf := c.walk(fid, names...)
	d := c.do(tstat(nf)).Stat
	c.do(tclunk(nf))
	return d
}
