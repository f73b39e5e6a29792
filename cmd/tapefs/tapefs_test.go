package tapefs

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// tarImage makes an archive whose plain files contain their Linknames.
func tarImage(t testing.TB, headers ...tar.Header) Mem {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		text := ""
		if h.Typeflag == tar.TypeReg {
			text, h.Linkname, h.Size = h.Linkname, "", int64(len(h.Linkname))
		}
		h.ModTime = time.Unix(1e9, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipImage makes an archive of names and contents, the names that begin with
// "stored" not compressed.
func zipImage(t testing.TB, pairs ...string) Mem {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		h := &zip.FileHeader{Name: pairs[i], Method: zip.Deflate, Modified: time.Unix(1e9, 0).UTC()}
		if strings.HasPrefix(pairs[i], "stored") || strings.HasSuffix(pairs[i], "/") {
			h.Method = zip.Store
		}
		h.SetMode(0o644)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, pairs[i+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file1(name, text string) tar.Header {
	return tar.Header{Name: name, Linkname: text, Typeflag: tar.TypeReg, Mode: 0o644, Uid: 7, Uname: "ken", Gid: 8}
}

func folder(name string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755, Uid: 7, Gid: 8}
}

// tell returns the tree in lines: name, mode, owner, group, and contents.
func tell(t *testing.T, srv ninep.Server) string {
	t.Helper()
	ctx := t.Context()
	root, err := srv.Attach(ctx, "ken", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var b strings.Builder
	var walk func(name string)
	walk = func(name string) {
		dirs, err := ninep.ListDir(ctx, root, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range dirs {
			full := strings.TrimPrefix(name+"/"+d.Name, "/")
			b.WriteString(strings.Join([]string{full, d.Mode.String(), d.UID, d.GID}, " "))
			if d.IsDir() {
				b.WriteString("\n")
				walk(full)
				continue
			}
			text, err := ninep.ReadFile(ctx, root, full)
			if err != nil || int64(len(text)) != d.Length {
				t.Errorf("%s: %d bytes of %d, %v", full, len(text), d.Length, err)
			}
			b.WriteString(" " + string(text) + "\n")
		}
	}
	walk("")
	return b.String()
}

func TestTar(t *testing.T) {

	for _, test := range []struct {
		name  string
		img   Mem
		cfg   Config
		want  string
		warns []string
	}{
		{name: "empty", img: tarImage(t)},
		{name: "files and directories", img: tarImage(t, folder("d/"), file1("d/a", "hello"), file1("b", "")),
			want: "d d-rwxr-xr-x 7 8\nd/a --rw-r--r-- ken 8 hello\nb --rw-r--r-- ken 8 \n"},
		{name: "directories that are not said", img: tarImage(t, file1("d/e/a", "x"), folder("d")),
			want: "d d-rwxr-xr-x 7 8\nd/e d-r-xr-xr-x glenda glenda\nd/e/a --rw-r--r-- ken 8 x\n"},
		{name: "names that lead away", img: tarImage(t, file1("/abs", "1"), file1("../up", "2"), file1("./x/../y", "3")),
			want: "abs --rw-r--r-- ken 8 1\nup --rw-r--r-- ken 8 2\ny --rw-r--r-- ken 8 3\n"},
		{name: "the last one wins", img: tarImage(t, file1("a", "old"), file1("a", "new")), want: "a --rw-r--r-- ken 8 new\n"},
		{name: "a file that becomes a directory", img: tarImage(t, file1("a", "x"), folder("a"), file1("a/b", "y")),
			want: "a --rw-r--r-- ken 8 x\n", warns: []string{"a: file type changed; ignoring", "a/b: file type changed; ignoring"}},
		{name: "a directory that becomes a file", img: tarImage(t, folder("a"), file1("a", "x")),
			want: "a d-rwxr-xr-x 7 8\n", warns: []string{"a: file type changed; ignoring"}},
		{name: "links are left out", img: tarImage(t, tar.Header{Name: "l", Linkname: "x", Typeflag: tar.TypeSymlink}, file1("a", "x")),
			want: "a --rw-r--r-- ken 8 x\n"},
		{name: "names for numbers", img: tarImage(t, folder("d"), file1("a", "x")), cfg: Config{Users: IDs{7: "rob"}, Groups: IDs{1: "sys"}},
			want: "d d-rwxr-xr-x rob 8\na --rw-r--r-- rob 8 x\n"},
		{name: "the owner can read", img: tarImage(t, tar.Header{Name: "a", Typeflag: tar.TypeReg, Linkname: "x", Uname: "ken"}),
			want: "a --r-------- ken 0 x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var warns []string
			test.cfg.Owner = "glenda"
			test.cfg.Warn = func(msg string) { warns = append(warns, msg) }
			srv, err := Tar(t.Context(), test.img, test.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := tell(t, srv); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			if !slices.Equal(warns, test.warns) {
				t.Errorf("warned %q", warns)
			}
		})
	}
}

func TestZip(t *testing.T) {
	long := strings.Repeat("a long text, ", 10000)
	img := zipImage(t, "d/", "", "d/a", "hello", "stored", "as it is", "e/long", long, "empty", "")
	srv, err := Zip(t.Context(), img, int64(len(img)), Config{Owner: "glenda"})
	if err != nil {
		t.Fatal(err)
	}
	want := "d d-rwxr-xr-x glenda glenda\nd/a --rw-r--r-- glenda glenda hello\nstored --rw-r--r-- glenda glenda as it is\n" +
		"e d-r-xr-xr-x glenda glenda\ne/long --rw-r--r-- glenda glenda " + long + "\nempty --rw-r--r-- glenda glenda \n"
	if got := tell(t, srv); got != want {
		t.Errorf("got:\n%.2000s\nwant:\n%.2000s", got, want)
	}

	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, err := ninep.OpenFile(t.Context(), root, "e/long", ninep.OREAD)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, off := range []int{0, 5, 100000, 7, 129990, 130000, 131072} {
		b := make([]byte, 20)
		n, err := f.Read(t.Context(), b, int64(off))
		rest := long[min(off, len(long)):]
		if err != nil || string(b[:n]) != rest[:min(20, len(rest))] {
			t.Errorf("at %d: %q, %v", off, b[:n], err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := f.Stat(ctx); err != nil || d.Length != int64(len(long)) {
		t.Errorf("an open file's entry: %v, %v", d, err)
	}
}

func TestDamaged(t *testing.T) {
	good := tarImage(t, file1("a", strings.Repeat("x", 2000)))
	spoilt := slices.Clone(good)
	spoilt[3] ^= 1
	for name, img := range map[string]Mem{"spoilt": spoilt, "cut": good[:1000], "junk": Mem(strings.Repeat("junk", 200))} {
		if _, err := Tar(t.Context(), img, Config{}); err == nil {
			t.Errorf("tar %s: no error", name)
		}
	}
	z := zipImage(t, "a", "some text that is compressed, or not")
	for name, img := range map[string]Mem{"cut": z[:len(z)-30], "junk": Mem("junk"), "empty": nil} {
		if _, err := Zip(t.Context(), img, int64(len(img)), Config{}); err == nil {
			t.Errorf("zip %s: no error", name)
		}
	}
	z[40] ^= 0x10 // in the contents
	srv, err := Zip(t.Context(), z, int64(len(z)), Config{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, err := ninep.ReadFile(t.Context(), root, "a"); !errors.Is(err, ninep.ErrIO) {
		t.Errorf("spoilt contents: %v", err)
	}
}

func TestParseIDs(t *testing.T) {
	ids, err := ParseIDs("root:x:0:0\nken:*:7:8::\nalias:*:7\n")
	if err != nil || ids.name(7, "") != "ken" || ids.name(0, "x") != "root" || ids.name(9, "x") != "9" {
		t.Errorf("%v, %v", ids, err)
	}
	for _, bad := range []string{"x\n", "a:b:c\n", "\n"} {
		if _, err := ParseIDs(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// The servers keep the rules of 9P, directly and over a wire.
func TestConformance(t *testing.T) {
	tarfs, err := Tar(t.Context(), tarImage(t, folder("d/"), file1("d/a", "hello"), file1("b", "x")), Config{Owner: "glenda"})
	if err != nil {
		t.Fatal(err)
	}
	img := zipImage(t, "d/a", "hello", "stored", "x")
	zipfs, err := Zip(t.Context(), img, int64(len(img)), Config{Owner: "glenda"})
	if err != nil {
		t.Fatal(err)
	}
	for name, srv := range map[string]ninep.Server{"tar": tarfs, "zip": zipfs} {
		strict := ninetest.Strict(srv)
		opt := ninetest.Options{ReadOnly: true}
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

// FuzzTapefs reads whatever it is given, as both kinds of archive.
func FuzzTapefs(f *testing.F) {
	f.Add([]byte(tarImage(f, folder("d/"), file1("d/a", "hello"))))
	f.Add([]byte(zipImage(f, "a", "hello hello hello", "stored", "x")))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, zerr := Zip(t.Context(), Mem(b), int64(len(b)), Config{Owner: "glenda"})
		a, aerr := Tar(t.Context(), Mem(b), Config{Owner: "glenda"})
		for srv, err := range map[ninep.Server]error{z: zerr, a: aerr} {
			if err != nil {
				continue
			}
			root, err := srv.Attach(t.Context(), "glenda", "")
			if err != nil {
				t.Fatal(err)
			}
			dirs, _ := ninep.ListDir(t.Context(), root, "")
			for _, d := range dirs {
				if !d.IsDir() && d.Length < 1<<20 {
					ninep.ReadFile(t.Context(), root, d.Name)
				}
			}
			root.Close()
		}
	})
}
