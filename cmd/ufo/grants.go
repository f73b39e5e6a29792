package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"ufo/grid"
	"ufo/hosted/aout"
	"ufo/hosted/hostexec"
	"ufo/hosted/hostfs"
	"ufo/hosted/hostnet"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// grant adds what the command line grants, and makes the names of folders
// and files absolute: those of a topology file are relative to it, others to where this
// program was started.
func (h *host) grant() error {
	dir := "."
	if !h.named {
		dir = filepath.Dir(h.topo.Name)
	}
	if err := absolute(h.topo, dir); err != nil {
		return err
	}
	for _, line := range h.c.host {
		if err := h.topo.Grant(line); err != nil {
			return usageError(err.Error())
		}
	}
	return absolute(h.topo, ".")
}

func absolute(topo *grid.Topology, base string) (err error) {
	for _, n := range topo.Nodes {
		for i, d := range n.Grants.Dirs {
			if n.Grants.Dirs[i].Path, err = absolutePath(d.Path, base); err != nil {
				return err
			}
		}
		for i, d := range n.Grants.Disks {
			if n.Grants.Disks[i].Path, err = absolutePath(d.Path, base); err != nil {
				return err
			}
		}
	}
	return nil
}

func absolutePath(path, base string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	return filepath.Abs(path)
}

// equip adds to the configuration of a node what it is granted of this
// machine. That lives as long as ctx.
func (h *host) equip(ctx context.Context, n *grid.Node, c *kernel.Config) error {
	if !h.c.mem {
		c.Disks = nil // those in memory: it has them in files
	}
	c.Disks = slices.Concat(c.Disks, h.units[n.Name])
	c.Devices = make(map[rune]ninep.Server)
	if len(n.Grants.Dirs) > 0 {
		srv, err := folders(c.User, n.Grants.Dirs)
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, func() { srv.Close() })
		c.Devices['U'] = srv
	}
	if len(n.Grants.Cmds) > 0 {
		cmd := hostexec.NewCmd(hostexec.Config{
			Owner: c.User, Allowed: n.Grants.Cmds, HostPath: hostPath, Log: h.log,
		})
		context.AfterFunc(ctx, func() { cmd.Close() })
		c.Devices['C'] = cmd
	}
	if n.Grants.Net {
		c.Wire = hostnet.New(c.Wire, h.topo.Inside)
	}
	programs := h.plan9.Limited(aout.Limits{Node: n.Limits.Memory, Process: n.Limits.ProcMemory})
	c.Loaders = append(slices.Clip(c.Loaders), programs, &loader{
		Loader: hostexec.Loader{Owner: c.User, Log: h.c.debug}, node: n.Name, granted: n.Grants.Exec,
	})
	return nil
}

// A loader runs programs of the host on nodes that are granted it, and those
// that the host's user asks for on all.
type loader struct {
	hostexec.Loader
	node    string
	granted bool
}

// Load returns the program in a file.
func (l *loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	if _, asked := ns.As[askedFor](file); !asked && !l.granted {
		return nil, fmt.Errorf("%w: %s is not granted exec=host: see ufo(8)", ninep.ErrPerm, l.node)
	}
	return l.Loader.Load(ctx, file)
}

// hostPath returns the name on the host of what the calling process knows as
// name, if it is in a folder of the host.
func hostPath(ctx context.Context, name string) (string, bool) {
	up := proc.Up(ctx)
	if up == nil {
		return "", false
	}
	view, release, err := up.Look()
	if err != nil {
		return "", false
	}
	defer release()
	c, err := view.Walk(ctx, name)
	if err != nil {
		return "", false
	}
	defer c.Close()
	f, ok := ns.As[interface{ HostPath() (string, bool) }](c)
	if !ok {
		return "", false
	}
	return f.HostPath()
}

// folders returns the device #U.
func folders(owner string, dirs []grid.HostDir) (*hostfs.Server, error) {
	var shown []hostfs.Dir
	for _, d := range dirs {
		shown = append(shown, hostfs.Dir{Path: d.Path, Write: d.Write})
	}
	srv, err := hostfs.New(owner, shown)
	if err != nil {
		return nil, fmt.Errorf("hostfs: %w", err)
	}
	srv.Who = caller
	return srv, nil
}

// caller returns the user who makes a call: that of the process that makes it,
// if one does.
func caller(ctx context.Context, attached string) string {
	if up := proc.Up(ctx); up != nil {
		return up.User()
	}
	return attached
}
