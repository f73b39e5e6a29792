// Package tar is the form of tar archives: the old one, POSIX's ustar, and the
// extensions of pax and GNU for long names and large files. See tar(1).
// Reading is the work of archive/tar. Writing is done here, so that archives
// look as Plan 9's do.
package tar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
)

// BlockSize is the size of a header; the contents of a file are padded to a
// multiple of it, and two empty blocks end an archive.
const BlockSize = 512

// RecordSize is what archives are padded to: a block of a tape.
const RecordSize = 20 * BlockSize

// The longest names that fit into the fields of a header.
const (
	maxName   = 100
	maxPrefix = 155
)

// maxSize is the first size too large for eleven octal digits.
const maxSize = 1 << 33

// ErrLong is the error for a name or a size that the old form has no place for.
var ErrLong = errors.New("name too long for tar header")

// A Form says how headers are written.
type Form struct {
	Old      bool // without what POSIX added: names of 100 bytes at most
	UID, GID int  // the owner's numbers, which Plan 9 does not have
}

// Header returns the blocks that come before the contents of the file with the
// entry d, which is called name in the archive: one, or three or more for a
// name or a size that needs a pax header.
func (f Form) Header(d ninep.Dir, name string) ([]byte, error) {
	kind := byte(0)
	if d.IsDir() {
		kind = '5'
		d.Length = 0
		name = strings.TrimSuffix(name, "/") + "/" // POSIX wants it
	}
	prefix, short, ok := split(name)
	switch {
	case ok && d.Length < maxSize && (!f.Old || prefix == ""):
		return f.block(d, kind, prefix, short), nil
	case f.Old:
		return nil, ErrLong
	}
	records := record("path", name)
	if d.Length >= maxSize {
		records += record("size", strconv.FormatInt(d.Length, 10))
		d.Length = 0
	}
	pax := d
	pax.Length, pax.Mode = int64(len(records)), 0o644
	if !ok {
		prefix, short = "", name[:maxName]
	}
	b := f.block(pax, 'x', "", "PaxHeader")
	b = append(b, records...)
	b = append(b, Padding(int64(len(records)))...)
	return append(b, f.block(d, kind, prefix, short)...), nil
}

// Padding returns the zeros that follow n bytes of contents.
func Padding(n int64) []byte { return make([]byte, -n&(BlockSize-1)) }

// split divides a name at a slash so that both parts fit into a header, the
// first as long as possible.
func split(name string) (prefix, short string, ok bool) {
	if len(name) <= maxName {
		return "", name, true
	}
	for i := min(len(name)-2, maxPrefix); i > 0 && len(name)-1-i <= maxName; i-- {
		if name[i] == '/' {
			return name[:i], name[i+1:], true
		}
	}
	return "", "", false
}

// record returns a record of a pax header: its own length in decimal, a key
// and a value.
func record(key, value string) string {
	rest := " " + key + "=" + value + "\n"
	n := len(rest)
	for n < len(rest)+len(strconv.Itoa(n)) {
		n++
	}
	return strconv.Itoa(n) + rest
}

// block returns one header.
func (f Form) block(d ninep.Dir, kind byte, prefix, name string) []byte {
	b := make([]byte, BlockSize)
	copy(b, name)
	copy(b[100:], fmt.Sprintf("%6o ", d.Mode&0o777))
	copy(b[108:], fmt.Sprintf("%6o ", f.UID&0o777777))
	copy(b[116:], fmt.Sprintf("%6o ", f.GID&0o777777))
	copy(b[124:], fmt.Sprintf("%11o ", d.Length))
	copy(b[136:], fmt.Sprintf("%11o ", d.Mtime))
	b[156] = kind
	if !f.Old {
		copy(b[257:], "ustar\x0000")
		copy(b[265:265+32], d.UID)
		copy(b[297:297+32], d.GID)
		copy(b[345:], prefix)
	}
	copy(b[148:], fmt.Sprintf("%6o", checksum(b)))
	return b
}

// checksum returns the sum of a header's bytes, its own field taken for
// spaces.
func checksum(b []byte) int64 {
	sum := int64(0)
	for i, c := range b {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum
}

// IsHeader reports whether a block looks like a header: its sum is right.
func IsHeader(b []byte) bool {
	if len(b) < BlockSize || b[0] == 0 {
		return false
	}
	b = b[:BlockSize]
	field := strings.Trim(string(b[148:156]), " \x00")
	if i := strings.IndexAny(field, " \x00"); i >= 0 {
		field = field[:i]
	}
	sum, err := strconv.ParseInt(field, 8, 64)
	return err == nil && sum == checksum(b)
}

// IsUstar reports whether a header is of POSIX's form.
func IsUstar(b []byte) bool { return len(b) >= BlockSize && string(b[257:263]) == "ustar\x00" }
