package aout

import (
	"bytes"
	"encoding/binary"
)

// The floating point registers in fpregs are what kernels of Plan 9 have there: on
// amd64 as XSAVE stores x87, SSE, its header and AVX, on a 386 the first two.
const (
	fpMXCSR  = 24  // the control word of SSE
	fpKernel = 464 // from here to the header it is the host's
	fpHeader = 512 // which of what follows is there, x87 and SSE too
	fpAVX    = 576
	fpLen    = 832
	fpLen386 = fpHeader
)

// What the header has of each, and what may be set of MXCSR.
const (
	hasX87, hasSSE, hasAVX = 1, 2, 4
	mxcsrMask              = 0xffff
)

// Halt keeps the floating point registers where others see them: only the process
// can ask the space.
func (d debugger) Halt() {
	d.t.untell() // it may be to stop at the next system call
	d.t.settle()
	d.t.halted, _ = d.t.space.FP()
}

func (d debugger) FPRegs() []byte {
	b := make([]byte, fpLen)
	copy(b, d.t.halted)
	if d.t.word != 8 {
		b = b[:fpLen386]
	}
	return b
}

// SetFPRegs takes what the processor has, and leaves the header as it is.
func (d debugger) SetFPRegs(b []byte) {
	now := d.t.halted
	if len(now) <= fpHeader || len(b) < fpHeader {
		return
	}
	copy(now[:fpKernel], b)
	mxcsr := binary.LittleEndian.Uint32(now[fpMXCSR:])
	binary.LittleEndian.PutUint32(now[fpMXCSR:], mxcsr&mxcsrMask)
	now[fpHeader] |= hasX87 | hasSSE
	if len(b) >= fpLen && len(now) >= fpLen && !bytes.Equal(now[fpAVX:fpLen], b[fpAVX:fpLen]) {
		copy(now[fpAVX:fpLen], b[fpAVX:fpLen])
		now[fpHeader] |= hasAVX
	}
	d.t.fpset = true
}

// settle gives the space the floating point registers that a debugger has set.
func (t *task) settle() error {
	if !t.fpset {
		return nil
	}
	t.fpset = false
	return t.space.SetFP(t.halted)
}
