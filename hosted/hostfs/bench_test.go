package hostfs

import (
	"os"
	"strings"
	"testing"

	"ufo/ninep"
)

// BenchmarkRead reads a file of 64 MB in blocks of 1 MB.
func BenchmarkRead(b *testing.B) {
	const size, block = 64 << 20, 1 << 20
	dir := host(b)
	if err := os.WriteFile(dir+"/f", make([]byte, size), 0o644); err != nil {
		b.Fatal(err)
	}
	f, err := ninep.OpenFile(b.Context(), attach(b, serve(b, Dir{Path: dir}), "glenda", dir), "f", ninep.OREAD)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	buf := make([]byte, block)
	b.SetBytes(block)
	off := int64(0)
	for b.Loop() {
		if n, err := f.Read(b.Context(), buf, off); n != block || err != nil {
			b.Fatal(n, err)
		}
		off = (off + block) % size
	}
}

// BenchmarkOpen walks to a small file, opens it, reads and closes it.
func BenchmarkOpen(b *testing.B) {
	for _, row := range []struct{ name, file string }{
		{"depth 1", "f"},
		{"depth 8", strings.Repeat("d/", 7) + "f"},
	} {
		b.Run(row.name, func(b *testing.B) {
			dir := host(b, row.file)
			root := attach(b, serve(b, Dir{Path: dir}), "glenda", dir)
			for b.Loop() {
				if _, err := ninep.ReadFile(b.Context(), root, row.file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkList lists a directory of a thousand files.
func BenchmarkList(b *testing.B) {
	dir := host(b)
	for i := range 1000 {
		populate(b, dir, "f"+strings.Repeat("x", i%50)+string(rune('a'+i/50)))
	}
	root := attach(b, serve(b, Dir{Path: dir}), "glenda", dir)
	for b.Loop() {
		if _, err := ninep.ListDir(b.Context(), root, ""); err != nil {
			b.Fatal(err)
		}
	}
}
