package hostfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// serve returns a server of the folders, which is closed after the test when
// every File of it has to be.
func serve(t testing.TB, dirs ...Dir) *ninetest.StrictServer {
	t.Helper()
	srv, err := New("glenda", dirs)
	if err != nil {
		t.Fatal(err)
	}
	strict := ninetest.Strict(srv)
	t.Cleanup(func() {
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return strict
}

// attach returns the root of what spec names.
func attach(t testing.TB, srv ninep.Server, user, spec string) ninep.File {
	t.Helper()
	f, err := srv.Attach(t.Context(), user, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// host makes files in a new folder of the host, and returns its name: "a/" is
// a directory, "a -> b" a symbolic link, "a" a file that contains its name.
func host(t testing.TB, files ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	populate(t, dir, files...)
	return dir
}

func populate(t testing.TB, dir string, files ...string) {
	t.Helper()
	for _, name := range files {
		name, to, link := strings.Cut(name, " -> ")
		full := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(full), 0o755)
		switch {
		case link:
			err = os.Symlink(to, full)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(full, 0o755)
		case err == nil:
			err = os.WriteFile(full, []byte(name), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// names returns the names in a directory, and "..." for an error.
func names(t testing.TB, root ninep.File, name string) string {
	t.Helper()
	dirs, err := ninep.ListDir(t.Context(), root, name)
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, d := range dirs {
		all = append(all, d.Name)
	}
	return strings.Join(all, " ")
}

// The suite that every server has to pass: on what leads to folders, on one
// that may be read and on one that may be written.
func TestSuite(t *testing.T) {
	dir := host(t, "ro/f", "ro/d/g", "ro/l -> d", "rw/f", "rw/\x01\xff\\x41\\x5c", "ro/out -> /etc", "rw/none -> x")
	srv := serve(t, Dir{Path: dir + "/ro"}, Dir{Path: dir + "/rw", Write: true}, Dir{Path: dir + "/ro/d", Write: true})
	spec := strings.TrimPrefix(dir, "/")
	for _, row := range []struct {
		name string
		o    ninetest.Options
	}{
		{"everything", ninetest.Options{Unions: true}}, // l is another name for d
		{"read only", ninetest.Options{Spec: spec + "/ro", Unions: true}},
		{"read and write", ninetest.Options{Spec: spec + "/rw"}},
		{"inner", ninetest.Options{Spec: spec, Dir: []string{"ro", "d"}, Unions: true}},
		{"another user", ninetest.Options{User: "ken", Spec: spec, Dir: []string{"rw"}, Unions: true}},
	} {
		t.Run(row.name+" direct", func(t *testing.T) {
			if err := row.o.Test(t.Context(), srv); err != nil {
				t.Error(err)
			}
		})
		t.Run(row.name+" over a wire", func(t *testing.T) {
			if err := row.o.TestWire(t.Context(), srv); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNew(t *testing.T) {
	dir := host(t, "f", "d/", "l -> d")
	for _, row := range []struct {
		name string
		dirs []Dir
		want string // of the error; "": none
	}{
		{"none", nil, ""},
		{"one", []Dir{{Path: dir}}, ""},
		{"through a link of the host", []Dir{{Path: dir + "/l"}}, ""},
		{"relative", []Dir{{Path: "x"}}, "x: not an absolute, clean name"},
		{"not clean", []Dir{{Path: dir + "/../x"}}, dir + "/../x: not an absolute, clean name"},
		{"empty", []Dir{{}}, ": not an absolute, clean name"},
		{"twice", []Dir{{Path: dir}, {Path: dir, Write: true}}, dir + ": given twice"},
		{"not there", []Dir{{Path: dir + "/x"}}, dir + "/x: file does not exist"},
		{"no directory", []Dir{{Path: dir + "/f"}}, dir + "/f: not a directory"},
	} {
		t.Run(row.name, func(t *testing.T) {
			srv, err := New("glenda", row.dirs)
			if got := text(err); got != row.want {
				t.Fatalf("%q, want %q", got, row.want)
			}
			if err == nil && srv.Close() != nil {
				t.Error("close failed")
			}
		})
	}
}

// text returns the text of an error, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTree(t *testing.T) {
	dir := host(t, "a/f", "a/b/g", "a/b/c/h", "other/f")
	srv := serve(t, Dir{Path: dir + "/a"}, Dir{Path: dir + "/a/b/c", Write: true})
	root := attach(t, srv, "glenda", strings.TrimPrefix(dir, "/"))
	top := attach(t, srv, "glenda", "")
	first, _, _ := strings.Cut(dir[1:], "/")
	for _, row := range []struct{ name, got, want string }{
		{"root", names(t, top, ""), first},
		{"in between", names(t, root, ""), "a"},
		{"grant", names(t, root, "a/b/c"), "h"},
		{"not given", names(t, root, "other"), "file does not exist"},
		{"read only", text(ninep.WriteFile(t.Context(), root, "a/f", nil, 0)), "permission denied"},
		{"between two grants", text(ninep.WriteFile(t.Context(), root, "a/b/x", nil, 0666)), "permission denied"},
		{"inner grant", text(ninep.WriteFile(t.Context(), root, "a/b/c/x", nil, 0666)), ""},
		{"in between is not to be changed", text(ninep.WriteFile(t.Context(), root, "x", nil, 0666)), "permission denied"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
	if data, err := ninep.ReadFile(t.Context(), root, "a/b/g"); err != nil || string(data) != "a/b/g" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestAttach(t *testing.T) {
	dir := host(t, "d/f", "d/up -> ..")
	srv := serve(t, Dir{Path: dir})
	for _, row := range []struct{ name, spec, want string }{
		{"root", "", ""},
		{"folder", dir[1:], ""},
		{"as an absolute name", dir, ""},
		{"in a folder", dir + "/d", ""},
		{"through a link", dir + "/d/up", ""},
		{"dot dot", dir + "/..", "bad attach specifier"},
		{"dot", dir + "/./d", "bad attach specifier"},
		{"nothing between slashes", dir + "//d", "bad attach specifier"},
		{"NUL", dir + "/d\x00", "bad attach specifier"},
		{"not there", dir + "/x", "file does not exist"},
		{"not given", "etc/passwd", "file does not exist"},
		{"no directory", dir + "/d/f", "not a directory"},
	} {
		f, err := srv.Attach(t.Context(), "glenda", row.spec)
		if err == nil {
			f.Close()
		}
		if text(err) != row.want {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}
