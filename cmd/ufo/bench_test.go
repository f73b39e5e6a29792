package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestBench(t *testing.T) {
	out, stderr, status := ufo("bench", "-u", "glenda", "-t", "5ms", listen(t, storage()))
	form := regexp.MustCompile(`^([a-z0-9, ]+|(read|write), [0-9]+ K( as [0-9]+)?) +[0-9.e+]+ (us|/s|MB/s)\n$`)
	for line := range strings.Lines(out) {
		if !form.MatchString(line) {
			t.Errorf("printed %q", line)
		}
	}
	if n := strings.Count(out, "\n"); n != 10 || status != 0 || stderr != "" {
		t.Errorf("status %d: %d lines: %s", status, n, stderr)
	}
	if _, stderr, status := ufo("bench", "-u", "glenda", listen(t, closed{})); status != 1 || !strings.Contains(stderr, "permission denied") {
		t.Errorf("status %d: %s", status, stderr)
	}
}
