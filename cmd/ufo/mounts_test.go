package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ufo/hosted/fuse"
)

// sh runs a shell command of the host: a test must not touch files that it
// serves itself, and so it does not those of others either.
func sh(t *testing.T, script string) string {
	t.Helper()
	c := exec.Command("sh", "-c", script)
	b, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, b)
	}
	return string(bytes.TrimSpace(b))
}

// needsFUSE skips a test where nothing can be mounted.
func needsFUSE(t *testing.T) {
	t.Helper()
	if err := fuse.Available(); err != nil {
		t.Skip(err)
	}
}

// TestMount shows name spaces of a grid as host files.
func TestMount(t *testing.T) {
	needsFUSE(t)
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	s := &state{name: "four", dir: filepath.Join(dir, "state", "four")}
	n2, all, one := filepath.Join(dir, "n2"), filepath.Join(dir, "all"), filepath.Join(dir, "one")
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })

	want(t, "", 0, "", "mount", "n2", n2)
	want(t, "", 0, "", "mount", all)
	want(t, "", 0, "", "mount", "-ro", "n3:1", one)
	want(t, "", 0, all+" ''\n"+n2+" n2/root\n"+one+" n3/proc/1/root\n", "mount")
	want(t, "", 1, "ufo: .*: something of this grid is mounted there already\n", "mount", "n3", n2)
	want(t, "", 1, "ufo: mount n9: file does not exist: ufo ps lists .*", "mount", "n9", filepath.Join(dir, "n9"))
	want(t, "", 1, "ufo: mkdir .*/none/n2: no such file or directory\n", "mount", "n2", filepath.Join(dir, "none", "n2"))
	want(t, "", 1, "ufo: mount n2:99: file does not exist: .*", "mount", "n2:99", filepath.Join(dir, "n9"))
	for _, c := range []struct{ name, script, want string }{
		{"a device", "cat " + n2 + "/dev/sysname", "n2"},
		{"a process's own", "cat " + one + "/dev/sysname", "n3"},
		{"the whole grid", "ls " + all + " " + all + "/n4", all + ":\nn1\nn2\nn3\nn4\nterm\n\n" + all + "/n4:\nnet\nproc\nroot\nsrv"},
		{"a write", "echo hi >" + n2 + "/tmp/x; cat " + all + "/n3/root/usr/glenda/tmp/x", "hi"},
		{"a text that is made has a length", "test -s " + n2 + "/proc/1/status && wc -c <" + n2 + "/proc/1/status", "176"},
		{"read only", "touch " + one + "/tmp/y 2>&1 || true", "touch: cannot touch '" + one + "/tmp/y': Read-only file system"},
	} {
		if got := sh(t, c.script); got != c.want {
			t.Errorf("%s: %s\nhave: %s\nwant: %s", c.name, c.script, got, c.want)
		}
	}
	want(t, "ls -d /mnt/grid/host /mnt/grid/nodes\n", 0, "n2% ls: /mnt/grid/host: .*does not exist\n/mnt/grid/nodes\nn2% ", "con", "n2")
	want(t, "", 0, "", "kill", "n2")
	want(t, "", 0, "", "start", "n2")
	if got := sh(t, "cat "+n2+"/dev/sysname"); got != "n2" {
		t.Errorf("after n2 was killed and started: %s", got)
	}
	kept := filepath.Join(dir, "kept")
	want(t, "", 0, "", "mount", "-C", "n3", kept)
	if got := sh(t, "cd "+kept+"/tmp && echo one >z && cat z && echo two >"+all+"/n4/root/usr/glenda/tmp/z && cat z && ls "+kept+"/lib/ndb"); got != "one\ntwo\nauth\ncommon\nlocal" {
		t.Errorf("with -C: %s", got)
	}
	want(t, "", 0, "", "umount", kept)
	want(t, "", 0, "", "umount", n2)
	want(t, "", 1, "ufo: .*: no running grid has mounted it.*", "umount", n2)
	if _, err := os.Stat(n2); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", n2, err)
	}

	// Killed, the grid leaves mounts that answer nobody; the next takes them away.
	if err := syscall.Kill(s.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	if !fuse.Dead(all) {
		t.Error("what a killed grid mounted is not dead")
	}
	want(t, "", 0, "", "umount", one)
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	want(t, "", 0, "", "mount", all)
	want(t, "", 0, "", "down")
	if left := sh(t, "cat /proc/self/mountinfo | grep -F "+dir+" || true"); left != "" {
		t.Errorf("still mounted: %s", left)
	}
}

// TestMountOwner: the host's user owns what the owner of the node does.
func TestMountOwner(t *testing.T) {
	needsFUSE(t)
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("lab.ndb", "ipnet=lab ip=10.9.0.0 ipmask=255.255.255.0 fs=one\nsys=one ip=10.9.0.1\n\trole=fs role=terminal user=ken\n")(t, dir)
	want(t, "", 0, ".*1 node, .*", "up", "-d", "-mem", filepath.Join(dir, "lab.ndb"))
	t.Cleanup(func() { ufo("down", "-g", "lab") })
	want(t, "", 0, "", "mount", "one", filepath.Join(dir, "one"))
	if got := sh(t, "stat -c %u "+dir+"/one/srv "+dir+"/one/lib"); got != fmt.Sprintf("%d\n65534", os.Getuid()) {
		t.Errorf("owners: %s", got)
	}
	want(t, "", 0, "", "down")
}

// TestMountServer shows a server that is no part of a grid.
func TestMountServer(t *testing.T) {
	needsFUSE(t)
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	s := &state{name: "four", dir: filepath.Join(dir, "state", "four")}
	at := filepath.Join(dir, "ctl")
	c := program(t, "mount", "unix!"+s.socket(), at)
	want(t, "", 1, "ufo: unix![^\n]*: no such file or directory\n",
		"mount", "unix!"+s.socket(), filepath.Join(dir, "no", "dir"))
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	out.Read(make([]byte, 1000))
	if got := sh(t, "cat "+at+"/nodes/n3/status"); !strings.HasPrefix(got, "name n3\n") {
		t.Errorf("the status of n3: %s", got)
	}
	c.Process.Signal(os.Interrupt)
	if err := c.Wait(); err != nil {
		t.Errorf("after ^C: %v", err)
	}
	if _, err := os.Stat(at); !os.IsNotExist(err) {
		t.Errorf("after ^C the folder is still there: %v", err)
	}
}
