package cmd

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// regcomp compiles a Plan 9 regular expression, see regexp(6), with the match
// semantics of Plan 9's library: leftmost-longest; "." and [^...] do not match a
// newline; ^ and $ match at each line. With fold, letters match in either
// case.
//
// It translates to the notation of Go's package, in which more characters
// are special: braces, \d, (?...), classes like [[:alpha:]].
func regcomp(expr string, fold bool) (*regexp.Regexp, error) {
	t := translator{in: expr, atom: -1}
	if err := t.run(); err != nil {
		return nil, err
	}
	flags := "(?m)"
	if fold {
		flags = "(?mi)"
	}
	re, err := regexp.Compile(flags + t.out.String())
	if err != nil {
		if e, ok := err.(*syntax.Error); ok {
			return nil, fmt.Errorf("%s", e.Code)
		}
		return nil, err
	}
	re.Longest()
	return re, nil
}

// A translator rewrites an expression element by element.
type translator struct {
	in  string // what is to be read
	out strings.Builder

	atom   int   // where in out the last element begins: what * repeats; -1 if there is none
	rep    bool  // the last element has been repeated
	groups []int // where the open groups begin
}

// next takes the next character, after a backslash one that stands for
// itself.
func (t *translator) next() (c rune, literal, ok bool) {
	if t.in == "" {
		return 0, false, false
	}
	c, n := utf8.DecodeRuneInString(t.in)
	t.in = t.in[n:]
	if c == '\\' && t.in != "" {
		c, n = utf8.DecodeRuneInString(t.in)
		t.in = t.in[n:]
		return c, true, true
	}
	return c, false, true
}

// element writes s, which * may follow.
func (t *translator) element(s string) {
	t.atom, t.rep = t.out.Len(), false
	t.out.WriteString(s)
}

func (t *translator) run() error {
	for {
		c, literal, ok := t.next()
		if !ok {
			return nil
		}
		if literal {
			t.element(regexp.QuoteMeta(string(c)))
			continue
		}
		switch c {
		case '[':
			class, err := t.class()
			if err != nil {
				return err
			}
			t.element(class)
		case '(':
			t.groups = append(t.groups, t.out.Len())
			t.out.WriteByte('(')
			t.atom = -1
		case ')':
			n := len(t.groups) - 1
			if n < 0 {
				return fmt.Errorf("unmatched right paren")
			}
			t.out.WriteByte(')')
			t.atom, t.rep = t.groups[n], false
			t.groups = t.groups[:n]
		case '*', '+', '?':
			if t.atom < 0 {
				return fmt.Errorf("missing operand for %c", c)
			}
			t.repeat(c)
		case '|':
			t.out.WriteByte('|')
			t.atom = -1
		case '.', '^', '$':
			t.element(string(c))
		default:
			t.element(regexp.QuoteMeta(string(c)))
		}
	}
}

// repeat writes a repetition. What is already repeated becomes a group: to
// Go, a** is an error and a*? is another operator.
func (t *translator) repeat(op rune) {
	if t.rep {
		s := t.out.String()
		t.out.Reset()
		t.out.WriteString(s[:t.atom] + "(?:" + s[t.atom:] + ")")
	}
	t.out.WriteRune(op)
	t.rep = true
}

// class reads a class after its bracket and returns it.
func (t *translator) class() (string, error) {
	var spans []rune // pairs
	c, literal, ok := t.next()
	negated := ok && !literal && c == '^'
	if negated {
		c, literal, ok = t.next()
	}
	for ; ok && (literal || c != ']'); c, literal, ok = t.next() {
		if literal || c != '-' {
			spans = append(spans, c, c)
			continue
		}
		hi, literal, ok := t.next()
		if len(spans) == 0 || !ok || hi == ']' && !literal {
			return "", fmt.Errorf("malformed '[]'")
		}
		spans[len(spans)-1] = hi
	}
	if !ok {
		return "", fmt.Errorf("malformed '[]'")
	}
	var b strings.Builder
	for i := 0; i < len(spans); i += 2 {
		if spans[i] <= spans[i+1] {
			fmt.Fprintf(&b, `\x{%x}-\x{%x}`, spans[i], spans[i+1])
		}
	}
	switch {
	case negated:
		return "[^\\n" + b.String() + "]", nil
	case b.Len() == 0: // matches nothing
		return `[^\x00-\x{10FFFF}]`, nil
	}
	return "[" + b.String() + "]", nil
}
