package vm

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A stubProc is the process of the host in which trapped programs run, one after
// the other.
type stubProc struct {
	mem      *Memory
	pid      int
	shared   []byte // its context
	has      layout // of an idle one: what is mapped; nil: that is not known
	listener int    // where the host asks about its mappings; -1 before
	fresh    []byte // the context as it was before there was a program
	our      spinner
	their    spinner

	mu   sync.Mutex // guards gone
	gone bool       // pid is nobody's any more
}

// How long we sleep before we look whether a stub is still there, and how long it
// may leave us without an answer that costs it nothing.
const (
	glance   = 100 * time.Millisecond
	patience = 3 * time.Second
)

// newStub starts a stub.
func newStub(mem *Memory) (*stubProc, error) {
	shared, file, err := newContext()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s := &stubProc{mem: mem, shared: shared, listener: -1}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		s.end()
		return nil, os.NewSyscallError("socketpair", err)
	}
	defer unix.Close(pair[0])
	mem.pool.onThread(func() {
		s.pid, err = startStub(mem, false, file.Fd(), uintptr(pair[1]))
	})
	unix.Close(pair[1])
	if err == nil {
		err = s.prepare(pair[0])
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// trapSignals are what a stub handles.
var trapSignals = []unix.Signal{
	unix.SIGSYS, unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, kick,
}

// prepare lets the stub give up what it has of the host, and handle signals. The
// last call is one that it may not make: it becomes a signal, and what the host
// puts on the handler's stack is where programs begin.
func (s *stubProc) prepare(socket int) error {
	calls := append(unmapAll(),
		hostCall{unix.SYS_MUNMAP, stubAddr + PageSize, contextAddr - stubAddr - PageSize},
		useContext,
		hostCall{unix.SYS_CLOSE, stubContext},
		hostCall{unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0},
		hostCall{unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1},
		hostCall{unix.SYS_SETRLIMIT, unix.RLIMIT_CORE, s.put(scratch, 0, 0)},
		hostCall{unix.SYS_SIGALTSTACK, s.put(scratch+0x10, contextAddr+handlerBase, 0, contextLen-handlerBase), 0},
	)
	const siginfo, onstack, restorer, restart, all = 0x4, 0x08000000, 0x04000000, 0x10000000, ^uint64(0)
	action := s.put(scratch+0x30, stubHandler, siginfo|onstack|restorer|restart, stubHandler, all)
	for _, sig := range trapSignals {
		calls = append(calls, hostCall{unix.SYS_RT_SIGACTION, uint64(sig), action, 0, 8})
	}
	filter := newFilter()
	at := s.put(scratch+0x160, 0)
	copy(s.shared[at-contextAddr:calls0], unsafe.Slice((*byte)(unsafe.Pointer(&filter[0])), 8*len(filter)))
	prog := s.put(scratch+0x50, uint64(len(filter)), at)
	calls = append(calls,
		hostCall{unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, prog},
		hostCall{unix.SYS_SENDMSG, stubSocket, s.message(scratch + 0x60)},
		hostCall{unix.SYS_CLOSE, stubSocket},
		hostCall{unix.SYS_CLOSE, stubListener},
	)
	if err := s.call(calls...); err != nil {
		return err
	}
	listener, err := receive(socket)
	if err != nil {
		return err
	}
	s.begin(hostCall{unix.SYS_GETPID})
	if err := s.wait(); err != nil {
		return err
	}
	s.listener = listener
	unix.Syscall(unix.SYS_IOCTL, uintptr(listener), notifSetFlags, notifSyncWakeUp) // from Linux 6.6 on
	f, err := s.frame()
	if err != nil || f.signal() != unix.SIGSYS {
		return errors.New("the host answers what it should not")
	}
	if err := s.keep(); err != nil {
		return err
	}
	s.fresh = append([]byte(nil), s.shared[:handlerBase]...)
	return nil
}

// trappedSpans are where a program can have something mapped.
var trappedSpans = []span{
	{PageSize, tableAddr},
	{tableAddr + PageSize, stubAddr},
	{contextAddr + contextLen, userTop},
}

// unmapAll returns the calls that take away all that is there.
func unmapAll() (list []hostCall) {
	for _, s := range trappedSpans {
		list = append(list, hostCall{unix.SYS_MUNMAP, s.addr, s.end - s.addr})
	}
	return list
}

// useContext makes the context what GS points to: ARCH_SET_GS.
var useContext = hostCall{unix.SYS_ARCH_PRCTL, 0x1001, contextAddr}

// begin has the stub make system calls.
func (s *stubProc) begin(list ...hostCall) {
	s.ask(list...)
	s.give()
}

// ask writes down which.
func (s *stubProc) ask(list ...hostCall) {
	for i, c := range list {
		s.put(calls0+64*i, c[:]...)
		s.put(calls0+64*i+56, ^uint64(0))
	}
	c := s.context()
	c.op, c.left, c.next = opCall, uint32(len(list)), contextAddr+calls0
}

// result returns the error of one of them.
func (s *stubProc) result(i int) error {
	if e := -int64(s.get(calls0 + 64*i + 56)); e > 0 && e < PageSize {
		return fmt.Errorf("call %d of the stub: %w", s.get(calls0+64*i), unix.Errno(e))
	}
	return nil
}

// call has the stub make system calls, and returns the error of the first that had
// one.
func (s *stubProc) call(list ...hostCall) error {
	for len(list) > maxCalls {
		if err := s.call(list[:maxCalls]...); err != nil {
			return err
		}
		list = list[maxCalls:]
	}
	s.begin(list...)
	wait := s.wait
	if s.listener >= 0 {
		wait = func() error { return s.permit(list, nil) }
	}
	if err := wait(); err != nil {
		return err
	}
	for i := range list {
		if err := s.result(i); err != nil {
			return err
		}
	}
	return nil
}

// wait waits until it is our turn.
func (s *stubProc) wait() error {
	for n := patience; !s.await(glance); n -= glance {
		if s.ended() || n < 0 {
			return s.lost()
		}
	}
	return nil
}

// ended reports whether the process has ended.
func (s *stubProc) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gone {
		pid, err := unix.Wait4(s.pid, nil, unix.WNOHANG, nil)
		s.gone = pid == s.pid || err == unix.ECHILD
	}
	return s.gone
}

