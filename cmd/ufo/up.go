package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ufo/cmd"
	"ufo/cmd/disk"
	"ufo/dev"
	"ufo/grid"
	"ufo/hosted/aout"
	"ufo/hosted/hostdisk"
	"ufo/hosted/vm"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
	"ufo/rootfs"
)

// A host is a running grid and what it has of this machine.
type host struct {
	c       *command
	topo    *grid.Topology
	named   bool // it has no file on the host
	state   *state
	disk    *disk.Disk
	units   map[string][]dev.Unit // disks of nodes, beside those in memory
	disks   []*hostdisk.Disk      // what they are made of
	grid    *grid.Grid
	mounts  *mounts
	posts   *posts
	history histories
	plan9   aout.Loader
	term    atomic.Pointer[atTerminal] // where the user sits; nil while booting
	began   time.Time

	published sync.WaitGroup // services shown on this machine
}

func runOne(c *command) error { return c.up("one") }

func runUp(c *command) error {
	if c.detach && c.hasCmd {
		return usageError("up: -c and -d: a grid in the background runs no command")
	}
	name := "four"
	if len(c.args) > 0 {
		name = c.args[0]
	}
	return c.up(name)
}

// up boots a grid, and returns when it has gone.
func (c *command) up(name string) error {
	h := &host{c: c, began: time.Now()}
	if err := h.readTopology(name); err != nil {
		return err
	}
	if c.detach {
		return c.background(h.state)
	}
	defer h.close()
	if err := h.open(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	stop := onSignal(h.signal(cancel))
	defer stop()
	err := h.boot(ctx)
	if err == nil {
		err = h.sit(ctx)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // the signal
	}
	return err
}

// readTopology finds out which grid is meant: one that has a name, or a file.
func (h *host) readTopology(name string) error {
	text, ok := grid.Builtin(name)
	if !ok {
		b, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, "./") {
			return usageError(fmt.Sprintf("up: %s: no such grid: four, one, or a network database such as lab.ndb", name))
		} else if err != nil {
			return err
		}
		text = string(b)
	}
	topo, err := grid.ParseTopology(name, text)
	if err != nil {
		return err
	}
	h.topo, h.named = topo, ok
	name = strings.TrimSuffix(filepath.Base(name), ".ndb")
	if h.c.name == "run" { // one of many, of which each ends with its program
		h.state = &state{name: name}
		return nil
	}
	if h.state, err = openState(name); err != nil && h.c.mem {
		h.state, err = &state{name: name}, nil
	}
	return err
}

// open takes what the grid needs of this machine. A grid that keeps nothing
// can do without a folder, and then nobody can reach it: that is fine when it
// only runs a command.
func (h *host) open() error {
	var err error
	if h.plan9.Platform, err = vm.NewPlatform(h.c.plan9); err != nil {
		return err
	}
	err = h.state.acquire()
	if err != nil && (!h.c.mem || errors.Is(err, errRunning) && !h.c.hasCmd) {
		return err
	}
	if !h.c.mem {
		h.history.dir = h.state.file("history")
	}
	store, file, err := h.store()
	if err != nil {
		return damaged(file, err)
	}
	h.disk, err = disk.Open(disk.Config{
		Store: store, Base: rootfs.Files(), Born: programTime(), Log: h.log,
	})
	if err != nil {
		store.Close()
		return damaged(file, err)
	}
	if h.named {
		if err := h.keepTopology(); err != nil {
			return err
		}
	}
	for _, n := range h.topo.Nodes {
		h.disk.Admit(n.User)
	}
	if err := h.grant(); err != nil {
		return err
	}
	return h.openDisks()
}

// store returns where the files of the grid are kept, and its name on the
// host.
func (h *host) store() (disk.Store, string, error) {
	if h.c.mem {
		return disk.NewMem(), "memory", nil
	}
	file := h.state.file("fs.disk")
	if h.c.fresh {
		if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, file, err
		}
	}
	s, err := openStore(file)
	if err != nil {
		return nil, file, err
	}
	return s, file, nil
}

