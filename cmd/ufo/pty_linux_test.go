package main

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A seat is a terminal at which ufo runs.
type seat struct {
	t      *testing.T
	pty    *os.File // the user's side
	tty    *os.File // the program's
	before *term.State
	modes  unix.Termios // before
	cmd    *exec.Cmd
	output chan string
	seen   string
}

// sitDown starts ufo on a terminal of its own.
func sitDown(t *testing.T, args ...string) *seat {
	t.Helper()
	return sitDownAt(t, "xterm", args...)
}

// sitDownAt is sitDown at a kind of terminal.
func sitDownAt(t *testing.T, kind string, args ...string) *seat {
	t.Helper()
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	var n int
	ioctl(t, pty, func(fd int) (err error) {
		if n, err = unix.IoctlGetInt(fd, unix.TIOCGPTN); err == nil {
			err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
		}
		return err
	})
	tty, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &seat{t: t, pty: pty, tty: tty, output: make(chan string, 100)}
	s.before, err = term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	modes, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	s.modes = *modes
	s.cmd = program(t, args...)
	s.cmd.Env = append(s.cmd.Env, "TERM="+kind)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the terminal
		buf := make([]byte, 1000)
		for {
			n, err := pty.Read(buf)
			if err != nil {
				close(s.output)
				return
			}
			s.output <- string(buf[:n])
		}
	}()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		tty.Close()
		pty.Close()
	})
	return s
}

// ioctl does something with the descriptor of a file that can still be closed
// while it is read.
func ioctl(t *testing.T, f *os.File, do func(fd int) error) {
	t.Helper()
	conn, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var did error
	if err := conn.Control(func(fd uintptr) { did = do(int(fd)) }); err != nil || did != nil {
		t.Fatal(err, did)
	}
}

// see waits until the terminal has shown text.
func (s *seat) see(text string) {
	s.t.Helper()
	s.until(text)
}

// until is see, and returns what was shown before that.
func (s *seat) until(text string) string {
	s.t.Helper()
	timeout := time.After(20 * time.Second)
	for !strings.Contains(s.seen, text) {
		select {
		case more := <-s.output:
			s.seen += more
		case <-timeout:
			s.t.Fatalf("waiting for %q, saw %q", text, s.seen)
		}
	}
	before, after, _ := strings.Cut(s.seen, text)
	s.seen = after
	return before
}

// typ types keys.
func (s *seat) typ(keys string) { s.pty.WriteString(keys) }

// left waits until ufo has ended, and the terminal is as it was before.
func (s *seat) left(status int) {
	s.t.Helper()
	go func() { // ends with the terminal: a program that cannot print cannot end
		for range s.output {
		}
	}()
	s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		s.t.Errorf("status %d, want %d", got, status)
	}
	timeout := time.After(20 * time.Second)
	for {
		now, err := term.GetState(int(s.tty.Fd()))
		if err != nil {
			s.t.Fatal(err)
		}
		if reflect.DeepEqual(now, s.before) {
			return
		}
		select {
		case <-timeout:
			s.t.Fatalf("the terminal is left as %+v, was %+v", now, s.before)
		case <-time.After(time.Millisecond): // when it was killed somebody else does it
		}
	}
}

func TestTerminal(t *testing.T) {
	t.Setenv("UFO_STATE", t.TempDir())
	s := sitDown(t, "up", "-mem")
	s.see("5 nodes")
	s.see("term% ")
	s.typ("echo one twox\x7f | wc -w\r")
	s.see("2\r\nterm% ")
	s.typ("sleep 1000\r")
	s.see("sleep 1000")
	s.typ("\x03")
	s.see("\r\nterm% ")
	s.typ("cat /lib/ndb/lo\t | grep -c '^sys=term'\r")
	s.see("1\r\nterm% ")
	s.typ("\x1b[A\x1b[A\x1b[A\x05c\r")
	s.see("8\r\nterm% ") // wc -wc
	con := sitDown(t, "con", "n3")
	con.see("n3% ")
	con.typ("echo here >/dev/null; cat /dev/sysname\r")
	con.see("n3")
	con.typ("sleep 1000\r\x03")
	con.see("n3% ")
	con.typ("\x1c")
	con.left(0)
	s.typ("\x04")
	s.left(0)
}

// However it ends, the terminal is given back.
func TestTerminalGivenBack(t *testing.T) {
	t.Setenv("UFO_STATE", t.TempDir())
	for sig, status := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGKILL: -1} {
		s := sitDown(t)
		s.see("term% ")
		s.cmd.Process.Signal(sig)
		s.left(status)
	}
}
