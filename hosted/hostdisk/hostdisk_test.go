package hostdisk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ufo/dev"
	"ufo/ninep"
)

var _ dev.Disk = (*Disk)(nil)

// image makes a file of n bytes, each of which is an x.
func image(t *testing.T, n int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "img")
	if err := os.WriteFile(name, []byte(strings.Repeat("x", n)), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func mustOpen(t *testing.T, name string, write bool) *Disk {
	t.Helper()
	d, err := Open(name, write)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestReadWrite(t *testing.T) {
	name := image(t, 3*512+100)
	d := mustOpen(t, name, true)
	if d.Size() != 3*512 {
		t.Errorf("size %d", d.Size())
	}
	if err := d.WriteAt(t.Context(), []byte("hello"), 510); err != nil {
		t.Error(err)
	}
	p := make([]byte, 7)
	if err := d.ReadAt(t.Context(), p, 509); err != nil || string(p) != "xhellox" {
		t.Errorf("%q, %v", p, err)
	}
	if err := d.Sync(); err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(name)
	if err != nil || string(b[510:515]) != "hello" || len(b) != 3*512+100 {
		t.Errorf("the file: %d bytes, %v", len(b), err)
	}
	if err := os.Truncate(name, 512); err != nil {
		t.Fatal(err)
	}
	if err := d.ReadAt(t.Context(), p, 600); err != ninep.ErrIO {
		t.Errorf("read what is gone: %v", err)
	}
}

func TestMake(t *testing.T) {
	name := filepath.Join(t.TempDir(), "img")
	for _, test := range []struct {
		name string
		size int64
		file int64 // its size then
	}{
		{"a new file", 1 << 30, 1 << 30},
		{"longer", 1 << 40, 1 << 40},
		{"shorter", 1 << 20, 1 << 40},
	} {
		d, err := Make(name, test.size)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if d.Size() != test.size {
			t.Errorf("%s: size %d", test.name, d.Size())
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(name); err != nil || info.Size() != test.file {
			t.Errorf("%s: a file of %d bytes, %v", test.name, info.Size(), err)
		}
	}
}

// Two may read a disk, but who writes to it is alone.
func TestLock(t *testing.T) {
	name := image(t, 512)
	r := mustOpen(t, name, false)
	mustOpen(t, name, false).Close()
	if _, err := Open(name, true); err == nil || !strings.HasSuffix(err.Error(), "is a disk of another node or grid already") {
		t.Errorf("write what another reads: %v", err)
	}
	r.Close()
	w := mustOpen(t, name, true)
	if _, err := Open(name, false); err == nil {
		t.Error("read what another writes")
	}
	w.Close()
	mustOpen(t, name, false)
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, file, want string }{
		{"none", filepath.Join(dir, "none"), "no such file"},
		{"a folder", dir, "neither a file nor a block device"},
		{"a fifo", fifo, "neither a file nor a block device"},
		{"a terminal", "/dev/null", "neither a file nor a block device"},
		{"small", image(t, 511), "too small for a disk"},
	} {
		if _, err := Open(test.file, false); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	d := mustOpen(t, image(t, 512), false)
	if err := d.WriteAt(t.Context(), []byte("x"), 0); !errors.Is(err, ninep.ErrIO) {
		t.Errorf("write what is open for reading: %v", err)
	}
}
