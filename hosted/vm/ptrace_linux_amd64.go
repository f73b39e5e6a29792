package vm

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A traced is a space whose stub is stopped by the host at each system call,
// before it is made: PTRACE_SYSEMU. Nothing that a program does reaches the host,
// and each call costs four of ours and two switches of context.
type traced struct {
	*tracee // nil before there is need of it
	plan
	mem   *Memory
	stack Extent // of the handler; no length: there is none

	mu     sync.Mutex // guards what follows
	early  bool       // a kick came before there was a stub
	theirs *tracee    // the stub, for Kick: nil before there is one, and after Close
}

// PTRACE_SYSEMU is only defined for some systems.
const ptraceSysemu = 31

// What a flat process of 32 bits has for its segments.
const code32, code64, data32 = 0x23, 0x33, 0x2b

// Ptrace returns a new space, whose stub is traced. It is the platform for
// programs that nobody trusts.
func Ptrace(mem *Memory) (Space, error) {
	runtime.LockOSThread() // only the thread that attached to it may trace it
	return &traced{mem: mem}, nil
}

// start gives the space its stub.
func (s *traced) start() error {
	if s.tracee != nil {
		return nil
	}
	stub, err := s.mem.pool.tracee(s.mem, s.layout)
	if err != nil {
		return fmt.Errorf("ptrace: %w", err)
	}
	s.begin(stub.has, tracedSpans)
	stub.has = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tracee, s.theirs = stub, stub
	stub.kicked = s.early
	return nil
}

// hostProt returns the host's word for what a mapping allows.
func hostProt(prot Prot) (p uint64) {
	for _, bit := range []struct {
		prot Prot
		host uint64
	}{{R, unix.PROT_READ}, {W, unix.PROT_WRITE}, {X, unix.PROT_EXEC}} {
		if prot&bit.prot != 0 {
			p |= bit.host
		}
	}
	return p
}

func (s *traced) Map(addr uint64, e Extent, prot Prot) error { return s.add(addr, e, prot) }

func (s *traced) Unmap(addr, n uint64) error {
	s.cut(addr, n)
	return nil
}

// carryOut does what is planned.
func (s *traced) carryOut() error {
	if err := s.start(); err != nil {
		return err
	}
	for _, c := range s.todo {
		if _, err := s.call(c[0], c[1:]...); err != nil {
			return os.NewSyscallError("mmap", err)
		}
	}
	s.todo = s.todo[:0]
	return nil
}

func (s *traced) Run(r *Regs) (Event, error) {
	if err := s.carryOut(); err != nil {
		return Event{}, err
	}
	if s.kicked {
		s.kicked = false
		return Event{Kind: Kicked}, nil
	}
	if err := s.setRegs(r); err != nil {
		return Event{}, err
	}
	for {
		sig, err := s.resume(ptraceSysemu, 0)
		if err != nil {
			return Event{}, err
		}
		switch sig {
		case unix.SIGTRAP | 0x80:
			return Event{Kind: Syscall}, s.getRegs(r)
		case kick:
			return Event{Kind: Kicked}, s.getRegs(r)
		case unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP:
			if err := s.getRegs(r); err != nil {
				return Event{}, err
			}
			return s.fault(r)
		}
		// Somebody sent the stub a signal. It is none of the program's business.
	}
}

// kick is the signal of Kick.
const kick = unix.SIGUSR1

func (s *traced) Kick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.theirs != nil {
		s.theirs.kick()
	} else {
		s.early = true
	}
}

// Close gives the stub back, but for one that has a handler.
func (s *traced) Close() {
	s.mu.Lock()
	s.theirs = nil
	s.mu.Unlock()
	if s.tracee != nil {
		s.tracee.has = s.left()
		s.mem.pool.tracees.put(s.tracee, s.stack.Len > 0)
		s.mem.Free(s.stack)
	}
	runtime.UnlockOSThread()
}

