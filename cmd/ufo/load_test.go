package main

import (
	"context"
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

// TestManyMounts has a grid mounted 200 times.
func TestManyMounts(t *testing.T) {
	needsFUSE(t)
	const many = 200
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { ufo("down", "-g", "four") })
	g, err := dialControl(context.Background(), "four")
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	var names []string
	for i := range many {
		name := fmt.Sprintf("%s/%d", dir, i)
		names = append(names, name+"/dev/sysname")
		if err := g.write(context.Background(), "host/mounts", fmt.Sprintf("mount %s n%d/root", name, i%4+1)); err != nil {
			t.Fatalf("mount %d: %v", i, err)
		}
	}
	if got, want := sh(t, "cat "+strings.Join(names, " ")), strings.Repeat("n1n2n3n4", many/4); got != want {
		t.Errorf("the names in %d mounts: %s", many, got)
	}
	want(t, "", 0, "", "down")
	if left := sh(t, "grep -cF "+dir+" /proc/self/mountinfo || true"); left != "0" {
		t.Errorf("%s mounts are left", left)
	}
}

// TestKilledUnderLoad kills a grid while programs use what it has mounted.
// They get errors and end, and what is left is cleared away.
func TestKilledUnderLoad(t *testing.T) {
	needsFUSE(t)
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	t.Setenv("TMPDIR", dir)
	s := &state{name: "four", dir: filepath.Join(dir, "state", "four")}
	all := filepath.Join(dir, "all")
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	want(t, "", 0, "", "mount", all)
	started := filepath.Join(dir, "started")
	var users []*exec.Cmd
	for i, script := range []string{
		"while cat n2/root/dev/sysname; do :; done",
		"while find n3/root/lib n3/root/rc >/dev/null; do :; done",
		"while dd if=/dev/zero of=n4/root/tmp/big bs=1M count=4; do :; done",
		"exec 3<>n1/root/net/tcp/clone; while cat <&3; do :; done",
		"cat n2/root/dev/cons",
		"cd n1/root/sys/man && while ls -lR .; do :; done",
		"python3 -c 'import mmap,os,time; f=open(\"term/root/lib/ndb/local\"); m=mmap.mmap(f.fileno(),0,prot=mmap.PROT_READ)\nwhile True: m[0]; os.stat(\"term/root/lib\")'",
	} {
		c := exec.Command("sh", "-c", fmt.Sprintf("cd %s && echo >%s.%d && { %s; }", all, started, i, script))
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		users = append(users, c)
	}
	await(t, "the programs that use the mount", func() bool {
		files, _ := filepath.Glob(started + ".*")
		return len(files) == len(users)
	})
	if err := syscall.Kill(s.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for i, c := range users {
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Errorf("program %d goes on after the grid was killed", i)
			syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			<-ended
		}
	}
	if !fuse.Dead(all) {
		t.Error("the mount is not dead")
	}
	s.wait(time.Minute) // its connections end before its lock does
	want(t, "", 0, ".*left behind +.*/mounts: harmless.*left behind +mount "+all+": harmless.*", "doctor")
	want(t, "", 0, ".*left behind +.*/mounts: cleared away.*", "doctor", "-fix")
	want(t, "", 0, ".*left behind +ok\n", "doctor")
	if _, err := os.Stat(filepath.Join(s.dir, mountList)); !os.IsNotExist(err) {
		t.Errorf("the list of mounts: %v", err)
	}
	want(t, "", 0, "hi\n", "up", "-mem", "-c", "echo hi")
}

// await waits until something is so, at most a minute.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !so(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not in time", what)
		}
	}
}
