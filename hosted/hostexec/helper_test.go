package hostexec_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"ufo/cmd"
	"ufo/dev"
	"ufo/hosted/hostexec"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
	"ufo/proc"
)

// A machine is a kernel with the commands in /bin, and #C.
type machine struct {
	t      *testing.T
	k      *kernel.Kernel
	cmd    *hostexec.Cmd
	strict map[rune]*ninetest.StrictServer
}

// newMachine boots a kernel; it is halted, and checked for what it has left,
// when the test ends.
func newMachine(t *testing.T, term dev.Terminal, cfg hostexec.Config) *machine {
	t.Helper()
	return newMachineWith(t, term, cfg, cmd.Loader())
}

// newMachineWith is newMachine with loaders.
func newMachineWith(t *testing.T, term dev.Terminal, cfg hostexec.Config, loaders ...proc.Loader) *machine {
	t.Helper()
	cfg.Owner, cfg.Log = "glenda", func(s string) { t.Log(s) }
	m := &machine{t: t, cmd: hostexec.NewCmd(cfg), strict: make(map[rune]*ninetest.StrictServer)}
	var err error
	m.k, err = kernel.New(context.Background(), kernel.Config{
		Name: "n1", Builtins: cmd.Names(), Loaders: loaders, Terminal: term,
		Devices: map[rune]ninep.Server{'C': m.cmd},
		Wrap: func(letter rune, srv ninep.Server) ninep.Server {
			m.strict[letter] = ninetest.Strict(srv)
			return m.strict[letter]
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.halt)
	return m
}

// halt halts the kernel: nothing may be left.
func (m *machine) halt() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := m.k.Halt(ctx); err != nil {
		m.t.Error(err)
	}
	m.cmd.Close()
	for letter, s := range m.strict {
		if err := s.Check(); err != nil {
			m.t.Errorf("#%c: %v", letter, err)
		}
	}
}

// start runs main as a process with a name space.
func (m *machine) start(main proc.Main) *proc.Proc {
	m.t.Helper()
	p, err := m.k.Procs().Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		for _, b := range [][2]string{{"#c", "/dev"}, {"#e", "/env"}, {"#p", "/proc"}, {"#/ufo/bin", "/bin"}} {
			if err := p.Bind(b[0], b[1], ns.MREPL|ns.MCREATE); err != nil {
				m.t.Error(err)
			}
		}
		return main(p)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

// do is start, and waits for the end.
func (m *machine) do(main proc.Main) {
	m.t.Helper()
	select {
	case <-m.start(main).Done():
	case <-time.After(2 * time.Minute):
		m.t.Fatalf("a process that does not end\n%s", stacks())
	}
}

// run runs a command with the given input and returns what it prints on its
// two outputs, and its exit status.
func (m *machine) run(p *proc.Proc, input string, args ...string) (out, errs, status string) {
	in, toin := pipe(p)
	fromout, w := pipe(p)
	fromerr, ew := pipe(p)
	kid, err := p.Fork(proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
		k.Dup(in, 100)
		k.Dup(w, 101)
		k.Dup(ew, 102)
		for fd := range 3 {
			k.Dup(100+fd, fd)
		}
		for fd := 3; fd < 103; fd++ {
			k.Close(fd)
		}
		return k.Exec("/bin/"+args[0], args)
	})
	if err != nil {
		m.t.Error(err)
		return
	}
	for _, fd := range []int{in, w, ew} {
		p.Close(fd)
	}
	p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOWAIT, func(k *proc.Proc) error {
		k.FD(toin).Write([]byte(input))
		return nil
	})
	p.Close(toin)
	out, errs = all(p, fromout), all(p, fromerr)
	p.Close(fromout)
	p.Close(fromerr)
	for {
		msg, err := p.Wait()
		if err != nil {
			m.t.Error(err)
			return
		}
		if msg.Pid == kid {
			_, status, _ = strings.Cut(msg.Msg, ": ")
			return out, errs, status
		}
	}
}

func pipe(p *proc.Proc) (a, b int) {
	a, b, err := p.Pipe()
	if err != nil {
		p.Exits(err.Error())
	}
	return a, b
}

// all reads a descriptor to its end.
func all(p *proc.Proc, fd int) string {
	var b strings.Builder
	buf := make([]byte, 32<<10)
	for {
		n, err := p.Read(fd, buf)
		if n == 0 || err != nil {
			return b.String()
		}
		b.Write(buf[:n])
	}
}

// until waits until f is true.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !f(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: it does not happen\n%s", what, stacks())
		}
	}
}

// stacks tells what every goroutine does.
func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}
