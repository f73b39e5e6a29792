package awk

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
)

// maxline bounds a record, maxstring what a program makes of them, and
// maxfields the fields it may ask for: all nodes live in the memory of one
// program.
const (
	maxline   = 16 << 20
	maxstring = 64 << 20
	maxfields = 1 << 22
)

// A reader is a file or pipe that records are read from.
type reader struct {
	fd   int
	name string
	buf  []byte
	r    int // what comes before in buf has been taken
	eof  bool
}

// fill reads more. What is to be written is written before, so that who types
// the input, or makes it of our output, has seen that.
func (m *machine) fill(r *reader) error {
	m.flush()
	if r.r > 0 {
		n := copy(r.buf, r.buf[r.r:])
		r.buf, r.r = r.buf[:n], 0
	}
	if len(r.buf) == cap(r.buf) {
		big := make([]byte, len(r.buf), max(32<<10, 2*cap(r.buf)))
		copy(big, r.buf)
		r.buf = big
	}
	n, err := m.p.Read(r.fd, r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+max(n, 0)]
	r.eof = n <= 0
	return err
}

// record reads a record. At the end of the file ok is false.
func (m *machine) record(r *reader) (rec string, ok bool, err error) {
	m.splitter = m.global(fs) // of this record, whatever FS becomes later
	sep := m.global(rs)
	if sep == "" {
		return m.paragraph(r)
	}
	_, size := utf8.DecodeRuneInString(sep)
	return m.upto(r, sep[:size])
}

// upto reads to the next sep.
func (m *machine) upto(r *reader, sep string) (rec string, ok bool, err error) {
	for at := 0; ; {
		rest := r.buf[r.r:]
		i := index(rest[at:], sep)
		if len(rest) > maxline && (i < 0 || at+i > maxline) {
			m.fatal("input record `%.30s...' too long", rest)
		}
		if i >= 0 {
			r.r += at + i + len(sep)
			return string(rest[:at+i]), true, nil
		}
		if r.eof {
			r.r = len(r.buf)
			return string(rest), len(rest) > 0, nil
		}
		at = max(0, len(rest)-len(sep)+1)
		if err := m.fill(r); err != nil {
			return "", false, err
		}
	}
}

// index is bytes.Index, quick for one byte.
func index(b []byte, sep string) int {
	if len(sep) == 1 {
		return bytes.IndexByte(b, sep[0])
	}
	return bytes.Index(b, []byte(sep))
}

// paragraph reads lines up to an empty one.
func (m *machine) paragraph(r *reader) (rec string, ok bool, err error) {
	for {
		for r.r < len(r.buf) && r.buf[r.r] == '\n' {
			r.r++
		}
		if r.r < len(r.buf) || r.eof {
			break
		}
		if err := m.fill(r); err != nil {
			return "", false, err
		}
	}
	rec, ok, err = m.upto(r, "\n\n")
	return strings.TrimSuffix(rec, "\n"), ok, err
}

// next reads the next record of the arguments; ok is false when there is none
// left.
func (m *machine) next() (rec string, ok bool) {
	if !m.begun {
		m.begun = true
		m.firstfile()
	}
	for {
		if m.in == nil && !m.nextarg() {
			return "", false
		}
		rec, ok, err := m.record(m.in)
		if err != nil {
			m.fatal("error reading %s: %v", m.in.name, err)
		}
		if ok {
			m.globals[nr].value = number(m.globals[nr].num() + 1)
			m.globals[fnr].value = number(m.globals[fnr].num() + 1)
			return rec, true
		}
		m.nextfile()
	}
}

// firstfile does the assignments before the first file, whose name it notes.
// Without files, that is the standard input.
func (m *machine) firstfile() {
	for argc := m.argc(); m.argno < argc; m.argno++ {
		name := m.argv(m.argno)
		if !IsAssignment(name) {
			m.globals[filename].value = text(name)
			return
		}
		m.assign(name)
	}
	m.in = m.stdin
}

// argc returns how many arguments there are.
func (m *machine) argc() int { return integer(m.globals[argc].num()) }

// argv returns an argument.
func (m *machine) argv(n int) string {
	e := m.array(&m.globals[argv]).get(m.numstr(float64(n)))
	return m.str(&e.value)
}

// nextarg opens the next file, after the assignments before it. It returns
// false when there is none.
func (m *machine) nextarg() bool {
	for ; m.argno < m.argc(); m.argno++ {
		name := m.argv(m.argno)
		switch {
		case name == "":
			continue
		case IsAssignment(name):
			m.assign(name)
			continue
		}
		m.globals[filename].value = text(name)
		m.globals[fnr].value = number(0)
		if name == "-" {
			m.in = m.stdin
			return true
		}
		m.flush()
		fd, err := m.p.Open(name, ninep.OREAD)
		if err != nil {
			m.fatal("can't open file %s", name)
		}
		m.in = &reader{fd: fd, name: name}
		return true
	}
	return false
}

// nextfile closes the current file.
func (m *machine) nextfile() {
	if m.in != nil && m.in != m.stdin {
		m.p.Close(m.in.fd)
	}
	m.in = nil
	m.argno++
}
