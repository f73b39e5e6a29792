package awk

// call reads the call of one of the program's functions.
func (p *parser) call() expr {
	fn := p.prog.function(p.s)
	p.advance()
	p.advance() // the parenthesis
	if p.got(tRparen) {
		return valexpr{&call{fn: fn}}
	}
	return valexpr{&call{fn, p.list(tRparen)}}
}

// getline reads the forms of it that do not begin with a command.
func (p *parser) getline() expr {
	p.advance()
	e := &getline{lv: p.optionalLvalue()}
	if p.got(tLess) {
		p.unsafe("getline <")
		e.from, e.how = p.sum(), reading
	}
	return numexpr{e}
}

// builtin reads the call of a function of awk.
func (p *parser) builtin() expr {
	fn := p.tok
	p.advance()
	if fn == tSystem {
		p.unsafe("system")
	}
	switch fn {
	case tClose:
		p.want(tLparen)
		return numexpr{&mathcall{fn, p.list(tRparen)}}
	case tIndex, tMatchcall, tSplit, tSprintf, tSubcall, tGsub, tSubstr:
		p.want(tLparen)
		return p.stringcall(fn)
	}
	args := []expr{&dollar{}}
	if p.got(tLparen) && !p.got(tRparen) {
		args = p.list(tRparen)
	}
	if fn == tTolower || fn == tToupper || fn == tUtf {
		return strexpr{&convert{fn, args[0]}}
	}
	return numexpr{&mathcall{fn, args}}
}

// stringcall reads the arguments of a function of strings, whose parenthesis has
// been read.
func (p *parser) stringcall(fn token) expr {
	switch fn {
	case tSprintf:
		return strexpr{&sprintf{p.list(tRparen)}}
	case tSubcall, tGsub:
		return p.substitution(fn == tGsub)
	case tSplit:
		return p.splitting()
	}
	first := p.expr(false)
	p.wantline(tComma)
	second := p.expr(false)
	switch fn {
	case tIndex:
		if b, ok := second.(boolexpr); ok && !p.isclosed(second) {
			if _, ok := b.logical.(*regex); ok {
				p.fail("index() doesn't permit regular expressions")
			}
		}
		p.want(tRparen)
		return numexpr{&position{first, second}}
	case tMatchcall:
		e := numexpr{&find{first, p.matcher(second)}}
		p.want(tRparen)
		return e
	}
	e := &substring{s: first, from: second}
	if p.got(tComma) {
		p.newlines()
		e.n = p.expr(false)
	}
	p.want(tRparen)
	return strexpr{e}
}

// substitution reads the arguments of sub and gsub.
func (p *parser) substitution(global bool) expr {
	e := &substitution{global: global, lv: &dollar{}}
	e.p = p.matcher(p.expr(false))
	p.wantline(tComma)
	e.repl = p.expr(false)
	if p.got(tComma) {
		p.newlines()
		e.lv = p.lvalue()
	}
	p.want(tRparen)
	return numexpr{e}
}

// splitting reads the arguments of split.
func (p *parser) splitting() expr {
	e := &splitting{s: p.expr(false)}
	p.wantline(tComma)
	e.arr = p.arrayname()
	if p.got(tComma) {
		p.newlines()
		e.sep = p.expr(false)
		if b, ok := e.sep.(boolexpr); ok && !p.isclosed(e.sep) {
			if r, ok := b.logical.(*regex); ok {
				e.sep, e.re = nil, r.re
			}
		}
	}
	p.want(tRparen)
	return numexpr{e}
}
