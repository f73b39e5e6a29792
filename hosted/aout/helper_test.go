package aout_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
	"ufo/proc"
)

// A machine is a kernel with the commands in /bin, that runs programs for Plan 9.
type machine struct {
	t      testing.TB
	k      *kernel.Kernel
	loader *aout.Loader
	strict map[rune]*ninetest.StrictServer
	ended  string // see sh
}

// newMachine boots a kernel; it is halted, and checked for what it has left, when
// the test ends.
func newMachine(t testing.TB) *machine { return newLimited(t, aout.Limits{}, 0) }

// newLimited boots one that has so much memory, and so many processes.
func newLimited(t testing.TB, limits aout.Limits, procs int) *machine {
	t.Helper()
	return newOn(t, platform(t), limits, procs)
}

// newOn boots one whose programs run on a platform.
func newOn(t testing.TB, platform vm.Platform, limits aout.Limits, procs int) *machine {
	t.Helper()
	return newWith(t, &aout.Loader{Platform: platform}, limits, kernel.Config{MaxProcs: procs})
}

// newWith boots one whose programs are a loader's, which may have those of others,
// and of whose kernel something is given.
func newWith(t testing.TB, loader *aout.Loader, limits aout.Limits, cfg kernel.Config) *machine {
	t.Helper()
	m := &machine{t: t, loader: loader, strict: make(map[rune]*ninetest.StrictServer)}
	cfg.Name, cfg.Builtins, cfg.Boot = "n1", cmd.Names(), cmd.BootFiles()
	cfg.Loaders = []proc.Loader{cmd.Loader(), m.loader.Limited(limits)}
	cfg.Wrap = func(letter rune, srv ninep.Server) ninep.Server {
		m.strict[letter] = ninetest.Strict(srv)
		return m.strict[letter]
	}
	var err error
	m.k, err = kernel.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.halt)
	return m
}

// halt halts the kernel: nothing may be left, of its memory either.
func (m *machine) halt() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := m.k.Halt(ctx); err != nil {
		m.t.Error(err)
	}
	for letter, s := range m.strict {
		if err := s.Check(); err != nil {
			m.t.Errorf("#%c: %v", letter, err)
		}
	}
	if n, given := m.loader.Used(); n != 0 || given != 0 {
		m.t.Errorf("%d bytes of memory are left, %d were given", n, given)
	}
	m.loader.Close()
}

// do runs main as a process with a name space, in which a ramfs is /tmp, and
// waits for it.
func (m *machine) do(main proc.Main) {
	m.t.Helper()
	p, err := m.k.Procs().Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for _, b := range [][2]string{{"#c", "/dev"}, {"#e", "/env"}, {"#p", "/proc"}, {"#d", "/fd"}, {"#s", "/srv"}, {"#/ufo/bin", "/bin"}} {
			if err := p.Bind(b[0], b[1], ns.MREPL|ns.MCREATE); err != nil {
				m.t.Error(err)
			}
		}
		p.Fork(proc.RFFDG, func(p *proc.Proc) error { return p.Exec("/bin/ramfs", []string{"ramfs"}) })
		if w, err := p.Wait(); err != nil || w.Msg != "" {
			m.t.Error(w, err)
		}
		return main(p)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	<-p.Done()
}

// endings are the lines in which the kernel tells whom it ends, and why.
var endings = regexp.MustCompile(`(?m)^\S+ \d+: (suicide|Killed): .*\n`)

// sh runs a line of rc in which the named programs are in /tmp, and returns what
// it prints, and its status if that is not empty. What the kernel says of those that it
// ends is in m.ended.
func (m *machine) sh(line string, programs map[string][]byte) string {
	m.t.Helper()
	var out []byte
	m.do(func(p *proc.Proc) error {
		for name, b := range programs {
			if err := writeProgram(p, "/tmp/"+name, b); err != nil {
				m.t.Error(err)
			}
		}
		p.Fork(proc.RFFDG, func(p *proc.Proc) error {
			p.Open("/dev/null", ninep.OREAD)
			p.Create("/tmp/out", ninep.OWRITE, 0o666)
			p.Dup(1, 2)
			return p.Exec("/bin/rc", []string{"rc", "-c", line})
		})
		w, err := p.Wait()
		if err != nil {
			m.t.Error(err)
			return err
		}
		if out, err = p.ReadFile("/tmp/out"); err != nil {
			m.t.Error(err)
		}
		m.ended = string(bytes.Join(endings.FindAll(out, -1), nil))
		out = endings.ReplaceAll(out, nil)
		if _, status, ok := strings.Cut(w.Msg, ": "); ok {
			out = append(out, "status: "+status+"\n"...)
		}
		return nil
	})
	return string(out)
}

func writeProgram(p *proc.Proc, name string, b []byte) error {
	fd, err := p.Create(name, ninep.OWRITE, 0o777)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	_, err = p.FD(fd).Write(b)
	return err
}

// build compiles a program in testdata for Plan 9.
func build(t testing.TB, name, arch string) []byte {
	t.Helper()
	return buildFor(t, name, "plan9", arch)
}

// programsVar names a folder in which programs for Plan 9 were compiled before, for
// hosts without the go command: file name.arch. See test/machine/386.
const programsVar = "PROGRAMS"

// buildFor compiles one for any system.
func buildFor(t testing.TB, name, system, arch string) []byte {
	t.Helper()
	if dir := os.Getenv(programsVar); dir != "" && system == "plan9" {
		b, err := os.ReadFile(filepath.Join(dir, name+"."+arch))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	src, err := os.ReadFile("testdata/" + name + ".go.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name+".go"), src, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-o", name, name+".go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, bytes.TrimSpace(msg))
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
