package vm

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A tracee is the process of the host in which traced programs run, one after the
// other. It is traced by the thread that its program's goroutine stays on. Between
// two programs nobody traces it, and it waits for a signal in its own page, with
// nothing else.
type tracee struct {
	mem    *Memory
	pid    int
	base   unix.PtraceRegs // as after exec: what Regs does not have
	fresh  []byte          // the floating point registers then
	kicked bool            // while we were at something else than Run
	has    layout          // of an idle one: what is mapped; nil: that is not known

	mu   sync.Mutex // guards gone
	gone bool       // pid is nobody's any more
}

// newTracee starts a stub. It is a child of the thread that stays: with its
// parent it would end.
func newTracee(mem *Memory) (s *tracee, err error) {
	s = &tracee{mem: mem}
	noStops()
	mem.pool.onThread(func() { err = s.start() })
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// noStops has the host not send us a signal for each stop of a child, SIGCHLD,
// which nobody waits for: it would cost as much as the stop.
func noStops() {
	var action struct {
		handler, flags, restorer, mask uint64
	}
	const noChildStop = 1
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
	action.flags |= noChildStop
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
}

// start starts the stub and lets go of it, without what the host has mapped. Then
// a kick that comes late is to do nothing.
func (s *tracee) start() (err error) {
	if s.pid, err = startStub(s.mem, true); err != nil {
		return err
	}
	if sig, err := s.wait(); err != nil || sig != unix.SIGTRAP {
		return fmt.Errorf("the stub did not start: signal %v, %v", sig, err)
	}
	if err := s.registers(unix.PTRACE_GETREGS, &s.base); err != nil {
		return err
	}
	s.base.Orig_rax = ^uint64(0) // no call that the host could start again
	if s.fresh, err = s.getFP(); err != nil {
		return err
	}
	if _, err := s.call(unix.SYS_RT_SIGACTION, uint64(kick), stubIgnore, 0, 8); err != nil {
		return err
	}
	return s.reset()
}

// attach makes the calling thread the one that traces the stub, as soon as that has
// done what it was let go with.
func (s *tracee) attach() error {
	const options = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD
	if err := s.request(unix.PTRACE_SEIZE, options); err != nil {
		return err
	}
	if err := s.request(unix.PTRACE_INTERRUPT, 0); err != nil {
		return err
	}
	_, err := s.wait()
	var regs unix.PtraceRegs
	for err == nil {
		if err = s.registers(unix.PTRACE_GETREGS, &regs); err != nil || regs.Rip == stubWaits {
			break
		}
		_, err = s.resume(unix.PTRACE_SYSCALL, 0)
	}
	if err == nil && regs.Rbx != 0 {
		err = os.NewSyscallError("munmap", unix.Errno(-regs.Rbx))
	}
	return err
}

// tracedSpans are where a program can have something mapped.
var tracedSpans = []span{{PageSize, stubAddr}, {stubAddr + PageSize, userTop}}

// reset lets go of the stub, which makes itself what it was before there was a
// program, but for what is mapped, where that is known: we need not wait for that.
// Until then it has memory mapped that may be another's, but runs nothing of the
// program any more.
func (s *tracee) reset() error {
	if err := s.freshFP(); err != nil {
		return err
	}
	s.kicked = false
	regs := s.base
	if regs.Rip = stubRest; s.has == nil {
		regs.Rip, regs.Rax = stubClear, unix.SYS_MUNMAP
		low, high := tracedSpans[0], tracedSpans[1]
		regs.Rdi, regs.Rsi = low.addr, low.end-low.addr
		regs.R12, regs.R13 = high.addr, high.end-high.addr
	}
	regs.Rbx = 0
	if err := s.registers(unix.PTRACE_SETREGS, &regs); err != nil {
		return err
	}
	return s.request(unix.PTRACE_DETACH, 0)
}

// freshFP makes the floating point registers what they were after exec. Hosts
// do not set all that they have.
func (s *tracee) freshFP() error {
	if fp, err := s.getFP(); err != nil || bytes.Equal(fp, s.fresh) {
		return err // to set them takes longer
	}
	if _, err := s.regset(unix.PTRACE_SETREGSET, s.fresh); err != nil {
		return err
	}
	if fp, err := s.getFP(); err != nil || !bytes.Equal(fp, s.fresh) {
		return errFP
	}
	return nil
}

// end ends the stub.
func (s *tracee) end() {
	if s.pid == 0 {
		return
	}
	s.mu.Lock()
	if !s.gone {
		unix.Kill(s.pid, unix.SIGKILL)
	}
	s.mu.Unlock()
	for !s.gone {
		if _, err := s.wait(); err != nil && err != ErrGone {
			break
		}
	}
}

// kick sends the stub the signal of Kick.
func (s *tracee) kick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gone {
		unix.Kill(s.pid, kick)
	}
}

