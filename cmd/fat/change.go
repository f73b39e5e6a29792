package fat

import (
	"context"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"

	"ufo/ninep"
)

// maxName is the length of the longest name, in units of UTF-16.
const maxName = 255

// validName reports whether a file of the disk may have the name.
func validName(name string) bool {
	if !ninep.ValidName(name) || strings.ContainsAny(name, `"*:<>?\|`) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return false
	}
	for _, r := range name {
		if r < ' ' || r == '\ufffd' {
			return false
		}
	}
	return len(utf16.Encode([]rune(name))) <= maxName
}

// add makes an entry for the new node nn, whose name must be valid and new,
// in the directory n.
func (n *node) add(ctx context.Context, nn *node, name string) error {
	b, err := n.contents(ctx)
	if err != nil {
		return err
	}
	alias, long := makeAlias(name, entries(b))
	raw := append(long, make([]byte, entrySize)...)
	own := raw[len(long):]
	copy(own, alias)
	if len(long) == 0 {
		own[12] = lowerBase | lowerExt // for systems that show short names in capitals
	}
	nn.put(own)
	date, clock := dosTime(nn.mtime)
	binary.LittleEndian.PutUint16(own[14:], clock) // it was created
	binary.LittleEndian.PutUint16(own[16:], date)
	binary.LittleEndian.PutUint16(own[18:], date)

	slots := len(raw) / entrySize
	slot, past := room(b, slots)
	end := int64(slot+slots) * entrySize
	if end > maxDir {
		return errFull
	}
	if err := n.grow(ctx, end, true); err != nil {
		return err
	}
	if past && end+entrySize <= int64(len(b)) {
		raw = append(raw, make([]byte, entrySize)...) // the new end
	}
	if err := n.write(ctx, raw, int64(slot)*entrySize); err != nil {
		return err
	}
	nn.dir, nn.name, nn.slot, nn.slots = n, name, slot, slots
	nn.at, _ = n.where(end - entrySize)
	n.fs.nodes[nn.at] = nn
	n.vers.Add(1)
	return nil
}

// room returns where in a directory there are free entries in a row, and
// whether that is past its end.
func room(b []byte, slots int) (slot int, past bool) {
	run := 0
	for i := 0; (i+1)*entrySize <= len(b); i++ {
		switch b[i*entrySize] {
		case 0:
			return i - run, true
		case deleted:
			if run++; run == slots {
				return i + 1 - run, false
			}
		default:
			run = 0
		}
	}
	return len(b)/entrySize - run, true
}

// erase frees the entries of a file in the directory n, the last of which is
// at at in the image.
func (n *node) erase(ctx context.Context, at int64, slot, slots int) error {
	for i := range slots {
		if err := n.write(ctx, []byte{deleted}, int64(slot+i)*entrySize); err != nil {
			return err
		}
	}
	delete(n.fs.nodes, at)
	n.vers.Add(1)
	return nil
}

// rename gives a node another name in its directory, which must be valid and
// new, or its own in other letters.
func (n *node) rename(ctx context.Context, name string) error {
	at, slot, slots := n.at, n.slot, n.slots
	if err := n.dir.add(ctx, n, name); err != nil {
		return err
	}
	return n.dir.erase(ctx, at, slot, slots)
}

// makeAlias returns the short name that stands for name beside those of all,
// and the entries of the long one; none if the short one says it all.
func makeAlias(name string, all []entry) (alias, long []byte) {
	taken := make(map[string]bool, len(all))
	for _, e := range all {
		taken[string(e.raw[:11])] = true
	}
	base, ext, exact := shorten(name)
	alias = pad(base, ext)
	if exact && !taken[string(alias)] {
		return alias, nil
	}
	for i := 1; ; i++ {
		tail := "~" + strconv.Itoa(i)
		alias = pad(base[:min(len(base), 8-len(tail))]+tail, ext)
		if !taken[string(alias)] {
			break
		}
	}
	units := utf16.Encode([]rune(name))
	sum := aliasSum(alias)
	parts := (len(units) + len(longPart) - 1) / len(longPart)
	for i := parts; i > 0; i-- {
		b := make([]byte, entrySize)
		b[0], b[11], b[13] = byte(i), attrLong, sum
		if i == parts {
			b[0] |= 0x40
		}
		for j, at := range longPart {
			u := uint16(0xffff)
			switch k := (i-1)*len(longPart) + j; {
			case k < len(units):
				u = units[k]
			case k == len(units):
				u = 0
			}
			binary.LittleEndian.PutUint16(b[at:], u)
		}
		long = append(long, b...)
	}
	return alias, long
}

// pad returns the eleven bytes of a short name.
func pad(base, ext string) []byte {
	b := []byte("           ")
	copy(b, base)
	copy(b[8:], ext)
	return b
}

// shorten returns what of a name can be in a short one. It is exact if that,
// in small letters, is the name.
func shorten(name string) (base, ext string, exact bool) {
	stem, suffix := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem, suffix = name[:i], name[i+1:]
	}
	base, ext = short(stem, 8), short(suffix, 3)
	if base == "" {
		base = "_"
	}
	exact = strings.ToLower(base) == stem && strings.ToLower(ext) == suffix
	return base, ext, exact
}

// short returns the characters of s that a short name may have, n at most.
func short(s string, n int) string {
	var b []byte
	for _, r := range s {
		switch {
		case len(b) == n:
			return string(b)
		case r >= 'a' && r <= 'z':
			b = append(b, byte(r)-'a'+'A')
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r < 0x80 && strings.ContainsRune("$%'-_@~`!(){}^#&", r):
			b = append(b, byte(r))
		case r == ' ', r == '.':
		default:
			b = append(b, '_')
		}
	}
	return string(b)
}
