package fat

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// mem is an Image in memory. Its size is fixed.
type mem []byte

func (m mem) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, nil
	}
	return copy(p, m[off:]), nil
}

func (m mem) WriteAt(_ context.Context, p []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(p)) > int64(len(m)) {
		return 0, ninep.ErrIO
	}
	return copy(m[off:], p), nil
}

// format makes an empty file system with clusters of 512 bytes.
func format(bits int) mem {
	m := make(mem, map[int]int{12: 420, 16: 5100, 32: 67100}[bits]*512)
	if _, err := Format(context.Background(), m, Layout{Total: int64(len(m) / 512), Cluster: 1}, now()); err != nil {
		panic(err)
	}
	return m
}

func now() time.Time { return time.Unix(1e9, 0) }

func mustNew(t testing.TB, m mem) *FS {
	t.Helper()
	fs, err := New(context.Background(), m, Options{Owner: "glenda", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// check has a program of the host look for what is wrong with a file system,
// where there is one.
func check(t *testing.T, m mem) {
	t.Helper()
	prog, err := exec.LookPath("fsck.fat")
	if err != nil {
		t.Log("not checked: no fsck.fat on this host")
		return
	}
	name := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(name, m, 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(prog, "-n", name).CombinedOutput(); err != nil || strings.Contains(string(out), "rong") {
		t.Errorf("fsck.fat: %v\n%s", err, out)
	}
}

func TestConformance(t *testing.T) {
	for _, bits := range []int{12, 16, 32} {
		m := format(bits)
		strict := ninetest.Strict(mustNew(t, m))
		if err := ninetest.TestServer(t.Context(), strict); err != nil {
			t.Errorf("FAT%d: %v", bits, err)
		}
		if err := ninetest.TestWire(t.Context(), strict); err != nil {
			t.Errorf("FAT%d over a wire: %v", bits, err)
		}
		if err := strict.Check(); err != nil {
			t.Errorf("FAT%d: %v", bits, err)
		}
		check(t, m)
	}
}

// TestRandom does things at random, and compares with a model, in memory and
// after the file system is read anew.
func TestRandom(t *testing.T) {
	for _, bits := range []int{12, 16, 32} {
		t.Run(fmt.Sprintf("FAT%d", bits), func(t *testing.T) {
			m := format(bits)
			r := rand.New(rand.NewSource(int64(bits)))
			model := map[string]string{}
			w := world{t, mustNew(t, m), model, r}
			for i := range 600 {
				w.step()
				if i%100 == 99 {
					w.compare()
					w.fs = mustNew(t, m)
					w.compare()
				}
			}
			check(t, m)
		})
	}
}

// A world is a file system and what should be in it: contents by name, and
// "dir" for directories, whose names end in a slash.
type world struct {
	t     *testing.T
	fs    *FS
	model map[string]string
	rand  *rand.Rand
}

// pick returns the name of a file, or of a directory.
func (w world) pick(dir bool) (string, bool) {
	var names []string
	for name := range w.model {
		if strings.HasSuffix(name, "/") == dir {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	slices.Sort(names)
	return names[w.rand.Intn(len(names))], true
}

var elems = []string{"a", "README", "a long name.with dots", "Mixed.Txt", "λόγος", "x.c", "abcdefgh.ext", "LONGNAME1234567890.extension", "two words", "x~1"}

func (w world) newName() string {
	dir := ""
	if d, ok := w.pick(true); ok && w.rand.Intn(2) == 0 {
		dir = d
	}
	return fmt.Sprintf("%s%d%s", dir, w.rand.Intn(40), elems[w.rand.Intn(len(elems))])
}

func (w world) taken(name string) bool {
	for n := range w.model {
		if strings.EqualFold(strings.TrimSuffix(n, "/"), name) {
			return true
		}
	}
	return false
}

func (w world) must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// walk returns a file, to be closed.
func (w world) walk(name string) ninep.File {
	w.t.Helper()
	root, err := w.fs.Attach(w.t.Context(), "glenda", "")
	w.must("attach", err)
	defer root.Close()
	name = strings.Trim(name, "/")
	var names []string
	if name != "" {
		names = strings.Split(name, "/")
	}
	f, _, err := ninep.WalkNames(w.t.Context(), root, names)
	w.must(name, err)
	return f
}

func (w world) step() {
	ctx := w.t.Context()
	switch w.rand.Intn(7) {
	case 0, 1: // a new file or directory
		name := w.newName()
		if w.taken(name) {
			return
		}
		i := strings.LastIndexByte(name, '/')
		dir := w.walk(name[:i+1])
		defer dir.Close()
		perm, mode := ninep.Perm(0666), ninep.ORDWR
		if w.rand.Intn(5) == 0 {
			perm, mode = ninep.DMDIR|0777, ninep.OREAD
		}
		f, err := dir.Create(ctx, name[i+1:], perm, mode)
		if err == errFull {
			return
		}
		w.must("create "+name, err)
		defer f.Close()
		if perm.IsDir() {
			w.model[name+"/"] = "dir"
		} else {
			w.model[name] = ""
		}
	case 2, 3, 4: // a write
		name, ok := w.pick(false)
		if !ok {
			return
		}
		f := w.walk(name)
		defer f.Close()
		w.must("open", f.Open(ctx, ninep.ORDWR))
		text := bytes.Repeat([]byte{byte('a' + w.rand.Intn(26))}, 1+w.rand.Intn(3000))
		old := w.model[name]
		off := w.rand.Intn(len(old) + 600)
		if _, err := f.Write(ctx, text, int64(off)); err == errFull {
			d, err := f.Stat(ctx)
			w.must("stat", err)
			w.model[name] = (old + strings.Repeat("\x00", 600))[:max(len(old), int(d.Length))]
			return
		} else {
			w.must("write", err)
		}
		b := []byte(old)
		if n := off + len(text) - len(b); n > 0 {
			b = append(b, make([]byte, n)...)
		}
		copy(b[off:], text)
		w.model[name] = string(b)
	case 5: // a removal, or a change of length
		name, ok := w.pick(w.rand.Intn(3) == 0)
		if !ok {
			return
		}
		f := w.walk(name)
		defer f.Close()
		if !strings.HasSuffix(name, "/") && w.rand.Intn(2) == 0 {
			d := ninep.NullDir
			d.Length = int64(w.rand.Intn(len(w.model[name]) + 1))
			w.must("truncate", f.Wstat(ctx, d))
			w.model[name] = w.model[name][:d.Length]
			return
		}
		full := false
		for n := range w.model {
			full = full || n != name && strings.HasPrefix(n, name) && strings.HasSuffix(name, "/")
		}
		if err := f.Remove(ctx); full != (err == ninep.ErrNotEmpty) || err != nil && !full {
			w.t.Fatalf("remove %s: %v", name, err)
		} else if err == nil {
			delete(w.model, name)
		}
	case 6: // a rename
		name, ok := w.pick(false)
		if !ok {
			return
		}
		i := strings.LastIndexByte(name, '/')
		to := name[:i+1] + fmt.Sprintf("%d%s", w.rand.Intn(40), elems[w.rand.Intn(len(elems))])
		if w.taken(to) {
			return
		}
		f := w.walk(name)
		defer f.Close()
		d := ninep.NullDir
		d.Name = to[i+1:]
		if err := f.Wstat(ctx, d); err != errFull {
			w.must("rename to "+to, err)
			w.model[to] = w.model[name]
			delete(w.model, name)
		}
	}
}

// compare compares all files with the model.
func (w world) compare() {
	w.t.Helper()
	seen := map[string]bool{}
	var look func(dir string)
	look = func(dir string) {
		f := w.walk(dir)
		defer f.Close()
		dirs, err := ninep.ListDir(w.t.Context(), f, "")
		w.must("list", err)
		for _, d := range dirs {
			name := dir + d.Name
			if d.IsDir() {
				seen[name+"/"] = true
				look(name + "/")
				continue
			}
			seen[name] = true
			text, err := ninep.ReadFile(w.t.Context(), f, d.Name)
			w.must("read", err)
			if want, ok := w.model[name]; !ok || string(text) != want || d.Length != int64(len(want)) {
				w.t.Errorf("%s: %d bytes, %v, want %d bytes", name, len(text), ok, len(want))
			}
		}
	}
	look("")
	for name := range w.model {
		if !seen[name] {
			w.t.Errorf("%s is lost", name)
		}
	}
}

// TestFloppy reads what mkfs.fat and mtools made.
func TestFloppy(t *testing.T) {
	b, err := os.ReadFile("testdata/floppy.img.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	img, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	fs := mustNew(t, img)
	root, err := fs.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{
		"readme.txt": "hello\n", "A long name, with spaces.text": "long\n", "sub/deeper/λόγος": "greek\n", "SUB/Deeper/ΛΌΓΟΣ": "greek\n",
	} {
		text, err := ninep.ReadFile(t.Context(), root, name)
		if err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	dirs, err := ninep.ListDir(t.Context(), root, "")
	if err != nil || len(dirs) != 3 || dirs[0].Mtime != 946684800 {
		t.Errorf("%v, %v", dirs, err)
	}
}

func TestRules(t *testing.T) {
	w := world{t, mustNew(t, format(12)), nil, nil}
	root := w.walk("")
	defer root.Close()
	for _, name := range []string{"a:b", "what?", "dot.", "blank ", "\x01", "bad\xff", strings.Repeat("x", 256), `a\b`} {
		if _, err := root.Create(t.Context(), name, 0666, ninep.OREAD); err != ninep.ErrBadChar {
			t.Errorf("create %q: %v", name, err)
		}
	}
	f, err := root.Create(t.Context(), "Name", 0444, ninep.ORDWR)
	w.must("create", err)
	defer f.Close()
	if _, err := root.Create(t.Context(), "nAME", 0666, ninep.OREAD); err != ninep.ErrExist {
		t.Errorf("a name in other letters: %v", err)
	}
	if _, err := f.Write(t.Context(), []byte("x"), maxSize); err != ninep.ErrTooBig {
		t.Errorf("a write too far: %v", err)
	}
	g := w.walk("name")
	defer g.Close()
	if err := g.Open(t.Context(), ninep.OWRITE); err != ninep.ErrPerm {
		t.Errorf("open for writing what is read-only: %v", err)
	}
	for _, test := range []struct {
		name   string
		change func(d *ninep.Dir)
		want   error
	}{
		{"mode of one only", func(d *ninep.Dir) { d.Mode = 0755 }, ninep.ErrPerm},
		{"append-only", func(d *ninep.Dir) { d.Mode = ninep.DMAPPEND | 0777 }, ninep.ErrPerm},
		{"group", func(d *ninep.Dir) { d.GID = "sys" }, ninep.ErrWstatProh},
		{"bad name", func(d *ninep.Dir) { d.Name = "a*" }, ninep.ErrBadChar},
		{"writable", func(d *ninep.Dir) { d.Mode = 0777 }, nil},
		{"its own name in other letters", func(d *ninep.Dir) { d.Name = "NAME" }, nil},
	} {
		d := ninep.NullDir
		test.change(&d)
		if err := g.Wstat(t.Context(), d); err != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if d, err := g.Stat(t.Context()); err != nil || d.Name != "NAME" || d.Mode != 0777 {
		t.Errorf("%v, %v", d, err)
	}
	ro, err := New(t.Context(), format(12), Options{Now: now, ReadOnly: true})
	w.must("new", err)
	w.fs = ro
	r := w.walk("")
	defer r.Close()
	if _, err := r.Create(t.Context(), "x", 0666, ninep.OREAD); err != errReadonly {
		t.Errorf("create on what is read-only: %v", err)
	}
}

func TestNotFAT(t *testing.T) {
	for name, m := range map[string]mem{"empty": nil, "junk": mem(strings.Repeat("junk", 1000)), "zeros": make(mem, 1<<20), "cut": format(32)[:600]} {
		if _, err := New(t.Context(), m, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzDisk spoils a file system at one place and uses it.
func FuzzDisk(f *testing.F) {
	good := format(12)
	root, err := mustNew(f, good).Attach(context.Background(), "glenda", "")
	if err != nil {
		f.Fatal(err)
	}
	ninep.WriteFile(context.Background(), root, "a long name of a file", bytes.Repeat([]byte("x"), 2000), 0666)
	f.Add(uint16(11), []byte{1})
	f.Add(uint16(515), []byte{2, 0, 0})
	f.Fuzz(func(t *testing.T, off uint16, b []byte) {
		m := slices.Clone(good)
		copy(m[int(off)%len(m):], b)
		fs, err := New(t.Context(), m, Options{Now: now})
		if err != nil {
			return
		}
		root, err := fs.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		dirs, _ := ninep.ListDir(t.Context(), root, "")
		for _, d := range dirs {
			if !d.IsDir() && d.Length < 1<<20 {
				ninep.ReadFile(t.Context(), root, d.Name)
			}
		}
		ninep.WriteFile(t.Context(), root, "another long name", bytes.Repeat([]byte("y"), 3000), 0666)
		if f, err := root.Walk(t.Context(), "another long name"); err == nil {
			f.Remove(t.Context())
			f.Close()
		}
	})
}
