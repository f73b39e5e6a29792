package vm

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The state of the floating point registers, as FP returns it and SetFP takes it,
// is what the instruction XSAVE stores, in its standard form: 512 bytes of x87 and
// SSE, in which the bytes from fpSoftware are zeros, though the host uses them; 64
// bytes of a header, of which the first word says what follows; and that. It is the
// same on all platforms, but machines differ in what their processors have. What it
// ends with are zeros, which are left out: ptrace shows registers that a process has
// only when it asks for them, such as the tiles of AMX, and a signal's frame does not.
const (
	fpSoftware = 464
	fpLegacy   = 512
	fpHeader   = 64

	// In the bytes that are the host's: how long all is, and what it has; and
	// how long the mark is that follows.
	fpLength   = fpSoftware + 16
	fpFeatures = fpSoftware + 8
	fpEnd      = 4
)

var errFP = errors.New("not the state of floating point registers")

// trimFP returns a state without the zeros that it ends with.
func trimFP(state []byte) []byte {
	least := min(len(state), fpLegacy+fpHeader)
	return state[:least+len(bytes.TrimRight(state[least:], "\x00"))]
}

// fpLength returns how long the state in a frame is.
func (f frame) fpLength() int {
	n := int(binary.LittleEndian.Uint32(f.fp[fpLength:]))
	if n < fpLegacy || n > len(f.fp) {
		n = fpLegacy
	}
	return n
}

func (f frame) getFP() []byte {
	state := append([]byte(nil), f.fp[:f.fpLength()]...)
	clear(state[fpSoftware:fpLegacy])
	return trimFP(state)
}

func (f frame) setFP(state []byte) error {
	n := f.fpLength()
	if len(state) < fpLegacy {
		return errFP
	}
	copy(f.fp[:fpSoftware], state)
	clear(f.fp[fpLegacy+copy(f.fp[fpLegacy:n], state[fpLegacy:]) : n])
	return nil
}
