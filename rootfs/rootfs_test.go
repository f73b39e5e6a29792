package rootfs

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
)

// TestFiles checks what a file server relies on: each directory comes before
// what it contains, names are unique and rooted, everything has an owner.
func TestFiles(t *testing.T) {
	seen := map[string]File{}
	for _, f := range Files() {
		if _, ok := seen[f.Name]; ok {
			t.Errorf("%s: twice", f.Name)
		}
		if up, ok := seen[path.Dir(f.Name)]; f.Name != "/" && (!ok || !up.Dir) {
			t.Errorf("%s: comes before its directory", f.Name)
		}
		if f.UID == "" || f.GID == "" || f.Perm == 0 {
			t.Errorf("%s: no owner or permissions: %+v", f.Name, f)
		}
		seen[f.Name] = f
	}
	for name, want := range map[string]File{
		"/":                       {Dir: true, Perm: 0o775, UID: "sys", GID: "sys"},
		"/adm/users":              {Perm: 0o664, UID: "adm", GID: "adm"},
		"/rc/bin/cpurc":           {Perm: 0o775, UID: "sys", GID: "sys"},
		"/usr":                    {Dir: true, Perm: 0o775, UID: "sys", GID: "sys"},
		"/usr/glenda":             {Dir: true, Perm: 0o775, UID: "glenda", GID: "glenda"},
		"/usr/glenda/lib/profile": {Perm: 0o664, UID: "glenda", GID: "glenda"},
	} {
		got := seen[name]
		if got.Dir != want.Dir || got.Perm != want.Perm || got.UID != want.UID || got.GID != want.GID {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// TestContents reads a file both ways.
func TestContents(t *testing.T) {
	for _, f := range Files() {
		if f.Dir {
			continue
		}
		got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size))
		want, err2 := ReadFile(f.Name)
		if err != nil || err2 != nil || string(got) != string(want) {
			t.Errorf("%s: ReadAt and ReadFile differ: %v, %v", f.Name, err, err2)
		}
	}
	if _, err := ReadFile("/no/such"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestText checks that every file that is not empty is text that ends in a newline, and
// that the scripts begin with #!, without which the kernel cannot run them.
func TestText(t *testing.T) {
	for _, f := range Files() {
		if f.Dir {
			continue
		}
		b, err := ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		s := string(b)
		if s != "" && !strings.HasSuffix(s, "\n") || strings.ContainsAny(s, "\r\x00") {
			t.Errorf("%s: does not end in a newline, or is not text", f.Name)
		}
		if f.Perm&0o111 != 0 && !strings.HasPrefix(s, "#!/bin/rc\n") {
			t.Errorf("%s: is executable and does not begin with #!/bin/rc", f.Name)
		}
	}
}
