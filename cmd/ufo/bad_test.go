package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ufo/ninep"
)

// ufo runs a command line and returns what it printed and its exit status.
func ufo(args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return out.String(), err.String(), status
}

// Bad input, of each kind that a user can bring about: a clear error that
// says what to do, or a clean recovery. {} stands for the state folder.
var badInput = []struct {
	what   string
	setup  func(t *testing.T, dir string)
	args   string
	status int
	want   string // at the beginning of what is said
	fix    string // somewhere in it
}{
	{"no such command", nil, "boot", 2, "ufo: boot: no such command", "ufo -h"},
	{"no such flag", nil, "up -x", 2, "ufo: no such flag: -x", "usage: ufo up"},
	{"a flag of another command", nil, "ps -mem", 2, "ufo: no such flag: -mem", "usage: ufo ps"},
	{"a flag without its value", nil, "-c", 2, "ufo: flag needs an argument: -c", "usage: ufo [-c CMD]"},
	{"too few arguments", nil, "cut n1", 2, "ufo: cut: wrong number", "usage: ufo cut A B"},
	{"too many arguments", nil, "ps all", 2, "ufo: ps: wrong number", "usage: ufo ps"},
	{"contradiction", nil, "up -d -c date", 2, "ufo: up: -c and -d", "usage: ufo up"},
	{"a grant that is none", nil, "up -host hostf=/src", 2, "ufo: -host:1: hostf=/src: hostf: not one of", "usage: ufo up"},
	{"a grant for nobody", nil, "-mem -host sys=n9\tnet=host", 2, "ufo: -host:1: sys=n9: there is no node 'n9'", ""},
	{"a folder that is not there", nil, "-mem -host hostfs={}/none -c date", 1, "ufo: boot: term: hostfs: {}/none: file does not exist", ""},
	{"a disk that is not there", nil, "-mem -host hostdisk={}/none -c date", 1, "ufo: disk sdD0 of term: stat {}/none: no such file", ""},
	{"publishing without a word", nil, "-host publish=term!7->5640", 2, "ufo: -host:1: publish=term!7->5640: port 7 of term lets in", "noauth"},
	{"nowhere to mount", nil, "mount n2 /proc/x", 1, "ufo: no grid is running", ""},
	{"no such grid", nil, "up five", 2, "ufo: up: five: no such grid", "four, one, or a network database"},
	{"no such topology", nil, "up {}/none.ndb", 1, "ufo: open {}/none.ndb: no such file", ""},
	{"a bad topology", write("lab.ndb", "sys=n1 ip=10.9.0.1\n\trole=fs\nsys=n2 ip=10.9 role=cpu\n"), "up {}/lab.ndb", 1,
		"ufo: {}/lab.ndb:3: sys=n2: ip=10.9: bad ip address", ""},
	{"a topology that is none", write("lab.ndb", "\x00\x01\x02"), "up {}/lab.ndb", 1, "ufo: {}/lab.ndb", ""},
	{"nothing runs", nil, "ps", 1, "ufo: no grid is running", "ufo up"},
	{"that does not run", nil, "down -g lab", 1, "ufo: grid lab is not running", "ufo up lab"},
	{"no disk", write("one/fs.disk", "my diary\n"), "-c date", 1,
		"ufo: {}/one/fs.disk: damaged at offset 0: not the log of a disk", "-fresh starts anew"},
	{"a damaged disk", write("one/fs.disk", "ufo disk log 1\n\n"+strings.Repeat("x", 100)), "-c date", 1,
		"ufo: {}/one/fs.disk: damaged at offset 16", "truncate -s 16 {}/one/fs.disk"},
	{"a disk that is a folder", mkdir("one/fs.disk"), "-c date", 1, "ufo: open {}/one/fs.disk: is a directory", ""},
	{"a state folder that is a file", write("one", ""), "-c date", 1, "ufo: state folder: ", "set UFO_STATE"},
	{"running already", lock("one"), "-c date", 1, "ufo: grid one is running already", "ufo down ends it"},
	{"a socket in the way", func(t *testing.T, dir string) {
		mkdir("one/ctl")(t, dir)
		write("one/ctl/file", "")(t, dir)
	}, "-c date", 1, "ufo: control socket: ", "address already in use"},
	{"no address", nil, "check localhost", 2, "ufo: localhost: not an address", "tcp!host!port"},
	{"no address to trace", nil, "trace localhost", 2, "ufo: localhost: not an address", "usage: ufo trace"},
	{"nobody there", nil, "check unix!{}/none", 1, "ufo: dial unix {}/none: ", ""},
}

