// Package fat is the file systems of DOS as files: FAT12, FAT16 and FAT32, with
// long names. See dossrv(4), and Microsoft's FAT specification of 2000.
//
// To read the package begin with this file; then table.go, from a cluster to
// the next; node.go, where a file's bytes are; dir.go, entries and their
// names; change.go, what changes a directory; and file.go, the Files.
//
// The table of clusters is kept in memory and written through. Everything else
// is read when it is asked for. Changes are written in an order, contents,
// table, entry, in which an interruption loses clusters at worst, which belong
// to no file until the disk is checked.
package fat

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"ufo/ninep"
)

// An Image is where the file system is. ReadAt reads like the Read of a File:
// less than asked for is no error, nothing is the end. WriteAt writes like
// its Write. Calls may be concurrent.
type Image interface {
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
	WriteAt(ctx context.Context, p []byte, off int64) (int, error)
}

// An Options says what the disk does not.
type Options struct {
	Owner    string           // of all files
	Now      func() time.Time // for modification times
	ReadOnly bool
}

// ErrFormat is the error for what is no such file system.
var ErrFormat = errors.New("not a DOS file system")

// errReadonly is the error for changes of what may not be changed.
const errReadonly ninep.Error = "file system read only"

// An FS is a file system: a [ninep.Server].
type FS struct {
	img Image
	opt Options

	bits      int   // of a table entry: 12, 16 or 32
	sector    int64 // bytes
	cluster   int64 // bytes of a cluster
	tableAt   int64 // offset of the first table
	tableSize int64 // bytes of one
	tables    int   // how many copies
	rootAt    int64 // offset of the root, if it has a fixed place
	rootSize  int64 // bytes of it; 0 if it is a chain of clusters
	dataAt    int64 // offset of cluster 2
	last      uint32
	infoAt    int64 // offset of FAT32's count of free clusters; 0 for none

	// turn is held by who reads or changes what follows, or the disk. It
	// is a channel because who waits for it can be interrupted.
	turn  chan struct{}
	table []byte
	dirty map[int64]bool // sectors of the table that are to be written
	free  uint32         // where to look for a free cluster
	count uint32         // how many there are
	nodes map[int64]*node
	paths uint64 // the last qid path given out
	root  *node
}

// New returns the file system that img is.
func New(ctx context.Context, img Image, opt Options) (*FS, error) {
	fs := &FS{img: img, opt: opt, turn: make(chan struct{}, 1), dirty: make(map[int64]bool), free: 2, nodes: make(map[int64]*node)}
	boot := make([]byte, 512)
	if err := fs.readFull(ctx, boot, 0); err != nil {
		return nil, ErrFormat
	}
	rootCluster, err := fs.geometry(boot)
	if err != nil {
		return nil, err
	}
	fs.table = make([]byte, fs.tableSize)
	if err := fs.readFull(ctx, fs.table, fs.tableAt); err != nil {
		return nil, err
	}
	for c := uint32(2); c <= fs.last; c++ {
		if fs.get(c) == entryFree {
			fs.count++
		}
	}
	fs.root = &node{fs: fs, name: "/", folder: true, attr: attrDir, start: rootCluster}
	return fs, nil
}

// maxTable is the size of the largest table that is believed: that of a disk
// of 2 terabytes with clusters of 32K.
const maxTable = 256 << 20

// geometry takes from the boot sector where everything is, and returns the
// cluster at which the root begins, if it is a chain.
func (fs *FS) geometry(b []byte) (root uint32, err error) {
	le16 := func(off int) int64 { return int64(binary.LittleEndian.Uint16(b[off:])) }
	le32 := func(off int) int64 { return int64(binary.LittleEndian.Uint32(b[off:])) }
	fs.sector = le16(11)
	perCluster, reserved, entries := int64(b[13]), le16(14), le16(17)
	fs.tables = int(b[16])
	total, perTable := le16(19), le16(22)
	if total == 0 {
		total = le32(32)
	}
	fat32 := perTable == 0
	if fat32 {
		perTable = le32(36)
		root = uint32(le32(44))
	}
	power := func(n int64) bool { return n > 0 && n&(n-1) == 0 }
	if b[510] != 0x55 || b[511] != 0xaa || !power(fs.sector) || fs.sector < 512 || fs.sector > 4096 || !power(perCluster) ||
		fs.tables == 0 || reserved == 0 || perTable == 0 || perTable*fs.sector > maxTable {
		return 0, ErrFormat
	}
	fs.cluster = perCluster * fs.sector
	fs.tableAt, fs.tableSize = reserved*fs.sector, perTable*fs.sector
	fs.rootAt = fs.tableAt + int64(fs.tables)*fs.tableSize
	fs.rootSize = entries * entrySize
	fs.dataAt = fs.rootAt + (fs.rootSize+fs.sector-1)/fs.sector*fs.sector
	clusters := (total*fs.sector - fs.dataAt) / fs.cluster
	switch {
	case clusters < 1:
		return 0, ErrFormat
	case fat32:
		fs.bits, fs.rootSize = 32, 0
		if info := le16(48); info != 0 && info != 0xffff {
			fs.infoAt = info * fs.sector
		}
	case clusters < 4085:
		fs.bits = 12
	default:
		fs.bits = 16
	}
	clusters = min(clusters, fs.tableSize*8/int64(fs.bits)-2)
	fs.last = uint32(clusters + 1)
	if fs.rootSize == 0 && (root < 2 || root > fs.last) || clusters < 1 {
		return 0, ErrFormat
	}
	return root, nil
}

// lock waits for the turn.
func (fs *FS) lock(ctx context.Context) error {
	select {
	case fs.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (fs *FS) unlock() { <-fs.turn }

// Attach returns the root. There is one tree: spec must be empty.
func (fs *FS) Attach(_ context.Context, user, spec string) (ninep.File, error) {
	if spec != "" {
		return nil, ninep.ErrBadSpec
	}
	return &file{n: fs.root, user: user}, nil
}

// readFull reads all of p at off.
func (fs *FS) readFull(ctx context.Context, p []byte, off int64) error {
	for n := 0; n < len(p); {
		got, err := fs.img.ReadAt(ctx, p[n:], off+int64(n))
		if err == nil && got == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return ioError(ctx, err)
		}
		n += got
	}
	return nil
}

// writeFull writes all of p at off.
func (fs *FS) writeFull(ctx context.Context, p []byte, off int64) error {
	for n := 0; n < len(p); {
		got, err := fs.img.WriteAt(ctx, p[n:], off+int64(n))
		if err == nil && got == 0 {
			err = io.ErrShortWrite
		}
		if err != nil {
			return ioError(ctx, err)
		}
		n += got
	}
	return nil
}

// ioError returns the error of an interrupted call as it is, and others as
// what a client should see.
func ioError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e ninep.Error
	if errors.As(err, &e) {
		return e
	}
	return ninep.ErrIO
}
