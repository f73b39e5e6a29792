package rc

import (
	"fmt"
	"strings"
)

// A kind is the kind of a token. A token of one character has the character
// itself as its kind.
type kind rune

const (
	tEOF  kind = -1
	tWord kind = 0x110000 + iota // above every rune
	tFor
	tIn
	tWhile
	tIf
	tNot
	tTwiddle
	tBang
	tSubshell
	tSwitch
	tFn
	tRedir  // < > << >> <>, with [fd]
	tDup    // >[1=2] and >[1=]
	tPipe   // |, with [fd] or [fd=fd]
	tSub    // a ( that touches the word before it
	tAndAnd // &&
	tOrOr   // ||
	tCount  // $#
	tFlat   // $"
)

var keywords = map[string]kind{
	"for": tFor, "in": tIn, "while": tWhile, "if": tIf, "not": tNot,
	"~": tTwiddle, "!": tBang, "@": tSubshell, "switch": tSwitch, "fn": tFn,
}

// A token is what the parser reads. Text is as much of the source as an error
// message needs to name it.
type token struct {
	kind   kind
	text   string
	line   int
	left   int     // how much of the text there was left, if it is a text
	quoted bool    // tWord: in quotes
	open   bool    // tWord: in quotes, of which the last is missing
	glob   bool    // tWord: has an unquoted * ? or [
	op     redirOp // tRedir
	fd     int     // tRedir, tDup: the descriptor that changes; tPipe: of the left command, the second number
	from   int     // tDup: what it becomes a copy of, -1 closes it; tPipe: of the right command, the first of two
}

// isKeyword reports whether the token is a word only where no keyword fits.
func (t token) isKeyword() bool { return tFor <= t.kind && t.kind <= tFn }

const (
	eof = -1
	nop = -2 // no character looked ahead
)

// A lexer turns input into tokens. It reads no more of its input than the
// token at hand needs, so that a command runs before the next line is asked
// for. Two things make rc's tokens depend on what came before: after a word
// that ends without a blank a caret is supplied (a "free caret") or a ( is a
// subscript's, and after a $ a word ends where a variable's name would.
type lexer struct {
	file string
	line int
	read func() []byte // more input; none at its end
	more func()        // called when the first character of a line is wanted: prints a prompt
	echo []byte        // with keep, all that was read, for flag v
	keep bool

	buf       []byte
	atEOF     bool
	fresh     bool // the next character is the first of a line
	ahead     int  // the character after the current one, or nop
	pushed    int  // behind a backslash that did not end its line, or nop
	last      int  // the character consumed last
	inQuote   bool
	inComment bool
	lastWord  bool // the last token was a word, or ends one
	lastDol   bool // the last token was $, $# or $"
}

// newLexer returns a lexer of what read returns. File is for messages.
func newLexer(file string, read func() []byte) *lexer {
	return &lexer{file: file, line: 1, read: read, ahead: nop, pushed: nop, fresh: true}
}

// newStringLexer returns a lexer of a text.
func newStringLexer(file, text string) *lexer {
	l := newLexer(file, func() []byte { return nil })
	l.buf = []byte(text)
	return l
}

// raw returns the next byte of the input, as here documents want it.
func (l *lexer) raw() int {
	if l.fresh && l.more != nil {
		l.more()
	}
	l.fresh = false
	if len(l.buf) == 0 && !l.atEOF {
		l.buf = l.read()
		l.atEOF = len(l.buf) == 0
	}
	if len(l.buf) == 0 {
		l.fresh = true
		return eof
	}
	c := l.buf[0]
	l.buf = l.buf[1:]
	if l.keep {
		l.echo = append(l.echo, c)
	}
	l.fresh = c == '\n'
	return int(c)
}

// get returns the next character; a backslash and a newline are a blank.
func (l *lexer) get() int {
	if c := l.pushed; c != nop {
		l.pushed = nop
		return c
	}
	c := l.raw()
	if c != '\\' || l.inQuote {
		return c
	}
	if c = l.raw(); c == '\n' && !l.inComment {
		l.line++
		return ' '
	}
	l.pushed = c
	return '\\'
}

// peek returns the next character without consuming it.
func (l *lexer) peek() int {
	if l.ahead == nop {
		l.ahead = l.get()
	}
	return l.ahead
}

// next consumes a character.
func (l *lexer) next() int {
	c := l.peek()
	l.last, l.ahead = c, nop
	if c == '\n' {
		l.line++
	}
	return c
}

// accept consumes the next character if it is c.
func (l *lexer) accept(c int) bool {
	if l.peek() != c {
		return false
	}
	l.next()
	return true
}

// skipBlanks skips blanks and comments.
func (l *lexer) skipBlanks() {
	for {
		c := l.peek()
		if c == '#' {
			l.inComment = true
			for c != '\n' && c != eof {
				l.next()
				c = l.peek()
			}
			l.inComment = false
		}
		if c != ' ' && c != '\t' {
			return
		}
		l.next()
	}
}

// skipNewlines skips blanks, comments and newlines.
func (l *lexer) skipNewlines() {
	for l.skipBlanks(); l.accept('\n'); l.skipBlanks() {
	}
}

// left returns how much of a text is not yet consumed.
func (l *lexer) left() int {
	n := len(l.buf)
	if l.ahead >= 0 {
		n++
	}
	if l.pushed >= 0 {
		n++
	}
	return n
}

// reset begins a new line, after a note ended the reading of one.
func (l *lexer) reset() {
	l.atEOF, l.fresh = false, true
	l.ahead, l.pushed, l.last = nop, nop, 0
	l.buf = nil
	l.lastWord, l.lastDol = false, false
}

