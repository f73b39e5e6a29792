package awk

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A conversion is one of printf's: %-5.2f.
type conversion struct {
	text                            string // as written, with the values of its stars
	minus, plus, space, sharp, zero bool
	width, prec                     int // prec is -1 if not given
	verb                            byte
	weird                           bool // it has what no conversion has
}

// format appends what printf makes of a format and its arguments.
func (m *machine) format(b []byte, form string, args []expr) []byte {
	rest := form
	for {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			b = append(b, rest...)
			break
		}
		b = append(b, rest[:i]...)
		rest = rest[i:]
		if strings.HasPrefix(rest, "%%") {
			b = append(b, '%')
			rest = rest[2:]
			continue
		}
		var c conversion
		rest, args = m.conversion(&c, rest, form, args)
		if c.weird {
			m.warn("weird printf conversion %s", c.text)
		}
		v := m.arg(form, &args)
		b = m.convert(b, &c, v)
		if len(b) > maxstring {
			m.fatal("huge string/format (%d chars) in printf %.30s... ran format() out of memory", len(b), form)
		}
	}
	for _, a := range args {
		a.val(m)
	}
	return b
}

// arg takes the next argument.
func (m *machine) arg(form string, args *[]expr) value {
	if len(*args) == 0 {
		m.fatal("not enough args in printf(%s)", form)
	}
	v := (*args)[0].val(m)
	*args = (*args)[1:]
	return v
}

// conversion reads the conversion at the beginning of s and returns what
// follows, and the arguments that its stars have left.
func (m *machine) conversion(c *conversion, s, form string, args []expr) (string, []expr) {
	const flag, width, precision = 0, 1, 2
	c.prec = -1
	at, digits, i := flag, 0, 1
	head := "" // what stars have changed
	set := func(n int) {
		if n = min(n, maxstring+1); at == precision {
			c.prec = n
		} else {
			c.width = n
		}
	}
	for ; i < len(s); i++ {
		switch ch := s[i]; {
		case '0' <= ch && ch <= '9' && (ch != '0' || at != flag):
			at = max(at, width)
			digits = min(digits*10+int(ch-'0'), maxstring+1)
			set(digits)
		case at == flag && c.flag(ch):
		case ch == '.' && at != precision:
			at, digits, c.prec = precision, 0, 0
		case ch == '*':
			v := m.arg(form, &args)
			n := integer(v.num())
			head += s[:i] + strconv.Itoa(n)
			s, i = s[i+1:], -1
			if at = max(at, width); n < 0 && at == width {
				c.minus, n = true, -n
			}
			if set(n); n < 0 {
				c.prec = -1
			}
		case ch == 'l' || ch == 'h' || ch == 'L':
		case 'a' <= ch|0x20 && ch|0x20 <= 'z':
			c.verb = ch
			c.weird = c.weird || !strings.ContainsRune("feEgGdiuoxXsc", rune(ch))
			c.text = head + s[:i+1]
			return s[i+1:], args
		default:
			c.weird = true
		}
	}
	c.weird, c.text = true, head+s
	return "", args
}

// flag notes a flag.
func (c *conversion) flag(ch byte) bool {
	switch ch {
	case '-':
		c.minus = true
	case '+':
		c.plus = true
	case ' ':
		c.space = true
	case '#':
		c.sharp = true
	case '0':
		c.zero = true
	default:
		return false
	}
	return true
}

// convert appends a value as c has it.
func (m *machine) convert(b []byte, c *conversion, v value) []byte {
	if c.weird {
		return append(append(b, c.text...), m.str(&v)...)
	}
	switch c.verb {
	case 's':
		s := m.str(&v)
		if c.prec >= 0 && c.prec < len(s) {
			s = s[:skip(s, c.prec)]
		}
		return c.pad(b, "", s, false)
	case 'c':
		return c.pad(b, "", m.char(&v), false)
	case 'd', 'i':
		return c.signed(b, v.num())
	case 'u', 'o', 'x', 'X':
		return c.unsigned(b, v.num())
	}
	return c.float(b, v.num())
}

