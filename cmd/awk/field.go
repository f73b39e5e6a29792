package awk

import (
	"strings"
	"unicode/utf8"
)

// A line is the current record and its fields. Either is made from the other
// when it is asked for.
type line struct {
	rec    value
	fields []value // $1 and so on
	split  bool    // fields has those of rec
	built  bool    // rec has what was assigned to fields
}

// setrecord makes rec the current record.
func (m *machine) setrecord(rec value) {
	m.line.rec = rec
	m.line.split, m.line.built = false, true
}

// whole returns $0.
func (m *machine) whole() *value {
	if !m.line.built {
		m.build()
	}
	return &m.line.rec
}

// field returns $n, which is good until a field is assigned.
func (m *machine) field(n int) *value {
	if n == 0 {
		return m.whole()
	}
	m.splitrecord()
	if n < 0 {
		m.fatal("trying to access field %d", n)
	}
	if n > len(m.line.fields) {
		m.nothing = text("")
		return &m.nothing
	}
	return &m.line.fields[n-1]
}

// setfield assigns to $n, and makes fields up to there.
func (m *machine) setfield(n int, v value) {
	if n == 0 {
		m.setrecord(v)
		return
	}
	m.splitrecord()
	if n < 0 {
		m.fatal("trying to access field %d", n)
	}
	if n > maxfields {
		m.fatal("out of space creating %d fields", n)
	}
	m.line.built = false
	for len(m.line.fields) < n {
		m.line.fields = append(m.line.fields, text(""))
	}
	if n > integer(m.globals[nf].num()) {
		m.line.fields = m.line.fields[:n]
		m.globals[nf].value = number(float64(n))
	}
	m.line.fields[n-1] = v
}

// build makes $0 from its fields, as many as NF has.
func (m *machine) build() {
	m.line.built = true
	n := integer(m.globals[nf].num())
	if n > maxfields {
		m.fatal("created $0 of %d fields too long", n)
	}
	sep := m.global(ofs)
	b := m.buf[:0]
	for i := range n {
		if i > 0 {
			b = append(b, sep...)
		}
		if i < len(m.line.fields) {
			b = m.append(b, &m.line.fields[i], convfmt)
		}
		if len(b) > maxstring {
			m.fatal("created $0 `%.30s...' too long", b)
		}
	}
	m.line.rec = text(m.taken(b))
}

// taken returns what has been made in the machine's buffer, which is kept for the
// next.
func (m *machine) taken(b []byte) string {
	if m.buf = b; cap(b) > maxbuf {
		m.buf = nil
	}
	return string(b)
}

// maxbuf is how big a buffer is kept.
const maxbuf = 1 << 20

// splitrecord makes the fields of $0.
func (m *machine) splitrecord() {
	if m.line.split {
		return
	}
	m.line.split = true
	fields := m.line.fields[:0]
	rec := m.str(&m.line.rec)
	sep := m.splitter
	switch {
	case sep == " ":
		fields = splitblank(fields, rec)
	case sep == "":
		m.splitchars(rec, func(s string) { fields = append(fields, outside(s)) })
	case rec == "":
	case len(sep) == 1:
		m.splitbyte(rec, sep[0], func(s string) { fields = append(fields, outside(s)) })
	default:
		m.splitpattern(rec, m.pattern(sep), false, func(s string) { fields = append(fields, outside(s)) })
	}
	if old := m.line.fields; len(fields) < len(old) {
		clear(old[len(fields):]) // strings that nobody else may have
	}
	m.line.fields = fields
	m.globals[nf].value = number(float64(len(fields)))
}

func isblank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// splitblank appends what stands between blanks.
func splitblank(fields []value, s string) []value {
	for i := 0; ; {
		for i < len(s) && isblank(s[i]) {
			i++
		}
		if i == len(s) {
			return fields
		}
		start := i
		for i < len(s) && !isblank(s[i]) {
			i++
		}
		fields = append(fields, outside(s[start:i]))
	}
}

// splitbyte passes to f what stands between seps and newlines.
func (m *machine) splitbyte(s string, sep byte, f func(s string)) {
	start := 0
	for i := range len(s) {
		if c := s[i]; c == sep || c == '\n' {
			f(s[start:i])
			start = i + 1
		}
	}
	f(s[start:])
}

// splitchars passes each character to f.
func (m *machine) splitchars(s string, f func(s string)) {
	for s != "" {
		_, size := utf8.DecodeRuneInString(s)
		f(s[:size])
		s = s[size:]
	}
}

// splitpattern passes to f what stands between the matches of sep. One that is
// empty ends it. A ^ is the beginning of s if anchored, else of what is left.
func (m *machine) splitpattern(s string, sep *pattern, anchored bool, f func(s string)) {
	again := true
	for again {
		again = false
		start := 0
		sep.walk(s, func(from, to int) bool {
			if from == to {
				return false
			}
			f(s[start:from])
			start = to
			again = sep.begins && !anchored
			return !again
		})
		s = s[start:]
	}
	f(s)
}

// splitarray makes a the pieces of s and returns how many there are. Sep is
// what separates them, or re if that is not nil.
func (m *machine) splitarray(s string, a *array, sep string, re *pattern) int {
	s = strings.Clone(s) // the pieces would keep all of a longer string
	a.clear()
	n := 0
	add := func(piece string) {
		n++
		a.get(m.numstr(float64(n))).value = outside(piece)
	}
	switch {
	case re != nil:
		m.splitpattern(s, re, true, add)
	case s == "":
	case len(sep) > 1:
		m.splitpattern(s, m.pattern(sep), true, add)
	case sep == " ":
		for _, v := range splitblank(nil, s) {
			add(v.s)
		}
	case sep == "":
		m.splitchars(s, add)
	default:
		m.splitbyte(s, sep[0], add)
	}
	return n
}