// skipLine gives up the rest of the line, after a syntax error.
func (l *lexer) skipLine() {
	l.lastWord, l.lastDol, l.inQuote, l.inComment = false, false, false, false
	for l.last != '\n' && l.last != eof {
		l.next()
	}
}

// wordChar reports whether c can stand in an unquoted word.
func wordChar(c int) bool {
	return c > 0 && strings.IndexByte("\n \t#;&|^$=`'{}()<>", byte(c)) < 0
}

// idChar reports whether c can stand in the name of a variable after a $.
func idChar(c int) bool {
	return c > ' ' && strings.IndexByte("!\"#$%&'()+,-./:;<=>?@[\\]^`{|}~", byte(c)) < 0
}

// token returns the next token. The error is nil but for a malformed operator.
func (l *lexer) token() (token, error) {
	if l.lastWord {
		l.lastWord = false
		switch c := l.peek(); {
		case c == '(':
			l.next()
			return token{kind: tSub, text: "( [SUB]", line: l.line}, nil
		case wordChar(c) || c == '\'' || c == '`' || c == '$':
			return token{kind: '^', text: "^", line: l.line}, nil
		}
	}
	l.skipBlanks()
	t := token{line: l.line, left: l.left()}
	c := l.next()
	if c == '$' {
		l.lastDol = true
		t.kind, t.text = '$', "$"
		if l.accept('#') {
			t.kind, t.text = tCount, "$#"
		} else if l.accept('"') {
			t.kind, t.text = tFlat, `$"`
		}
		return t, nil
	}
	afterDol := l.lastDol
	l.lastDol = false
	var err error
	switch {
	case c == eof:
		t.kind, t.text = tEOF, "EOF"
	case c == '&' && l.accept('&'):
		t.kind, t.text = tAndAnd, "&&"
	case c == '|' && l.accept('|'):
		t.kind, t.text = tOrOr, "||"
	case c == '|' || c == '<' || c == '>':
		err = l.operator(&t, byte(c))
	case c == '\'':
		err = l.quoted(&t)
	case wordChar(c):
		l.word(&t, c, afterDol)
	default:
		t.kind, t.text = kind(c), string(rune(c))
	}
	return t, err
}

// quoted reads the rest of a quoted word. NUL cannot be in a word: it is what
// separates words in the environment.
func (l *lexer) quoted(t *token) error {
	var b []byte
	for {
		l.inQuote = true
		c := l.next()
		l.inQuote = false // what follows the last quote may be a backslash and a newline
		if t.open = c == eof; t.open || c == '\'' && !l.accept('\'') {
			break
		}
		b = append(b, byte(c))
	}
	l.lastWord = true
	t.kind, t.text, t.quoted = tWord, string(b), true
	if strings.IndexByte(t.text, 0) >= 0 {
		return fmt.Errorf("NUL bytes in quotes")
	}
	return nil
}

// word reads the rest of an unquoted word that begins with c.
func (l *lexer) word(t *token, c int, afterDol bool) {
	more := wordChar
	if afterDol {
		more = idChar
	}
	var b []byte
	for {
		if c == '*' || c == '[' || c == '?' {
			t.glob = true
		}
		b = append(b, byte(c))
		if c = l.peek(); !more(c) {
			break
		}
		l.next()
	}
	t.kind, t.text = tWord, string(b)
	if k, ok := keywords[t.text]; ok {
		t.kind = k
		return
	}
	l.lastWord = true
}

// operator reads the rest of a redirection or pipe that begins with c:
//
//	< > << >> <> |  then perhaps  [fd] or [fd=fd] or [fd=]
func (l *lexer) operator(t *token, c byte) error {
	text := []byte{c}
	switch {
	case c == '|':
		t.kind, t.fd = tPipe, 1
	case c == '>':
		t.kind, t.op, t.fd = tRedir, opWrite, 1
		if l.accept('>') {
			t.op, text = opAppend, append(text, '>')
		}
	case l.accept('<'):
		t.kind, t.op, text = tRedir, opHere, append(text, '<')
	case l.accept('>'):
		t.kind, t.op, text = tRedir, opReadWrite, append(text, '>')
	default:
		t.kind, t.op = tRedir, opRead
	}
	ok := true
	if l.accept('[') {
		text = append(text, '[')
		text, ok = l.descriptors(t, text)
	}
	if c := l.peek(); !ok && c > ' ' {
		text = append(text, byte(c))
	}
	t.text = string(text)
	if !ok && t.kind == tPipe {
		return fmt.Errorf("pipe syntax")
	} else if !ok {
		return fmt.Errorf("redirection syntax")
	}
	return nil
}

// descriptors reads the bracketed part of an operator behind its [, appending
// what it reads to text.
func (l *lexer) descriptors(t *token, text []byte) ([]byte, bool) {
	number := func() (n int, ok bool) {
		for c := l.peek(); '0' <= c && c <= '9'; c = l.peek() {
			text = append(text, byte(c))
			if n = n*10 + c - '0'; n > 1<<20 {
				return n, false
			}
			ok = true
			l.next()
		}
		return n, ok
	}
	var ok bool
	if t.fd, ok = number(); !ok {
		return text, false
	}
	if l.accept('=') {
		text = append(text, '=')
		if t.from, ok = number(); !ok {
			if t.kind == tPipe {
				return text, false
			}
			t.from = -1
		}
		if t.kind == tPipe {
			t.fd, t.from = t.from, t.fd
		}
		if t.kind == tRedir { // whatever its arrow
			t.kind = tDup
		}
	}
	if !l.accept(']') {
		return text, false
	}
	return append(text, ']'), true
}
