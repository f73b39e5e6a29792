package main

import (
	"context"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"ufo/ninep"
)

func TestBench(t *testing.T) {
	out, stderr, status := ufo("bench", "-u", "glenda", "-t", "5ms", listen(t, storage()))
	form := regexp.MustCompile(`^([a-z0-9, ]+|(read|write)( by client)?, [0-9]+ K( as [0-9]+)?) +[0-9.e+]+ (us|/s|MB/s)\n$`)
	for line := range strings.Lines(out) {
		if !form.MatchString(line) {
			t.Errorf("printed %q", line)
		}
	}
	if n := strings.Count(out, "\n"); n != 14 || status != 0 || stderr != "" {
		t.Errorf("status %d: %d lines: %s", status, n, stderr)
	}
	if _, stderr, status := ufo("bench", "-u", "glenda", listen(t, closed{})); status != 1 || !strings.Contains(stderr, "permission denied") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// What is wrong with the arguments is said of bench, which takes several servers.
func TestBenchRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no server", nil, 2, "ufo: bench: no server: addresses, or -- and a command\nusage: ufo bench "},
		{"nobody of that name", []string{listen(t, closed{})}, 1, "attach as " + hostUser() + ": permission denied: -u is for another name\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if out, stderr, status := ufo(append([]string{"bench"}, tt.args...)...); status != tt.status || !strings.Contains(stderr, tt.want) {
				t.Errorf("status %d, printed\n%s%s", status, out, stderr)
			}
		})
	}
}

// Several servers are measured in turns and compared with the first.
func TestBenchTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "null")
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serveNull(ctx, path) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	dialed := func() bool {
		conn, err := dialContext(ctx, "unix!"+path)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
	for !dialed() && len(served) == 0 {
		runtime.Gosched()
	}
	out, stderr, status := ufo("bench", "-u", "glenda", "-t", "5ms", "unix!"+path, listen(t, storage()), listen(t, unwritable()))
	form := regexp.MustCompile(`^.+ (us|/s|MB/s) +[0-9.]+ +[0-9.]+ x[0-9.]+ +([0-9.]+ x[0-9.]+|-) *\n$`)
	lines := strings.SplitAfter(out, "\n")
	if len(lines) != 18 || status != 0 || stderr != "" || !strings.HasPrefix(lines[2], "3 is unix!") {
		t.Fatalf("status %d, %s\n%s", status, stderr, out)
	}
	for _, line := range lines[3:17] {
		if !form.MatchString(line) || strings.Contains(line, " -") != strings.HasPrefix(line, "write") {
			t.Errorf("printed %q", line)
		}
	}
}

// unwritable is a server of one text.
func unwritable() ninep.Server {
	return ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("motd", "hello\n")}})
}
