package awk

import (
	"math"
	"strconv"
	"strings"
)

// A value is a number, a string, or both: a string that came from outside and
// looks like a number is that number too, and a variable that was never
// assigned is "" and 0.
type value struct {
	f  float64
	s  string
	is kind
}

// A kind says what is valid in a value.
type kind uint8

const (
	isnum kind = 1 << iota // f
	isstr                  // s
	input                  // s came from outside, and nobody has looked whether it is a number
	unset                  // nothing was ever assigned
)

func number(f float64) value { return value{f: f, is: isnum} }
func text(s string) value    { return value{s: s, is: isstr} }

// outside returns a string from outside the program: a field, an argument.
func outside(s string) value { return value{s: s, is: isstr | input} }

// none is the value of what was never assigned.
func none() value { return value{is: isnum | isstr | unset} }

// look decides whether a string from outside is a number.
func (v *value) look() {
	if v.is&input == 0 {
		return
	}
	v.is &^= input
	if f, ok := looksNumber(v.s); ok {
		v.f = f
		v.is |= isnum
	}
}

// num returns v as a number. A string that looks like one becomes one, for
// comparisons that follow too, as Plan 9's awk has it.
func (v *value) num() float64 {
	if v.is&isnum != 0 {
		return v.f
	}
	v.is &^= input
	f, n := scan(v.s)
	if n > 0 && isnumber(f, v.s[n:]) {
		v.f = f
		v.is |= isnum
	}
	return f
}

// truth returns v as a condition.
func (v *value) truth() bool {
	v.look()
	if v.is&isnum != 0 {
		return v.f != 0
	}
	return v.s != ""
}

// str returns v as a string.
func (m *machine) str(v *value) string {
	if v.is&isstr != 0 {
		return v.s
	}
	return m.numstr(v.f)
}

// compare orders two values: as numbers if both are, else as strings.
func (m *machine) compare(a, b *value) int {
	a.look()
	b.look()
	if a.is&b.is&isnum == 0 {
		return strings.Compare(m.str(a), m.str(b))
	}
	switch d := a.f - b.f; {
	case d < 0:
		return -1
	case d > 0:
		return 1
	}
	return 0
}

// numstr returns the string a number is converted to.
func (m *machine) numstr(f float64) string {
	if i := int64(f); float64(i) == f && -1e15 < f && f < 1e15 && (i != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(i, 10)
	}
	return string(m.appendnum(nil, f, convfmt))
}

// appendnum appends f as a string. The variable how has the format of what is
// no integer: OFMT where it is printed, CONVFMT elsewhere.
func (m *machine) appendnum(b []byte, f float64, how int) []byte {
	if i := int64(f); float64(i) == f && -1e15 < f && f < 1e15 && (i != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(b, i, 10)
	}
	if math.Trunc(f) == f || math.IsNaN(f) {
		return appendfloat(b, f, 'g', 30)
	}
	form := m.str(&m.globals[how].value)
	if form == "%.6g" || m.converting { // as a number is by "%s"
		return appendfloat(b, f, 'g', 6)
	}
	m.converting = true
	b = m.format(b, form, []expr{newNumber(f)})
	m.converting = false
	return b
}

// appendfloat is strconv's, with the names of Plan 9 for what is no number.
func appendfloat(b []byte, f float64, verb byte, prec int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "+Inf"...)
	case math.IsInf(f, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, f, verb, prec, 64)
}

// integer returns f without its fraction, as near as an int is.
func integer(f float64) int {
	switch {
	case f != f:
		return 0
	case f >= 1<<53:
		return 1 << 53
	case f <= -1<<53:
		return -1 << 53
	}
	return int(f)
}

// looksNumber reports whether all of s is one number, perhaps between blanks,
// and which.
func looksNumber(s string) (float64, bool) {
	if s == "" || s[0] > '9' && s[0] != 'i' && s[0] != 'I' && s[0] != 'n' && s[0] != 'N' {
		return 0, false
	}
	f, n := scan(s)
	return f, n > 0 && isnumber(f, s[n:])
}

// isnumber reports whether f, read from a string that goes on with rest, is
// all there is.
func isnumber(f float64, rest string) bool {
	for i := range len(rest) {
		if c := rest[i]; c != ' ' && c != '\t' && c != '\n' {
			return false
		}
	}
	return f-f == 0 // neither infinite nor no number
}

// scan reads the number that s begins with, as strtod does, after blanks. N is
// where it ends, 0 if there is none.
func scan(s string) (f float64, n int) {
	i := 0
	for i < len(s) && (s[i] == ' ' || '\t' <= s[i] && s[i] <= '\r') {
		i++
	}
	start := i
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	first, mant, dot, digits := i, uint64(0), -1, 0
	for ; i < len(s); i++ {
		if c := s[i]; '0' <= c && c <= '9' {
			if digits++; digits < 19 {
				mant = mant*10 + uint64(c-'0')
			}
		} else if c == '.' && dot < 0 {
			dot = i
		} else {
			break
		}
	}
	if digits == 0 {
		return scanword(s, start, first)
	}
	end := exponent(s, i)
	if end == i && digits < 16 {
		f = float64(mant)
		if dot >= 0 {
			f /= pow10[i-dot-1] // exact: both are
		}
		if s[start] == '-' {
			f = -f
		}
		return f, i
	}
	f, _ = strconv.ParseFloat(s[start:end], 64) // out of range it is 0 or infinite
	return f, end
}

// pow10 has the powers of ten that a fraction of 15 digits needs.
var pow10 = [16]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// exponent returns where the exponent at s[i:] ends: at i if there is none.
func exponent(s string, i int) int {
	if i >= len(s) || s[i] != 'e' && s[i] != 'E' {
		return i
	}
	j := i + 1
	if j < len(s) && (s[j] == '-' || s[j] == '+') {
		j++
	}
	digits := j
	for j < len(s) && '0' <= s[j] && s[j] <= '9' {
		j++
	}
	if j == digits {
		return i
	}
	return j
}

// scanword reads what is a number without digits; its sign is at start.
func scanword(s string, start, first int) (f float64, n int) {
	for _, w := range []struct {
		word string
		f    float64
	}{{"nan", math.NaN()}, {"infinity", math.Inf(1)}, {"inf", math.Inf(1)}} {
		if len(s)-first < len(w.word) || !strings.EqualFold(s[first:first+len(w.word)], w.word) {
			continue
		}
		if s[start] == '-' {
			w.f = -w.f
		}
		return w.f, first + len(w.word)
	}
	return 0, 0
}
