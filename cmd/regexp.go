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
	return (&translator{in: expr}).compile(fold)
}

// regcompAwk compiles an expression of awk, where groups and alternatives, or
// all of it, may be empty.
func regcompAwk(expr string) (*regexp.Regexp, error) {
	return (&translator{in: expr, empty: true}).compile(false)
}

// compile does the work of regcomp.
func (t *translator) compile(fold bool) (*regexp.Regexp, error) {
	if err := t.run(); err != nil {
		return nil, err
	}
	flags := "(?m)"
	if fold {
		flags = "(?mi)"
	}
	re, err := regexp.Compile(flags + string(t.out))
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
	in    string // what is to be read
	empty bool   // expressions may be empty
	out   []byte
	open  int  // groups
	last  last // what was read last
}

// What an operator like * may follow.
type last int

const (
	nothing last = iota // the beginning of an alternative: not * or its kin
	element             // what can be repeated
	repeat              // an operator: the end of out is it
)

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

// write writes s, and says what that was.
func (t *translator) write(s string, l last) {
	t.out = append(t.out, s...)
	t.last = l
}

func (t *translator) run() error {
	for {
		c, literal, ok := t.next()
		if !ok {
			if t.open > 0 {
				return fmt.Errorf("missing closing )")
			}
			return t.operand("end")
		}
		if literal {
			t.write(regexp.QuoteMeta(string(c)), element)
			continue
		}
		switch c {
		case '[':
			class, err := t.class()
			if err != nil {
				return err
			}
			t.write(class, element)
		case '(':
			t.open++
			t.write("(", nothing)
		case ')':
			if t.open--; t.open < 0 {
				return fmt.Errorf("unmatched right paren")
			}
			if err := t.operand(")"); err != nil {
				return err
			}
			t.write(")", element)
		case '*', '+', '?':
			if err := t.operand(string(c)); err != nil {
				return err
			}
			t.repeat(byte(c))
		case '|':
			if err := t.operand("|"); err != nil {
				return err
			}
			t.write("|", nothing)
		case '.', '^', '$':
			t.write(string(c), element)
		default:
			t.write(regexp.QuoteMeta(string(c)), element)
		}
	}
}

// operand wants something to be there for an operator, or before the end: an
// expression, and each of its alternatives and groups, matches something.
func (t *translator) operand(what string) error {
	if t.last == nothing && !(t.empty && !strings.Contains("*+?", what)) {
		return fmt.Errorf("missing operand for %s", what)
	}
	return nil
}

// repeat writes a repetition. Two in a row make one: to Go, a** is an error
// and a*? is another operator.
func (t *translator) repeat(op byte) {
	end := len(t.out) - 1
	switch {
	case t.last != repeat:
		t.write(string(op), repeat)
	case t.out[end] != op:
		t.out[end] = '*'
	}
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
