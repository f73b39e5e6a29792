package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ufo/hosted/fuse"
	"ufo/ninep"
)

// runMount mounts a name space of the running grid; or a 9P server, which it
// serves until it is interrupted; or lists the mounts.
func runMount(c *command) error {
	if len(c.args) == 0 {
		return c.listMounts()
	}
	what, dir := "", c.args[0]
	if len(c.args) == 2 {
		what, dir = c.args[0], c.args[1]
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if strings.Contains(what, "!") {
		return c.mountServer(what, dir)
	}
	words := []string{"mount", ninep.Quote(dir), ninep.Quote(nameSpec(what))}
	if c.ro {
		words = append(words, "ro")
	}
	if c.cache {
		words = append(words, "cache")
	}
	return c.control(func(ctx context.Context, g *control) error {
		err := g.write(ctx, "host/mounts", strings.Join(words, " "))
		if errors.Is(err, ninep.ErrNotExist) || errors.Is(err, ninep.ErrShutdown) {
			return fmt.Errorf("mount %s: %w: ufo ps lists the nodes, ufo mount DIR shows all", what, err)
		}
		return err
	})
}

// nameSpec turns NODE[:PID] into the name that the tree of all name spaces has
// for it.
func nameSpec(what string) string {
	node, pid, ok := strings.Cut(what, ":")
	switch {
	case what == "":
		return ""
	case ok:
		return node + "/proc/" + pid + "/root"
	}
	return node + "/root"
}

// listMounts shows what is mounted, and with -v what went wrong there.
func (c *command) listMounts() error {
	return c.control(func(ctx context.Context, g *control) error {
		files := []string{"host/mounts"}
		if c.loud {
			files = append(files, "host/log")
		}
		for _, name := range files {
			text, err := g.read(ctx, name)
			if err != nil {
				return err
			}
			fmt.Fprint(c.stdout, text)
		}
		return nil
	})
}

// mountServer mounts a 9P server that is no part of a grid.
func (c *command) mountServer(addr, dir string) error {
	conn, err := dial(addr)
	if err != nil {
		return err
	}
	ctx := context.Background()
	client, err := ninep.NewClient(ctx, conn, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	defer client.Close()
	user := c.user
	if user == "" {
		user = hostUser()
	}
	opt := fuse.Options{User: user, Name: "ufo:" + addr, ReadOnly: c.ro, Cache: c.cache}
	if c.loud {
		opt.Log = func(msg string) { fmt.Fprintf(c.stderr, "ufo: %s\n", msg) }
	}
	if os.Mkdir(dir, 0700) == nil {
		defer os.Remove(dir)
	}
	m, err := fuse.Mount(ctx, client, dir, opt)
	var refused ninep.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %w (as %s: -u is for another name)", addr, err, user)
	} else if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	stop := onSignal(func(os.Signal) { m.Unmount() })
	defer stop()
	fmt.Fprintf(c.stdout, "%s is on %s until ^C\n", addr, dir)
	<-m.Done()
	return nil
}

// runUmount undoes mount, also what a program that was killed has left.
func runUmount(c *command) error {
	dir, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	if fuse.Dead(dir) {
		return fuse.Clear(dir)
	}
	grids, err := runningGrids()
	if err != nil {
		return err
	}
	for _, grid := range grids {
		if c.grid != "" && c.grid != grid {
			continue
		}
		g, err := dialControl(context.Background(), grid)
		if err != nil {
			continue
		}
		err = g.write(context.Background(), "host/mounts", "unmount "+ninep.Quote(dir))
		g.close()
		if err == nil || !errors.Is(err, ninep.ErrUnmount) {
			return err
		}
	}
	return fmt.Errorf("%s: no running grid has mounted it: ufo mount lists what has been", dir)
}
