package aout_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/hosted/vm"
	"ufo/proc"
)

// narrow is what code is, of instructions of a 386.
type narrow []byte

// Where its segments are: the text, which the header is before, is less than a page.
const (
	narrowText = 0x1020
	narrowData = 0x2000
)

func (c *narrow) emit(b ...byte) { *c = append(*c, b...) }

func (c *narrow) word(v uint32) { *c = binary.LittleEndian.AppendUint32(*c, v) }

// call makes a system call.
func (c *narrow) call(nr uint32, args ...uint32) {
	for i, arg := range args {
		c.emit(0xc7, 0x44, 0x24, byte(4+4*i)) // mov dword [esp+4+4i], arg
		c.word(arg)
	}
	c.emit(0xb8) // mov eax, nr
	c.word(nr)
	c.emit(0xcd, 0x40)
}

// show writes memory to the standard output.
func (c *narrow) show(addr, n uint32) { c.call(sysWrite, 1, addr, n, minusOne32, minusOne32) }

const minusOne32 = math.MaxUint32

// keep stores AX.
func (c *narrow) keep(addr uint32) {
	c.emit(0xa3) // mov [addr], eax
	c.word(addr)
}

// handler makes what body does the handler of notes.
func (c *narrow) handler(body func()) {
	c.emit(0xe9, 0, 0, 0, 0) // jmp behind
	from := len(*c)
	body()
	binary.LittleEndian.PutUint32((*c)[from-4:], uint32(len(*c)-from))
	c.call(sysNotify, uint32(narrowText+from))
}

// program returns the file.
func (c narrow) program(bss int, data ...byte) []byte {
	b := make([]byte, 32, 32+len(c)+len(data))
	for i, v := range []uint32{0x1eb, uint32(len(c)), uint32(len(data)), uint32(bss), 0, narrowText} {
		binary.BigEndian.PutUint32(b[4*i:], v)
	}
	return append(append(b, c...), data...)
}

// needNarrow skips a test where no 386 runs. See test/machine for where one does.
func needNarrow(t *testing.T) {
	mem, err := vm.NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	if err := vm.Narrow(mem); err != nil {
		t.Skip(err)
	}
}

// runNarrow runs a program whose input is a file of ten digits, and returns what it
// writes, and its status.
func runNarrow(t *testing.T, program []byte) (out []byte, status string) {
	needNarrow(t)
	got := newMachine(t).sh("cd /tmp; echo -n 0123456789 >file; ./x <file; echo -n 'status '^$status",
		map[string][]byte{"x": program})
	i := strings.LastIndex(got, "status ")
	_, status, _ = strings.Cut(got[i:], ": ")
	return []byte(got[:i]), status
}

// longs are those of memory.
func longs(b []byte) (list []uint32) {
	for ; len(b) >= 4; b = b[4:] {
		list = append(list, binary.LittleEndian.Uint32(b))
	}
	return list
}

const (
	sysSeek = 39
	sysNsec = 53

	shown = narrowData + 0x80 // what TestNarrowCalls looks at
)

// TestNarrowCalls makes the system calls of which a 386 has other arguments, or
// results, than amd64.
func TestNarrowCalls(t *testing.T) { each(t, testNarrowCalls) }

