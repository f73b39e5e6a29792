package grid

import (
	"fmt"
	"slices"

	"ufo/cmd/ndb"
	"ufo/dev"
)

// A DiskSpec is a disk of a node, a unit of #S. It is in memory, or where the
// host keeps the grid's files.
//
//	disk=sdC0 size=64m
type DiskSpec struct {
	Unit string
	Size int64 // bytes
}

// A HostDisk is a file of the host that a node has as a disk.
type HostDisk struct {
	Unit  string // without unit= the first of sdD0 to sdDf that is free
	Path  string // as written
	Write bool
}

// addDisks gives a node the disks of its tuple.
func (n *NodeSpec) addDisks(tuple *ndb.Tuple) error {
	var size *int64 // of the disk before
	for p := range tuple.Pairs {
		switch p.Attr {
		case "disk":
			n.Disks = append(n.Disks, DiskSpec{Unit: p.Val})
			size = &n.Disks[len(n.Disks)-1].Size
			continue
		case "size":
			if size == nil {
				break
			}
			var err error
			if *size, err = dev.ParseSize(p.Val); err != nil {
				return tuple.Errorf("size=%s: not sectors of 512 bytes, such as 64m", p.Val)
			}
		}
		size = nil
	}
	for _, d := range n.Disks {
		if d.Size == 0 {
			return tuple.Errorf("disk=%s: no size= behind it", d.Unit)
		}
	}
	return nil
}

// nameDisks names the host's disks that have no name yet, and finds that all
// have one of their own. The tuple is the one to blame.
func (n *NodeSpec) nameDisks(tuple *ndb.Tuple) error {
	taken := make(map[string]bool)
	take := func(unit string) error {
		if !dev.ValidUnit(unit) {
			return tuple.Errorf("'%s' cannot name a disk, as sdC0 can", unit)
		}
		if taken[unit] {
			return tuple.Errorf("%s has a disk %s already", n.Name, unit)
		}
		taken[unit] = true
		return nil
	}
	for _, d := range n.Disks {
		if err := take(d.Unit); err != nil {
			return err
		}
	}
	for _, d := range n.Grants.Disks {
		if d.Unit != "" {
			if err := take(d.Unit); err != nil {
				return err
			}
		}
	}
	for i := range n.Grants.Disks {
		d := &n.Grants.Disks[i]
		for u := 0; d.Unit == "" && u < 16; u++ {
			if unit := fmt.Sprintf("sdD%x", u); !taken[unit] {
				d.Unit, taken[unit] = unit, true
			}
		}
		if d.Unit == "" {
			return tuple.Errorf("hostdisk=%s: no unit is free: name one with unit=", d.Path)
		}
	}
	return nil
}

// memory returns the disks of the node as they are without a host: in memory.
func (n NodeSpec) memory() []dev.Unit {
	var units []dev.Unit
	for _, d := range n.Disks {
		units = append(units, dev.Unit{Name: d.Unit, Inquiry: "ufo memory", Disk: dev.NewMemDisk(d.Size)})
	}
	return slices.Clip(units)
}
