package hostexec_test

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"ufo/hosted/hostexec"
	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/proc"
)

// Os is a pipe to the host and back.
func TestOs(t *testing.T) {
	dir := t.TempDir()
	m := newMachine(t, nil, hostexec.Config{Allowed: anything, Dir: "/usr",
		HostPath: func(ctx context.Context, name string) (string, bool) {
			return dir, name == "/dev" && proc.Up(ctx) != nil
		}})
	for _, row := range []struct {
		name, dir, input string
		args             []string
		out, errs        string
		status           string
	}{
		{"output", "/", "", []string{"echo", "hi there"}, "hi there\n", "", ""},
		{"input", "/", "a\nb\n", []string{"sort", "-r"}, "b\na\n", "", ""},
		{"no input", "/", "a\n", []string{"-n", "cat"}, "", "", ""},
		{"outputs apart", "/", "", []string{"sh", "-c", "echo out; echo err >&2"}, "out\n", "err\n", ""},
		{"status", "/", "", []string{"sh", "-c", "exit 7"}, "", "", "7"},
		{"signal", "/", "", []string{"sh", "-c", "kill -TERM $$"}, "", "", "kill"},
		{"not there", "/", "", []string{"nosuchcommand"}, "", "os: nosuchcommand: file does not exist\n", "nosuchcommand: file does not exist"},
		{"environment", "/", "", []string{"sh", "-c", `echo "$x,$list,$path,$fn"; case $PATH in *:*) echo kept;; esac`}, "1,a b,/bin:.,\nkept\n", "", ""},
		{"folder of the device", "/", "", []string{"pwd"}, "/usr\n", "", ""},
		{"folder", "/", "", []string{"-d", "/etc", "pwd"}, "/etc\n", "", ""},
		{"folder that is not", "/", "", []string{"-d", "/nosuchfolder", "pwd"}, "", "os: /nosuchfolder: file does not exist\n", "/nosuchfolder: file does not exist"},
		{"current directory", "/dev", "", []string{"pwd"}, dir + "\n", "", ""},
		{"device elsewhere", "/", "", []string{"-m", "#C/cmd", "echo", "hi"}, "hi\n", "", ""},
		{"child left behind", "/", "", []string{"sh", "-c", "sleep 1000 & echo $!"}, "*", "", ""},
		{"terminal", "/", "", []string{"-t", "sh", "-c", "stty size; test -t 0 && echo yes"}, "24 80\r\nyes\r\n", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			m.do(func(p *proc.Proc) error {
				p.Putenv("x", "1")
				p.Putenv("list", "a\x00b")
				p.Putenv("path", "/bin\x00.")
				p.Putenv("fn#y", "echo")
				p.Chdir(row.dir)
				out, errs, status := m.run(p, row.input, append([]string{"os"}, row.args...)...)
				if row.out == "*" {
					killPid(t, out)
					out = row.out
				}
				if out != row.out || errs != row.errs || status != row.status {
					t.Errorf("prints %q and %q, status %q; want %q and %q, %q", out, errs, status, row.out, row.errs, row.status)
				}
				return nil
			})
		})
	}
}

// killPid kills the process of the host whose number is in text.
func killPid(t *testing.T, text string) {
	t.Helper()
	name := t.TempDir() + "/pid"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	pr, err := os.FindProcess(readPid(name))
	if err == nil {
		err = pr.Kill()
	}
	if err != nil {
		t.Error(err)
	}
}

// What is not allowed is not run, and whoever is not the owner runs nothing.
func TestOsDenied(t *testing.T) {
	m := newMachine(t, nil, hostexec.Config{Allowed: []string{"echo"}})
	m.do(func(p *proc.Proc) error {
		if _, errs, status := m.run(p, "", "os", "ls"); errs != "os: ls: permission denied\n" || status != "ls: permission denied" {
			t.Errorf("%q %q", errs, status)
		}
		if out, _, _ := m.run(p, "", "os", "echo", "hi"); out != "hi\n" {
			t.Errorf("%q", out)
		}
		p.SetUser("none")
		if _, errs, _ := m.run(p, "", "os", "echo", "hi"); !strings.Contains(errs, "permission denied") {
			t.Errorf("%q", errs)
		}
		return nil
	})
}

// Ten megabytes of any bytes come back as they went.
func TestOsMuch(t *testing.T) {
	m := newMachine(t, nil, hostexec.Config{Allowed: anything})
	b := make([]byte, 10<<20)
	rand.NewChaCha8([32]byte{1}).Read(b)
	m.do(func(p *proc.Proc) error {
		out, _, status := m.run(p, string(b), "os", "cat")
		if sha256.Sum256([]byte(out)) != sha256.Sum256(b) || status != "" {
			t.Errorf("%d bytes of %d, status %q", len(out), len(b), status)
		}
		return nil
	})
}

