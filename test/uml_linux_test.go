package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// User-mode Linux is a kernel of Linux that is a program of the host. Here its
// root is the host's tree, to be read, and its first process is this test again:
// so a test can have what only a kernel can give, and be nobody on the host.
const (
	umlKernel  = "linux.uml"
	umlModules = "/usr/lib/uml/modules/"
	umlGuest   = "UFO_GUEST"          // is set for the first process
	umlHost    = "UFO_HOST"           // is the kernel for whom is to become it
	umlEnd     = "guest: exit status" // what it prints at the end
	umlTime    = 4 * time.Minute

	// Programs do without what it does not keep: see umlExec.
	umlOldGo = "GODEBUG=cpu.avx=off,cpu.avx2=off,cpu.avx512f=off,cpu.avx512bw=off,cpu.avx512vl=off"
	umlOldC  = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX_Fast_Unaligned_Load"
)

func TestMain(m *testing.M) {
	if kernel := os.Getenv(umlHost); kernel != "" {
		fmt.Println("host:", umlExec(kernel))
		os.Exit(1)
	}
	if os.Getpid() != 1 || os.Getenv(umlGuest) == "" {
		os.Exit(m.Run())
	}
	status := 1
	if err := umlInit(); err != nil {
		fmt.Println("guest:", err)
	} else {
		status = m.Run()
	}
	fmt.Println(umlEnd, status)
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// umlExec becomes the kernel, with the arguments of this program. It may not ask for
// all registers of a process, and asks for those of before: Linux 6.1 has not enough
// room for them where the processor has AMX. So programs there use no AVX.
func umlExec(kernel string) error {
	const number, request, which = 0, 16, 32 // offsets in seccomp_data
	load := func(off uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
	}
	unless := func(k uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jf: skip}
	}
	give := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	const ntX86Xstate = 0x202
	filter := []unix.SockFilter{
		load(number), unless(unix.SYS_PTRACE, 5),
		load(request), unless(unix.PTRACE_GETREGSET, 3),
		load(which), unless(ntX86Xstate, 1),
		give(unix.SECCOMP_RET_ERRNO | uint32(unix.ENODEV)),
		give(unix.SECCOMP_RET_ALLOW),
	}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)), 0, 0); err != nil {
		return err
	}
	os.Unsetenv(umlHost)
	return syscall.Exec(kernel, append([]string{kernel}, os.Args[1:]...), os.Environ())
}

// umlInit makes a system of the kernel that has just booted.
func umlInit() error {
	os.Setenv("HOME", "/tmp")
	os.Setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
	for _, m := range []struct{ kind, dir string }{{"proc", "/proc"}, {"tmpfs", "/tmp"}} {
		if err := unix.Mount(m.kind, m.dir, m.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.dir, err)
		}
	}
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		return err
	}
	dir := umlModules + unix.ByteSliceToString(uts.Release[:]) + "/kernel/"
	for _, name := range []string{"fs/netfs/netfs", "fs/fscache/fscache", "net/9p/9pnet", "net/9p/9pnet_fd", "fs/9p/9p"} {
		f, err := os.Open(dir + name + ".ko")
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// umlRun runs a test of this package in user-mode Linux, and tells what it tells.
// It skips where there is none.
func umlRun(t *testing.T, name string) {
	kernel, err := exec.LookPath(umlKernel)
	if err != nil {
		t.Skip("user-mode Linux is not installed: ", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), umlTime)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, exe, "mem=256M", "quiet", "rootfstype=hostfs", "rootflags=/", "ro", "con=null", "con0=null,fd:1",
		"uml_dir="+t.TempDir(), umlGuest+"=1", umlOldGo, umlOldC, "init="+exe, "--", "-test.run=^"+name+"$", "-test.v", "-test.timeout="+umlTime.String())
	c.Env = append(os.Environ(), umlHost+"="+kernel)
	c.Stdout, c.Stderr = &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.Cancel, c.WaitDelay = kill, time.Second // its threads are processes
	err = c.Run()
	kill()
	_, text, began := strings.Cut(out.String(), "=== RUN")
	if !began {
		t.Fatalf("nothing ran: %v\n%s", err, out.String())
	}
	text, status, ended := strings.Cut(text, umlEnd)
	if !ended || !strings.HasPrefix(status, " 0") {
		t.Fatalf("%v\n%s%s", err, text, status)
	}
	if testing.Verbose() {
		t.Log(text)
	}
}
