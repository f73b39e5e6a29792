package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// User-mode Linux is a kernel of Linux that is a program of the host. Here its
// root is the host's tree, to be read, and its first process is this test again:
// so a test can have what only a kernel can give, and be nobody on the host.
const (
	umlKernel  = "linux.uml"
	umlModules = "/usr/lib/uml/modules/"
	umlGuest   = "UFO_GUEST"          // is set for the first process
	umlEnd     = "guest: exit status" // what it prints at the end
	umlTime    = 4 * time.Minute
)

func TestMain(m *testing.M) {
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
	c := exec.CommandContext(ctx, kernel, "mem=256M", "quiet", "rootfstype=hostfs", "rootflags=/", "ro", "con=null", "con0=null,fd:1",
		"uml_dir="+t.TempDir(), umlGuest+"=1", "init="+exe, "--", "-test.run=^"+name+"$", "-test.v", "-test.timeout="+umlTime.String())
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
