package aout_test

import (
	"encoding/binary"
	"regexp"
	"strings"
	"testing"

	"ufo/proc"
)

// The system calls of TestCalls by their numbers.
const (
	sysOldErrstr = 1
	sysAlarm     = 6
	sysExec      = 7
	sysOldFstat  = 11
	sysOldStat   = 18
	sysPipe      = 21
	sysOldWstat  = 26
	sysOldWait   = 36
	sysSemacq    = 37
	sysStat      = 42
	sysUnmount   = 35
)

// The data of TestCalls' programs.
const (
	dotStr   = dataAddr + 0x40
	emptyStr = dataAddr + 0x48
	euroStr  = dataAddr + 0x50 // two letters and a rune of three bytes
	argvAt   = dataAddr + 0x60
	longStr  = dataAddr + 0x1000 // of 70000 bytes
	result   = dataAddr + 0x80
)

// exitWith ends the program with the number in AX, less than 100, as its status.
func (c *code) exitWith() {
	c.emit(0x31, 0xd2, 0xb9, 10, 0, 0, 0, 0xf7, 0xf1)   // edx = eax % 10, eax /= 10
	c.emit(0x04, '0', 0x80, 0xc2, '0')                  // both are digits
	c.emit(0x88, 0x04, 0x25, 0x80, 0x00, 0x40, 0x00)    // mov [result], al
	c.emit(0x88, 0x14, 0x25, 0x81, 0x00, 0x40, 0x00)    // mov [result+1], dl
	c.emit(0xc6, 0x04, 0x25, 0x82, 0x00, 0x40, 0x00, 0) // mov byte [result+2], 0
	c.call(sysExits, result)
}

// noteExit makes the text of a note the program's status.
func (c *code) noteExit() {
	c.handler(func() {
		c.emit(0x48, 0x8b, 0x44, 0x24, 0x10, 0x48, 0x89, 0x44, 0x24, 0x08) // mov rax, [rsp+16]; mov [rsp+8], rax
		c.emit(0xbd, sysExits, 0, 0, 0, 0x0f, 0x05)
	})
}

// child is who a status is of.
var child = regexp.MustCompile(`^x [0-9]+:`)

// TestCalls makes system calls as few programs do.
func TestCalls(t *testing.T) {
	data := make([]byte, 0x1000+70001)
	copy(data[dotStr-dataAddr:], ".")
	copy(data[euroStr-dataAddr:], "ab€")
	binary.LittleEndian.PutUint64(data[argvAt-dataAddr:], longStr)
	for i := range 70000 {
		data[longStr-dataAddr+i] = 'x'
	}
	bss := uint64(0x500000) // an address behind the data
	for _, row := range []struct {
		name string
		use  func(c *code)
		want string
	}{
		{"a name without end", func(c *code) { c.call(sysOpen, longStr, 0); c.check() }, "name too long"},
		{"modes that are none", func(c *code) { c.call(sysOpen, dotStr, 1<<16); c.check() }, "bad arg in system call"},
		{"a long status", func(c *code) { c.call(sysExits, longStr) }, strings.Repeat("x", 127)},
		{"a status that is nowhere", func(c *code) { c.call(sysExits, 8) }, "invalid exit string"},
		{"more arguments than there is room for", func(c *code) {
			c.emit(0x48, 0xb8) // mov rax, dotStr
			*c = binary.LittleEndian.AppendUint64(*c, dotStr)
			c.emit(0xbf, 0, 0, 0x50, 0, 0xb9, 0, 0, 0x10, 0, 0xfc, 0xf3, 0x48, 0xab) // a million of them at bss
			c.call(sysExec, dotStr, bss)
			c.check()
		}, "virtual memory allocation failed"},
		{"an odd address", func(c *code) { c.noteExit(); c.call(sysSemacq, result+1, 0) }, "sys: odd address pc=0x"},
		{"a pipe at an odd address", func(c *code) { c.noteExit(); c.call(sysPipe, result+2) }, "sys: odd address pc=0x"},
		{"a handler that is nowhere", func(c *code) { c.call(sysNotify, 8) }, "sys: bad address in syscall pc=0x"},
		{"the system says where a note came", func(c *code) {
			c.noteExit()
			c.loop(1<<20, false, func() { c.call(sysWrite, 1, dotStr, 4096, minusOne) })
		}, "sys: write on closed pipe pc=0x"},
		{"unmount of no name", func(c *code) { c.call(sysUnmount, emptyStr, dotStr); c.check() }, "empty file name"},
		{"fewer bytes than none", func(c *code) { c.noteExit(); c.call(sysWrite, 1, dotStr, minusOne, minusOne) }, "sys: bad address in syscall pc=0x"},
		{"no room for an entry", func(c *code) { c.call(sysStat, dotStr, result, 1); c.check() }, "stat buffer too small"},
		{"half a rune is left out", func(c *code) {
			c.call(sysErrstr, euroStr, 16)
			c.call(sysErrstr, result, 5)
			c.call(sysExits, result)
		}, "ab"},
		{"an alarm in fifty days", func(c *code) {
			c.call(sysAlarm, 1<<32-2)
			c.call(sysAlarm, 0)
			c.emit(0x48, 0xc1, 0xe8, 24) // shr rax, 24
			c.emit(0x24, 0x3f)           // and al, 63
			c.exitWith()
		}, "63"},
		{"segbrk behind the data", func(c *code) {
			c.call(12, bss, bss+0x1000000)
			c.check()
			c.touch(bss+0xff0000, 1)
			c.call(sysExits, dotStr)
		}, "."},
		{"a child in a handler is in none", func(c *code) {
			c.handler(func() {
				c.call(sysRfork, proc.RFPROC)
				c.ifZero(func() { c.call(sysNoted, 0); c.check() })
				c.call(sysOldWait, argvAt+0x100)
				c.call(sysExits, argvAt+0x100+4*12)
			})
			c.emit(0x0f, 0x0b) // ud2
		}, "x N: bad arg in system call"},
		{"wait of old", func(c *code) {
			c.call(sysRfork, proc.RFPROC)
			c.ifZero(func() { c.call(sysExits, dotStr) })
			c.call(sysOldWait, argvAt+0x100)
			c.call(sysExits, argvAt+0x100+4*12)
		}, "x N: ."},
		{"wait of old without children", func(c *code) { c.call(sysOldWait, 0); c.check() }, "no living children"},
		{"stat of old", func(c *code) { c.call(sysOldStat, dotStr, result); c.check(); c.call(sysExits, result+28) }, "glenda"},
		{"fstat of old", func(c *code) { c.call(sysOldFstat, 9, result); c.check() }, "fd out of range or not open"},
		{"wstat of old", func(c *code) { c.call(sysOldWstat); c.check() }, "old wstat system call - recompile"},
		{"errstr of old", func(c *code) {
			c.call(sysOpen, emptyStr, 0)
			c.call(sysOldErrstr, result)
			c.call(sysExits, result)
		}, "empty file name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c code
			row.use(&c)
			c.call(sysExits, 0)
			got := newMachine(t).sh("cd /tmp; { /tmp/x; s=$status; echo $s >/tmp/status } | @{exit}; cat /tmp/status", map[string][]byte{"x": c.program(16<<20, data...)})
			got = strings.TrimSuffix(got, "\n")
			_, got, _ = strings.Cut(got, ": ")
			got = child.ReplaceAllString(got, "x N:")
			if len(row.want) < len(got) && strings.HasSuffix(row.want, "0x") {
				got = got[:len(row.want)]
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
