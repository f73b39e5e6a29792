package hostfs

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ufo/ninep"
)

// TestWstat changes one file, all or nothing.
func TestWstat(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(d *ninep.Dir)
		err    string
		want   string // name, mode, mtime and length afterwards
	}{
		{"nothing", func(d *ninep.Dir) {}, "", "f 644 1000000000 1"},
		{"what it has", func(d *ninep.Dir) { d.Name, d.Mode, d.UID, d.Length = "f", 0644, "glenda", 1 }, "", "f 644 1000000000 1"},
		{"name", func(d *ninep.Dir) { d.Name = "new" }, "", "new 644 1000000000 1"},
		{"mode", func(d *ninep.Dir) { d.Mode = 0600 }, "", "f 600 1000000000 1"},
		{"mtime", func(d *ninep.Dir) { d.Mtime = 5 }, "", "f 644 5 1"},
		{"mtime, far away", func(d *ninep.Dir) { d.Mtime = 1 << 31 }, "", "f 644 2147483648 1"},
		{"length and mtime", func(d *ninep.Dir) { d.Length, d.Mtime = 3, 7 }, "", "f 644 7 3"},
		{"everything", func(d *ninep.Dir) { d.Name, d.Mode, d.Length, d.Mtime = "new", 0600, 0, 9 }, "", "new 600 9 0"},
		{"name that exists", func(d *ninep.Dir) { d.Name, d.Mode, d.Length = "other", 0600, 0 }, isIt, "f 644 1000000000 1"},
		{"bad name", func(d *ninep.Dir) { d.Name, d.Mode, d.Length = "a/b", 0600, 0 }, bad, "f 644 1000000000 1"},
		{"long name", func(d *ninep.Dir) { d.Name, d.Mode = strings.Repeat("x", 300), 0600 }, "name too long", "f 644 1000000000 1"},
		{"owner", func(d *ninep.Dir) { d.Name, d.UID = "new", "ken" }, "wstat prohibited", "f 644 1000000000 1"},
		{"group", func(d *ninep.Dir) { d.Mode, d.GID = 0600, "ken" }, "wstat prohibited", "f 644 1000000000 1"},
		{"directory", func(d *ninep.Dir) { d.Mode = ninep.DMDIR | 0755 }, "wstat prohibited", "f 644 1000000000 1"},
		{"append-only", func(d *ninep.Dir) { d.Mode = ninep.DMAPPEND | 0644 }, string(ErrBits), "f 644 1000000000 1"},
		{"negative length", func(d *ninep.Dir) { d.Mode, d.Length = 0600, -2 }, "bad arg in system call", "f 644 1000000000 1"},
		{"length that the host refuses", func(d *ninep.Dir) { d.Name, d.Mode, d.Mtime, d.Length = "new", 0600, 5, 1<<63-1 }, "read or write too large", "f 644 1000000000 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := host(t, "f", "other")
			then := time.Unix(1e9, 0)
			if err := os.Chtimes(dir+"/f", then, then); err != nil {
				t.Fatal(err)
			}
			srv := serve(t, Dir{Path: dir, Write: true})
			f, err := attach(t, srv, "glenda", dir).Walk(t.Context(), "f")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			d := ninep.NullDir
			row.change(&d)
			if err := f.Wstat(t.Context(), d); text(err) != row.err {
				t.Errorf("%v, want %q", err, row.err)
			}
			d, err = f.Stat(t.Context())
			got := d.Name + " " + strconv.FormatUint(uint64(d.Mode), 8) + " " +
				strconv.Itoa(int(d.Mtime)) + " " + strconv.Itoa(int(d.Length))
			if err != nil || got != row.want {
				t.Errorf("is %q, %v, want %q", got, err, row.want)
			}
		})
	}
}

