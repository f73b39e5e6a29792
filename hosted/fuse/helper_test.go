//go:build linux

package fuse

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// limit is how long a test waits for what it expects.
const limit = time.Minute

// TestMain is the tests, or, when the test binary was started with a directory
// in the environment, a process that mounts a ramfs there and serves it until
// its standard input ends.
func TestMain(m *testing.M) {
	if dir := os.Getenv("UFO_TEST_MOUNT"); dir != "" {
		if err := serveChild(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveChild(dir string) error {
	srv := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	m, err := Mount(context.Background(), srv, dir, Options{})
	if err != nil {
		return err
	}
	fmt.Println("mounted")
	os.Stdin.Read(make([]byte, 1))
	if err := m.Unmount(); err != nil {
		return err
	}
	if err := srv.Check(); err != nil {
		return err
	}
	fmt.Println("unmounted")
	return nil
}

// need skips a test that this host cannot run.
func need(t testing.TB) {
	t.Helper()
	if err := Available(); err != nil {
		t.Skip("no mounts here: ", err)
	}
}

// mountAt mounts srv for the time of a test, and checks at its end that all
// Files are closed and that none was used against the rules.
func mountAt(t testing.TB, srv ninep.Server, opt Options) (string, *Mounted) {
	t.Helper()
	need(t)
	dir := t.TempDir()
	strict := ninetest.Strict(srv)
	m, err := Mount(t.Context(), strict, dir, opt)
	if err != nil {
		t.Skip("this host does not let us mount: ", err)
	}
	t.Cleanup(func() {
		if err := m.Unmount(); err != nil {
			t.Error("unmount: ", err)
		}
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
	})
	return dir, m
}

// sh runs a script of the host's shell, in dir, and returns what it printed
// and how it ended, if not well. It goes to dir itself: a child of ours must
// not touch the mount before it executes.
func sh(t testing.TB, dir, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", `cd "$0" || exit; `+script, dir)
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Sprintf("%shangs", out)
	}
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

// start starts a script as sh does, in a process group of its own, and returns
// a function that kills all of it and waits.
func start(t testing.TB, dir, script string) (kill func()) {
	t.Helper()
	cmd := exec.Command("sh", "-c", `cd "$0" || exit; `+script, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := false
	kill = func() {
		if !done {
			done = true
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			cmd.Wait()
		}
	}
	t.Cleanup(kill)
	return kill
}

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("never happened: ", what)
		}
	}
}

// wants compares the output of a script with what is expected.
func wants(t *testing.T, got, want string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// write makes a file in a Server behind the back of a mount.
func write(t testing.TB, srv ninep.Server, name, text string) {
	t.Helper()
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, err := root.Walk(t.Context(), name)
	if err == nil {
		err = f.Open(t.Context(), ninep.OWRITE|ninep.OTRUNC)
	} else {
		f, err = root.Create(t.Context(), name, 0666, ninep.OWRITE)
	}
	if err == nil {
		_, err = f.Write(t.Context(), []byte(text), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// remove removes a file in a Server behind the back of a mount.
func remove(t testing.TB, srv ninep.Server, name string) {
	t.Helper()
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, err := root.Walk(t.Context(), name)
	if err == nil {
		err = f.Remove(t.Context())
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A child is another process that serves a mount.
type child struct {
	cmd *exec.Cmd
	in  interface{ Close() error }
	out *bytes.Buffer
}

// serveElsewhere starts the test binary as the server of a mount on dir.
func serveElsewhere(t *testing.T, binary, dir string, cred *syscall.Credential) (*child, error) {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "UFO_TEST_MOUNT="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); Clear(dir) })
	c := &child{cmd: cmd, in: in, out: &bytes.Buffer{}}
	line := make([]byte, 1000)
	n, _ := out.Read(line)
	if got := string(line[:n]); got != "mounted\n" {
		return nil, fmt.Errorf("%s", strings.TrimSpace(got))
	}
	go c.out.ReadFrom(out) // ends with the child
	return c, nil
}

// own returns a copy of the test binary that everybody may execute.
func own(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(shared(t), "test")
	if err := os.WriteFile(name, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// shared returns a directory that everybody may look into.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fuse")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
