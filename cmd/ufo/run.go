package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/ns"
)

// runRun runs a program of the host: in the grid that runs, or, if there is
// none, in a node of its own that keeps nothing.
func runRun(c *command) error {
	file, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	grids, err := runningGrids()
	if err != nil {
		grids = nil // no folder for state: no grids either
	}
	if len(grids) == 0 && c.node == "" && c.grid == "" {
		c.mem = true
		return c.up("one")
	}
	return c.control(func(ctx context.Context, g *control) error {
		ctl, err := g.open(ctx, "host/run/clone", ninep.ORDWR)
		if err != nil {
			return err
		}
		defer ctl.Close()
		num := make([]byte, 20)
		n, err := ctl.Read(ctx, num, 0)
		if err != nil {
			return err
		}
		words := []string{"run", ns.Quote(c.seat(ctx, g)), ns.Quote(c.at), ns.Quote(file)}
		for _, arg := range c.args[1:] {
			words = append(words, ns.Quote(arg))
		}
		if _, err := ctl.Write(ctx, []byte(strings.Join(words, " ")), 0); err != nil {
			return err
		}
		dir := "host/run/" + string(num[:n])
		data, err := g.open(ctx, dir+"/data", ninep.ORDWR)
		if err != nil {
			return err
		}
		if tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout) {
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
	})
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
	file, err := filepath.Abs(h.c.args[0])
	if err != nil {
		return err
	}
	p := &hostProgram{node: h.grid.Node(h.topo.Seat()), at: h.c.at, file: file, args: h.c.args[1:]}
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
