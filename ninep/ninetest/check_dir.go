package ninetest

import (
	"fmt"

	"ufo/ninep"
)

// dirChecks are of what read(5) says about directories.
var dirChecks = []Check{
	{"dir/whole", "read(5)", "A read of a directory gives whole entries.", func(x *exam) {
		c, root := x.tree()
		f := c.open(root, ninep.OREAD)
		c.entries(c.read(f, 0, smallest-ninep.IOHDRSZ))
	}},
	{"dir/small-reads", "read(5)", "Read in small pieces a directory gives the same entries, each once.", func(x *exam) {
		c, dir := x.manyFiles()
		whole := c.list(dir)
		f := c.open(dir, ninep.OREAD)
		var parts []ninep.Dir
		for off := uint64(0); ; {
			s := c.read(f, off, 300)
			if s == "" {
				break
			}
			parts, off = append(parts, c.entries(s)...), off+uint64(len(s))
		}
		x.want(len(parts) == len(whole), "%d entries at once and %d in parts", len(whole), len(parts))
		for i := range whole {
			x.want(whole[i].Name == parts[i].Name, "entry %d is %q at once and %q in parts", i, whole[i].Name, parts[i].Name)
		}
	}},
	{"dir/too-small", "read(5)", "A read too small for an entry does not get a part of one.", func(x *exam) {
		c, dir := x.fileA("")
		f := c.open(dir, ninep.OREAD)
		for _, n := range []uint32{1, 2, 10, 40} {
			r := c.rpc(tread(f, 0, n))
			x.want(r.Type == ninep.Rerror || len(r.Data) == 0, "a read of %d bytes gives %d", n, len(r.Data))
		}
	}},
	{"dir/too-small-goes-on", "read(5)", "After a read that was too small for an entry it is not lost.", func(x *exam) {
		c, dir := x.fileA("")
		f := c.open(dir, ninep.OREAD)
		c.rpc(tread(f, 0, 1))
		x.want(len(c.entries(c.read(f, 0, 1000))) == 1, "it is not there")
	}},
	{"dir/rewind", "read(5)", "A read at 0 begins anew.", func(x *exam) {
		c, dir := x.manyFiles()
		f := c.open(dir, ninep.OREAD)
		a := c.read(f, 0, 300)
		c.read(f, uint64(len(a)), 300)
		b := c.read(f, 0, 300)
		x.want(len(c.entries(b)) > 0 && c.entries(a)[0].Name == c.entries(b)[0].Name, "it does not")
	}},
	{"dir/rewind-new", "read(5)", "A read at 0 gives the entries that there are now.", func(x *exam) {
		c, dir := x.fileA("")
		f := c.open(dir, ninep.OREAD)
		x.want(len(c.entries(c.read(f, 0, 1000))) == 1, "there is not one entry")
		c.put(dir, "b", "")
		x.want(len(c.entries(c.read(f, 0, 1000))) == 2, "a new one is not there")
	}},
	{"dir/seek", "read(5)", "A directory is read from its beginning or where the last read has ended, not from elsewhere.", func(x *exam) {
		c, dir := x.manyFiles()
		f := c.open(dir, ninep.OREAD)
		n := uint64(len(c.read(f, 0, 300)))
		for _, off := range []uint64{1, n - 1, n + 1, 2 * n, 1 << 40} {
			c.refused(tread(f, off, 300))
		}
	}},
	{"dir/end", "read(5)", "At the end of a directory there are no bytes, however often one asks.", func(x *exam) {
		c, root := x.tree()
		f := c.open(root, ninep.OREAD)
		n := uint64(len(c.readAll(f)))
		for range 3 {
			x.want(c.read(f, n, 1000) == "", "there are more entries")
		}
	}},
	{"dir/two", "read(5)", "Where a directory was read to is each fid's own affair.", func(x *exam) {
		c, dir := x.manyFiles()
		f, g := c.open(dir, ninep.OREAD), c.open(dir, ninep.OREAD)
		a := c.read(f, 0, 300)
		b := c.read(g, 0, 300)
		x.want(c.entries(a)[0].Name == c.entries(b)[0].Name, "the second fid begins elsewhere")
		c.read(f, uint64(len(a)), 300)
		c.read(g, uint64(len(b)), 300)
	}},
	{"dir/empty", "read(5)", "An empty directory has no entries.", func(x *exam) {
		c, dir := x.work()
		x.want(len(c.list(dir)) == 0, "there are some: %v", c.list(dir))
	}},
	{"dir/no-dots", "intro(5)", "A directory has no entries for dot and dot-dot.", func(x *exam) {
		c, root := x.tree()
		for _, d := range c.list(root) {
			x.want(d.Name != "." && d.Name != "..", "there is %q", d.Name)
		}
	}},
	{"dir/names", "intro(5)", "The names of entries can be names of files.", func(x *exam) {
		c, root := x.tree()
		for _, d := range c.list(root) {
			x.want(ninep.ValidName(d.Name), "there is %q", d.Name)
		}
	}},
	{"dir/once", "read(5)", "There is one entry for each file.", func(x *exam) {
		c, root := x.tree()
		if x.Tree.Unions {
			x.skip("names may be listed twice")
		}
		seen := make(map[string]bool)
		for _, d := range c.list(root) {
			x.want(!seen[d.Name], "%q is listed twice", d.Name)
			seen[d.Name] = true
		}
	}},
	{"dir/stat", "read(5)", "The entry of a file is what stat says of it.", func(x *exam) {
		c, root, s := x.sampleFile()
		dir, name := s.file[:len(s.file)-1], s.file[len(s.file)-1]
		for _, d := range c.list(root, dir...) {
			if now := c.stat(root, s.file...); d.Name == name {
				d.Atime, now.Atime = 0, 0
				x.want(d == now, "listed as %v, stat says %v", d, now)
				return
			}
		}
		x.fail("%q is not listed", name)
	}},
	{"dir/removed", "remove(5)", "A file that was removed is not listed.", func(x *exam) {
		c, dir := x.fileA("")
		c.do(tremove(c.walk(dir, "a")))
		x.want(!c.lists(dir, "a"), "it is")
	}},
}

// manyFiles is work with forty files in the directory: more than fit in a read
// of 300 bytes.
func (x *exam) manyFiles() (c *client, dir uint32) {
	c, dir = x.work()
	for i := range 40 {
		c.put(dir, fmt.Sprintf("file%02d", i), "")
	}
	return c, dir
}
