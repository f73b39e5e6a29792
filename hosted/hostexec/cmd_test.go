package hostexec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ufo/hosted/hostexec"
	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// The device keeps the rules of 9P.
func TestServer(t *testing.T) {
	c := hostexec.NewCmd(hostexec.Config{Owner: "glenda", Allowed: []string{"true"}})
	defer c.Close()
	if err := ninetest.TestServer(t.Context(), c); err != nil {
		t.Error(err)
	}
	if err := ninetest.TestWire(t.Context(), c); err != nil {
		t.Errorf("over a wire: %v", err)
	}
}

// A talker has a conversation with a device.
type talker struct {
	t   testing.TB
	ctx context.Context
	srv *ninetest.StrictServer
	num string
	ctl ninep.File
}

// talk reserves a conversation, over which nothing is left open at the end.
func talk(t *testing.T, cfg hostexec.Config) *talker {
	t.Helper()
	cfg.Owner = "glenda"
	c := hostexec.NewCmd(cfg)
	x := &talker{t: t, ctx: t.Context(), srv: ninetest.Strict(c)}
	t.Cleanup(func() {
		x.ctl.Close()
		c.Close()
		if err := x.srv.Check(); err != nil {
			t.Error(err)
		}
	})
	x.ctl = x.open("clone", ninep.ORDWR)
	x.num = x.read(x.ctl)
	return x
}

// file walks to a file of the directory cmd.
func (x *talker) file(name string) (ninep.File, error) {
	root, err := x.srv.Attach(x.ctx, "glenda", "")
	if err != nil {
		x.t.Fatal(err)
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(x.ctx, root, strings.Split("cmd/"+name, "/"))
	return f, err
}

func (x *talker) open(name string, mode ninep.Mode) ninep.File {
	x.t.Helper()
	f, err := x.file(name)
	if err == nil {
		err = f.Open(x.ctx, mode)
	}
	if err != nil {
		x.t.Fatalf("%s: %v", name, err)
	}
	return f
}

// mine opens a file of the conversation.
func (x *talker) mine(name string, mode ninep.Mode) ninep.File { return x.open(x.num+"/"+name, mode) }

// tell writes a control message.
func (x *talker) tell(format string, args ...any) error {
	_, err := x.ctl.Write(x.ctx, []byte(fmt.Sprintf(format, args...)), 0)
	return err
}

func (x *talker) must(format string, args ...any) {
	x.t.Helper()
	if err := x.tell(format, args...); err != nil {
		x.t.Fatalf(format+": %v", append(args, err)...)
	}
}

// read reads a file to its end.
func (x *talker) read(f ninep.File) string {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.ctx, 20*time.Second)
	defer cancel()
	var text []byte
	for buf := make([]byte, 8192); ; {
		n, err := f.Read(ctx, buf, int64(len(text)))
		if err != nil {
			x.t.Fatal(err)
		}
		if n == 0 {
			return string(text)
		}
		text = append(text, buf[:n]...)
	}
}

// contents opens, reads and closes a file of the conversation.
func (x *talker) contents(name string) string {
	x.t.Helper()
	f := x.mine(name, ninep.OREAD)
	defer f.Close()
	return x.read(f)
}

// anything may be run.
var anything = []string{"*"}

// What is set by ctl arrives at the command.
func TestSettings(t *testing.T) {
	for _, row := range []struct {
		name   string
		ctl    []string
		out    string
		status string
	}{
		{"quoted words", []string{`exec echo 'a  b' ''''`}, "a  b '\n", ""},
		{"folder", []string{"dir /", "exec pwd"}, "/\n", ""},
		{"environment", []string{"env 'x=1 2'", "env y=", "exec sh -c 'echo $x,${y-unset},${PATH:+set}'"}, "1 2,,set\n", ""},
		{"environment, clean", []string{"env x=1", "env clear", "env y=2", "exec sh -c 'echo $x$y$HOME'"}, "2\n", ""},
		{"no environment", []string{"env clear", "exec /usr/bin/env"}, "", ""},
		{"priority", []string{"nice 3", "exec sh -c 'read go; nice'"}, "18\n", ""},
		{"status", []string{"exec sh -c 'exit 3'"}, "", "3"},
		{"died of a signal", []string{"exec sh -c 'kill -SEGV $$'"}, "", "'sys: trap: fault'"},
		{"no terminal of ours", []string{"exec sh -c 'true </dev/tty && echo has one' "}, "", "*"},
		{"terminal", []string{"pty 33 77", "exec sh -c 'stty size; test -t 0 && test -t 2 && echo yes'"}, "33 77\r\nyes\r\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := talk(t, hostexec.Config{Allowed: anything})
			for _, c := range row.ctl {
				x.must("%s", c)
			}
			if row.name != "terminal" { // which would echo it
				in := x.mine("data", ninep.OWRITE)
				in.Write(t.Context(), []byte("go\n"), 0) // who does not read it may be gone
				in.Close()
			}
			out := x.contents("data")
			if out != row.out {
				t.Errorf("prints %q, not %q", out, row.out)
			}
			f := strings.Fields(x.contents("wait"))
			if len(f) < 5 || row.status != "*" && strings.Join(f[4:], " ") != ninep.Quote(strings.Trim(row.status, "'")) {
				t.Errorf("wait reads %q", f)
			}
		})
	}
}

