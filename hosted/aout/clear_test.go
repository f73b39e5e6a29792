package aout_test

import (
	"encoding/binary"
	"testing"

	"ufo/hosted/aout"
)

// stos stores a word many times: in steps of 8 bytes, upwards or downwards.
func (c *code) stos(addr, n, word uint64, down bool) {
	for _, reg := range []struct {
		op byte
		v  uint64
	}{{0xbf, addr}, {0xb9, n}, {0xb8, word}} { // mov rdi, addr; mov rcx, n; mov rax, word
		c.emit(0x48, reg.op)
		*c = binary.LittleEndian.AppendUint64(*c, reg.v)
	}
	if down {
		c.emit(0xfd) // std
	}
	c.emit(0xf3, 0x48, 0xab, 0xfc) // rep stosq; cld
}

// TestClear: zeros that are stored where there are zeros take no memory, and make
// zeros of all else.
func TestClear(t *testing.T) {
	const size, middle = 64 << 20, dataAddr + 32<<20
	const killed = "status: Killed: Insufficient physical memory\n"
	for _, row := range []struct {
		name string
		make func(c *code)
		want string
	}{
		{"zeros", func(c *code) {
			c.touch(middle, 1)
			c.stos(dataAddr, size/8, 0, false)
			c.emit(0x48, 0x81, 0xef) // sub rdi, dataAddr+size
			*c = binary.LittleEndian.AppendUint32(*c, dataAddr+size)
			c.emit(0x48, 0x01, 0xcf)             // add rdi, rcx
			c.emit(0x31, 0xc0, 0x8a, 0x04, 0x25) // xor eax, eax; mov al, [middle]
			*c = binary.LittleEndian.AppendUint32(*c, middle)
			c.emit(0x48, 0x01, 0xf8) // add rax, rdi
			c.ifZero(func() { c.call(sysExits, 0) })
			c.emit(0x0f, 0x0b) // ud2
		}, ""},
		{"over what a system call wrote", func(c *code) {
			c.call(sysClose, 99)
			c.call(sysErrstr, middle+4096, 100)
			c.stos(middle+4096, (size/2-4096)/8, 0, false)
			c.emit(0x31, 0xc0, 0x8a, 0x04, 0x25) // xor eax, eax; mov al, [middle+4096]
			*c = binary.LittleEndian.AppendUint32(*c, middle+4096)
			c.ifZero(func() { c.call(sysExits, 0) })
			c.emit(0x0f, 0x0b) // ud2
		}, ""},
		{"something else", func(c *code) { c.stos(dataAddr, size/8, 1, false) }, killed},
		{"downwards", func(c *code) { c.stos(dataAddr+size-8, size/8, 0, true) }, killed},
		{"beyond the end", func(c *code) { c.stos(dataAddr, size/8+1, 0, false) }, "status: sys: trap: fault write addr=0x4400000 pc=0x200046\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c code
			row.make(&c)
			c.call(sysExits, 0)
			got := newLimited(t, aout.Limits{Process: 8 << 20}, 0).sh("/tmp/x", map[string][]byte{"x": c.program(size)})
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
