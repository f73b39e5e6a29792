//go:build linux

package fuse

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// gone waits for the end of a mount.
func gone(t *testing.T, m *Mounted) {
	t.Helper()
	select {
	case <-m.Done():
	case <-time.After(limit):
		t.Fatal("the mount does not end")
	}
}

// TestUnmount takes mounts away that nobody uses, and that somebody does.
func TestUnmount(t *testing.T) {
	for _, tt := range []struct{ name, script string }{
		{"not used", ""},
		{"a blocked reader", "cat blocks"},
		{"a blocked writer", "echo x > blocks"},
		{"a blocked open", "cat opens"},
		{"stood in", "exec sleep 1000"},
		{"a file is open", "exec 3< text; exec sleep 1000"},
		{"a reader that tries again", "while :; do cat blocks; done"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			dir, m := mountAt(t, w, Options{})
			if tt.script != "" {
				start(t, dir, "touch started; "+tt.script)
				eventually(t, "it is in use", func() bool {
					return strings.Contains(tt.name, "blocked") && w.blocked.Load() > 0 || stands(dir)
				})
			}
			if err := m.Unmount(); err != nil {
				t.Error(err)
			}
			gone(t, m)
			if err := m.Unmount(); err != nil {
				t.Error("again: ", err)
			}
			if lastMount(dir) != "" {
				t.Error("still mounted")
			}
		})
	}
}

// stands reports whether some process stands in dir.
func stands(dir string) bool {
	out, _ := exec.Command("sh", "-c", "ls -l /proc/[0-9]*/cwd 2>/dev/null").Output()
	return strings.Contains(string(out), dir)
}

// TestUnmountOutside is unmounted by others.
func TestUnmountOutside(t *testing.T) {
	dir, m := mountAt(t, newWorld(), Options{})
	if err := detachClean(dir); err != nil {
		t.Fatal(err)
	}
	gone(t, m)
}

// TestMountErrors explains what cannot be mounted.
func TestMountErrors(t *testing.T) {
	need(t)
	dir := t.TempDir()
	for _, tt := range []struct {
		name, dir string
		opt       Options
		want      string
	}{
		{"no such directory", dir + "/none", Options{}, dir + "/none"},
		{"no such tree", dir, Options{Spec: "none"}, "attach: bad attach specifier"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := ninetest.Strict(newWorld())
			m, err := Mount(t.Context(), srv, tt.dir, tt.opt)
			if err == nil {
				m.Unmount()
				t.Fatal("mounted")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Error(err)
			}
			if err := srv.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDead clears away what a killed server leaves, and mounts over it.
func TestDead(t *testing.T) {
	need(t)
	dir := t.TempDir()
	die := func() {
		t.Helper()
		c, err := serveElsewhere(t, "/proc/self/exe", dir, nil)
		if err != nil {
			t.Skip("this host does not let us mount: ", err)
		}
		if Dead(dir) {
			t.Error("dead while its server lives")
		}
		c.cmd.Process.Kill()
		c.cmd.Wait()
		if !Dead(dir) {
			t.Error("not dead though its server is")
		}
	}
	die()
	if err := Clear(dir); err != nil || Dead(dir) {
		t.Error(err)
	}
	if err := Clear(dir); err != nil {
		t.Error("nothing to clear: ", err)
	}
	die()
	m, err := Mount(t.Context(), newWorld(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, sh(t, dir, "cat text"), "some text")
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
}

// TestUser mounts as an ordinary user, with fusermount3.
func TestUser(t *testing.T) {
	need(t)
	if _, err := fusermount(); err != nil {
		t.Skip(err)
	}
	cred := &syscall.Credential{Uid: nobody, Gid: nobody}
	if os.Geteuid() != 0 {
		cred = nil
	}
	dir := shared(t) + "/mnt, with a comma"
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if cred != nil {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	c, err := serveElsewhere(t, own(t), dir, cred)
	if err != nil {
		t.Skip("this host does not let a user mount: ", err)
	}
	cmd := exec.Command("sh", "-c", `cd "$0" && echo hello > f && cat f && [ $(stat -c %u f) = $(id -u) ] && echo mine`, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Error(err)
	}
	wants(t, string(out), "hello\nmine")
	if cred != nil {
		wants(t, sh(t, "/", "ls '"+dir+"' 2>&1 | grep -o denied"), "denied")
	}
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestServe serves a descriptor that somebody else has mounted.
func TestServe(t *testing.T) {
	need(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can mount(2)")
	}
	dir := t.TempDir()
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("other", dir, "fuse.ufo", unix.MS_NOSUID|unix.MS_NODEV, MountData(fd, 0, 0, Options{})); err != nil {
		t.Skip("this host does not let us mount: ", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	srv := ninetest.Strict(newWorld())
	m, err := Serve(t.Context(), srv, fd, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, sh(t, dir, "cat text"), "some text")
	start(t, dir, "cat blocks")
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
	gone(t, m)
	if err := srv.Check(); err != nil {
		t.Error(err)
	}
	if !Dead(dir) {
		t.Error("not dead, though nobody serves it")
	}
}

// TestServeErrors leaves nothing behind.
func TestServeErrors(t *testing.T) {
	srv := ninetest.Strict(newWorld())
	fd, err := unix.Open("/dev/null", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Serve(t.Context(), srv, fd, Options{}); err == nil {
		m.Unmount()
		t.Error("serves /dev/null")
	}
	if err := srv.Check(); err != nil {
		t.Error(err)
	}
}

// refuses is a Server that nobody may attach to.
type refuses struct{}

func (refuses) Attach(context.Context, string, string) (ninep.File, error) {
	return nil, ninep.ErrPerm
}

func TestAttachRefused(t *testing.T) {
	need(t)
	if _, err := Mount(t.Context(), refuses{}, t.TempDir(), Options{}); !errors.Is(err, ninep.ErrPerm) {
		t.Error(err)
	}
}

// TestTwo has two mounts of one server that see each other's changes.
func TestTwo(t *testing.T) {
	srv := ramfs.New("glenda", time.Now, 0)
	a, _ := mountAt(t, srv, Options{})
	b, _ := mountAt(t, srv, Options{})
	sh(t, a, "echo one > f")
	wants(t, sh(t, b, "cat f; echo two >> f"), "one")
	wants(t, sh(t, a, "cat f; rm f"), "one\ntwo")
	wants(t, sh(t, b, "ls"), "")
}
