package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"ufo/hosted/aout"
	"ufo/hosted/tty"
	"ufo/hosted/vm"
)

// build makes a program for Plan 9 of a folder with a Go package, or of a Go
// file, and returns it: it is alone in a folder that the caller removes.
func (c *command) build(source string) (program string, err error) {
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		return "", fmt.Errorf("run %s: %w", source, vm.ErrUnsupported)
	}
	dir, pkg := filepath.Dir(source), filepath.Base(source)
	name := pkg[:len(pkg)-len(filepath.Ext(pkg))]
	if filepath.Ext(pkg) != ".go" {
		dir, pkg, name = source, ".", pkg
		if files, _ := filepath.Glob(filepath.Join(source, "*.go")); len(files) == 0 {
			return "", fmt.Errorf("run %s: no Go files in this folder", source)
		}
	}
	out, err := os.MkdirTemp("", "ufo")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(out)
		}
	}()
	stop := onSignal(func(os.Signal) {}) // go, which has got it too, ends
	defer stop()
	program = filepath.Join(out, name)
	cmd := goCommand("build", "-o", program, pkg)
	cmd.Dir, cmd.Stderr = dir, c.stderr
	if tty.IsTerminal(os.Stderr) {
		defer time.AfterFunc(2*time.Second, func() {
			fmt.Fprintf(c.stderr, "ufo: building %s for plan9/%s, which takes longer the first time\n", source, plan9Arch())
		}).Stop()
	}
	if err := goError(cmd.Run()); err != nil {
		return "", err
	}
	if !isPlan9(program) {
		return "", fmt.Errorf("run %s: not a program: its package is not main", source)
	}
	return program, nil
}

// goCommand returns the command go, told to make programs for Plan 9.
func goCommand(args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS=plan9", "GOARCH="+plan9Arch(), "CGO_ENABLED=0")
	return cmd
}

// plan9Arch is the kind of processor that programs are made for: amd64, unless
// the user wants the other that can be run.
func plan9Arch() string {
	if os.Getenv("GOARCH") == "386" {
		return "386"
	}
	return "amd64"
}

// goError turns the error of go, which has said what it is about, into the exit
// status.
func goError(err error) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exitStatus(max(exit.ExitCode(), 1))
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("there is no go in $PATH, which builds Go packages: https://go.dev/dl")
	}
	return err
}

// isPlan9 reports whether a file is a program for Plan 9.
func isPlan9(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	f.Read(magic)
	return new(aout.Loader).Match(magic)
}
