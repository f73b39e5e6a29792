//go:build linux

package fuse

import (
	"fmt"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ufo/ninep/ramfs"
)

// run runs a program on a mount, n times.
func run(b *testing.B, dir, script string) {
	b.Helper()
	for b.Loop() {
		if out, err := exec.Command("sh", "-c", `cd "$0" && `+script, dir).CombinedOutput(); err != nil {
			b.Fatalf("%s%v", out, err)
		}
	}
}

// each runs a benchmark on a ramfs without and with a cache.
func each(b *testing.B, f func(b *testing.B, dir string)) {
	for _, cache := range []bool{false, true} {
		b.Run(fmt.Sprintf("cache=%v", cache), func(b *testing.B) {
			srv := ramfs.New("glenda", time.Now, 0)
			for i := range 10000 {
				write(b, srv, fmt.Sprintf("file%05d", i), "text")
			}
			dir, _ := mountAt(b, srv, Options{Cache: cache})
			f(b, dir)
		})
	}
}

const size = 256 << 20

func BenchmarkWrite(b *testing.B) {
	each(b, func(b *testing.B, dir string) {
		b.SetBytes(size)
		run(b, dir, "dd if=/dev/zero of=big bs=1M count=256 conv=notrunc")
	})
}

func BenchmarkRead(b *testing.B) {
	each(b, func(b *testing.B, dir string) {
		sh(b, dir, "dd if=/dev/zero of=big bs=1M count=256 status=none")
		b.SetBytes(size)
		run(b, dir, "dd if=big of=/dev/null bs=1M")
	})
}

// BenchmarkFind lists 10 000 files and their lengths.
func BenchmarkFind(b *testing.B) {
	each(b, func(b *testing.B, dir string) { run(b, dir, "find . -printf %s > /dev/null") })
}

func BenchmarkOpenReadClose(b *testing.B) {
	each(b, func(b *testing.B, dir string) {
		p := make([]byte, 100)
		for b.Loop() {
			fd, err := unix.Open(dir+"/file00000", unix.O_RDONLY, 0)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := unix.Read(fd, p); n != 4 || err != nil {
				b.Fatal(n, err)
			}
			unix.Close(fd)
		}
	})
}
