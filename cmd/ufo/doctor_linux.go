package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"ufo/hosted/fuse"
	"ufo/hosted/vm"
)

// hostChecks returns the checks of what Linux has.
func hostChecks() []check {
	return []check{
		{"FUSE", false, fuseTrouble},
		{"fusermount3", false, fusermountTrouble},
		{"user namespaces", false, usernsTrouble},
		{"AppArmor", false, apparmorTrouble},
		{"Plan 9 by trap", false, platformTrouble(vm.Trapped, "that takes Linux 5.5, and in a container the system call seccomp")},
		{"Plan 9 by ptrace", false, platformTrouble(vm.Ptrace, "in a container allow ptrace, as with --cap-add SYS_PTRACE")},
		{"Plan 9 for 386", false, narrowTrouble},
		{"ptrace scope", false, ptraceTrouble},
		{"memfd exec", false, memfdTrouble},
		{"mmap_min_addr", false, lowTrouble},
	}
}

func fuseTrouble(d *doctor) string {
	name := filepath.Join(d.root, "dev/fuse")
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	switch {
	case err == nil:
		f.Close()
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return "no /dev/fuse: no name space can be mounted as host files; modprobe fuse, or run the container with --device /dev/fuse"
	case errors.Is(err, fs.ErrPermission):
		return "not yours to open: no name space can be mounted as host files; chmod 666 /dev/fuse, or in a container allow the device"
	}
	return fmt.Sprintf("%v: no name space can be mounted as host files; modprobe fuse", err)
}

func fusermountTrouble(d *doctor) string {
	if d.uid == 0 {
		return ""
	}
	for _, name := range []string{"fusermount3", "fusermount"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeSetuid == 0 {
			return fmt.Sprintf("%s is not setuid: only root can mount a name space as host files; chmod u+s %s", path, path)
		}
		return ""
	}
	return "none: only root can mount a name space as host files; install fuse3"
}

// usernsTrouble tries to make a user namespace, and to change mounts there.
func usernsTrouble(d *doctor) string {
	const costs = "no host program can have a name space as its root"
	switch {
	case d.proc("sys/user/max_user_namespaces") == "0":
		return "none allowed: " + costs + "; sysctl user.max_user_namespaces=10000"
	case d.uid != 0 && d.proc("sys/kernel/unprivileged_userns_clone") == "0":
		return "for root only: " + costs + "; sysctl kernel.unprivileged_userns_clone=1"
	}
	err := d.try(&syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWUSER,
		Unshareflags: syscall.CLONE_NEWNS, // with this Go makes / private, a change of a mount
		UidMappings:  []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings:  []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}, "")
	switch {
	case err == nil:
		return ""
	case d.proc("sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "restricted by AppArmor: " + costs + "; sysctl kernel.apparmor_restrict_unprivileged_userns=0"
	}
	return fmt.Sprintf("%v: %s; in a container allow unshare, as with --security-opt seccomp=unconfined", err, costs)
}

// apparmorTrouble tells of the one thing of AppArmor's that is in our way. Root
// is not restricted.
func apparmorTrouble(d *doctor) string {
	if d.uid == 0 || d.proc("sys/kernel/apparmor_restrict_unprivileged_userns") != "1" {
		return ""
	}
	return "restricts user namespaces: programs of the host cannot see a name space as their root; sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for ufo with the rule userns"
}

// try runs a program that does nothing: a file, or the host's true.
func (d *doctor) try(how *syscall.SysProcAttr, file string) error {
	if file == "" {
		var err error
		if file, err = exec.LookPath("true"); err != nil {
			return err
		}
	}
	cmd := exec.Command(file)
	cmd.Args = []string{"true"}
	cmd.SysProcAttr = how
	return cmd.Run()
}

// platformTrouble runs a little program for Plan 9 by a platform.
func platformTrouble(p vm.Platform, mends string) func(*doctor) string {
	return func(*doctor) string {
		if err := p.Try(); err != nil {
			return fmt.Sprintf("%v: Plan 9 binaries cannot run that way, see -platform; %s", err, mends)
		}
		return ""
	}
}

// narrowTrouble runs one for 386.
func narrowTrouble(*doctor) string {
	mem, err := vm.NewMemory()
	if err == nil {
		defer mem.Close()
		err = vm.Narrow(mem)
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, vm.ErrNarrow):
		return fmt.Sprintf("%v: Plan 9 binaries for amd64 only; boot Linux with ia32_emulation=1", err)
	}
	return fmt.Sprintf("%v: Plan 9 binaries for 386 cannot run; see Plan 9 by trap", err)
}

func ptraceTrouble(d *doctor) string {
	const costs = "Plan 9 binaries run with -platform trap only"
	switch scope := d.proc("sys/kernel/yama/ptrace_scope"); {
	case scope == "3":
		return "forbidden (kernel.yama.ptrace_scope=3): " + costs + "; sysctl kernel.yama.ptrace_scope=1 after a reboot"
	case scope == "2" && d.uid != 0:
		return "for root only (kernel.yama.ptrace_scope=2): " + costs + "; sysctl kernel.yama.ptrace_scope=1"
	}
	return ""
}

// memfdTrouble tries to run a program that is in memory only.
func memfdTrouble(d *doctor) string {
	const costs = "Plan 9 binaries need a temporary folder that is not mounted noexec"
	program, err := exec.LookPath("true")
	var text []byte
	if err == nil {
		text, err = os.ReadFile(program)
	}
	if err != nil {
		return ""
	}
	fd, err := unix.MemfdCreate("ufo", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL { // before Linux 6.3 all can be run
		fd, err = unix.MemfdCreate("ufo", unix.MFD_CLOEXEC)
	}
	if err == nil {
		f := os.NewFile(uintptr(fd), "memfd")
		defer f.Close()
		if _, err = f.Write(text); err == nil {
			err = d.try(nil, "/proc/self/fd/"+strconv.Itoa(fd))
		}
	}
	switch n := d.proc("sys/vm/memfd_noexec"); {
	case err == nil:
		return ""
	case n == "2":
		return "cannot be run (vm.memfd_noexec=2): " + costs + "; sysctl vm.memfd_noexec=1"
	}
	return fmt.Sprintf("cannot be run: %v: %s", err, costs)
}

// lowest is where the text of a Plan 9 binary for 386 begins.
const lowest = 0x1000

func lowTrouble(d *doctor) string {
	n, err := strconv.Atoi(d.proc("sys/vm/mmap_min_addr"))
	if err != nil || n <= lowest || d.uid == 0 {
		return ""
	}
	return fmt.Sprintf("not below %d: Plan 9 binaries for 386 cannot run, those for amd64 can; sysctl vm.mmap_min_addr=%d", n, lowest)
}

// hostMounts returns how FUSE mounts of dead grids are found and cleared.
func hostMounts() mountTable {
	return mountTable{table: "/proc/self/mountinfo", dead: fuse.Dead, clear: fuse.Clear}
}
