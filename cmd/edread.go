package cmd

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
)

// A unit is what ed reads of a command: a character, or a byte that is part of
// none, as badByte and the byte.
type unit rune

const (
	edEOF   unit = -1
	badByte unit = utf8.MaxRune + 1
)

// appendUnit appends what c was read from.
func appendUnit(b []byte, c unit) []byte {
	if c >= badByte {
		return append(b, byte(c-badByte))
	}
	return utf8.AppendRune(b, rune(c))
}

// unitString returns what the units were read from.
func unitString(list []unit) string {
	var b []byte
	for _, c := range list {
		b = appendUnit(b, c)
	}
	return string(b)
}

// get returns the next character of the commands.
func (e *ed) get() unit {
	switch {
	case e.peek != 0:
		e.last, e.peek = e.peek, 0
	case len(e.list) > 0:
		e.inlist = true
		e.last, e.list = e.list[0], e.list[1:]
	case e.inlist:
		e.inlist, e.last = false, 0
		return edEOF
	default:
		e.last = e.read()
	}
	return e.last
}

// read reads from the standard input.
func (e *ed) read() unit {
	e.show()
	c, n, err := e.in.ReadRune()
	switch {
	case errors.Is(err, ninep.ErrIntr):
		e.check()
		return e.read() // a note that did not mean us
	case err != nil:
		return edEOF
	case c == utf8.RuneError && n == 1:
		e.in.UnreadRune()
		b, _ := e.in.ReadByte()
		return badByte + unit(b)
	}
	return unit(c)
}

// show writes what has been printed, before we wait.
func (e *ed) show() {
	if e.in.Buffered() == 0 {
		e.out.Flush()
		e.check()
	}
}

// blank reads the next character that is not blank.
func (e *ed) blank() unit {
	for {
		if c := e.get(); c != ' ' && c != '\t' {
			return c
		}
	}
}

// number reads a number; none is 0.
func (e *ed) number() int {
	n := 0
	for {
		c := e.get()
		if c < '0' || c > '9' {
			e.peek = c
			return n
		}
		n = min(n*10+int(c-'0'), 1<<40)
	}
}

// eol reads the end of a command: a newline, perhaps after p, l or n.
func (e *ed) eol() {
	c := e.get()
	if c == '\n' || c == edEOF {
		return
	}
	if c == 'p' || c == 'l' || c == 'n' {
		e.print = true
		e.listf = e.listf || c == 'l'
		e.numf = e.numf || c == 'n'
		if e.get() == '\n' {
			return
		}
	}
	e.fail()
}

// filename reads the name of a file; without one it is the remembered name.
func (e *ed) filename(cmd unit) string {
	c := e.get()
	if c == '\n' || c == edEOF {
		if e.saved == "" && cmd != 'f' {
			e.fail()
		}
		return e.saved
	}
	if c != ' ' {
		e.fail()
	}
	for c == ' ' {
		c = e.get()
	}
	var name []byte
	for ; c != '\n'; c = e.get() {
		if c == ' ' || c == edEOF {
			e.fail()
		}
		name = appendUnit(name, c)
	}
	if len(name) == 0 {
		e.fail()
	}
	if e.saved == "" || cmd == 'e' || cmd == 'f' {
		e.saved = string(name)
	}
	return string(name)
}

// text reads a line of input mode; ok is false at its end.
func (e *ed) text() (line string, ok bool) {
	if e.peek == 0 && len(e.list) == 0 && !e.inlist {
		return e.textline()
	}
	fromlist := e.inlist
	var b []byte
	for {
		switch c := e.get(); {
		case c == edEOF:
			if fromlist {
				e.peek = c
			}
			return "", false
		case c == '\n':
			return string(b), string(b) != "."
		default:
			b = appendUnit(b, c)
		}
	}
}

// textline reads one from the standard input at once, as it may be long.
func (e *ed) textline() (line string, ok bool) {
	e.show()
	b, err := readline(e.in)
	line, whole := strings.CutSuffix(string(b), "\n")
	switch {
	case errors.Is(err, ninep.ErrIntr):
		e.check()
		return e.textline()
	case errors.Is(err, errLineLong):
		e.last = 0
		e.fail()
	case err == io.EOF || err != nil || !whole:
		e.last = edEOF
		return "", false
	}
	e.last = '\n'
	return line, line != "."
}

// expression reads a regular expression up to its delimiter, or the end of the
// line. An empty one is the last one.
func (e *ed) expression(delim unit) {
	c := e.get()
	if c == '\n' {
		e.peek = c
		c = delim
	}
	if c == delim {
		if e.pattern == nil {
			e.fail()
		}
		return
	}
	e.pattern = nil
	var b []byte
	for ; c != delim && c != '\n'; c = e.get() {
		if c == edEOF {
			e.fail()
		}
		if c == '\\' {
			b = append(b, '\\')
			if c = e.get(); c == '\n' || c == edEOF {
				e.fail()
			}
		}
		b = appendUnit(b, c)
	}
	if c == '\n' {
		e.peek = c
	}
	pattern, err := newPattern(string(b))
	if err != nil {
		e.fail()
	}
	e.pattern = pattern
}
