package fat

import (
	"context"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	entrySize = 32
	maxDir    = 65536 * entrySize // bytes of the largest directory

	deleted = 0xe5 // first byte of an entry that is free; 0: and all behind it
	aliasE5 = 0x05 // stands for a first byte of 0xe5

	lowerBase = 0x08 // in byte 12: a short name is meant in small letters
	lowerExt  = 0x10
)

// The attributes of a file.
const (
	attrReadOnly = 0x01
	attrLabel    = 0x08 // the name of the disk
	attrDir      = 0x10
	attrArchive  = 0x20
	attrLong     = 0x0f // a part of a long name
)

// longPart are the places of 13 characters in an entry of a long name.
var longPart = []int{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30}

// An entry is a file in a directory.
type entry struct {
	raw   []byte // its own 32 bytes
	name  string
	slot  int // where its entries begin: those of a long name come first
	slots int
}

// contents returns all bytes of a directory.
func (n *node) contents(ctx context.Context) ([]byte, error) {
	size, err := n.space()
	if err != nil {
		return nil, err
	}
	if size > maxDir {
		return nil, errCorrupt
	}
	b := make([]byte, size)
	return b, n.read(ctx, b, 0)
}

// entries returns the files of a directory. What is no file is left out: dot,
// dot-dot, the name of the disk, and long names without a file.
func entries(b []byte) []entry {
	var all []entry
	var long []uint16 // of the name that is being read
	sum, first, next := byte(0), 0, 0
	for slot := 0; (slot+1)*entrySize <= len(b) && b[slot*entrySize] != 0; slot++ {
		raw := b[slot*entrySize : (slot+1)*entrySize]
		order := int(raw[0] & 0x3f)
		switch {
		case raw[0] == deleted, raw[0] == '.':
			next = 0
		case raw[11]&0x3f == attrLong:
			if raw[0]&0x40 != 0 { // the last part comes first
				long, sum, first, next = nil, raw[13], slot, order
			}
			if next == 0 || order != next || raw[13] != sum {
				next = 0
				continue
			}
			next--
			part := make([]uint16, 0, len(longPart))
			for _, at := range longPart {
				part = append(part, binary.LittleEndian.Uint16(raw[at:]))
			}
			long = append(part, long...)
			if next == 0 {
				next = -1 // complete
			}
		case raw[11]&attrLabel != 0:
			next = 0
		default:
			e := entry{raw: raw, name: shortName(raw), slot: slot, slots: 1}
			if next == -1 && sum == aliasSum(raw) {
				e.name, e.slot, e.slots = longName(long), first, slot-first+1
			}
			next = 0
			all = append(all, e)
		}
	}
	return all
}

// longName returns a long name, which zero ends if it does not fill its last
// part.
func longName(units []uint16) string {
	for i, u := range units {
		if u == 0 {
			units = units[:i]
			break
		}
	}
	return string(utf16.Decode(units))
}

// shortName returns the name in an entry's first eleven bytes, in small
// letters.
func shortName(raw []byte) string {
	name := []byte(strings.ToLower(strings.TrimRight(latin(raw[:8]), " ")))
	if len(raw) > 0 && raw[0] == aliasE5 {
		name = append([]byte("\u00e5"), name[1:]...)
	}
	if ext := strings.ToLower(strings.TrimRight(latin(raw[8:11]), " ")); ext != "" {
		name = append(append(name, '.'), ext...)
	}
	return string(name)
}

// latin returns bytes as text. Which character a byte above 127 is the disk
// does not say.
func latin(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// aliasSum is the sum of a short name, by which a long one belongs to it.
func aliasSum(raw []byte) byte {
	sum := byte(0)
	for _, c := range raw[:11] {
		sum = sum>>1 | sum<<7
		sum += c
	}
	return sum
}

// node returns the node of an entry of the directory n.
func (n *node) node(e entry) *node {
	slot := e.slot + e.slots - 1
	at, _ := n.where(int64(slot) * entrySize)
	fs := n.fs
	if old := fs.nodes[at]; old != nil {
		return old
	}
	fs.paths++
	le := binary.LittleEndian
	nn := &node{fs: fs, path: fs.paths, dir: n, at: at, slot: e.slot, slots: e.slots, name: e.name, folder: e.raw[11]&attrDir != 0, attr: e.raw[11],
		start: uint32(le.Uint16(e.raw[26:])), size: int64(le.Uint32(e.raw[28:])),
		mtime: unixTime(le.Uint16(e.raw[24:]), le.Uint16(e.raw[22:]))}
	if fs.bits == 32 {
		nn.start |= uint32(le.Uint16(e.raw[20:])) << 16
	}
	if nn.folder {
		nn.size = 0
	}
	fs.nodes[at] = nn
	return nn
}

// find returns the entry called name, in whatever letters.
func find(all []entry, name string) (entry, bool) {
	for _, e := range all {
		if strings.EqualFold(e.name, name) {
			return e, true
		}
	}
	return entry{}, false
}

// store writes a node's entry: all but its name.
func (n *node) store(ctx context.Context) error {
	if n.dir == nil {
		return nil
	}
	b := make([]byte, entrySize)
	if err := n.fs.readFull(ctx, b, n.at); err != nil {
		return err
	}
	n.put(b)
	return n.fs.writeFull(ctx, b, n.at)
}

// put fills in the entry b, but for its name.
func (n *node) put(b []byte) {
	le := binary.LittleEndian
	b[11] = n.attr
	date, clock := dosTime(n.mtime)
	le.PutUint16(b[22:], clock)
	le.PutUint16(b[24:], date)
	le.PutUint16(b[26:], uint16(n.start))
	le.PutUint32(b[28:], uint32(n.size))
	if n.fs.bits == 32 {
		le.PutUint16(b[20:], uint16(n.start>>16))
	}
}

// unixTime returns the seconds since 1970 of a date and a time, taken to be of
// Greenwich.
func unixTime(date, clock uint16) uint32 {
	d := int(date)
	c := int(clock)
	if date == 0 {
		return 0
	}
	t := time.Date(1980+d>>9, time.Month(d>>5&15), d&31, c>>11, c>>5&63, c&31*2, 0, time.UTC)
	return uint32(t.Unix())
}

// dosTime is the reverse of unixTime. Before 1980 there are no times.
func dosTime(sec uint32) (date, clock uint16) {
	t := time.Unix(int64(sec), 0).UTC()
	if t.Year() < 1980 || t.Year() > 2107 {
		return 1<<5 | 1, 0
	}
	date = uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day())
	return date, uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}
