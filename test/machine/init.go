//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// begin is what the first program of the machine does: it runs the command, and
// ends the machine.
func begin() {
	defer syscall.Reboot(syscall.LINUX_REBOOT_CMD_RESTART)
	status, err := do()
	if err == nil {
		err = tell("/dev/ttyS2", status)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "machine: %v\n", err) // the console
	}
}

// do runs the command and returns its exit status.
func do() (int, error) {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := syscall.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return 0, fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	b, err := os.ReadFile(jobName)
	if err != nil {
		return 0, err
	}
	var c command
	if err := json.Unmarshal(b, &c); err != nil {
		return 0, err
	}
	out, err := open("/dev/ttyS1")
	if err != nil {
		return 0, err
	}
	defer out.drain()
	cmd := exec.Cmd{Path: c.Args[0], Args: c.Args, Dir: c.Dir, Env: c.Env, Stdout: out.File, Stderr: out.File}
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if exit.Sys().(syscall.WaitStatus).Signaled() {
			fmt.Fprintln(out, exit)
		}
		return max(exit.ExitCode(), 1), nil // -1 of who was killed
	}
	return 0, err
}

// tell writes the exit status to a line.
func tell(name string, status int) error {
	l, err := open(name)
	if err != nil {
		return err
	}
	defer l.drain()
	_, err = fmt.Fprintln(l, status)
	return err
}

// A line is a serial one.
type line struct{ *os.File }

// open opens a line for what is to leave it as it was written.
func open(name string) (line, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return line{}, err
	}
	var t syscall.Termios
	l := line{f}
	if err := l.ioctl(syscall.TCGETS, uintptr(unsafe.Pointer(&t))); err != nil {
		return line{}, err
	}
	t.Oflag &^= syscall.OPOST
	return l, l.ioctl(syscall.TCSETS, uintptr(unsafe.Pointer(&t)))
}

// drain waits until all that was written has left.
func (l line) drain() {
	const tcsbrk = 0x5409
	l.ioctl(tcsbrk, 1)
}

func (l line) ioctl(request, arg uintptr) error {
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, l.Fd(), request, arg); e != 0 {
		return os.NewSyscallError("ioctl", e)
	}
	return nil
}
