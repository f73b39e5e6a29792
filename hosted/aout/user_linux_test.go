package aout_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// heldVar is set when the test binary is run anew, with less than we have: to what
// the host's /proc/self/status has to say.
const heldVar = "AOUT_TEST_HELD"

const (
	noCaps     = "CapPrm:\t0000000000000000\n"
	noNewPrivs = "NoNewPrivs:\t1\n"
)

// TestUnprivileged runs programs where nothing is allowed but what every user may.
func TestUnprivileged(t *testing.T) {
	if want, ok := os.LookupEnv(heldVar); ok {
		runHeld(t, want)
		return
	}
	many := build(t, "many", "amd64")
	root := os.Getuid() == 0
	for _, row := range []struct {
		name string
		root bool // it stays root
		hold func() error
		want string
	}{
		{"a user", false, nil, noCaps},
		{"a user without new privileges", false, holdPrivs, noCaps + noNewPrivs},
		{"root without capabilities", true, dropCaps, noCaps},
		{"root without new privileges", true, holdPrivs, noNewPrivs},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.root && !root {
				t.Skip("only root can be that")
			}
			cmd := exec.Command("/proc/self/exe", "-test.run=^TestUnprivileged$")
			cmd.Env = append(os.Environ(), heldVar+"="+row.want)
			cmd.Stdin = bytes.NewReader(many)
			if root && !row.root {
				const nobody = 65534
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			}
			if out, err := held(cmd, row.hold); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// held runs a command that inherits what hold does to the thread, which ends.
func held(cmd *exec.Cmd, hold func() error) (out []byte, err error) {
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if hold != nil {
			if err = hold(); err != nil {
				return
			}
		}
		out, err = cmd.CombinedOutput()
	}()
	<-done
	return out, err
}

func holdPrivs() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }

// dropCaps takes away what root would get when it executes a program.
func dropCaps() error {
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && err != unix.EINVAL {
			return err // EINVAL is one that this host has not got
		}
	}
	return nil
}

// runHeld runs the program that its input is.
func runHeld(t *testing.T, want string) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(want) {
		if !strings.Contains(string(status), line) {
			t.Fatalf("no %q in\n%s", line, status)
		}
	}
	many, err := io.ReadAll(os.Stdin)
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(t)
	got := m.sh("path=(/tmp /bin)\nmany recover; many exec a", map[string][]byte{"many": many})
	const printed = "runtime error: invalid memory address or nil pointer dereference\n" +
		"runtime error: invalid memory address or nil pointer dereference\nruntime error: integer divide by zero\n" +
		"at the bottom x\ntrue\nstatus: 3\n"
	if got != printed {
		t.Errorf("got:\n%s\nwant:\n%s", got, printed)
	}
}
