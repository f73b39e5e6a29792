package aout_test

import "testing"

// TestLend forks with much memory: each process has its own afterwards, though
// nothing was copied.
func TestLend(t *testing.T) {
	lend := build(t, "lend", "amd64")
	for _, row := range []struct{ what, want string }{
		{"both", "parent true\nchild true\nparent true\nchild true\nparent true\nchild true\n"},
		{"deep", "deep true\n"},
		{"orphan", "parent true\nx"},
		{"late", "read x\nnot in the child true\n"},
		{"threads", "threads true\n"},
	} {
		t.Run(row.what, func(t *testing.T) {
			if got := newMachine(t).sh("/tmp/lend "+row.what, map[string][]byte{"lend": lend}); got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}