// request makes a request of ptrace.
func (s *tracee) request(request int, data uintptr) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(s.pid), 0, data, 0, 0)
	return ptraceError(e)
}

// registers gets the registers or sets them. Neither takes long enough for the
// scheduler to be told.
func (s *tracee) registers(request int, regs *unix.PtraceRegs) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(s.pid), 0, uintptr(unsafe.Pointer(regs)), 0, 0)
	return ptraceError(e)
}

// ptraceError returns ErrGone for what the host says of a stub that was killed.
func ptraceError(e unix.Errno) error {
	switch e {
	case 0:
		return nil
	case unix.ESRCH:
		return ErrGone
	}
	return os.NewSyscallError("ptrace", e)
}

// wait waits until the stub stops and returns the signal it stopped for.
func (s *tracee) wait() (unix.Signal, error) {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(s.pid, &ws, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case ws.Stopped():
			return ws.StopSignal(), nil
		case ws.Exited() || ws.Signaled():
			s.mu.Lock()
			s.gone = true
			s.mu.Unlock()
			return 0, ErrGone
		}
	}
}

// resume lets the stub go on, as a request of ptrace says, with a signal or 0, and
// waits until it stops.
func (s *tracee) resume(request int, sig unix.Signal) (unix.Signal, error) {
	if err := s.request(request, uintptr(sig)); err != nil && err != ErrGone { // of whose end wait tells
		return 0, err
	}
	return s.wait()
}

// call lets the stub make a system call of the host.
func (s *tracee) call(nr uint64, args ...uint64) (uint64, error) {
	regs := s.base
	regs.Rip, regs.Rax = stubCall, nr
	for i, arg := range args {
		*[]*uint64{&regs.Rdi, &regs.Rsi, &regs.Rdx, &regs.R10, &regs.R8, &regs.R9}[i] = arg
	}
	if err := s.registers(unix.PTRACE_SETREGS, &regs); err != nil {
		return 0, err
	}
	for {
		sig, err := s.resume(unix.PTRACE_CONT, 0)
		if err != nil {
			return 0, err
		}
		if sig == kick {
			s.kicked = true
			continue
		}
		if sig != unix.SIGTRAP {
			return 0, fmt.Errorf("the stub stopped for signal %v", sig)
		}
		break
	}
	if err := s.registers(unix.PTRACE_GETREGS, &regs); err != nil {
		return 0, err
	}
	if e := -int64(regs.Rax); e > 0 && e < PageSize {
		return 0, unix.Errno(e)
	}
	return regs.Rax, nil
}

// xstate is the register set of FP, SSE and AVX for PTRACE_GETREGSET.
const xstate = 0x202

// maxFP is more than the state of any processor's registers.
const maxFP = 16 * 1024

func (s *tracee) getFP() ([]byte, error) {
	n := len(s.fresh)
	if n == 0 {
		n = maxFP
	}
	state := make([]byte, n)
	n, err := s.regset(unix.PTRACE_GETREGSET, state)
	if err != nil || n < fpLegacy {
		return nil, err
	}
	clear(state[fpSoftware:fpLegacy])
	return state[:n:n], nil
}

func (s *tracee) setFP(state []byte) error {
	mine, err := s.getFP()
	if err != nil {
		return err
	}
	if len(state) < fpLegacy {
		return errFP
	}
	clear(mine[copy(mine, state):])
	_, err = s.regset(unix.PTRACE_SETREGSET, mine)
	return err
}

func (s *tracee) regset(request int, state []byte) (int, error) {
	iov := unix.Iovec{Base: &state[0], Len: uint64(len(state))}
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(s.pid), xstate, uintptr(unsafe.Pointer(&iov)), 0, 0)
	return int(iov.Len), ptraceError(e)
}
