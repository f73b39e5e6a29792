package iso9660

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"ufo/ninep"
)

// maxDir is the size of the largest directory that is believed.
const maxDir = 64 << 20

// An extent is where a part of a file lies.
type extent struct{ block, size int64 }

// A record is an entry of a directory.
type record struct {
	at      int64 // where in the image it is
	block   int64 // where the contents begin
	size    int64
	mtime   uint32
	flags   byte
	name    string // as it is on the disc
	use     []byte // the system use field
	extents []extent
}

// The flags of a record.
const (
	flagDir  = 0x02
	flagMore = 0x80 // the next record is the same file's
)

func (r record) isDir() bool { return r.flags&flagDir != 0 }

// parseRecord reads the record that b, which is at off in the image, begins
// with, and returns what follows. It is not ok if there is none.
func parseRecord(b []byte, off int64) (r record, rest []byte, ok bool) {
	if len(b) < 34 || int(b[0]) < 34 || int(b[0]) > len(b) {
		return r, nil, false
	}
	b, rest = b[:b[0]], b[b[0]:]
	n := int(b[32])
	if 33+n > len(b) {
		return r, nil, false
	}
	r = record{at: off, flags: b[25], name: string(b[33 : 33+n]), mtime: shortTime(b[18:25]),
		block: int64(binary.LittleEndian.Uint32(b[2:])) + int64(b[1]), size: int64(binary.LittleEndian.Uint32(b[10:]))}
	r.extents = []extent{{r.block, r.size}}
	if use := 33 + n + (n+1)%2; use < len(b) {
		r.use = b[use:]
	}
	return r, rest, true
}

// shortTime reads a time of seven bytes: years since 1900, month, day, hour,
// minute, second, and quarters of an hour east of Greenwich.
func shortTime(b []byte) uint32 {
	if b[1] == 0 {
		return 0
	}
	t := time.Date(1900+int(b[0]), time.Month(b[1]), int(b[2]), int(b[3]), int(b[4]), int(b[5]), 0, time.UTC)
	return uint32(max(0, t.Unix()-int64(int8(b[6]))*15*60))
}

// records reads a directory, without dot and dot-dot.
func (f *fs) records(ctx context.Context, dir record) ([]record, error) {
	if dir.size > maxDir {
		return nil, errors.New("directory too large")
	}
	b := make([]byte, dir.size)
	if err := f.readFull(ctx, b, dir.block*f.block); err != nil {
		return nil, err
	}
	var all []record
	more := false
	for pos := 0; pos < len(b); {
		if b[pos] == 0 { // the rest of the sector is empty
			pos += sectorSize - pos%sectorSize
			continue
		}
		r, rest, ok := parseRecord(b[pos:], dir.block*f.block+int64(pos))
		if !ok {
			return nil, errors.New("bad directory record")
		}
		pos = len(b) - len(rest)
		if r.name == "\x00" || r.name == "\x01" {
			continue
		}
		if last := len(all) - 1; more && last >= 0 && all[last].name == r.name {
			all[last].extents = append(all[last].extents, r.extents...)
			all[last].size += r.size
		} else {
			all = append(all, r)
		}
		more = r.flags&flagMore != 0
	}
	return all, nil
}

// node returns the node for a record, whose name the tree's form decides.
func (f *fs) node(r record) *ninep.Node {
	n := &ninep.Node{Name: f.name(r), Perm: 0o444, Owner: "cdrom", Group: f.form, Length: r.size, Path: uint64(r.at) << 1}
	if r.isDir() {
		n.Perm = ninep.DMDIR | 0o555
	}
	mtime := r.mtime
	n.Stat = func(d *ninep.Dir) { d.Mtime, d.Atime = mtime, mtime }
	return n
}

