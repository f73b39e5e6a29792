package ninetest

import (
	"bytes"
	"errors"
	"strings"

	"ufo/ninep"
)

// maxDepth is how many directories deep a tester looks.
const maxDepth = 8

// checkDir checks a directory and what is in it.
func (t *tester) checkDir(name string, f ninep.File) {
	t.checkStat(name, f)
	dirs, err := t.readDir(f)
	if err != nil {
		return // not for us
	}
	if strings.Count(name, "/") > maxDepth || t.seen[f.Qid().Path] {
		return
	}
	t.seen[f.Qid().Path] = true
	byName := make(map[string]bool)
	byPath := make(map[uint64]string)
	for _, d := range dirs {
		sub := strings.TrimSuffix(name, "/") + "/" + d.Name
		if !ninep.ValidName(d.Name) {
			t.errorf(name, "directory lists %q", d.Name)
			continue
		}
		t.checkEntry(sub, d)
		if byName[d.Name] {
			if !t.Unions {
				t.errorf(name, "directory lists %q twice", d.Name)
			}
			continue // a walk finds the first
		}
		if other, ok := byPath[d.Qid.Path]; ok && !t.Unions {
			t.errorf(name, "%q and %q have the same qid %v", other, d.Name, d.Qid)
		}
		byName[d.Name], byPath[d.Qid.Path] = true, d.Name
		if t.files++; t.files > t.Files {
			return
		}
		t.checkListed(sub, f, d)
	}
}

// checkListed checks the file that directory f lists as d.
func (t *tester) checkListed(name string, f ninep.File, d ninep.Dir) {
	nf, err := f.Walk(t.ctx, d.Name)
	if err != nil {
		if errors.Is(err, ninep.ErrNotExist) && t.lists(f, d) {
			t.errorf(name, "is listed, but a walk says %v", err)
		}
		return
	}
	defer nf.Close()
	if qid := nf.Qid(); qid.Path != d.Qid.Path || qid.Type != d.Qid.Type {
		if t.lists(f, d) {
			t.errorf(name, "is listed with qid %v, a walk gives %v", d.Qid, qid)
		}
		return
	}
	if nd, ok := t.checkStat(name, nf); ok && nd.Name != d.Name {
		t.errorf(name, "stat gives the name %q", nd.Name)
	}
	switch {
	case d.IsDir():
		t.checkDir(name, nf)
	case !t.NoRead:
		t.checkFile(name, f, d.Name)
	}
}

// lists reports whether directory f still has the entry d.
func (t *tester) lists(f ninep.File, d ninep.Dir) bool {
	dirs, _ := t.readDir(f)
	for _, now := range dirs {
		if now.Name == d.Name && now.Qid.Path == d.Qid.Path {
			return true
		}
	}
	return false
}

// checkFile opens and reads a file, if it may.
func (t *tester) checkFile(name string, dir ninep.File, elem string) {
	f, err := dir.Walk(t.ctx, elem)
	if err != nil {
		return
	}
	defer f.Close()
	if err := f.Open(t.ctx, ninep.OREAD); err != nil {
		return
	}
	before, err := f.Stat(t.ctx)
	if err != nil {
		if !t.gone(err) {
			t.errorf(name, "stat of the open file: %v", err)
		}
		return
	}
	buf := make([]byte, 1000)
	n, err := t.read(name, f, buf, 0)
	if err != nil || before.Length == 0 {
		return // a device; what it says next is its own affair
	}
	const most = 1 << 20
	all := bytes.Clone(buf[:n])
	for n > 0 && len(all) < most {
		if n, err = t.read(name, f, buf, int64(len(all))); err != nil {
			return
		}
		all = append(all, buf[:n]...)
	}
	after, err := f.Stat(t.ctx)
	if err != nil || after.Length != before.Length || after.Qid != before.Qid || len(all) >= most {
		return // somebody writes it
	}
	if int64(len(all)) != after.Length {
		t.errorf(name, "length is %d, but reads give %d bytes", after.Length, len(all))
		return
	}
	half := int64(len(all) / 2)
	if n, err = t.read(name, f, buf, half); err == nil && !bytes.Equal(buf[:n], all[half:][:min(n, len(all)-int(half))]) {
		t.errorf(name, "a read at %d gives other bytes than reading on to there", half)
	}
	if n, err = t.read(name, f, buf, after.Length+1); err == nil && n != 0 {
		t.errorf(name, "a read beyond the end gives %d bytes", n)
	}
}
