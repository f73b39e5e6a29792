package proc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// A testLoader runs the functions of a test as programs: the file says
// "#test name".
type testLoader map[string]proc.Main

func (l testLoader) Match(magic []byte) bool { return bytes.HasPrefix(magic, []byte("#test ")) }

func (l testLoader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	b := make([]byte, 100)
	n, err := file.ReadAt(ctx, b, 0)
	if err != nil {
		return nil, err
	}
	main := l[strings.TrimSpace(string(b[6:n]))]
	if main == nil {
		return nil, ninep.ErrBadExec
	}
	return main, nil
}

// run runs main as the first process of a table, under simulated time, and
// fails the test if anything is left over or time runs out.
func run(t *testing.T, progs testLoader, main proc.Main) {
	t.Helper()
	runLog(t, progs, func(text string) { t.Log(text) }, main)
}

// runLog is run with a place for the messages.
func runLog(t *testing.T, progs testLoader, log func(text string), main proc.Main) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		root := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
		pipe := ninetest.Strict(dev.NewPipe())
		table := proc.NewTable(proc.Config{
			Devs:    ns.NewDevtab(map[rune]ninep.Server{'/': root, '|': pipe}),
			Loaders: []proc.Loader{progs},
			Log:     log,
		})
		p, err := table.Start(context.Background(), "glenda", []string{"init"}, func(p *proc.Proc) error {
			for name := range progs {
				fd, err := p.Create("/"+name, ninep.OWRITE, 0777)
				if err != nil {
					return err
				}
				p.Write(fd, []byte("#test "+name+"\n"))
				p.Close(fd)
			}
			return main(p)
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.Done():
		case <-time.After(time.Hour):
			t.Error("still running: ", p.Info().State)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := table.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if err := root.Check(); err != nil {
			t.Error(err)
		}
		if err := pipe.Check(); err != nil {
			t.Error(err)
		}
	})
}

// must fails the test on an error; it may be called by any process.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestWait(t *testing.T) {
	for _, row := range []struct {
		name string
		main proc.Main
		want string // %d stands for the pid
	}{
		{"success", func(p *proc.Proc) error { return nil }, ""},
		{"error", func(p *proc.Proc) error { return errors.New("no luck") }, "init %d: no luck"},
		{"exits", func(p *proc.Proc) error { p.Exits("half way"); return nil }, "init %d: half way"},
		{"exits empty", func(p *proc.Proc) error { p.Exits(""); return errors.New("x") }, ""},
		{"a bug is a trap", func(p *proc.Proc) error { panic("oops") }, "init %d: sys: trap: oops"},
		{"a note", func(p *proc.Proc) error { p.Postnote(p.Getpid(), "hangup"); p.Sleep(1); return nil }, "init %d: hangup"},
		{"exec", func(p *proc.Proc) error { return p.Exec("/prog", []string{"prog"}) }, "prog %d: from prog"},
		{"no such program", func(p *proc.Proc) error { return p.Exec("/nope", []string{"x"}) }, "init %d: '/nope' file does not exist"},
		{"not a program", func(p *proc.Proc) error {
			fd, _ := p.Create("/text", ninep.OWRITE, 0777)
			p.Write(fd, []byte("hello\n"))
			return p.Exec("/text", []string{"x"})
		}, "init %d: '/text' exec header invalid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			progs := testLoader{"prog": func(p *proc.Proc) error { return errors.New("from " + p.Args[0]) }}
			run(t, progs, func(p *proc.Proc) error {
				pid, err := p.Fork(proc.RFFDG, row.main)
				must(t, err)
				w, err := p.Wait()
				must(t, err)
				if want := strings.ReplaceAll(row.want, "%d", fmt.Sprint(pid)); w.Msg != want || w.Pid != pid {
					t.Errorf("%d %q, want %q", w.Pid, w.Msg, want)
				}
				if _, err := p.Wait(); err != ninep.ErrNoChild {
					t.Error("second wait: ", err)
				}
				return nil
			})
		})
	}
}

func TestNowait(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		_, err := p.Fork(proc.RFNOWAIT, func(p *proc.Proc) error { return nil })
		must(t, err)
		if _, err := p.Wait(); err != ninep.ErrNoChild {
			t.Error(err)
		}
		return nil
	})
}

