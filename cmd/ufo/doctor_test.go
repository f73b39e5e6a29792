package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deadSocket leaves a socket that nobody listens on, made a while ago.
func deadSocket(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(name, then, then); err != nil {
		t.Fatal(err)
	}
}

// Each kind of leftover is found, told, and cleared away once, and nothing
// else is touched.
func TestLeftovers(t *testing.T) {
	dir, tmp := t.TempDir(), t.TempDir()
	t.Setenv("UFO_STATE", dir)
	t.Setenv("TMPDIR", tmp)
	for name, text := range map[string]string{
		"dead/lock": "999999\n", "dead/fs.disk": "kept", "dead/fs.disk.new": "half", "dead/mounts": "/mnt/a\n/mnt/alive\n",
		"halted/lock": "", "halted/fs.disk": "kept", "other/fs.disk.new": "not of a grid",
		"runs/fs.disk.new": "busy", "runs/mounts": "/mnt/busy\n", "history": "ls\n",
	} {
		write(name, text)(t, dir)
	}
	write("table", `22 1 0:1 / / rw - ext4 /dev/sda1 rw
30 22 0:30 / /mnt/a\040b rw shared:1 - fuse.ufo ufo:four/n1 rw
31 22 0:31 / /mnt/alive rw - fuse.ufo ufo:four/n2 rw
32 22 0:32 / /mnt/busy rw - fuse.ufo ufo:runs/n2 rw
33 22 0:33 / /mnt/theirs rw - fuse.sshfs host:/ rw
garbage
`)(t, tmp)
	deadSocket(t, filepath.Join(dir, "dead", "ctl"))
	lock("runs")(t, dir)
	deadSocket(t, filepath.Join(dir, "runs", "ctl"))
	deadSocket(t, filepath.Join(socketDir(), "1234"))
	young := filepath.Join(socketDir(), "young")
	deadSocket(t, young)
	if err := os.Chtimes(young, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	dead := map[string]int{"/mnt/a": 2, "/mnt/a b": 1, "/mnt/busy": 1, "/mnt/theirs": 1} // how many
	d := &doctor{mountTable: mountTable{
		table: filepath.Join(tmp, "table"),
		dead:  func(dir string) bool { return dead[dir] > 0 },
		clear: func(dir string) error { dead[dir]--; return nil },
	}}
	var have []string
	left := d.leftovers()
	for _, l := range left {
		have = append(have, strings.NewReplacer(dir, "{}", socketDir(), "{tmp}").Replace(l.what))
	}
	want := []string{"{}/dead/ctl", "{}/dead/fs.disk.new", "{}/dead/mounts", "{}/dead/lock of process 999999", "mount /mnt/a b", "{tmp}/1234"}
	if !slices.Equal(have, want) {
		t.Fatalf("left: %q, want %q", have, want)
	}
	for range 2 {
		for _, l := range left {
			if err := l.clear(); err != nil && !strings.HasSuffix(err.Error(), "no such file or directory") {
				t.Errorf("%s: %v", l.what, err)
			}
		}
	}
	if left := d.leftovers(); len(left) != 0 {
		t.Errorf("left after that: %v", left)
	}
	if dead["/mnt/a"] != 0 || dead["/mnt/a b"] != 0 || dead["/mnt/busy"] != 1 || dead["/mnt/theirs"] != 1 {
		t.Errorf("dead mounts: %v", dead)
	}
	for _, name := range []string{"dead/lock", "dead/fs.disk", "halted/fs.disk", "other/fs.disk.new", "runs/fs.disk.new", "runs/mounts", "runs/ctl", "history"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("gone: %v", err)
		}
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("gone: %v", err)
	}
}

// The doctor tells what a grid that was killed has left, and with -fix clears
// that away; a grid that runs is not touched.
func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", dir)
	t.Setenv("TMPDIR", t.TempDir())
	const checked = "state folder +ok\ncontrol socket +ok\n.*terminal +input or output is not .*\n.*"
	want(t, "", 0, checked+"left behind +ok\n", "doctor")
	want(t, "", 0, checked+"left behind +ok: nothing to clear away\n", "doctor", "-fix")

	want(t, "", 0, ".*1 node, .*", "up", "-d", "-mem", "one")
	want(t, "", 0, ".* nodes, .*", "up", "-d")
	s := &state{name: "four", dir: filepath.Join(dir, "four")}
	if err := syscall.Kill(s.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	write("four/fs.disk.new", "half")(t, dir)
	left := func(text string) string {
		return checked + "left behind +.*/four/ctl: " + text + "\nleft behind +.*/four/fs.disk.new: " + text +
			"\nleft behind +.*/four/lock of process [0-9]+: " + text + "\n"
	}
	want(t, "", 0, left("harmless; ufo doctor -fix clears it away"), "doctor")
	want(t, "", 0, left("cleared away"), "doctor", "-fix")
	want(t, "", 0, checked+"left behind +ok: nothing to clear away\n", "doctor", "-fix")
	want(t, "", 0, "(.* up .*){1}", "ps")
	want(t, "", 0, "", "down")

	write("file", "")(t, dir)
	t.Setenv("UFO_STATE", filepath.Join(dir, "file"))
	want(t, "", 1, "state folder +mkdir .*set UFO_STATE.*", "doctor")
}
