package hostexec_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/dev"
	"ufo/hosted/hostexec"
	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// need skips a test on a host that does not let us do what it needs.
func need(t testing.TB) {
	t.Helper()
	if err := hostexec.Available(); err != nil {
		t.Skip("programs cannot be run in a name space here: ", err)
	}
}

// build returns a program without libraries, built from testdata.
var build = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hostexec")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	src, err := os.ReadFile("testdata/prog.go.txt")
	if err == nil {
		err = os.WriteFile(dir+"/prog.go", src, 0o600)
	}
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-o", dir+"/prog", dir+"/prog.go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return os.ReadFile(dir + "/prog")
})

// A world is a machine with programs of the host in a tree in memory, at /mnt.
type world struct {
	*machine
	mem    *ninetest.StrictServer
	loader *hostexec.Loader
}

func newWorld(t *testing.T, term dev.Terminal) *world {
	t.Helper()
	need(t)
	if _, err := build(); err != nil { // now, as the first time it takes long
		t.Skip("no program to run: ", err)
	}
	l := &hostexec.Loader{Log: func(s string) { t.Log(s) }}
	w := &world{machine: newMachineWith(t, term, hostexec.Config{}, cmd.Loader(), l), loader: l}
	w.mem = ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	return w
}

// do runs main as a process in a name space that has the programs.
func (w *world) do(main proc.Main) {
	w.t.Helper()
	w.machine.do(func(p *proc.Proc) error { return w.main(p, main) })
	// Who feeds a program that does not read may end after it.
	until(w.t, "the close of all files", func() bool { return w.mem.Live() == 0 })
}

func (w *world) main(p *proc.Proc, main proc.Main) error {
	fd, _, err := p.ServerFd("mem", w.mem)
	if err == nil {
		err = p.Mount(fd, -1, "/mnt", ns.MREPL|ns.MCREATE, "")
	}
	if err != nil {
		w.t.Error(err)
		return err
	}
	w.install(p, "/mnt/prog")
	if v := os.Getenv("GORACE"); v != "" { // what the shim's race detector goes by
		p.Env().Set("GORACE", []byte(v))
	}
	return main(p)
}

// install puts the static program into the name space.
func (w *world) install(p *proc.Proc, name string) {
	text, err := build()
	if err != nil {
		w.t.Skip("no program to run: ", err)
	}
	w.put(p, name, text)
}

