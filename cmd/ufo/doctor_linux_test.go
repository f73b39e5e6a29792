package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ufo/hosted/fuse"
	"ufo/hosted/vm"
)

// What a host lacks is told, with what mends it. Each line is a host where
// files have these texts.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		what    string
		trouble func(*doctor) string
		file    string
		text    string
		uid     int
		want    string // in what is said; "" for nothing
	}{
		{"no FUSE", fuseTrouble, "", "", 1000, "modprobe fuse"},
		{"FUSE", fuseTrouble, "dev/fuse", "", 1000, ""},
		{"no user namespaces", usernsTrouble, "proc/sys/user/max_user_namespaces", "0\n", 1000, "sysctl user.max_user_namespaces"},
		{"none for users", usernsTrouble, "proc/sys/kernel/unprivileged_userns_clone", "0\n", 1000, "sysctl kernel.unprivileged_userns_clone=1"},
		{"AppArmor", apparmorTrouble, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", 1000, "sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
		{"AppArmor that lets us", apparmorTrouble, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n", 1000, ""},
		{"AppArmor and root", apparmorTrouble, "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", 0, ""},
		{"no ptrace", ptraceTrouble, "proc/sys/kernel/yama/ptrace_scope", "3\n", 0, "after a reboot"},
		{"ptrace for root", ptraceTrouble, "proc/sys/kernel/yama/ptrace_scope", "2\n", 0, ""},
		{"ptrace for root only", ptraceTrouble, "proc/sys/kernel/yama/ptrace_scope", "2\n", 1000, "ptrace_scope=1"},
		{"ptrace for children", ptraceTrouble, "proc/sys/kernel/yama/ptrace_scope", "1\n", 1000, ""},
		{"no Yama", ptraceTrouble, "", "", 1000, ""},
		{"no low memory", lowTrouble, "proc/sys/vm/mmap_min_addr", "65536\n", 1000, "sysctl vm.mmap_min_addr=4096"},
		{"low memory", lowTrouble, "proc/sys/vm/mmap_min_addr", "4096\n", 1000, ""},
		{"low memory for root", lowTrouble, "proc/sys/vm/mmap_min_addr", "65536\n", 0, ""},
		{"a platform that does not work", platformTrouble(func(*vm.Memory) (vm.Space, error) { return nil, unix.EPERM }, "allow it"), "", "", 1000, "not permitted: Plan 9 binaries cannot run that way, see -platform; allow it"},
		{"root needs no fusermount", fusermountTrouble, "", "", 0, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := &doctor{root: t.TempDir(), uid: c.uid}
			if c.file != "" {
				write(c.file, c.text)(t, d.root)
			}
			if got := c.trouble(d); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("said %q, want %q in it", got, c.want)
			}
		})
	}
}

// A fusermount3 that is missing, or that cannot do it, is told.
func TestFusermount(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	d := &doctor{uid: 1000}
	if got := fusermountTrouble(d); !strings.Contains(got, "install fuse3") {
		t.Errorf("none: %q", got)
	}
	name := filepath.Join(dir, "fusermount3")
	if err := os.WriteFile(name, nil, 0755); err != nil {
		t.Fatal(err)
	}
	if got := fusermountTrouble(d); !strings.HasSuffix(got, "chmod u+s "+name) {
		t.Errorf("not setuid: %q", got)
	}
	if err := os.Chmod(name, 0755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if got := fusermountTrouble(d); got != "" {
		t.Errorf("setuid: %q", got)
	}
}

// What is tried on this host ends, and what does not work is explained.
func TestTried(t *testing.T) {
	for _, k := range checks() {
		if got := k.trouble(newDoctor()); got != "" && !strings.ContainsAny(got, ":;") {
			t.Errorf("%s: %q", k.what, got)
		}
	}
	if _, err := exec.LookPath("true"); err != nil {
		t.Skip("no true here")
	}
	t.Setenv("PATH", t.TempDir())
	d := newDoctor()
	if got := usernsTrouble(d); !strings.Contains(got, "not found") {
		t.Errorf("no program to try: %q", got)
	}
}

// A mount whose server has died is found and taken away.
func TestDeadMount(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space")
	if err := os.Mkdir(dir, 0700); err != nil {
		t.Fatal(err)
	}
	device, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no FUSE here: %v", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=%d,group_id=%d", device.Fd(), os.Getuid(), os.Getgid())
	if err := unix.Mount("ufo:test", dir, "fuse.ufo", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		device.Close()
		t.Skipf("may not mount: %v", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	device.Close() // so the server has died
	t.Setenv("UFO_STATE", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	want(t, "", 0, ".*left behind +mount "+dir+": harmless; .*", "doctor")
	want(t, "", 0, ".*left behind +mount "+dir+": cleared away\n", "doctor", "-fix")
	want(t, "", 0, ".*left behind +ok\n", "doctor")
	if fuse.Dead(dir) {
		t.Error("still there")
	}
}
