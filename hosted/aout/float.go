package aout

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"ufo/hosted/vm"
)

// Where the state of the floating point registers has what x87 does about
// exceptions, which there were, and the instruction that made one.
const (
	fpControl = 0
	fpStatus  = 2
	fpIP      = 8
)

// What a program begins with, as on Plan 9: it traps where it divides by zero,
// overflows, or does what has no result, but not with the SSE of a 386.
const (
	fpControlInit   = 0x0232
	mxcsrInit       = 0x1900
	mxcsrNarrowInit = 0x1f80
)

// initFP returns the floating point registers with which a program begins.
func initFP(space vm.Space, narrow bool) ([]byte, error) {
	fp, err := space.FP()
	if err != nil || len(fp) <= fpHeader {
		return nil, err
	}
	binary.LittleEndian.PutUint16(fp[fpControl:], fpControlInit)
	mxcsr := uint32(mxcsrInit)
	if narrow {
		mxcsr = mxcsrNarrowInit
	}
	binary.LittleEndian.PutUint32(fp[fpMXCSR:], mxcsr)
	fp[fpHeader] |= hasX87 | hasSSE
	return fp, nil
}

// The bits of exceptions, in the status of x87 and in MXCSR; the first, which x87
// tells more of, is invalid, and has no text here.
var floatTexts = [...]string{
	1: "denormalized operand",
	2: "division by zero",
	3: "numeric overflow",
	4: "numeric underflow",
	5: "precision loss",
}

// More of the status of x87.
const (
	fpInvalid  = 0x01
	fpAll      = 0x3f
	fpStack    = 0x40
	fpSummary  = 0x80 // one was not masked
	fpOverflow = 0x200
)

// floatText returns the text of the note for an exception: of x87, or else of SSE.
func (t *task) floatText() string {
	fp, err := t.space.FP()
	if err != nil || len(fp) < fpHeader {
		return "sys: fp: unknown exception"
	}
	status, pc := uint64(binary.LittleEndian.Uint16(fp[fpStatus:])), binary.LittleEndian.Uint64(fp[fpIP:])
	if status&fpSummary == 0 {
		status, pc = uint64(binary.LittleEndian.Uint32(fp[fpMXCSR:]))&fpAll, t.regs.IP
	}
	text := "unknown exception"
	switch rest := status & fpAll &^ fpInvalid; {
	case status&fpInvalid != 0 && status&fpStack != 0 && status&fpOverflow != 0:
		text = "stack overflow"
	case status&fpInvalid != 0 && status&fpStack != 0:
		text = "stack underflow"
	case status&fpInvalid != 0:
		text = "invalid operation"
	case rest != 0:
		text = floatTexts[bits.TrailingZeros64(rest)]
	}
	return fmt.Sprintf("sys: fp: %s fppc=%#x status=%#x", text, pc, status)
}
