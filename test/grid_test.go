package test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/cmd"
	"ufo/cmd/disk"
	"ufo/dev"
	"ufo/grid"
	"ufo/hosted/aout"
	"ufo/hosted/tty"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/proc"
	"ufo/rootfs"
)

// A testGrid is a grid with a console for each node, where every device is
// watched for misuse.
type testGrid struct {
	t       *testing.T
	grid    *grid.Grid
	disk    *disk.Disk
	console map[string]*console // by node
	plan9   aout.Loader

	mu      sync.Mutex // guards watched
	watched []*ninetest.StrictServer
}

// newTestGrid boots a grid: the default one, or that of the file grid.ndb, with
// programs in /amd64/bin.
func newTestGrid(t *testing.T, files []file, programs []rootfs.File) *testGrid {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text, _ := grid.Builtin("four")
	keys := true
	var people []grid.Person
	for _, f := range files {
		switch f.name {
		case "grid.ndb":
			text = f.data
		case "nokeys": // machines that remember nothing
			keys = false
		case "users": // a name and a password a line
			for line := range strings.Lines(f.data) {
				if w := strings.Fields(line); len(w) == 2 {
					people = append(people, grid.Person{Name: w[0], Password: w[1]})
				}
			}
		}
	}
	top, err := grid.ParseTopology("grid.ndb", text)
	if err != nil {
		t.Fatal(err)
	}
	tg := &testGrid{t: t, console: map[string]*console{}}
	base := append(rootfs.Files(), programs...)
	slices.SortFunc(base, func(a, b rootfs.File) int { return strings.Compare(a.Name, b.Name) })
	if tg.disk, err = disk.Open(disk.Config{Store: disk.NewMem(), Base: base}); err != nil {
		t.Fatal(err)
	}
	for _, n := range top.Nodes { // as ufo does
		tg.disk.Admit(n.User)
	}
	for _, who := range people {
		if err := tg.disk.Newuser(ctx, who.Name); err != nil {
			t.Fatal(err)
		}
	}
	terms := map[string]dev.Terminal{}
	for _, n := range top.Nodes {
		tg.console[n.Name] = newConsole()
		terms[n.Name] = tg.console[n.Name]
	}
	tg.grid, err = grid.New(grid.Config{
		Topology:  top,
		Root:      tg.disk,
		Keys:      keys,
		People:    people,
		Terminals: terms,
		NewTerminal: func(_ *grid.Node, c *grid.Console) dev.Terminal {
			return tty.NewEditor(c, tty.Options{Plain: true})
		},
		Kernel: kernel.Config{
			Loaders:  []proc.Loader{cmd.Loader(), &tg.plan9},
			Builtins: cmd.Names(),
			Wrap:     tg.watch,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tg.grid.Boot(ctx); err != nil {
		tg.close()
		t.Fatal(err)
	}
	synctest.Wait() // until there are shells on the consoles
	return tg
}

// watch puts a device under observation.
func (tg *testGrid) watch(_ rune, srv ninep.Server) ninep.Server {
	strict := ninetest.Strict(srv)
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.watched = append(tg.watched, strict)
	return strict
}

// close halts the grid and reports what devices have seen.
func (tg *testGrid) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := tg.grid.Halt(ctx); err != nil {
		tg.t.Error(err)
	}
	synctest.Wait() // calls that were under way end a little later
	for _, strict := range tg.watched {
		if err := strict.Check(); err != nil {
			tg.t.Error(err)
		}
	}
	if err := tg.plan9.Close(); err != nil {
		tg.t.Error(err)
	}
	if err := tg.disk.Close(); err != nil {
		tg.t.Error(err)
	}
}

// sit returns the console of a node.
func (tg *testGrid) sit(node string) (*console, error) {
	if c := tg.console[node]; c != nil {
		return c, nil
	}
	return nil, ninep.ErrNotExist
}

// ps returns what the processes of a node are doing.
func (tg *testGrid) ps(node string) string {
	k := tg.grid.Node(node).Kernel()
	if k == nil {
		return "\tnothing"
	}
	var b strings.Builder
	for _, p := range k.Procs().Procs() {
		info := p.Info()
		fmt.Fprintf(&b, "\t%d %s %q\n", info.Pid, info.State, info.Args)
	}
	return b.String()
}

// host does what a command on the host does, and returns what it prints.
func (tg *testGrid) host(line string) []string {
	args := strings.Fields(line)
	if len(args) < 2 || args[0] != "ufo" {
		return []string{line + ": not a command of a session"}
	}
	switch verb, args := args[1], args[2:]; {
	case (verb == "up" || verb == "ps") && len(args) == 0:
		return strings.Split(strings.TrimSpace(tg.grid.Status()), "\n")
	case (verb == "cut" || verb == "heal") && len(args) == 2:
		return tg.ctl("links/"+args[0]+"-"+args[1]+"/ctl", verb)
	case verb == "link" && len(args) > 2:
		return tg.ctl("links/"+args[0]+"-"+args[1]+"/ctl", strings.Join(args[2:], " "))
	case (verb == "kill" || verb == "start") && len(args) == 1:
		return tg.ctl("nodes/"+args[0]+"/ctl", verb)
	}
	return []string{line + ": not a command of a session"}
}

// ctl writes to a control file of the grid, as the commands of the host do.
func (tg *testGrid) ctl(name, msg string) []string {
	if err := write(tg.t.Context(), tg.grid.Server(), name, msg); err != nil {
		return []string{fmt.Sprintf("ufo: %s: %v", name, err)}
	}
	return nil
}

// write writes data to the file of a server.
func write(ctx context.Context, srv ninep.Server, name, data string) error {
	root, err := srv.Attach(ctx, "glenda", "")
	if err != nil {
		return err
	}
	defer root.Close()
	names := strings.Split(name, "/")
	f, _, err := ninep.WalkNames(ctx, root, names)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Open(ctx, ninep.OWRITE); err != nil {
		return err
	}
	_, err = f.Write(ctx, []byte(data), 0)
	return err
}
