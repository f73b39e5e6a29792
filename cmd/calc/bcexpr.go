package calc

import "strings"

// An operator of two operands.
type operator struct {
	prec  int
	right bool // associative
	do    func(m *Machine)
}

// operators by their characters.
var operators = map[token]operator{
	'+': {1, false, (*Machine).add},
	'-': {1, false, minus},
	'*': {2, false, (*Machine).mul},
	'/': {2, false, (*Machine).div},
	'%': {2, false, (*Machine).rem},
	'^': {3, true, (*Machine).pow},
}

// expr reads an expression of operators that bind no less than prec.
func (p *parser) expr(prec int) expr {
	defer p.enter()()
	x, _ := p.operand()
	return p.climb(x, prec)
}

// climb goes on after an operand. The operators it finds are done one after
// the other, so that a sum may have any number of terms.
func (p *parser) climb(x expr, prec int) expr {
	type term struct {
		y  expr
		do func(m *Machine)
	}
	var terms []term
	for {
		op, ok := operators[p.look()]
		if !ok || op.prec < prec {
			break
		}
		p.ahead = false
		least := op.prec + 1
		if op.right {
			least = op.prec
		}
		terms = append(terms, term{p.expr(least), op.do})
	}
	if terms == nil {
		return x
	}
	return func(b *bc) {
		x(b)
		for _, t := range terms {
			t.y(b)
			b.step()
			t.do(b.Machine)
		}
	}
}

// operand reads one, or an assignment, which takes all that follows.
func (p *parser) operand() (x expr, assigns bool) {
	switch tok := p.look(); tok {
	case '(':
		p.ahead = false
		x = p.expr(0)
		p.expect(')')
		return x, false
	case '-':
		// It binds as the other minus does: -2^2 is -4.
		p.ahead = false
		return negate(p.expr(2)), false
	case tokDigit, '.', '_':
		return p.number(), false
	case tokIncr, tokDecr:
		p.ahead = false
		return p.place().step(stepping(tok), true), false
	case tokSqrt, tokLength:
		p.ahead = false
		p.expect('(')
		x = p.expr(0)
		p.expect(')')
		if tok == tokSqrt {
			return unary(x, (*Machine).sqrt), false
		}
		return unary(x, (*Machine).length), false
	case tokScale, tokIbase, tokObase:
		p.ahead = false
		return p.registered(tok), false
	}
	return p.named()
}

// stepping returns what ++ or -- does with a value and 1.
func stepping(tok token) func(m *Machine) {
	if tok == tokIncr {
		return (*Machine).add
	}
	return minus
}

// place reads what ++ and -- can stand before.
func (p *parser) place() place {
	switch tok := p.look(); tok {
	case tokScale, tokIbase, tokObase:
		p.ahead = false
		return register(tok)
	}
	letter := p.letter()
	if !p.accept('[') {
		return variable(letter)
	}
	x := p.expr(0)
	p.expect(']')
	return element(letter, x)
}

// registered reads what follows one of the words scale, ibase and obase.
func (p *parser) registered(word token) expr {
	if word == tokScale && p.accept('(') {
		x := p.expr(0)
		p.expect(')')
		return unary(x, (*Machine).fraction)
	}
	return p.stepped(register(word))
}

// stepped reads a ++ or -- behind a place.
func (p *parser) stepped(place place) expr {
	if tok := p.look(); tok == tokIncr || tok == tokDecr {
		p.ahead = false
		return place.step(stepping(tok), false)
	}
	return place.get
}

// named reads what begins with a letter.
func (p *parser) named() (x expr, assigns bool) {
	letter := p.letter()
	to := variable(letter)
	switch {
	case p.accept('('):
		return p.call(letter), false
	case p.accept('['):
		x := p.expr(0)
		p.expect(']')
		to = element(letter, x)
	}
	if p.accept('=') {
		return to.assign(p.expr(0)), true
	}
	if p.accept(tokAssign) {
		op := operators[token(p.op)].do
		return to.assignOp(p.expr(0), op), true
	}
	return p.stepped(to), false
}

// call reads the arguments of a call.
func (p *parser) call(letter byte) expr {
	var args []expr
	for !p.accept(')') {
		if len(args) > 0 {
			p.expect(',')
		}
		args = append(args, p.argument())
	}
	return func(b *bc) {
		for _, x := range args {
			x(b)
		}
		b.call(letter)
	}
}

// argument reads one: an expression, or an array, which is a letter and empty
// brackets.
func (p *parser) argument() expr {
	if p.look() != tokLetter {
		return p.expr(0)
	}
	letter := p.letter()
	to := variable(letter)
	switch {
	case p.accept('('):
		return p.climb(p.call(letter), 0)
	case p.accept('['):
		if p.accept(']') {
			return func(b *bc) { b.push(copyArray(b.top(&b.arrays[letter-'a']))) }
		}
		x := p.expr(0)
		p.expect(']')
		to = element(letter, x)
	}
	if p.accept('=') {
		return to.assign(p.expr(0))
	}
	if p.accept(tokAssign) {
		op := operators[token(p.op)].do
		return to.assignOp(p.expr(0), op)
	}
	return p.climb(p.stepped(to), 0)
}

// number reads a constant: digits, between which there may be blanks. A point
// alone is the value printed or dropped last.
func (p *parser) number() expr {
	var b strings.Builder
	digits := func() {
		for p.accept(tokDigit) {
			b.WriteByte(p.char)
		}
	}
	if p.accept('_') {
		b.WriteByte('_')
	}
	digits()
	if p.accept('.') {
		n := b.Len()
		b.WriteByte('.')
		digits()
		if n == 0 && b.Len() == 1 {
			return func(b *bc) { b.push(b.last) }
		}
	}
	return constant(b.String())
}
