package disk

import (
	"io"
	"slices"
	"sort"
)

// An extent is a run of a file's bytes in the store.
type extent struct {
	off int64 // in the file
	pos int64 // in the store
	n   int64
}

// extents are the bytes of a file that were ever written, in order of their
// offset and without overlap. What is between them reads as zeros.
type extents []extent

// after returns the index of the first extent that ends after off.
func (x extents) after(off int64) int {
	return sort.Search(len(x), func(i int) bool { return x[i].off+x[i].n > off })
}

// put returns x with e in place of what was there, and how many bytes of the
// store more than before belong to the file.
func (x extents) put(e extent) (extents, int64) {
	x, dead := x.clear(e.off, e.off+e.n)
	i := x.after(e.off)
	return slices.Insert(x, i, e), e.n - dead
}

// clear returns x without the bytes of the file from lo up to hi, and how many
// there were.
func (x extents) clear(lo, hi int64) (extents, int64) {
	i := x.after(lo)
	if i == len(x) || x[i].off >= hi {
		return x, 0
	}
	var dead int64
	var keep []extent
	j := i
	for ; j < len(x) && x[j].off < hi; j++ {
		e := x[j]
		dead += min(e.off+e.n, hi) - max(e.off, lo)
		if e.off < lo {
			keep = append(keep, extent{e.off, e.pos, lo - e.off})
		}
		if skip := hi - e.off; skip < e.n {
			keep = append(keep, extent{hi, e.pos + skip, e.n - skip})
		}
	}
	return slices.Replace(x, i, j, keep...), dead
}

// read fills p with the file's bytes at off.
func (x extents) read(r io.ReaderAt, p []byte, off int64) error {
	clear(p)
	end := off + int64(len(p))
	for _, e := range x[x.after(off):] {
		if e.off >= end {
			break
		}
		lo, hi := max(e.off, off), min(e.off+e.n, end)
		n, err := r.ReadAt(p[lo-off:hi-off], e.pos+lo-e.off)
		if int64(n) < hi-lo {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}
