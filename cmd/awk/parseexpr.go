package awk

// The expressions of awk, the loosest first. Those of print, for which inprint is
// true, have no comparison but ~ and no cmd | getline, as > and | are its own:
// they need parentheses.
//
//	expr   = or [? expr : expr]
//	or     = and {|| and}
//	and    = rel {&& rel}
//	rel    = cat {| getline [lvalue] | in name | (~ | !~) /re/ | sum} [(< | <= | ... | ~ | !~) cat]
//	cat    = lvalue = expr | sum {sum}
//	sum    = product {(+ | -) product}
//	product = unary {(* | / | %) unary}
//	unary  = (- | + | !) unary | power
//	power  = step [^ unary]
//	step   = (++ | --) lvalue | lvalue (++ | --) | primary
func (p *parser) expr(inprint bool) expr {
	p.nest()
	defer p.unnest()
	test := p.or(inprint)
	if !p.got(tQuestion) {
		return test
	}
	yes := p.expr(inprint)
	p.want(tColon)
	return valexpr{&choice{test, yes, p.expr(inprint)}}
}

func (p *parser) or(inprint bool) expr {
	n := 0
	e := p.and(inprint)
	for ; p.tok == tOr; n++ {
		p.grow(1)
		p.advance()
		p.newlines()
		e = boolexpr{&or{e, p.and(inprint)}}
	}
	p.depth -= n
	return e
}

func (p *parser) and(inprint bool) expr {
	n := 0
	e := p.rel(inprint)
	for ; p.tok == tAnd; n++ {
		p.grow(1)
		p.advance()
		p.newlines()
		e = boolexpr{&and{e, p.rel(inprint)}}
	}
	p.depth -= n
	return e
}

func (p *parser) rel(inprint bool) expr {
	n := 0
	defer func() { p.depth -= n }()
	e := p.cat(inprint)
	for ; !p.isassignment(e); n++ {
		p.grow(1)
		switch op := p.tok; {
		case op == tPipe && !inprint:
			p.advance()
			p.want(tGetline)
			p.unsafe("cmd | getline")
			e = numexpr{&getline{lv: p.optionalLvalue(), from: e, how: readcmd}}
		case op == tIn:
			p.advance()
			e = boolexpr{&member{[]expr{e}, p.arrayname()}}
		case op == tMatch || op == tNotMatch:
			p.advance()
			if p.tok != tDiv && p.tok != tDivAssign {
				return p.match(op, e, p.cat(inprint))
			}
			e = p.match(op, e, p.primary())
		case tLess <= op && op <= tGreaterEqual && !inprint:
			p.advance()
			return boolexpr{&relation{op, e, p.cat(inprint)}}
		case n > 0 && (p.begins() || op == tAdd || op == tSub):
			e = strexpr{&concat{[]expr{e, p.sum()}}}
		default:
			n++
			return e
		}
	}
	return e
}

// isassignment reports whether e is an assignment, which has taken all it could.
func (p *parser) isassignment(e expr) bool {
	if p.isclosed(e) {
		return false
	}
	switch e := e.(type) {
	case valexpr:
		_, ok := e.valued.(*assign)
		return ok
	case numexpr:
		_, ok := e.numeric.(*update)
		return ok
	}
	return false
}

func (p *parser) match(op token, e, re expr) expr {
	m := boolexpr{&match{e, p.matcher(re)}}
	if op == tNotMatch {
		return boolexpr{&not{m}}
	}
	return m
}

// matcher returns e as a regular expression.
func (p *parser) matcher(e expr) matcher {
	if b, ok := e.(boolexpr); ok && !p.isclosed(e) {
		if r, ok := b.logical.(*regex); ok {
			return matcher{re: r.re}
		}
	}
	if c, ok := e.(*constant); ok && c.v.is&isstr != 0 {
		return matcher{re: p.pattern(c.v.s)}
	}
	return matcher{e: e}
}

// pattern compiles an expression of the program.
func (p *parser) pattern(expr string) *pattern {
	re, err := newPattern(p.prog.comp, expr)
	if err != nil {
		p.fail("%v", err)
	}
	return re
}

// isclosed reports whether e stood in parentheses, and so is nothing but a value.
func (p *parser) isclosed(e expr) bool { return e == p.closed }

func (p *parser) cat(inprint bool) expr {
	e := p.sum()
	if lv, ok := e.(lvalue); ok && !p.isclosed(e) && tAddAssign <= p.tok && p.tok <= tAssign {
		op := p.tok
		p.advance()
		p.nest()
		defer p.unnest()
		right := p.expr(inprint)
		if op == tAssign {
			return valexpr{&assign{lv, right}}
		}
		return numexpr{&update{op, lv, right}}
	}
	if !p.begins() {
		return e
	}
	parts := []expr{e}
	for p.begins() {
		parts = append(parts, p.sum())
	}
	return strexpr{&concat{parts}}
}

// begins reports whether the current word may begin what is concatenated.
func (p *parser) begins() bool {
	switch p.tok {
	case tNumber, tString, tName, tCall, tLparen, tDollar, tNot, tIncr, tDecr:
		return true
	case tIn:
		return false
	}
	return tAtan2 <= p.tok && p.tok <= tGetline
}

