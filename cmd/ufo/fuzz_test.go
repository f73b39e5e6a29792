package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"ufo/ninep"
)

// closed is a server that lets nobody in.
type closed struct{}

func (closed) Attach(context.Context, string, string) (ninep.File, error) { return nil, ninep.ErrPerm }

func TestFuzz(t *testing.T) {
	good, dir := listen(t, storage()), t.TempDir()
	t.Setenv(asServer, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string // in what is printed
	}{
		{"a server", []string{"-u", "glenda", "-n", "500", "-seed", "1", good}, 0, good + ": 5"},
		{"its files", []string{"-u", "glenda", "-n", "500", "-seed", "1", "-w", good}, 0, " messages, and it stands\n"},
		{"a command", []string{"-u", "glenda", "-n", "100", "--", exe}, 0, exe + ": 1"},
		{"not let in", []string{"-u", "glenda", "-seed", "7", listen(t, closed{})}, 1, "attach as glenda: permission denied: -seed 7 does it again"},
		{"nobody of that name", []string{"-seed", "7", listen(t, closed{})}, 1, "attach as " + hostUser() + ": permission denied: -u is for another name\n"},
		{"nobody there", []string{"unix!" + dir + "/none"}, 1, "no such file"},
		{"no server", nil, 2, "usage: ufo fuzz [-n N] [-seed N] [-w] [-u USER] [-a NAME] [-t TIME] [ADDR | -- COMMAND [ARG ...]]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, stderr, status := ufo(append([]string{"fuzz"}, tt.args...)...)
			if status != tt.status || !strings.Contains(out+stderr, tt.want) {
				t.Errorf("status %d, printed\n%s%s", status, out, stderr)
			}
		})
	}
}
