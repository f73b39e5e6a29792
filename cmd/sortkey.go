package cmd

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A sortval is what a key of a line compares by: bytes, a month or a number.
type sortval struct {
	text  []byte
	month int
	sign  int // of a number: -1, 0, 1
	exp   int // of a number: 0.text × 10^exp
}

func (a sortval) compare(b sortval) int {
	if c := cmp.Or(a.month-b.month, a.sign-b.sign); c != 0 {
		return c
	}
	c := cmp.Or(a.exp-b.exp, bytes.Compare(a.text, b.text))
	if a.sign < 0 {
		return -c
	}
	return c
}

// value returns what k takes of a line.
func (k *sortkey) value(line []byte, tab rune) sortval {
	b := k.find(line, tab)
	switch {
	case k.has('n') || k.has('g'):
		return number(b, k.has('g'))
	case k.has('M'):
		return sortval{month: month(b)}
	case strings.ContainsAny(k.flags, "dfiw"):
		return sortval{text: k.fold(b)}
	}
	return sortval{text: b}
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
	for n := pos.fields; n > 0; n-- {
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

// number reads the number at the start of b: digits without leading and
// trailing zeros, and where the decimal point is.
func number(b []byte, exponent bool) sortval {
	b = bytes.TrimLeft(b, " \t")
	v := sortval{sign: 1}
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
	v.text = whole
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		frac := digits()
		if len(whole) == 0 {
			n := len(frac)
			frac = bytes.TrimLeft(frac, "0")
			v.exp = len(frac) - n
		}
		v.text = append(bytes.Clone(whole), frac...)
	}
	v.text = bytes.TrimRight(v.text, "0")
	if len(v.text) == 0 {
		return sortval{} // zero, or no number
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

// fold returns b as the flags d, f, i and w want to see it.
func (k *sortkey) fold(b []byte) []byte {
	d, f, i, w := k.has('d'), k.has('f'), k.has('i'), k.has('w')
	return bytes.Map(func(c rune) rune {
		blank := c == ' ' || c == '\t'
		switch {
		case i && (c < ' ' || c > '~'), w && blank,
			d && !blank && !unicode.IsLetter(c) && !unicode.IsDigit(c):
			return -1
		case f:
			c = unicode.ToUpper(c)
			if i := strings.IndexRune(unaccented, c); i >= 0 && c >= utf8.RuneSelf {
				return rune(unaccented[i+utf8.RuneLen(c)])
			}
		}
		return c
	}, b)
}