// name returns the name in a record, in the form of the tree.
func (f *fs) name(r record) string {
	if f.form == joliet {
		var units []uint16
		for i := 0; i+1 < len(r.name); i += 2 {
			units = append(units, binary.BigEndian.Uint16([]byte(r.name[i:])))
		}
		name, _, _ := strings.Cut(string(utf16.Decode(units)), ";")
		return name
	}
	name := strings.ToLower(r.name)
	if f.form == plan9 {
		return name
	}
	if !r.isDir() {
		// The standard wants a dot and a version in any name.
		name, _, _ = strings.Cut(name, ";")
		name = strings.TrimSuffix(name, ".")
	}
	return name
}

// entry returns the node for a record with all that the tree's form adds to
// it. It is nil for what is not to be seen.
func (f *fs) entry(ctx context.Context, r record) (*ninep.Node, error) {
	n := f.node(r)
	switch f.form {
	case plan9:
		f.plan9(n, r)
	case ridge:
		show, err := f.ridge(ctx, n, &r)
		if err != nil || !show {
			return nil, err
		}
	}
	if !ninep.ValidName(n.Name) {
		return nil, nil
	}
	n.Perm |= 0o444 // whose disc it was does not matter any more
	if n.Perm.IsDir() {
		n.Perm |= 0o111
		f.directory(n, r)
		return n, nil
	}
	n.ReadAt = func(ctx context.Context, p []byte, off int64) (int, error) { return f.read(ctx, r.extents, p, off) }
	return n, nil
}

// plan9 takes name, owner, group and mode from the system use field.
func (f *fs) plan9(n *ninep.Node, r record) {
	use, text := r.use, [3]string{}
	for i := range text {
		if len(use) == 0 || int(use[0]) >= len(use) {
			return
		}
		text[i], use = string(use[1:1+use[0]]), use[1+use[0]:]
	}
	if (len(r.use)-len(use))%2 != 0 && len(use) > 0 {
		use = use[1:]
	}
	if len(use) < 4 {
		return
	}
	if text[0] != "" {
		n.Name = text[0]
	}
	n.Owner, n.Group = text[1], text[2]
	n.Perm = ninep.Perm(binary.LittleEndian.Uint32(use)) & (ninep.DMDIR | 0o777)
}

// directory makes a directory of n: that which r tells of.
func (f *fs) directory(n *ninep.Node, r record) {
	d := &directory{fs: f, record: r}
	n.Length, n.Path = 0, uint64(r.block)<<1|1 // however it is reached
	n.List = d.list
	n.Lookup = d.lookup
}

// A directory is read once.
type directory struct {
	fs     *fs
	record record

	mu    sync.Mutex // guards nodes
	nodes []*ninep.Node
}

func (d *directory) list(ctx context.Context) ([]*ninep.Node, error) {
	d.mu.Lock()
	nodes := d.nodes
	d.mu.Unlock()
	if nodes != nil {
		return nodes, nil
	}
	records, err := d.fs.records(ctx, d.record)
	if err != nil {
		return nil, ioError(ctx, err)
	}
	nodes = make([]*ninep.Node, 0, len(records))
	seen := make(map[string]int)
	for _, r := range records {
		n, err := d.fs.entry(ctx, r)
		if err != nil {
			return nil, ioError(ctx, err)
		}
		if n == nil {
			continue
		}
		if seen[n.Name]++; seen[n.Name] > 1 { // nobody could reach it
			n.Name += "~" + strconv.Itoa(seen[n.Name])
		}
		nodes = append(nodes, n)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.nodes == nil {
		d.nodes = nodes
	}
	return d.nodes, nil
}

// lookup finds a name; a tree that does not know small letters from large
// ones takes either.
func (d *directory) lookup(ctx context.Context, name string) (*ninep.Node, error) {
	nodes, err := d.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if n.Name == name {
			return n, nil
		}
	}
	if d.fs.form == iso || d.fs.form == joliet {
		for _, n := range nodes {
			if strings.EqualFold(n.Name, name) {
				return n, nil
			}
		}
	}
	return nil, ninep.ErrNotExist
}

// ioError returns the error of an interrupted call as it is, and others as
// what a client should see.
func ioError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e ninep.Error
	if errors.As(err, &e) {
		return err
	}
	return ninep.Error("i/o error: " + err.Error())
}
