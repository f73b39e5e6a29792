package main

import (
	"path/filepath"

	"ufo/grid"
)

// grant adds what the command line grants, and makes the names of folders
// absolute: those of a topology file are relative to it, others to where this
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

func absolute(topo *grid.Topology, base string) error {
	for _, n := range topo.Nodes {
		for i, d := range n.Grants.Dirs {
			path := d.Path
			if !filepath.IsAbs(path) {
				path = filepath.Join(base, path)
			}
			path, err := filepath.Abs(path)
			if err != nil {
				return err
			}
			n.Grants.Dirs[i].Path = path
		}
	}
	return nil
}
