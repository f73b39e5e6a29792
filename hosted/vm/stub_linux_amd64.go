package vm

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The stub is the program that the host runs for a space: one page, far from what
// programs have, with the instructions by which the space makes system calls of
// the host when it is mapped, SYSCALL and INT3.
const (
	stubAddr = 0x600000000000
	stubCode = stubAddr + stubText
	stubText = 0x100 // offset of the instructions

	userTop = 0x7ffffffff000 // above is the kernel's
)

// startStub runs the stub, traced, with the memory as its descriptor 0: from a file
// in memory, and where those may not be executed from a temporary one.
func startStub(mem *Memory) (pid int, err error) {
	fd, err := unix.MemfdCreate("stub", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3 all can be executed
		fd, err = unix.MemfdCreate("stub", unix.MFD_CLOEXEC)
	}
	if err == nil {
		pid, err = forkStub(os.NewFile(uintptr(fd), "stub"), fmt.Sprintf("/proc/self/fd/%d", fd), mem)
	}
	if err == nil {
		return pid, nil
	}
	f, tmpErr := os.CreateTemp("", "ufo")
	if tmpErr != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	if err := f.Chmod(0o500); err != nil {
		f.Close()
		return 0, err
	}
	return forkStub(f, f.Name(), mem)
}

// forkStub writes the stub to a file, which it closes, and runs it.
func forkStub(f *os.File, name string, mem *Memory) (pid int, err error) {
	defer f.Close()
	if _, err := f.Write(stubELF()); err != nil {
		return 0, err
	}
	if !strings.HasPrefix(name, "/proc") { // a file that is open for writing cannot be executed
		f.Close()
	}
	pid, err = syscall.ForkExec(name, []string{"ufo: process"}, &syscall.ProcAttr{
		Files: []uintptr{mem.file.Fd()},
		Sys:   &syscall.SysProcAttr{Ptrace: true, Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	return pid, os.NewSyscallError("exec", err)
}

// stubELF returns the smallest program: a header of ELF, one of a segment, the
// instructions.
func stubELF() []byte {
	le := binary.LittleEndian
	b := make([]byte, PageSize)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)        // executable
	le.PutUint16(b[18:], 62)       // amd64
	le.PutUint32(b[20:], 1)        // version
	le.PutUint64(b[24:], stubCode) // entry
	le.PutUint64(b[32:], 64)       // program headers
	le.PutUint16(b[52:], 64)       // size of this header
	le.PutUint16(b[54:], 56)       // of a program header
	le.PutUint16(b[56:], 2)        // how many
	ph := b[64:]
	le.PutUint32(ph, 1)     // load
	le.PutUint32(ph[4:], 5) // readable and executable
	le.PutUint64(ph[16:], stubAddr)
	le.PutUint64(ph[24:], stubAddr)
	le.PutUint64(ph[32:], PageSize)
	le.PutUint64(ph[40:], PageSize)
	le.PutUint64(ph[48:], PageSize)
	ph = ph[56:]
	le.PutUint32(ph, 0x6474e551) // the stack is not executable
	le.PutUint32(ph[4:], 6)
	copy(b[stubText:], "\x0f\x05\xcc")
	return b
}
