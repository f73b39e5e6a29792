package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// inBackground boots a grid that ends with the test.
func inBackground(t *testing.T) {
	t.Helper()
	t.Setenv("UFO_STATE", t.TempDir())
	want(t, "", 0, ".* nodes, .*", "up", "-d", "-mem")
	t.Cleanup(func() { want(t, "", 0, "", "down") })
}

// resize changes the size of the window.
func (s *seat) resize(columns, rows uint16) {
	s.t.Helper()
	ioctl(s.t, s.pty, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns})
	})
}

// until runs ufo until what it prints contains text.
func until(t *testing.T, text string, args ...string) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		out, err := program(t, args...).CombinedOutput()
		if strings.Contains(string(out), text) {
			return
		}
		select {
		case <-timeout:
			t.Fatalf("ufo %v: %v, waiting for %q, printed:\n%s", args, err, text, out)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A console goes on when it is left, however that happens.
func TestConDetach(t *testing.T) {
	inBackground(t)
	want(t, "", 0, "ufo: no consoles: .*", "con")
	s := sitDown(t, "con", "n2")
	s.see("boot: root is from")
	s.see("n2% ")
	s.typ("x=kept\r")
	s.see("n2% ")
	s.typ("sleep 1000\r")
	until(t, "n2  1  attached  sleep 1000\n", "con")
	s.typ("\x1c")
	s.see("ufo con n2 comes back to it")
	s.left(0)
	want(t, "", 0, "n2  1  detached  sleep 1000\n", "con")

	for sig, status := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGKILL: -1} {
		s = sitDown(t, "con", "n2")
		s.see("x=kept")
		s.see("sleep 1000")
		s.cmd.Process.Signal(sig)
		s.left(status)
		until(t, "n2  1  detached", "con")
	}
	s = sitDown(t, "con", "n2")
	s.see("sleep 1000")
	s.pty.Close() // the terminal goes away
	s.cmd.Wait()
	until(t, "n2  1  detached", "con")

	s = sitDown(t, "con", "-q", "-n", "n2")
	s.see("n2% ")
	want(t, "", 0, "n2  1  detached  sleep 1000\nn2  2  attached  rc -l\n", "con")
	other := sitDown(t, "con", "n2", "2")
	other.see("ufo: console 2 of n2 is in use: ufo con -n n2")
	other.left(1)
	other = sitDown(t, "con", "n2")
	other.see("sleep 1000")
	other.typ("\x03")
	other.see("n2% ")
	other.typ("echo $x\r")
	other.see("kept\r\n")
	other.typ("\x04")
	other.left(0)
	want(t, "", 0, "n2  2  attached  rc -l\n", "con")
	want(t, "", 0, "", "kill", "n2")
	s.see("ufo: n2 is dead")
	s.left(1)
	want(t, "", 1, "ufo: n2 is dead: ufo start n2 .*ufo con -l n2 .*", "con", "n2")
	want(t, "", 0, "boot: root is from .*", "con", "-l", "n2")
	want(t, "", 1, "ufo: n9: no such node: .*", "con", "-l", "n9")
	want(t, "", 2, "ufo: con: of which node.*", "con", "-l")
	want(t, "", 2, "ufo: con: input or output is not a terminal.*", "con", "n2", "2")
}

// A program that wants keys as they come gets them, all but the one to leave.
func TestConRaw(t *testing.T) {
	inBackground(t)
	s := sitDown(t, "con", "-q", "n3")
	s.see("n3% ")
	s.typ("{echo -n rawon; echo rea^dy >/dev/cons; read -c 16 | xd -c >/dev/cons} >/dev/consctl\r")
	s.see("ready")
	s.resize(40, 10)
	s.typ("a\x03\x04\x1a\t\x15\rü\x1b[Axyz")
	s.resize(41, 10)
	s.typ("!")
	s.see(" a 03 04 1a \\t 15 \\r c3 bc 1b  [  A  x  y  z  !")
	s.see("n3% ")
	s.typ("echo edix\x7fted\r")
	s.see("edited\r\n")
	s.typ("cat | wc -c\r\x1cnot sent")
	s.left(0)
	s = sitDown(t, "con", "n3")
	s.see("wc -c")
	s.typ("\x04")
	s.see("0\r\n")
	s.typ("exit\r")
	s.left(0)
}

// On a terminal that can only print the host edits the lines.
func TestConDumb(t *testing.T) {
	inBackground(t)
	s := sitDownAt(t, "dumb", "con", "n3")
	s.see("\r\nn3% ")
	s.typ("echo edix\x7fted; sleep 1000\r")
	s.see("\r\nedited\r\n")
	s.typ("\x03")
	s.see("n3% ")
	s.typ("cat\rtyped\r")
	s.see("typed\r\ntyped\r\n")
	s.typ("\x04")
	s.see("n3% ")
	s.typ("\x1c")
	s.see("ufo con n3 comes back")
	if strings.Contains(s.seen, "\x1b") {
		t.Errorf("an escape sequence: %q", s.seen)
	}
	s.left(0)
	s = sitDownAt(t, "dumb", "con", "n3")
	s.see("n3% ")
	s.typ("\x04")
	s.left(0)
	one := sitDownAt(t, "dumb", "-mem")
	one.see("term% ")
	one.typ("cat\rtyped\r")
	one.see("typed\r\ntyped\r\n")
	one.typ("\x04")
	one.see("term% ")
	one.typ("\x04")
	one.left(0)
}

// Stopped and continued, it has its terminal again.
func TestConContinued(t *testing.T) {
	inBackground(t)
	s := sitDown(t, "con", "-q", "n3")
	s.see("n3% ")
	s.typ("echo half")
	s.see("half")
	s.cmd.Process.Signal(syscall.SIGSTOP)
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(s.cmd.Process.Pid, &ws, syscall.WUNTRACED, nil); err != nil || !ws.Stopped() {
		t.Fatalf("not stopped: %v, %v", ws, err)
	}
	if err := unix.IoctlSetTermios(int(s.tty.Fd()), unix.TCSETS, &s.modes); err != nil { // as a shell does
		t.Fatal(err)
	}
	s.cmd.Process.Signal(syscall.SIGCONT)
	s.see("n3% echo half")
	s.typ("\x17whole\r")
	s.see("\r\nwhole\r\n")
	s.typ("\x04")
	s.left(0)
}

// Many can sit at one node, at terminals of any width.
func TestConMany(t *testing.T) {
	inBackground(t)
	var seats []*seat
	for range 20 {
		seats = append(seats, sitDown(t, "con", "-n", "n2"))
	}
	for i, s := range seats {
		s.resize(uint16(1+25*i), 24)
		s.typ(fmt.Sprintf("echo i am `{echo %d}\r", i))
	}
	for i, s := range seats {
		if i > 0 { // a letter a row
			s.see(fmt.Sprintf("\ni am %d\r\n", i))
		}
		s.typ("\x15exit\r")
		s.left(0)
	}
	want(t, "", 0, "ufo: no consoles: .*", "con")
}