// char returns the character of %c: the byte of a number, the first character
// of a string.
func (m *machine) char(v *value) string {
	v.look()
	if v.is&isnum != 0 && v.is&unset == 0 {
		return string([]byte{byte(integer(v.f))})
	}
	s := m.str(v)
	return s[:skip(s, 1)]
}

// skip returns the offset in s after n characters.
func skip(s string, n int) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// What fields are filled with, many at a time as one may be very wide.
const (
	manyBlanks = "                                                                "
	manyZeros  = "0000000000000000000000000000000000000000000000000000000000000000"
)

// pad appends a sign or prefix and a body, as wide as c has it.
func (c *conversion) pad(b []byte, sign, body string, zeros bool) []byte {
	if c.width == 0 {
		return append(append(b, sign...), body...)
	}
	n := c.width - len(sign) - utf8.RuneCountInString(body)
	fill := func(with string) {
		for n > 0 {
			some := min(n, len(with))
			b = append(b, with[:some]...)
			n -= some
		}
	}
	if !c.minus && !zeros {
		fill(manyBlanks)
	}
	b = append(b, sign...)
	if !c.minus {
		fill(manyZeros)
	}
	b = append(b, body...)
	fill(manyBlanks)
	return b
}

// sign returns what stands before a number that is not negative.
func (c *conversion) sign() string {
	switch {
	case c.plus:
		return "+"
	case c.space:
		return " "
	}
	return ""
}

// signed appends an integer.
func (c *conversion) signed(b []byte, f float64) []byte {
	var n int64
	switch {
	case f >= 1<<63:
		n = 1<<63 - 1
	case f < -1<<63:
		n = -1 << 63
	case f == f:
		n = int64(f)
	}
	if n < 0 {
		return c.integer(b, "-", strconv.FormatUint(-uint64(n), 10))
	}
	return c.integer(b, c.sign(), strconv.FormatInt(n, 10))
}

// unsigned appends an integer that has no sign: one that is negative, or fits in 32
// bits, as 32 bits have it.
func (c *conversion) unsigned(b []byte, f float64) []byte {
	var n uint64
	switch {
	case f >= 1<<64:
		n = 1<<64 - 1
	case f >= 0:
		n = uint64(f)
	case f >= -1<<31:
		n = uint64(uint32(int32(f)))
	case f >= -1<<63:
		n = uint64(int64(f))
	}
	switch c.verb {
	case 'o':
		s := strconv.FormatUint(n, 8)
		if c.sharp && s[0] != '0' {
			s = "0" + s
		}
		return c.integer(b, "", s)
	case 'u':
		return c.integer(b, "", strconv.FormatUint(n, 10))
	}
	sign, s := "", strconv.FormatUint(n, 16)
	if c.sharp && n != 0 {
		sign = "0x"
	}
	if c.verb == 'X' {
		sign, s = strings.ToUpper(sign), strings.ToUpper(s)
	}
	return c.integer(b, sign, s)
}

// integer appends digits, at least as many as the precision has.
func (c *conversion) integer(b []byte, sign, digits string) []byte {
	if c.prec == 0 && digits == "0" {
		digits = ""
	}
	if n := c.prec - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	return c.pad(b, sign, digits, c.zero && c.prec < 0)
}

// float appends a number with a fraction or an exponent.
func (c *conversion) float(b []byte, f float64) []byte {
	prec := c.prec
	if prec < 0 {
		prec = 6
	}
	if prec == 0 && c.verb|0x20 == 'g' {
		prec = 1
	}
	var buf [64]byte
	body := string(appendfloat(buf[:0], f, c.verb, prec))
	finite := f-f == 0
	if finite && c.sharp {
		body = fmt.Sprintf("%#."+strconv.Itoa(min(prec, 1e6))+string(c.verb), f)
	}
	sign := c.sign()
	if body[0] == '-' || body[0] == '+' {
		sign, body = body[:1], body[1:]
	}
	return c.pad(b, sign, body, c.zero && finite)
}