// lost ends a stub that does not do what it should.
func (s *stubProc) lost() error {
	s.kill()
	return ErrGone
}

// kick sends the stub the signal of Kick.
func (s *stubProc) kick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gone {
		unix.Kill(s.pid, kick)
	}
}

func (s *stubProc) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || s.pid == 0 {
		return
	}
	unix.Kill(s.pid, unix.SIGKILL)
	for {
		if _, err := unix.Wait4(s.pid, nil, 0, nil); err != unix.EINTR {
			break
		}
	}
	s.gone = true
}

// end gives back what the stub has.
func (s *stubProc) end() {
	s.kill()
	unix.Munmap(s.shared)
	if s.listener >= 0 {
		unix.Close(s.listener)
	}
}

// reset makes the stub what it was before there was a program, but for what is
// mapped, where that is known: then the call that it makes takes nothing away. When
// the host asks about the last, nothing of the program can run any more: then the
// context is put in order too, but for the handler's stack, where a kick may have
// arrived.
func (s *stubProc) reset() error {
	list := []hostCall{{unix.SYS_MUNMAP, stubAddr + PageSize, PageSize}}
	if s.has == nil {
		list = unmapAll()
	}
	s.begin(list...)
	err := s.permit(list, func() {
		copy(s.shared[8:], s.fresh[8:])
		s.ask(list[len(list)-1], useContext)
	})
	if err != nil {
		return err
	}
	if c := s.context(); c.frame != contextAddr+frame0 || s.result(0) != nil || s.result(1) != nil {
		return s.lost()
	}
	return nil
}
