package hostexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ufo/hosted/fuse"
)

// shimName is what this program is called, as argument 0, when it is a shim.
const shimName = "ufo: shim"

// shimFD is the descriptor of a shim's socket. Messages from it are a /dev/fuse
// descriptor, "started" and "status n", or "error text"; to it "go" and
// "signal n".
const shimFD = 3

// An order says what a shim shall do.
type order struct {
	At    string // where the name space is: "/", or a directory of the host's tree
	Path  string // of the program
	Dir   string // where it starts
	TTY   bool   // its input is a terminal
	Probe bool   // do nothing but mount
}

// Shim is the first thing that main has to call in a program that uses a
// [Loader]. It returns at once, but not when the Loader has started the program
// anew, in namespaces of its own, to prepare them for a program of the host and
// be its parent there: then it never returns.
//
// For whoever is process 1 of a pid namespace signals have no default action,
// and orphans are to be waited for; most programs are not made for that. When
// the shim ends, so does all that is in the namespace.
func Shim() {
	if len(os.Args) < 2 || os.Args[0] != shimName {
		return
	}
	unix.CloseOnExec(shimFD)
	if err := shim(os.Args[1], os.Args[2:]); err != nil {
		tell("error "+err.Error(), nil)
		os.Exit(1)
	}
	os.Exit(0)
}

// tell sends the parent a message, and a descriptor if there is one.
func tell(msg string, rights []byte) error {
	return unix.Sendmsg(shimFD, []byte(msg), rights, nil, 0)
}

// shim does what an order says, with the program's arguments.
func shim(text string, args []string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	if err := o.enter(); err != nil || o.Probe {
		return err
	}
	runtime.LockOSThread() // whose privileges are not the program's
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("drop privileges: %w", err)
	}
	attr := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: o.TTY}}
	pid, err := syscall.ForkExec(o.Path, args, attr)
	if err != nil {
		return hostError(err)
	}
	for fd := range 3 {
		unix.Close(fd)
	}
	if err := tell("started", nil); err != nil {
		return err
	}
	go obey(pid) // ends with the shim
	return tell("status "+strconv.Itoa(int(reap(pid))), nil)
}

// obey sends the program the signals it is told to.
func obey(pid int) {
	b := make([]byte, 64)
	for {
		n, err := unix.Read(shimFD, b)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			os.Exit(1) // who started us is gone
		}
		num, _ := strings.CutPrefix(string(b[:n]), "signal ")
		if sig, err := strconv.Atoi(num); err == nil {
			unix.Kill(-pid, signal(sig))
		}
	}
}

// reap waits for processes until it is the program that has ended.
func reap(pid int) syscall.WaitStatus {
	for {
		var ws syscall.WaitStatus
		got, err := syscall.Wait4(-1, &ws, 0, nil)
		if got == pid || err != nil && err != syscall.EINTR {
			return ws
		}
	}
}

// stage is a directory that every host has, on which we mount what becomes the
// root. Only this namespace sees that.
const stage = "/tmp"

// enter makes the name space, which our parent serves, visible, and what it is
// part of the root.
func (o order) enter() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return mountError("/", err)
	}
	at := stage
	if o.At != "/" && !o.Probe {
		at = filepath.Join(stage, o.At)
		if err := hostTree(at); err != nil {
			return err
		}
	}
	if err := mountFuse(at); err != nil || o.Probe {
		return err
	}
	if o.At == "/" {
		bindDevices()
	} else {
		mountProc()
	}
	if err := changeRoot(stage); err != nil {
		return err
	}
	if unix.Chdir(o.Dir) != nil { // it may have a name like #c
		return unix.Chdir("/")
	}
	return nil
}

// mountFuse mounts on a directory what our parent serves, and waits for it to
// do that.
func mountFuse(dir string) error {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("/dev/fuse: %w: as root, modprobe fuse; chmod 666 /dev/fuse", err)
	}
	defer unix.Close(fd)
	data := fuse.MountData(fd, uint32(os.Getuid()), uint32(os.Getgid()), fuse.Options{MaxIO: maxIO})
	if err := unix.Mount("ufo", dir, "fuse.ufo", unix.MS_NOSUID|unix.MS_NODEV, data); err != nil {
		return mountError(dir, err)
	}
	if err := tell("fuse", unix.UnixRights(fd)); err != nil {
		return err
	}
	b := make([]byte, 8)
	if n, err := unix.Read(shimFD, b); err != nil || string(b[:n]) != "go" {
		return errors.New("nobody serves the name space")
	}
	return nil
}

// mountError returns why something could not be mounted, and what mends it.
func mountError(dir string, err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("mount on %s: %w: the host restricts users' namespaces; as root, sysctl kernel.apparmor_restrict_unprivileged_userns=0", dir, err)
	}
	return fmt.Errorf("mount on %s: %w", dir, err)
}

// hostTree makes a tree on the stage with all that is in the host's root, and
// the directory at, which need not be there: nobody but root could make it.
func hostTree(at string) error {
	// What is at the stage itself is reached by a descriptor from before.
	under, err := unix.Open(stage, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", stage, err)
	}
	defer unix.Close(under)
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", stage, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return mountError(stage, err)
	}
	for _, e := range entries {
		from := "/" + e.Name()
		if from == stage {
			from = "/proc/self/fd/" + strconv.Itoa(under)
		}
		// What cannot be shown is missing, as it would be for a user who may not see it.
		show(from, stage+"/"+e.Name(), e.Type())
	}
	return os.MkdirAll(at, 0o755)
}

// show makes a file of the host's root visible under another name.
func show(from, to string, kind os.FileMode) error {
	switch {
	case kind&os.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case kind.IsDir():
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
	default:
		f, err := os.Create(to)
		if err != nil {
			return err
		}
		f.Close()
	}
	return unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}

// bindDevices puts devices of the host in the place of files of those names in
// the name space, and its processes where that has an empty directory for them.
func bindDevices() {
	for _, name := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"} {
		if _, err := os.Lstat(stage + name); err == nil {
			unix.Mount(name, stage+name, "", unix.MS_BIND, "") // without it the node's own is there
		}
	}
	if names, err := os.ReadDir(stage + "/proc"); err == nil && len(names) == 0 {
		mountProc()
	}
}

// mountProc shows the processes of this namespace, or where a host does not
// let us, as in some containers, all.
func mountProc() {
	if unix.Mount("proc", stage+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "") != nil {
		unix.Mount("/proc", stage+"/proc", "", unix.MS_BIND|unix.MS_REC, "")
	}
}

// changeRoot makes dir the root, and forgets the old one.
func changeRoot(dir string) error {
	if err := unix.Chdir(dir); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	// The old root is now mounted on the new one.
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount the old root: %w", err)
	}
	return unix.Chdir("/")
}
