package tar

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"ufo/ninep"
)

// A Kind is what an entry of an archive stands for.
type Kind int

// The kinds of entries. Those behind Dir have no contents, and nothing in
// Plan 9 they could become.
const (
	Plain Kind = iota
	Dir
	Link
	Fifo
	Device
)

// An Entry is what an archive says of a file.
type Entry struct {
	Name     string // as it is in the archive: it may have ".." and begin with a slash
	Kind     Kind
	Mode     ninep.Perm // with DMDIR
	Size     int64      // bytes of contents: none for a Kind but Plain
	Mtime    uint32
	UID, GID string // names of owner and group, "" if the archive has numbers only
	Uid, Gid int    // their numbers
	Sparse   bool   // the contents are not kept as they are read
}

// A Reader reads the entries of an archive one after the other.
type Reader struct {
	// Resync, if not nil, is called where a header should be and none is,
	// with the next one that was found; without it that is an error.
	Resync func(e *Entry)

	in *counter
	tr *tar.Reader
}

// NewReader returns a Reader of the archive that r contains.
func NewReader(r io.Reader) *Reader {
	in := &counter{r: r}
	return &Reader{in: in, tr: tar.NewReader(in)}
}

// Offset returns where in the archive the contents of the last entry begin,
// as long as nothing was read of them.
func (r *Reader) Offset() int64 { return r.in.n }

// Read reads the contents of the last entry.
func (r *Reader) Read(p []byte) (int, error) { return r.tr.Read(p) }

// Next goes to the next entry, and returns io.EOF at the end.
func (r *Reader) Next() (*Entry, error) {
	lost := false
	for {
		h, err := r.tr.Next()
		switch {
		case errors.Is(err, tar.ErrHeader) && r.Resync != nil:
			lost = true
			if err := r.scan(); err != nil {
				return nil, err
			}
			continue
		case err == tar.ErrHeader:
			return nil, errors.New("bad archive header")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("unexpected EOF")
		case err != nil:
			return nil, err
		case h.Typeflag == tar.TypeXGlobalHeader:
			continue
		}
		e := entry(h)
		if lost {
			r.Resync(e)
		}
		return e, nil
	}
}

// scan looks for the next header, block by block.
func (r *Reader) scan() error {
	b := make([]byte, BlockSize)
	for {
		if _, err := io.ReadFull(r.in, b); err != nil {
			return errors.New("unexpected EOF looking for archive header")
		}
		if IsHeader(b) {
			r.tr = tar.NewReader(io.MultiReader(bytes.NewReader(b), r.in))
			return nil
		}
	}
}

// End reads the archive to its end and returns how long it is without the
// blocks that mark it.
func (r *Reader) End() (int64, error) {
	end := int64(0)
	for {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return end, nil
		case err != nil:
			return 0, err
		case e.Sparse: // what it reads as can be endless
			return 0, errors.New("sparse file in archive")
		}
		if _, err := io.Copy(io.Discard, r.tr); err != nil {
			return 0, err
		}
		end = r.in.n + -r.in.n&(BlockSize-1)
	}
}

// entry returns what a header says.
func entry(h *tar.Header) *Entry {
	e := &Entry{Name: h.Name, Mode: ninep.Perm(h.Mode & 0o777), Mtime: uint32(h.ModTime.Unix()),
		UID: h.Uname, GID: h.Gname, Uid: h.Uid, Gid: h.Gid}
	switch h.Typeflag {
	case tar.TypeLink, tar.TypeSymlink, 's': // BSD of old wrote s
		e.Kind = Link
	case tar.TypeFifo:
		e.Kind = Fifo
	case tar.TypeChar, tar.TypeBlock:
		e.Kind = Device
	case tar.TypeDir:
		e.Kind = Dir
	case tar.TypeGNUSparse:
		e.Sparse = true
	default:
		if h.Mode&0o170000 == 0o040000 || strings.HasSuffix(h.Name, "/") {
			e.Kind = Dir // some write it so
		}
	}
	for key := range h.PAXRecords {
		e.Sparse = e.Sparse || strings.HasPrefix(key, "GNU.sparse.")
	}
	if e.Kind == Dir {
		e.Mode |= ninep.DMDIR
	}
	if e.Kind == Plain {
		e.Size = h.Size
	}
	return e
}

// Local returns the entry's name made clean and relative to a directory from
// which it does not lead away: "" for what has no name of its own there.
func (e *Entry) Local() string {
	name := path.Clean("/" + e.Name)[1:]
	if strings.ContainsRune(name, 0) {
		return ""
	}
	return name
}

// A counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Seek lets package tar pass over contents without reading them, where the
// source can: it must begin at its own offset 0.
func (c *counter) Seek(off int64, whence int) (int64, error) {
	s, ok := c.r.(io.Seeker)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	n, err := s.Seek(off, whence)
	if err == nil {
		c.n = n
	}
	return n, err
}
