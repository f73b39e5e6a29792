package disk

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"ufo/ninep"
)

// A DamageError says that the log cannot be read.
type DamageError struct {
	Offset int64 // of the first record that is not good
	Why    string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("damaged at offset %d: %s", e.Offset, e.Why)
}

// replay applies the whole log to the empty tree.
//
// A process that dies leaves a prefix of its last record, and a host that
// loses power may leave zeros or garbage in it: what looks so, at the very
// end, was never acknowledged and is cut off. Anything else is damage.
func (d *Disk) replay() error {
	size, err := d.store.Size()
	if err != nil || size == 0 {
		return err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(d.store, 0, size), 1<<16)
	head := make([]byte, min(size, int64(len(magic))))
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if string(head) != magic[:len(head)] && !zeros(head) {
		return &DamageError{0, "not the log of a disk"}
	}
	if string(head) != magic {
		return d.cut(0, size)
	}
	d.end = int64(len(magic))
	var body []byte
	for d.end < size {
		if body, err = readRecord(r, body, d.end, size); err == errTorn {
			return d.cut(d.end, size)
		} else if err != nil {
			return err
		}
		pos := d.end + headerSize
		if err := d.apply(body, pos); err != nil {
			return &DamageError{d.end, err.Error()}
		}
		d.end = pos + int64(len(body))
	}
	return nil
}

const errTorn ninep.Error = "unfinished record"

// readRecord returns the body of the record at off, in buf if there is room.
func readRecord(r *bufio.Reader, buf []byte, off, size int64) ([]byte, error) {
	if size-off < headerSize {
		return buf, errTorn
	}
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return buf, err
	}
	if crc32.Checksum(h[:8], crcTable) != binary.LittleEndian.Uint32(h[8:]) {
		if zeros(h[:]) && restIsZero(r) {
			return buf, errTorn
		}
		return buf, &DamageError{off, "bad checksum of a record's head"}
	}
	n := int64(binary.LittleEndian.Uint32(h[0:]))
	rest := size - off - headerSize
	if n > rest {
		return buf, errTorn
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return buf, err
	}
	if crc32.Checksum(buf, crcTable) != binary.LittleEndian.Uint32(h[4:]) {
		if n == rest {
			return buf, errTorn
		}
		return buf, &DamageError{off, "bad checksum"}
	}
	return buf, nil
}

func restIsZero(r *bufio.Reader) bool {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return err == io.EOF
		}
		if c != 0 {
			return false
		}
	}
}

// cut shortens the log to end.
func (d *Disk) cut(end, size int64) error {
	if d.cfg.Log != nil {
		d.cfg.Log(fmt.Sprintf("disk: the last %d bytes were not finished: forgotten", size-end))
	}
	d.end = end
	return d.store.Truncate(end)
}

// A decoder takes a body apart. After something that cannot be, bad is set
// and all it returns is zero.
type decoder struct {
	b   []byte
	pos int64 // of b in the store
	bad bool
}

func (r *decoder) num() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b, r.pos = r.b[n:], r.pos+int64(n)
	return v
}

func (r *decoder) bytes() []byte {
	n := r.num()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	p := r.b[:n]
	r.b, r.pos = r.b[n:], r.pos+int64(n)
	return p
}

func (r *decoder) str() string { return string(r.bytes()) }

func (r *decoder) off() int64 {
	v := r.num()
	if v > math.MaxInt64/2 {
		r.bad = true
		return 0
	}
	return int64(v)
}

// apply changes the tree as an operation says; pos is where its body is in
// the store. It is the only function that does.
func (d *Disk) apply(body []byte, pos int64) error {
	r := &decoder{b: body, pos: pos}
	for len(r.b) > 0 && !r.bad {
		item := r.b[0]
		r.b, r.pos = r.b[1:], r.pos+1
		var err error
		switch item {
		case itemNode:
			err = d.applyNode(r)
		case itemWrite, itemData:
			err = d.applyData(r, item == itemWrite)
		case itemRemove:
			err = d.applyRemove(r)
		case itemHide:
			err = d.applyHide(r)
		case itemNext:
			d.next = max(d.next, r.num())
		default:
			err = fmt.Errorf("unknown item %q", item)
		}
		if err != nil {
			return err
		}
	}
	if r.bad {
		return fmt.Errorf("malformed record")
	}
	return nil
}

