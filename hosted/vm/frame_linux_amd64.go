package vm

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A frame is what the host puts on a stack when it lets a handler run, and takes
// from there when that is done: a struct ucontext, which is followed by a struct
// siginfo, and the registers of floating point. Its offsets are Linux's.
type frame struct {
	b  []byte // from the ucontext to the end of the stack
	fp []byte // in b
}

const (
	frameRegs  = 40 // R8 to R15, DI, SI, BP, BX, DX, AX, CX, SP, IP, Flags
	frameCS    = frameRegs + 18*8
	frameSS    = frameCS + 6
	frameError = frameRegs + 19*8 // of the processor
	frameFP    = frameRegs + 23*8 // its address
	frameMask  = frameRegs + 32*8 // of the signals that wait
	frameInfo  = frameMask + 8
	frameLen   = frameInfo + 128

	infoCode = frameInfo + 8
	infoAddr = frameInfo + 16
)

// frame returns the one that the stub tells of. The program may have written what
// it likes there: then the stub is as good as gone.
func (s *stubProc) frame() (frame, error) {
	at := s.context().frame - contextAddr
	if at < handlerBase || at > contextLen-frameLen {
		return frame{}, s.lost()
	}
	b := s.shared[at:]
	fp := binary.LittleEndian.Uint64(b[frameFP:]) - contextAddr
	if fp < handlerBase || fp > contextLen-fpLegacy {
		return frame{}, s.lost()
	}
	return frame{b, s.shared[fp:]}, nil
}

func (f frame) word(off int) uint64       { return binary.LittleEndian.Uint64(f.b[off:]) }
func (f frame) putWord(off int, v uint64) { binary.LittleEndian.PutUint64(f.b[off:], v) }
func (f frame) signal() unix.Signal       { return unix.Signal(f.word(frameInfo) & 0x7f) }
func (f frame) code() int32               { return int32(f.word(infoCode)) }
func (f frame) writes() bool              { return f.word(frameError)&2 != 0 }
func (f frame) setMask(mask uint64)       { f.putWord(frameMask, mask) }

// order returns registers as they are in a frame.
func order(r *Regs) [18]*uint64 {
	return [18]*uint64{
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15, &r.DI, &r.SI, &r.BP, &r.BX, &r.DX, &r.AX, &r.CX, &r.SP, &r.IP, &r.Flags,
	}
}

// get takes the registers out of the frame.
func (f frame) get(r *Regs) {
	for i, reg := range order(r) {
		*reg = f.word(frameRegs + 8*i)
	}
}

// put puts them there.
func (f frame) put(r *Regs) {
	for i, reg := range order(r) {
		f.putWord(frameRegs+8*i, *reg)
	}
	f.putWord(frameRegs+8*17, r.Flags&userFlags|mustFlags)
	cs := uint16(code64)
	if r.Narrow {
		cs = code32
	}
	binary.LittleEndian.PutUint16(f.b[frameCS:], cs)
	binary.LittleEndian.PutUint16(f.b[frameSS:], data32)
}

// event returns why the program stopped.
func (f frame) event() Event {
	switch f.signal() {
	case unix.SIGSYS:
		return Event{Kind: Syscall}
	case kick:
		return Event{Kind: Kicked}
	}
	return faultEvent(f.signal(), f.code(), f.word(infoAddr))
}
