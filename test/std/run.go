package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// goOutput runs the go command for this host and returns what it prints. What it
// builds needs no libraries.
func goOutput(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("go %s: %s", strings.Join(args, " "), bytes.TrimSpace(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

// An event is a line of go test -json: see go doc test2json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// test runs the tests of packages and calls f with what happens. The go command compiles
// them, for Plan 9, and runs this program for each, with the words in asChild.
// When ctx is done it ends them.
func (o *options) test(ctx context.Context, asChild, packages []string, f func(event)) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"test", "-json", "-short", "-vet=off", "-count=" + strconv.Itoa(o.count),
		"-timeout=" + o.timeout.String(), "-p=" + strconv.Itoa(o.parallel),
		"-exec=" + self + " " + strings.Join(asChild, " ")}
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Env = append(os.Environ(), "GOOS=plan9", "GOARCH="+o.arch, "CGO_ENABLED=0", "UFO_STATE="+o.state)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var msg bytes.Buffer
	cmd.Stderr = &msg
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for dec := json.NewDecoder(out); ; {
		var e event
		if dec.Decode(&e) != nil {
			break
		}
		f(e)
	}
	// Its status is that of the tests, which f knows better.
	err = cmd.Wait()
	if ctx.Err() != nil {
		return nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 && msg.Len() == 0 {
		return nil
	}
	if msg.Len() > 0 {
		return fmt.Errorf("go test: %s", bytes.TrimSpace(msg.Bytes()))
	}
	return err
}

// runInNode becomes ufo, which boots a node and runs a test there, in the
// folder that it was compiled from. The sources are mounted, as files of a file
// server are: those of a device package os takes for devices. With machine it becomes
// the program beside ufo that lets ufo do that elsewhere.
func runInNode(machine bool, ufo, knownFile, test string, args []string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	known, err := readKnown(knownFile)
	if err != nil {
		return err
	}
	src, pkg, _ := strings.Cut(dir, "/src/")
	if stops := known.stops[pkg]; len(stops) > 0 {
		args = append(args, "-test.skip=^("+strings.Join(stops, "|")+")$")
	}
	bin := filepath.Dir(test)
	words := []string{"/tmp/bin/" + filepath.Base(test)}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	script := fmt.Sprintf("mkdir -p %[1]s /tmp/bin && srvfs src %[2]s && mount /srv/src %[1]s &&"+
		" bind %[3]s /tmp/bin && cd %[4]s && exec %[5]s",
		quote(src), quote("#U"+src), quote("#U"+bin), quote(dir), strings.Join(words, " "))
	words = []string{ufo, "up", "-mem", "-host", "hostfs=" + quoteAttr(src), "-host", "hostfs=" + quoteAttr(bin), "-c", script, "one"}
	if machine {
		words = append([]string{filepath.Join(filepath.Dir(ufo), "machine"), "-with", test}, words...)
	}
	return syscall.Exec(words[0], words, os.Environ())
}

// quote quotes a word for rc.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quoteAttr quotes a value for a network database.
func quoteAttr(s string) string {
	if strings.ContainsAny(s, " \t") {
		return `"` + s + `"`
	}
	return s
}
