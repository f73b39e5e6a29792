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
	frame0FP   = frame0 + (frameLen+63)&^63 // of ours

	infoCode = frameInfo + 8
	infoAddr = frameInfo + 16
)

// frame returns the one that the stub tells of. The program may have written what
// it likes there: then the stub is as good as gone.
func (s *stubProc) frame() (frame, error) {
	at := s.context().frame - contextAddr
	if at < frame0 || at > contextLen-frameLen {
		return frame{}, s.lost()
	}
	b := s.shared[at:]
	fp := binary.LittleEndian.Uint64(b[frameFP:]) - contextAddr
	if fp < frame0 || fp > contextLen-fpLegacy {
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

// keep copies the frame that the stub tells of to where we have ours, from where
// programs go on that the host did not stop.
func (s *stubProc) keep() error {
	f, err := s.frame()
	if err != nil {
		return err
	}
	const fp = frame0FP
	if fp+f.fpLength()+fpEnd > handlerBase {
		return errFP
	}
	copy(s.shared[frame0:], f.b[:frameLen])
	copy(s.shared[fp:], f.fp[:f.fpLength()+fpEnd])
	s.put(frame0+frameFP, contextAddr+fp)
	c := s.context()
	c.frame, c.fp, c.fpMask = contextAddr+frame0, contextAddr+fp, s.get(fp+fpFeatures)
	f, err = s.frame()
	f.setMask(0)
	return err
}

// light returns registers in the order in which the context has them.
func light(r *Regs) [17]*uint64 {
	return [17]*uint64{
		&r.AX, &r.BX, &r.CX, &r.DX, &r.SI, &r.DI, &r.BP, &r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15, &r.IP, &r.SP,
	}
}

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