func testNarrowCalls(t *testing.T) {
	for _, row := range []struct {
		name string
		use  func(c *narrow)
		want []uint32
	}{
		{"seek", func(c *narrow) {
			c.call(sysSeek, shown, 0, 7, 1, 0)
			c.call(sysSeek, shown+8, 0, minusOne32-2, minusOne32, 1)
			c.call(sysSeek, shown+16, 0, minusOne32, minusOne32, 2)
		}, []uint32{7, 1, 4, 1, 9, 0}},
		{"pread", func(c *narrow) {
			c.call(sysPread, 0, shown+4, 4, 0, 1) // far behind the end
			c.keep(shown)
			c.call(sysPread, 0, shown+8, 4, 6, 0)
			c.keep(shown + 4)
			c.call(sysPread, 0, shown+16, 4, minusOne32, minusOne32)
			c.keep(shown + 12)
		}, []uint32{0, 4, 0x39383736, 4, 0x33323130}},
		{"an error", func(c *narrow) { c.call(sysClose, 77); c.keep(shown) }, []uint32{minusOne32}},
		{"how it begins", func(c *narrow) {
			c.keep(shown)
			c.emit(0x8b, 0x04, 0x24) // mov eax, [esp]
			c.keep(shown + 4)
			c.emit(0x8b, 0x44, 0x24, 0x04, 0x8b, 0x00) // mov eax, [esp+4]; mov eax, [eax]
			c.keep(shown + 8)
			c.emit(0x8b, 0x44, 0x24, 0x08) // mov eax, [esp+8]
			c.keep(shown + 12)
		}, []uint32{0xdffff000 - 56, 1, 0x00782f2e, 0}}, // Tos, argc, "./x", 0
		{"how floating point begins", func(c *narrow) {
			c.emit(0x0f, 0xae, 0x1d) // stmxcsr [shown]
			c.word(shown)
			c.emit(0xd9, 0x3d) // fnstcw [shown+4]
			c.word(shown + 4)
			c.emit(0x81, 0x25) // and dword [shown+4], all but a bit that is always set
			c.word(shown + 4)
			c.word(^uint32(0x40))
		}, []uint32{0x1f80, 0x0232}},
		{"rfork", func(c *narrow) {
			c.call(sysRfork, proc.RFPROC)
			c.emit(0x85, 0xc0, 0x75, 0) // test eax, eax; jnz behind
			from := len(*c)
			c.call(sysExits, 0)
			(*c)[from-1] = byte(len(*c) - from)
			c.keep(shown)
			c.call(sysOldWait, 0)
			c.emit(0x2b, 0x05) // sub eax, [shown]
			c.word(shown)
			c.keep(shown)
		}, []uint32{0}},
		{"number of a process", func(c *narrow) {
			c.emit(0x8b, 0x40, 0x30) // mov eax, [eax+48], of Tos
			c.keep(shown)
			c.call(sysRfork, proc.RFPROC)
			c.emit(0x85, 0xc0, 0x74, 0) // test eax, eax; jz behind
			from := len(*c)
			c.call(sysOldWait, 0)
			c.call(sysExits, 0)
			(*c)[from-1] = byte(len(*c) - from)
			c.emit(0xa1) // mov eax, [0xdffff000-8]
			c.word(0xdffff000 - 8)
			c.emit(0x2b, 0x05) // sub eax, [shown]
			c.word(shown)
			c.keep(shown)
		}, []uint32{1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c narrow
			row.use(&c)
			c.show(shown, uint32(4*len(row.want)))
			c.call(sysExits, 0)
			out, status := runNarrow(t, c.program(4096))
			if got := longs(out); !slices.Equal(got, row.want) || status != "" {
				t.Errorf("%#x, status %q, want %#x", got, status, row.want)
			}
		})
	}
}

// TestNarrowTime asks for the time.
func TestNarrowTime(t *testing.T) {
	var c narrow
	c.call(sysNsec, shown)
	c.show(shown, 8)
	c.call(sysExits, 0)
	out, status := runNarrow(t, c.program(4096))
	if len(out) != 8 {
		t.Fatalf("%x, status %q", out, status)
	}
	at := time.Unix(0, int64(binary.LittleEndian.Uint64(out)))
	if d := time.Since(at); d < 0 || d > time.Minute {
		t.Errorf("it is %v", at)
	}
}

// TestNarrowNote lets a handler look at its frame, and change it; floating point
// registers that it uses are as they were, when it is done.
func TestNarrowNote(t *testing.T) { each(t, testNarrowNote) }

func testNarrowNote(t *testing.T) {
	const ureg, text, one = narrowData + 0x200, narrowData + 0x300, narrowData + 0x100
	var c narrow
	c.handler(func() {
		for i, v := range [][2]uint32{{ureg, 19}, {text, 32}} {
			c.emit(0x8b, 0x74, 0x24, byte(4+4*i)) // mov esi, [esp+4+4i]
			c.emit(0xbf)                          // mov edi, where
			c.word(v[0])
			c.emit(0xb9) // mov ecx, words
			c.word(v[1])
			c.emit(0xf3, 0xa5) // rep movsd
		}
		c.emit(0x8b, 0x44, 0x24, 0x04, 0x83, 0x40, 0x38, 0x02) // mov eax, [esp+4]; add dword [eax+56], 2
		c.emit(0xd9, 0xee, 0xbd, 0, 0, 0, 0)                   // fldz; mov ebp, 0
		c.call(sysNoted, 0)
	})
	c.emit(0xd9, 0xe8)                                                 // fld1
	c.emit(0xbb, 0x11, 0x11, 0x11, 0x11, 0xbd, 0x22, 0x22, 0x22, 0x22) // mov ebx, 0x11111111; mov ebp, 0x22222222
	c.emit(0x89, 0x25)                                                 // mov [one+8], esp
	c.word(one + 8)
	at := narrowText + uint32(len(c))
	c.emit(0x0f, 0x0b, 0xd9, 0x1d) // ud2; fstp dword [one]
	c.word(one)
	c.emit(0x89, 0x2d) // mov [one+4], ebp
	c.word(one + 4)
	c.show(one, 12)
	c.show(ureg, 19*4)
	c.show(text, 64)
	c.call(sysExits, 0)
	out, status := runNarrow(t, c.program(4096))
	if len(out) != 12+19*4+64 || status != "" {
		t.Fatalf("%x, status %q", out, status)
	}
	w := longs(out)
	if math.Float32frombits(w[0]) != 1 || w[1] != 0x22222222 {
		t.Errorf("after the handler: %#x", w[:2])
	}
	if u := w[3:]; u[4] != 0x11111111 || u[2] != 0x22222222 || u[14] != at || u[17] != w[2] {
		t.Errorf("not at %#x with the stack at %#x: %#x", at, w[2], u[:19])
	}
	note, _, _ := strings.Cut(string(out[12+19*4:]), "\x00")
	if want := fmt.Sprintf("sys: trap: invalid opcode pc=%#x", at); note != want {
		t.Errorf("note %q, want %q", note, want)
	}
}

