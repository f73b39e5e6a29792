package rc_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/dev"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// A machine is a kernel with a ramfs as the device #r, another as #o for what
// scripts print, and nothing booted.
type machine struct {
	*kernel.Kernel
	strict map[rune]*ninetest.StrictServer // each device; nil in benchmarks
}

func newMachine(t testing.TB, term dev.Terminal) *machine {
	m := &machine{}
	cfg := kernel.Config{
		Name: "test", Terminal: term, Builtins: cmd.Names(), Loaders: []proc.Loader{cmd.Loader()},
		Devices: map[rune]ninep.Server{'r': ramfs.New("glenda", time.Now, 0), 'o': ramfs.New("glenda", time.Now, 0)},
	}
	if _, ok := t.(*testing.B); !ok {
		m.strict = make(map[rune]*ninetest.StrictServer)
		cfg.Wrap = func(letter rune, srv ninep.Server) ninep.Server {
			m.strict[letter] = ninetest.Strict(srv)
			return m.strict[letter]
		}
	}
	k, err := kernel.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Kernel = k
	return m
}

// halt ends all processes and checks that they have left nothing.
func (m *machine) halt(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := m.Halt(ctx); err != nil {
		t.Error(err)
	}
	for letter, s := range m.strict {
		if err := s.Check(); err != nil {
			t.Errorf("#%c: %v", letter, err)
		}
	}
}

// start starts main in a process with a name space, in /tmp.
func (m *machine) start(t testing.TB, main proc.Main) (p *proc.Proc, err *error) {
	t.Helper()
	err = new(error)
	p, serr := m.Procs().Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for _, b := range []struct {
			new, old string
			flag     int
		}{
			{"#c", "/dev", ns.MREPL}, {"#d", "/fd", ns.MREPL}, {"#e", "/env", ns.MREPL | ns.MCREATE},
			{"#p", "/proc", ns.MREPL}, {"#r", "/tmp", ns.MREPL | ns.MCREATE}, {"/ufo/bin", "/bin", ns.MREPL},
		} {
			if *err = p.Bind(b.new, b.old, b.flag); *err != nil {
				return *err
			}
		}
		if *err = p.Chdir("/tmp"); *err == nil {
			*err = main(p)
		}
		return *err
	})
	if serr != nil {
		t.Fatal(serr)
	}
	return p, err
}

// do runs main in a process with a name space.
func (m *machine) do(t testing.TB, main proc.Main) {
	t.Helper()
	p, err := m.start(t, main)
	<-p.Done()
	if *err != nil {
		t.Fatal(*err)
	}
}

// A result is what a script did.
type result struct{ out, errs, status string }

// procNumber is how the status of a shell that another one started begins. The number
// differs from run to run where several start at once.
var procNumber = regexp.MustCompile(`^rc [0-9]+: `)

// script runs rc with arguments, and files in its directory.
func (m *machine) script(t testing.TB, files map[string]string, args ...string) (r result) {
	t.Helper()
	m.do(t, func(p *proc.Proc) error {
		for name, text := range files {
			if err := p.WriteFile(name, []byte(text)); err != nil {
				return err
			}
		}
		_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			p.Open("/dev/null", ninep.OREAD)
			p.Create("#o/out", ninep.OWRITE, 0666)
			p.Create("#o/err", ninep.OWRITE, 0666)
			return p.Exec("/bin/rc", append([]string{"rc"}, args...))
		})
		if err != nil {
			return err
		}
		w, err := p.Wait()
		if err != nil {
			return err
		}
		_, r.status, _ = strings.Cut(w.Msg, ": ")
		r.status = procNumber.ReplaceAllString(r.status, "rc: ")
		out, _ := p.ReadFile("#o/out")
		errs, _ := p.ReadFile("#o/err")
		r.out, r.errs = string(out), string(errs)
		return nil
	})
	return r
}
