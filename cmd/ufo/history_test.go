package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Each user of each node has a history, which outlasts the grid.
func TestHistories(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	h := histories{dir: dir}
	first := h.of("n1", "glenda")
	first.Add("ls")
	if h.of("n1", "glenda") != first {
		t.Error("consoles of a user do not share their history")
	}
	h.of("n2", "glenda").Add("pwd")
	h.of("n1", "a/b").Add("date")
	for name, want := range map[string]string{"n1.glenda": "ls\n", "n2.glenda": "pwd\n", "n1.a%2Fb": "date\n"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	forgetful := histories{}
	forgetful.of("n1", "glenda").Add("ls")
	if list, err := os.ReadDir(dir); err != nil || len(list) != 3 {
		t.Errorf("%v, %v", list, err)
	}
}
