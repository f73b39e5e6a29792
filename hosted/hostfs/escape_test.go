package hostfs

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ufo/ninep"
)

// A guest does things to the files below a root, and says what came of it.
type guest struct {
	ctx  context.Context
	root ninep.File
}

// at calls do with the file called name.
func (g guest) at(name string, do func(f ninep.File) (string, error)) string {
	f, _, err := ninep.WalkNames(g.ctx, g.root, strings.FieldsFunc(name, func(r rune) bool { return r == '/' }))
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	got, err := do(f)
	if err != nil {
		return err.Error()
	}
	return got
}

func (g guest) read(name string) string {
	data, err := ninep.ReadFile(g.ctx, g.root, name)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func (g guest) open(name string, mode ninep.Mode) string {
	return g.at(name, func(f ninep.File) (string, error) { return "opened", f.Open(g.ctx, mode) })
}

func (g guest) write(name string) string {
	return g.at(name, func(f ninep.File) (string, error) {
		if err := f.Open(g.ctx, ninep.OWRITE); err != nil {
			return "", err
		}
		_, err := f.Write(g.ctx, []byte("changed"), 0)
		return "written", err
	})
}

func (g guest) create(dir, name string, perm ninep.Perm) string {
	return g.at(dir, func(d ninep.File) (string, error) {
		if !d.Qid().IsDir() {
			return "", ninep.ErrNotDir
		}
		mode := ninep.OWRITE
		if perm.IsDir() {
			mode = ninep.OREAD
		}
		f, err := d.Create(g.ctx, name, perm, mode)
		if err == nil {
			f.Close()
		}
		return "created", err
	})
}

func (g guest) remove(name string) string {
	return g.at(name, func(f ninep.File) (string, error) { return "removed", f.Remove(g.ctx) })
}

func (g guest) wstat(name string, change func(d *ninep.Dir)) string {
	d := ninep.NullDir
	change(&d)
	return g.at(name, func(f ninep.File) (string, error) { return "changed", f.Wstat(g.ctx, d) })
}

func (g guest) rename(name, to string) string {
	return g.wstat(name, func(d *ninep.Dir) { d.Name = to })
}

func (g guest) chmod(name string, perm ninep.Perm) string {
	return g.wstat(name, func(d *ninep.Dir) { d.Mode = perm })
}

func (g guest) resize(name string) string {
	return g.wstat(name, func(d *ninep.Dir) { d.Length = 1 })
}

// walk walks to raw names, as a caller does that does not keep the rules.
func (g guest) walk(names ...string) string {
	f, _, err := ninep.WalkNames(g.ctx, g.root, names)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	d, err := f.Stat(g.ctx)
	if err != nil {
		return err.Error()
	}
	return d.Name
}

func (g guest) ls(name string) string {
	dirs, err := ninep.ListDir(g.ctx, g.root, name)
	if err != nil {
		return err.Error()
	}
	all := make([]string, 0, len(dirs))
	for _, d := range dirs {
		all = append(all, d.Name)
	}
	return strings.Join(all, " ")
}

// tree returns what is in a folder of the host: names, modes and contents.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		b.WriteString(name + " " + info.Mode().String() + " " + info.ModTime().String())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			b.Write(data)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// openFiles returns how many files the process has open; -1 where nobody
// tells.
func openFiles() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(all)
}

const (
	none = "file does not exist"
	perm = "permission denied"
	bad  = "bad character in file name"
	isIt = "file already exists"
)

