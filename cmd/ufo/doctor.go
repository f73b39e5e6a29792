package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"ufo/hosted/tty"
)

// A check is one line of the doctor. Trouble returns "", or what is missing,
// what that costs, and what mends it.
type check struct {
	what    string
	needed  bool // without it a grid does not run, or cannot be reached
	trouble func(d *doctor) string
}

// checks returns what a grid uses of any host; hostChecks what only some have.
func checks() []check {
	all := []check{
		{"state folder", true, stateTrouble},
		{"control socket", true, socketTrouble},
		{"network", false, networkTrouble},
		{"open files", false, filesTrouble},
		{"terminal", false, terminalTrouble},
	}
	return append(all, hostChecks()...)
}

// A doctor looks at a host.
type doctor struct {
	root string // folder that holds dev and proc: "/"
	uid  int    // who asks; 0 needs less
	mountTable
}

func newDoctor() *doctor { return &doctor{root: "/", uid: os.Getuid(), mountTable: hostMounts()} }

// runDoctor looks at what a grid uses of this host, and at what dead grids have
// left there, which -fix clears away.
func runDoctor(c *command) error {
	d := newDoctor()
	well := true
	say := func(what, text string) {
		fmt.Fprintf(c.stdout, "%-16s %s\n", what, text)
	}
	for _, k := range checks() {
		text := k.trouble(d)
		if text == "" {
			text = "ok"
		} else if k.needed {
			well = false
		}
		say(k.what, text)
	}
	left := d.leftovers()
	switch {
	case len(left) == 0 && c.fix:
		say("left behind", "ok: nothing to clear away")
	case len(left) == 0:
		say("left behind", "ok")
	}
	for _, l := range left {
		text := "harmless; ufo doctor -fix clears it away"
		if c.fix {
			text = "cleared away"
			if err := l.clear(); err != nil {
				text = fmt.Sprintf("not cleared away: %v", err)
				well = false
			}
		}
		say("left behind", l.what+": "+text)
	}
	if !well {
		return exitStatus(1)
	}
	return nil
}

// proc returns the text of a file in /proc, "" if the host has none.
func (d *doctor) proc(name string) string {
	b, _ := os.ReadFile(filepath.Join(d.root, "proc", name))
	return strings.TrimSpace(string(b))
}

func stateTrouble(*doctor) string {
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

func socketTrouble(*doctor) string {
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

func networkTrouble(*doctor) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Sprintf("%v: no program of the host can call a service of the grid by tcp; in a container, bring the interface lo up", err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return fmt.Sprintf("%v: no program of the host can call a service of the grid by tcp; let the firewall pass loopback", err)
	}
	c.Close()
	return ""
}

// fewFiles is a limit at which many users of one grid can come upon it.
const fewFiles = 256

func filesTrouble(*doctor) string {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil || r.Cur >= fewFiles {
		return ""
	}
	return fmt.Sprintf("at most %d at a time: many consoles and calls at once fail; ulimit -n 1024", r.Cur)
}

func terminalTrouble(*doctor) string {
	if !tty.IsTerminal(os.Stdin) || !tty.IsTerminal(os.Stdout) {
		return "input or output is not a terminal: no line editing; fine for scripts"
	}
	if dumbTerminal() {
		return fmt.Sprintf("TERM is %q: no history and no completion; set TERM to what the terminal is, such as xterm", os.Getenv("TERM"))
	}
	if _, err := exec.LookPath("stty"); err != nil {
		return "no stty: a terminal is not given back if ufo is killed with -9; install coreutils"
	}
	return ""
}
