package rc

import (
	"fmt"
	"strings"
)

// An Error is a syntax error.
type Error struct {
	File  string
	Line  int
	Token string // the offending token; "" if it does not help
	Msg   string
}

// Error returns the error as rc prints it: file:line: token 'x': syntax error
func (e *Error) Error() string {
	if e.Token == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
	}
	return fmt.Sprintf("%s:%d: token %s: %s", e.File, e.Line, Quote(e.Token), e.Msg)
}

// A Tree is a parsed text.
type Tree struct {
	root command
}

// Parse parses a whole text in rc's language. File is for error messages: an
// error is an *Error.
func Parse(file, text string) (*Tree, error) {
	p := &parser{lex: newStringLexer(file, text)}
	t, err := p.text()
	if err != nil {
		return nil, err
	}
	return &Tree{t}, nil
}

// maxDepth bounds how deep commands nest, for input that is no program.
const maxDepth = 500

// A parser is a recursive-descent parser with one token of look-ahead, which
// is read only when it is needed: see lexer. After the first syntax error all
// tokens are tEOF, so that every loop ends.
type parser struct {
	lex     *lexer
	tok     token
	have    bool   // tok has been read and not consumed
	err     *Error // syntax error: the text makes no sense
	static  *Error // the text parses but must not run
	heres   []*heredoc
	afterIf bool // an `if not' may stand here
	whole   bool // the text is there to its end: no more lines follow
	depth   int
}

// peek returns the kind of the next token.
func (p *parser) peek() kind {
	if p.err != nil {
		return tEOF
	}
	if !p.have {
		var err error
		p.tok, err = p.lex.token()
		p.have = true
		if err != nil {
			p.fail(err.Error())
			return tEOF
		}
		if p.tok.open {
			p.tok.text = "EOF"
			p.fail("syntax error")
			return tEOF
		}
	}
	return p.tok.kind
}

// take consumes the next token.
func (p *parser) take() token {
	p.peek()
	p.have = false
	return p.tok
}

// accept consumes the next token if it is of kind k.
func (p *parser) accept(k kind) bool {
	if p.err != nil || p.peek() != k {
		return false
	}
	p.have = false
	return true
}

// expect consumes a token of kind k; anything else is a syntax error.
func (p *parser) expect(k kind) {
	if !p.accept(k) {
		p.fail("syntax error")
	}
}

// more skips newlines where a command has to follow. It may be empty, but in a
// file that is read line by line its line has to begin.
func (p *parser) more() {
	if p.err == nil {
		p.lex.skipNewlines()
	}
	if !p.whole && p.peek() == tEOF {
		p.fail("syntax error")
	}
}

// fail records the first syntax error, at the next token.
func (p *parser) fail(msg string) {
	if p.err == nil {
		p.err = &Error{p.lex.file, p.tok.line, strings.TrimPrefix(p.tok.text, "\n"), msg}
	}
}

// forbid records that what begins at line parses but makes no sense.
func (p *parser) forbid(line at, msg string) {
	if p.static == nil {
		p.static = &Error{File: p.lex.file, Line: int(line), Msg: msg}
	}
}

// enter counts a level of nesting; the caller defers leave.
func (p *parser) enter() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested too deep")
	}
	return p.err == nil
}

func (p *parser) leave() { p.depth-- }

// line parses commands up to the end of the line. At the end of the input it
// returns false. The rest of a line with a syntax error is skipped.
func (p *parser) line() (c command, ok bool, err error) {
	if p.peek() == tEOF && p.err == nil {
		p.have = false
		return nil, false, nil
	}
	c = p.sequence(func(k kind) bool { return k == '\n' || k == tEOF })
	if p.err == nil && p.peek() == '\n' {
		p.newline()
	}
	p.have = false
	defer func() { p.err, p.static, p.heres, p.depth = nil, nil, nil, 0 }()
	if p.err != nil {
		p.lex.skipLine()
		return nil, true, p.err
	}
	if p.static != nil {
		return nil, true, p.static
	}
	return c, true, nil
}

// text parses everything up to the end of the input.
func (p *parser) text() (command, error) {
	p.whole = true
	var all []command
	for {
		c, ok, err := p.line()
		if err != nil {
			return nil, err
		}
		if !ok {
			return newSequence(all), nil
		}
		all = appendCommand(all, c)
	}
}

// newline consumes a newline and reads the here documents of its line.
func (p *parser) newline() {
	p.have = false
	for _, h := range p.heres {
		text, ok := p.lex.hereText(h.tag)
		if !ok {
			p.fail("NUL bytes in here doc")
		}
		h.text = text
	}
	p.heres = nil
}

// body parses a list of commands up to the token end and consumes that.
func (p *parser) body(end kind) command {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	afterIf := p.afterIf
	p.afterIf = false
	var all []command
	for {
		c := p.sequence(func(k kind) bool { return k == '\n' || k == end })
		all = appendCommand(all, c)
		if p.peek() != '\n' {
			break
		}
		p.newline()
	}
	p.expect(end)
	p.afterIf = afterIf
	return newSequence(all)
}

// sequence parses commands separated by ; and & up to a token for which end
// is true, which it leaves.
func (p *parser) sequence(end func(kind) bool) command {
	var all []command
	for {
		c := p.command(precAnd)
		if c != nil {
			p.afterIf = endsInIf(c)
		}
		switch k := p.peek(); {
		case k == ';':
			p.take()
		case k == '&':
			line := p.take().line
			if c != nil {
				line = c.pos()
			}
			if _, ok := c.(*ifNot); ok { // another process has no if before it
				p.forbid(at(line), strayIfNot)
			}
			c = &async{at(line), c}
			p.afterIf = false
		case end(k):
			return newSequence(appendCommand(all, c))
		default:
			p.fail("syntax error")
			return nil
		}
		all = appendCommand(all, c)
	}
}

// appendCommand adds c, which may be nil or itself a sequence, to all.
func appendCommand(all []command, c command) []command {
	switch c := c.(type) {
	case nil:
		return all
	case *sequence:
		return append(all, c.list...)
	}
	return append(all, c)
}

func newSequence(all []command) command {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return &sequence{at(all[0].pos()), all}
}

// endsInIf reports whether an `if not' may follow c.
func endsInIf(c command) bool {
	switch c := c.(type) {
	case *ifCmd:
		return true
	case *ifNot:
		return endsInIf(c.body)
	}
	return false
}
