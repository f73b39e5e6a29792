package tar

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"ufo/ninep"
)

// TestHeader has headers for names of all lengths, and for large files, read
// by another's hand.
func TestHeader(t *testing.T) {
	names := []string{"a", "a/b", strings.Repeat("x/", 140), strings.Repeat("d", 155) + "/" + strings.Repeat("n", 100)}
	for n := 90; n < 300; n++ {
		names = append(names, strings.Repeat("n", n), strings.Repeat("d", n/2)+"/"+strings.Repeat("n", n/2))
	}
	for _, size := range []int64{0, 1, 1<<33 - 1, 1 << 33, 1 << 40} {
		for _, name := range names {
			d := ninep.Dir{Length: size, Mode: 0o640, Mtime: 1e9, UID: "ken", GID: "sys"}
			b, err := Form{UID: 7, GID: 8}.Header(d, name)
			if err != nil || len(b)%BlockSize != 0 {
				t.Fatalf("%d bytes, %v", len(b), err)
			}
			h, err := tar.NewReader(bytes.NewReader(b)).Next()
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			if h.Name != name || h.Mode != 0o640 || h.ModTime.Unix() != 1e9 || h.Uname != "ken" || h.Gname != "sys" || h.Uid != 7 || h.Gid != 8 {
				t.Errorf("%q: %+v", name, h)
			}
			if h.Size != size && !strings.HasSuffix(name, "/") {
				t.Errorf("%q: size %d, want %d", name, h.Size, size)
			}
		}
	}
}

// TestRecord checks that the length in a record counts its own digits.
func TestRecord(t *testing.T) {
	for n := range 1100 {
		r := record("path", strings.Repeat("x", n))
		var size int
		if _, err := fmt.Sscan(r, &size); err != nil || size != len(r) {
			t.Errorf("%d: %q has %d bytes, %v", n, r[:8], len(r), err)
		}
	}
}

// FuzzReader reads whatever it is given, and finds the next header again.
func FuzzReader(f *testing.F) {
	b, err := Form{}.Header(ninep.Dir{Length: 3}, "a")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(b, make([]byte, 3*BlockSize)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(bytes.NewReader(b))
		r.Resync = func(*Entry) {}
		for range len(b)/BlockSize + 1 {
			e, err := r.Next()
			if err != nil {
				return
			}
			if !e.Sparse {
				io.Copy(io.Discard, r)
			}
		}
		if _, err := r.Next(); err == nil {
			t.Error("more entries than blocks")
		}
	})
}
