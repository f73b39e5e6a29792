package test

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ufo/cmd/disk"
	"ufo/grid"
	"ufo/hosted/fuse"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/rootfs"
)

// posixAll are the rows that are run in every tree with ordinary files.
func posixAll() []posixRow {
	return slices.Concat(posixFiles, posixDirs, posixStats, posixProgs, posixRandom)
}

// TestPosixRows wants rows that can be told apart.
func TestPosixRows(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range slices.Concat(posixAll(), posixDevices) {
		if seen[row.name] || row.name == "" || (row.sh == "") == (row.py == "") {
			t.Errorf("%q: named twice, or not one program", row.name)
		}
		seen[row.name] = true
	}
}

// TestPosix runs programs of the host on trees of ours that the host shows as
// files, and in a directory of the host, as an oracle: there it must be
// possible, too.
func TestPosix(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the rows know how Linux and the GNU programs put it")
	}
	t.Run("host", func(t *testing.T) {
		(&posixTree{dir: t.TempDir()}).posixRun(t, posixAll())
	})
	t.Run("ramfs", func(t *testing.T) {
		dir := mountTree(t, ramfs.New("glenda", time.Now, 0), fuse.Options{})
		(&posixTree{dir: dir, ours: true}).posixRun(t, posixAll())
	})
	t.Run("cached", func(t *testing.T) {
		dir := mountTree(t, ramfs.New("glenda", time.Now, 0), fuse.Options{Cache: true})
		(&posixTree{dir: dir, ours: true}).posixRun(t, posixAll())
	})
	t.Run("node", posixNode)
}

// TestPosixUser runs again, as an ordinary user, what the superuser has run, but
// for what takes long.
func TestPosixUser(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only the superuser can be another one")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(nobody.Gid)
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "posix")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home)
	if err := os.Chown(home, uid, gid); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "/proc/self/exe", "-test.v", "-test.short", "-test.run", "^TestPosix$/^(host|ramfs)$")
	c.Dir = "/"
	c.Env = append(os.Environ(), "HOME="+home, "TMPDIR="+home, "USER=nobody",
		"GOCACHE=off") // it would take longer than all else to build Go's runtime anew
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	out, err := c.CombinedOutput()
	if err != nil { // it may have died with its mounts
		exec.Command("/bin/sh", "-c", `grep -o "$0/[^ ]*" /proc/self/mounts | xargs -r umount -l`, home).Run()
		t.Errorf("%v\n%s", err, regexp.MustCompile(`(?m)^ *(=== (RUN|PAUSE|CONT)|--- PASS) .*\n`).ReplaceAll(out, nil))
	}
	for _, line := range regexp.MustCompile(`(TestPosix/\w+: |posix_test\.go:\d+: ).*`).FindAllString(string(out), -1) {
		t.Log(line)
	}
}

// posixNode runs the rows in the name space of a node whose files are another
// node's, and rows of their own on its devices.
func posixNode(t *testing.T) {
	g := posixGrid(t)
	k := g.Node("n2").Kernel()
	first := k.Procs().Find(1)
	v, release, err := first.Look()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	dir := mountTree(t, v.Export("/"), fuse.Options{Context: first.Life()})
	t.Run("files", func(t *testing.T) {
		(&posixTree{dir: dir + "/usr/glenda/tmp", ours: true}).posixRun(t, posixAll())
	})
	sleeper := func(t *testing.T, row int) string {
		n := strconv.Itoa(1000000 + row)
		if _, err := k.Start(first.Life(), 0, "#/ufo/bin/sleep", "sleep", n); err != nil {
			t.Fatal(err)
		}
		return "SLEEP=" + n
	}
	t.Run("devices", func(t *testing.T) {
		(&posixTree{dir: dir, ours: true, here: true, before: sleeper}).posixRun(t, posixDevices)
	})
}

// posixGrid boots the default grid, in the time of the host.
func posixGrid(t *testing.T) *grid.Grid {
	text, _ := grid.Builtin("four")
	top, err := grid.ParseTopology("four", text)
	if err != nil {
		t.Fatal(err)
	}
	root, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	g, err := grid.New(grid.Config{Topology: top, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), posixDeadline)
		defer cancel()
		if err := g.Halt(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := g.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g
}

// mountTree shows a tree as files of the host until the test ends, and then
// wants all of them closed. From then on this process must not touch what is
// below the directory: it would wait for itself.
func mountTree(t *testing.T, srv ninep.Server, opt fuse.Options) (dir string) {
	if err := fuse.Available(); err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "posix")
	if err != nil {
		t.Fatal(err)
	}
	strict := ninetest.Strict(srv)
	opt.User, opt.Name = "glenda", "ufo:test"
	m, err := fuse.Mount(t.Context(), strict, dir, opt)
	if err != nil {
		os.Remove(dir)
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Unmount(); err != nil {
			t.Error(err)
		}
		if err := os.Remove(dir); err != nil { // not RemoveAll: it may be mounted still
			t.Error(err)
		}
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
	})
	return dir
}
