package cmd

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A sortitem is a line, and what it is compared by.
type sortitem struct {
	head uint64 // the beginning of key, and of line if that is next: it often decides
	key  []byte // the values of all keys: items are ordered as their bytes
	line []byte // without its newline
	seq  int    // how many came before
}

// sortItemSize is about what an item needs besides its bytes.
const sortItemSize = 64

// item returns the item of a line, which is copied.
func (s *sorter) item(line []byte) sortitem {
	if need := 3*len(line) + 64; cap(s.slab)-len(s.slab) < need {
		s.slab = make([]byte, 0, max(1<<18, need))
	}
	start := len(s.slab)
	s.slab = append(s.slab, line...)
	end := len(s.slab)
	it := sortitem{line: s.slab[start:end:end], seq: len(s.items)}
	it.key = it.line
	if !s.plain {
		s.slab = s.key(s.slab, it.line)
		it.key = s.slab[end:len(s.slab):len(s.slab)]
	}
	var head [8]byte
	n := copy(head[:], it.key)
	if !s.plain && !s.unique && !s.global.has('r') { // what decides if keys are equal
		copy(head[n:], it.line)
	}
	it.head = binary.BigEndian.Uint64(head[:])
	return it
}

// isplain reports whether whole lines are compared byte by byte.
func (s *sorter) isplain() bool {
	k := &s.keys[0]
	return len(s.keys) == 1 && !k.begin.set && !k.end.set && strings.Trim(k.flags, "rb") == ""
}

// key appends the values of all keys of a line to b.
func (s *sorter) key(b, line []byte) []byte {
	for i := range s.keys {
		k := &s.keys[i]
		start := len(b)
		b = k.value(b, line, s.tab)
		if k.has('r') {
			complement(b[start:])
		}
	}
	return b
}

// complement reverses the order of what b is part of.
func complement(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}

// comparekeys compares what is to be compared.
func (s *sorter) comparekeys(a, b *sortitem) int {
	c := cmp.Compare(a.head, b.head)
	if c == 0 {
		c = bytes.Compare(a.key, b.key)
	}
	if s.plain && s.global.has('r') {
		return -c
	}
	return c
}

// compare orders lines with equal keys by all their bytes, except where
// their order in the input is to stay.
func (s *sorter) compare(a, b *sortitem) int {
	c := s.comparekeys(a, b)
	if c != 0 || s.unique {
		return c
	}
	if c = bytes.Compare(a.line, b.line); s.global.has('r') {
		return -c
	}
	return c
}

// value appends to b what k takes of a line, so that the bytes of values have
// the order of the values, and none is the beginning of another.
func (k *sortkey) value(b, line []byte, tab rune) []byte {
	field := k.find(line, tab)
	switch {
	case k.has('n') || k.has('g'):
		return number(field, k.has('g')).bytes(b)
	case k.has('M'):
		return append(b, byte(month(field)))
	case strings.ContainsAny(k.flags, "dfiw"):
		return append(k.fold(b, field), 0, 0)
	}
	for {
		i := bytes.IndexByte(field, 0)
		if i < 0 {
			b = append(b, field...)
			return append(b, 0, 0)
		}
		b = append(b, field[:i]...)
		b = append(b, 0, 1)
		field = field[i+1:]
	}
}

// find returns the part of the line between the key's positions.
func (k *sortkey) find(line []byte, tab rune) []byte {
	end := len(line)
	if k.end.set {
		end = k.end.find(line, tab, k.has('b'), true)
	}
	begin := k.begin.find(line, tab, k.skipbegin, false)
	return line[min(begin, end):end]
}

// find returns the offset of a position. As the end of a key, it is before
// the tab character that ends a field.
func (pos sortpos) find(line []byte, tab rune, skipblanks, end bool) int {
	i := 0
	blank := func() bool { return i < len(line) && (line[i] == ' ' || line[i] == '\t') }
	for n := pos.fields; n > 0 && (tab != 0 || i < len(line)); n-- {
		if tab != 0 {
			j := bytes.IndexRune(line[i:], tab)
			if j < 0 {
				return len(line)
			}
			if i += j; !end || n > 1 || pos.chars > 0 {
				i += utf8.RuneLen(tab)
			}
			continue
		}
		for blank() {
			i++
		}
		for i < len(line) && !blank() {
			i++
		}
	}
	for skipblanks && blank() {
		i++
	}
	return i + skiprunes(line[i:], pos.chars)
}

