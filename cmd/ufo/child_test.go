package main

import (
	"bufio"
	"io"
	"os/exec"
	"testing"
	"time"
)

// A child is a ufo that runs beside the test, which reads its lines and types.
type child struct {
	*exec.Cmd
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

func begin(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{Cmd: program(t, args...), t: t}
	out, err := c.StdoutPipe()
	if err == nil {
		c.Stderr = c.Stdout
		c.in, err = c.StdinPipe()
	}
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	limit := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	t.Cleanup(func() {
		limit.Stop()
		c.Process.Kill() // an error if it has ended
	})
	return c
}

// line reads a line, which shall be so.
func (c *child) line(want string) {
	c.t.Helper()
	c.out.Scan()
	if got := c.out.Text(); got != want {
		c.t.Errorf("it printed %q, not %q", got, want)
	}
}

// end waits for the end, before which nothing more is printed.
func (c *child) end(status int) {
	c.t.Helper()
	c.in.Close()
	for c.out.Scan() {
		c.t.Errorf("it printed %q", c.out.Text())
	}
	c.Wait()
	if got := c.ProcessState.ExitCode(); got != status {
		c.t.Errorf("status %d", got)
	}
}
