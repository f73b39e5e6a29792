package rc_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/cmd/ramfs"
	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
	"ufo/rc"
)

// A machine is just enough of a kernel to run rc: devices, a ramfs in /tmp,
// and the built-in commands in /bin.
type machine struct {
	procs *proc.Table
	cons  *dev.Cons
}

// loader is the built-in commands with rc as it is here.
type loader struct{ proc.Loader }

func (l loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	b := make([]byte, 64)
	if n, _ := file.ReadAt(ctx, b, 0); string(b[:n]) == "#builtin rc\n" {
		return rc.Main, nil
	}
	return l.Loader.Load(ctx, file)
}

func newMachine(t testing.TB) *machine {
	m := &machine{}
	procs := func() *proc.Table { return m.procs }
	m.cons = dev.NewCons(dev.ConsConfig{Owner: "glenda", Sysname: "test", Procs: procs})
	names := cmd.Names()
	if !slices.Contains(names, "rc") {
		names = append(names, "rc")
		slices.Sort(names)
	}
	m.procs = proc.NewTable(proc.Config{
		Devs: ns.NewDevtab(map[rune]ninep.Server{
			'/': dev.NewRoot(dev.RootConfig{Owner: "glenda", Builtins: names}),
			'c': m.cons,
			'd': dev.NewDup("glenda"),
			'e': dev.NewEnv("glenda", nil),
			'p': dev.NewProc("glenda", procs),
			'|': dev.NewPipe(),
			'r': ramfs.New("glenda", time.Now, 0),
		}),
		Loaders: []proc.Loader{loader{cmd.Loader()}},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := m.procs.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return m
}

// do runs main in a process with a name space, and returns its error.
func (m *machine) do(t testing.TB, main proc.Main) error {
	t.Helper()
	var err error
	p, serr := m.procs.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for _, b := range []struct {
			new, old string
			flag     int
		}{
			{"#c", "/dev", ns.MREPL}, {"#d", "/fd", ns.MREPL}, {"#e", "/env", ns.MREPL | ns.MCREATE},
			{"#p", "/proc", ns.MREPL}, {"#r", "/tmp", ns.MREPL | ns.MCREATE}, {"/ufo/bin", "/bin", ns.MREPL},
		} {
			if err = p.Bind(b.new, b.old, b.flag); err != nil {
				return err
			}
		}
		err = main(p)
		return err
	})
	if serr != nil {
		t.Fatal(serr)
	}
	<-p.Done()
	return err
}

// A result is what a script did.
type result struct{ out, errs, status string }

// script runs rc with arguments, in /tmp with files there.
func (m *machine) script(t testing.TB, files map[string]string, args ...string) (r result) {
	t.Helper()
	err := m.do(t, func(p *proc.Proc) error {
		if err := p.Chdir("/tmp"); err != nil {
			return err
		}
		for name, text := range files {
			if err := p.WriteFile(name, []byte(text)); err != nil {
				return err
			}
		}
		_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			p.Open("/dev/null", ninep.OREAD)
			p.Create("/tmp/out", ninep.OWRITE, 0666)
			p.Create("/tmp/err", ninep.OWRITE, 0666)
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
		out, _ := p.ReadFile("/tmp/out")
		errs, _ := p.ReadFile("/tmp/err")
		r.out, r.errs = string(out), string(errs)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
