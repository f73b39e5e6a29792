package aout_test

import "encoding/binary"

// Code is a program in the making, of instructions of amd64: tests that ask much
// of system calls want nothing of Go's runtime around them.
//
// R12 and R13 count in loops, AX has what a system call returns.
type code []byte

// Where the segments of the programs are.
const (
	textAddr = 0x200028
	dataAddr = 0x400000
)

// The system calls that tests make, by their numbers.
const (
	sysClose  = 4
	sysDup    = 5
	sysExits  = 8
	sysRfork  = 19
	sysBrk    = 24
	sysNotify = 28
	sysNoted  = 29
	sysWrite  = 51
	sysAwait  = 47
	sysSleep  = 17
	sysOpen   = 14
	sysAttach = 30
	sysErrstr = 41
	sysPread  = 50
)

func (c *code) emit(b ...byte) { *c = append(*c, b...) }

// at returns the address of the next instruction.
func (c code) at() uint64 { return textAddr + uint64(len(c)) }

// call makes a system call.
func (c *code) call(nr uint32, args ...uint64) {
	for i, arg := range args {
		c.emit(0x48, 0xb8) // mov rax, arg
		*c = binary.LittleEndian.AppendUint64(*c, arg)
		c.emit(0x48, 0x89, 0x44, 0x24, byte(8+8*i)) // mov [rsp+8+8i], rax
	}
	c.emit(0xbd) // mov ebp, nr
	*c = binary.LittleEndian.AppendUint32(*c, nr)
	c.emit(0x0f, 0x05)
}

// loop repeats what body makes n times, counted in register r12, or r13 for a
// loop in another.
func (c *code) loop(n uint32, inner bool, body func()) {
	reg := byte(0)
	if inner {
		reg = 1
	}
	c.emit(0x41, 0xbc+reg) // mov r12d, n
	*c = binary.LittleEndian.AppendUint32(*c, n)
	top := len(*c)
	body()
	c.emit(0x41, 0xff, 0xcc+reg) // dec r12d
	c.emit(0x0f, 0x85)           // jnz top
	*c = binary.LittleEndian.AppendUint32(*c, uint32(top-len(*c)-4))
}

// ifZero runs what body makes if AX is 0.
func (c *code) ifZero(body func()) {
	c.emit(0x48, 0x85, 0xc0, 0x0f, 0x85, 0, 0, 0, 0) // test rax, rax; jnz behind
	from := len(*c)
	body()
	binary.LittleEndian.PutUint32((*c)[from-4:], uint32(len(*c)-from))
}

// touch stores a byte in each page of a range.
func (c *code) touch(addr uint64, pages int) {
	c.emit(0x48, 0xbf) // mov rdi, addr
	*c = binary.LittleEndian.AppendUint64(*c, addr)
	c.loop(uint32(pages), true, func() {
		c.emit(0xc6, 0x07, 0x01)                         // mov byte [rdi], 1
		c.emit(0x48, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00) // add rdi, 4096
	})
}

// check makes AX, if it is all ones, the end of the program, with the error string
// as its status.
func (c *code) check() {
	c.emit(0x48, 0xff, 0xc0) // inc rax
	c.ifZero(func() {
		c.call(sysErrstr, dataAddr, 100)
		c.call(sysExits, dataAddr)
	})
	c.emit(0x48, 0xff, 0xc8) // dec rax
}

// handler makes what body does the handler of notes.
func (c *code) handler(body func()) {
	c.emit(0xe9, 0, 0, 0, 0) // jmp behind
	at, from := c.at(), len(*c)
	body()
	binary.LittleEndian.PutUint32((*c)[from-4:], uint32(len(*c)-from))
	c.call(sysNotify, at)
}

// program returns the file: the code, data, and zeros behind them, in bytes.
func (c code) program(bss int, data ...byte) []byte {
	b := make([]byte, 40, 40+len(c)+len(data))
	for i, v := range []uint32{0x8a97, uint32(len(c)), uint32(len(data)), uint32(bss)} {
		binary.BigEndian.PutUint32(b[4*i:], v)
	}
	binary.BigEndian.PutUint64(b[32:], textAddr)
	return append(append(b, c...), data...)
}
