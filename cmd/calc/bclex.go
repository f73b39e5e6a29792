package calc

import (
	"bufio"
	"io"
)

// A token of bc: a character, or one of these.
type token int

const (
	tokEOF token = iota + 256
	tokError
	tokLetter
	tokDigit
	tokString
	tokAssign // op= ; lexer.op is the operator
	tokIncr
	tokDecr
	tokEq
	tokNe
	tokLe
	tokGe
	tokPrint
	tokIf
	tokWhile
	tokFor
	tokSqrt
	tokReturn
	tokBreak
	tokDefine
	tokScale
	tokIbase
	tokObase
	tokAuto
	tokLength
	tokQuit
)

// words are the reserved words by their first two letters, which are all that
// counts.
var words = map[string]token{
	"pr": tokPrint, "if": tokIf, "wh": tokWhile, "fo": tokFor, "sq": tokSqrt, "re": tokReturn, "br": tokBreak,
	"de": tokDefine, "sc": tokScale, "ba": tokIbase, "ib": tokIbase, "ob": tokObase, "au": tokAuto, "le": tokLength, "qu": tokQuit,
}

// A lexer reads the tokens of one input after the other.
type lexer struct {
	open func() (r io.Reader, name string, err error) // the next input; io.EOF after the last
	wait func()                                       // called before input is waited for
	in   *bufio.Reader
	name string
	line int
	peek int // a character read ahead, or -1

	char byte   // of a letter or digit
	op   byte   // of tokAssign
	text string // of a string
}

// get returns the next character, or -1 at the end of all input.
func (l *lexer) get() int {
	if c := l.peek; c >= 0 {
		l.peek = -1
		return c
	}
	for {
		if l.in != nil {
			if l.in.Buffered() == 0 {
				l.wait()
			}
			if c, err := l.in.ReadByte(); err == nil {
				return int(c)
			}
		}
		r, name, err := l.open()
		if err != nil {
			return -1
		}
		l.in, l.name, l.line = bufio.NewReader(r), name, 0
	}
}

// follow returns yes if the next character is c, and no otherwise.
func (l *lexer) follow(c int, yes, no token) token {
	if l.peek = l.get(); l.peek == c {
		l.peek = -1
		return yes
	}
	return no
}

// next returns the next token.
func (l *lexer) next() token {
	c := l.get()
	for c == ' ' || c == '\t' || c == '\\' {
		if c == '\\' {
			l.get()
		}
		c = l.get()
	}
	switch {
	case c < 0:
		return tokEOF
	case c >= 'a' && c <= 'z':
		return l.word(c)
	case c >= '0' && c <= '9' || c >= 'A' && c <= 'F':
		l.char = byte(c)
		return tokDigit
	}
	switch c {
	case '+', '-', '*', '/', '%', '^':
		return l.operator(c)
	case '=':
		return l.follow('=', tokEq, '=')
	case '<':
		return l.follow('=', tokLe, '<')
	case '>':
		return l.follow('=', tokGe, '>')
	case '!':
		return l.follow('=', tokNe, '!')
	case '"':
		return l.quoted()
	}
	return token(c)
}

// operator reads one that begins with c, or a comment.
func (l *lexer) operator(c int) token {
	l.op = byte(c)
	tok := l.follow('=', tokAssign, token(c))
	switch {
	case tok == tokAssign:
	case c == '+':
		return l.follow('+', tokIncr, '+')
	case c == '-':
		return l.follow('-', tokDecr, '-')
	case c == '/' && l.peek == '*':
		l.peek = -1
		for star := false; ; {
			c = l.get()
			if c < 0 {
				return tokEOF
			}
			if star && c == '/' {
				return l.next()
			}
			star = c == '*'
		}
	}
	return tok
}

// word reads a letter, or a reserved word.
func (l *lexer) word(c int) token {
	small := func() bool { return l.peek >= 'a' && l.peek <= 'z' }
	l.peek = l.get()
	if !small() {
		l.char = byte(c)
		return tokLetter
	}
	tok, ok := words[string([]byte{byte(c), byte(l.peek)})]
	if !ok {
		return tokError
	}
	if tok != tokQuit { // it ends at once
		for small() {
			l.peek = -1
			l.peek = l.get()
		}
	}
	return tok
}

// quoted reads a text.
func (l *lexer) quoted() token {
	var text []byte
	for {
		c := l.get()
		if c < 0 {
			return tokEOF
		}
		if c == '"' {
			l.text = string(text)
			return tokString
		}
		text = append(text, byte(c))
	}
}
