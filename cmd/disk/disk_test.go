package disk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/rootfs"
)

var ctx = context.Background()

// base is a small root tree.
func base() []rootfs.File {
	var all []rootfs.File
	add := func(name, owner, text string, perm uint32, dir bool) {
		all = append(all, rootfs.File{Name: name, Dir: dir, Perm: perm, UID: owner, GID: owner,
			Size: int64(len(text)), Data: strings.NewReader(text)})
	}
	folder := func(name, owner string, perm uint32) { add(name, owner, "", perm, true) }
	file := func(name, owner, text string) { add(name, owner, text, 0664, false) }
	folder("/", "sys", 0775)
	folder("/adm", "adm", 0775)
	file("/adm/users", "adm", "-1:adm:adm:\n0:none::\n1:glenda:glenda:\n2:ken::\n3:rob::\n4:lab:rob:ken,rob\n5:open::ken\n")
	folder("/lib", "sys", 0775)
	file("/lib-x", "sys", "")
	file("/lib/glass", "sys", "I can eat glass\n")
	folder("/lib/ndb", "sys", 0775)
	file("/lib/ndb/local", "sys", "sys=n1\n")
	add("/lib/run", "sys", "#!/bin/rc\n", 0775, false)
	folder("/tmp", "sys", 0777)
	add("/tmp/x", "sys", "x", 0666, false)
	folder("/usr", "sys", 0775)
	folder("/usr/ken", "ken", 0775)
	file("/usr/ken/notes", "ken", "0123456789")
	return all
}

// change returns the tree with another text, or none, for a file.
func change(all []rootfs.File, name, text string) []rootfs.File {
	i, ok := slices.BinarySearchFunc(all, name, func(f rootfs.File, name string) int { return strings.Compare(f.Name, name) })
	if ok {
		all = slices.Delete(all, i, i+1)
	}
	if text == "" {
		return all
	}
	return slices.Insert(all, i, rootfs.File{Name: name, Perm: 0664, UID: "ken", GID: "ken", Size: int64(len(text)), Data: strings.NewReader(text)})
}

// A clock counts on by a second each time it is asked.
type clock struct{ t atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1e9+c.t.Add(1), 0) }

