package awk

// stmts reads statements up to a brace.
func (p *parser) stmts() block {
	b := block{}
	for p.tok != tRbrace && p.tok != tEOF {
		if s := p.stmt(); s != nil {
			b = append(b, s)
		}
	}
	return b
}

// stmt reads a statement and what ends it. It returns nil for an empty one.
func (p *parser) stmt() stmt {
	p.nest()
	defer p.unnest()
	lineno := p.lineno
	switch p.tok {
	case tSemicolon, tNewline:
		p.advance()
		p.newlines()
		return nil
	case tRbrace: // the end of the block is that of the statement
		return nil
	case tLbrace:
		b := p.action()
		p.newlines()
		return b
	case tIf:
		return p.conditional()
	case tWhile, tDo, tFor:
		p.loops++
		s := p.loop()
		p.loops--
		return s
	}
	s := p.simple()
	p.terminator()
	if s == nil {
		return nil
	}
	return &numbered{lineno, s}
}

// body reads the statement of a loop or condition.
func (p *parser) body() stmt {
	if s := p.stmt(); s != nil {
		return s
	}
	return block{}
}

// terminator takes what ends a statement.
func (p *parser) terminator() {
	switch p.tok {
	case tSemicolon, tNewline:
		p.advance()
		p.newlines()
	case tRbrace:
	default:
		p.syntax()
	}
}

// condition reads an expression in parentheses.
func (p *parser) condition() expr {
	p.want(tLparen)
	e := p.expr(false)
	p.want(tRparen)
	return e
}

func (p *parser) conditional() stmt {
	p.advance()
	s := &conditional{test: p.condition()}
	p.newlines()
	s.yes = p.body()
	if p.got(tElse) {
		p.newlines()
		s.no = p.body()
	}
	return s
}

func (p *parser) loop() stmt {
	switch tok := p.tok; {
	case tok == tWhile:
		p.advance()
		s := &loop{test: p.condition()}
		p.newlines()
		s.body = p.body()
		return s
	case tok == tDo:
		p.advance()
		p.newlines()
		s := &loop{post: true, body: p.body()}
		p.want(tWhile)
		s.test = p.condition()
		p.terminator()
		return s
	}
	p.advance()
	p.want(tLparen)
	s := &loop{}
	if p.tok != tSemicolon {
		s.init = p.simple()
		if w := p.walk(s.init); w != nil {
			p.advance()
			p.newlines()
			w.body = p.body()
			return w
		}
	}
	p.wantline(tSemicolon)
	if p.tok != tSemicolon {
		s.test = p.expr(false)
	}
	p.wantline(tSemicolon)
	if p.tok != tRparen {
		s.step = p.simple()
	}
	p.wantline(tRparen)
	s.body = p.body()
	return s
}

// walk returns the loop over an array, if that is how a for has begun.
func (p *parser) walk(init stmt) *walk {
	v, ok := init.(*valstmt)
	if !ok || p.tok != tRparen {
		return nil
	}
	e, ok := v.e.(boolexpr)
	if !ok || p.isclosed(v.e) {
		return nil
	}
	in, ok := e.logical.(*member)
	if !ok || len(in.subs) != 1 {
		return nil
	}
	n, ok := in.subs[0].(name)
	if !ok {
		return nil
	}
	return &walk{lv: n, arr: in.arr}
}

// simple reads a statement without others in it.
func (p *parser) simple() stmt {
	switch p.tok {
	case tPrint, tPrintf:
		return p.print()
	case tDelete:
		return p.remove()
	case tClose:
		p.advance()
		return &numstmt{&mathcall{fn: tClose, args: []expr{p.expr(false)}}}
	case tBreak, tContinue, tNext, tNextfile:
		return p.leave()
	case tReturn:
		if !p.infunc {
			p.fail("return not in function")
		}
		p.advance()
		return &result{p.optional()}
	case tExit:
		p.advance()
		return &quit{p.optional()}
	}
	e := p.expr(false)
	if n, ok := e.(numexpr); ok {
		return &numstmt{n.numeric}
	}
	return &valstmt{e}
}

// optional reads an expression, if there is one before the end of the statement.
func (p *parser) optional() expr {
	switch p.tok {
	case tSemicolon, tNewline, tRbrace, tEOF:
		return nil
	}
	return p.expr(false)
}

// leave reads what goes elsewhere.
func (p *parser) leave() stmt {
	tok := p.tok
	switch {
	case tok == tBreak && p.loops == 0:
		p.fail("break illegal outside of loops")
	case tok == tContinue && p.loops == 0:
		p.fail("continue illegal outside of loops")
	case tok == tNext && p.infunc:
		p.fail("next is illegal inside a function")
	case tok == tNextfile && p.infunc:
		p.fail("nextfile is illegal inside a function")
	}
	p.advance()
	switch tok {
	case tBreak:
		return leave{jumpBreak}
	case tContinue:
		return leave{jumpContinue}
	case tNext:
		return leave{jumpNext}
	}
	return skipfile{}
}

// remove reads delete.
func (p *parser) remove() stmt {
	p.advance()
	s := &remove{arr: p.arrayname()}
	if p.tok == tLbracket {
		s.subs = p.subscripts()
	}
	return s
}

// print reads print or printf.
func (p *parser) print() stmt {
	tok := p.tok
	p.advance()
	var args []expr
	if !p.endsprint() {
		p.listok = p.tok == tLparen
		e := p.expr(true)
		p.listok = false
		if g, ok := e.(*group); ok {
			args = g.list
		} else {
			args = []expr{e}
			for p.got(tComma) {
				p.newlines()
				args = append(args, p.expr(true))
			}
		}
	}
	if args == nil {
		args = []expr{&dollar{}}
	}
	to := p.redirection()
	if tok == tPrint {
		return &print{args, to}
	}
	return &printf{args, to}
}

// endsprint reports whether the arguments of print end here.
func (p *parser) endsprint() bool {
	switch p.tok {
	case tSemicolon, tNewline, tRbrace, tEOF, tGreater, tAppend, tPipe:
		return true
	}
	return false
}

// redirection reads where print writes.
func (p *parser) redirection() output {
	var to output
	what := ""
	switch p.tok {
	case tGreater:
		to.how, what = writing, "print >"
	case tAppend:
		to.how, what = adding, "print >>"
	case tPipe:
		to.how, what = writecmd, "print |"
	default:
		return to
	}
	p.advance()
	p.unsafe(what)
	to.dest = p.sum()
	return to
}

// unsafe is called for what a safe program may not do.
func (p *parser) unsafe(what string) {
	if p.prog.safe {
		p.fail("%s is unsafe", what)
	}
}