func write(name, text string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		name := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0600); err != nil {
			t.Fatal(err)
		}
	}
}

func mkdir(name string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		if err := os.MkdirAll(filepath.Join(dir, name), 0700); err != nil {
			t.Fatal(err)
		}
	}
}

// lock locks the folder of a grid as another process would.
func lock(name string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		s := &state{name: name, dir: filepath.Join(dir, name)}
		if err := s.acquire(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.release)
	}
}

func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("UFO_STATE", dir)
			if c.setup != nil {
				c.setup(t, dir)
			}
			here := strings.NewReplacer("{}", dir).Replace
			args := strings.FieldsFunc(here(c.args), func(r rune) bool { return r == ' ' }) // a tab is part of one
			out, said, status := ufo(args...)
			if status != c.status || out != "" || !strings.HasPrefix(said, here(c.want)) || !strings.Contains(said, here(c.fix)) {
				t.Errorf("status %d, printed %q, said:\n%s", status, out, said)
			}
		})
	}
}

// Each command explains itself.
func TestHelp(t *testing.T) {
	for _, v := range verbs() {
		out, said, status := ufo(strings.Fields(v.name + " -h")...)
		if status != 0 || said != "" || !strings.HasPrefix(out, "usage: ufo") || !strings.Contains(out, "\nexample: ufo") {
			t.Errorf("ufo %s -h: status %d, printed:\n%s%s", v.name, status, out, said)
		}
	}
}

// Help is -h by another name, for a command too, and its flags are those of the command.
func TestHelpWords(t *testing.T) {
	for _, tt := range []struct {
		name       string
		args, same string
		says       string
	}{
		{"of all", "help", "-h", "usage: ufo [-c CMD]"},
		{"of one", "help cut", "cut -h", "usage: ufo cut A B"},
		{"-v of mount", "help mount", "mount -h", "-v       show, too, what went wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, stderr, status := ufo(strings.Fields(tt.args)...)
			same, _, _ := ufo(strings.Fields(tt.same)...)
			if status != 0 || stderr != "" || out != same || !strings.Contains(out, tt.says) {
				t.Errorf("status %d, printed:\n%s%s", status, out, stderr)
			}
		})
	}
	if out, stderr, status := ufo("help", "nothing"); status != 2 || out != "" || !strings.HasPrefix(stderr, "ufo: nothing: no such command") {
		t.Errorf("status %d, printed:\n%s%s", status, out, stderr)
	}
}

// The socket of a grid that was killed is in nobody's way; one of a program
// with a long name for its folder is elsewhere, and as private.
func TestSocket(t *testing.T) {
	for _, name := range []string{"short", strings.Repeat("long", 30)} {
		s := &state{name: name, dir: filepath.Join(t.TempDir(), name)}
		if err := s.acquire(); err != nil {
			t.Fatal(err)
		}
		dead, err := s.listen()
		if err != nil {
			t.Fatal(err)
		}
		dead.(*net.UnixListener).SetUnlinkOnClose(false)
		dead.Close()
		l, err := s.listen()
		if err != nil {
			t.Fatalf("over a dead socket: %v", err)
		}
		info, err := os.Stat(s.socket())
		if err != nil || info.Mode().Perm() != 0600 {
			t.Errorf("%s: %v, %v", s.socket(), info.Mode(), err)
		}
		l.Close()
		s.release()
		if s.running() || s.pid() != 0 {
			t.Error("the lock is still held")
		}
	}
}

// A peer that does not speak 9P harms nobody but itself.
func TestGarbage(t *testing.T) {
	s := &state{name: "x", dir: t.TempDir()}
	l, err := s.listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() {
		serveAtOnce(ctx, l, ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{{Name: "empty"}}}), func(msg string) { t.Error(msg) })
		close(done)
	}()
	for _, garbage := range []string{"GET / HTTP/1.0\r\n\r\n", "\x00\x00\x00\x00", "\xff\xff\xff\xff\x64\xff\xff", "\x05\x00\x00\x00\x6c"} {
		conn, err := net.Dial("unix", s.socket())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, garbage)
		conn.(*net.UnixConn).CloseWrite()
		if b, err := io.ReadAll(conn); err != nil && !errors.Is(err, net.ErrClosed) && len(b) > 1000 {
			t.Errorf("%q: %q, %v", garbage, b, err)
		}
		conn.Close()
	}
	out, said, status := ufo("check", "unix!"+s.socket())
	if status != 0 {
		t.Errorf("check: status %d: %s%s", status, out, said)
	}
	cancel()
	<-done
}