// What is refused, and how.
func TestErrors(t *testing.T) {
	for _, row := range []struct {
		name    string
		allowed []string
		ctl     []string
		want    ninep.Error // of the last
	}{
		{"nothing allowed", nil, []string{"exec true"}, ninep.ErrPerm},
		{"another is allowed", []string{"true"}, []string{"exec false"}, ninep.ErrPerm},
		{"its path is not its name", []string{"true"}, []string{"exec /bin/true"}, ninep.ErrPerm},
		{"preloaded", []string{"true"}, []string{"env LD_PRELOAD=/x.so"}, ninep.ErrPerm},
		{"not there", anything, []string{"exec nosuchcommand"}, ninep.ErrNotExist},
		{"no program", anything, []string{"exec /etc/passwd"}, ninep.ErrPerm},
		{"no folder", anything, []string{"dir /nosuchfolder"}, ninep.ErrNotExist},
		{"file for a folder", anything, []string{"dir /etc/passwd"}, ninep.ErrNotDir},
		{"name space without host paths", anything, []string{"chdir /"}, ninep.ErrNotExist},
		{"not a variable", anything, []string{"env x"}, ninep.ErrBadArg},
		{"kill before", anything, []string{"kill"}, "not started"},
		{"no such signal", anything, []string{"exec sleep 9", "kill SIGNONE"}, ninep.ErrBadArg},
		{"two commands", anything, []string{"exec true", "exec true"}, ninep.ErrInUse},
		{"too late", anything, []string{"exec true", "dir /"}, ninep.ErrInUse},
		{"size without terminal", anything, []string{"winsize 1 2"}, ninep.ErrBadCtl},
		{"size of what", anything, []string{"pty 1 x"}, ninep.ErrBadArg},
		{"half a size", anything, []string{"pty 1"}, "usage: pty [rows cols]"},
		{"no command", anything, []string{"exec"}, "usage: exec command [arg ...]"},
		{"niceness", anything, []string{"nice 4"}, ninep.ErrBadArg},
		{"no word", anything, []string{"\n"}, ninep.ErrCtlShort},
		{"no such word", anything, []string{"hello"}, ninep.ErrCtlUnknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := talk(t, hostexec.Config{Allowed: row.allowed})
			for i, c := range row.ctl {
				err := x.tell("%s", c)
				if i == len(row.ctl)-1 && !errors.Is(err, row.want) || i < len(row.ctl)-1 && err != nil {
					t.Errorf("%s: %v", c, err)
				}
			}
		})
	}
}

