package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// readyVar is the environment variable that tells a program that it is the
// grid in the background, and on which descriptor it says that it is up.
const readyVar = "UFO_READY"

// background starts this program again, apart from this terminal, and waits
// until the grid there is up.
func (c *command) background(s *state) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0700); err != nil {
		return fmt.Errorf("state folder: %w: set UFO_STATE to a folder that can be written", err)
	}
	log, err := os.OpenFile(s.file("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0600)
	if err != nil {
		return err
	}
	defer log.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	args := []string{"up"}
	for flag, on := range map[string]bool{"-mem": c.mem, "-fresh": c.fresh, "-v": c.loud} {
		if on {
			args = append(args, flag)
		}
	}
	if c.plan9 != "" {
		args = append(args, "-platform", c.plan9)
	}
	if c.users != "" {
		args = append(args, "-users", c.users)
	}
	for _, grant := range c.host {
		args = append(args, "-host", grant)
	}
	child := exec.Command(exe, append(args, c.args...)...)
	child.Env = append(os.Environ(), readyVar+"=3")
	child.ExtraFiles = []*os.File{w}
	child.Stdout, child.Stderr = log, log
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = child.Start()
	w.Close()
	if err != nil {
		return err
	}
	said, _ := io.ReadAll(r)
	if text, ok := bytes.CutSuffix(said, []byte(isUp)); ok {
		_, err := c.stdout.Write(text)
		return err
	}
	child.Wait()
	if len(said) == 0 {
		return fmt.Errorf("grid %s did not come up: see %s", s.name, log.Name())
	}
	c.stderr.Write(said) // its error, in full
	return exitStatus(max(1, child.ProcessState.ExitCode()))
}

// isUp ends what a grid in the background says while it boots, if it does.
const isUp = "up\n"

// inBackground finds out whether this program is the one that background
// started. Then what goes wrong until the grid is up is said there.
func (c *command) inBackground() {
	if os.Getenv(readyVar) == "" {
		return
	}
	os.Unsetenv(readyVar)
	syscall.CloseOnExec(3)
	c.ready = os.NewFile(3, "ready")
	c.stderr = c.ready
}

// booted tells the program that waits that all is well.
func (c *command) booted() {
	io.WriteString(c.ready, isUp)
	c.ready.Close()
	c.stderr = os.Stderr
}
