package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"ufo/hosted/tty"
	"ufo/ninep"
)

// runRun runs a program of the host: in the grid that runs, or, if there is
// none, in a node of its own that keeps nothing, and that nobody else finds.
func runRun(c *command) error {
	file, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	c.exe = executable{file: file, shown: filepath.Dir(file)}
	if info.IsDir() || strings.HasSuffix(file, ".go") {
		built, err := c.build(file)
		if err != nil {
			return err
		}
		defer os.RemoveAll(filepath.Dir(built))
		c.exe = executable{file: built, shown: file}
		if !info.IsDir() {
			c.exe.shown = filepath.Dir(file)
		}
	}
	if c.here {
		c.mem = true
		return c.up("one")
	}
	grids, err := runningGrids()
	if err != nil {
		grids = nil // no folder for state: no grids either
	}
	if len(grids) == 0 && c.node == "" && c.grid == "" {
		c.mem = true
		return c.up("one")
	}
	if c.plan9 != "" {
		return usageError("run: -platform: the grid that runs has its own")
	}
	return c.control(func(ctx context.Context, g *control) error { return c.runIn(ctx, g) })
}

// runIn runs a program in a grid that runs, and sits at its console.
func (c *command) runIn(ctx context.Context, g *control) error {
	ctl, err := g.open(ctx, "host/run/clone", ninep.ORDWR)
	if err != nil {
		return err
	}
	defer func() {
		ctl.Close()
		g.root.Stat(ctx) // answered when clone is closed, and nothing left in the node
	}()
	num := make([]byte, 20)
	n, err := ctl.Read(ctx, num, 0)
	if err != nil {
		return err
	}
	terminal := tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout)
	width, height := 0, 0
	if terminal && !dumbTerminal() {
		width, height = tty.WindowSize(os.Stdin)
	}
	node := c.seat(ctx, g)
	words := []string{node, strconv.Itoa(width), strconv.Itoa(height), c.at, c.exe.shown, c.exe.file}
	msg := "run"
	for _, word := range append(words, c.args[1:]...) {
		msg += " " + ninep.Quote(word)
	}
	if _, err := ctl.Write(ctx, []byte(msg+"\x00"), 0); errors.Is(err, ninep.ErrShutdown) {
		return fmt.Errorf("%s is dead: ufo start %s boots it", node, node)
	} else if err != nil {
		return err
	}
	dir := "host/run/" + string(num[:n])
	data, err := g.open(ctx, dir+"/data", ninep.ORDWR)
	if err != nil {
		return err
	}
	if terminal {
		err = c.conTerminal(ctx, data)
	} else {
		err = copyScript(ctx, data)
	}
	data.Close()
	if err == errLeft {
		return exitStatus(128 + int(syscall.SIGQUIT))
	} else if err != nil {
		return err
	}
	status, err := g.read(ctx, dir+"/status")
	return statusError(status, err)
}

// seat returns the node that is meant: that of -n, or where the grid's user
// sits.
func (c *command) seat(ctx context.Context, g *control) string {
	if c.node != "" {
		return c.node
	}
	seat, err := g.read(ctx, "host/seat")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(seat)
}

// runHere runs the program in the one node of this process.
func (h *host) runHere(ctx context.Context) error {
	p := &hostProgram{
		executable: h.c.exe, node: h.grid.Node(h.topo.Seat()), at: h.c.at, args: h.c.args[1:], owner: h.owner(h.topo.Seat()),
	}
	if h.c.here {
		var err error
		if p.here, err = newHere(p.file); err != nil {
			return err
		}
	}
	cmd, done, err := p.command()
	if err != nil {
		return err
	}
	defer done()
	if tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout) {
		return h.sitAtTerminal(ctx, cmd)
	}
	h.term.Store(&atTerminal{tty.NewDumb(os.Stdin, h.c.stdout)})
	return statusError(h.session(ctx, nil, cmd))
}
