package hoc

// A token is a character, or one of these.
type token int

const (
	end token = iota + 256
	number
	text
	name
	ge
	le
	eq
	ne
	and
	or
	incr
	decr
	assignOp // parser.op is the operator
	kwProc
	kwFunc
	kwReturn
	kwIf
	kwElse
	kwWhile
	kwFor
	kwPrint
	kwRead
)

// keywords are names that are not.
var keywords = map[string]token{
	"proc": kwProc, "func": kwFunc, "return": kwReturn, "if": kwIf, "else": kwElse,
	"while": kwWhile, "for": kwFor, "print": kwPrint, "read": kwRead,
}

// pairs are tokens of two characters.
var pairs = map[string]token{
	">=": ge, "<=": le, "==": eq, "!=": ne, "&&": and, "||": or, "++": incr, "--": decr,
	"+=": assignOp, "-=": assignOp, "*=": assignOp, "/=": assignOp, "%=": assignOp,
}

func isAlpha(c int) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c int) bool { return c >= '0' && c <= '9' }

// next reads a token.
func (p *parser) next() token {
	h := p.h
	c := h.getc()
	for c == ' ' || c == '\t' || c == '\\' {
		if c == '\\' {
			if c = h.getc(); c != '\n' {
				break
			}
			h.line++
		}
		c = h.getc()
	}
	if c == '#' {
		for c != '\n' && c >= 0 {
			c = h.getc()
		}
	}
	switch {
	case c < 0:
		return end
	case c == '\n':
		h.line++
		return '\n'
	case c == '.' || isDigit(c):
		var ok bool
		if p.num, ok = h.number(c); !ok {
			panic(failure("syntax error"))
		}
		return number
	case isAlpha(c):
		return p.word(c)
	case c == '"':
		return p.quoted()
	}
	d := h.getc()
	if tok, ok := pairs[string([]byte{byte(c), byte(d)})]; ok && d >= 0 {
		p.op = token(c)
		return tok
	}
	h.ungetc(d)
	return token(c)
}

// word reads a name or a keyword.
func (p *parser) word(c int) token {
	var b []byte
	for isAlpha(c) || isDigit(c) {
		b = append(b, byte(c))
		c = p.h.getc()
	}
	p.h.ungetc(c)
	p.str = string(b)
	if tok, ok := keywords[p.str]; ok {
		return tok
	}
	return name
}

// quoted reads a string.
func (p *parser) quoted() token {
	var b []byte
	for {
		c := p.h.getc()
		switch c {
		case '"':
			p.str = string(b)
			return text
		case '\n', -1:
			panic(failure("missing quote"))
		case '\\':
			c = p.h.getc()
			if c < 0 {
				panic(failure("missing quote"))
			}
			if to, ok := escapes[c]; ok {
				c = to
			}
		}
		b = append(b, byte(c))
	}
}

// escapes are characters after a backslash.
var escapes = map[int]int{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
