package rc_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A typist is a terminal at which a test types.
type typist struct {
	keys chan string // lines; "" is ^D

	mu   sync.Mutex // guards what follows
	out  strings.Builder
	note func(note string)
}

func (y *typist) Read(ctx context.Context, p []byte) (int, error) {
	select {
	case line := <-y.keys:
		return copy(p, line), nil
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
}

func (y *typist) Write(ctx context.Context, p []byte) (int, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.out.Write(p)
}

func (y *typist) SetRaw(bool) {}

func (y *typist) SetNote(f func(string)) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.note = f
}

// take returns what was printed since the last take.
func (y *typist) take() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	s := y.out.String()
	y.out.Reset()
	return s
}

// TestConsole types at an interactive rc. A line ^C is the interrupt key, ^D
// the end of the file.
func TestConsole(t *testing.T) {
	for _, tt := range []struct {
		name  string
		typed []string // what is typed, and what is to be seen then
	}{
		{"prompt", []string{"echo a", "a\n% "}},
		{"second prompt", []string{"{", "\t", "echo a", "\t", "}", "a\n% "}},
		{"prompt is a variable", []string{"prompt=('$ ' '> ')", "$ ", "if(~ a a)", "> ", "echo b", "b\n$ "}},
		{"interrupt at the prompt", []string{"^C", "\n% ", "echo a", "a\n% "}},
		{"interrupt in a block", []string{"{", "\t", "^C", "\n% ", "echo a", "a\n% "}},
		{"interrupt a program", []string{"sleep 1000", "", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt a loop", []string{"while() sleep 1000", "", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt a list", []string{"sleep 1000; echo no", "", "^C", "% "}},
		{"interrupt a function", []string{"fn f { sleep 1000; echo no }", "% ", "f; echo no", "", "^C", "% "}},
		{"interrupt a pipe", []string{"sleep 1000 | sleep 1000 | cat", "", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt a backquote", []string{"x=`{sleep 1000}", "", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt a subshell", []string{"@ { sleep 1000; echo no }", "", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt a reader", []string{"cat", "", "line", "line\n", "^C", "% ", "echo a", "a\n% "}},
		{"interrupt spares what runs apart", []string{"sleep 1000 & sleep 1000", "", "^C", "% ", "sed 's/ .*//; 1q' /proc/$apid/status", "sleep\n% ", "echo kill >/proc/$apid/ctl", "% "}},
		{"interrupt caught", []string{"fn sigint { echo caught }", "% ", "sleep 1000; echo after", "", "^C", "caught\nafter\n% "}},
		{"interrupt ignored", []string{"fn sigint {}", "% ", "^C", "\n% ", "echo a", "a\n% "}},
		{"error in a function", []string{"fn f { echo $(); echo no }", "% ", "f; echo no", "/fd/0:1: $ variable name not singleton!\n% "}},
		{"error in a file", []string{"echo 'echo $(); echo no' >f", "% ", ". ./f; echo no", "./f:1: $ variable name not singleton!\n% "}},
		{"syntax error", []string{"echo )", "/fd/0:1: token ')': syntax error\n% ", "echo $status", "syntax error\n% "}},
		{"program not found", []string{"nosuch", "/fd/0:1: nosuch: './nosuch' file does not exist\n% "}},
		{"program reads on", []string{"sed 1q", "", "typed", "typed\n% ", "echo a", "a\n% "}},
		{"lines count", []string{"echo \\", "\t", "a", "a\n% ", "cat <<E", "\t", "x", "\t", "E", "x\n% ", "nosuch", "/fd/0:6: nosuch: './nosuch' file does not exist\n% "}},
		{"interrupt a here document", []string{"cat <<E", "\t", "x", "\t", "^C", "\n% ", "echo a", "a\n% "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { console(t, tt.typed) })
		})
	}
}

func console(t *testing.T, typed []string) {
	y := &typist{keys: make(chan string, 10)}
	m := newMachine(t, y)
	p, _ := m.start(t, func(p *proc.Proc) error {
		p.Open("/dev/cons", ninep.OREAD)
		p.Open("/dev/cons", ninep.OWRITE)
		p.Open("/dev/cons", ninep.OWRITE)
		return p.Exec("/bin/rc", []string{"rc"})
	})
	synctest.Wait()
	if got := y.take(); got != "% " {
		t.Errorf("at first: %q", got)
	}
	for i := 0; i < len(typed); i += 2 {
		if typed[i] == "^C" {
			y.note("interrupt")
		} else {
			y.keys <- typed[i] + "\n"
		}
		synctest.Wait()
		if got := y.take(); got != typed[i+1] {
			t.Errorf("%s: got %q, want %q", typed[i], got, typed[i+1])
		}
	}
	y.keys <- ""
	<-p.Done()
	if got := y.take(); got != "" {
		t.Errorf("after ^D: %q", got)
	}
	m.halt(t)
}

// stuck is a file server that does not answer.
type stuck struct{ ninep.Plain }

func (s stuck) Attach(context.Context, string, string) (ninep.File, error) { return s, nil }
func (s stuck) Qid() ninep.Qid                                             { return ninep.Qid{Type: ninep.QTDIR} }
func (s stuck) Clone(context.Context) (ninep.File, error)                  { return s, nil }

func (s stuck) Stat(context.Context) (ninep.Dir, error) {
	return ninep.Dir{Name: "/", Qid: s.Qid(), Mode: ninep.DMDIR | 0777}, nil
}

func (s stuck) Walk(ctx context.Context, name string) (ninep.File, error) {
	<-ctx.Done()
	return nil, ninep.ErrIntr
}

// When the file server with rcmain does not answer, an interrupt gives a shell.
func TestStuckRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := &typist{keys: make(chan string, 10)}
		m := newMachine(t, y)
		p, _ := m.start(t, func(p *proc.Proc) error {
			p.Open("/dev/cons", ninep.ORDWR)
			p.Dup(0, 1)
			p.Dup(0, 2)
			fd, _, err := p.ServerFd("stuck", stuck{})
			if err == nil {
				err = p.Mount(fd, -1, "/", ns.MAFTER, "")
			}
			if err != nil {
				return err
			}
			return p.Exec("/bin/rc", []string{"rc"})
		})
		synctest.Wait()
		if got := y.take(); got != "" {
			t.Errorf("at first: %q", got)
		}
		p.Post("interrupt")
		synctest.Wait()
		if got := y.take(); got != "% " {
			t.Errorf("after the interrupt: %q", got)
		}
		y.keys <- ""
		<-p.Done()
		m.halt(t)
	})
}
