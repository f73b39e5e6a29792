package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ufo/dev"
	"ufo/grid"
	"ufo/hosted/hostdisk"
)

// openDisks opens the disks of all nodes: files of this machine that they were
// granted and, unless the grid keeps nothing, those that are their own. Like
// the disks of a machine they are there while a node is off.
func (h *host) openDisks() error {
	h.units = make(map[string][]dev.Unit)
	for _, n := range h.topo.Nodes {
		if err := h.freshNvram(n.Name); err != nil {
			return err
		}
		for _, d := range n.Disks {
			if h.c.mem {
				break // they are in memory: the grid's affair
			}
			if err := h.openOwn(n.Name, d); err != nil {
				return fmt.Errorf("disk %s of %s: %w", d.Unit, n.Name, err)
			}
		}
		for _, d := range n.Grants.Disks {
			disk, err := hostdisk.Open(d.Path, d.Write)
			if err != nil {
				return fmt.Errorf("disk %s of %s: %w", d.Unit, n.Name, err)
			}
			h.addDisk(n.Name, dev.Unit{Name: d.Unit, Inquiry: "host " + filepath.Base(d.Path), Disk: disk, ReadOnly: !d.Write}, disk)
		}
	}
	return nil
}

// openOwn opens, or makes, the file of a disk in the grid's folder.
func (h *host) openOwn(node string, d grid.DiskSpec) error {
	file := h.state.file(node + "." + d.Unit)
	if h.c.fresh {
		if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	disk, err := hostdisk.Make(file, d.Size)
	if err != nil {
		return err
	}
	h.addDisk(node, dev.Unit{Name: d.Unit, Inquiry: "ufo disk", Disk: disk}, disk)
	return nil
}

// addDisk gives a node an open disk.
func (h *host) addDisk(node string, u dev.Unit, disk *hostdisk.Disk) {
	h.units[node] = append(h.units[node], u)
	h.disks = append(h.disks, disk)
}

// closeDisks closes the disks of all nodes, none of which runs.
func (h *host) closeDisks() {
	for _, d := range h.disks {
		if err := d.Close(); err != nil {
			h.log(err.Error())
		}
	}
}
