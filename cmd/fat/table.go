package fat

import (
	"context"
	"encoding/binary"

	"ufo/ninep"
)

// errFull is the error for a disk that is.
const errFull ninep.Error = "file system full"

// errCorrupt is the error for a table or a directory that makes no sense.
const errCorrupt ninep.Error = "corrupted file system"

// What table entries mean that are no cluster; with fewer bits, their low
// ones.
const (
	entryFree = 0
	entryEnd  = 0x0fffffff
	entryMax  = 0x0ffffff6 // the first that is none
)

// get returns the table's entry for a cluster: the next one of its chain, or
// one of the values above.
func (fs *FS) get(c uint32) uint32 {
	v, mask := uint32(0), uint32(0)
	switch fs.bits {
	case 12:
		i := c + c/2
		v, mask = uint32(binary.LittleEndian.Uint16(fs.table[i:]))>>(4*(c&1))&0xfff, 0xfff
	case 16:
		v, mask = uint32(binary.LittleEndian.Uint16(fs.table[2*c:])), 0xffff
	default:
		v, mask = binary.LittleEndian.Uint32(fs.table[4*c:])&0x0fffffff, 0x0fffffff
	}
	if v >= mask-9 {
		v |= 0x0fffffff &^ mask
	}
	return v
}

// set changes the table's entry for a cluster.
func (fs *FS) set(c, v uint32) {
	if fs.get(c) == entryFree {
		fs.count--
	}
	if v == entryFree {
		fs.count++
	}
	at := int64(0)
	switch fs.bits {
	case 12:
		at = int64(c + c/2)
		old, shift := binary.LittleEndian.Uint16(fs.table[at:]), 4*(c&1)
		binary.LittleEndian.PutUint16(fs.table[at:], old&^(0xfff<<shift)|uint16(v&0xfff)<<shift)
		fs.dirty[(at+1)/fs.sector] = true
	case 16:
		at = int64(2 * c)
		binary.LittleEndian.PutUint16(fs.table[at:], uint16(v))
	default:
		at = int64(4 * c)
		old := binary.LittleEndian.Uint32(fs.table[at:])
		binary.LittleEndian.PutUint32(fs.table[at:], old&0xf0000000|v&0x0fffffff)
	}
	fs.dirty[at/fs.sector] = true
}

// flush writes what has changed in the table, to all its copies.
func (fs *FS) flush(ctx context.Context) error {
	if len(fs.dirty) > 0 && fs.infoAt != 0 {
		b := binary.LittleEndian.AppendUint32(nil, fs.count)
		if err := fs.writeFull(ctx, b, fs.infoAt+488); err != nil {
			return err
		}
	}
	for s := range fs.dirty {
		for i := range fs.tables {
			off := s * fs.sector
			if err := fs.writeFull(ctx, fs.table[off:off+fs.sector], fs.tableAt+int64(i)*fs.tableSize+off); err != nil {
				return err
			}
		}
		delete(fs.dirty, s)
	}
	return nil
}

// chain returns the clusters from c on to the end of their chain.
func (fs *FS) chain(c uint32) ([]uint32, error) {
	var all []uint32
	for ; c < entryMax; c = fs.get(c) {
		if c < 2 || c > fs.last || uint32(len(all)) > fs.last {
			return nil, errCorrupt
		}
		all = append(all, c)
	}
	return all, nil
}

// alloc takes n free clusters and returns them as a chain behind after, which
// is a last cluster, or 0.
func (fs *FS) alloc(after uint32, n int) ([]uint32, error) {
	var got []uint32
	c := fs.free
	for range fs.last - 1 {
		if len(got) == n {
			break
		}
		if c > fs.last {
			c = 2
		}
		if fs.get(c) == entryFree {
			got = append(got, c)
		}
		c++
	}
	if len(got) < n {
		return nil, errFull
	}
	fs.free = c
	for i, c := range got {
		v := uint32(entryEnd)
		if i+1 < len(got) {
			v = got[i+1]
		}
		fs.set(c, v)
	}
	if after != 0 && n > 0 {
		fs.set(after, got[0])
	}
	return got, nil
}

// release makes clusters free.
func (fs *FS) release(clusters []uint32) {
	for _, c := range clusters {
		fs.set(c, entryFree)
	}
}

// clusterAt returns where in the image a cluster is.
func (fs *FS) clusterAt(c uint32) int64 { return fs.dataAt + int64(c-2)*fs.cluster }
