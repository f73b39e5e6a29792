package vm

import (
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pongVar asks this program to be the other side of BenchmarkFloor: a file, its
// descriptor 3, has the word.
const pongVar = "PONG"

func TestMain(m *testing.M) {
	if os.Getenv(pongVar) != "" {
		word, err := sharedWord(3)
		for err == nil {
			for atomic.LoadUint32(word) == 0 {
				futex(word, futexWait, 0, nil)
			}
			atomic.StoreUint32(word, 0)
			futex(word, futexWake, 1, nil)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func sharedWord(fd int) (*uint32, error) {
	b, err := unix.Mmap(fd, 0, PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return (*uint32)(unsafe.Pointer(&b[0])), nil
}

// BenchmarkFloor is what no platform can do without: a system call of the host's;
// and to wake a process by a futex and to sleep until it has done the same.
func BenchmarkFloor(b *testing.B) {
	b.Run("getppid", func(b *testing.B) {
		for b.Loop() {
			unix.Getppid()
		}
	})
	b.Run("futex", func(b *testing.B) {
		_, file, err := newContext()
		if err != nil {
			b.Fatal(err)
		}
		word, err := sharedWord(int(file.Fd()))
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), pongVar+"=1")
		cmd.ExtraFiles = []*os.File{file}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer cmd.Wait()
		defer cmd.Process.Kill()
		for b.Loop() {
			atomic.StoreUint32(word, 1)
			futex(word, futexWake, 1, nil)
			for atomic.LoadUint32(word) == 1 {
				futex(word, futexWait, 1, nil)
			}
		}
	})
}

// BenchmarkFault is an access to memory that is not there.
func BenchmarkFault(b *testing.B) { eachBench(b, benchFault) }

func benchFault(b *testing.B, platform Platform) {
	s, r, _, _ := run(b, platform, "\x48\x8b\x04\x25\x00\x00\x50\x00", nil)
	for b.Loop() {
		if ev, err := s.Run(r); err != nil || ev.Trap != NotMapped {
			b.Fatal(ev, err)
		}
	}
}

// BenchmarkMap gives a program the page that it accesses, and takes it away.
func BenchmarkMap(b *testing.B) { eachBench(b, benchMap) }

func benchMap(b *testing.B, platform Platform) {
	s, r, _, _ := run(b, platform, "\x48\x8b\x04\x25\x00\x00\x50\x00\x0f\x05\xeb\xf4", nil)
	for b.Loop() {
		if err := s.Map(0x500000, Extent{0, PageSize}, R); err != nil {
			b.Fatal(err)
		}
		if ev, err := s.Run(r); err != nil || ev.Kind != Syscall {
			b.Fatal(ev, err)
		}
		if err := s.Unmap(0x500000, PageSize); err != nil {
			b.Fatal(err)
		}
		if ev, err := s.Run(r); err != nil || ev.Trap != NotMapped {
			b.Fatal(ev, err)
		}
	}
}
