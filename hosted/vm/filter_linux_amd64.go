package vm

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a trapped stub may ask of the host. The filter sees where the instruction
// is: those of the program are never answered, but become a signal that the stub
// handles. The stub's own get what the stub needs. A program that jumps to them
// gets as much and no more: to wait on the word turn, which harms itself; to go on
// with other registers, which it can do anyway; to close what it was started with.
// Mappings are something else, as the memory has what others have stored: the host
// asks us about each, and we have it made if it is the one that we told the stub
// to make.
var filterCalls = []struct {
	nr     uint32
	args   []uint64 // the first arguments have to be these
	action uint32
}{
	{unix.SYS_FUTEX, []uint64{contextAddr, futexWait}, unix.SECCOMP_RET_ALLOW},
	{unix.SYS_FUTEX, []uint64{contextAddr, futexWake}, unix.SECCOMP_RET_ALLOW},
	{unix.SYS_RT_SIGRETURN, nil, unix.SECCOMP_RET_ALLOW},
	{unix.SYS_MMAP, nil, unix.SECCOMP_RET_USER_NOTIF},
	{unix.SYS_MUNMAP, nil, unix.SECCOMP_RET_USER_NOTIF},
	{unix.SYS_ARCH_PRCTL, useContext[1:3], unix.SECCOMP_RET_ALLOW},
	{unix.SYS_SENDMSG, []uint64{stubSocket}, unix.SECCOMP_RET_ALLOW},
	{unix.SYS_CLOSE, []uint64{stubSocket}, unix.SECCOMP_RET_ALLOW},
	{unix.SYS_CLOSE, []uint64{stubListener}, unix.SECCOMP_RET_ALLOW},
}

// The descriptors of a stub.
const (
	stubMemory   = 0
	stubContext  = 1 // until it is mapped
	stubListener = 1 // then this, until we have it
	stubSocket   = 2 // over which we get it
)

// Offsets in what a filter sees, struct seccomp_data.
const (
	filterNr   = 0
	filterArch = 4
	filterIP   = 8
	filterArgs = 16
)

const archX86 = 0xc000003e // AUDIT_ARCH_X86_64

// newFilter returns the filter as a program of BPF.
func newFilter() []unix.SockFilter {
	const load, mask, equal, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_ALU | unix.BPF_AND | unix.BPF_K,
		unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	var prog []unix.SockFilter
	add := func(code uint16, k uint32) { prog = append(prog, unix.SockFilter{Code: code, K: k}) }
	is := func(off, k uint32) (at int) {
		if add(load, off); off == filterIP {
			add(mask, ^uint32(PageSize-1))
		}
		add(equal, k)
		return len(prog) - 1
	}
	otherwise := func(at ...int) { // they go on here
		for _, i := range at {
			prog[i].Jf = uint8(len(prog) - 1 - i)
		}
	}
	arch, low, high := is(filterArch, archX86), is(filterIP, stubAddr&(1<<32-1)), is(filterIP+4, stubAddr>>32)
	for _, c := range filterCalls {
		tests := []int{is(filterNr, c.nr)}
		for i, arg := range c.args {
			tests = append(tests, is(filterArgs+8*uint32(i), uint32(arg)))
			if i == 0 { // of an int the host takes the low word
				tests = append(tests, is(filterArgs+4, uint32(arg>>32)))
			}
		}
		add(ret, c.action)
		otherwise(tests...)
	}
	otherwise(arch, low, high)
	add(ret, unix.SECCOMP_RET_TRAP)
	return prog
}

// A hostCall is a system call of the host: its number, and the arguments.
type hostCall [7]uint64

// Requests about notifications, and what they take: see the host's seccomp_unotify.
// To wake up in sync is not to wake another processor: who wakes is going to sleep.
const (
	notifRecv       = 0xc0502100
	notifSend       = 0xc0182101
	notifContinue   = 1
	notifSetFlags   = 0x40082104
	notifSyncWakeUp = 1
)

type notification struct {
	id         uint64
	pid, flags uint32
	nr, arch   uint32
	ip         uint64
	args       [6]uint64
}

type notifAnswer struct {
	id         uint64
	val        int64
	err, flags int32
}

// permit waits until the stub has made calls, about each of which the host asks us,
// and has them made. A stub that makes another is lost to its program: it ends.
// Before the last is made, while the stub sleeps in the host, it calls f, if that
// is there. After a kick the stub asks again: also for a call that we have
// answered, if the kick came before the answer did.
func (s *stubProc) permit(list []hostCall, f func()) error {
	end := time.Now().Add(patience)
	for done := 0; ; {
		all := done == len(list)
		ask, err := s.asked(all)
		if err != nil {
			return err
		}
		i := done
		switch {
		case ask.id == 0 && all && s.ours():
			return nil
		case ask.id == 0 && (s.ended() || time.Now().After(end)):
			return s.lost()
		case ask.id == 0:
			continue
		case !all && ask.is(list[i]):
		case i > 0 && ask.is(list[i-1]):
			i--
		default:
			return s.lost()
		}
		if f != nil && i == len(list)-1 {
			f()
		}
		switch s.answer(ask) {
		case 0:
			done = i + 1
		case unix.ENOENT:
		default:
			return s.lost()
		}
	}
}

// asked waits a while for what the host asks: nothing has no id. If all has been
// asked it only looks, after it has waited for our turn.
func (s *stubProc) asked(all bool) (ask notification, err error) {
	wait := int(glance / time.Millisecond)
	if all {
		if s.await(glance) {
			return ask, nil
		}
		wait = 0
	}
	fds := []unix.PollFd{{Fd: int32(s.listener), Events: unix.POLLIN}}
	switch n, err := unix.Poll(fds, wait); {
	case n == 0 || err == unix.EINTR:
		return ask, nil
	case n < 0 || fds[0].Revents&unix.POLLIN == 0:
		return ask, s.lost()
	}
	switch s.notif(notifRecv, unsafe.Pointer(&ask)) {
	case 0:
		return ask, nil
	case unix.ENOENT, unix.EINTR:
		return notification{}, nil
	}
	return ask, s.lost()
}

// answer lets the host make the call that it asks about: ENOENT if a kick came first.
func (s *stubProc) answer(ask notification) unix.Errno {
	answer := notifAnswer{id: ask.id, flags: notifContinue}
	for {
		if e := s.notif(notifSend, unsafe.Pointer(&answer)); e != unix.EINTR {
			return e
		}
	}
}

// is reports whether it is about a call.
func (n *notification) is(c hostCall) bool {
	return uint64(n.nr) == c[0] && n.args == [6]uint64(c[1:])
}

func (s *stubProc) notif(request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(s.listener), request, uintptr(arg))
	return e
}

// message writes the structures for a sendmsg that sends the listener, and
// returns the address of the first.
func (s *stubProc) message(off int) uint64 {
	const length, control = 8, 24
	data := contextAddr + uint64(off)
	iov := s.put(off+8, data, length)
	cmsg := s.put(off+32, unix.SizeofCmsghdr+4, unix.SOL_SOCKET|unix.SCM_RIGHTS<<32, stubListener)
	return s.put(off+64, 0, 0, iov, 1, cmsg, control, 0)
}

// receive takes the listener from the socket.
func receive(socket int) (int, error) {
	b, oob := make([]byte, 8), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, b, oob, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
	if err != nil {
		return -1, err
	}
	if n < unix.SizeofCmsghdr+4 {
		return -1, unix.EBADF
	}
	return int(binary.LittleEndian.Uint32(oob[unix.SizeofCmsghdr:])), nil
}