// TestNarrowBad: programs that do what they should not.
func TestNarrowBad(t *testing.T) { each(t, testNarrowBad) }

func testNarrowBad(t *testing.T) {
	for _, row := range []struct {
		name string
		code narrow
		want string
	}{
		{"writes over its text", narrow{0xc6, 0x05, 0x20, 0x10, 0x00, 0x00, 0x90}, "sys: trap: fault write addr=0x1020 pc=0x1020"},
		{"reads nowhere", narrow{0x8a, 0x05, 0x28, 0x00, 0x10, 0x00}, "sys: trap: fault read addr=0x100028 pc=0x1020"},
		{"reads above all", narrow{0x8a, 0x05, 0xf8, 0xff, 0xff, 0xff}, "sys: trap: fault read addr=0xfffffff8 pc=0x1020"},
		{"executes its data", narrow{0xb8, 0x00, 0x20, 0x00, 0x00, 0xff, 0xe0}, "sys: trap: fault read addr=0x2000 pc=0x2000"},
		{"has no such call", narrow{0xb8, 0x00, 0x01, 0x00, 0x00, 0xcd, 0x40}, "sys: bad sys call pc=0x1027"},
		{"has no stack", narrow{0x31, 0xe4, 0xb8, 0x04, 0x00, 0x00, 0x00, 0xcd, 0x40}, "sys: bad address in syscall pc=0x1029"},
		{"makes a call of the host", narrow{0xb8, 0x14, 0x00, 0x00, 0x00, 0xcd, 0x80}, "sys: trap: general protection violation pc=0x1025"},
		{"interrupts", narrow{0xcd, 0x41}, "sys: trap: general protection violation pc=0x1020"},
		{"divides by zero", narrow{0x31, 0xd2, 0x31, 0xc9, 0xf7, 0xf1}, "sys: trap: divide error pc=0x1024"},
		// Qemu does not say where it was.
		{"divides by zero in x87", narrow{0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0x9b}, "sys: fp: division by zero fppc=0x"},
		{"a breakpoint", narrow{0xcc}, "sys: breakpoint pc=0x1020"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, status := runNarrow(t, row.code.program(4096)); !strings.HasPrefix(status, row.want) {
				t.Errorf("got %q, want %q", status, row.want)
			}
		})
	}
}

// TestNarrowDebug looks at the registers of a process that has stopped.
func TestNarrowDebug(t *testing.T) {
	needNarrow(t)
	var c narrow
	c.emit(0xd9, 0xe8, 0xc6, 0x05) // fld1; mov byte [dataAddr], 1
	c.word(dataAddr)
	c.emit(1, 0xeb, 0xfe) // jmp to itself
	c.call(sysErrstr, dataAddr, 100)
	newMachine(t).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/x", c.program(4<<20)); err != nil {
			return err
		}
		d := debug(t, p, "/tmp/x")
		d.ctl("stop")
		regs, err := d.peek("regs", 0, 1000)
		if w := longs(regs); err != nil || len(w) != 19 || w[14] != narrowText+9 {
			t.Errorf("%#x, %v", w, err)
		}
		fp, err := d.peek("fpregs", 0, 1000)
		if err != nil || len(fp) != 512 || string(fp[32:42]) != "\x00\x00\x00\x00\x00\x00\x00\x80\xff\x3f" {
			t.Errorf("%x, %v", fp, err)
		}
		if err := d.poke("regs", 14*4, []byte{(narrowText + 11) & 0xff, (narrowText + 11) >> 8, 0, 0}); err != nil {
			t.Error(err)
		}
		for i, ax := range []uint32{sysErrstr, 0} { // the beginning and the end of the call
			d.ctl("startsyscall")
			regs, err := d.peek("regs", 0, 1000)
			if w := longs(regs); err != nil || w[7] != ax || w[14] != narrowText+uint32(len(c)) {
				t.Errorf("stop %d: %#x, %v", i, w, err)
			}
		}
		d.ctl("kill")
		d.status()
		return nil
	})
}