func TestScript(t *testing.T) {
	var args []string
	progs := testLoader{"sh": func(p *proc.Proc) error { args = p.Args; return nil }}
	run(t, progs, func(p *proc.Proc) error {
		fd, err := p.Create("/script", ninep.OWRITE, 0777)
		must(t, err)
		p.Write(fd, []byte("#!/sh -e  -x\nrest\n"))
		p.Fork(0, func(p *proc.Proc) error { return p.Exec("/script", []string{"zero", "one", "two"}) })
		w, err := p.Wait()
		must(t, err)
		if got := strings.Join(args, " "); w.Msg != "" || got != "script -e -x /script one two" {
			t.Error(w.Msg, got)
		}
		return nil
	})
}

// What no mode has is no argument of open and create, nor is a directory that is
// made to be written.
func TestModes(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		for _, mode := range []ninep.Mode{0x4, 0x80 | ninep.OREAD, 0xa89, ninep.OEXCL} {
			if _, err := p.Open("/f", mode); err != ninep.ErrBadArg {
				t.Errorf("open with %#x: %v", mode, err)
			}
		}
		for _, c := range []struct {
			mode ninep.Mode
			perm ninep.Perm
		}{{0x9, 0666}, {0x2000, 0666}, {ninep.OWRITE, ninep.DMDIR}, {ninep.OREAD | ninep.ORCLOSE, ninep.DMDIR}} {
			if _, err := p.Create("/f", c.mode, c.perm); err != ninep.ErrBadArg {
				t.Errorf("create with %#x, %v: %v", c.mode, c.perm, err)
			}
		}
		return nil
	})
}

// Who is killed before he has forked gives back what the child would have had.
func TestForkOr(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		undone := make(chan bool, 1)
		p.Fork(0, func(p *proc.Proc) error {
			p.Kill()
			p.ForkOr(0, func(*proc.Proc) error { return nil }, func() { undone <- true })
			return nil
		})
		w, err := p.Wait()
		must(t, err)
		if !strings.HasSuffix(w.Msg, ": Killed") || len(undone) != 1 {
			t.Error(w.Msg, len(undone))
		}
		pid, err := p.ForkOr(0, func(*proc.Proc) error { return nil }, func() { t.Error("undone") })
		must(t, err)
		if w, err = p.Wait(); err != nil || w.Pid != pid {
			t.Error(w, err)
		}
		return nil
	})
}

// A directory is read by Pread where its offset is, as by Read.
func TestPreadDir(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		fd, err := p.Create("/d", ninep.OREAD, ninep.DMDIR|0777)
		must(t, err)
		must(t, p.WriteFile("/d/f", nil))
		p.Close(fd)
		fd, err = p.Open("/d", ninep.OREAD)
		must(t, err)
		b := make([]byte, 1000)
		n, err := p.Pread(fd, b, 0)
		must(t, err)
		if d, _, err := ninep.UnmarshalDir(b[:n]); err != nil || d.Name != "f" {
			t.Errorf("%q: %q, %v", b[:n], d.Name, err)
		}
		if n, err := p.Pread(fd, b, int64(n)); n != 0 || err != nil {
			t.Errorf("behind the last: %d, %v", n, err)
		}
		if _, err := p.Pread(fd, b, 1); !errors.Is(err, ninep.ErrDirSeek) {
			t.Errorf("elsewhere: %v", err)
		}
		if again, err := p.Pread(fd, b, 0); again != n || err != nil {
			t.Errorf("again: %d, %v", again, err)
		}
		return nil
	})
}

// TestWriteBack changes a file as programs have done from the beginning: they take
// its entry, which the kernel has put type and dev in, change it and write it.
func TestWriteBack(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		fd, err := p.Create("/f", ninep.OWRITE, 0666)
		must(t, err)
		p.Close(fd)
		d, err := p.Stat("/f")
		must(t, err)
		d.Mode = 0600
		must(t, p.Wstat("/f", d))
		if d, err = p.Stat("/f"); d.Mode != 0600 {
			t.Error(d, err)
		}
		return nil
	})
}

