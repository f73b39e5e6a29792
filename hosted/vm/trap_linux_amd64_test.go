package vm

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// hostile is a program that goes to the stub's own instruction for system calls,
// and does not come back.
func hostile() string {
	at := uint64(stubEntry + bytes.Index(trapCode(), []byte("\x0f\x05")))
	return "\x48\xbb" + string(binary.LittleEndian.AppendUint64(nil, at)) + "\xff\xe3" // mov rbx, at; jmp rbx
}

// TestHostile lets a program make calls as if it were the stub.
func TestHostile(t *testing.T) {
	for _, row := range []struct {
		name string
		regs Regs
		want Event
	}{
		{"map another's memory", Regs{AX: unix.SYS_MMAP, DI: 0x600000, SI: PageSize, DX: unix.PROT_READ, R10: unix.MAP_SHARED | unix.MAP_FIXED}, Event{Kind: Kicked}},
		{"unmap", Regs{AX: unix.SYS_MUNMAP, DI: 0x400000, SI: PageSize}, Event{Kind: Kicked}},
		{"open a file", Regs{AX: unix.SYS_OPEN, DI: 0x400000}, Event{Kind: Syscall}},
		{"the calls of 32 bits", Regs{AX: 1<<30 | unix.SYS_MMAP}, Event{Kind: Syscall}},
		{"close the memory", Regs{AX: unix.SYS_CLOSE, DI: stubMemory}, Event{Kind: Syscall}},
		{"wake others", Regs{AX: 202, DI: 0x400000, SI: futexWake, DX: 1}, Event{Kind: Syscall}},
		{"move those who wait", Regs{AX: 202, DI: contextAddr, SI: 3, DX: 1}, Event{Kind: Syscall}},
	} {
		t.Run(row.name, func(t *testing.T) {
			// afterwards: mov rax, [0x400000]; syscall; mov rax, [0x600000]
			const look = "\x48\x8b\x04\x25\x00\x00\x40\x00\x0f\x05\x48\x8b\x04\x25\x00\x00\x60\x00"
			s, r, _, _ := run(t, Trapped, "\x0f\x05"+hostile()+look, nil)
			after := *r
			after.IP += uint64(len(hostile()))
			ip := r.IP
			*r = row.regs
			r.IP, r.SP = ip, 0x401000
			if row.want.Kind == Kicked { // once the host asks us
				fds := []unix.PollFd{{Fd: int32(s.(*trapped).stub.listener), Events: unix.POLLIN}}
				go func() {
					unix.Poll(fds, -1)
					s.Kick()
				}()
			}
			ev, err := s.Run(r)
			if ev != row.want || err != nil {
				t.Fatalf("%+v, %v, want %+v", ev, err, row.want)
			}
			for _, want := range []Event{{Kind: Syscall}, {Kind: Fault, Trap: NotMapped, Addr: 0x600000}} {
				if ev, err := s.Run(&after); ev != want || err != nil {
					t.Fatal(ev, err)
				}
			}
		})
	}
}

// TestKickedAsAnswered kicks a stub just when the host asks us about its mappings:
// some of the kicks come between our answer and the host's telling it, so that it
// asks again.
func TestKickedAsAnswered(t *testing.T) {
	s, r, _, _ := run(t, Trapped, callLong+"\xeb\xf5", nil)
	stub := s.(*trapped).stub
	var stop atomic.Bool
	var kicker sync.WaitGroup
	kicker.Go(func() {
		fds := []unix.PollFd{{Fd: int32(stub.listener), Events: unix.POLLIN}}
		for !stop.Load() {
			if n, _ := unix.Poll(fds, 10); n > 0 {
				stub.kick()
			}
		}
	})
	defer kicker.Wait()
	defer stop.Store(true)
	for n := 0; n < 5000; {
		if err := s.Map(0x600000, Extent{0, PageSize}, R); err != nil {
			t.Fatal(err)
		}
		ev, err := s.Run(r)
		if err != nil || ev.Kind == Fault {
			t.Fatal(n, ev, err)
		}
		if ev.Kind == Syscall {
			n++
		}
	}
}

