package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"ufo/hosted/tty"
)

// A finding is one line of the doctor: all is well, or what is missing, what
// that costs, and what mends it.
type finding struct {
	what, trouble string
}

// runDoctor looks at what a grid uses of this host.
func runDoctor(c *command) error {
	for _, f := range []finding{
		{"state folder", stateTrouble()},
		{"control socket", socketTrouble()},
		{"terminal", terminalTrouble()},
		{"FUSE", fuseTrouble()},
		{"ptrace", ptraceTrouble()},
	} {
		if f.trouble == "" {
			f.trouble = "ok"
		}
		fmt.Fprintf(c.stdout, "%-15s %s\n", f.what, f.trouble)
	}
	return nil
}

func stateTrouble() string {
	root, err := stateRoot()
	if err == nil {
		err = os.MkdirAll(root, 0700)
	}
	var f *os.File
	if err == nil {
		f, err = os.CreateTemp(root, "doctor")
	}
	if err != nil {
		return fmt.Sprintf("%v: only grids with -mem can run; set UFO_STATE to a folder that can be written", err)
	}
	f.Close()
	os.Remove(f.Name())
	return ""
}

func socketTrouble() string {
	dir, err := os.MkdirTemp("", "ufo")
	if err != nil {
		return fmt.Sprintf("%v: set TMPDIR to a folder that can be written", err)
	}
	defer os.RemoveAll(dir)
	s := &state{name: "doctor", dir: dir}
	l, err := s.listen()
	if err != nil {
		return fmt.Sprintf("%v: ufo con, ps, cut and so on cannot reach a grid; set TMPDIR to a folder on a local disk", err)
	}
	l.Close()
	return ""
}

func terminalTrouble() string {
	if !tty.IsTerminal(os.Stdin) || !tty.IsTerminal(os.Stdout) {
		return "input or output is not a terminal: no line editing; fine for scripts"
	}
	if t := os.Getenv("TERM"); t == "dumb" || t == "" {
		return "TERM is " + t + ": line editing may look odd; set TERM to what the terminal is, such as xterm"
	}
	if _, err := exec.LookPath("stty"); err != nil {
		return "no stty: a terminal is not given back if ufo is killed with -9; install coreutils"
	}
	return ""
}

func fuseTrouble() string {
	if runtime.GOOS != "linux" {
		return "not used on this system: no name space can be mounted as host files; nothing else needs it"
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return "no /dev/fuse: no name space can be mounted as host files; modprobe fuse, or run the container with --device /dev/fuse"
	}
	for _, name := range []string{"fusermount3", "fusermount"} {
		if _, err := exec.LookPath(name); err == nil {
			return ""
		}
	}
	return "no fusermount3: only root can mount a name space as host files; install fuse3"
}

func ptraceTrouble() string {
	if runtime.GOOS != "linux" {
		return "not used on this system: Plan 9 binaries cannot run; built-in commands and scripts can"
	}
	b, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if scope := strings.TrimSpace(string(b)); scope == "3" {
		return "forbidden (kernel.yama.ptrace_scope=3): Plan 9 binaries cannot run; sysctl kernel.yama.ptrace_scope=1 after a reboot"
	}
	return ""
}
