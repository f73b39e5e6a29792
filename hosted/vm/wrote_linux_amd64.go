package vm

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Whether a fault was a read or a write the processor tells the host, and the host
// only who handles its signal. So the stub gets a handler, on a stack of its own,
// when this is first asked: the instruction is run once more, to fault again, and
// the handler does nothing but stop with what it was given.
const (
	handlerStack = stubAddr + 16*PageSize
	stackLen     = 8 * PageSize // for the registers, which have become many
)

func (s *traced) Writes(r *Regs) (bool, error) {
	fp, err := s.FP() // a handler begins with new ones
	if err != nil {
		return false, err
	}
	if s.stack.Len == 0 {
		if err := s.setHandler(); err != nil {
			return false, err
		}
	}
	if err := s.setRegs(r); err != nil {
		return false, err
	}
	sig, err := s.resume(ptraceSysemu, 0)
	for sig == kick && err == nil {
		s.kicked = true
		sig, err = s.resume(ptraceSysemu, 0)
	}
	if err != nil || sig != unix.SIGSEGV {
		return false, err // it is mapped by now
	}
	sig, err = s.resume(unix.PTRACE_CONT, unix.SIGSEGV)
	for sig == kick && err == nil {
		s.kicked = true
		sig, err = s.resume(unix.PTRACE_CONT, 0)
	}
	if err != nil || sig != unix.SIGTRAP {
		return false, err
	}
	var h unix.PtraceRegs
	if err := s.registers(unix.PTRACE_GETREGS, &h); err != nil {
		return false, err
	}
	const errorCode, write = 40 + 19*8, 1 << 1 // in ucontext; of the processor
	at := h.Rdx + errorCode - handlerStack
	if at > uint64(s.stack.Len)-8 {
		return false, nil
	}
	code := binary.LittleEndian.Uint64(s.mem.Bytes(s.stack.Off+int64(at), 8))
	return code&write != 0, s.SetFP(fp)
}

// setHandler makes the INT3 of the stub the handler of SIGSEGV.
func (s *traced) setHandler() error {
	stack, err := s.mem.Alloc(stackLen)
	if err != nil {
		return err
	}
	s.stack = stack
	s.set(handlerStack, stack, R|W)
	if err := s.carryOut(); err != nil {
		return err
	}
	b := s.mem.Bytes(stack.Off, stack.Len)
	word := binary.LittleEndian.PutUint64
	const siginfo, onstack, restorer, nodefer = 0x4, 0x08000000, 0x04000000, 0x40000000
	word(b, stubCall+2)
	word(b[8:], siginfo|onstack|restorer|nodefer)
	word(b[16:], stubCall+2)
	word(b[24:], 0)
	if _, err := s.call(unix.SYS_RT_SIGACTION, uint64(unix.SIGSEGV), handlerStack, 0, 8); err != nil {
		return err
	}
	word(b, handlerStack)
	word(b[8:], 0)
	word(b[16:], stackLen)
	_, err = s.call(unix.SYS_SIGALTSTACK, handlerStack, 0)
	return err
}
