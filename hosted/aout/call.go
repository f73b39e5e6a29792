package aout

import (
	"math"

	"ufo/ninep"
)

// A call is a system call of Plan 9. It returns the result; with an error that is
// -1, and the error becomes the process's error string.
type call struct {
	name string
	f    func(t *task, a args) (uint64, error)
}

// A calltable has the system calls by their numbers.
type calltable [54]call

// newCalls returns the system calls of sys.h of 9front. It is no variable, as they
// begin programs, which make system calls.
func newCalls() *calltable {
	return &calltable{
		0:  {"sysr1", func(*task, args) (uint64, error) { return 0, ninep.ErrPerm }},
		1:  {"_errstr", oldErrstr},
		2:  {"bind", bind},
		3:  {"chdir", chdir},
		4:  {"close", closefd},
		5:  {"dup", dup},
		6:  {"alarm", alarm},
		7:  {"exec", exec},
		8:  {"exits", exits},
		9:  {"_fsession", oldFsession},
		10: {"fauth", fauth},
		11: {"_fstat", oldFstat},
		12: {"segbrk", segbrk},
		13: {"_mount", oldMount},
		14: {"open", open},
		15: {"_read", read},
		16: {"oseek", oseek},
		17: {"sleep", sleep},
		18: {"_stat", oldStat},
		19: {"rfork", rfork},
		20: {"_write", write},
		21: {"pipe", pipe},
		22: {"create", create},
		23: {"fd2path", fd2path},
		24: {"brk_", brk},
		25: {"remove", remove},
		26: {"_wstat", oldWstat},
		27: {"_fwstat", oldFwstat},
		28: {"notify", notify},
		29: {"noted", noted},
		30: {"segattach", segattach},
		31: {"segdetach", segdetach},
		32: {"segfree", segfree},
		33: {"segflush", segflush},
		34: {"rendezvous", rendezvous},
		35: {"unmount", unmount},
		36: {"_wait", oldWait},
		37: {"semacquire", semacquire},
		38: {"semrelease", semrelease},
		39: {"seek", seek},
		40: {"fversion", fversion},
		41: {"errstr", errstr},
		42: {"stat", stat},
		43: {"fstat", fstat},
		44: {"wstat", wstat},
		45: {"fwstat", fwstat},
		46: {"mount", mount},
		47: {"await", await},
		50: {"pread", pread},
		51: {"pwrite", pwrite},
		52: {"tsemacquire", tsemacquire},
		53: {"_nsec", nsec},
	}
}

// called makes the system call that the program has come to, if it does not stop
// first and is then to be frozen.
func (t *task) called() error {
	begin := t.p.BeginCall()
	nr := t.regs.BP
	if t.narrow {
		nr = t.regs.AX
	}
	if !begin {
		t.pending = int(uint32(nr)) + 1
		return nil
	}
	if err := t.settle(); err != nil {
		return err
	}
	t.call(nr)
	return nil
}

// call makes a system call, or begins one that is made again when there is time:
// who wants to see its end does so when it is over.
func (t *task) call(nr uint64) {
	t.syscall(nr)
	if t.pending == 0 {
		t.p.EndCall()
	}
}

// syscall makes the system call with a number and gives the program the result.
func (t *task) syscall(nr uint64) {
	defer t.unpin()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case ninep.Error: // of an argument, or for want of memory
			t.fail(r)
		case mistake:
			t.fail(ninep.ErrBadArg)
			t.trap(string(r))
		default:
			if !t.starved(r) {
				panic(r)
			}
			t.fail(errNoMemory)
		}
	}()
	if nr = uint64(uint32(nr)); nr >= uint64(len(t.calls)) || t.calls[nr].f == nil {
		t.fail(ninep.ErrBadArg)
		t.trap("sys: bad sys call")
		return
	}
	a := args{t: t, at: t.regs.SP + uint64(t.word)}
	v, err := t.make(nr, a)
	switch {
	case err == restored:
	case err != nil:
		t.fail(err)
	default:
		t.regs.AX = v
	}
}

// starved reports whether a panic means that the host, or an account, has no memory
// for what the program shall have.
func (t *task) starved(r any) bool {
	if r == errNoMemory {
		return true
	}
	fault, ok := r.(interface{ Addr() uintptr }) // of a runtime.Error
	return ok && t.mem.Has(fault.Addr())
}

// restored is what noted gives: the registers, all of them, are another moment's.
const restored = ninep.Error("registers restored")

// fail makes the system call return -1.
func (t *task) fail(err error) {
	t.p.Errstr(err.Error())
	t.regs.AX = math.MaxUint64
	if t.narrow {
		t.regs.AX = math.MaxUint32
	}
}

// args are the arguments of a system call, on the program's stack. What the C
// compiler pushes takes at least a word, and of a word only its int may count.
type args struct {
	t  *task
	at uint64
}

// ptr returns the ith word.
func (a args) ptr(i int) uint64 { return a.t.getWord(a.at + uint64(i*a.t.word)) }

// even returns the ith word, the address of numbers.
func (a args) even(i int) uint64 {
	at := a.ptr(i)
	if at%4 != 0 {
		panic(oddAddress)
	}
	return at
}

// int returns the ith word as an int.
func (a args) int(i int) int { return int(int32(a.ptr(i))) }

// long returns the vlong that begins at the ith word.
func (a args) long(i int) int64 {
	v := a.ptr(i)
	if a.t.narrow {
		v |= a.ptr(i+1) << 32
	}
	return int64(v)
}

// maxName is how long a string may be that is no argument of a program, with its
// NUL: that takes memory of ours.
const maxName = 1 << 16

// str returns the string that the ith word points to.
func (a args) str(i int) string {
	s, ok := a.t.str(a.ptr(i), maxName)
	if !ok {
		panic(ninep.ErrTooLong)
	}
	return s
}

// name returns the file's name that the ith word points to.
func (a args) name(i int) string { return a.t.path(a.str(i)) }

// mode returns the ith word as the mode of an open.
func (a args) mode(i int) ninep.Mode {
	m := a.int(i)
	if m>>16 != 0 {
		panic(ninep.ErrBadArg)
	}
	return ninep.Mode(m)
}

// buf returns the memory that the ith word points to, of the length that the
// jth says.
func (a args) buf(i, j int) []byte { return a.t.buf(a.ptr(i), a.int(j)) }

// room is buf for what the system call writes there. It looks at each word once:
// who shares the memory may change them.
func (a args) room(i, j int) []byte {
	at, n := a.ptr(i), a.int(j)
	b := a.t.buf(at, n)
	if len(b) > 0 {
		a.t.room(at, uint64(n))
	}
	return b
}

// buf returns n bytes at an address that are read or written when the system call
// has waited.
func (t *task) buf(at uint64, n int) []byte {
	if n < 0 {
		panic(badAddress)
	}
	if n == 0 {
		return nil
	}
	return t.pin(at, uint64(n))
}
