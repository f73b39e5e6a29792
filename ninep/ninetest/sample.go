package ninetest

import (
	"slices"
	"strings"

	"ufo/ninep"
)

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
