package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"ufo/ninep"
)

// sitDown opens a console of a node for somebody at a terminal: the one asked
// for; else one that nobody sits at, unless it must be new; else a new one.
func (c *command) sitDown(ctx context.Context, g *control) (cons ninep.File, isNew bool, err error) {
	dir := "nodes/" + c.args[0] + "/consoles/"
	if len(c.args) > 1 {
		cons, err = g.open(ctx, dir+c.args[1]+"/data", ninep.ORDWR)
		return cons, false, conError(ctx, g, err, c.args...)
	}
	if !c.isNew {
		for _, n := range consoles(ctx, g, c.args[0]) {
			cons, err = g.open(ctx, dir+n+"/data", ninep.ORDWR)
			if err == nil {
				return cons, false, nil
			}
		}
	}
	cons, err = g.open(ctx, dir+"new", ninep.ORDWR)
	return cons, true, conError(ctx, g, err, c.args...)
}

// consoles returns the numbers of a node's consoles, in order; none if there
// is no such node.
func consoles(ctx context.Context, g *control, node string) []string {
	names, _ := g.list(ctx, "nodes/"+node+"/consoles")
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := strconv.Atoi(name)
		return err != nil
	})
}

// conError explains why a console of a node, and perhaps the one of a number,
// could not be opened.
func conError(ctx context.Context, g *control, err error, args ...string) error {
	if err == nil {
		return nil
	}
	node := args[0]
	state, noNode := g.fact(ctx, "nodes/"+node+"/status", "state")
	switch {
	case noNode != nil:
		return fmt.Errorf("%s: no such node: ufo ps lists them", node)
	case errors.Is(err, ninep.ErrShutdown):
		return fmt.Errorf("%s is %s: ufo start %s boots it, ufo con -l %s shows what it printed", node, state, node, node)
	case errors.Is(err, ninep.ErrInUse):
		return fmt.Errorf("console %s of %s is in use: ufo con -n %s opens another", args[1], node, node)
	case errors.Is(err, ninep.ErrNotExist), errors.Is(err, ninep.ErrHungup) && len(args) > 1:
		return fmt.Errorf("%s has no console %s: ufo con lists them", node, args[1])
	}
	return fmt.Errorf("console of %s: %w", node, err)
}

// gone says so if a console ended because its node did.
func gone(ctx context.Context, g *control, node string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// The answer comes after the console has been closed: who sits down
	// again finds it free.
	state, err := g.fact(ctx, "nodes/"+node+"/status", "state")
	if err == nil && state != "up" && state != "booting" {
		return fmt.Errorf("%s is %s", node, state)
	}
	return nil
}

// fact returns what a status file says of something.
func (c *control) fact(ctx context.Context, name, what string) (string, error) {
	text, err := c.read(ctx, name)
	for line := range strings.Lines(text) {
		if said, ok := strings.CutPrefix(line, what+" "); ok {
			return strings.TrimSpace(said), err
		}
	}
	return "", err
}

// listConsoles prints a line for each console of the grid.
func (c *command) listConsoles(ctx context.Context, g *control) error {
	nodes, err := g.list(ctx, "nodes")
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	none := true
	for _, node := range nodes {
		for _, n := range consoles(ctx, g, node) {
			status := "nodes/" + node + "/consoles/" + n + "/status"
			state, err := g.fact(ctx, status, "state")
			if err != nil {
				continue // it has just ended
			}
			runs, _ := g.fact(ctx, status, "runs")
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", node, n, state, printable(runs))
			none = false
		}
	}
	if none {
		fmt.Fprintln(c.stderr, "ufo: no consoles: ufo con NODE opens one")
	}
	return t.Flush()
}

// printLog prints what a node's own console has printed.
func (c *command) printLog(ctx context.Context, g *control, node string) error {
	text, err := g.read(ctx, "nodes/"+node+"/log")
	if errors.Is(err, ninep.ErrNotExist) {
		return fmt.Errorf("%s: no such node: ufo ps lists them", node)
	}
	fmt.Fprint(c.stdout, text)
	return err
}

// showLog shows the last lines of that to somebody who sits down.
func (c *command) showLog(ctx context.Context, g *control, node string) {
	const most = 10
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	text, err := g.read(ctx, "nodes/"+node+"/log")
	text = text[:strings.LastIndexByte(text, '\n')+1] // without the prompt that nobody sits at
	if err != nil || text == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	on, off := "\x1b[2m", "\x1b[0m"
	if dumbTerminal() {
		on, off = "", ""
	}
	for _, line := range lines[max(0, len(lines)-most):] {
		fmt.Fprintf(c.stdout, "%s%s%s\n", on, printable(line), off)
	}
}

// printable returns text without what would move the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}
