package fat

import (
	"context"
	"sync/atomic"

	"ufo/ninep"
)

// maxSize is the length of the longest file.
const maxSize = 1<<32 - 1

// A node is a file that somebody has walked to. It stays as long as the file
// system is used, so that all who have the file see the same. Who has the
// FS's turn may use its fields; the first three do not change.
type node struct {
	fs     *FS
	path   uint64 // of the qid
	folder bool
	vers   atomic.Uint32

	dir   *node // in which it is; nil for the root
	at    int64 // offset in the image of its entry
	slot  int   // where in dir its entries begin
	slots int   // how many there are: of a long name, and its own

	name  string
	attr  byte
	start uint32 // the first cluster; 0 for none
	size  int64
	mtime uint32
	gone  bool // removed

	chain []uint32 // its clusters, when known
}

// qid returns the qid. It needs no turn.
func (n *node) qid() ninep.Qid {
	q := ninep.Qid{Path: n.path, Vers: n.vers.Load()}
	if n.folder {
		q.Type = ninep.QTDIR
	}
	return q
}

// fixed reports whether n is a root that has its place before the clusters.
func (n *node) fixed() bool { return n.dir == nil && n.fs.rootSize > 0 }

// clusters returns the clusters of n.
func (n *node) clusters() ([]uint32, error) {
	if n.chain == nil && n.start != 0 {
		var err error
		if n.chain, err = n.fs.chain(n.start); err != nil {
			return nil, err
		}
	}
	return n.chain, nil
}

// space returns how many bytes n's clusters have room for.
func (n *node) space() (int64, error) {
	if n.fixed() {
		return n.fs.rootSize, nil
	}
	c, err := n.clusters()
	return int64(len(c)) * n.fs.cluster, err
}

// where returns the place in the image of the byte at off, which must be
// within n's space, and how many bytes are there in a row.
func (n *node) where(off int64) (at, run int64) {
	if n.fixed() {
		return n.fs.rootAt + off, n.fs.rootSize - off
	}
	size := n.fs.cluster
	i := off / size
	at, run = n.fs.clusterAt(n.chain[i])+off%size, size-off%size
	for j := i; j+1 < int64(len(n.chain)) && n.chain[j+1] == n.chain[j]+1; j++ {
		run += size
	}
	return at, run
}

// each calls f for each piece of the image in which p, at off in n, is.
func (n *node) each(p []byte, off int64, f func(p []byte, at int64) error) error {
	room, err := n.space()
	if err != nil {
		return err
	}
	if off+int64(len(p)) > room {
		return errCorrupt
	}
	for len(p) > 0 {
		at, run := n.where(off)
		part := p[:min(run, int64(len(p)))]
		if err := f(part, at); err != nil {
			return err
		}
		p, off = p[len(part):], off+int64(len(part))
	}
	return nil
}

// read reads all of p at off.
func (n *node) read(ctx context.Context, p []byte, off int64) error {
	return n.each(p, off, func(p []byte, at int64) error { return n.fs.readFull(ctx, p, at) })
}

// write writes all of p at off, where there is room.
func (n *node) write(ctx context.Context, p []byte, off int64) error {
	return n.each(p, off, func(p []byte, at int64) error { return n.fs.writeFull(ctx, p, at) })
}

// grow makes room for size bytes. Unless the new clusters are about to be
// written, clear has them filled with zeros.
func (n *node) grow(ctx context.Context, size int64, clear bool) error {
	room, err := n.space()
	if err != nil || size <= room {
		return err
	}
	if n.fixed() {
		return errFull
	}
	last := uint32(0)
	if len(n.chain) > 0 {
		last = n.chain[len(n.chain)-1]
	}
	more, err := n.fs.alloc(last, int((size-room+n.fs.cluster-1)/n.fs.cluster))
	if err != nil {
		return err
	}
	n.chain = append(n.chain, more...)
	n.start = n.chain[0]
	if clear {
		if err := n.zero(ctx, room, int64(len(n.chain))*n.fs.cluster); err != nil {
			return err
		}
	}
	return n.fs.flush(ctx)
}

// zero fills n with zeros from off up to end.
func (n *node) zero(ctx context.Context, off, end int64) error {
	b := make([]byte, min(max(end-off, 0), 64<<10))
	for off < end {
		part := b[:min(end-off, int64(len(b)))]
		if err := n.write(ctx, part, off); err != nil {
			return err
		}
		off += int64(len(part))
	}
	return nil
}

// resize changes the length of a file, and writes its entry.
func (n *node) resize(ctx context.Context, size int64) error {
	if size > n.size {
		if err := n.grow(ctx, size, false); err != nil {
			return err
		}
		if err := n.zero(ctx, n.size, size); err != nil {
			return err
		}
		n.size = size
		return n.store(ctx)
	}
	all, err := n.clusters()
	if err != nil {
		return err
	}
	keep := int((size + n.fs.cluster - 1) / n.fs.cluster)
	n.size = size
	if keep == 0 {
		n.start = 0
	}
	// The entry first: it must not promise what others may get.
	if err := n.store(ctx); err != nil || keep >= len(all) {
		return err
	}
	n.chain = all[:keep:keep]
	n.fs.release(all[keep:])
	if keep > 0 {
		n.fs.set(all[keep-1], entryEnd)
	}
	return n.fs.flush(ctx)
}

// change writes p into the file at off, which may be beyond its end.
func (n *node) change(ctx context.Context, p []byte, off int64) error {
	end := off + int64(len(p))
	if off > n.size {
		if err := n.resize(ctx, off); err != nil {
			return err
		}
	}
	if err := n.grow(ctx, end, false); err != nil {
		return err
	}
	if err := n.write(ctx, p, off); err != nil {
		return err
	}
	n.size = max(n.size, end)
	return n.store(ctx)
}