func (p *parser) sum() expr {
	n := 0
	e := p.product()
	for ; p.tok == tAdd || p.tok == tSub; n++ {
		p.grow(1)
		op := p.tok
		p.advance()
		e = numexpr{&binary{op, e, p.product()}}
	}
	p.depth -= n
	return e
}

func (p *parser) product() expr {
	n := 0
	e := p.unary()
	for ; p.tok == tMul || p.tok == tDiv || p.tok == tMod; n++ {
		p.grow(1)
		op := p.tok
		p.advance()
		e = numexpr{&binary{op, e, p.unary()}}
	}
	p.depth -= n
	return e
}

func (p *parser) unary() expr {
	p.nest()
	defer p.unnest()
	switch p.tok {
	case tSub:
		p.advance()
		return numexpr{&negation{p.unary()}}
	case tAdd: // it changes nothing
		p.advance()
		e := p.unary()
		p.closed = e
		return e
	case tNot:
		p.advance()
		return boolexpr{&not{p.unary()}}
	}
	e := p.step()
	if p.got(tPow) {
		return numexpr{&binary{tPow, e, p.unary()}}
	}
	return e
}

func (p *parser) step() expr {
	by := 1.0
	switch p.tok {
	case tDecr:
		by = -1
		fallthrough
	case tIncr:
		p.advance()
		return numexpr{&step{lv: p.lvalue(), by: by}}
	}
	e := p.primary()
	lv, ok := e.(lvalue)
	if !ok || p.isclosed(e) {
		return e
	}
	switch p.tok {
	case tDecr:
		by = -1
		fallthrough
	case tIncr:
		p.advance()
		return numexpr{&step{lv: lv, by: by, post: true}}
	}
	return e
}

// A group is the list in parentheses that print may have.
type group struct {
	expr
	list []expr
}

func (p *parser) primary() expr {
	listok := p.listok
	p.listok = false
	switch tok := p.tok; {
	case tok == tNumber:
		e := newNumber(p.f)
		p.advance()
		return e
	case tok == tString:
		e := newString(p.s)
		p.advance()
		return e
	case tok == tDiv || tok == tDivAssign:
		return boolexpr{&regex{p.pattern(p.regexp())}}
	case tok == tLparen:
		return p.parenthesis(listok)
	case tok == tName || tok == tDollar:
		return p.lvalue()
	case tok == tCall:
		return p.call()
	case tok == tGetline:
		return p.getline()
	case tAtan2 <= tok && tok < tGetline:
		return p.builtin()
	}
	p.syntax()
	return newNumber(0)
}

// parenthesis reads an expression in parentheses, or several that are the
// subscripts of in, or the arguments of print if listok.
func (p *parser) parenthesis(listok bool) expr {
	p.advance()
	list := p.list(tRparen)
	switch {
	case len(list) == 1:
		p.closed = list[0]
		return list[0]
	case p.got(tIn):
		return boolexpr{&member{list, p.arrayname()}}
	case listok && p.endsprint():
		return &group{list: list}
	}
	p.syntax()
	return newNumber(0)
}

// list reads expressions up to an end.
func (p *parser) list(end token) []expr {
	list := []expr{p.expr(false)}
	for p.got(tComma) {
		p.newlines()
		list = append(list, p.expr(false))
	}
	p.want(end)
	return list
}

// subscripts reads them, with their brackets.
func (p *parser) subscripts() []expr {
	p.advance()
	return p.list(tRbracket)
}

// lvalue reads what can be assigned to.
func (p *parser) lvalue() lvalue {
	if p.tok == tDollar {
		p.nest()
		defer p.unnest()
		p.advance()
		return p.dollar()
	}
	n := p.name()
	if p.tok != tLbracket {
		return n
	}
	p.mark(n)
	return &element{n, p.subscripts()}
}

// dollar reads a field after its $.
func (p *parser) dollar() lvalue {
	var of expr
	switch p.tok {
	case tIncr, tDecr:
		of = p.step()
	case tSub, tAdd, tNot:
		of = p.unary()
	default:
		of = p.primary()
	}
	if c, ok := of.(*constant); ok && c.v.is&isnum != 0 && c.f >= 0 {
		return &dollar{n: integer(c.f)}
	}
	return &dollar{of: of}
}

// optionalLvalue reads one if there is one.
func (p *parser) optionalLvalue() lvalue {
	if p.tok == tName || p.tok == tDollar {
		return p.lvalue()
	}
	return nil
}

// name reads the name of a variable.
func (p *parser) name() name {
	if p.tok != tName {
		p.syntax()
		return &global{}
	}
	s := p.s
	p.advance()
	for i, param := range p.params {
		if param == s {
			return &local{i, s}
		}
	}
	if fn := p.prog.funcs[s]; fn != nil && fn.defined {
		p.fail("%s is a function, not a variable", s)
	}
	i := p.prog.variable(s)
	p.prog.environ = p.prog.environ || i == environ
	return &global{i, s}
}

// arrayname reads the name of an array.
func (p *parser) arrayname() name {
	n := p.name()
	p.mark(n)
	return n
}

// mark notes that a name is that of an array.
func (p *parser) mark(n name) {
	if g, ok := n.(*global); ok {
		p.prog.globals[g.i].array = true
	}
}
