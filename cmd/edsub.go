package cmd

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// An edpattern is a regular expression for lines, and one for the rest of a
// line after a match, where ^ matches nothing.
type edpattern struct {
	re, rest *regexp.Regexp
}

// newPattern compiles an expression.
func newPattern(expr string) (*edpattern, error) {
	re, err := regcomp(expr, false)
	if err != nil {
		return nil, err
	}
	rest, err := regcomp(nobol(expr), false)
	return &edpattern{re, rest}, err
}

// nobol returns an expression that is as expr, but ^ matches nothing.
func nobol(expr string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case c == '\\' && i+1 < len(expr):
			b.WriteString(expr[i : i+2])
			i++
			continue
		case c == '^' && !class:
			b.WriteString("[^\x00-\U0010ffff]")
			continue
		case c == '[':
			class = true
		case c == ']':
			class = false
		}
		b.WriteByte(expr[i])
	}
	return b.String()
}

func (pt *edpattern) matches(line string) bool { return pt.re.MatchString(line) }

// substitute is s.
func (e *ed) substitute() {
	n := e.number()
	all := e.replacement()
	done := e.inlist
	for i := e.addr1; i <= e.addr2; i++ {
		e.poll(i)
		text, ok := e.replace(e.lines[i].text, n, all)
		if !ok {
			continue
		}
		done = true
		pieces := strings.Split(text, "\n")
		old := e.lines[i]
		e.oldline, e.newline = old, &edline{text: pieces[0]}
		for m, mark := range e.marks {
			if mark == old {
				e.marks[m] = e.newline
			}
		}
		e.lines[i], e.dot, e.changed = e.newline, i, true
		if len(pieces) > 1 {
			e.begin(i)
			for _, text := range pieces[1:] {
				e.append(text)
			}
			e.commit()
		}
		i += len(pieces) - 1
		e.addr2 += len(pieces) - 1
	}
	if !done {
		e.fail()
	}
}

// escaped marks the next unit of a replacement as one after a backslash.
const escaped unit = -2

// replacement reads the two parts of s and reports whether g follows them.
func (e *ed) replacement() (all bool) {
	delim := e.get()
	if delim == '\n' || delim == ' ' || delim == edEOF {
		e.fail()
	}
	e.expression(delim)
	e.rhs = e.rhs[:0]
	for {
		c := e.get()
		if c == '\\' {
			e.rhs = append(e.rhs, escaped)
			c = e.get()
		} else if c == delim {
			break
		} else if c == '\n' && len(e.list) == 0 {
			e.peek = c
			e.print = true
			break
		}
		if c == edEOF {
			e.fail()
		}
		e.rhs = append(e.rhs, c)
	}
	if c := e.get(); c == 'g' {
		all = true
	} else {
		e.peek = c
	}
	e.eol()
	return all
}

// replace returns a line with the nth match replaced, or all from the nth on.
// The search goes on behind what was put in, where an empty match moves by a
// character.
func (e *ed) replace(line string, n int, all bool) (string, bool) {
	var b strings.Builder
	rest, done := line, false
	for {
		re := e.pattern.rest
		if b.Len() == 0 || strings.HasSuffix(b.String(), "\n") {
			re = e.pattern.re
		}
		m := re.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		b.WriteString(rest[:m[0]])
		if n--; n > 0 {
			b.WriteString(rest[m[0]:m[1]])
			rest = rest[m[1]:]
			continue
		}
		done = true
		e.expand(&b, rest, m)
		if b.Len() > maxline {
			e.fail()
		}
		rest = rest[m[1]:]
		if !all || m[0] == m[1] && rest == "" {
			break
		}
		if m[0] == m[1] {
			_, size := utf8.DecodeRuneInString(rest)
			b.WriteString(rest[:size])
			rest = rest[size:]
		}
	}
	return b.String() + rest, done
}

// expand writes the replacement of the match m in s.
func (e *ed) expand(b *strings.Builder, s string, m []int) {
	for i := 0; i < len(e.rhs); i++ {
		c := e.rhs[i]
		switch {
		case c == '&':
			b.WriteString(s[m[0]:m[1]])
			continue
		case c == escaped:
			i++
			if c = e.rhs[i]; c >= '1' && c <= '8' {
				k := 2 * int(c-'0')
				if k >= len(m) || m[k] < 0 {
					e.fail()
				}
				b.WriteString(s[m[k]:m[k+1]])
				continue
			}
		}
		b.Write(appendUnit(nil, c))
	}
}

// global is g, and v if the lines shall not match.
func (e *ed) global(match bool) {
	if e.inlist {
		e.fail()
	}
	e.wide()
	e.within(min(1, e.dol()))
	c := e.get()
	if c == '\n' || c == edEOF {
		e.fail()
	}
	e.expression(c)
	list := e.commandlist()
	for i, l := range e.lines {
		e.poll(i)
		l.global = i > 0 && i >= e.addr1 && i <= e.addr2 && e.pattern.matches(l.text) == match
	}
	if unitString(list) == "d\n" {
		e.deletemarked()
		return
	}
	for i := 1; i <= e.dol(); i++ {
		if !e.lines[i].global {
			continue
		}
		e.lines[i].global = false
		e.dot = i
		removed := e.removed
		e.list, e.inlist = slices.Clone(list), true
		e.commands()
		// What was behind i is now at most as far before it as lines
		// have been removed.
		i = max(0, i-(e.removed-removed))
	}
}

// commandlist reads the commands of a global.
func (e *ed) commandlist() (list []unit) {
	for c := e.get(); c != '\n'; c = e.get() {
		if c == '\\' {
			if c = e.get(); c != '\n' {
				list = append(list, '\\')
			}
		}
		if c == edEOF {
			e.fail()
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		list = append(list, 'p')
	}
	return append(list, '\n')
}

// deletemarked is the command list d for all lines at once.
func (e *ed) deletemarked() {
	n := len(e.lines)
	first := slices.IndexFunc(e.lines, func(l *edline) bool { return l.global })
	if first < 0 {
		return
	}
	last := first
	for i, l := range e.lines {
		if l.global {
			last = i
		}
	}
	e.lines = slices.DeleteFunc(e.lines, func(l *edline) bool { return l.global })
	e.dot = min(last+1-(n-len(e.lines)), e.dol())
	e.changed = true
}