func (w *world) put(p *proc.Proc, name string, text []byte) {
	fd, err := p.Create(name, ninep.OWRITE, 0o777)
	if err == nil {
		_, err = p.FD(fd).Write(text)
		p.Close(fd)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// A program sees the name space and is a process of it.
func TestProgram(t *testing.T) {
	w := newWorld(t, nil)
	uid := os.Getuid()
	for _, row := range []struct {
		name, input string
		args        []string
		out, errs   string
		status      string
	}{
		{"a device of the node", "", []string{"cat", "/dev/sysname"}, "n1", "", ""},
		{"who asks", "", []string{"cat", "/dev/user"}, "glenda", "", ""},
		{"input and output", "hello\n", []string{"copy"}, "hello\n", "", ""},
		{"outputs apart", "", []string{"errs"}, "out\n", "err\n", ""},
		{"status", "", []string{"exit", "3"}, "", "", "3"},
		{"killed by itself", "", []string{"die"}, "", "", "kill"},
		{"no such file", "", []string{"cat", "/etc/passwd"}, "open /etc/passwd: no such file or directory\n", "", "1"},
		{"write", "", []string{"write", "/mnt/new", "text"}, "", "", ""},
		{"what was written", "", []string{"cat", "/mnt/new", "new"}, "texttext", "", ""},
		{"surroundings", "", []string{"about"}, fmt.Sprintf("prog /mnt %d 1 /bin:. /usr/glenda glenda\n", uid), "", ""},
		{"null is the host's", "", []string{"null"}, "true\n", "", ""},
		{"mount point", "", []string{"ls", "/mnt"}, "new\nprog\n", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.do(func(p *proc.Proc) error {
				p.Putenv("x", "1")
				p.Putenv("path", "/bin\x00.")
				p.Putenv("home", "/usr/glenda")
				p.Chdir("/mnt")
				p.Bind("/mnt", "/bin", ns.MAFTER)
				out, errs, status := w.run(p, row.input, append([]string{"prog"}, row.args...)...)
				if out != row.out || errs != row.errs || status != row.status {
					t.Errorf("prints %q and %q, status %q; want %q and %q, %q", out, errs, status, row.out, row.errs, row.status)
				}
				return nil
			})
		})
	}
}

// Much comes back as it went.
func TestProgramMuch(t *testing.T) {
	w := newWorld(t, nil)
	b := bytes.Repeat([]byte("0123456789abcdef"), 10<<16)
	w.do(func(p *proc.Proc) error {
		p.Bind("/mnt", "/bin", ns.MAFTER)
		if out, _, status := w.run(p, string(b), "prog", "copy"); out != string(b) || status != "" {
			t.Errorf("%d bytes of %d, %q", len(out), len(b), status)
		}
		return nil
	})
}

// A started is a program that runs, and what it prints.
type started struct {
	pid int
	out int
}

// begin starts a program and returns when it has printed its first line.
func (w *world) begin(p *proc.Proc, args ...string) started {
	out, to := pipe(p)
	stdin, _ := pipe(p) // the other end is open until p exits
	pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(k *proc.Proc) error {
		k.Dup(stdin, 900)
		k.Dup(to, 901)
		for fd := range 3 {
			k.Dup(min(900+fd, 901), fd)
		}
		for fd := 3; fd < 902; fd++ {
			k.Close(fd)
		}
		return k.Exec("/mnt/prog", append([]string{"/mnt/prog"}, args...))
	})
	if err != nil {
		p.Exits(err.Error())
	}
	p.Close(to)
	p.Close(stdin)
	p.Rfork(0)
	return started{pid, out}
}

// line reads once.
func (s started) line(p *proc.Proc) string {
	b := make([]byte, 200)
	n, _ := p.Read(s.out, b)
	return string(b[:n])
}

// Notes are signals, with the defaults of signals.
func TestProgramNotes(t *testing.T) {
	w := newWorld(t, nil)
	for _, row := range []struct{ note, prints, status string }{
		{"interrupt", "interrupt\n", "interrupt"},
		{"hangup", "hangup\n", "hangup"},
		{"alarm", "alarm clock\n", "alarm"},
		{"bye", "terminated\n", "kill"},
		{"kill", "", "kill"},
	} {
		t.Run(row.note, func(t *testing.T) {
			w.do(func(p *proc.Proc) error {
				s := w.begin(p, "wait")
				if got := s.line(p); got != "ready\n" {
					t.Errorf("%q", got)
				}
				p.Postnote(s.pid, row.note)
				if got := s.line(p); got != row.prints {
					t.Errorf("prints %q", got)
				}
				p.Wait()
				if row.note == "alarm" {
					return nil // which Go programs do not die of
				}
				s = w.begin(p, "default")
				s.line(p)
				p.Postnote(s.pid, row.note)
				if m, err := p.Wait(); err != nil || !strings.HasSuffix(m.Msg, ": "+row.status) {
					t.Error(m, err)
				}
				return nil
			})
		})
	}
}

// Fifty at once.
func TestProgramMany(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(p *proc.Proc) error {
		var all []started
		for range 50 {
			all = append(all, w.begin(p, "wait"))
		}
		for _, s := range all {
			if got := s.line(p); got != "ready\n" {
				t.Errorf("%q", got)
			}
			p.Postnote(s.pid, "interrupt")
		}
		for _, s := range all {
			if got := s.line(p); got != "interrupt\n" {
				t.Errorf("%q", got)
			}
			if m, err := p.Wait(); err != nil || m.Msg != "" {
				t.Error(m, err)
			}
		}
		return nil
	})
}