// Exec closes what was opened OCEXEC, and nothing else; what the old program
// deferred happens before the new one begins.
func TestExecFiles(t *testing.T) {
	var open []int
	progs := testLoader{"prog": func(p *proc.Proc) error {
		for _, fd := range p.Fds() {
			open = append(open, fd.Fd)
		}
		return nil
	}}
	run(t, progs, func(p *proc.Proc) error {
		p.Open("/", ninep.OREAD)
		p.Open("/", ninep.OREAD|ninep.OCEXEC)
		p.Open("/", ninep.OREAD)
		p.Fork(proc.RFFDG, func(p *proc.Proc) error {
			defer p.Close(2)
			return p.Exec("/prog", []string{"prog"})
		})
		p.Wait()
		if fmt.Sprint(open) != "[0]" {
			t.Error(open)
		}
		return nil
	})
}

// The flags of rfork, seen from the parent after a child changed things.
func TestRfork(t *testing.T) {
	for _, row := range []struct {
		name string
		flag int
		want string // of: mount env fd noteg
	}{
		{"all shared", 0, "mount env fd"},
		{"name space copied", proc.RFNAMEG, "env fd"},
		{"name space clean", proc.RFCNAMEG, "env fd"},
		{"environment copied", proc.RFENVG, "mount fd"},
		{"environment clean", proc.RFCENVG, "mount fd"},
		{"descriptors copied", proc.RFFDG, "mount env"},
		{"descriptors clean", proc.RFCFDG, "mount env"},
		{"note group new", proc.RFNOTEG, "mount env fd noteg"},
	} {
		for _, how := range []string{"fork", "rfork"} {
			t.Run(row.name+" by "+how, func(t *testing.T) {
				run(t, nil, func(p *proc.Proc) error {
					fd, err := p.Create("/d", ninep.OREAD, ninep.DMDIR|0777)
					must(t, err)
					p.Close(fd)
					p.WriteFile("/f", nil)
					p.WriteFile("/d/inside", nil)
					noteg := 0
					child := func(p *proc.Proc) error {
						if how == "rfork" {
							must(t, p.Rfork(row.flag))
						}
						must(t, p.Bind("/d", "/", ns.MREPL))
						p.Env().Set("x", []byte("1"))
						p.Open("#/", ninep.OREAD)
						noteg = p.Noteid()
						return nil
					}
					flag := row.flag
					if how == "rfork" {
						flag = 0
					}
					_, err = p.Fork(flag, child)
					must(t, err)
					p.Wait()
					var got []string
					if _, err := p.Stat("/inside"); err == nil {
						got = append(got, "mount")
					}
					if p.Env().Get("x") != nil {
						got = append(got, "env")
					}
					if len(p.Fds()) > 0 {
						got = append(got, "fd")
					}
					if noteg != p.Noteid() {
						got = append(got, "noteg")
					}
					if s := strings.Join(got, " "); s != row.want {
						t.Errorf("%q, want %q", s, row.want)
					}
					return nil
				})
			})
		}
	}
}

func TestRforkErrors(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		for _, flag := range []int{proc.RFMEM, proc.RFNOWAIT, proc.RFNAMEG | proc.RFCNAMEG, proc.RFENVG | proc.RFCENVG, proc.RFFDG | proc.RFCFDG} {
			if err := p.Rfork(flag); err != ninep.ErrBadArg {
				t.Errorf("%#x: %v", flag, err)
			}
		}
		must(t, p.Rfork(proc.RFNAMEG|proc.RFNOMNT))
		if _, err := p.Open("#s", ninep.OREAD); !errors.Is(err, ninep.ErrBadSharp) {
			t.Error("no such device: ", err)
		}
		if _, err := p.Open("#/", ninep.OREAD); err != ninep.ErrNoAttach {
			t.Error(err)
		}
		_, _, err := p.Pipe()
		must(t, err)
		return nil
	})
}

// Who forks without end is told so, and when his processes are gone there are
// others again.
func TestNoProcs(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		a, b, _ := p.Pipe()
		wait := func(p *proc.Proc) error { p.Read(a, make([]byte, 1)); return nil }
		n, err := 0, error(nil)
		for err == nil {
			if _, err = p.Fork(0, wait); err == nil {
				n++
			}
		}
		if err != ninep.ErrNoProcs || n < 1000 {
			t.Error(n, err)
		}
		for range n {
			p.Write(b, []byte("x"))
			p.Wait()
		}
		_, err = p.Fork(0, wait)
		must(t, err)
		p.Write(b, []byte("x"))
		_, err = p.Wait()
		return err
	})
}