// TestDeaf lets a program go on with signals masked: it is killed when it is kicked.
func TestDeaf(t *testing.T) {
	s, r, _, _ := run(t, Trapped, "\x0f\x05\xeb\xfe", nil)
	f, err := s.(*trapped).stub.frame()
	if err != nil {
		t.Fatal(err)
	}
	f.setMask(^uint64(0))
	s.Kick()
	if ev, err := s.Run(r); err != ErrGone {
		t.Error(ev, err)
	}
}

// TestAgain gives a space that another program had, and finds nothing of it.
func TestAgain(t *testing.T) { each(t, testAgain) }

func testAgain(t *testing.T, platform Platform) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	page, _ := mem.Alloc(PageSize)
	// movq rax, xmm3; syscall; movq xmm3, rsi; mov rax, [0x400000]
	copy(mem.Bytes(page.Off, PageSize), "\x66\x48\x0f\x7e\xd8\x0f\x05\x66\x48\x0f\x6e\xde\x48\x8b\x04\x25\x00\x00\x40\x00\x0f\x05")
	pid, kinds := 0, []Event{{Kind: Syscall}, {Kind: Fault, Trap: NotMapped, Addr: 0x400000}}
	for range 3 {
		s, err := platform(mem)
		if err != nil {
			t.Fatal(err)
		}
		if was := pid; was != 0 && stubPid(s) != was {
			t.Errorf("process %d, then %d", was, stubPid(s))
		}
		pid = stubPid(s)
		if err := s.Map(0x200000, page, R|X); err != nil {
			t.Fatal(err)
		}
		r := &Regs{IP: 0x200000, SP: 0x7ffffffff000, SI: 99}
		for _, want := range kinds {
			ev, err := s.Run(r)
			if ev.Kind == Kicked { // the kick of the one before
				ev, err = s.Run(r)
			}
			if ev != want || err != nil || r.AX != 0 {
				t.Fatalf("%+v, %v, %+v", ev, err, r)
			}
		}
		if err := s.Map(0x400000, page, R|W); err != nil {
			t.Fatal(err)
		}
		if ev, err := s.Run(r); ev.Kind != Syscall || err != nil || r.AX == 0 {
			t.Fatalf("%+v, %v, %+v", ev, err, r)
		}
		s.Kick()
		s.Close()
		s.Kick()
	}
}

// TestIdleGone kills a stub that no program uses: there is another.
func TestIdleGone(t *testing.T) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	for range 3 {
		s, err := Ptrace(mem)
		if err != nil {
			t.Fatal(err)
		}
		pid := stubPid(s)
		s.Close()
		unix.Kill(pid, unix.SIGKILL)
	}
}

// TestGone kills the stub of a program that loops, and of one that is at a call.
func TestGone(t *testing.T) { each(t, testGone) }

func testGone(t *testing.T, platform Platform) {
	s, r, _, _ := run(t, platform, "\x0f\x05\xeb\xfe", nil)
	go unix.Kill(stubPid(s), unix.SIGKILL)
	if ev, err := s.Run(r); err != ErrGone {
		t.Fatal(ev, err)
	}
	if ev, err := s.Run(r); err == nil {
		t.Error("who is gone has run", ev)
	}
	s.Kick()
}

func stubPid(s Space) int {
	if s, ok := s.(*traced); ok {
		if s.start() != nil {
			return 0
		}
		return s.pid
	}
	t := s.(*trapped)
	if t.start() != nil {
		return 0
	}
	return t.stub.pid
}

// TestNothingLeft opens and closes spaces, and looks at what we have of the host.
func TestNothingLeft(t *testing.T) { each(t, testNothingLeft) }

func testNothingLeft(t *testing.T, platform Platform) {
	before := descriptors(t)
	for range 3 {
		mem, err := NewMemory()
		if err != nil {
			t.Fatal(err)
		}
		var list []Space
		for range 10 {
			s, err := platform(mem)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		for _, s := range list {
			s.Close()
		}
		mem.Close()
	}
	if after := descriptors(t); after != before {
		t.Errorf("descriptors %s, before %s", after, before)
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("process %d is left, %v", pid, err)
	}
}

func descriptors(t *testing.T) string {
	maps, err := os.ReadFile("/proc/self/maps") // first: Go opens two with the first file
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range files {
		list = append(list, f.Name())
	}
	return strings.Join(list, " ") + " contexts: " + strconv.Itoa(bytes.Count(maps, []byte("memfd:context")))
}
