package aout_test

import (
	"testing"

	"ufo/hosted/aout"
	"ufo/proc"
)

// The string arguments of TestSegments' programs, in their data.
const (
	memoryStr = dataAddr + 0x100
	sharedStr = dataAddr + 0x108
	noneStr   = dataAddr + 0x110
)

const (
	sysDetach  = 31
	sysSegbrk  = 12
	sysSegfree = 32
	attachedAt = 0x10000000
)

// want ends the program with the status none, if a byte
// in memory is not what it shall be.
func (c *code) want(at uint64, b byte) {
	c.emit(0x48, 0xbf) // mov rdi, at
	for i := range 8 {
		c.emit(byte(at >> (8 * i)))
	}
	c.emit(0x31, 0xc0, 0x80, 0x3f, b, 0x0f, 0x95, 0xc0, 0xff, 0xc8) // eax = (byte [rdi] != b) - 1
	c.ifZero(func() { c.call(sysExits, noneStr) })
}

// TestSegmentNames reads what /proc says of attached segments.
func TestSegmentNames(t *testing.T) {
	data := make([]byte, 0x118)
	copy(data[0x100:], "memory\x00\x00shared\x00\x00none\x00")
	var c code
	c.call(sysAttach, 0, memoryStr, attachedAt, 4096)
	c.call(sysAttach, 040, sharedStr, attachedAt+4096, 4096)
	c.check()
	c.call(sysWrite, 1, dataAddr, 1, minusOne)
	c.call(sysSleep, 1<<30)
	const want = `Text   R    200000   201000    1
Data        400000   401000    1
Bss         401000   429000    1
Stack     7ffffefff000 7ffffffff000    1
Bss       10000000 10001000    1
Shared R  10001000 10002000    1
`
	got := newMachine(t).sh("/tmp/x >/tmp/n & while(! test -s /tmp/n) sleep 0.05; cat /proc/$apid/segment; echo kill >/proc/$apid/ctl; wait; status=''",
		map[string][]byte{"x": c.program(0x28000, data...)})
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestSegments attaches segments of all classes.
func TestSegments(t *testing.T) {
	data := make([]byte, 0x118)
	copy(data[0x100:], "memory\x00\x00shared\x00\x00none\x00")
	child := func(c *code, flag uint64) { // stores a 1 where the segment is
		c.call(sysRfork, proc.RFPROC|flag)
		c.ifZero(func() {
			c.touch(attachedAt, 1)
			c.call(sysExits, 0)
		})
		c.call(sysAwait, dataAddr, 100)
	}
	for _, row := range []struct {
		name string
		use  func(c *code)
		want string
	}{
		{"a class that is none", func(c *code) { c.call(sysAttach, 0, noneStr, attachedAt, 4096) }, "status: bad arg in system call\n"},
		{"nothing", func(c *code) { c.call(sysAttach, 0, memoryStr, attachedAt, 0) }, "status: bad arg in system call\n"},
		{"too much", func(c *code) { c.call(sysAttach, 0, memoryStr, attachedAt, 1<<40) }, "status: virtual memory allocation failed\n"},
		{"page 0", func(c *code) { c.call(sysAttach, 0, memoryStr, 1, 10) }, "status: bad arg in system call\n"},
		{"over the data", func(c *code) { c.call(sysAttach, 0, memoryStr, dataAddr+100, 10) }, "status: segments overlap\n"},
		{"too many", func(c *code) { c.loop(9, false, func() { c.call(sysAttach, 0, memoryStr, 0, 10); c.check() }) }, "status: virtual memory allocation failed\n"},
		{"read only", func(c *code) {
			c.call(sysAttach, 040, memoryStr, attachedAt, 10)
			c.touch(attachedAt, 1)
		}, "status: sys: trap: fault write addr=0x10000000"},
		{"zeros where it is read only", func(c *code) {
			c.call(sysAttach, 040, memoryStr, attachedAt, 1<<20)
			c.stos(attachedAt, 1<<17, 0, false)
		}, "status: sys: trap: fault write addr=0x10000000"},
		{"shared", func(c *code) {
			c.call(sysAttach, 0, sharedStr, attachedAt, 4096)
			child(c, 0)
			c.want(attachedAt, 1)
		}, ""},
		{"memory is the child's own", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 4096)
			child(c, 0)
			c.want(attachedAt, 0)
		}, ""},
		{"memory with RFMEM", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 4096)
			child(c, proc.RFMEM)
			c.want(attachedAt, 1)
		}, ""},
		{"freed", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 8192)
			c.touch(attachedAt, 2)
			c.call(sysSegfree, attachedAt+1, 8000)
			c.check()
			c.want(attachedAt, 1)
			c.call(sysSegfree, attachedAt+1, 8191)
			c.want(attachedAt+4096, 0)
		}, ""},
		{"made longer", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 4096)
			c.call(sysSegbrk, attachedAt, attachedAt+4096)
			c.check()
			c.call(sysSegbrk, dataAddr, dataAddr)
		}, "status: bad arg in system call\n"},
		{"detached", func(c *code) {
			c.call(sysAttach, 0, memoryStr, attachedAt, 4096)
			c.call(sysDetach, attachedAt+5)
			c.check()
			c.touch(attachedAt, 1)
		}, "status: sys: trap: fault write addr=0x10000000"},
		{"the stack stays", func(c *code) { c.call(sysDetach, 0x7ffffffff000-8) }, "status: bad arg in system call\n"},
		{"shared data do not become shorter", func(c *code) {
			c.call(sysRfork, proc.RFPROC|proc.RFMEM)
			c.ifZero(func() { c.call(sysSleep, 1<<30) })
			c.call(sysBrk, dataAddr+0x2000)
		}, "status: device or object already in use\n"},
		{"the data become shorter", func(c *code) {
			c.touch(dataAddr+0x1000, 40)
			c.call(sysBrk, dataAddr+0x2000)
			c.check()
			c.call(sysBrk, dataAddr+0x29000)
			c.want(dataAddr+0x1000, 1)
			c.want(dataAddr+0x2000, 0)
			c.want(dataAddr+0x28000, 0)
			c.touch(dataAddr+0x29000, 1)
		}, "status: sys: trap: fault write addr=0x429000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c code
			row.use(&c)
			c.check()
			c.call(sysExits, 0)
			got := newMachine(t).sh("/tmp/x", map[string][]byte{"x": c.program(0x28f00, data...)})
			if n := min(len(got), len(row.want)); got[:n] != row.want || row.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// TestGrowTogether has two processes make a segment that they share longer: none
// makes it shorter than the other was told it is.
func TestGrowTogether(t *testing.T) {
	if err := aout.GrowTogether(1 << 22); err != nil {
		t.Error(err)
	}
}