// Another user is denied, wherever he comes from.
func TestOwner(t *testing.T) {
	c := hostexec.NewCmd(hostexec.Config{Owner: "glenda", Allowed: anything})
	defer c.Close()
	root, err := c.Attach(t.Context(), "ken", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(t.Context(), root, []string{"cmd", "clone"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Open(t.Context(), ninep.ORDWR); err != ninep.ErrPerm {
		t.Error(err)
	}
}

// The status line goes through its states, and a conversation that nobody has
// open is gone.
func TestStatus(t *testing.T) {
	x := talk(t, hostexec.Config{Allowed: anything, Dir: "/"})
	if got := x.contents("status"); got != "cmd/"+x.num+" 1 Open / ''\n" {
		t.Errorf("%q", got)
	}
	x.must("exec sleep 100")
	if got := x.contents("status"); got != "cmd/"+x.num+" 1 Execute / sleep\n" {
		t.Errorf("%q", got)
	}
	x.must("kill")
	x.contents("wait")
	if got := x.contents("status"); got != "cmd/"+x.num+" 1 Done / sleep\n" {
		t.Errorf("%q", got)
	}
	other := x.open("clone", ninep.ORDWR)
	num := x.read(other)
	other.Close()
	if f, err := x.file(num); err == nil {
		f.Close()
		t.Errorf("%s is still there", num)
	}
}

// A read that waits ends with its context, and takes nothing from the next.
func TestInterrupt(t *testing.T) {
	for _, pty := range []bool{false, true} {
		x := talk(t, hostexec.Config{Allowed: anything})
		if pty {
			x.must("pty")
		}
		x.must("exec sh -c 'read x; echo hi; read x'")
		out, in := x.mine("data", ninep.OREAD), x.mine("data", ninep.OWRITE)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := out.Read(ctx, make([]byte, 10), 0); err != ninep.ErrIntr {
				t.Error(err)
			}
			cancel()
		}
		if _, err := in.Write(t.Context(), []byte("\n"), 0); err != nil {
			t.Error(err)
		}
		var text string
		for !strings.Contains(text, "hi") {
			b := make([]byte, 10)
			n, err := out.Read(t.Context(), b, 0)
			if n == 0 || err != nil {
				t.Fatal(n, err)
			}
			text += string(b[:n])
		}
		out.Close()
		in.Close()
	}
}

// On a terminal a write that waits ends with its context though somebody reads.
func TestInterruptBoth(t *testing.T) {
	x := talk(t, hostexec.Config{Allowed: anything})
	x.must("pty")
	x.must("exec sh -c 'stty raw -echo; echo ready; exec sleep 1000'")
	out, in := x.mine("data", ninep.OREAD), x.mine("data", ninep.OWRITE)
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan bool, 1), make(chan error)
	go func() { // ends with ctx
		for {
			if _, err := out.Read(ctx, make([]byte, 100), 0); err != nil {
				done <- err
				return
			}
			select {
			case ready <- true:
			default:
			}
		}
	}()
	<-ready
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := in.Write(ctx, make([]byte, 1<<20), 0); err != ninep.ErrIntr {
			t.Error(err)
		}
		cancel()
	}
	cancel()
	if err := <-done; err != ninep.ErrIntr {
		t.Error(err)
	}
	out.Close()
	in.Close()
}

// alive reports whether a process of the host is, and does not just wait to be
// buried.
func alive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, rest, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(rest, "Z")
	}
	return syscall.Kill(pid, 0) == nil
}

// family starts a shell with a child, and returns the pids of both.
func (x *talker) family() (pids []int) {
	x.t.Helper()
	x.must("exec sh -c 'sleep 1000 & echo $$ $!; wait'")
	out := x.mine("data", ninep.OREAD)
	defer out.Close()
	b := make([]byte, 100)
	n, err := out.Read(x.ctx, b, 0)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, f := range strings.Fields(string(b[:n])) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			x.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// A command goes, with its children, when nobody has its files open.
func TestLastClose(t *testing.T) {
	x := talk(t, hostexec.Config{Allowed: anything})
	pids := x.family()
	x.ctl.Close()
	for _, pid := range pids {
		until(t, "the end of the command", func() bool { return !alive(pid) })
	}
	x.ctl = x.open("clone", ninep.ORDWR)
}

// With killonclose that is when ctl is closed.
func TestKillOnClose(t *testing.T) {
	x := talk(t, hostexec.Config{Allowed: anything})
	x.must("killonclose")
	x.family()
	wait := x.mine("wait", ninep.OREAD)
	x.ctl.Close()
	if msg := x.read(wait); !strings.HasSuffix(msg, " kill") {
		t.Errorf("wait reads %q", msg)
	}
	wait.Close()
	x.ctl = x.open("clone", ninep.ORDWR)
}

// One that is detached stays, until the device is closed.
func TestDetach(t *testing.T) {
	c := hostexec.NewCmd(hostexec.Config{Owner: "glenda", Allowed: anything})
	x := &talker{t: t, ctx: t.Context(), srv: ninetest.Strict(c)}
	dir := t.TempDir()
	x.ctl = x.open("clone", ninep.ORDWR)
	x.must("dir %s", dir)
	x.must("detach")
	x.must("exec sh -c 'sleep 1000 & echo $! >pid.new; mv pid.new pid; wait'")
	x.ctl.Close()
	pid := 0
	until(t, "the command starts", func() bool { pid = readPid(dir + "/pid"); return pid != 0 })
	if !alive(pid) {
		t.Error("it is gone")
	}
	c.Close()
	until(t, "the end of the command", func() bool { return !alive(pid) })
	if f, err := x.file("clone"); err == nil {
		if err := f.Open(t.Context(), ninep.ORDWR); err != ninep.ErrShutdown {
			t.Error(err)
		}
		f.Close()
	}
	if err := x.srv.Check(); err != nil {
		t.Error(err)
	}
}

// There is a bound to conversations.
func TestMany(t *testing.T) {
	x := talk(t, hostexec.Config{Allowed: anything})
	var files []ninep.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for range 1000 {
		f, err := x.file("clone")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		if err := f.Open(t.Context(), ninep.ORDWR); err != nil {
			if err != ninep.ErrNoDev {
				t.Error(err)
			}
			return
		}
	}
	t.Error("a thousand conversations")
}