// TestEscape tries to get out of a folder that may be written, in, with a
// folder that may only be read inside, in/ro, one of that that may be written
// again, in/ro/rw, and out next to it.
func TestEscape(t *testing.T) {
	long := strings.Repeat("x", 300)
	tooDeep := strings.Repeat("d/", 300)
	deep := strings.Repeat("d/", 200)
	for _, row := range []struct {
		name  string
		files []string
		do    func(g guest) string
		want  string
	}{
		{"absolute link", []string{"l -> /etc/passwd"}, func(g guest) string { return g.read("l") }, perm},
		{"absolute link to the inside", []string{"l -> $in/f", "f"}, func(g guest) string { return g.read("l") }, perm},
		{"relative link out", []string{"l -> ../out/f"}, func(g guest) string { return g.read("l") }, perm},
		{"relative link out and in again", []string{"l -> ../in/f", "f"}, func(g guest) string { return g.read("l") }, perm},
		{"link inside", []string{"l -> d/../f", "f", "d/"}, func(g guest) string { return g.read("l") }, "in/f"},
		{"link up inside", []string{"d/l -> ../f", "f"}, func(g guest) string { return g.read("d/l") }, "in/f"},
		{"directory link out", []string{"l -> ../out"}, func(g guest) string { return g.read("l/f") }, perm},
		{"directory link inside", []string{"l -> d", "d/f"}, func(g guest) string { return g.read("l/f") }, "in/d/f"},
		{"chain of links out", []string{"a -> b", "b -> d/c", "d/c -> ../../out/f"}, func(g guest) string { return g.read("a") }, perm},
		{"chain of links inside", []string{"a -> b", "b -> d/c", "d/c -> ../f", "f"}, func(g guest) string { return g.read("a") }, "in/f"},
		{"dot dot behind a link", []string{"l -> d/e/../../../out/f", "d/e/"}, func(g guest) string { return g.read("l") }, perm},
		{"dot dot behind a directory link", []string{"l -> m/../../out/f", "d/", "m -> d"}, func(g guest) string { return g.read("l") }, perm},
		{"loop", []string{"l -> l"}, func(g guest) string { return g.read("l") }, none},
		{"loop of two", []string{"a -> b", "b -> a"}, func(g guest) string { return g.read("a") }, none},
		{"loop that grows", []string{"a -> a/a"}, func(g guest) string { return g.read("a") }, none},
		{"link to itself as a directory", []string{"l -> .", "f"}, func(g guest) string { return g.read("l/l/l/f") }, "in/f"},
		{"link to nothing", []string{"l -> x"}, func(g guest) string { return g.read("l") }, none},
		{"link behind a file", []string{"l -> f/x", "f"}, func(g guest) string { return g.read("l") }, "not a directory"},
		{"link with a slash at its end to a file", []string{"l -> f/", "f"}, func(g guest) string { return g.read("l") }, "not a directory"},
		{"links that lead nowhere are not listed", []string{"a -> /etc", "b -> ../out", "c -> x", "d -> d", "e -> f", "f"},
			func(g guest) string { return sorted(g.ls("")) }, "e f ro"},
		{"dot dot", nil, func(g guest) string { return g.walk("..") }, none},
		{"dot dot below", []string{"d/"}, func(g guest) string { return g.walk("d", "..", "..", "out") }, none},
		{"dot", nil, func(g guest) string { return g.walk(".") }, none},
		{"no name", nil, func(g guest) string { return g.walk("") }, none},
		{"absolute name", nil, func(g guest) string { return g.walk("/etc/passwd") }, none},
		{"name with slashes", []string{"d/f"}, func(g guest) string { return g.walk("d/f") }, none},
		{"name with slashes out", nil, func(g guest) string { return g.walk("../out/f") }, none},
		{"name with NUL", []string{"f"}, func(g guest) string { return g.walk("f\x00") }, none},
		{"escaped dot dot", nil, func(g guest) string { return g.walk(`\x2e\x2e`) }, none},
		{"escaped slash", []string{"d/f"}, func(g guest) string { return g.walk(`d\x2ff`) }, none},
		{"huge name", nil, func(g guest) string { return g.walk(long) }, "name too long"},
		{"create a huge name", nil, func(g guest) string { return g.create("", long, 0666) }, "name too long"},
		{"enormous name", nil, func(g guest) string { return g.walk(strings.Repeat("x", 1<<20)) }, "name too long"},
		{"deep", []string{deep + "f"}, func(g guest) string { return g.read(deep + "f") }, "in/" + deep + "f"},
		{"too deep", []string{tooDeep + "f"}, func(g guest) string { return g.read(tooDeep + "f") }, "name too long"},
		{"create dot dot", nil, func(g guest) string { return g.create("", "..", 0666) }, bad},
		{"create with a slash", nil, func(g guest) string { return g.create("", "../out/x", 0666) }, bad},
		{"create in a link out", []string{"l -> ../out"}, func(g guest) string { return g.create("l", "x", 0666) }, perm},
		{"create through a link to nothing outside", []string{"l -> ../out/x"}, func(g guest) string { return g.create("", "l", 0666) }, isIt},
		{"make a directory through it", []string{"l -> ../out/x"}, func(g guest) string { return g.create("", "l", ninep.DMDIR|0777) }, isIt},
		{"truncate through a link out", []string{"l -> ../out/f"}, func(g guest) string { return g.open("l", ninep.OWRITE|ninep.OTRUNC) }, perm},
		{"write through a link inside", []string{"l -> f", "f"}, func(g guest) string { return g.write("l") + g.read("f") }, "writtenchanged"},
		{"remove through a link out", []string{"l -> ../out"}, func(g guest) string { return g.remove("l/f") }, perm},
		{"remove through a link inside", []string{"l -> d", "d/f"}, func(g guest) string { return g.remove("l/f") + g.ls("d") }, "removed"},
		{"remove a link removes the link", []string{"l -> f", "f"}, func(g guest) string { return g.remove("l") + g.read("f") }, "removedin/f"},
		{"rename a link renames the link", []string{"l -> f", "f"}, func(g guest) string { return g.rename("l", "m") + sorted(g.ls("")) }, "changedf m ro"},
		{"rename with a slash", []string{"f"}, func(g guest) string { return g.rename("f", "../out/x") }, bad},
		{"rename to dot dot", []string{"f"}, func(g guest) string { return g.rename("f", "..") }, bad},
		{"rename replaces nothing", []string{"f", "g"}, func(g guest) string { return g.rename("f", "g") + g.read("g") }, isIt + "in/g"},
		{"rename replaces no empty directory", []string{"d/", "e/"}, func(g guest) string { return g.rename("d", "e") }, isIt},
		{"rename replaces no link", []string{"f", "l -> ../out/x"}, func(g guest) string { return g.rename("f", "l") }, isIt},
		{"chmod through a link out", []string{"l -> ../out/f"}, func(g guest) string { return g.chmod("l", 0777) }, perm},
		{"chmod through a link inside", []string{"l -> f", "f"}, func(g guest) string { return g.chmod("l", 0600) }, "changed"},
		{"new length through a link out", []string{"l -> ../out/f"}, func(g guest) string { return g.resize("l") }, perm},

		{"remove the root", nil, func(g guest) string { return g.remove("") }, perm},
		{"rename the root", nil, func(g guest) string { return g.rename("", "x") }, perm},
		{"remove a grant inside", nil, func(g guest) string { return g.remove("ro") }, perm},
		{"rename a grant inside", nil, func(g guest) string { return g.rename("ro", "x") }, perm},
		{"rename a grant by another name", []string{"l -> ."}, func(g guest) string { return g.rename("l/ro", "x") }, perm},
		{"create what is a grant", nil, func(g guest) string { return g.create("", "ro", 0666) }, isIt},
		{"read only: write", nil, func(g guest) string { return g.write("ro/f") }, perm},
		{"read only: truncate", nil, func(g guest) string { return g.open("ro/f", ninep.OREAD|ninep.OTRUNC) }, perm},
		{"read only: remove on close", nil, func(g guest) string { return g.open("ro/f", ninep.OREAD|ninep.ORCLOSE) }, perm},
		{"read only: create", nil, func(g guest) string { return g.create("ro", "x", 0666) }, perm},
		{"read only: make a directory", nil, func(g guest) string { return g.create("ro", "x", ninep.DMDIR|0777) }, perm},
		{"read only: remove", nil, func(g guest) string { return g.remove("ro/f") }, perm},
		{"read only: remove a directory", nil, func(g guest) string { return g.remove("ro/d") }, perm},
		{"read only: rename", nil, func(g guest) string { return g.rename("ro/f", "x") }, perm},
		{"read only: chmod", nil, func(g guest) string { return g.chmod("ro/f", 0600) }, perm},
		{"read only: chmod of its root", nil, func(g guest) string { return g.chmod("ro", ninep.DMDIR|0700) }, perm},
		{"read only: new length", nil, func(g guest) string { return g.resize("ro/f") }, perm},
		{"read only: times", nil, func(g guest) string { return g.wstat("ro/f", func(d *ninep.Dir) { d.Mtime = 1 }) }, perm},
		{"read only: by a link from the writable", []string{"l -> ro/f"}, func(g guest) string { return g.write("l") }, perm},
		{"read only: by a directory link", []string{"l -> ro"}, func(g guest) string { return g.create("l", "x", 0666) }, perm},
		{"read only: chmod by a link", []string{"l -> ro"}, func(g guest) string { return g.chmod("l", ninep.DMDIR|0700) }, perm},
		{"read only: by a link around", []string{"l -> ro/d/.."}, func(g guest) string { return g.remove("l/f") }, perm},
		{"writable in the read only", nil, func(g guest) string { return g.write("ro/rw/f") }, "written"},
		{"writable in the read only: by a link from outside", []string{"l -> ro/rw/f"}, func(g guest) string { return g.write("l") }, "written"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := host(t, "in/ro/f", "in/ro/d/", "in/ro/rw/f", "out/f", "out/d/f")
			for i, name := range row.files {
				row.files[i] = "in/" + strings.ReplaceAll(name, "$in", dir+"/in")
			}
			populate(t, dir, row.files...)
			srv, err := New("glenda", []Dir{
				{Path: dir + "/in", Write: true}, {Path: dir + "/in/ro"}, {Path: dir + "/in/ro/rw", Write: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			before, ro, fds := tree(t, dir+"/out"), tree(t, dir+"/in/ro/d"), openFiles()
			root, err := srv.Attach(t.Context(), "glenda", dir+"/in")
			if err != nil {
				t.Fatal(err)
			}
			got := row.do(guest{t.Context(), root})
			root.Close()
			if got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
			if tree(t, dir+"/out") != before || tree(t, dir+"/in/ro/d") != ro {
				t.Error("something changed that nobody may change")
			}
			if now := openFiles(); now != fds {
				t.Errorf("%d files open, %d before", now, fds)
			}
		})
	}
}

func sorted(list string) string {
	return strings.Join(slices.Sorted(slices.Values(strings.Fields(list))), " ")
}

// TestSpecial has files that it is dangerous to open.
func TestSpecial(t *testing.T) {
	dir := host(t, "f", "l -> fifo")
	if err := syscall.Mkfifo(dir+"/fifo", 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	special := []string{"fifo", "socket", "l"}
	// The device with the numbers of /dev/zero, where one may make it.
	if err := syscall.Mknod(dir+"/zero", syscall.S_IFCHR|0o666, 1<<8|5); err == nil {
		special = append(special, "zero")
	} else {
		t.Log("no device:", err)
	}
	srv := serve(t, Dir{Path: dir, Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", dir)}
	for _, name := range special {
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.ORDWR | ninep.OTRUNC, ninep.OEXEC} {
			if got := g.open(name, mode); got != perm {
				t.Errorf("open %s %#x: %s", name, mode, got)
			}
		}
		if got := g.at(name, func(f ninep.File) (string, error) {
			d, err := f.Stat(g.ctx)
			return d.Mode.String(), err
		}); got != "-----------" {
			t.Errorf("%s has mode %s", name, got)
		}
		if got := g.chmod(name, 0777); got != perm {
			t.Errorf("chmod %s: %s", name, got)
		}
	}
	for _, row := range []struct{ name, got, want string }{
		{"a fifo is no directory", g.read("fifo/x"), "not a directory"},
		{"a fifo can be renamed", g.rename("fifo", "x"), "changed"},
		{"a fifo can be removed", g.remove("x"), "removed"},
		{"a link to what is gone", g.read("l"), none},
		{"a socket can be removed", g.remove("socket"), "removed"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}

// TestProc is a folder of links that lead anywhere by magic.
func TestProc(t *testing.T) {
	if _, err := os.Stat("/proc/self/root"); err != nil {
		t.Skip(err)
	}
	srv := serve(t, Dir{Path: "/proc/self", Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", "proc/self")}
	for _, name := range []string{"root/etc/passwd", "cwd/hostfs.go", "exe", "fd/0"} {
		if got := g.read(name); got != perm && got != none {
			t.Errorf("%s: %.40q", name, got)
		}
	}
	if got := g.read("comm"); got == "" || errors.Is(ninep.Error(got), ninep.ErrPerm) {
		t.Errorf("comm: %q", got)
	}
}

// TestHardLink says what hard links are: the same file, whoever else has it.
func TestHardLink(t *testing.T) {
	dir := host(t, "in/f", "out/f")
	if err := os.Link(dir+"/out/f", dir+"/in/l"); err != nil {
		t.Skip(err)
	}
	srv := serve(t, Dir{Path: dir + "/in", Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", dir+"/in")}
	if got := g.write("l"); got != "written" {
		t.Error(got)
	}
	if data, err := os.ReadFile(dir + "/out/f"); err != nil || string(data) != "changed" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestRootGone removes the folder itself.
func TestRootGone(t *testing.T) {
	dir := host(t, "in/f")
	srv := serve(t, Dir{Path: dir + "/in", Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", dir+"/in")}
	if err := os.RemoveAll(dir + "/in"); err != nil {
		t.Fatal(err)
	}
	populate(t, dir, "in/f") // another one of that name is not ours
	for _, row := range []struct{ name, got, want string }{
		{"read", g.read("f"), none},
		{"list", g.ls(""), none},
		{"create", g.create("", "x", 0666), none},
		{"make a directory", g.create("", "x", ninep.DMDIR|0777), none},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}
