// Package iso9660 is the file system of CD-ROMs as files that can be read: ISO
// 9660 (ECMA-119), with the names of Plan 9's system use fields, of Joliet, or
// of Rock Ridge (IEEE P1281 and P1282). See 9660srv(4).
//
// Directories are read when somebody first looks into them, and kept.
package iso9660

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"ufo/ninep"
)

// An Image is where the file system is. ReadAt reads like the Read of a File:
// less than asked for is no error, nothing is the end. Calls may be
// concurrent.
type Image interface {
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
}

// An Options says which of the trees to pass over that a disc may have.
type Options struct {
	NoPlan9, NoJoliet bool
}

// ErrFormat is the error for what is no such file system.
var ErrFormat = errors.New("not an ISO 9660 file system")

// sectorSize is the size of a sector, which begins with a whole directory
// record.
const sectorSize = 2048

// The names of the trees, which are the groups of their files.
const (
	plan9  = "plan9"
	joliet = "joliet"
	ridge  = "ridge"
	iso    = "iso9660"
)

// An fs is a file system.
type fs struct {
	img   Image
	block int64  // size of a logical block
	form  string // which tree it is
	skip  int    // of each system use field, what is not Rock Ridge's
}

// New returns the files of the file system that img is.
func New(ctx context.Context, img Image, opt Options) (ninep.Server, error) {
	f := &fs{img: img}
	root, err := f.volume(ctx, opt)
	if err != nil {
		return nil, err
	}
	if f.form == iso {
		if err := f.findRidge(ctx, root); err != nil {
			return nil, err
		}
	}
	node := f.node(root)
	node.Name = ""
	node.Perm |= ninep.DMDIR | 0o111
	f.directory(node, root)
	return ninep.NewTree("cdrom", node), nil
}

// volume reads the volume descriptors, chooses a tree, and returns the record
// of its root.
func (f *fs) volume(ctx context.Context, opt Options) (record, error) {
	var root record
	b := make([]byte, sectorSize)
	for sector := int64(16); sector < 16+64; sector++ {
		if err := f.readFull(ctx, b, sector*sectorSize); err != nil {
			return root, ErrFormat
		}
		if string(b[1:6]) != "CD001" {
			return root, ErrFormat
		}
		switch b[0] {
		case 0:
			if strings.HasPrefix(string(b[7:]), "PLAN 9") && !opt.NoPlan9 {
				f.form = plan9
			}
		case 1:
			if root.size != 0 {
				continue
			}
			if err := f.take(b, &root); err != nil {
				return root, err
			}
			if f.form == "" {
				f.form = iso
			}
		case 2:
			if opt.NoJoliet || f.form != iso || !isJoliet(string(b[88:120])) {
				continue
			}
			if err := f.take(b, &root); err != nil {
				return root, err
			}
			f.form = joliet
		case 255:
			if root.size == 0 {
				return root, ErrFormat
			}
			return root, nil
		}
	}
	return root, ErrFormat
}

// isJoliet reports whether the escape sequences of a supplementary volume
// select Unicode, at one of its levels.
func isJoliet(esc string) bool {
	return strings.HasPrefix(esc, "%/@") || strings.HasPrefix(esc, "%/C") || strings.HasPrefix(esc, "%/E")
}

// take takes block size and root from a volume descriptor.
func (f *fs) take(b []byte, root *record) error {
	f.block = int64(binary.LittleEndian.Uint16(b[128:]))
	r, _, ok := parseRecord(b[156:190], 156)
	if f.block < 512 || f.block > sectorSize || f.block&(f.block-1) != 0 || !ok || !r.isDir() || r.size == 0 {
		return ErrFormat
	}
	*root = r
	return nil
}

// readFull reads all of p at off.
func (f *fs) readFull(ctx context.Context, p []byte, off int64) error {
	for n := 0; n < len(p); {
		got, err := f.img.ReadAt(ctx, p[n:], off+int64(n))
		if err == nil && got == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		n += got
	}
	return nil
}

// read reads the contents that lie in the extents.
func (f *fs) read(ctx context.Context, extents []extent, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, ninep.ErrNegOff
	}
	for _, e := range extents {
		if off < e.size {
			return f.img.ReadAt(ctx, p[:min(int64(len(p)), e.size-off)], e.block*f.block+off)
		}
		off -= e.size
	}
	return 0, nil
}
