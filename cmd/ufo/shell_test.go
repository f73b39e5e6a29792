package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/cmd"
	"ufo/cmd/disk"
	"ufo/grid"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
	"ufo/rootfs"
)

// A blank terminal is for a shell to sit at, where nothing is typed.
type blank struct{}

func (blank) Read(ctx context.Context, p []byte) (int, error) {
	<-ctx.Done()
	return 0, ninep.ErrIntr
}
func (blank) Write(_ context.Context, p []byte) (int, error) { return len(p), nil }
func (blank) SetRaw(bool)                                    {}
func (blank) SetNote(func(string))                           {}

// shell boots a grid of two nodes and runs a command at a console of the second,
// in a bubble.
func shell(t *testing.T, command string) *proc.Proc {
	t.Helper()
	ctx := context.Background()
	topo, err := grid.ParseTopology("two", `sys=n1 ip=10.9.0.1 role=fs role=cpu fs=n1`+"\n"+`sys=n2 ip=10.9.0.2 role=terminal fs=n1`+"\n")
	if err != nil {
		t.Fatal(err)
	}
	d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	g, err := grid.New(grid.Config{
		Topology: topo, Root: d,
		Kernel: kernel.Config{User: gridUser, Loaders: []proc.Loader{cmd.Loader()}, Builtins: cmd.Names(), Boot: cmd.BootFiles()},
	})
	if err == nil {
		err = g.Boot(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Halt(ctx) })
	k := g.Node("n2").Kernel()
	n, remove := k.AddTerminal(blank{})
	t.Cleanup(remove)
	p, err := k.Start(ctx, n, "#/ufo/bin/boot", "boot", "-c", "1", command)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return p
}

func TestCompletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := shell(t, "cd /lib; fn mine { echo }; rfork n; bind /cfg /lib/ndb; >'/tmp/with blanks'; cat; date")
		complete := completer(func() *proc.Proc { return p })
		for _, c := range []struct{ what, line, want string }{
			{"a path", "cat /lib/na", "4 /lib/namespace: namespace namespace.local"},
			{"here", "cat na", "4 namespace: namespace namespace.local"},
			{"nothing to add", "cat namespace", "4 namespace: namespace namespace.local"},
			{"here, with dot", "cat ./namespace.l", "4 ./namespace.local : namespace.local"},
			{"what is bound", "cat ndb/e", "4 ndb/example/: example/"},
			{"another node's", "cat </n/n1/proc/1/ar", "5 /n/n1/proc/1/args : args"},
			{"a command", "ls | mkd", "5 mkdir : mkdir"},
			{"a function", "min", "0 mine : mine"},
			{"a built-in command", "whati", "0 whatis : whatis"},
			{"a directory of commands", "auth/new", "0 auth/newns : newns"},
			{"a variable", "echo $sysn", "6 sysname : sysname"},
			{"behind a variable", "cat $home/li", "9 /lib/: lib/"},
			{"a name with a blank", "cat /tmp/w", "4 '/tmp/with blanks' : with blanks"},
			{"of one process", "cat /proc/1/sta", "4 /proc/1/status : status"},
			{"nothing", "cat /lib/nothing", "0 : "},
		} {
			got := complete(t.Context(), c.line, len(c.line))
			if got := fmt.Sprintf("%d %s: %s", got.Start, got.Text, strings.Join(got.Names, " ")); got != c.want {
				t.Errorf("%s: %q, want %q", c.what, got, c.want)
			}
		}
	})
}

// Processes are listed by their numbers, with what they run.
func TestCompletionProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := shell(t, "cat; date")
		for _, dir := range []string{"/proc/", "/n/n2/proc/"} {
			c := completer(func() *proc.Proc { return p })(t.Context(), "cat "+dir, len("cat "+dir))
			last := 0
			var programs []string
			for _, name := range c.Names {
				var pid int
				var program string
				if n, _ := fmt.Sscan(name, &pid, &program); n == 0 {
					continue // trace
				}
				if pid <= last {
					t.Errorf("%s: %d after %d", dir, pid, last)
				}
				last = pid
				programs = append(programs, program)
			}
			if last < 10 || c.Text != dir || !slices.Contains(programs, "init") || !slices.Contains(programs, "cat") {
				t.Errorf("%s: %+v", dir, c)
			}
		}
	})
}

// Who has the console: what is waited for, and nothing in the background.
func TestHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := shell(t, "sleep 1000 & sleep 30; @{rfork s; sleep 60}; cat; date")
		if commands(func() *proc.Proc { return p })() {
			t.Error("a shell that waits reads commands")
		}
		say := holders(func() *proc.Proc { return p })
		for _, c := range []struct {
			what  string
			after time.Duration
			want  string
		}{
			{"a command", 3 * time.Second, `rc \d+ Await 0:03, sleep \d+ Sleep 0:03`},
			{"one with a note group of its own", 80 * time.Second, `rc \d+ Await 1:23, sleep \d+ Sleep 0:53`},
			{"one that reads", 60 * time.Second, `rc \d+ Await 2:23, cat \d+ Pread 0:53`},
		} {
			<-time.After(c.after)
			synctest.Wait()
			if got := say(); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
				t.Errorf("%s: %q, want %s", c.what, got, c.want)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := shell(t, "rc -i")
		if !commands(func() *proc.Proc { return p })() {
			t.Error("a shell that a shell has started reads no commands")
		}
	})
	if commands(func() *proc.Proc { return nil })() {
		t.Error("no shell reads commands")
	}
	if got := holders(func() *proc.Proc { return nil })(); got != "no process" {
		t.Errorf("before there is a shell: %q", got)
	}
}