// setRegs gives the stub the registers.
func (s *traced) setRegs(r *Regs) error {
	h := s.base
	h.Rax, h.Rbx, h.Rcx, h.Rdx, h.Rsi, h.Rdi, h.Rbp = r.AX, r.BX, r.CX, r.DX, r.SI, r.DI, r.BP
	h.R8, h.R9, h.R10, h.R11, h.R12, h.R13, h.R14, h.R15 = r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15
	h.Rip, h.Rsp, h.Eflags = r.IP, r.SP, r.Flags&userFlags|mustFlags
	if h.Cs = code64; r.Narrow {
		h.Cs, h.Ds, h.Es = code32, data32, data32
	}
	return s.registers(unix.PTRACE_SETREGS, &h)
}

// The flags that a program may set: those of arithmetic, and the direction.
// Interrupts are always allowed.
const userFlags, mustFlags = 0x0cd5, 0x202

// getRegs takes them back.
func (s *traced) getRegs(r *Regs) error {
	var h unix.PtraceRegs
	if err := s.registers(unix.PTRACE_GETREGS, &h); err != nil {
		return err
	}
	narrow := r.Narrow
	*r = Regs{
		AX: h.Rax, BX: h.Rbx, CX: h.Rcx, DX: h.Rdx, SI: h.Rsi, DI: h.Rdi, BP: h.Rbp,
		R8: h.R8, R9: h.R9, R10: h.R10, R11: h.R11, R12: h.R12, R13: h.R13, R14: h.R14, R15: h.R15,
		IP: h.Rip, SP: h.Rsp, Flags: h.Eflags, Narrow: narrow,
	}
	if h.Orig_rax != ^uint64(0) { // in a call Rax is what the host would answer
		r.AX = h.Orig_rax
	}
	return nil
}

// fault returns what the program did wrong, of the signal the stub stopped for.
func (s *traced) fault(r *Regs) (Event, error) {
	var info struct {
		signo, errno, code, _ int32
		addr                  uint64
		_                     [104]byte
	}
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GETSIGINFO, uintptr(s.pid), 0, uintptr(unsafe.Pointer(&info)), 0, 0)
	if err := ptraceError(e); err != nil {
		return Event{}, err
	}
	return faultEvent(unix.Signal(info.signo), info.code, info.addr), nil
}

// faultEvent returns what a program did wrong, of the signal that the host has for
// it, its code and its address.
func faultEvent(sig unix.Signal, code int32, addr uint64) Event {
	ev := Event{Kind: Fault}
	const maperr, accerr, intdiv = 1, 2, 1 // codes of a siginfo
	switch sig {
	case unix.SIGSEGV:
		switch code {
		case maperr:
			ev.Trap, ev.Addr = NotMapped, addr
		case accerr:
			ev.Trap, ev.Addr = NotAllowed, addr
		default:
			ev.Trap = Protection
		}
	case unix.SIGBUS:
		ev.Trap, ev.Addr = Bus, addr
	case unix.SIGFPE:
		if ev.Trap = Float; code == intdiv {
			ev.Trap = Divide
		}
	case unix.SIGILL:
		ev.Trap = Illegal
	case unix.SIGTRAP:
		ev.Trap = Breakpoint
	}
	return ev
}

func (s *traced) FP() ([]byte, error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	state, err := s.getFP()
	return trimFP(state), err
}

func (s *traced) SetFP(state []byte) error {
	if err := s.start(); err != nil {
		return err
	}
	return s.setFP(state)
}

// Narrow reports whether this host runs programs of 32 bits: not all do, though
// they take the register that asks for it.
func Narrow(mem *Memory) error {
	code, err := mem.Alloc(PageSize)
	if err != nil {
		return err
	}
	defer mem.Free(code)
	const narrow = "\x40\xcc" // INC AX; of 64 bits a prefix without effect
	copy(mem.Bytes(code.Off, code.Len), narrow)
	s, err := Default(mem)
	if err != nil {
		return err
	}
	defer s.Close()
	r := Regs{IP: 0x10000, SP: 0x10000, Narrow: true}
	if err := s.Map(r.IP, code, R|X); err != nil {
		return err
	}
	ev, err := s.Run(&r)
	if err == nil && (ev.Trap != Breakpoint || r.AX != 1) {
		err = ErrNarrow
	}
	return err
}
