package dev

// The storage device: disks and their partitions.
//
//	#S/sdctl       a line for each controller; takes memory and remove
//	#S/sdM0/ctl    what the unit is, and its partitions; takes part and
//	               delpart
//	#S/sdM0/raw    commands of SCSI
//	#S/sdM0/data   the whole unit: the first partition
//
// Units are given to the kernel, or are made of memory while it runs:
//
//	% bind -a '#S' /dev
//	% echo memory M0 16m >/dev/sdctl
//	% echo part dos 63 2943 >/dev/sdM0/ctl
//	% ls -l /dev/sdM0

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/ninep"
)

// sectorSize is the size of a sector of every unit.
const sectorSize = 512

// A Disk is what a unit is made of.
type Disk interface {
	// ReadAt and WriteAt read and write all of p, which lies within the
	// Size. Calls may be concurrent.
	ReadAt(ctx context.Context, p []byte, off int64) error
	WriteAt(ctx context.Context, p []byte, off int64) error
	// Sync returns when what was written would survive a loss of power.
	// It is called when a partition that was written to is closed.
	Sync() error
	// Size returns the number of bytes, a multiple of 512. It is always
	// the same.
	Size() int64
}

// A Unit is a disk of a kernel.
type Unit struct {
	Name     string // see ValidUnit
	Inquiry  string // who made it: manufacturer and model
	Disk     Disk
	ReadOnly bool // nobody may write to it
}

// SD is the device #S.
type SD struct {
	tree *ninep.Tree

	mu    sync.Mutex // guards what follows
	units []*sdUnit  // sorted by name
	used  int64      // bytes of the units that were made here
}

// NewSD returns the device #S with the given units.
func NewSD(h Host, units []Unit) *SD {
	s := &SD{}
	for _, u := range units {
		s.units = append(s.units, newSDUnit(u))
	}
	slices.SortFunc(s.units, func(a, b *sdUnit) int { return cmp.Compare(a.Name, b.Name) })
	s.tree = newTree(h, &ninep.Node{
		Children: []*ninep.Node{{Name: "sdctl", Perm: 0640, Read: s.controllers, Write: s.ctl}},
		List: func(context.Context) ([]*ninep.Node, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			var nodes []*ninep.Node
			for _, u := range s.units {
				nodes = append(nodes, u.dir())
			}
			return nodes, nil
		},
	})
	return s
}

// Attach returns the root. The spec may name a unit that must be there.
func (s *SD) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	s.mu.Lock()
	_, there := s.find(spec)
	s.mu.Unlock()
	switch {
	case spec == "", there:
		return s.tree.Attach(ctx, user, "")
	case !strings.HasPrefix(spec, "sd"):
		return nil, ninep.ErrBadSpec
	}
	return nil, ninep.ErrNotExist
}

// find returns where the unit of that name is, or belongs. The caller holds mu.
func (s *SD) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.units, name, func(u *sdUnit, name string) int { return cmp.Compare(u.Name, name) })
}

// controllers returns a line for each controller: its name, what it is, and
// how many units it has.
func (s *SD) controllers(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b []byte
	for i := 0; i < len(s.units); {
		n := i + 1
		name := s.units[i].Name
		name = name[:min(len(name), len("sdC"))]
		for n < len(s.units) && strings.HasPrefix(s.units[n].Name, name) {
			n++
		}
		b = fmt.Appendf(b, "%s %s %d units\n", name, s.units[i].kind(), n-i)
		i = n
	}
	return b, nil
}

// ctl does the messages "memory M0 size" and "remove M0".
func (s *SD) ctl(_ context.Context, msg []byte) error {
	words, err := control(msg)
	if err != nil {
		return err
	}
	switch {
	case words[0] == "memory" && len(words) == 3:
		return s.memory("sd"+words[1], words[2])
	case words[0] == "remove" && len(words) == 2:
		return s.remove("sd" + words[1])
	}
	return ninep.ErrBadCtl
}

// maxMemory is how much the units that are made here may have together.
const maxMemory = 1 << 30

// memory makes a unit of memory.
func (s *SD) memory(name, size string) error {
	n, err := ParseSize(size)
	if err != nil || !ValidUnit(name) {
		return ninep.ErrBadCtl
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, there := s.find(name)
	switch {
	case there:
		return ninep.ErrInUse
	case n > maxMemory-s.used:
		return ninep.ErrNoMem
	}
	s.used += n
	u := newSDUnit(Unit{Name: name, Inquiry: "ufo memory", Disk: NewMemDisk(n)})
	u.made = true
	s.units = slices.Insert(s.units, i, u)
	return nil
}

// remove forgets a unit that was made here, if nobody uses it.
func (s *SD) remove(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, there := s.find(name)
	if !there {
		return ninep.ErrNotExist
	}
	u := s.units[i]
	if !u.made {
		return ninep.ErrPerm
	}
	if !u.retire() {
		return ninep.ErrInUse
	}
	s.used -= u.Disk.Size()
	s.units = slices.Delete(s.units, i, i+1)
	return nil
}

// ValidUnit reports whether a unit can have the name: sd, a letter or a digit
// for the controller, and a hexadecimal digit, as in sdC0.
func ValidUnit(name string) bool {
	if len(name) != len("sdC0") || name[:2] != "sd" {
		return false
	}
	c, u := name[2], name[3]
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	return (letter || c >= '0' && c <= '9') && strings.IndexByte("0123456789abcdef", u) >= 0
}

// ParseSize reads the size of a unit, a number of bytes with k, m or g behind
// it for powers of 1024. It must be whole sectors.
func ParseSize(s string) (int64, error) {
	s = strings.ToLower(s)
	shift := 0
	switch {
	case strings.HasSuffix(s, "k"):
		shift = 10
	case strings.HasSuffix(s, "m"):
		shift = 20
	case strings.HasSuffix(s, "g"):
		shift = 30
	}
	if shift > 0 {
		s = s[:len(s)-1]
	}
	n, err := strconv.ParseUint(s, 0, 31)
	if err != nil {
		return 0, err
	}
	size := int64(n) << shift
	if size == 0 || size%sectorSize != 0 {
		return 0, ninep.ErrBadArg
	}
	return size, nil
}