// TestUsers has files used by who does not own them, through the permissions
// that are shown: the host would let all of them.
func TestUsers(t *testing.T) {
	dir := host(t, "open/f", "closed/f", "shut/f", "sticky/f", "x")
	for name, mode := range map[string]os.FileMode{
		"open": 0o777, "open/f": 0o646, "closed": 0o755, "closed/f": 0o640, "shut": 0o744, "shut/f": 0o666,
		"sticky": 0o777 | os.ModeSticky, "x": 0o711,
	} {
		if err := os.Chmod(dir+"/"+name, mode); err != nil {
			t.Fatal(err)
		}
	}
	srv, err := New("glenda", []Dir{{Path: dir, Write: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	type key struct{}
	srv.Who = func(ctx context.Context, attached string) string {
		if who, ok := ctx.Value(key{}).(string); ok {
			return who
		}
		return attached
	}
	root := attach(t, srv, "glenda", dir) // by the owner; used by others
	ken := guest{context.WithValue(t.Context(), key{}, "ken"), root}
	glenda := guest{t.Context(), root}
	openedByOther := func() string {
		return glenda.at("closed", func(f ninep.File) (string, error) {
			if err := f.Open(glenda.ctx, ninep.OREAD); err != nil {
				return "", err
			}
			if err := os.Chmod(dir+"/closed", 0o700); err != nil {
				return "", err
			}
			defer os.Chmod(dir+"/closed", 0o755)
			dirs, err := f.ReadDir(ken.ctx)
			if err != nil || len(dirs) != 1 {
				return "", err
			}
			return dirs[0].Name, nil
		})
	}
	for _, row := range []struct{ name, got, want string }{
		{"read", ken.read("open/f"), "open/f"},
		{"write", ken.write("open/f"), "written"},
		{"create", ken.create("open", "x", 0666), "created"},
		{"rename", ken.rename("open/x", "y"), "changed"},
		{"remove", ken.remove("open/y"), "removed"},
		{"length of a file one may write", ken.resize("open/f"), "changed"},
		{"mode of another's", ken.chmod("open/f", 0777), "not owner"},
		{"times of another's", ken.wstat("open/f", func(d *ninep.Dir) { d.Mtime = 1 }), "not owner"},
		{"read of the closed", ken.read("closed/f"), perm},
		{"write of the closed", ken.write("closed/f"), perm},
		{"length of the closed", ken.resize("closed/f"), perm},
		{"create in the closed", ken.create("closed", "x", 0666), perm},
		{"remove in the closed", ken.remove("closed/f"), perm},
		{"rename in the closed", ken.rename("closed/f", "g"), perm},
		{"list a directory one may not pass", ken.ls("shut"), "f"},
		{"list what another opened", openedByOther(), "f"},
		{"pass it", ken.read("shut/f"), perm},
		{"remove another's from a sticky directory", ken.remove("sticky/f"), perm},
		{"execute", ken.open("x", ninep.OEXEC), "opened"},
		{"read what may only be executed", ken.open("x", ninep.OREAD), perm},
		{"the owner: read", glenda.read("closed/f"), "closed/f"},
		{"the owner: mode", glenda.chmod("closed/f", 0600), "changed"},
		{"the owner: execute what nobody may", glenda.open("closed/f", ninep.OEXEC), perm},
		{"the owner: sticky", glenda.remove("sticky/f"), "removed"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}

// TestCreatePerm compares what a new file may with its directory's and with
// the host's umask.
func TestCreatePerm(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o002))
	dir := host(t, "wide/", "narrow/")
	os.Chmod(dir+"/wide", 0o777)
	os.Chmod(dir+"/narrow", 0o750)
	srv := serve(t, Dir{Path: dir, Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", dir)}
	for _, row := range []struct {
		name, dir string
		perm      ninep.Perm
		err       string
		want      os.FileMode
	}{
		{"file", "wide", 0666, "created", 0o664},
		{"program", "wide", 0777, "created", 0o775},
		{"file in a narrow directory", "narrow", 0666, "created", 0o640},
		{"program in a narrow directory", "narrow", 0777, "created", 0o751},
		{"directory", "wide", ninep.DMDIR | 0777, "created", 0o775 | os.ModeDir},
		{"directory in a narrow one", "narrow", ninep.DMDIR | 0777, "created", 0o750 | os.ModeDir},
		{"read-only", "wide", 0444, "created", 0o444},
		{"append-only", "wide", ninep.DMAPPEND | 0666, string(ErrBits), 0},
		{"exclusive", "wide", ninep.DMEXCL | 0666, string(ErrBits), 0},
		{"temporary directory", "wide", ninep.DMDIR | ninep.DMTMP | 0777, string(ErrBits), 0},
	} {
		got := g.create(row.dir, row.name, row.perm)
		info, err := os.Lstat(dir + "/" + row.dir + "/" + row.name)
		if got != row.err || err == nil && info.Mode() != row.want || (err == nil) != (row.want != 0) {
			t.Errorf("%s: %s, %v, %v", row.name, got, info, err)
		}
	}
}

// TestSeen sees what the host does at once, and qids that tell of it.
func TestSeen(t *testing.T) {
	dir := host(t, "f", "d/")
	srv := serve(t, Dir{Path: dir})
	g := guest{t.Context(), attach(t, srv, "glenda", dir)}
	qid := func(name string) (q ninep.Qid) {
		g.at(name, func(f ninep.File) (string, error) {
			q = f.Qid()
			if d, err := f.Stat(g.ctx); err != nil || d.Qid != q {
				t.Errorf("%s: %v, %v, qid %v", name, d, err, q)
			}
			return "", nil
		})
		return q
	}
	f, d := qid("f"), qid("d")
	if f.Path == d.Path || f.IsDir() || !d.IsDir() || qid("f") != f {
		t.Errorf("f %v, then %v; d %v", f, qid("f"), d)
	}
	if err := os.WriteFile(dir+"/f", []byte("longer"), 0o644); err != nil {
		t.Fatal(err)
	}
	if q := qid("f"); q.Path != f.Path || q.Vers == f.Vers || g.read("f") != "longer" {
		t.Errorf("changed: %v, was %v; %q", q, f, g.read("f"))
	}
	populate(t, dir, "d/g")
	if q := qid("d"); q.Path != d.Path || q.Vers == d.Vers || g.ls("d") != "g" {
		t.Errorf("changed: %v, was %v; %q", q, d, g.ls("d"))
	}
	if err := os.Rename(dir+"/f", dir+"/h"); err != nil {
		t.Fatal(err)
	}
	if q := qid("h"); q.Path != f.Path || g.read("f") != none {
		t.Errorf("renamed: %v, was %v; %q", q, f, g.read("f"))
	}
}

// TestGone uses Files whose names mean something else now.
func TestGone(t *testing.T) {
	dir := host(t, "f", "d/x", "open", "close")
	srv := serve(t, Dir{Path: dir, Write: true})
	root := attach(t, srv, "glenda", dir)
	walk := func(name string) ninep.File {
		f, err := root.Walk(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f, d, open, onClose := walk("f"), walk("d"), walk("open"), walk("close")
	if err := open.Open(t.Context(), ninep.ORDWR); err != nil {
		t.Fatal(err)
	}
	if err := onClose.Open(t.Context(), ninep.OREAD|ninep.ORCLOSE); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"f", "d", "open", "close"} {
		if err := os.RemoveAll(dir + "/" + name); err != nil {
			t.Fatal(err)
		}
	}
	populate(t, dir, "f/", "d", "close")
	stat := func(f ninep.File) string {
		d, err := f.Stat(t.Context())
		return d.Name + text(err)
	}
	buf := make([]byte, 10)
	n, err := open.Read(t.Context(), buf, 0)
	for _, row := range []struct{ name, got, want string }{
		{"file that is a directory: open", text(f.Open(t.Context(), ninep.OREAD)), none},
		{"file that is a directory: mode", text(f.Wstat(t.Context(), ninep.Dir{Mode: 0600})), none},
		{"directory that is a file: open", text(d.Open(t.Context(), ninep.OREAD)), none},
		{"open file: read", string(buf[:n]) + text(err), "open"},
		{"open file: stat", stat(open), "open"},
		{"open file: remove", text(open.Remove(t.Context())), none},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
	for _, f := range []ninep.File{f, d, open, onClose} {
		f.Close()
	}
	if _, err := os.Stat(dir + "/close"); err != nil {
		t.Errorf("a close removed another file: %v", err)
	}
}
