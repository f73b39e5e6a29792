package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/hosted/hostexec"
)

// Programs of the host have the terminal that one sits at: its size, its keys,
// and ^C; at the terminal that boots the grid, on another machine by rcpu from there,
// and at another console.
func TestHostTerminal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("UFO_STATE", filepath.Join(dir, "state"))
	write("try", "stty size\nwhile read x && test \"$x\" != cat; do stty size; done\nexec cat\n")(t, dir)
	try := func(s *seat, prompt string) {
		s.see(prompt)
		s.typ("os -t sh " + dir + "/try; echo it en^ded\r")
		s.see("24 80")
		s.resize(90, 30)
		s.ask("size\r", "30 90")
		s.typ("cat\ragain\r")
		s.see("again") // by the terminal
		s.see("again") // by cat
		s.typ("\x03")
		s.see("it ended")
		s.see(prompt)
		s.typ("read </dev/winsize\r")
		s.see("\n30 90")
	}
	s := sitDown(t, "up", "-mem", "-host", "hostcmd=sh", "-host", "sys=n2 hostcmd=sh")
	try(s, "term% ")
	s.resize(80, 24)
	s.ask("read </dev/winsize\r", "\n24 80")
	s.typ("rcpu -h n2\r")
	try(s, "n2% ")
	s.typ("exit\r")
	s.see("term% ")
	con := sitDown(t, "con", "n2")
	try(con, "n2% ")
	con.typ("\x04")
	con.left(0)
	program := func(args ...string) {
		run := sitDown(t, append(append([]string{"run"}, args...), "/bin/sh", "-c", "test -t 0 && echo a terminal of `stty size`; exec sleep 1000")...)
		run.see("a terminal of 24 80")
		run.typ("\x03")
		run.left(1)
	}
	if hostexec.Available() == nil {
		program()
		program("-n", "n2")
	}
	s.typ("\x04")
	s.left(0)
	if hostexec.Available() == nil {
		program() // in a node of its own
	}
}

// What one expects of a console, from the keys to the screen: a paste that waits
// for Enter, pages that stop, a line that tells what runs, and that lines typed
// are there when the grid is booted again.
func TestConsole(t *testing.T) {
	const on, off = "\x1b[?2004h", "\x1b[?2004l"
	t.Setenv("UFO_STATE", t.TempDir())
	s := sitDown(t, "up")
	s.see(on)
	s.see("term% ")
	s.typ("\x1b[200~echo o^ne\n\techo tw^o\x1b[201~")
	s.see("echo tw^o")
	s.typ("\r")
	s.see("\r\none\r\n")
	s.see("\r\ntwo\r\n")
	s.typ("man rc; echo sto^pped\r")
	s.see("DESCRIPTION")
	s.typ("q\r")
	if page := s.until("stopped"); strings.Contains(page, "BUGS") {
		t.Errorf("the page did not stop: %q", page)
	}
	s.typ("man rc | tail -1; man pwd; sleep 1000\r")
	s.see("\r\n     at it.\r\n") // whole, as it is redirected, and
	s.see("SEE ALSO\r\n")        // whole, as it fits
	s.ask("\x14", "sleep")
	s.see("Sleep 0:0")
	s.typ("\x03")
	s.resize(40, 12) // where lines of a page take two rows
	s.typ("while(! ~ `{read /dev/winsize} '12 40') sleep 0.1; man rc; echo full^y\r")
	s.see("NAME")
	s.typ("q\r")
	rows := 2 // with the title
	for line := range strings.Lines(s.until("fully")) {
		rows += 1 + max(0, len(strings.TrimRight(line, "\r\n"))-1)/40
	}
	if rows > 12+1 { // and what is searched for
		t.Errorf("a page has %d rows", rows)
	}
	con := sitDown(t, "con", "n2")
	con.see(on)
	con.typ("\x1b[200~cat /dev/sysname\x1b[201~\r")
	con.see("\r\nn2")
	con.typ("\x1c")
	con.see(off)
	con.left(0)
	s.typ("\x04")
	s.see(off)
	s.left(0)

	s = sitDownAt(t, "vt100", "up")
	if begin := s.until("term% "); strings.Contains(begin, on) {
		t.Errorf("a terminal that cannot is told to: %q", begin)
	}
	s.typ("\x1b[A\x1b[A\x1b[A\r") // not q, which was for p
	s.see("DESCRIPTION")
	s.typ("q\r")
	s.see("stopped")
	s.typ("\x04")
	s.left(0)
}

// ask types keys again and again until the terminal has shown text.
func (s *seat) ask(keys, text string) {
	s.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(20 * time.Second); !strings.Contains(s.seen, text); {
		select {
		case more := <-s.output:
			s.seen += more
		case <-again.C:
			s.typ(keys)
		}
		if time.Now().After(end) {
			s.t.Fatalf("waiting for %q, saw %q", text, s.seen)
		}
	}
	s.seen = s.seen[strings.Index(s.seen, text)+len(text):]
}
