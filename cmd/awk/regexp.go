package awk

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Regcomp compiles a regular expression as regexp(6) has it: leftmost-longest.
type Regcomp func(expr string) (*regexp.Regexp, error)

// A pattern is a regular expression.
type pattern struct {
	re      *regexp.Regexp
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
	p.literal, p.plain = re.LiteralPrefix()
	return p, nil
}

// matches reports whether p matches something of s.
func (p *pattern) matches(s string) bool {
	if p.plain {
		return strings.Contains(s, p.literal)
	}
	return p.re.MatchString(s)
}

// find returns where in s the first match is.
func (p *pattern) find(s string) (from, to int, ok bool) {
	if p.plain {
		i := strings.Index(s, p.literal)
		return i, i + len(p.literal), i >= 0
	}
	if at := p.re.FindStringIndex(s); at != nil {
		return at[0], at[1], true
	}
	return 0, 0, false
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
