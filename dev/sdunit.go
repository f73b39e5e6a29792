package dev

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"ufo/ninep"
)

// maxParts is how many partitions a unit may have.
const maxParts = 64

// errChange is the error for the use of a partition that is no more.
const errChange ninep.Error = "media or partition has changed"

// An sdUnit is a unit while it is served.
type sdUnit struct {
	Unit
	sectors int64
	made    bool // by a message to sdctl, which can also remove it

	mu    sync.Mutex // guards what follows
	parts []*sdPart  // in the order in which they were made
	count uint32     // how many ever were made
	gone  bool       // removed
	raw   sdRaw
}

// An sdPart is a partition. Its unit's mu guards opens and what is below it.
type sdPart struct {
	unit       *sdUnit
	name       string
	start, end int64 // sectors
	vers       uint32

	opens   int
	written bool // since the last close
	gone    bool
}

func newSDUnit(u Unit) *sdUnit {
	unit := &sdUnit{Unit: u, sectors: u.Disk.Size() / sectorSize}
	unit.parts = []*sdPart{{unit: unit, name: "data", end: unit.sectors}}
	return unit
}

// kind returns what the unit's controller is called.
func (u *sdUnit) kind() string {
	if _, ok := u.Disk.(*MemDisk); ok {
		return "memory"
	}
	return "disk"
}

// dir returns the unit's directory.
func (u *sdUnit) dir() *ninep.Node {
	return &ninep.Node{Name: u.Name,
		Children: []*ninep.Node{
			{Name: "ctl", Perm: 0640, Read: u.status, Write: u.ctl},
			{Name: "raw", Perm: 0600 | ninep.DMEXCL, Open: u.openRaw},
		},
		List: func(context.Context) ([]*ninep.Node, error) {
			u.mu.Lock()
			defer u.mu.Unlock()
			var nodes []*ninep.Node
			for _, p := range u.parts {
				nodes = append(nodes, p.node())
			}
			return nodes, nil
		},
	}
}

// retire forbids all further use of the unit, if nobody uses it.
func (u *sdUnit) retire() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, p := range u.parts {
		if p.opens > 0 {
			return false
		}
	}
	if u.raw.open {
		return false
	}
	u.gone = true
	for _, p := range u.parts {
		p.gone = true
	}
	return true
}

// status returns the text of ctl.
func (u *sdUnit) status(context.Context) ([]byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	b := fmt.Appendf(nil, "inquiry %s\ngeometry %d %d\n", u.Inquiry, u.sectors, sectorSize)
	for _, p := range u.parts {
		b = fmt.Appendf(b, "part %s %d %d\n", p.name, p.start, p.end)
	}
	return b, nil
}

// ctl does the messages "part name start end" and "delpart name".
func (u *sdUnit) ctl(_ context.Context, msg []byte) error {
	words, err := control(msg)
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case words[0] == "part" && len(words) == 4:
		start, err := strconv.ParseInt(words[2], 0, 64)
		end, err2 := strconv.ParseInt(words[3], 0, 64)
		if err != nil || err2 != nil {
			return ninep.ErrBadCtl
		}
		return u.addPart(words[1], start, end)
	case words[0] == "delpart" && len(words) == 2:
		return u.delPart(words[1])
	}
	return ninep.ErrBadCtl
}

// addPart makes a partition. One that is there already with the same name and
// place is no error. The caller holds mu.
func (u *sdUnit) addPart(name string, start, end int64) error {
	for _, p := range u.parts {
		switch {
		case p.name != name:
		case p.start == start && p.end == end:
			return nil
		default:
			return ninep.ErrBadCtl
		}
	}
	switch {
	case !ninep.ValidName(name), name == "ctl", name == "raw":
		return ninep.ErrBadCtl
	case start < 0, start > end, end > u.sectors:
		return ninep.ErrIO
	case len(u.parts) == maxParts:
		return ninep.ErrNoMem
	}
	u.count++
	u.parts = append(u.parts, &sdPart{unit: u, name: name, start: start, end: end, vers: u.count})
	return nil
}

// delPart forgets a partition that nobody has open. The caller holds mu.
func (u *sdUnit) delPart(name string) error {
	i := slices.IndexFunc(u.parts, func(p *sdPart) bool { return p.name == name })
	if i < 0 {
		return ninep.ErrBadCtl
	}
	if u.parts[i].opens > 0 {
		return ninep.ErrInUse
	}
	u.parts[i].gone = true
	u.parts = slices.Delete(u.parts, i, i+1)
	return nil
}

// node returns the partition's file.
func (p *sdPart) node() *ninep.Node {
	n := &ninep.Node{Name: p.name, Perm: 0640, Length: (p.end - p.start) * sectorSize, ReadAt: p.read, WriteAt: p.write}
	if p.unit.ReadOnly {
		n.Perm, n.WriteAt = 0440, nil
	}
	n.Stat = func(d *ninep.Dir) { d.Qid.Vers = p.vers }
	n.Open = func(context.Context, string, ninep.Mode) (*ninep.Node, error) { return nil, p.open() }
	n.Close = p.close
	return n
}

func (p *sdPart) open() error {
	p.unit.mu.Lock()
	defer p.unit.mu.Unlock()
	if p.gone {
		return errChange
	}
	p.opens++
	return nil
}

// close has what was written survive. Like any close it tells nobody that it
// cannot.
func (p *sdPart) close() {
	p.unit.mu.Lock()
	p.opens--
	written := p.written
	p.written = false
	p.unit.mu.Unlock()
	if written {
		p.unit.Disk.Sync()
	}
}

func (p *sdPart) read(ctx context.Context, b []byte, off int64) (int, error) {
	size := (p.end - p.start) * sectorSize
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	if off >= size {
		return 0, nil
	}
	b = b[:min(int64(len(b)), size-off)]
	return len(b), p.unit.Disk.ReadAt(ctx, b, p.start*sectorSize+off)
}

// write writes what fits; nothing fits behind the end.
func (p *sdPart) write(ctx context.Context, b []byte, off int64) (int, error) {
	size := (p.end - p.start) * sectorSize
	switch {
	case off < 0:
		return 0, ninep.ErrNegOff
	case len(b) == 0:
		return 0, nil
	case off >= size:
		return 0, ninep.ErrIO
	}
	p.unit.mu.Lock()
	p.written = true
	p.unit.mu.Unlock()
	b = b[:min(int64(len(b)), size-off)]
	return len(b), p.unit.Disk.WriteAt(ctx, b, p.start*sectorSize+off)
}
