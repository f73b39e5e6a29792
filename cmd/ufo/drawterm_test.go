package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// drawterm returns the path of drawterm, the one of $DRAWTERM or of the path, or
// skips. One that was made without a window system will do.
func drawterm(t *testing.T) string {
	t.Helper()
	name := os.Getenv("DRAWTERM")
	if name == "" {
		name = "drawterm"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: it is to be compiled from 9front's sources; DRAWTERM= says where it is", name)
	}
	return path
}

// freePort returns a port of the host that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// TestDrawterm has drawterm log in to a node, run commands there with files of the
// host at /mnt/term, and be refused.
func TestDrawterm(t *testing.T) {
	path := drawterm(t)
	t.Setenv("UFO_STATE", t.TempDir())
	rcpu, auth := freePort(t), freePort(t)
	up, err := program(t, "up", "-d", "-mem", "-users", "ken", "-host", "publish=n2!17019->"+rcpu, "-host", "publish=n1!567->"+auth).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, up)
	}
	t.Cleanup(func() { ufo("down", "-g", "four") })
	_, told, _ := strings.Cut(string(up), "the password of ken is ")
	password, _, _ := strings.Cut(told, "\n")
	own := filepath.Join(t.TempDir(), "own")
	if err := os.WriteFile(own, []byte("a file of the host\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, password, cmd string
		status              int // drawterm's is the first byte of a status that is not empty
		want                string
	}{
		{"who and where", password, "cat /dev/user /dev/sysname", 0, "kenn2"},
		{"files of the host", password, "cat /mnt/term/root" + own, 0, "a file of the host\n"},
		{"files for the host", password, "echo changed >/mnt/term/root" + own + "; cat /mnt/term/root" + own, 0, "changed\n"},
		{"a status", password, "exit bad", 'r', ""},
		{"a wrong password", "a guess", "echo in", 1, "wrong password\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			dt := exec.CommandContext(ctx, path, "-G", "-h", "tcp!127.0.0.1!"+rcpu, "-a", "tcp!127.0.0.1!"+auth, "-u", "ken", "-c", c.cmd)
			dt.Env = append(os.Environ(), "PASS="+c.password)
			began := time.Now()
			out, err := dt.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := dt.ProcessState.ExitCode(); got != c.status || !strings.HasSuffix(string(out), c.want) {
				t.Errorf("status %d, %q", got, out)
			}
			if took := time.Since(began); c.status == 1 && took > time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	want(t, "cat /sys/log/rcpu\n", 0, `.*10\.9\.0\.2!\d+ auth_proxy: the other side hung up.*`, "con", "n2")
}
