package dev_test

import (
	"testing"

	"ufo/dev"
)

func TestRoot(t *testing.T) {
	x := tester{t, dev.NewRoot(glenda, dev.RootConfig{
		Boot:     map[string]string{"rcmain": "# rcmain\n", "boot": "#!/bin/rc\n"},
		Builtins: []string{"auth/newns", "cat", "ndb-x", "ndb/cs", "ndb/query", "ndbx"},
	}), t.Context()}
	same(t, "root", x.ls(""), "boot bin dev env fd mnt n net net.alt proc root shr srv tmp ufo")
	same(t, "boot", x.ls("boot"), "boot rcmain")
	same(t, "mount point", x.ls("net"), "")
	same(t, "commands", x.ls("ufo/bin"), "auth cat ndb-x ndb ndbx")
	same(t, "subdirectory", x.ls("ufo/bin/ndb"), "cs query")
	same(t, "boot file", x.read("boot/rcmain"), "# rcmain\n")
	for _, c := range []struct{ name, want string }{
		{"cat", "#builtin cat\n"},
		{"ndb/query", "#builtin ndb/query\n"},
		{"ndb-x", "#builtin ndb-x\n"},
		{"ndb/x", "file does not exist"},
		{"ndb/cs/x", "not a directory"},
		{"nd", "file does not exist"},
		{"cs", "file does not exist"},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, c.name, x.read("ufo/bin/"+c.name), c.want) })
	}
}
