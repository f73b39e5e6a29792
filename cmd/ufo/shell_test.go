package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

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

func TestCompletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		topo, err := grid.ParseTopology("two", `sys=n1 ip=10.9.0.1 role=fs role=cpu fs=n1`+"\n"+`sys=n2 ip=10.9.0.2 role=terminal fs=n1`+"\n")
		if err != nil {
			t.Fatal(err)
		}
		d, err := disk.Open(disk.Config{Store: disk.NewMem(), Base: rootfs.Files()})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
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
		defer g.Halt(ctx)
		k := g.Node("n2").Kernel()
		n, remove := k.AddTerminal(blank{})
		defer remove()
		p, err := k.Start(ctx, n, "#/ufo/bin/boot", "boot", "-c", "1", "cd /lib; fn mine { echo }; rfork n; bind /cfg /lib/ndb; cat; date")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		complete := completer(func() *proc.Proc { return p })
		for _, c := range []struct{ what, line, want string }{
			{"a path", "cat /lib/na", "4: /lib/namespace /lib/namespace.local"},
			{"here", "cat na", "4: namespace namespace.local"},
			{"here, with dot", "cat ./na", "4: ./namespace ./namespace.local"},
			{"what is bound", "cat ndb/e", "4: ndb/example/"},
			{"another node's", "cat </n/n1/proc/1/ar", "5: /n/n1/proc/1/args"},
			{"a command", "ls | mkd", "5: mkdir"},
			{"a function", "min", "0: mine"},
			{"a built-in command", "whati", "0: whatis"},
			{"a directory of commands", "auth/new", "0: auth/newns"},
			{"a variable", "echo $sysn", "6: sysname"},
			{"nothing", "cat /lib/nothing", "4: "},
		} {
			start, names := complete(ctx, c.line, len(c.line))
			if got := itoa(start) + ": " + strings.Join(names, " "); got != c.want {
				t.Errorf("%s: %q, want %q", c.what, got, c.want)
			}
		}
	})
}

func itoa(n int) string { return string(rune('0' + n)) }
