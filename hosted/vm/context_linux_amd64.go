package vm

import (
	"bytes"
	"encoding/binary"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Where a trapped stub has its context, memory that it shares with us, and what is
// where in it: first a context, then what the host is given when the stub begins,
// calls, and a frame, see [frame], which we write; the rest is the stack on which
// the host writes what a program was doing when it stopped.
const (
	contextAddr = stubAddr + 0x10000
	contextLen  = 0x10000
	scratch     = 0x100
	calls0      = 0x800
	maxCalls    = (frame0 - calls0) / 64
	frame0      = 0x1000
	handlerBase = 0x6000

	stubEntry   = stubAddr + stubText
	stubHandler = stubEntry + 32
	stubLight   = stubEntry + 64
	stubClock   = stubEntry + 96
)

// A context is how a stub and we talk: one of the two has its turn, and only he
// may touch the rest.
type context struct {
	turn  uint32 // see below
	op    uint32 // what the stub shall do
	spin  uint32 // how often it looks at turn before it sleeps
	left  uint32 // of opCall: how many calls
	frame uint64 // where the host has put the registers
	next  uint64 // where the next call is

	kind    uint32     // why it is our turn, after the program ran
	pending uint32     // the stub was kicked, not the program
	fp      uint64     // of opSave: where to
	fpMask  uint64     // and what of it, as XSAVE has it
	_       uint64     //
	regs    [17]uint64 // of kindLight and opLight: see [light]

	watch atomic.Uint32 // the descriptor of a clock and 1: see [Clock]
}

// The values of turn: whose it is, and whether the other sleeps.
const (
	ours       = 0
	theirs     = 1
	oursAsleep = 2 // the stub has to be woken
	theirsWait = 3 // we have
)

// The values of op.
const (
	opResume = 0 // go on with the registers in the frame
	opCall   = 1 // make system calls
	opLight  = 2 // go on with the registers in the context
	opSave   = 3 // store the floating point registers
)

// The values of kind.
const (
	kindFrame  = 0 // the registers are in the frame
	kindLight  = 1 // they are in the context
	kindKicked = 2 // they are as they were
)

// spins is how often a side looks for its turn before it sleeps: about as long as
// it takes to put it to sleep and to wake it. Where nobody else can run meanwhile
// it is of no use.
const spins = 400

// newContext returns the context of a stub, and the file that the stub maps.
func newContext() ([]byte, *os.File, error) {
	fd, err := unix.MemfdCreate("context", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "context")
	if err := f.Truncate(contextLen); err != nil {
		f.Close()
		return nil, nil, err
	}
	b, err := unix.Mmap(fd, 0, contextLen, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		f.Close()
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return b, f, nil
}

// stub is the program of a trapped stub: see trap_linux_amd64.s. It does not run
// here.
//
//lint:ignore U1000 its text is copied
func stub()

// stubCode returns where it is.
func stubCode() *[PageSize]byte

// spin looks at turn n times, or until it is ours.
func spin(turn *uint32, n int)

// trapCode returns the instructions of a trapped stub.
func trapCode() []byte {
	code := stubCode()[:]
	return code[:bytes.Index(code, []byte("end!"))]
}

// context returns the words at the beginning of the context.
func (s *stubProc) context() *context { return (*context)(unsafe.Pointer(&s.shared[0])) }

// A spinner decides how often one side looks for its turn before it sleeps. While
// the other runs on a processor of its own that saves both a switch of context;
// where it cannot, or takes long, looking is in vain and is tried ever more
// seldom.
type spinner struct{ rest, pause int }

const maxPause = 256

// times returns how often to look.
func (p *spinner) times() int {
	if p.rest > 0 {
		p.rest--
		return 0
	}
	return spins
}

// result learns whether that was long enough.
func (p *spinner) result(times int, ok bool) {
	switch {
	case times == 0:
	case ok:
		p.pause = 0
	default:
		p.pause = min(2*p.pause+8, maxPause)
		p.rest = p.pause
	}
}

// give lets the stub have its turn.
func (s *stubProc) give() {
	c := s.context()
	looked := int(c.spin)
	c.spin = uint32(s.their.times())
	old := atomic.SwapUint32(&c.turn, theirs)
	if old == oursAsleep {
		unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&c.turn)), futexWake, 1, 0, 0, 0) // it does not wait
	}
	s.their.result(looked, old == ours)
}

// ours reports whether it is our turn.
func (s *stubProc) ours() bool { return atomic.LoadUint32(&s.context().turn)&1 == 0 }

// await waits a while until it is our turn: false if it is not. A goroutine that
// waits is in a system call, so that others run.
func (s *stubProc) await(long time.Duration) bool {
	turn := &s.context().turn
	if n := s.our.times(); n > 0 {
		spin(turn, n)
		ok := s.ours()
		if s.our.result(n, ok); ok {
			return true
		}
	}
	atomic.CompareAndSwapUint32(turn, theirs, theirsWait)
	ts := unix.NsecToTimespec(int64(long))
	futex(turn, futexWait, theirsWait, &ts)
	return s.ours()
}

// What the system call futex does.
const (
	futexWait = 0
	futexWake = 1
)

func futex(word *uint32, op int, v uint32, timeout *unix.Timespec) {
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), uintptr(op), uintptr(v), uintptr(unsafe.Pointer(timeout)), 0, 0)
}

// put writes words to the context at an offset, and returns their address there.
func (s *stubProc) put(off int, words ...uint64) uint64 {
	for i, w := range words {
		binary.LittleEndian.PutUint64(s.shared[off+8*i:], w)
	}
	return contextAddr + uint64(off)
}

// get returns the word of the context at an offset.
func (s *stubProc) get(off int) uint64 { return binary.LittleEndian.Uint64(s.shared[off:]) }
