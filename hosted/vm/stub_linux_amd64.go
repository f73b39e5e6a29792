package vm

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The stub is the program that the host runs for a space: one page, far from what
// programs have, with the instructions by which the space makes system calls of
// the host when it is mapped, SYSCALL and INT3.
const (
	stubAddr = 0x600000000000
	stubTop  = stubAddr + 0x100000      // programs may have what is above
	stubCall = stubAddr + stubText - 16 // SYSCALL and INT3
	stubText = 0x100                    // offset of the instructions of a trapped stub

	stubJumps = 0xa00 // offset of what jumps to it: see patch_linux_amd64.go

	stubClear  = stubAddr + 0xe00                       // where a traced stub goes on of which we let go
	stubRest   = stubClear + uint64(len(clearCode)) - 8 // or here
	stubWaits  = stubClear + uint64(len(clearCode)) - 1
	stubIgnore = stubAddr + 0xf00 // a struct sigaction, that of SIG_IGN

	userTop = 0x7ffffffff000 // above is the kernel's
)

// clearCode makes two calls of munmap, the first with the arguments that it finds,
// the second with R12 and R13; has in BX whether one was an error; and waits.
const clearCode = "\x0f\x05" + // SYSCALL
	"\x48\x89\xc3" + // MOV AX, BX
	"\x4c\x89\xe7" + // MOV R12, DI
	"\x4c\x89\xee" + // MOV R13, SI
	"\xb8\x0b\x00\x00\x00" + // MOV $munmap, AX
	"\x0f\x05" + // SYSCALL
	"\x48\x09\xc3" + // OR AX, BX
	"\xb8\x22\x00\x00\x00" + // MOV $pause, AX
	"\x0f\x05" + // SYSCALL
	"\xcc" // INT3

// startStub runs the stub, with the memory as its descriptor 0, and what else is
// given: from a file in memory, and where those may not be executed from a
// temporary one.
func startStub(mem *Memory, traced bool, files ...uintptr) (pid int, err error) {
	files = append([]uintptr{mem.file.Fd()}, files...)
	image, err := mem.pool.stubImage()
	if err == nil {
		if pid, err = forkStub(fmt.Sprintf("/proc/self/fd/%d", image.Fd()), traced, files); err == nil {
			return pid, nil
		}
	}
	f, tmpErr := os.CreateTemp("", "ufo")
	if tmpErr != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(stubELF())
	if err == nil {
		err = f.Chmod(0o500)
	}
	f.Close() // a file that is open for writing cannot be executed
	if err != nil {
		return 0, err
	}
	return forkStub(f.Name(), traced, files)
}

// stubImage returns a file in memory that has the stub.
func (p *pool) stubImage() (*os.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.image != nil {
		return p.image, nil
	}
	fd, err := unix.MemfdCreate("stub", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3 all can be executed
		fd, err = unix.MemfdCreate("stub", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "stub")
	if _, err := f.Write(stubELF()); err != nil {
		f.Close()
		return nil, err
	}
	p.image = f
	return f, nil
}

// forkStub runs the stub that is in a file.
func forkStub(name string, traced bool, files []uintptr) (pid int, err error) {
	pid, err = syscall.ForkExec(name, []string{"ufo: process"}, &syscall.ProcAttr{
		Files: files,
		Sys:   &syscall.SysProcAttr{Ptrace: traced, Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	return pid, os.NewSyscallError("exec", err)
}

// stubELF returns a small program: the header of ELF, those of its segments, the
// instructions; and the table.
func stubELF() []byte {
	le := binary.LittleEndian
	b := make([]byte, 2*PageSize)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2)                 // executable
	le.PutUint16(b[18:], 62)                // amd64
	le.PutUint32(b[20:], 1)                 // version
	le.PutUint64(b[24:], stubAddr+stubText) // entry
	le.PutUint64(b[32:], 64)                // program headers
	le.PutUint16(b[52:], 64)                // size of this header
	le.PutUint16(b[54:], 56)                // of a program header
	le.PutUint16(b[56:], 3)                 // how many
	ph := b[64:]
	const read, execute = 4, 1
	for i, p := range []struct{ addr, prot uint64 }{{tableAddr, read}, {stubAddr, read | execute}} {
		le.PutUint32(ph, 1) // load
		le.PutUint32(ph[4:], uint32(p.prot))
		le.PutUint64(ph[8:], uint64(PageSize*(1-i)))
		le.PutUint64(ph[16:], p.addr)
		le.PutUint64(ph[24:], p.addr)
		le.PutUint64(ph[32:], PageSize)
		le.PutUint64(ph[40:], PageSize)
		le.PutUint64(ph[48:], PageSize)
		ph = ph[56:]
	}
	le.PutUint32(ph, 0x6474e551) // the stack is not executable
	le.PutUint32(ph[4:], 6)
	copy(b[stubCall-stubAddr:], "\x0f\x05\xcc")
	copy(b[stubText:], trapCode())
	copy(b[stubClear-stubAddr:], clearCode)
	const ignore = 1
	le.PutUint64(b[stubIgnore-stubAddr:], ignore)
	putJumps(b[stubJumps:PageSize], b[PageSize:])
	return b
}
