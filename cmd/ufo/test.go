package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ufo/hosted/hostfs"
	"ufo/ninep"
)

// runTest runs go test, which runs each test program it has built by ufo run
// -here: in a node of its own. So they cannot disturb each other, however many go
// starts at a time.
func runTest(c *command) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := goCommand(append([]string{"test", "-exec", "'" + exe + "' run -here"}, c.args...)...)
	if root, err := goCommand("env", "GOROOT").Output(); err == nil {
		cmd.Env = append(cmd.Env, "GOROOT="+strings.TrimSpace(string(root)))
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.stdout, c.stderr
	stop := onSignal(func(os.Signal) {}) // go, which has got it too, ends
	defer stop()
	return goError(cmd.Run())
}

// A here is what a program run with -here finds of the host: the folder where it
// was started, and the module around that, under the names that they have there;
// its own folder, too, where go wants what it measures; Go's own files, to read;
// and the environment.
type here struct {
	dir string // where it was started
	top string // the module
	own string // the program's
}

func newHere(program string) (*here, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	h := &here{dir: dir, top: dir, own: filepath.Dir(program)}
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			h.top = d
			break
		}
	}
	return h, nil
}

// add adds the folders to those that are shown.
func (h *here) add(dirs []hostfs.Dir) []hostfs.Dir {
	more := []hostfs.Dir{{Path: h.top, Write: true}, {Path: h.own, Write: true}}
	if root := os.Getenv("GOROOT"); filepath.IsAbs(root) {
		more = append(more, hostfs.Dir{Path: filepath.Clean(root)})
	}
	for _, d := range more {
		i := slices.IndexFunc(dirs, func(have hostfs.Dir) bool { return have.Path == d.Path })
		if i < 0 {
			dirs = append(dirs, d)
		} else {
			dirs[i].Write = dirs[i].Write || d.Write
		}
	}
	return dirs
}

// steps returns the commands of rc that make things so. The names are found
// behind those of the node: in its root, or in the directory there that is called
// the same.
func (h *here) steps(srv string) []string {
	steps := []string{"mount -qac " + srv + " /"}
	for _, d := range h.add(nil) {
		first := strings.Split(d.Path, "/")[1]
		step := "mount -qac " + srv + " " + ninep.Quote("/"+first) + " " + ninep.Quote(first)
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	for _, v := range os.Environ() {
		name, val, _ := strings.Cut(v, "=")
		if variable.MatchString(name) && !slices.Contains(hostVariables, name) {
			steps = append(steps, name+"="+ninep.Quote(val))
		}
	}
	return append(steps, "cd "+ninep.Quote(h.dir))
}

// variable is a name that rc takes.
var variable = regexp.MustCompile(`^[A-Z_][A-Za-z0-9_]*$`)

// hostVariables are those that mean nothing in a node.
var hostVariables = []string{"PATH", "HOME", "PWD", "OLDPWD", "SHELL", "USER", "LOGNAME", "TMPDIR", "TERM", "_", "SHLVL"}
