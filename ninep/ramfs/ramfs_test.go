package ramfs

import (
	"bytes"
	"context"
	"errors"
	"math/rand"
	"slices"
	"testing"
	"time"

	"ufo/ninep"
)

func newFS() *FS { return New("glenda", time.Now, 1<<20) }

// attach returns the root as user sees it.
func attach(t *testing.T, fs *FS, user string) ninep.File {
	t.Helper()
	f, err := fs.Attach(t.Context(), user, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// create makes a file in dir, writes text, and closes it.
func create(t *testing.T, dir ninep.File, name string, perm ninep.Perm, text string) {
	t.Helper()
	mode := ninep.OWRITE
	if perm.IsDir() {
		mode = ninep.OREAD
	}
	f, err := dir.Create(t.Context(), name, perm, mode)
	if err != nil {
		t.Fatal(err)
	}
	if text != "" {
		if _, err := f.Write(t.Context(), []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// walk returns the file that the names lead to.
func walk(t *testing.T, f ninep.File, names ...string) ninep.File {
	t.Helper()
	f, _, err := ninep.WalkNames(t.Context(), f, names)
	if err != nil {
		t.Fatalf("walk %q: %v", names, err)
	}
	return f
}

// contents opens and reads a file.
func contents(t *testing.T, f ninep.File) string {
	t.Helper()
	if err := f.Open(t.Context(), ninep.OREAD); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1000)
	n, err := f.Read(t.Context(), b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestPermissions tries, as each user, what the mode of a file or of its
// directory permits to some.
func TestPermissions(t *testing.T) {
	open := func(mode ninep.Mode) func(context.Context, ninep.File) error {
		return func(ctx context.Context, dir ninep.File) error {
			f, err := dir.Walk(ctx, "f")
			if err != nil {
				return err
			}
			if err := f.Open(ctx, mode); err != nil {
				return err
			}
			return f.Close()
		}
	}
	wstat := func(set func(d *ninep.Dir)) func(context.Context, ninep.File) error {
		return func(ctx context.Context, dir ninep.File) error {
			f, err := dir.Walk(ctx, "f")
			if err != nil {
				return err
			}
			d := ninep.NullDir
			set(&d)
			return f.Wstat(ctx, d)
		}
	}
	for _, test := range []struct {
		name      string
		dir, file ninep.Perm
		do        func(context.Context, ninep.File) error
		glenda    error // the owner
		sys       error // the group
		ken       error // others
	}{
		{"read", 0777, 0640, open(ninep.OREAD), nil, nil, ninep.ErrPerm},
		{"write", 0777, 0640, open(ninep.OWRITE), nil, ninep.ErrPerm, ninep.ErrPerm},
		{"truncate", 0777, 0644, open(ninep.OREAD | ninep.OTRUNC), nil, ninep.ErrPerm, ninep.ErrPerm},
		{"execute", 0777, 0740, open(ninep.OEXEC), nil, ninep.ErrPerm, ninep.ErrPerm},
		{"walk", 0750, 0666, open(ninep.OREAD), nil, nil, ninep.ErrPerm},
		{"remove on close", 0770, 0666, open(ninep.OREAD | ninep.ORCLOSE), nil, nil, ninep.ErrPerm},
		{"remove", 0775, 0666, func(ctx context.Context, dir ninep.File) error {
			f, err := dir.Walk(ctx, "f")
			if err != nil {
				return err
			}
			return f.Remove(ctx)
		}, nil, nil, ninep.ErrPerm},
		{"create", 0755, 0666, func(ctx context.Context, dir ninep.File) error {
			_, err := dir.Create(ctx, "g", 0666, ninep.OREAD)
			return err
		}, nil, ninep.ErrPerm, ninep.ErrPerm},
		{"rename", 0755, 0666, wstat(func(d *ninep.Dir) { d.Name = "g" }), nil, ninep.ErrPerm, ninep.ErrPerm},
		{"chmod", 0777, 0666, wstat(func(d *ninep.Dir) { d.Mode = 0600 }), nil, nil, ninep.ErrNotOwner},
		{"chgrp", 0777, 0666, wstat(func(d *ninep.Dir) { d.GID = "adm" }), nil, ninep.ErrNotOwner, ninep.ErrNotOwner},
		{"set length", 0777, 0664, wstat(func(d *ninep.Dir) { d.Length = 1 }), nil, nil, ninep.ErrPerm},
		{"set mtime", 0777, 0666, wstat(func(d *ninep.Dir) { d.Mtime = 1 }), nil, nil, ninep.ErrNotOwner},
		{"chown", 0777, 0666, wstat(func(d *ninep.Dir) { d.UID = "ken" }), ninep.ErrPerm, ninep.ErrPerm, ninep.ErrPerm},
		{"sync", 0777, 0, wstat(func(d *ninep.Dir) {}), nil, nil, nil},
	} {
		for user, want := range map[string]error{"glenda": test.glenda, "sys": test.sys, "ken": test.ken} {
			t.Run(test.name+" by "+user, func(t *testing.T) {
				fs := newFS()
				root := attach(t, fs, "glenda")
				create(t, root, "d", ninep.DMDIR|0777, "")
				dir := walk(t, root, "d")
				create(t, dir, "f", 0666, "text")
				d := ninep.NullDir
				d.GID, d.Mode = "sys", test.file
				if err := walk(t, dir, "f").Wstat(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				d.Mode = ninep.DMDIR | test.dir
				if err := dir.Wstat(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				if err := test.do(t.Context(), walk(t, attach(t, fs, user), "d")); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		}
	}
}

func TestCreate(t *testing.T) {
	fs := newFS()
	root := attach(t, fs, "glenda")
	create(t, root, "d", ninep.DMDIR|0750, "")
	d := ninep.NullDir
	d.GID = "sys"
	dir := walk(t, root, "d")
	if err := dir.Wstat(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		perm, want ninep.Perm
	}{
		{"a file has no more than its directory", 0666, 0640},
		{"and keeps its execute bits", 0777, 0751},
		{"a directory has no more than its directory", ninep.DMDIR | 0777, ninep.DMDIR | 0750},
		{"type bits stay", ninep.DMAPPEND | ninep.DMTMP | 0600, ninep.DMAPPEND | ninep.DMTMP | 0600},
	} {
		create(t, dir, test.name, test.perm, "")
		got, err := walk(t, dir, test.name).Stat(t.Context())
		if err != nil || got.Mode != test.want || got.UID != "glenda" || got.GID != "sys" {
			t.Errorf("%s: mode %v, want %v; owner %s %s, %v", test.name, got.Mode, test.want, got.UID, got.GID, err)
		}
		if got.Qid.Type != got.Mode.QidType() {
			t.Errorf("%s: qid type %x for mode %v", test.name, got.Qid.Type, got.Mode)
		}
	}
	for _, test := range []struct {
		name string
		want error
	}{
		{"and keeps its execute bits", ninep.ErrExist},
		{"a/b", ninep.ErrBadChar},
		{"..", ninep.ErrBadChar},
	} {
		if _, err := dir.Create(t.Context(), test.name, 0666, ninep.OREAD); err != test.want {
			t.Errorf("create %q: %v", test.name, err)
		}
	}
}

func TestModes(t *testing.T) {
	fs := newFS()
	root := attach(t, fs, "glenda")

	create(t, root, "log", ninep.DMAPPEND|0666, "one ")
	f := walk(t, root, "log")
	if err := f.Open(t.Context(), ninep.OWRITE|ninep.OTRUNC); err != nil {
		t.Fatal(err)
	}
	f.Write(t.Context(), []byte("two"), 0)
	f.Close()
	if got := contents(t, walk(t, root, "log")); got != "one two" {
		t.Errorf("append-only file: %q", got)
	}

	create(t, root, "lock", ninep.DMEXCL|0666, "")
	f, g := walk(t, root, "lock"), walk(t, root, "lock")
	if err := f.Open(t.Context(), ninep.OREAD); err != nil {
		t.Fatal(err)
	}
	if err := g.Open(t.Context(), ninep.OREAD); err != ninep.ErrExcl {
		t.Errorf("second open of an exclusive file: %v", err)
	}
	f.Close()
	if err := g.Open(t.Context(), ninep.OREAD); err != nil {
		t.Errorf("open after close: %v", err)
	}
	g.Close()

	f, err := root.Create(t.Context(), "tmp", 0666, ninep.ORDWR|ninep.ORCLOSE)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := root.Walk(t.Context(), "tmp"); err != ninep.ErrNotExist {
		t.Errorf("remove on close left the file: %v", err)
	}
}

func TestRemove(t *testing.T) {
	fs := newFS()
	root := attach(t, fs, "glenda")
	create(t, root, "d", ninep.DMDIR|0777, "")
	dir := walk(t, root, "d")
	create(t, dir, "f", 0666, "still here")
	if err := dir.Remove(t.Context()); err != ninep.ErrNotEmpty {
		t.Errorf("remove of a full directory: %v", err)
	}
	if err := root.Remove(t.Context()); err != ninep.ErrPerm {
		t.Errorf("remove of the root: %v", err)
	}
	f := walk(t, dir, "f")
	if err := f.Open(t.Context(), ninep.ORDWR); err != nil {
		t.Fatal(err)
	}
	if err := walk(t, dir, "f").Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 20)
	if n, err := f.Read(t.Context(), b, 0); err != nil || string(b[:n]) != "still here" {
		t.Errorf("an open file after its removal: %q, %v", b[:n], err)
	}
	if fs.used == 0 {
		t.Error("the data of an open file is gone")
	}
	f.Close()
	if fs.used != 0 {
		t.Errorf("%d bytes are used by no file", fs.used)
	}
	if err := walk(t, root, "d").Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Create(t.Context(), "f", 0666, ninep.OREAD); err != ninep.ErrNotExist {
		t.Errorf("create in a removed directory: %v", err)
	}
	if err := dir.Remove(t.Context()); err != ninep.ErrNotExist {
		t.Errorf("second remove: %v", err)
	}
}

func TestRename(t *testing.T) {
	fs := newFS()
	root := attach(t, fs, "glenda")
	create(t, root, "a", 0666, "A")
	create(t, root, "b", 0666, "B")
	f := walk(t, root, "a")
	was := f.Qid()
	d := ninep.NullDir
	d.Name = "b"
	d.Mode = 0600
	if err := f.Wstat(t.Context(), d); err != ninep.ErrExist {
		t.Errorf("rename to a name in use: %v", err)
	}
	if st, _ := f.Stat(t.Context()); st.Mode != 0666 {
		t.Errorf("a wstat that failed changed the mode to %v", st.Mode)
	}
	d.Name = "c"
	if err := f.Wstat(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, walk(t, root, "c")); got != "A" || walk(t, root, "c").Qid() != was {
		t.Errorf("after the rename: %q", got)
	}
	if _, err := root.Walk(t.Context(), "a"); err != ninep.ErrNotExist {
		t.Errorf("the old name: %v", err)
	}
}

func TestVersions(t *testing.T) {
	fs := newFS()
	root := attach(t, fs, "glenda")
	create(t, root, "f", 0666, "")
	f := walk(t, root, "f")
	f.Open(t.Context(), ninep.ORDWR)
	vers := f.Qid().Vers
	for _, test := range []struct {
		name   string
		do     func()
		change bool
	}{
		{"read", func() { f.Read(t.Context(), make([]byte, 1), 0) }, false},
		{"write", func() { f.Write(t.Context(), []byte("x"), 0) }, true},
		{"write of nothing", func() { f.Write(t.Context(), nil, 0) }, false},
		{"set length", func() { d := ninep.NullDir; d.Length = 10; f.Wstat(t.Context(), d) }, true},
	} {
		test.do()
		if now := f.Qid().Vers; (now != vers) != test.change {
			t.Errorf("%s: version %d, was %d", test.name, now, vers)
		} else {
			vers = now
		}
	}
}

func TestLimit(t *testing.T) {
	fs := New("glenda", time.Now, 10)
	root := attach(t, fs, "glenda")
	f, err := root.Create(t.Context(), "f", 0666, ninep.ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), make([]byte, 10), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), make([]byte, 1), 10); err != ninep.ErrNoMem {
		t.Errorf("beyond the limit: %v", err)
	}
	if _, err := f.Write(t.Context(), make([]byte, 10), 0); err != nil {
		t.Errorf("in place: %v", err)
	}
}

// A file that is cut short has no more memory than it is counted for.
func TestTruncate(t *testing.T) {
	var d data
	d.write(make([]byte, blocksize), 0)
	whole := d.blocks[0]
	if n := d.truncate(1); n != 1-blocksize || &d.blocks[0][0] == &whole[0] {
		t.Errorf("the memory taken changed by %d, in the same block: %v", n, &d.blocks[0][0] == &whole[0])
	}
}

// TestKeep writes what may be kept: only whole blocks are.
func TestKeep(t *testing.T) {
	fs := New("glenda", time.Now, 3*blocksize)
	create(t, attach(t, fs, "glenda"), "f", 0600, "")
	f := walk(t, attach(t, fs, "glenda"), "f").(*file)
	block := func(b byte) []byte { return bytes.Repeat([]byte{b}, blocksize) }
	first := block('1')
	for _, c := range []struct {
		name  string
		p     []byte
		off   int64
		other []byte
		err   error
	}{
		{"a block", first, blocksize, nil, nil},
		{"another in its place", block('2'), blocksize, first, nil},
		{"a part", []byte("34"), 0, []byte("34"), nil},
		{"not where a block begins", block('5'), 1, block('5'), nil},
		{"where there is no room", block('6'), 6 * blocksize, nil, nil},
		{"too much", block('7'), 7 * blocksize, block('7'), ninep.ErrNoMem},
		{"before the beginning", block('8'), -1, block('8'), ninep.ErrNegOff},
	} {
		n, other, err := f.WriteKeep(t.Context(), c.p, c.off)
		if err != c.err || err == nil && n != len(c.p) || !bytes.Equal(other, c.other) {
			t.Errorf("%s: %d, %d bytes, %v", c.name, n, len(other), err)
		}
	}
	got := make([]byte, 2*blocksize)
	if n, err := f.Read(t.Context(), got, 0); n != len(got) || err != nil ||
		!bytes.Equal(got, slices.Concat([]byte("3"), block('5'), block('2')[1:])) {
		t.Errorf("%d bytes, %v: %q", n, err, got[:4])
	}
}

// TestData compares random writes and truncations with the same on a slice.
func TestData(t *testing.T) {
	const size = 5 * blocksize
	rng := rand.New(rand.NewSource(1))
	var d data
	var used int64
	var want []byte
	grow := func(n int64) {
		if m := n - int64(len(want)); m > 0 {
			want = append(want, make([]byte, m)...)
		}
	}
	for i := range 300 {
		off, n := rng.Int63n(size), rng.Intn(2*blocksize)
		switch do := rng.Intn(4); do {
		case 0:
			used += d.truncate(off)
			grow(off)
			want = want[:off]
		default:
			if do == 1 {
				off, n = off-off%blocksize, blocksize
			}
			p := make([]byte, n)
			rng.Read(p)
			used += d.grows(n, off)
			if do == 1 {
				clear(d.keep(bytes.Clone(p), off)) // which is ours
			} else {
				d.write(p, off)
			}
			if n > 0 {
				grow(off + int64(n))
			}
			copy(want[min(off, int64(len(want))):], p)
		}
		got := make([]byte, size+4*blocksize)
		got = got[:d.read(got, 0)]
		if !bytes.Equal(got, want) {
			t.Fatalf("step %d: data differ from a slice", i)
		}
		var have int64
		for _, b := range d.blocks {
			have += int64(len(b))
		}
		if have != used {
			t.Fatalf("step %d: %d bytes in memory, counted %d", i, have, used)
		}
	}
}

func TestSparse(t *testing.T) {
	var d data
	const far = 1 << 50
	if grows := d.grows(1, far); grows > blocksize {
		t.Errorf("one byte far out takes %d", grows)
	}
	d.write([]byte("x"), far)
	b := []byte("....")
	if n := d.read(b, far-3); n != 4 || string(b) != "\x00\x00\x00x" {
		t.Errorf("read %q", b[:n])
	}
	if d.truncate(0); len(d.blocks) != 0 {
		t.Error("blocks left")
	}
}
