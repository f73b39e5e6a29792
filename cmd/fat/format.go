package fat

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// formatSector is the size of the sectors of a file system that is made here.
const formatSector = 512

// A Layout says where everything is in a file system that is to be made. All
// are sectors.
type Layout struct {
	Total    int64 // how many there are
	Cluster  int   // of a cluster; 0 for what suits the size
	Reserved int   // before the table; 0 for what is needed

	Label string // the name of the disk; may be empty

	bits     int   // of a table entry
	perTable int64 // in each of the two tables
	root     int64 // of the root; 0 if it is a chain of clusters
	clusters int64 // how many clusters there are
}

// Errors for layouts that cannot be.
var (
	errSize  = errors.New("no DOS file system can have this size")
	errLabel = errors.New("bad label: at most 11 letters and digits")
)

// Format makes an empty file system on img, and destroys what is there. It
// returns what it has chosen.
func Format(ctx context.Context, img Image, l Layout, now time.Time) (string, error) {
	if !l.choose() {
		return "", errSize
	}
	for _, r := range l.Label {
		if len(l.Label) > 11 || r < ' ' || r > '~' || strings.ContainsRune(`"*+,./:;<=>?[\]|`, r) {
			return "", errLabel
		}
	}
	fs := &FS{
		img: img, bits: l.bits, sector: formatSector, cluster: int64(l.Cluster) * formatSector, tables: 2,
		tableAt: int64(l.Reserved) * formatSector, tableSize: l.perTable * formatSector,
		table: make([]byte, l.perTable*formatSector), dirty: make(map[int64]bool),
	}
	// The boot sector comes last: what is interrupted is no file system.
	end := int64(l.Reserved) + 2*l.perTable + max(l.root, int64(l.Cluster))
	if err := fs.zero(ctx, 0, end*formatSector); err != nil {
		return "", err
	}
	fs.set(0, 0x0ffffff8)
	fs.set(1, entryEnd)
	rootAt := fs.tableAt + 2*fs.tableSize
	if l.bits == 32 {
		fs.set(2, entryEnd)
	}
	if err := fs.flush(ctx); err != nil {
		return "", err
	}
	if err := fs.writeFull(ctx, l.label(now), rootAt); err != nil {
		return "", err
	}
	err := fs.writeFull(ctx, l.boot(now), 0)
	return fmt.Sprintf("FAT%d: %d clusters of %d bytes", l.bits, l.clusters, fs.cluster), err
}

// choose chooses what the caller has not said, so that the number of clusters
// is one by which others find the kind of table: see geometry. It is not ok if
// that cannot be.
func (l *Layout) choose() (ok bool) {
	if l.Cluster != 0 {
		return l.fit()
	}
	switch {
	case l.Total >= 1<<18:
		l.Cluster = 8
	case l.Total >= 1<<15:
		l.Cluster = 2
	default:
		l.Cluster = 1
	}
	for l.Cluster < 128 && l.Total/int64(l.Cluster) > 1<<22 {
		l.Cluster *= 2
	}
	for ; l.Cluster <= 128; l.Cluster *= 2 {
		if l.fit() {
			return true
		}
	}
	return false
}

// fit finds the kind of table for the size of clusters.
func (l *Layout) fit() bool {
	if l.Cluster < 1 || l.Cluster > 128 || l.Cluster&(l.Cluster-1) != 0 || l.Total > 1<<32-1 || l.Reserved < 0 || l.Reserved > 1<<15 {
		return false
	}
	reserved := l.Reserved
	for _, kind := range []struct {
		bits           int
		root, reserved int64
		min, max       int64 // clusters
	}{
		{12, 14, 1, 1, 4084},
		{16, 32, 1, 4085, 65524},
		{32, 0, 32, 65525, entryMax - 3},
	} {
		l.bits, l.root = kind.bits, kind.root
		l.Reserved = max(reserved, int(kind.reserved))
		room := l.Total - int64(l.Reserved) - l.root
		l.perTable = ((room/int64(l.Cluster)+2)*int64(l.bits) + 8*formatSector - 1) / (8 * formatSector)
		l.clusters = (room - 2*l.perTable) / int64(l.Cluster)
		if l.clusters >= kind.min && l.clusters <= kind.max {
			return true
		}
	}
	l.Reserved = reserved
	return false
}

// The sectors of FAT32 that have a fixed place.
const (
	infoSector   = 1 // the count of free clusters
	backupSector = 6 // of the first two
)

// boot returns the first sectors.
func (l *Layout) boot(now time.Time) []byte {
	b := make([]byte, formatSector)
	le := binary.LittleEndian
	copy(b, "\xeb\x3c\x90ufo     ")
	le.PutUint16(b[11:], formatSector)
	b[13] = byte(l.Cluster)
	le.PutUint16(b[14:], uint16(l.Reserved))
	b[16] = 2
	le.PutUint16(b[17:], uint16(l.root*formatSector/entrySize))
	if l.Total < 1<<16 && l.bits < 32 {
		le.PutUint16(b[19:], uint16(l.Total))
	} else {
		le.PutUint32(b[32:], uint32(l.Total))
	}
	b[21] = 0xf8
	le.PutUint16(b[24:], 63)  // sectors of a track
	le.PutUint16(b[26:], 255) // heads
	b[510], b[511] = 0x55, 0xaa
	more := b[36:]
	if l.bits == 32 {
		le.PutUint32(b[36:], uint32(l.perTable))
		le.PutUint32(b[44:], 2) // the root
		le.PutUint16(b[48:], infoSector)
		le.PutUint16(b[50:], backupSector)
		more = b[64:]
	} else {
		le.PutUint16(b[22:], uint16(l.perTable))
	}
	more[0], more[2] = 0x80, 0x29
	le.PutUint32(more[3:], uint32(now.Unix()))
	copy(more[7:], fmt.Sprintf("%-11.11s%-8s", l.name(), fmt.Sprintf("FAT%d", l.bits)))
	if l.bits == 32 {
		b = append(b, l.info()...)
		b = append(append(b, make([]byte, (backupSector-2)*formatSector)...), b...)
	}
	return b
}

// info returns FAT32's sector about free clusters.
func (l *Layout) info() []byte {
	b := make([]byte, formatSector)
	le := binary.LittleEndian
	le.PutUint32(b, 0x41615252)
	le.PutUint32(b[484:], 0x61417272)
	le.PutUint32(b[488:], uint32(l.clusters-1)) // the root has one
	le.PutUint32(b[492:], 3)
	le.PutUint32(b[508:], 0xaa550000)
	return b
}

// name returns the label, or what stands for none.
func (l *Layout) name() string {
	if l.Label == "" {
		return "NO NAME"
	}
	return strings.ToUpper(l.Label)
}

// label returns the entry of the root that is the label: nothing for none.
func (l *Layout) label(now time.Time) []byte {
	if l.Label == "" {
		return nil
	}
	b := make([]byte, entrySize)
	copy(b, fmt.Sprintf("%-11s", l.name()))
	b[11] = attrLabel
	date, clock := dosTime(uint32(now.Unix()))
	binary.LittleEndian.PutUint16(b[22:], clock)
	binary.LittleEndian.PutUint16(b[24:], date)
	return b
}

// zero writes n zeros at off.
func (fs *FS) zero(ctx context.Context, off, n int64) error {
	zeros := make([]byte, min(n, 64<<10))
	for n > 0 {
		p := zeros[:min(n, int64(len(zeros)))]
		if err := fs.writeFull(ctx, p, off); err != nil {
			return err
		}
		off, n = off+int64(len(p)), n-int64(len(p))
	}
	return nil
}
