package ramfs

import (
	"slices"

	"ufo/ninep"
)

// blocksize is how many bytes of a file are kept together: as many as a client with
// messages of the default size writes with one.
const blocksize = ninep.DefaultMsize - ninep.IOHDRSZ

// A data is the contents of a file. Only what was written takes memory: the
// rest, within size, reads as zeros.
type data struct {
	size   int64
	blocks map[int64][]byte // by offset/blocksize; a short block ends in zeros
}

// read copies what is at off into p.
func (d *data) read(p []byte, off int64) int {
	if off >= d.size {
		return 0
	}
	p = p[:min(int64(len(p)), d.size-off)]
	for n := 0; n < len(p); {
		b, o := d.blocks[(off+int64(n))/blocksize], int((off+int64(n))%blocksize)
		part := p[n:min(len(p), n+blocksize-o)]
		got := 0
		if o < len(b) {
			got = copy(part, b[o:])
		}
		clear(part[got:])
		n += len(part)
	}
	return len(p)
}

// grows returns how much more memory a write of n bytes at off takes.
func (d *data) grows(n int, off int64) int64 {
	var more int64
	for end := off + int64(n); off < end; {
		o := off % blocksize
		part := min(end-off, blocksize-o)
		more += max(0, o+part-int64(len(d.blocks[off/blocksize])))
		off += part
	}
	return more
}

// write puts p at off.
func (d *data) write(p []byte, off int64) {
	if d.blocks == nil {
		d.blocks = make(map[int64][]byte)
	}
	d.size = max(d.size, off+int64(len(p)))
	for len(p) > 0 {
		i, o := off/blocksize, int(off%blocksize)
		part := p[:min(len(p), blocksize-o)]
		b := d.blocks[i]
		if o > len(b) {
			b = append(b, make([]byte, o-len(b))...)
		}
		fits := copy(b[o:], part)
		if fits < len(part) {
			d.blocks[i] = append(b, part[fits:]...)
		}
		p = p[len(part):]
		off += int64(len(part))
	}
}

// keep is write for a p that is a block, which it keeps. It returns what the block
// was.
func (d *data) keep(p []byte, off int64) (old []byte) {
	if d.blocks == nil {
		d.blocks = make(map[int64][]byte)
	}
	d.size = max(d.size, off+int64(len(p)))
	i := off / blocksize
	old, d.blocks[i] = d.blocks[i], p
	return old
}

// truncate sets the size and returns by how much the memory taken changes.
func (d *data) truncate(size int64) int64 {
	var change int64
	if size < d.size {
		for i, b := range d.blocks {
			keep := min(max(0, size-i*blocksize), int64(len(b)))
			change -= int64(len(b)) - keep
			switch {
			case keep == 0:
				delete(d.blocks, i)
			case keep < int64(len(b)): // a copy: what was cut off must not stay, nor come back
				d.blocks[i] = slices.Clone(b[:keep])
			}
		}
	}
	d.size = size
	return change
}
