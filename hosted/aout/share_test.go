package aout_test

import "testing"

// TestShare forks with much memory: each process has its own afterwards, though
// nothing was copied.
func TestShare(t *testing.T) {
	share := build(t, "share", "amd64")
	for _, row := range []struct{ what, want string }{
		{"both", "parent true\nchild true\nparent true\nchild true\nparent true\nchild true\n"},
		{"deep", "deep true\n"},
		{"orphan", "parent true\nx"},
		{"late", "read x\nnot in the child true\n"},
		{"threads", "threads true\n"},
	} {
		t.Run(row.what, func(t *testing.T) {
			if got := newMachine(t).sh("/tmp/share "+row.what, map[string][]byte{"share": share}); got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}
