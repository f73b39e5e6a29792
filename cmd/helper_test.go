package cmd

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// files are the files of a test's machine by name: those in directories make
// them.
type files map[string]string

// A row is commands and what they print. Each line of cmd is a command with
// its arguments, which may be quoted as in rc, and "<file" for its input, or
// "|file" if that is to come through a pipe. An exit status is printed after what
// the command prints.
type row struct {
	name  string
	files files
	cmd   string
	want  string
}

// runRows runs each row on a machine of its own, in a bubble in which it is
// midnight of January 1, 2000.
func runRows(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, r.files)
				if got := m.run(r.cmd); got != r.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.cmd, got, r.want)
				}
			})
		})
	}
}

// A machine is a kernel's processes over a file system in memory, with the
// commands in /bin and the pipe device.
type machine struct {
	t     *testing.T
	table *proc.Table
}

func newMachine(t *testing.T, fs files) *machine {
	t.Helper()
	m := &machine{t: t, table: proc.NewTable(proc.Config{
		Devs: ns.NewDevtab(map[rune]ninep.Server{
			'/': ramfs.New("glenda", time.Now, 0),
			'|': dev.NewPipe(),
		}),
		Loaders: []proc.Loader{Loader()},
	})}
	m.do(func(p *proc.Proc) error {
		for _, name := range []string{"dev", "env", "tmp", "fd"} {
			makedir(p, "/"+name, 0o777)
		}
		write(t, p, "/dev/null", "", 0o666)
		for _, name := range Names() {
			makedirs(p, path.Dir("/bin/"+name), 0o777)
			write(t, p, "/bin/"+name, magic+name+"\n", 0o777)
		}
		for _, name := range slices.Sorted(maps.Keys(fs)) {
			full := name
			if name[0] != '/' {
				full = "/tmp/" + name
			}
			makedirs(p, path.Dir(full), 0o777)
			perm := ninep.Perm(0o666)
			if strings.HasPrefix(full, "/bin/") {
				perm = 0o777
			}
			write(t, p, full, fs[name], perm)
		}
		return nil
	})
	return m
}

func write(t *testing.T, p *proc.Proc, name, text string, perm ninep.Perm) {
	fd, err := p.Create(name, ninep.OWRITE, perm)
	if err == nil {
		_, err = p.FD(fd).Write([]byte(text))
		p.Close(fd)
	}
	if err != nil {
		t.Error(err)
	}
}

// do runs main as a process and waits for it.
func (m *machine) do(main proc.Main) {
	m.t.Helper()
	done := make(chan struct{})
	_, err := m.table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		defer close(done)
		return main(p)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	<-done
	synctest.Wait()
	if n := m.table.Len(); n != 0 {
		m.t.Errorf("%d processes left", n)
	}
}

// run runs commands in /tmp and returns what they print on descriptors 1 and
// 2, and their exit statuses.
func (m *machine) run(cmds string) string {
	m.t.Helper()
	var out string
	m.do(func(p *proc.Proc) error {
		if err := p.Chdir("/tmp"); err != nil {
			return err
		}
		for _, line := range words(cmds, '\n') {
			if _, err := p.Fork(proc.RFFDG|proc.RFREND, command(line)); err != nil {
				return err
			}
			w, err := p.Wait()
			if err != nil {
				return err
			}
			b, err := p.ReadFile("/fd/out")
			if err != nil {
				return err
			}
			out += string(b)
			if _, status, ok := strings.Cut(w.Msg, ": "); ok {
				out += "status: " + status + "\n"
			}
		}
		return nil
	})
	return out
}

// command returns a program that opens descriptors and executes the words of
// a line.
func command(line string) proc.Main {
	return func(p *proc.Proc) error {
		in, open := "/dev/null", func(name string) error {
			_, err := p.Open(name, ninep.OREAD)
			return err
		}
		var args []string
		for _, w := range words(line, ' ') {
			if file, ok := strings.CutPrefix(w, "<"); ok {
				in = file
			} else if file, ok := strings.CutPrefix(w, "|"); ok {
				in, open = file, func(name string) error { return openPipe(p, name) }
			} else if w != "" {
				args = append(args, strings.Trim(w, "'"))
			}
		}
		if err := open(in); err != nil {
			return err
		}
		if _, err := p.Create("/fd/out", ninep.OWRITE, 0o666); err != nil {
			return err
		}
		p.Dup(1, 2)
		return p.Exec("/bin/"+args[0], args)
	}
}

// openPipe opens a pipe with the text of a small file in it.
func openPipe(p *proc.Proc, name string) error {
	r, w, err := p.Pipe()
	if err != nil {
		return err
	}
	text, err := p.ReadFile(name)
	if err == nil {
		_, err = p.FD(w).Write(text)
	}
	p.Dup(r, 0)
	p.Close(w)
	return err
}

// big returns how large something is made that shall be large: with -short,
// as for the race detector, which makes all of it ten times slower, a fortieth.
func big(t *testing.T, n int) int {
	if testing.Short() {
		t.Logf("-short: %d in the place of %d", n/40, n)
		return n / 40
	}
	return n
}

// words splits s at sep, but not in quotes.
func words(s string, sep byte) (list []string) {
	quoted, at := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case s[i] == sep && !quoted:
			list = append(list, s[at:i])
			at = i + 1
		}
	}
	return append(list, s[at:])
}
