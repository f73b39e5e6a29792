package awk

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Regcomp compiles a regular expression as regexp(6) has it: leftmost-longest.
type Regcomp func(expr string) (*regexp.Regexp, error)

// A pattern is a regular expression. One process at a time may use it. It has an
// automaton of ours, which is quick for short lines, until there is a text for which
// that of package regexp is better.
type pattern struct {
	re      *regexp.Regexp
	dfa     *dfa
	literal string // all it matches
	plain   bool   // it matches that only
	begins  bool   // it may have a ^, for which what stands before counts
}

// newPattern compiles an expression.
func newPattern(comp Regcomp, expr string) (*pattern, error) {
	expr = rewrite(expr)
	re, err := comp(expr)
	if err != nil {
		return nil, err
	}
	p := &pattern{re: re, begins: strings.Contains(expr, "^")}
	if p.literal, p.plain = re.LiteralPrefix(); !p.plain {
		p.dfa = newDFA(re.String())
	}
	return p, nil
}

// matches reports whether p matches something of s.
func (p *pattern) matches(s string) bool {
	switch {
	case p.plain:
		return strings.Contains(s, p.literal)
	case p.dfa != nil:
		return p.dfa.matches(s)
	}
	return p.re.MatchString(s)
}

// find returns where the leftmost-longest match in s is, -1 if there is none.
func (p *pattern) find(s string) (from, to int) {
	from, to = -1, -1
	p.walk(s, func(f, t int) bool {
		from, to = f, t
		return false
	})
	return from, to
}

// walk calls f for the matches in s from left to right until it returns false.
// They do not overlap; one that is empty may follow another at once.
func (p *pattern) walk(s string, f func(from, to int) bool) {
	at := 0
	for p.plain || p.dfa != nil {
		from, to, ok := p.next(s, at)
		if !ok {
			p.dfa = nil
			break
		}
		if from < 0 || !f(from, to) {
			return
		}
		if at = to; from == to {
			if at == len(s) {
				return
			}
			at += skip(s[at:], 1)
		}
	}
	for _, m := range p.re.FindAllStringIndex(s, -1) {
		if m[0] >= at && !f(m[0], m[1]) {
			return
		}
	}
}

// next returns the leftmost-longest match in s at or after an offset, -1 if there
// is none. Ok is false if package regexp had better do it.
func (p *pattern) next(s string, at int) (from, to int, ok bool) {
	if !p.plain {
		return p.dfa.find(s, at)
	}
	from = strings.Index(s[at:], p.literal)
	if from < 0 {
		return -1, -1, true
	}
	from += at
	return from, from + len(p.literal), true
}

// maxpatterns is how many expressions made at run time are kept.
const maxpatterns = 100

// pattern returns the compiled form of an expression made at run time.
func (m *machine) pattern(expr string) *pattern {
	if p := m.patterns[expr]; p != nil {
		return p
	}
	p, err := newPattern(m.prog.comp, expr)
	if err != nil {
		m.fatal("%v", err)
	}
	if len(m.patterns) >= maxpatterns {
		clear(m.patterns)
	}
	m.patterns[strings.Clone(expr)] = p
	return p
}

// rewrite gives an expression of awk the notation of regexp(6), which knows no
// escapes but that of a metacharacter, and wants a backslash before each - that
// is no range.
func rewrite(expr string) string {
	if !strings.ContainsAny(expr, `\[-`) {
		return expr
	}
	var b strings.Builder
	inclass := false
	for i := 0; i < len(expr); {
		c := expr[i]
		i++
		switch {
		case c == '\\':
			i += quoted(&b, expr[i:])
			continue
		case c == '[' && !inclass:
			inclass = true
			b.WriteByte('[')
			if strings.HasPrefix(expr[i:], "^") {
				b.WriteByte('^')
				i++
			}
			switch rest := expr[i:]; {
			case strings.HasPrefix(rest, "-"):
				b.WriteString(`\-`)
				i++
			case strings.HasPrefix(rest, "]") && expr[i-1] == '[':
				b.WriteString("]*") // matches what is empty
				inclass = false
				i++
			}
			continue
		case c == '-' && strings.HasPrefix(expr[i:], "]"):
			b.WriteByte('\\')
		case c == ']':
			inclass = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

// quoted writes what stands after a backslash, and returns how much of s that
// was.
func quoted(b *strings.Builder, s string) int {
	if s == "" {
		b.WriteByte('\\')
		return 0
	}
	if i := strings.IndexByte("tnfrb", s[0]); i >= 0 {
		b.WriteByte("\t\n\f\r\b"[i])
		return 1
	}
	b.WriteByte('\\')
	switch {
	case s[0] == 'x':
		n, size := digits(s[1:], 16, 4)
		b.WriteRune(rune(n))
		return 1 + size
	case '0' <= s[0] && s[0] <= '7':
		n, size := digits(s, 8, 3)
		b.WriteRune(rune(n))
		return size
	}
	_, size := utf8.DecodeRuneInString(s)
	b.WriteString(s[:size])
	return size
}

// digits reads at most so many digits.
func digits(s string, base, most int) (n, size int) {
	for size < len(s) && size < most {
		c, d := s[size], 99
		switch {
		case '0' <= c && c <= '9':
			d = int(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			d = int(c|0x20-'a') + 10
		}
		if d >= base {
			break
		}
		n = n*base + d
		size++
	}
	return n, size
}