// programTime is the time of the distribution's files: they are part of this
// program.
func programTime() time.Time {
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

func (h *host) log(msg string) { fmt.Fprintf(h.c.stderr, "ufo: %s\n", msg) }

// boot boots the grid, serves its control files, and says what there is.
func (h *host) boot(ctx context.Context) error {
	people, err := h.people()
	if err != nil {
		return err
	}
	g, err := grid.New(grid.Config{
		Topology: h.topo,
		Root:     h.disk,
		Keys:     true,
		People:   people,
		Nvram:    h.nvramOf,
		Kernel: kernel.Config{
			User: gridUser, Loaders: []proc.Loader{cmd.Loader()}, Builtins: cmd.Names(), Boot: cmd.BootFiles(),
		},
		NewTerminal: h.newTerminal,
		Host:        h.equip,
		Log:         h.nodeLog,
	})
	if err != nil {
		return err
	}
	h.grid = g
	if h.state.lock != nil {
		l, err := h.state.listen()
		if err != nil {
			return err
		}
		h.mounts = newMounts(h.state.name, h.state.file(mountList), g.Names(), h.owner)
		h.posts = newPosts(ctx, g, h.log)
		go serveAtOnce(ctx, l, g.HostServer(h.files()), h.log) // until ctx is done
	}
	if h.c.loud {
		go h.showEvents(ctx, time.Since(h.began))
	}
	bootctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	if err := g.Boot(bootctx); err != nil {
		if ctx.Err() != nil || g.Node(h.topo.Seat()).Kernel() == nil {
			return fmt.Errorf("boot: %w", err)
		}
		// What does not boot can be mended by who sits down at what does.
		h.log(err.Error())
	}
	if err := h.tell(people); err != nil {
		return err
	}
	return h.publish(ctx)
}

// owner returns the host owner of a node; that of the grid for others.
func (h *host) owner(node string) string {
	if n := h.topo.Node(node); n != nil && n.User != "" {
		return n.User
	}
	return gridUser
}

// files returns the directory of files that only the host has.
func (h *host) files() *ninep.Node {
	return &ninep.Node{Name: "host", Children: append(h.mounts.nodes(),
		h.posts.file(), newRuns(h.grid, h.owner).node(), ninep.Text("seat", h.topo.Seat()+"\n"))}
}

// bootTime is how long a node has to boot: longer than it waits for another.
const bootTime = 15 * time.Second

// nodeLog shows, with -v, what a node prints on its console.
func (h *host) nodeLog(node, text string) {
	if h.c.loud {
		fmt.Fprintf(h.c.stderr, "%6.1f ms  %-5s %s\n", time.Since(h.began).Seconds()*1000, node, text)
	}
}

// showEvents shows in the same way what happens to nodes and links, until ctx
// is done. Events are dated from when the grid was made, which is after as much
// time as age says.
func (h *host) showEvents(ctx context.Context, age time.Duration) {
	root, err := h.grid.Server().Attach(ctx, gridUser, "")
	if err != nil {
		return
	}
	defer root.Close()
	f, err := root.Walk(ctx, "events")
	if err != nil {
		return
	}
	defer f.Close()
	if f.Open(ctx, ninep.OREAD) != nil {
		return
	}
	buf := make([]byte, 8192)
	for {
		n, err := f.Read(ctx, buf, 0)
		if n == 0 || err != nil {
			return
		}
		var seconds float64
		var what, event string
		fmt.Sscan(string(buf[:n]), &seconds, &what, &event)
		fmt.Fprintf(h.c.stderr, "%6.1f ms  %-5s %s\n", (age.Seconds()+seconds)*1000, what, event)
	}
}

// signal returns what to do about a signal: ^C is for the command that runs;
// the others end the grid, with the status that shells use for this.
func (h *host) signal(end context.CancelCauseFunc) func(os.Signal) {
	return func(s os.Signal) {
		if s == os.Interrupt && h.interrupt() {
			return
		}
		n, _ := s.(syscall.Signal)
		end(exitStatus(128 + int(n)))
	}
}

// close halts the grid and gives back what it had.
func (h *host) close() {
	h.published.Wait()
	if h.mounts != nil {
		h.posts.close()
		h.mounts.close()
	}
	if h.grid != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := h.grid.Halt(ctx); err != nil {
			h.log(fmt.Sprintf("halt: %v", err))
		} else {
			h.plan9.Close()
		}
	}
	if h.disk != nil {
		if err := h.disk.Close(); err != nil {
			h.log(fmt.Sprintf("the files of %s: %v", h.topo.FS, err))
		}
	}
	h.closeDisks()
	h.state.release()
}
