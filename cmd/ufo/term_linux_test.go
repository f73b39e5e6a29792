package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ufo/hosted/hostexec"
)

// Programs of the host have the terminal that one sits at: its size, its keys,
// and ^C; at the terminal that boots the grid and at another console.
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
