package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ufo/hosted/vm"
	"ufo/rootfs"
)

// buildPrograms builds the programs that are among the files of a transcript, for
// Plan 9, as files of the grid's tree.
func buildPrograms(t *testing.T, files []file) []rootfs.File {
	t.Helper()
	var programs []rootfs.File
	for _, f := range files {
		if slices.Contains([]string{"grid.ndb", "nokeys", "users"}, f.name) {
			continue
		}
		if !strings.HasPrefix(f.name, "amd64/bin/") {
			t.Fatalf("%s: a transcript can have grid.ndb, nokeys, users and amd64/bin/x", f.name)
		}
		b := buildPlan9(t, strings.TrimSpace(f.data))
		programs = append(programs, rootfs.File{
			Name: "/" + f.name, Perm: 0o775, UID: "sys", GID: "sys", Size: int64(len(b)), Data: bytes.NewReader(b),
		})
	}
	return programs
}

// buildPlan9 returns the program in a package of this module, for Plan 9. Tests
// that need one run where it can.
func buildPlan9(t *testing.T, pkg string) []byte {
	t.Helper()
	if runtime.GOOS+runtime.GOARCH != "linuxamd64" {
		t.Skip(vm.ErrUnsupported)
	}
	name := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", name, pkg)
	cmd.Env = append(os.Environ(), "GOOS=plan9", "GOARCH=amd64", "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", pkg, err, msg)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