func mustOpen(t *testing.T, s Store, b []rootfs.File) *Disk {
	t.Helper()
	d, err := Open(Config{Store: s, Base: b, Born: time.Unix(1e9, 0), Clock: new(clock).now})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A user is a way to do things on a Disk by name.
type user struct {
	srv  ninep.Server
	name string
}

func (u user) walk(name string) (ninep.File, error) {
	f, err := u.srv.Attach(ctx, u.name, "")
	if err != nil {
		return nil, err
	}
	names := strings.FieldsFunc(name, func(c rune) bool { return c == '/' })
	if len(names) == 0 {
		return f, nil
	}
	defer f.Close()
	nf, _, err := ninep.WalkNames(ctx, f, names)
	if err != nil {
		if nf != nil {
			nf.Close()
		}
		return nil, err
	}
	return nf, nil
}

func (u user) open(name string, mode ninep.Mode) (ninep.File, error) {
	f, err := u.walk(name)
	if err != nil {
		return nil, err
	}
	if err := f.Open(ctx, mode); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (u user) create(name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	i := strings.LastIndexByte(name, '/')
	dir, err := u.walk(name[:i+1])
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Create(ctx, name[i+1:], perm, mode)
}

func (u user) put(name, text string) error {
	f, err := u.create(name, 0664, ninep.OWRITE)
	if errors.Is(err, ninep.ErrExist) {
		f, err = u.open(name, ninep.OWRITE|ninep.OTRUNC)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(ctx, []byte(text), 0)
	return err
}

func (u user) writeAt(name, text string, off int64) error {
	f, err := u.open(name, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(ctx, []byte(text), off)
	return err
}

func (u user) get(name string) (string, error) {
	f, err := u.open(name, ninep.OREAD)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var all []byte
	p := make([]byte, 7) // small, to cross extents
	for {
		n, err := f.Read(ctx, p, int64(len(all)))
		if n == 0 || err != nil {
			return string(all), err
		}
		all = append(all, p[:n]...)
	}
}

func (u user) mkdir(name string) error {
	f, err := u.create(name, ninep.DMDIR|0775, ninep.OREAD)
	if err == nil {
		f.Close()
	}
	return err
}

func (u user) remove(name string) error {
	f, err := u.walk(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Remove(ctx)
}

func (u user) stat(name string) (ninep.Dir, error) {
	f, err := u.walk(name)
	if err != nil {
		return ninep.Dir{}, err
	}
	defer f.Close()
	return f.Stat(ctx)
}

// wstat changes what change sets.
func (u user) wstat(name string, change func(*ninep.Dir)) error {
	f, err := u.walk(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := ninep.NullDir
	change(&d)
	return f.Wstat(ctx, d)
}

func (u user) rename(name, to string) error {
	return u.wstat(name, func(d *ninep.Dir) { d.Name = to })
}

func (u user) ls(name string) (string, error) {
	f, err := u.open(name, ninep.OREAD)
	if err != nil {
		return "", err
	}
	defer f.Close()
	dirs, err := f.ReadDir(ctx)
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name)
	}
	return strings.Join(names, " "), err
}

// dump returns all that can be seen of the tree, except access times, which
// the log does not keep by themselves.
func dump(t *testing.T, d *Disk) string {
	t.Helper()
	var b strings.Builder
	var visit func(name string, n *node)
	visit = func(name string, n *node) {
		fmt.Fprintf(&b, "%s %x.%d %v %s %s %s %d %d", name, n.path, n.vers, n.mode, n.uid, n.gid, n.muid, n.mtime, n.length)
		if !n.isDir() {
			text, err := d.contents(n)
			fmt.Fprintf(&b, " %q %v\n", text, err)
			return
		}
		b.WriteByte('\n')
		for _, k := range d.list(n) {
			visit(name+"/"+k.name, k)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	visit("", d.root)
	return b.String()
}

// want checks a sequence of alternating results: (got, err), wanted.
func want(t *testing.T, what, got string, err error, wanted string) {
	t.Helper()
	if err != nil {
		got = err.Error()
	}
	if got != wanted {
		t.Errorf("%s: %q, want %q", what, got, wanted)
	}
}

func wantErr(t *testing.T, what string, err, wanted error) {
	t.Helper()
	if !errors.Is(err, wanted) || wanted == nil && err != nil {
		t.Errorf("%s: %v, want %v", what, err, wanted)
	}
}

func TestBaseBelowChanges(t *testing.T) {
	store := NewMem()
	d := mustOpen(t, store, base())
	rob := user{d, "rob"}
	if size, _ := store.Size(); size != 0 {
		t.Fatalf("opening wrote %d bytes", size)
	}
	ken := user{d, "ken"}
	wantErr(t, "write", ken.writeAt("usr/ken/notes", "abc", 3), nil)
	wantErr(t, "create", ken.put("usr/ken/new", "new"), nil)
	wantErr(t, "not his", rob.put("usr/ken/notes", "rob"), ninep.ErrPerm)
	wantErr(t, "tmp", rob.remove("tmp/x"), nil)
	wantErr(t, "rename", ken.rename("usr/ken/notes", "old"), nil)
	wantErr(t, "again", ken.put("usr/ken/notes", "other"), nil)

	check := func(d *Disk) {
		t.Helper()
		u := user{d, "glenda"}
		s, err := u.get("usr/ken/old")
		want(t, "copied up", s, err, "012abc6789")
		s, err = u.get("usr/ken/notes")
		want(t, "new of that name", s, err, "other")
		s, err = u.ls("usr/ken")
		want(t, "ls", s, err, "new notes old")
		s, err = u.get("tmp/x")
		want(t, "removed", s, err, "file does not exist")
		s, err = u.ls("tmp")
		want(t, "ls tmp", s, err, "")
	}
	check(d)
	old, _ := ken.stat("usr/ken/old")
	notes, _ := ken.stat("usr/ken/notes")
	if old.Qid.Path != basePath("/usr/ken/notes") || notes.Qid.Path == old.Qid.Path {
		t.Errorf("qids %v and %v", old.Qid, notes.Qid)
	}

	next := change(base(), "/lib/glass", "changed\n")
	next = change(next, "/usr/ken/notes", "changed\n")
	next = change(next, "/usr/ken/more", "more\n")
	next = change(next, "/lib/ndb/local", "")
	next = change(next, "/lib/ndb", "")
	d = mustOpen(t, store, next)
	u := user{d, "glenda"}
	s, err := u.get("lib/glass")
	want(t, "untouched file of a new base", s, err, "changed\n")
	s, err = u.get("usr/ken/more")
	want(t, "new file of a new base", s, err, "more\n")
	s, err = u.ls("lib")
	want(t, "lost by the new base", s, err, "glass run")
	next = change(next, "/usr/ken/more", "")
	check(mustOpen(t, store, next))
}

func TestMovedBaseDirectory(t *testing.T) {
	store := NewMem()
	d := mustOpen(t, store, base())
	sys := user{d, "sys"}
	d.Admit("sys")
	wantErr(t, "rename", sys.rename("lib/ndb", "db"), nil)
	wantErr(t, "change below", sys.put("lib/db/local", "sys=n2\n"), nil)
	wantErr(t, "the name is free", sys.mkdir("lib/ndb"), nil)
	wantErr(t, "out of the way", sys.rename("lib", "library"), nil)
	wantErr(t, "not empty", sys.remove("library/db"), ninep.ErrNotEmpty)
	before := dump(t, d)
	after := dump(t, mustOpen(t, store, base()))
	if before != after {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	d.compact()
	if after := dump(t, mustOpen(t, d.store, base())); before != after {
		t.Errorf("before:\n%s\nafter compaction:\n%s", before, after)
	}
}

func TestPermissions(t *testing.T) {
	d := mustOpen(t, NewMem(), base())
	ken, rob, glenda, none := user{d, "ken"}, user{d, "rob"}, user{d, "glenda"}, user{d, "none"}
	mode := func(m ninep.Perm) func(*ninep.Dir) { return func(e *ninep.Dir) { e.Mode = m } }
	group := func(g string) func(*ninep.Dir) { return func(e *ninep.Dir) { e.GID = g } }
	for _, step := range []struct {
		what string
		err  error
		want error
	}{
		{"a stranger attaches", func() error { _, err := d.Attach(ctx, "mallory", ""); return err }(), ErrNoUser},
		{"adm cannot attach", func() error { _, err := d.Attach(ctx, "adm", ""); return err }(), ErrNoUser},
		{"a specifier", func() error { _, err := d.Attach(ctx, "ken", "x"); return err }(), ninep.ErrBadSpec},
		{"users is adm's", ken.put("adm/users", ""), ninep.ErrPerm},
		{"create where all may", ken.put("tmp/f", "ken"), nil},
		{"others read", func() error { _, err := rob.get("tmp/f"); return err }(), nil},
		{"others do not write", rob.writeAt("tmp/f", "rob", 0), ninep.ErrPerm},
		{"others do not chmod", rob.wstat("tmp/f", mode(0600)), ErrOwner},
		{"owner gives to a group he is not in", ken.wstat("tmp/f", group("rob")), ErrMember},
		{"owner gives to no group", ken.wstat("tmp/f", group("martians")), ErrNoGroup},
		{"owner gives to his group", ken.wstat("tmp/f", group("lab")), nil},
		{"a member writes", rob.writeAt("tmp/f", "rob", 0), nil},
		{"the leader may chmod", rob.wstat("tmp/f", mode(0660)), nil},
		{"not in the group", glenda.writeAt("tmp/f", "x", 0), ninep.ErrPerm},
		{"leader gives to a group he does not lead", rob.wstat("tmp/f", group("open")), ErrOwner},
		{"owner gives back", ken.wstat("tmp/f", group("ken")), nil},
		{"not to others now", rob.writeAt("tmp/f", "x", 0), ninep.ErrPerm},
		{"anybody may rename in tmp", rob.rename("tmp/f", "g"), nil},
		{"to a name in use", rob.rename("tmp/g", "x"), ninep.ErrExist},
		{"to a bad name", rob.rename("tmp/g", "a/b"), ninep.ErrBadChar},
		{"the root cannot be renamed", glenda.rename("", "x"), ninep.ErrPerm},
		{"the root cannot be removed", glenda.remove(""), ninep.ErrPerm},
		{"owner cannot give away", ken.wstat("tmp/g", func(e *ninep.Dir) { e.UID = "rob" }), ninep.ErrWstatProh},
		{"type and dev are the kernel's", ken.wstat("tmp/g", func(e *ninep.Dir) { e.Type, e.Dev = 'x', 1 }), nil},
		{"nor its version", ken.wstat("tmp/g", func(e *ninep.Dir) { e.Qid.Vers = 4711 }), ninep.ErrWstatProh},
		{"nor make a directory of it", ken.wstat("tmp/g", mode(ninep.DMDIR|0777)), ninep.ErrWstatProh},
		{"a length for a directory", ken.wstat("tmp", func(e *ninep.Dir) { e.Length = 1 }), ninep.ErrIsDir},
		{"none makes a file", none.put("tmp/none", "x"), nil},
		{"and does not own it", none.wstat("tmp/none", mode(0666)), ErrOwner},
		{"as others it may not write", none.writeAt("tmp/none", "x", 0), ninep.ErrPerm},
		{"a private directory", ken.mkdir("usr/ken/priv"), nil},
		{"made so", ken.wstat("usr/ken/priv", mode(ninep.DMDIR|0700)), nil},
		{"with a file", ken.put("usr/ken/priv/f", "secret"), nil},
		{"cannot be walked", func() error { _, err := rob.get("usr/ken/priv/f"); return err }(), ninep.ErrPerm},
		{"nor listed", func() error { _, err := rob.ls("usr/ken/priv"); return err }(), ninep.ErrPerm},
		{"not empty", ken.remove("usr/ken/priv"), ninep.ErrNotEmpty},
		{"exec of a script", func() error { _, err := rob.open("lib/run", ninep.OEXEC); return err }(), nil},
		{"exec of a text", func() error { _, err := rob.open("lib/glass", ninep.OEXEC); return err }(), ninep.ErrPerm},
		{"write a directory", func() error { _, err := ken.open("usr/ken", ninep.OWRITE); return err }(), ninep.ErrIsDir},
		{"remove a directory on close", func() error { _, err := ken.open("usr/ken", ninep.ORCLOSE); return err }(), ninep.ErrIsDir},
	} {
		wantErr(t, step.what, step.err, step.want)
	}
	e, _ := ken.stat("usr/ken/priv/f")
	if e.UID != "ken" || e.GID != "ken" || e.MUID != "ken" || e.Mode != 0600 {
		t.Errorf("inherited: %+v", e)
	}
	if e, _ := ken.stat("tmp/g"); e.MUID != "rob" {
		t.Errorf("muid %q, want rob", e.MUID)
	}
}

// A users file with a hole larger than memory costs nobody his account.
func TestLongUsers(t *testing.T) {
	d := mustOpen(t, NewMem(), change(base(), "/adm/users", "2:ken::\n"))
	ken := user{d, "ken"}
	wantErr(t, "write far behind the end", ken.writeAt("adm/users", "x", 1<<55), nil)
	wantErr(t, "use the disk", ken.put("usr/ken/notes", "x"), nil)
	_, err := d.Attach(ctx, "mallory", "")
	wantErr(t, "a stranger attaches", err, ErrNoUser)
}

func TestModes(t *testing.T) {
	d := mustOpen(t, NewMem(), base())
	ken := user{d, "ken"}

	f, err := ken.create("tmp/log", ninep.DMAPPEND|0666, ninep.OWRITE)
	wantErr(t, "create", err, nil)
	f.Write(ctx, []byte("one "), 100)
	f.Write(ctx, []byte("two"), 0)
	f.Close()
	f, err = ken.open("tmp/log", ninep.OWRITE|ninep.OTRUNC)
	wantErr(t, "OTRUNC of an append-only file", err, nil)
	f.Close()
	s, err := ken.get("tmp/log")
	want(t, "append-only", s, err, "one two")

	f, err = ken.create("tmp/lock", ninep.DMEXCL|0666, ninep.ORDWR)
	wantErr(t, "create", err, nil)
	_, err = ken.open("tmp/lock", ninep.OREAD)
	wantErr(t, "second open", err, ninep.ErrExcl)
	f.Close()
	f, err = ken.open("tmp/lock", ninep.ORDWR)
	wantErr(t, "open after close", err, nil)
	d.cfg.Clock = func() time.Time { return time.Unix(2e9, 0) }
	g, err := ken.open("tmp/lock", ninep.ORDWR)
	wantErr(t, "open of a lock forgotten", err, nil)
	_, err = f.Write(ctx, []byte("x"), 0)
	wantErr(t, "its old holder", err, ninep.ErrExcl)
	f.Close()
	_, err = g.Write(ctx, []byte("x"), 0)
	wantErr(t, "its new holder", err, nil)
	g.Close()

	f, err = ken.create("tmp/gone", 0666, ninep.ORDWR|ninep.ORCLOSE)
	wantErr(t, "create", err, nil)
	g, _ = ken.walk("tmp/gone")
	f.Close()
	_, err = g.Stat(ctx)
	wantErr(t, "after remove on close", err, ErrPhase)
	wantErr(t, "and open", g.Open(ctx, ninep.OREAD), ErrPhase)
	g.Close()

	wantErr(t, "holes", ken.put("tmp/hole", "ab"), nil)
	ken.writeAt("tmp/hole", "cd", 6)
	s, err = ken.get("tmp/hole")
	want(t, "holes", s, err, "ab\x00\x00\x00\x00cd")
	ken.wstat("tmp/hole", func(e *ninep.Dir) { e.Length = 1 })
	ken.wstat("tmp/hole", func(e *ninep.Dir) { e.Length = 3 })
	s, err = ken.get("tmp/hole")
	want(t, "cut and made longer", s, err, "a\x00\x00")
	if e, _ := ken.stat("tmp/hole"); e.Qid.Vers != 4 {
		t.Errorf("version %d after 4 changes", e.Qid.Vers)
	}
}

func BenchmarkOpenEmpty(b *testing.B) {
	tree := base()
	for b.Loop() {
		if _, err := Open(Config{Store: NewMem(), Base: tree}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite64K(b *testing.B) {
	d, _ := Open(Config{Store: NewMem(), Base: base()})
	f, err := user{d, "ken"}.create("tmp/big", 0666, ninep.OWRITE)
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 64<<10)
	b.SetBytes(int64(len(p)))
	for i := int64(0); b.Loop(); i++ {
		f.Write(ctx, p, i%64*int64(len(p)))
	}
}