// A sortnumber is a number in decimal: 0.digits times ten to the power of exp.
type sortnumber struct {
	sign   int // -1, 0, 1
	exp    int
	digits []byte // the last is no zero
}

// bytes appends the number to b.
func (v sortnumber) bytes(b []byte) []byte {
	b = append(b, byte(v.sign+1))
	if v.sign == 0 {
		return b
	}
	start := len(b)
	switch { // most are small, and then the digits are near the beginning
	case v.exp < -100:
		b = binary.BigEndian.AppendUint64(append(b, 0), uint64(v.exp))
	case v.exp > 100:
		b = binary.BigEndian.AppendUint64(append(b, 255), uint64(v.exp))
	default:
		b = append(b, byte(128+v.exp))
	}
	b = append(b, v.digits...)
	b = append(b, 0)
	if v.sign < 0 {
		complement(b[start:])
	}
	return b
}

// number reads the number at the start of b.
func number(b []byte, exponent bool) sortnumber {
	b = bytes.TrimLeft(b, " \t")
	v := sortnumber{sign: 1}
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			v.sign = -1
		}
		b = bytes.TrimLeft(b[1:], " \t")
	}
	digits := func() []byte {
		n := len(b) - len(bytes.TrimLeft(b, "0123456789"))
		d := b[:n]
		b = b[n:]
		return d
	}
	whole := bytes.TrimLeft(digits(), "0")
	v.exp = len(whole)
	v.digits = whole
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		frac := digits()
		if len(whole) == 0 {
			n := len(frac)
			frac = bytes.TrimLeft(frac, "0")
			v.exp = len(frac) - n
		}
		if v.digits = frac; len(whole) > 0 {
			v.digits = slices.Concat(whole, frac)
		}
	}
	v.digits = bytes.TrimRight(v.digits, "0")
	if len(v.digits) == 0 {
		return sortnumber{} // zero, or no number
	}
	if exponent && len(b) > 1 && (b[0] == 'e' || b[0] == 'E') {
		n := 1
		for n < len(b) && ('0' <= b[n] && b[n] <= '9' || n == 1 && (b[n] == '-' || b[n] == '+')) {
			n++
		}
		e, _ := strconv.Atoi(string(b[1:n]))
		v.exp += e
	}
	return v
}

const months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"

// month returns the month that b begins with: 1 to 12; 0 for none.
func month(b []byte) int {
	s := strings.Map(func(c rune) rune {
		if c == ' ' || c == '\t' {
			return -1
		}
		return unicode.ToUpper(c)
	}, string(b))
	if len(s) < 3 {
		return 0
	}
	if i := strings.Index(months, s[:3]); i%3 == 0 {
		return i/3 + 1
	}
	return 0
}

// unaccented has each accented letter of Latin-1 followed by its plain form.
const unaccented = "ÀAÁAÂAÃAÄAÅAÆAÇCÈEÉEÊEËEÌIÍIÎIÏIÐDÑNÒOÓOÔOÕOÖOØOÙUÚUÛUÜUÝY"

// fold appends to b the field as the flags d, f, i and w want to see it.
func (k *sortkey) fold(b, field []byte) []byte {
	if k.low == nil {
		k.low = new([utf8.RuneSelf]rune)
		for c := range k.low {
			k.low[c] = k.foldrune(rune(c))
		}
	}
	for i := 0; i < len(field); {
		c, n := rune(field[i]), 1
		if c < utf8.RuneSelf {
			c = k.low[c]
		} else {
			c, n = utf8.DecodeRune(field[i:])
			c = k.foldrune(c)
		}
		i += n
		switch {
		case c == 0:
			b = append(b, 0, 1)
		case c > 0 && c < utf8.RuneSelf:
			b = append(b, byte(c))
		case c > 0:
			b = utf8.AppendRune(b, c)
		}
	}
	return b
}

// foldrune returns what a character counts as, -1 for nothing.
func (k *sortkey) foldrune(c rune) rune {
	blank := c == ' ' || c == '\t'
	switch {
	case k.has('i') && (c < ' ' || c > '~'), k.has('w') && blank,
		k.has('d') && !blank && !unicode.IsLetter(c) && !unicode.IsDigit(c):
		return -1
	case k.has('f'):
		c = unicode.ToUpper(c)
		if i := strings.IndexRune(unaccented, c); i >= 0 && c >= utf8.RuneSelf {
			return rune(unaccented[i+utf8.RuneLen(c)])
		}
	}
	return c
}
