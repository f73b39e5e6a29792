package iso9660

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"

	"ufo/ninep"
)

// maxContinue bounds the chain of areas in which a system use field goes on.
const maxContinue = 100

// findRidge looks whether the root says that system use fields are those of
// Rock Ridge.
func (f *fs) findRidge(ctx context.Context, root record) error {
	b := make([]byte, min(root.size, sectorSize))
	if err := f.readFull(ctx, b, root.block*f.block); err != nil {
		return err
	}
	dot, _, ok := parseRecord(b, 0)
	if !ok || len(dot.use) < 7 || string(dot.use[:2]) != "SP" || dot.use[4] != 0xbe || dot.use[5] != 0xef {
		return nil
	}
	f.form, f.skip = ridge, int(dot.use[6])
	return nil
}

// A field is one of the entries of a system use field.
type field struct {
	sig  string
	data []byte // behind signature, length and version
}

// fields returns the entries of a record's system use field, and of the areas
// in which it goes on.
func (f *fs) fields(ctx context.Context, r record) ([]field, error) {
	var all []field
	use := r.use
	if f.skip < len(use) {
		use = use[f.skip:]
	}
	for range maxContinue {
		var next []byte
		for len(use) >= 4 {
			n := int(use[2])
			if n < 4 || n > len(use) {
				break
			}
			e := field{string(use[:2]), use[4:n]}
			use = use[n:]
			switch {
			case e.sig == "CE" && len(e.data) >= 24:
				next = e.data
			case e.sig == "ST":
				use = nil
			default:
				all = append(all, e)
			}
		}
		if next == nil {
			return all, nil
		}
		block, off, size := binary.LittleEndian.Uint32(next), binary.LittleEndian.Uint32(next[8:]), binary.LittleEndian.Uint32(next[16:])
		if size > sectorSize {
			return nil, errors.New("bad continuation area")
		}
		use = make([]byte, size)
		if err := f.readFull(ctx, use, int64(block)*f.block+int64(off)); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("endless continuation area")
}

// ridge changes n to what Rock Ridge has to say of r. Links, devices and what
// is shown elsewhere are not to be seen.
func (f *fs) ridge(ctx context.Context, n *ninep.Node, r *record) (show bool, err error) {
	fields, err := f.fields(ctx, *r)
	if err != nil {
		return false, err
	}
	name := ""
	for _, e := range fields {
		d := e.data
		switch {
		case e.sig == "NM" && len(d) >= 1 && d[0]&^1 == 0:
			name += string(d[1:])
		case e.sig == "PX" && len(d) >= 32:
			mode := binary.LittleEndian.Uint32(d)
			switch mode & 0o170000 {
			case 0o040000:
				n.Perm = ninep.DMDIR
			case 0o100000:
				n.Perm = 0
			default:
				return false, nil
			}
			n.Perm |= ninep.Perm(mode & 0o777)
			n.Owner = strconv.Itoa(int(binary.LittleEndian.Uint32(d[16:])))
			n.Group = strconv.Itoa(int(binary.LittleEndian.Uint32(d[24:])))
		case e.sig == "TF" && len(d) >= 1:
			if t := modified(d); t != 0 {
				n.Stat = func(d *ninep.Dir) { d.Mtime, d.Atime = t, t }
			}
		case e.sig == "RE":
			return false, nil
		case e.sig == "CL" && len(d) >= 4:
			if err := f.relocate(ctx, n, r, int64(binary.LittleEndian.Uint32(d))); err != nil {
				return false, err
			}
		}
	}
	if name != "" {
		n.Name = name
	}
	return true, nil
}

// modified returns the time of the last change in a TF field, 0 if there is
// none.
func modified(d []byte) uint32 {
	const creation, change, long = 1, 2, 0x80
	if d[0]&change == 0 || d[0]&long != 0 {
		return 0
	}
	at := 1
	if d[0]&creation != 0 {
		at += 7
	}
	if len(d) < at+7 {
		return 0
	}
	return shortTime(d[at:])
}

// relocate makes r, a file that stands for a directory that was too deep for
// the standard, that directory.
func (f *fs) relocate(ctx context.Context, n *ninep.Node, r *record, block int64) error {
	b := make([]byte, 256)
	if err := f.readFull(ctx, b, block*f.block); err != nil {
		return err
	}
	dot, _, ok := parseRecord(b, block*f.block)
	if !ok || !dot.isDir() {
		return errors.New("bad relocated directory")
	}
	r.block, r.size, r.flags = dot.block, dot.size, dot.flags
	n.Perm |= ninep.DMDIR | 0o111
	return nil
}
