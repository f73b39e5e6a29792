package disk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"ufo/ninep"
)

// The log is a head and then records. A record is
//
//	length[4] sum[4] check[4] body[length]
//
// little-endian: sum is the CRC-32C of the body, check that of the eight bytes
// before it. A body is one operation: items that are applied together.
//
//	n id parent name base mode uid gid muid   a file, new or changed
//	  atime mtime vers length
//	w id off mtime muid data                  data written by a user
//	d id off data                             data put where it was
//	r id                                      a file removed
//	h id name                                 in directory id, a name of the base hidden
//	q id                                      the next unused qid path
//
// An item begins with its letter; numbers are varints; strings and data are
// preceded by their length.
const (
	magic      = "ufo disk log 1\n\n"
	headerSize = 12

	itemNode   = 'n'
	itemWrite  = 'w'
	itemData   = 'd'
	itemRemove = 'r'
	itemHide   = 'h'
	itemNext   = 'q'
)

// maxData is how many bytes of a file go into one item.
const maxData = 1 << 20

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// A builder makes a record.
type builder struct{ b []byte }

func (b *builder) reset() { b.b = append(b.b[:0], make([]byte, headerSize)...) }

func (b *builder) num(v uint64)   { b.b = binary.AppendUvarint(b.b, v) }
func (b *builder) str(s string)   { b.num(uint64(len(s))); b.b = append(b.b, s...) }
func (b *builder) bytes(p []byte) { b.num(uint64(len(p))); b.b = append(b.b, p...) }

// node adds n as it will be: with the attributes m, in directory parent.
func (b *builder) node(n *node, parent *node, m meta, atime uint32) {
	b.b = append(b.b, itemNode)
	b.num(n.path)
	if parent == nil {
		b.num(0) // the root
	} else {
		b.num(parent.path)
	}
	b.str(m.name)
	b.str(n.base)
	b.num(uint64(m.mode))
	b.str(m.uid)
	b.str(m.gid)
	b.str(m.muid)
	b.num(uint64(atime))
	b.num(uint64(m.mtime))
	b.num(uint64(m.vers))
	b.num(uint64(m.length))
}

func (b *builder) write(id uint64, off int64, mtime uint32, muid string, p []byte) {
	b.b = append(b.b, itemWrite)
	b.num(id)
	b.num(uint64(off))
	b.num(uint64(mtime))
	b.str(muid)
	b.bytes(p)
}

func (b *builder) data(id uint64, off int64, p []byte) {
	b.b = append(b.b, itemData)
	b.num(id)
	b.num(uint64(off))
	b.bytes(p)
}

func (b *builder) remove(id uint64) {
	b.b = append(b.b, itemRemove)
	b.num(id)
}

func (b *builder) hide(dir uint64, name string) {
	b.b = append(b.b, itemHide)
	b.num(dir)
	b.str(name)
}

func (b *builder) next(id uint64) {
	b.b = append(b.b, itemNext)
	b.num(id)
}

// record returns the finished record.
func (b *builder) record() []byte {
	body := b.b[headerSize:]
	binary.LittleEndian.PutUint32(b.b[0:], uint32(len(body)))
	binary.LittleEndian.PutUint32(b.b[4:], crc32.Checksum(body, crcTable))
	binary.LittleEndian.PutUint32(b.b[8:], crc32.Checksum(b.b[:8], crcTable))
	return b.b
}

// appendTo writes the record at end, after the magic if the log is empty, and
// returns where its body begins.
func (b *builder) appendTo(s Store, end int64) (body int64, err error) {
	rec := b.record()
	if end == 0 {
		if _, err := s.WriteAt([]byte(magic), 0); err != nil {
			return 0, err
		}
		end = int64(len(magic))
	}
	_, err = s.WriteAt(rec, end)
	return end + headerSize, err
}

// begin starts an operation; d.mu is held for writing until commit.
func (d *Disk) begin() *builder {
	d.b.reset()
	return &d.b
}

// commit puts the operation into the log and then into memory. When the log
// cannot take it nothing has happened.
func (d *Disk) commit() error {
	if d.fail != nil {
		return d.fail
	}
	pos, err := d.b.appendTo(d.store, d.end)
	if err != nil {
		if terr := d.store.Truncate(d.end); terr != nil {
			d.fail = ninep.ErrIO // what is at the end of the log is unknown now
		}
		return fmt.Errorf("%w: %w", ninep.ErrIO, err)
	}
	body := d.b.b[headerSize:]
	d.end = pos + int64(len(body))
	if err := d.apply(body, pos); err != nil {
		d.fail = ninep.ErrIO
		return err
	}
	if cap(d.b.b) > 2*maxData {
		d.b.b = nil
	}
	if d.wasteful() {
		d.compact()
	}
	return nil
}

// log adds to the operation what gives n, and the directories above it, a
// place in the log. With keep the contents of a file of the base come along;
// without, the file becomes empty.
func (d *Disk) log(n *node, keep bool) error {
	if n.logged {
		return nil
	}
	if err := d.log(n.parent, true); err != nil {
		return err
	}
	m := n.meta
	if n.isDir() || !keep {
		m.length = 0
		d.b.node(n, n.parent, m, n.atime.Load())
		return nil
	}
	p, err := d.contents(n)
	if err != nil {
		return err
	}
	d.b.node(n, n.parent, m, n.atime.Load())
	for off := 0; off < len(p); off += maxData {
		d.b.data(n.path, int64(off), p[off:min(off+maxData, len(p))])
	}
	return nil
}

// touch adds to the operation that user changed directory dir.
func (d *Disk) touch(dir *node, user string, now uint32) error {
	if err := d.log(dir, true); err != nil {
		return err
	}
	m := dir.meta
	m.mtime, m.muid = now, user
	m.vers++
	d.b.node(dir, dir.parent, m, now)
	return nil
}

// zeros reports whether p is nothing but zeros.
func zeros(p []byte) bool { return len(bytes.Trim(p, "\x00")) == 0 }