// Notes reach the command as signals; with os it ends.
func TestOsNotes(t *testing.T) {
	const script = `trap "kill \$!; echo int; exit 1" INT; trap "kill \$!; echo hup; exit 2" HUP; echo ready $$; sleep 1000 & wait`
	m := newMachine(t, nil, hostexec.Config{Allowed: anything})
	for _, row := range []struct {
		name, status string
		do           func(p *proc.Proc, pid int)
	}{
		{"interrupt", "1", func(p *proc.Proc, pid int) { p.Postnote(pid, "interrupt") }},
		{"hangup", "2", func(p *proc.Proc, pid int) { p.Postnote(pid, "hangup") }},
		{"another note", "bye", func(p *proc.Proc, pid int) { p.Postnote(pid, "bye") }},
		{"killed", "Killed", func(p *proc.Proc, pid int) { p.Table().Find(pid).Kill() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			m.do(func(p *proc.Proc) error {
				out, w := pipe(p)
				stdin, toin := pipe(p)
				pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(k *proc.Proc) error {
					k.Dup(stdin, 50)
					k.Dup(w, 51)
					k.Dup(50, 0)
					k.Dup(51, 1)
					k.Dup(51, 2)
					for fd := 3; fd < 60; fd++ {
						k.Close(fd)
					}
					return k.Exec("/bin/os", []string{"os", "sh", "-c", script})
				})
				if err != nil {
					return err
				}
				p.Close(w)
				b := make([]byte, 100)
				n, _ := p.Read(out, b)
				word, num, _ := strings.Cut(string(b[:n]), " ")
				if word != "ready" {
					t.Errorf("%q", b[:n])
				}
				row.do(p, pid)
				msg, err := p.Wait()
				if err != nil || !strings.HasSuffix(msg.Msg, ": "+row.status) {
					t.Error(msg, err)
				}
				name := t.TempDir() + "/pid"
				os.WriteFile(name, []byte(num), 0o600)
				host := readPid(name)
				until(t, "the end of the command", func() bool { return !alive(host) })
				p.Close(toin)
				return nil
			})
			until(t, "the end of all processes", func() bool { return m.k.Procs().Len() == 0 })
		})
	}
}

// A screen is what a person sees and types at: the bytes of a terminal.
type screen struct {
	keys chan []byte

	mu   sync.Mutex // guards text
	text string
}

func (s *screen) Read(p []byte) (int, error) {
	b, ok := <-s.keys
	if !ok {
		return 0, os.ErrClosed
	}
	return copy(p, b), nil
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += string(p)
	return len(p), nil
}

// has reports whether the text is what is shown next.
func (s *screen) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.HasPrefix(s.text, text)
}

// seen reports whether the text is shown, and forgets what was shown before.
func (s *screen) seen(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, rest, ok := strings.Cut(s.text, text)
	if ok {
		s.text = rest
	}
	return ok
}

// shows waits until the text is shown, after what was waited for before.
func (s *screen) shows(t *testing.T, text string) {
	t.Helper()
	until(t, text, func() bool { return s.seen(text) })
}

// A command with a terminal gets keys, signals by keys, the size of the window
// and its changes; afterwards the console edits lines again.
func TestOsTerminal(t *testing.T) {
	s := &screen{keys: make(chan []byte, 10)}
	e := tty.NewEditor(s, tty.Options{Width: 70, Height: 20})
	m := newMachine(t, e, hostexec.Config{Allowed: anything})
	const script = `stty size; stty -echo -icanon min 1
trap 'echo caught' INT; echo ready
while :; do k=$(dd bs=1 count=1 2>/dev/null); echo "key <$k>" $(stty size); test "$k" = q && exit 5; done`
	p := m.start(func(p *proc.Proc) error {
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
			p.Open("/dev/cons", mode)
		}
		p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
			return k.Exec("/bin/os", []string{"os", "-t", "sh", "-c", script})
		})
		w, err := p.Wait()
		if err != nil {
			return err
		}
		for _, k := range p.Table().Procs() {
			if k != p && k.Info().Text == "os" {
				t.Errorf("process %d reads the console when os has ended", k.Getpid())
			}
		}
		p.FD(1).Write([]byte(w.Msg + "\n"))
		b := make([]byte, 100)
		n, err := p.Read(0, b)
		p.FD(1).Write([]byte("read <" + strings.TrimSpace(string(b[:n])) + ">\n"))
		return err
	})
	s.shows(t, "20 70\r\x1bD")
	s.shows(t, "ready\r\x1bD")
	s.keys <- []byte("x")
	s.shows(t, "key <x> 20 70\r\x1bD")
	s.keys <- []byte("\x1b[A")
	s.shows(t, "key <A>")
	s.keys <- []byte(tty.Size(90, 30))
	until(t, "another size", func() bool {
		s.keys <- []byte("y")
		s.shows(t, "key <y> ")
		return s.has("30 90")
	})
	s.keys <- []byte{3}
	until(t, "an interrupt", func() bool { // the shell looks when dd has a key, if that is new
		s.keys <- []byte("z")
		return s.seen("caught")
	})
	s.keys <- []byte("q")
	s.shows(t, "key <q>")
	s.shows(t, ": 5\r\n")
	s.keys <- []byte("ab\bc\r")
	s.shows(t, "ac>") // after what is left of the keys typed before
	<-p.Done()
	close(s.keys)
}
