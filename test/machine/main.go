//go:build linux

// Machine runs a program for Linux in a machine that is emulated, and so can do
// what this one, or who it belongs to, does not let its programs do: run code of 32
// bits.
//
//	go run ./test/machine [-v] [-kernel file] [-with name] ... program [argument ...]
//	go test -exec 'go run ufo/test/machine' ./hosted/vm
//
// The program is linked statically, as those of Go are with CGO_ENABLED=0. It is
// root, in the folder where this one is, of which it has a copy, as of what -with
// names: files and folders, which have the names that they have here. Its
// environment is ours, and its exit status becomes ours. It has no input.
//
// That takes a kernel of Linux and qemu: in Debian, the packages
// linux-image-cloud-amd64 and qemu-system-x86. A kernel that is not in /boot can be
// given by -kernel. Without the host's help, which few give to a guest, the
// machine is some twenty times as slow as this one, and its beginning takes five to
// ten seconds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

const packages = "qemu-system-x86 and linux-image-cloud-amd64 of Debian have them"

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func main() {
	if os.Getpid() == 1 {
		begin()
	}
	kernel := flag.String("kernel", "", "boot this file; default: the last in /boot")
	memory := flag.String("m", "2G", "memory of the machine")
	verbose := flag.Bool("v", false, "print what its kernel says")
	var with list
	flag.Var(&with, "with", "it has this file or folder, too")
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	status, err := run(*kernel, *memory, *verbose, with, flag.Args())
	if err != nil {
		fmt.Fprintf(os.Stderr, "machine: %v\n", err)
		os.Exit(1)
	}
	os.Exit(status)
}

// run boots a machine whose first program is this one, and returns the exit status
// of what it was to run.
func run(kernel, memory string, verbose bool, with, args []string) (int, error) {
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		return 0, fmt.Errorf("no qemu-system-x86_64: %s", packages)
	}
	if kernel == "" {
		const pattern = "/boot/vmlinuz-*"
		names, _ := filepath.Glob(pattern)
		if len(names) == 0 {
			return 0, fmt.Errorf("no %s: %s", pattern, packages)
		}
		kernel = names[len(names)-1]
	}
	dir, err := os.MkdirTemp("", "machine")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	files, status, console := filepath.Join(dir, "files"), filepath.Join(dir, "status"), filepath.Join(dir, "console")
	if err := pack(files, with, args); err != nil {
		return 0, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM)
	defer stop()
	// A check of the timer fails where the machine gets little of a processor.
	cmd := exec.CommandContext(ctx, qemu, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		"-accel", accelerator(), "-cpu", "max", "-smp", "2", "-m", memory,
		"-kernel", kernel, "-initrd", files, "-append", "console=ttyS0 quiet panic=-1 ia32_emulation=1 no_timer_check",
		"-serial", "file:"+console, "-serial", "stdio", "-serial", "file:"+status)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	runtime.LockOSThread() // with which the machine ends
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = cmd.Run()
	said, _ := os.ReadFile(console)
	if verbose {
		os.Stderr.Write(said)
	}
	if err != nil {
		return 0, err
	}
	b, err := os.ReadFile(status)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("the machine ended before its program did: its kernel said\n%s", said)
	}
	return n, nil
}

// accelerator returns what executes the instructions: the host's processor, if it
// may.
func accelerator() string {
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return "tcg,thread=multi"
	}
	f.Close()
	return "kvm"
}