// A program with libraries has the host's tree, and the name space at /n.
func TestDynamic(t *testing.T) {
	w := newWorld(t, nil)
	ls, err := os.ReadFile("/bin/ls")
	if err != nil {
		t.Skip(err)
	}
	w.do(func(p *proc.Proc) error {
		w.put(p, "/mnt/hostls", ls)
		p.Bind("/mnt", "/bin", ns.MAFTER)
		p.Chdir("/mnt")
		if out, errs, status := w.run(p, "", "hostls"); out != "hostls\nprog\n" || status != "" {
			t.Errorf("%q %q %q", out, errs, status)
		}
		if out, errs, status := w.run(p, "", "hostls", "-d", "/n/dev/sysname", "/etc/passwd", "/tmp"); out != "/etc/passwd\n/n/dev/sysname\n/tmp\n" || status != "" {
			t.Errorf("%q %q %q", out, errs, status)
		}
		p.Putenv("hostroot", "/")
		if _, errs, status := w.run(p, "", "hostls"); status == "" || !strings.Contains(errs, "file does not exist") {
			t.Errorf("without its libraries: %q %q", errs, status)
		}
		p.Putenv("hostroot", "/name/space")
		if out, errs, status := w.run(p, "", "hostls", "-d", "/name/space/dev/sysname"); out != "/name/space/dev/sysname\n" || status != "" {
			t.Errorf("%q %q %q", out, errs, status)
		}
		return nil
	})
}

// At a console a program has a terminal.
func TestProgramTerminal(t *testing.T) {
	sh, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skip(err)
	}
	s := &screen{keys: make(chan []byte, 10)}
	e := tty.NewEditor(s, tty.Options{Width: 70, Height: 20})
	w := newWorld(t, e)
	const script = `stty size; stty -echo -icanon min 1; trap 'echo caught' INT; echo ready
while :; do k=$(dd bs=1 count=1 2>/dev/null); echo "key <$k>" $(stty size); test "$k" = q && exit 5; done`
	p := w.start(func(p *proc.Proc) error {
		return w.main(p, func(p *proc.Proc) error {
			w.put(p, "/mnt/sh", sh)
			p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
				k.Rfork(proc.RFCFDG)
				for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
					k.Open("/dev/cons", mode)
				}
				return k.Exec("/mnt/sh", []string{"sh", "-c", script})
			})
			m, err := p.Wait()
			if err != nil || !strings.HasSuffix(m.Msg, ": 5") {
				t.Error(m, err)
			}
			return nil
		})
	})
	s.shows(t, "20 70\r\x1bD")
	s.shows(t, "ready")
	s.keys <- []byte("x")
	s.shows(t, "key <x> 20 70\r\x1bD")
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
	<-p.Done()
	close(s.keys)
}

// A program that is damaged, or another user's, does not run and says why.
func TestProgramErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(p *proc.Proc) error {
		w.put(p, "/mnt/bad", []byte("\x7fELF and no more"))
		p.Bind("/mnt", "/bin", ns.MAFTER)
		if _, errs, status := w.run(p, "", "bad"); errs != "/bin/bad: exec header invalid\n" || status != "exec header invalid" {
			t.Errorf("%q %q", errs, status)
		}
		return nil
	})
}

// Another user's processes run nothing of the host.
func TestProgramOwner(t *testing.T) {
	w := newWorld(t, nil)
	w.loader.Owner = "ken"
	w.do(func(p *proc.Proc) error {
		p.Bind("/mnt", "/bin", ns.MAFTER)
		if _, errs, status := w.run(p, "", "prog", "true"); errs != "/bin/prog: permission denied\n" || status != "permission denied" {
			t.Errorf("%q %q", errs, status)
		}
		return nil
	})
}

// A console at which nobody sits is no terminal.
func TestProgramDumb(t *testing.T) {
	var out screen
	w := newWorld(t, tty.NewDumb(strings.NewReader("some input\n"), &out))
	w.do(func(p *proc.Proc) error {
		pid, _ := p.Fork(proc.RFCFDG|proc.RFREND, func(k *proc.Proc) error {
			for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
				k.Open("/dev/cons", mode)
			}
			return k.Exec("/mnt/prog", []string{"prog", "copy"})
		})
		if m, err := p.Wait(); err != nil || m.Pid != pid || m.Msg != "" {
			t.Error(m, err)
		}
		return nil
	})
	if out.text != "some input\n" {
		t.Errorf("%q", out.text)
	}
}
