package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"ufo/ninep"
)

// runPs shows the nodes, and the links that are not perfect.
func runPs(c *command) error {
	return c.control(func(ctx context.Context, g *control) error {
		text, err := g.read(ctx, "status")
		if err != nil {
			return err
		}
		fmt.Fprint(c.stdout, text)
		links, err := g.list(ctx, "links")
		if err != nil {
			return err
		}
		for _, l := range links {
			text, err := g.read(ctx, "links/"+l+"/status")
			if err != nil {
				return err
			}
			if s := faults(text); s != "" {
				fmt.Fprintf(c.stdout, "%s  %s\n", l, s)
			}
		}
		return nil
	})
}

// perfect is the status of a link that has no faults.
var perfect = []string{"delay 0s", "jitter 0s", "bandwidth 0", "loss 0%", "indrop 0", "heal"}

// faults returns what the status of a link has that a perfect one has not.
func faults(status string) string {
	var all []string
	for line := range strings.Lines(status) {
		line = strings.TrimSpace(line)
		msg := line
		if f := strings.SplitN(line, " ", 3); f[0] == "to" && len(f) == 3 {
			msg = f[2]
		}
		word, _, _ := strings.Cut(msg, " ")
		if !slices.Contains(perfect, msg) && word != "limit" && word != "seed" {
			all = append(all, line)
		}
	}
	return strings.Join(all, ", ")
}

// runLink does link, cut and heal.
func runLink(c *command) error {
	return c.control(func(ctx context.Context, g *control) error {
		dir := "links/" + c.args[0] + "-" + c.args[1]
		msg := strings.Join(c.args[2:], " ")
		if c.name != "link" {
			msg = c.name
		}
		if msg != "" {
			if err := g.write(ctx, dir+"/ctl", msg); errors.Is(err, ninep.ErrNotExist) {
				return fmt.Errorf("%s-%s: no such link: ufo ps lists the nodes", c.args[0], c.args[1])
			} else if err != nil {
				return fmt.Errorf("link %s-%s: %s: %w", c.args[0], c.args[1], msg, err)
			}
			return nil
		}
		for _, name := range []string{"status", "stats"} {
			text, err := g.read(ctx, dir+"/"+name)
			if errors.Is(err, ninep.ErrNotExist) {
				return fmt.Errorf("%s-%s: no such link: ufo ps lists the nodes", c.args[0], c.args[1])
			} else if err != nil {
				return err
			}
			fmt.Fprint(c.stdout, text)
		}
		return nil
	})
}

// runNode does kill and start.
func runNode(c *command) error {
	return c.control(func(ctx context.Context, g *control) error {
		ctx, cancel := context.WithTimeout(ctx, bootTime)
		defer cancel()
		node := c.args[0]
		err := g.write(ctx, "nodes/"+node+"/ctl", c.name)
		switch {
		case errors.Is(err, ninep.ErrNotExist):
			return fmt.Errorf("%s: no such node: ufo ps lists them", node)
		case errors.Is(err, ninep.ErrInUse):
			return fmt.Errorf("%s %s: it is running: ufo kill %s switches it off", c.name, node, node)
		case errors.Is(err, ninep.ErrIntr):
			return fmt.Errorf("%s %s: not yet, after %v: ufo con %s shows what is the matter", c.name, node, bootTime, node)
		case err != nil:
			return fmt.Errorf("%s %s: %w", c.name, node, err)
		}
		return nil
	})
}

// downTime is how long the end of a grid may take: one with hundreds of mounts
// on a busy host needs some of it.
const downTime = 30 * time.Second

// runDown halts a grid and waits until it has gone.
func runDown(c *command) error {
	s, err := theGrid(c.grid)
	if err != nil {
		return err
	}
	pid := s.pid()
	err = c.control(func(ctx context.Context, g *control) error { return g.write(ctx, "ctl", "halt") })
	if err != nil && pid > 0 {
		syscall.Kill(pid, syscall.SIGTERM)
	}
	if !s.wait(downTime) {
		return fmt.Errorf("grid %s does not end: kill -9 %d loses none of its files", s.name, pid)
	}
	return nil
}

// control does something with the control files of the running grid.
func (c *command) control(f func(ctx context.Context, g *control) error) error {
	ctx := context.Background()
	g, err := dialControl(ctx, c.grid)
	if err != nil {
		return err
	}
	defer g.close()
	return f(ctx, g)
}
