package aout_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/proc"
)

const minusOne = math.MaxUint64

// hog is a program that uses so many megabytes: by storing there, or by a read.
func hog(mb int, read bool) []byte {
	var c code
	if read {
		c.call(sysPread, 0, dataAddr, uint64(mb)<<20, minusOne)
		c.check()
	} else {
		c.touch(dataAddr, mb<<8)
	}
	c.call(sysExits, 0)
	return c.program(mb << 20)
}

// TestLimits: who wants more memory than there is ends, or is told so by a system
// call, and others go on.
func TestLimits(t *testing.T) {
	const killed = "status: Killed: Insufficient physical memory\n"
	programs := map[string][]byte{"few": hog(2, false), "many": hog(9, false), "read": hog(9, true)}
	for _, row := range []struct {
		name   string
		limits aout.Limits
		line   string
		want   string
	}{
		{"a process", aout.Limits{Process: 8 << 20}, "many", killed},
		{"less", aout.Limits{Process: 8 << 20}, "few", ""},
		{"a system call", aout.Limits{Process: 8 << 20}, "read </dev/zero", "status: out of physical memory\n"},
		{"a node", aout.Limits{Node: 8 << 20}, "many", killed},
		{"a system call on a node", aout.Limits{Node: 8 << 20}, "read </dev/zero", "status: out of physical memory\n"},
		{"not even a stack", aout.Limits{Node: 512}, "few", "status: out of physical memory\n"},
		{"others", aout.Limits{Node: 8 << 20}, "many; many; few", ""},
		{"no limits", aout.Limits{}, "many; read </dev/zero", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := newLimited(t, row.limits, 0).sh("path=(/tmp /bin); "+row.line, programs)
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// TestLimitThreads: where one of those that share memory cannot have more, all end.
func TestLimitThreads(t *testing.T) {
	var c code
	c.call(sysRfork, proc.RFPROC|proc.RFMEM)
	c.ifZero(func() {
		c.touch(dataAddr, 9<<8)
		c.call(sysExits, 0)
	})
	c.call(sysSleep, 1<<30)
	c.call(sysExits, 0)
	m := newLimited(t, aout.Limits{Process: 8 << 20}, 0)
	got := m.sh("/tmp/x", map[string][]byte{"x": c.program(9 << 20)})
	if got != "status: Killed: Insufficient physical memory\n" || m.ended != "x 5: Killed: Insufficient physical memory\n" {
		t.Errorf("got %q, and it was said %q", got, m.ended)
	}
}

// TestNoProcs: a program that forks without end is told that there are no more.
func TestNoProcs(t *testing.T) {
	var c code
	c.loop(1000, false, func() {
		c.call(sysRfork, proc.RFPROC)
		c.ifZero(func() {
			c.call(sysSleep, 1<<30)
			c.call(sysExits, 0)
		})
		c.check()
	})
	line := "/tmp/forks; s=$status; for(i in `{ps | grep forks | awk '{print $2}'}) echo kill >/proc/$i/ctl; echo $s"
	got := newLimited(t, aout.Limits{}, 30).sh(line, map[string][]byte{"forks": c.program(100)})
	if !strings.HasSuffix(got, ": no procs\n") {
		t.Errorf("got %q", got)
	}
}

// TestHostMemory takes the host's memory away before a program attaches a segment:
// that is a note, or an error, but not our end.
func TestHostMemory(t *testing.T) {
	const at = 0x10000000
	class := func(c *code) uint64 { // the string memory
		for i, b := range []byte("memory") {
			c.emit(0xc6, 0x04, 0x25, byte(i), 0x10, 0x40, 0x00, b) // mov byte [0x401000+i], b
		}
		return dataAddr + 0x1000
	}
	for _, row := range []struct {
		name string
		use  func(c *code)
		want string
	}{
		{"store", func(c *code) { c.touch(at, 1) }, "status: sys: trap: bus error pc=0x"},
		{"name", func(c *code) { c.call(sysOpen, at, 0) }, "status: out of physical memory\n"},
		{"frame of a note", func(c *code) {
			c.handler(func() {})
			c.emit(0x48, 0xbc) // mov rsp, at + 0x8000
			for i := range 8 {
				c.emit(byte(uint64(at+0x8000) >> (8 * i)))
			}
			c.emit(0x0f, 0x0b) // ud2
		}, "status: Killed: Insufficient physical memory\n"},
		{"buffer", func(c *code) { c.call(sysPread, 0, at, 100, minusOne) }, "status: out of physical memory\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c code
			c.call(sysAttach, 0, class(&c), at, 1<<16)
			c.check()
			row.use(&c)
			c.check()
			c.call(sysExits, 0)
			m := newMachine(t)
			m.loader.Platform = func(mem *vm.Memory) (vm.Space, error) {
				truncate(t, mem.Given())
				return platform(t)(mem)
			}
			if got := m.sh("/tmp/x", map[string][]byte{"x": c.program(0x2000)}); !strings.HasPrefix(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// truncate makes the memory of programs end.
func truncate(t *testing.T, size int64) {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		name := filepath.Join("/proc/self/fd", fd.Name())
		if to, err := os.Readlink(name); err == nil && strings.HasPrefix(to, "/memfd:memory") {
			if err := os.Truncate(name, size); err != nil {
				t.Error(err)
			}
		}
	}
}
