package aout_test

import (
	"fmt"
	"testing"

	"ufo/proc"
)

// BenchmarkFork forks children of a program with so many kilobytes of memory in
// use, each of which ends after it has stored in so many pages.
func BenchmarkFork(b *testing.B) {
	for _, row := range []struct{ kb, stores int }{
		{0, 0}, {64, 0}, {64, 16}, {256, 0}, {256, 64}, {1024, 0}, {1024, 16}, {1024, 256},
		{16 << 10, 0}, {16 << 10, 64}, {16 << 10, 4096}, {64 << 10, 0}, {64 << 10, 64},
	} {
		b.Run(fmt.Sprintf("kb=%d/stores=%d", row.kb, row.stores), func(b *testing.B) {
			var c code
			if row.kb > 0 {
				c.touch(dataAddr, row.kb/4)
			}
			c.loop(uint32(b.N), false, func() {
				c.call(sysRfork, proc.RFPROC|proc.RFFDG)
				c.ifZero(func() {
					if row.stores > 0 {
						c.touch(dataAddr, row.stores)
					}
					c.call(sysExits, 0)
				})
				c.call(sysAwait, dataAddr, 100)
			})
			c.call(sysExits, 0)
			m := newMachine(b)
			if got := m.sh("/tmp/fork", map[string][]byte{"fork": c.program(4096 + row.kb<<10)}); got != "" {
				b.Error(got)
			}
		})
	}
}