// dirNode returns the directory that the log knows by id.
func (d *Disk) dirNode(id uint64) (*node, error) {
	n := d.nodes[id]
	if n == nil || !n.isDir() {
		return nil, fmt.Errorf("no directory %#x", id)
	}
	return n, nil
}

func (d *Disk) applyNode(r *decoder) error {
	id, parent := r.num(), r.num()
	m := meta{name: r.str()}
	base := r.str()
	m.mode, m.uid, m.gid, m.muid = ninep.Perm(r.num()), r.str(), r.str(), r.str()
	atime := uint32(r.num())
	m.mtime, m.vers, m.length = uint32(r.num()), uint32(r.num()), r.off()
	if r.bad {
		return nil // apply will say so
	}
	n := d.nodes[id]
	if n != d.root || n == nil {
		dir, err := d.dirNode(parent)
		if err != nil {
			return err
		}
		old := dir.kids[m.name]
		if n == nil && old != nil && !old.logged && old.path == id {
			n = old // a file of the base that is in use
		} else if n == nil {
			n = &node{path: id}
		}
		if old != nil && old != n || under(dir, n) {
			return fmt.Errorf("file %#x cannot be %q of %#x", id, m.name, parent)
		}
		n.leave()
		n.parent = dir
		dir.enter(n, m.name)
	}
	if n.logged && n.isDir() != m.mode.IsDir() {
		return fmt.Errorf("file %#x changes its kind", id)
	}
	if !n.logged {
		d.nodes[id], n.logged = n, true
		if id&baseBit == 0 {
			d.next = max(d.next, id+1)
		}
	}
	n.base, n.src = base, nil
	if m.length < n.length {
		var dead int64
		n.data, dead = n.data.clear(m.length, math.MaxInt64)
		d.live -= dead
	}
	n.meta = m
	n.atime.Store(atime)
	return nil
}

func (d *Disk) applyData(r *decoder, written bool) error {
	id, off := r.num(), r.off()
	n := d.nodes[id]
	if n == nil || n.isDir() {
		return fmt.Errorf("data for %#x, which is no file", id)
	}
	if written {
		n.mtime, n.muid = uint32(r.num()), r.str()
		n.atime.Store(n.mtime)
		n.vers++
	}
	p := r.bytes()
	if r.bad || len(p) == 0 {
		return nil
	}
	var more int64
	n.data, more = n.data.put(extent{off, r.pos - int64(len(p)), int64(len(p))})
	d.live += more
	n.length = max(n.length, off+int64(len(p)))
	return nil
}

func (d *Disk) applyRemove(r *decoder) error {
	id := r.num()
	n := d.nodes[id]
	if n == nil || n == d.root {
		return fmt.Errorf("no file %#x to remove", id)
	}
	if len(n.kids) > 0 {
		return fmt.Errorf("removed directory %#x is not empty", id)
	}
	_, dead := n.data.clear(0, math.MaxInt64)
	d.live -= dead
	n.leave()
	n.data, n.gone = nil, true
	delete(d.nodes, id)
	return nil
}

func (d *Disk) applyHide(r *decoder) error {
	id, name := r.num(), r.str()
	dir, err := d.dirNode(id)
	if err != nil {
		return err
	}
	if dir.hidden == nil {
		dir.hidden = make(map[string]bool)
	}
	dir.hidden[name] = true
	if n := dir.kids[name]; n != nil && !n.logged {
		n.leave()
		n.gone = true
	}
	return nil
}

// enter makes n the entry called name of directory dir.
func (dir *node) enter(n *node, name string) {
	if dir.kids == nil {
		dir.kids = make(map[string]*node)
	}
	dir.kids[name] = n
}

// leave takes n out of its directory.
func (n *node) leave() {
	if n.parent != nil {
		delete(n.parent.kids, n.name)
		n.parent = nil
	}
}
