package rc

import "strings"

// startsWord reports whether a token of kind k begins a word. A redirection
// does too, when a { follows.
func startsWord(k kind) bool {
	switch k {
	case '$', '`', '(', tCount, tFlat:
		return true
	}
	return tWord <= k && k <= tFn
}

// words parses words as long as there are any.
func (p *parser) words() []word {
	var all []word
	for k := p.peek(); startsWord(k) || k == tRedir; k = p.peek() {
		all = append(all, p.word())
	}
	return all
}

// word parses a word that must be there.
func (p *parser) word() word { return p.concat(p.primary()) }

// concat parses what is joined to first by carets.
func (p *parser) concat(first word) word {
	if p.peek() != '^' {
		return first
	}
	parts := []word{first}
	for p.accept('^') {
		parts = append(parts, p.primary())
	}
	return &concat{parts, anyGlobs(parts)}
}

// primary parses a word without carets.
func (p *parser) primary() word {
	defer p.leave()
	if !p.enter() {
		return &literal{}
	}
	k := p.peek()
	if k == tRedir {
		t := p.take()
		return p.pipeFile(t)
	}
	if !startsWord(k) {
		p.fail("syntax error")
		return &literal{}
	}
	t := p.take()
	switch k {
	case '$':
		name := p.primary()
		if !p.accept(tSub) {
			return &variable{name: name}
		}
		subs := p.words()
		p.expect(')')
		return &subscript{name: name, subs: subs}
	case tCount:
		return &count{name: p.primary()}
	case tFlat:
		return &flat{name: p.primary()}
	case '(':
		words := p.words()
		p.expect(')')
		return &list{words, anyGlobs(words)}
	case '`':
		b := &backquote{}
		if p.peek() != '{' {
			b.split = p.word()
		}
		b.body = p.brace()
		return b
	}
	if t.isKeyword() {
		p.lex.lastWord = true // here it is a word like others
	}
	return newLiteral(t)
}

// pipeFile parses the { body } behind t.
func (p *parser) pipeFile(t token) word {
	if t.op == opHere || p.peek() != '{' {
		p.fail("syntax error")
	}
	return &pipeFile{op: t.op, fd: t.fd, body: p.brace()}
}

// newLiteral returns the literal of a token.
func newLiteral(t token) *literal {
	l := &literal{text: t.text, quoted: t.quoted}
	if t.glob {
		l.pattern = markPattern(t.text)
	}
	return l
}

// validTag reports whether the word can end a here document, and be printed.
func validTag(l *literal) bool {
	return l.quoted && !strings.Contains(l.text, "\n") || !l.quoted && !strings.HasSuffix(l.text, `\`)
}

// hereText reads the lines of a here document up to one that is the tag. It
// returns false if there was a NUL among them.
func (l *lexer) hereText(tag string) (text string, ok bool) {
	ok = true
	var b []byte
	for line := 0; ; {
		c := l.raw()
		if c == '\n' {
			l.line++
		}
		switch {
		case (c == '\n' || c == eof) && string(b[line:]) == tag:
			return string(b[:line]), ok
		case c == eof:
			return string(b), ok
		case c == '\n':
			line = len(b) + 1
		case c == 0:
			ok = false
		}
		b = append(b, byte(c))
	}
}
