package ninetest

import (
	"strings"

	"ufo/ninep"
)

// The names of the files that a tester makes.
const (
	nameA = "ninetest.a"
	nameB = "ninetest.b"
	nameD = "ninetest.d"
)

// checkCreate checks files that it creates, if the server lets it.
func (t *tester) checkCreate(root ninep.File) {
	dir, _, err := ninep.WalkNames(t.ctx, root, t.Dir)
	if err != nil {
		t.errorf(strings.Join(t.Dir, "/"), "walk: %v", err)
		return
	}
	defer dir.Close()
	if f, err := t.walkOpen(dir, nameA, ninep.OREAD); err == nil {
		f.Close()
		return // a server with any name, or where another test was cut short
	}
	if !t.checkData(dir) {
		return
	}
	t.checkExisting(dir)
	t.checkWstat(dir)
	t.remove(dir, nameA)
	t.remove(dir, nameB)
	t.checkMkdir(dir)
	t.checkModes(dir)
}

// walkOpen walks to the file called name in dir and opens it.
func (t *tester) walkOpen(dir ninep.File, name string, mode ninep.Mode) (ninep.File, error) {
	f, err := dir.Walk(t.ctx, name)
	if err != nil {
		return nil, err
	}
	if err := f.Open(t.ctx, mode); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// remove removes the file called name, if there is one.
func (t *tester) remove(dir ninep.File, name string) error {
	f, err := dir.Walk(t.ctx, name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Remove(t.ctx)
}

// exists reports whether a walk finds name.
func (t *tester) exists(dir ninep.File, name string) bool {
	f, err := dir.Walk(t.ctx, name)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// contents returns the first bytes of the file called name.
func (t *tester) contents(dir ninep.File, name string) string {
	f, err := t.walkOpen(dir, name, ninep.OREAD)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	buf := make([]byte, 100)
	n, err := t.read(name, f, buf, 0)
	if err != nil {
		return err.Error()
	}
	return string(buf[:n])
}

// checkData creates a file, writes it and reads it back. It reports whether
// the server is one that keeps what is written.
func (t *tester) checkData(dir ninep.File) bool {
	f, err := dir.Create(t.ctx, nameA, 0664, ninep.ORDWR)
	if err != nil {
		return false
	}
	defer f.Close()
	n, err := f.Write(t.ctx, []byte("hello, world"), 0)
	if err != nil || n != len("hello, world") || t.contents(dir, nameA) != "hello, world" {
		f.Remove(t.ctx)
		return false
	}
	d, ok := t.checkStat(nameA, f)
	if ok && (d.Name != nameA || d.IsDir() || d.Length != 12) {
		t.errorf(nameA, "created with 12 bytes, is %v", d)
	}
	if !t.lists(dir, d) {
		t.errorf(nameA, "created, but not listed")
	}
	for _, w := range []struct {
		what, text string
		off        int64
		want       string
	}{
		{"a write in the middle", "-", 5, "hello- world"},
		{"a write at the end", "!", 12, "hello- world!"},
		{"a write beyond the end", ".", 15, "hello- world!\x00\x00."},
	} {
		if _, err := f.Write(t.ctx, []byte(w.text), w.off); err != nil {
			break
		}
		if got := t.contents(dir, nameA); got != w.want {
			t.errorf(nameA, "%s gives %q, want %q", w.what, got, w.want)
		}
	}
	return true
}

// checkExisting checks what becomes of a file that exists when it is created
// again or truncated.
func (t *tester) checkExisting(dir ninep.File) {
	if f, err := dir.Create(t.ctx, nameA, 0664, ninep.ORDWR); err == nil {
		t.errorf(nameA, "could be created twice")
		f.Close()
	}
	f, err := t.walkOpen(dir, nameA, ninep.ORDWR|ninep.OTRUNC)
	if err != nil {
		t.errorf(nameA, "open with OTRUNC: %v", err)
		return
	}
	defer f.Close()
	if got := t.contents(dir, nameA); got != "" {
		t.errorf(nameA, "contains %q after an open with OTRUNC", got)
	}
	if d, ok := t.checkStat(nameA, f); ok && d.Length != 0 {
		t.errorf(nameA, "has length %d after an open with OTRUNC", d.Length)
	}
	f.Write(t.ctx, []byte("0123456789"), 0)
}

// checkWstat checks each change that the server permits, on the file nameA
// with ten bytes; it may have the name nameB then.
func (t *tester) checkWstat(dir ninep.File) {
	f, err := dir.Walk(t.ctx, nameA)
	if err != nil {
		t.errorf(nameA, "walk: %v", err)
		return
	}
	defer f.Close()
	with := func(change func(d *ninep.Dir)) bool {
		d := ninep.NullDir
		change(&d)
		return f.Wstat(t.ctx, d) == nil
	}
	if with(func(d *ninep.Dir) { d.Name, d.UID = nameB, "ninetest nobody" }) || t.exists(dir, nameB) {
		t.errorf(nameA, "wstat of name and owner: done, in part or whole")
	}
	if with(func(d *ninep.Dir) { d.Mode = ninep.DMDIR | 0775 }) {
		t.errorf(nameA, "wstat made it a directory")
	}
	if with(func(d *ninep.Dir) { d.Length = 5 }) && t.contents(dir, nameA) != "01234" {
		t.errorf(nameA, "wstat of length 5 gives %q", t.contents(dir, nameA))
	}
	if with(func(d *ninep.Dir) { d.Mode = 0640 }) {
		if d, ok := t.checkStat(nameA, f); ok && d.Mode != 0640 {
			t.errorf(nameA, "wstat of mode 0640 gives %v", d.Mode)
		}
	}
	if with(func(d *ninep.Dir) { d.Mtime = 1e9 }) {
		if d, ok := t.checkStat(nameA, f); ok && d.Mtime != 1e9 {
			t.errorf(nameA, "wstat of mtime 1000000000 gives %d", d.Mtime)
		}
	}
	if with(func(d *ninep.Dir) { d.Name = nameB }) {
		if d, ok := t.checkStat(nameB, f); ok && d.Name != nameB || t.exists(dir, nameA) || !t.exists(dir, nameB) {
			t.errorf(nameA, "not %s after wstat", nameB)
		}
		if nf, err := dir.Create(t.ctx, nameA, 0664, ninep.OREAD); err == nil {
			nf.Close()
			if with(func(d *ninep.Dir) { d.Name = nameA }) {
				t.errorf(nameB, "could be renamed to a file that exists")
			}
		}
	}
}

// checkMkdir makes a directory with a file and removes them.
func (t *tester) checkMkdir(dir ninep.File) {
	f, err := dir.Create(t.ctx, nameD, ninep.DMDIR|0775, ninep.OREAD)
	if err != nil {
		return
	}
	if !f.Qid().IsDir() {
		t.errorf(nameD, "created as a directory, has qid %v", f.Qid())
	}
	if dirs, err := f.ReadDir(t.ctx); err != nil || len(dirs) != 0 {
		t.errorf(nameD, "a new directory lists %v, %v", dirs, err)
	}
	f.Close()
	sub, err := dir.Walk(t.ctx, nameD)
	if err != nil {
		t.errorf(nameD, "walk: %v", err)
		return
	}
	defer sub.Close()
	t.checkStat(nameD, sub)
	if f, err := sub.Create(t.ctx, nameA, 0664, ninep.OWRITE); err != nil {
		t.errorf(nameD, "create in it: %v", err)
	} else {
		f.Close()
		if t.remove(dir, nameD) == nil {
			t.errorf(nameD, "could be removed with a file in it")
		}
		if err := t.remove(sub, nameA); err != nil || t.exists(sub, nameA) {
			t.errorf(nameD+"/"+nameA, "remove: %v", err)
		}
	}
	if err := t.remove(dir, nameD); err != nil || t.exists(dir, nameD) {
		t.errorf(nameD, "remove: %v", err)
	}
}

// checkModes checks remove on close, append-only and exclusive use, where the
// server has them.
func (t *tester) checkModes(dir ninep.File) {
	if f, err := dir.Create(t.ctx, nameA, 0664, ninep.ORDWR|ninep.ORCLOSE); err == nil {
		f.Close()
		if t.exists(dir, nameA) {
			t.errorf(nameA, "is there after the close of an open with ORCLOSE")
			t.remove(dir, nameA)
		}
	}
	t.withPerm(dir, ninep.DMAPPEND, func(f ninep.File) {
		f.Write(t.ctx, []byte("a"), 0)
		f.Write(t.ctx, []byte("b"), 0)
		if got := t.contents(dir, nameA); got != "ab" {
			t.errorf(nameA, "append-only: writes of a and b at 0 give %q", got)
		}
	})
	t.withPerm(dir, ninep.DMEXCL, func(f ninep.File) {
		if nf, err := t.walkOpen(dir, nameA, ninep.OREAD); err == nil {
			t.errorf(nameA, "exclusive use: could be opened twice")
			nf.Close()
		}
	})
}

// withPerm calls do with a file created with a bit of Perm that the server
// may not have.
func (t *tester) withPerm(dir ninep.File, perm ninep.Perm, do func(ninep.File)) {
	f, err := dir.Create(t.ctx, nameA, perm|0664, ninep.ORDWR)
	if err != nil {
		return
	}
	if d, ok := t.checkStat(nameA, f); ok && d.Mode&perm != 0 {
		do(f)
	}
	f.Close()
	if err := t.remove(dir, nameA); err != nil {
		t.errorf(nameA, "remove: %v", err)
	}
}
