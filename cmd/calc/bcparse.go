package calc

import "errors"

// errSyntax is a panic that ends the parse of a statement.
var errSyntax = errors.New("syntax error")

// errQuit is one that ends the program: quit, or the end of the input.
var errQuit = errors.New("quit")

// maxNest is how deep expressions and statements may be in each other.
const maxNest = 200

// A parser makes the tree.
type parser struct {
	*lexer
	tok    token // looked at, if ahead
	ahead  bool
	nest   int
	silent bool // -s
}

// look returns the next token without taking it.
func (p *parser) look() token {
	if !p.ahead {
		p.tok, p.ahead = p.next(), true
		if p.tok == tokEOF || p.tok == tokQuit {
			panic(errQuit)
		}
	}
	return p.tok
}

// accept takes the next token if it is t.
func (p *parser) accept(t token) bool {
	if p.look() == t {
		p.ahead = false
		return true
	}
	return false
}

// expect takes a token that must be t.
func (p *parser) expect(t token) {
	if !p.accept(t) {
		panic(errSyntax)
	}
}

// letter takes a letter.
func (p *parser) letter() byte {
	p.expect(tokLetter)
	return p.char
}

// enter counts nesting; what it returns leaves again.
func (p *parser) enter() func() {
	if p.nest++; p.nest > maxNest {
		panic(errSyntax)
	}
	return func() { p.nest-- }
}

// tail takes the end of a statement.
func (p *parser) tail() {
	if p.accept('\n') {
		p.line++
		return
	}
	p.expect(';')
}

// command reads a statement or a definition.
func (p *parser) command() stmt {
	p.nest = 0
	if p.accept(tokDefine) {
		return p.define()
	}
	s := p.statement(true)
	p.tail()
	return s
}

// define reads a definition after its word.
func (p *parser) define() stmt {
	letter, f := p.letter(), &function{}
	p.expect('(')
	if p.look() != ')' {
		f.params = p.names()
	}
	p.expect(')')
	p.expect('{')
	p.tail()
	for p.accept(tokAuto) {
		f.autos = append(f.autos, p.names()...)
		p.tail()
	}
	f.body = p.list()
	return func(b *bc) flow {
		b.funcs[letter-'a'] = f
		return next
	}
}

// names reads names with commas between them.
func (p *parser) names() (list []name) {
	for {
		n := name{letter: p.letter()}
		if p.accept('[') {
			p.expect(']')
			n.array = true
		}
		list = append(list, n)
		if !p.accept(',') {
			return list
		}
	}
}

// list reads statements up to a closing brace.
func (p *parser) list() stmt {
	var all []stmt
	for {
		all = append(all, p.statement(false))
		if p.accept('}') {
			break
		}
		p.tail()
	}
	return func(b *bc) flow {
		for _, s := range all {
			if f := s(b); f != next {
				return f
			}
		}
		return next
	}
}

// statement reads one. At the top values are printed.
func (p *parser) statement(top bool) stmt {
	defer p.enter()()
	switch p.look() {
	case '\n', ';', '}':
		return func(*bc) flow { return next }
	case '{':
		p.ahead = false
		return p.list()
	case tokString:
		p.ahead = false
		text := p.text
		return func(b *bc) flow {
			b.out.WriteString(text)
			return next
		}
	case tokBreak:
		p.ahead = false
		return func(*bc) flow { return breaks }
	case tokPrint:
		p.ahead = false
		return printing(p.expr(0))
	case tokReturn:
		p.ahead = false
		return p.returning()
	case tokIf, tokWhile, tokFor:
		return p.controlling()
	}
	x, assigns := p.value()
	if !top || assigns || p.silent {
		return dropping(x)
	}
	return printing(x)
}

// value reads an expression that is a statement, and reports whether it is an
// assignment.
func (p *parser) value() (x expr, assigns bool) {
	switch word := p.look(); word {
	case tokScale, tokIbase, tokObase:
		p.ahead = false
		place := register(word)
		if p.accept('=') {
			return setting(place, p.expr(0)), true
		}
		if p.accept(tokAssign) {
			op := operators[token(p.op)].do
			return setting(place, binary(place.get, p.expr(0), op)), true
		}
		return p.climb(p.registered(word), 0), false
	}
	x, assigns = p.operand()
	if assigns {
		return x, true
	}
	return p.climb(x, 0), false
}

// returning reads the value after the word return.
func (p *parser) returning() stmt {
	switch p.look() {
	case '\n', ';', '}':
		return func(b *bc) flow {
			b.push(integer(0))
			return returns
		}
	}
	x := p.expr(0)
	return func(b *bc) flow {
		x(b)
		return returns
	}
}

// controlling reads an if, while or for.
func (p *parser) controlling() stmt {
	word := p.look()
	p.ahead = false
	p.expect('(')
	var first, last stmt
	if word == tokFor {
		first = dropping(p.expr(0))
		p.expect(';')
	}
	cond := p.condition()
	if word == tokFor {
		p.expect(';')
		last = dropping(p.expr(0))
	}
	p.expect(')')
	body := p.statement(false)
	if word == tokIf {
		return func(b *bc) flow {
			if cond(b) {
				return body(b)
			}
			return next
		}
	}
	return looping(first, last, cond, body)
}

// condition reads a comparison, or an expression that shall not be 0.
func (p *parser) condition() func(b *bc) bool {
	x, y := p.expr(0), expr(func(b *bc) { b.push(integer(0)) })
	op := p.look()
	switch op {
	case tokEq, tokNe, tokLe, tokGe, '<', '>':
		p.ahead = false
		y = p.expr(0)
	default:
		op = tokNe
	}
	return func(b *bc) bool {
		x(b)
		y(b)
		if !b.sub() {
			return false
		}
		v, _ := b.take()
		switch sign := v.n.Sign(); op {
		case tokEq:
			return sign == 0
		case tokNe:
			return sign != 0
		case tokLe:
			return sign <= 0
		case tokGe:
			return sign >= 0
		case '<':
			return sign < 0
		default:
			return sign > 0
		}
	}
}
