package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"ufo/ninep"
)

// A control is the control files of a running grid.
type control struct {
	name   string // of the grid
	client *ninep.Client
	root   ninep.File
}

// dialControl opens the control socket of a running grid.
func dialControl(ctx context.Context, grid string) (*control, error) {
	s, err := theGrid(grid)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("unix", s.socket())
	if err != nil {
		return nil, fmt.Errorf("grid %s does not answer: %w: kill process %d", s.name, err, s.pid())
	}
	client, err := ninep.NewClient(ctx, conn, nil)
	if err != nil {
		return nil, fmt.Errorf("grid %s: %w", s.name, err)
	}
	root, err := client.Attach(ctx, gridUser, "")
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("grid %s: %w", s.name, err)
	}
	return &control{s.name, client, root}, nil
}

func (c *control) close() {
	c.root.Close()
	c.client.Close()
}

// open opens a control file.
func (c *control) open(ctx context.Context, name string, mode ninep.Mode) (ninep.File, error) {
	f, _, err := ninep.WalkNames(ctx, c.root, strings.Split(name, "/"))
	if err != nil {
		return nil, err
	}
	if err := f.Open(ctx, mode); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// read returns the text of a control file.
func (c *control) read(ctx context.Context, name string) (string, error) {
	return readFile(ctx, c.root, name)
}

// write writes a control message.
func (c *control) write(ctx context.Context, name, msg string) error {
	f, err := c.open(ctx, name, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(ctx, []byte(msg+"\n"), 0)
	return err
}

// list returns the names in a directory of the tree.
func (c *control) list(ctx context.Context, name string) ([]string, error) {
	f, err := c.open(ctx, name, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dirs, err := f.ReadDir(ctx)
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name)
	}
	return names, err
}
