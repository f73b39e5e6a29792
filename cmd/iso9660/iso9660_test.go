package iso9660

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// mem is an Image in memory.
type mem []byte

func (m mem) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, nil
	}
	return copy(p, m[off:]), nil
}

// disc returns an image of testdata, which genisoimage made.
func disc(t testing.TB, name string) mem {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".iso.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// look returns the entries of some files, and the contents of plain ones.
func look(t *testing.T, srv ninep.Server, names ...string) string {
	t.Helper()
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var b strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "/") {
			dirs, err := ninep.ListDir(t.Context(), root, strings.TrimSuffix(name, "/"))
			if err != nil {
				b.WriteString(name + " " + err.Error() + "\n")
			}
			for _, d := range dirs {
				b.WriteString(strings.Join([]string{name + d.Name, d.Mode.String(), d.UID, d.GID, d.ModTime().UTC().Format("2006-01-02")}, " ") + "\n")
			}
			continue
		}
		text, err := ninep.ReadFile(t.Context(), root, name)
		if err != nil {
			text = []byte(err.Error() + "\n")
		}
		b.Write(text)
	}
	return b.String()
}

func TestTrees(t *testing.T) {
	const deep = "a/b/c/d/e/f/g/h/i/j/deep"
	for _, test := range []struct {
		name, disc string
		opt        Options
		look, want string
	}{
		{"standard", "plain", Options{}, "/ a_long_n.txt A_LONG_N.TXT a/b/file17 a/b/c/d/e/f/g/h/i/j/deep",
			"/a d-r-xr-xr-x cdrom iso9660 2000-01-01\n/a_long_n.txt --r--r--r-- cdrom iso9660 2000-01-01\n/empty --r--r--r-- cdrom iso9660 2000-01-01\n" +
				"hello\nhello\n17\ndeep\n"},
		{"rock ridge", "rr", Options{}, "/ a/ä a/b/file60 A a/x " + deep + " a/b/c/d/e/f/g/",
			"/a d-rwxr-xr-x 0 0 2000-01-01\n/a long Name.txt --rw-r--r-- 0 0 2000-01-01\n/empty --rw-r--r-- 0 0 2000-01-01\n/rr_moved d-r-xr-xr-x 0 0 2026-11-28\n" +
				"x\n60\nfile does not exist\nfile does not exist\ndeep\na/b/c/d/e/f/g/h d-rwxr-xr-x 0 0 2000-01-01\n"},
		{"joliet", "both", Options{}, "/ a/ä A/Ä " + deep,
			"/a d-r-xr-xr-x cdrom joliet 2000-01-01\n/a long Name.txt --r--r--r-- cdrom joliet 2000-01-01\n/empty --r--r--r-- cdrom joliet 2000-01-01\n/link --r--r--r-- cdrom joliet 2000-01-01\nx\nx\ndeep\n"},
		{"no joliet", "both", Options{NoJoliet: true}, "a/ä " + deep, "x\ndeep\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			srv, err := New(t.Context(), disc(t, test.disc), test.opt)
			if err != nil {
				t.Fatal(err)
			}
			if got := look(t, srv, strings.Fields(test.look)...); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func TestPlan9(t *testing.T) {
	use := "\x04name\x03ken\x03sys" // and a byte to make it even
	use += "\x00" + "\xed\x01\x00\x80"
	f := &fs{form: plan9}
	n := f.node(record{name: "F000001", size: 3})
	f.plan9(n, record{use: []byte(use)})
	if n.Name != "name" || n.Owner != "ken" || n.Group != "sys" || n.Perm != ninep.DMDIR|0o755 {
		t.Errorf("%+v", n)
	}
	for i := range use { // cut anywhere it changes nothing
		n := f.node(record{name: "F000001"})
		if f.plan9(n, record{use: []byte(use[:i])}); n.Name != "f000001" || n.Owner != "cdrom" {
			t.Errorf("cut at %d: %+v", i, n)
		}
	}
}

func TestDamaged(t *testing.T) {
	for name, img := range map[string]mem{"empty": nil, "junk": mem(strings.Repeat("junk", 20000)), "cut": disc(t, "rr")[:34000]} {
		if _, err := New(t.Context(), img, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestConformance(t *testing.T) {
	for _, name := range []string{"plain", "rr", "both"} {
		srv, err := New(t.Context(), disc(t, name), Options{})
		if err != nil {
			t.Fatal(err)
		}
		opt := ninetest.Options{ReadOnly: true}
		strict := ninetest.Strict(srv)
		if err := opt.Test(t.Context(), strict); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := opt.TestWire(t.Context(), strict); err != nil {
			t.Errorf("%s over a wire: %v", name, err)
		}
		if err := strict.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDisc spoils a disc at one place, and reads all of it.
func FuzzDisc(f *testing.F) {
	img := disc(f, "rr")
	f.Add(uint32(32768+158), []byte{1, 2, 3})
	f.Add(uint32(24*2048), []byte("\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, off uint32, b []byte) {
		bad := append(mem(nil), img...)
		copy(bad[int(off)%len(bad):], b)
		srv, err := New(t.Context(), bad, Options{})
		if err != nil {
			return
		}
		root, err := srv.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		for name := ""; len(name) < 100; {
			dirs, err := ninep.ListDir(t.Context(), root, name)
			if err != nil || len(dirs) == 0 || !dirs[0].IsDir() {
				return
			}
			name = strings.TrimPrefix(name+"/"+dirs[0].Name, "/")
		}
	})
}
