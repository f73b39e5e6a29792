package rc

// The precedences of the binary operators. The operand of ! and @, and of an
// assignment or redirection that stands before its command, is a pipeline;
// the bodies of if, for and while go on as far as they can.
const (
	precAnd  = 1 // && ||
	precPipe = 2
)

// command parses a command whose operators have at least precedence prec.
func (p *parser) command(prec int) command {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	left := p.prefix()
	for {
		k := p.peek()
		switch {
		case (k == tAndAnd || k == tOrOr) && prec <= precAnd:
			t := p.take()
			p.more()
			left = &andOr{start(left, t), k == tOrOr, left, p.command(precAnd + 1)}
		case k == tPipe && prec <= precPipe:
			t := p.take()
			p.more()
			left = &pipe{start(left, t), t.fd, t.from, left, p.command(precPipe + 1)}
		default:
			return left
		}
	}
}

// start returns where a command begins that has left and then op.
func start(left command, op token) at {
	if left == nil {
		return at(op.line)
	}
	return at(left.pos())
}

// prefix parses a command without binary operators. If there is none it
// returns nil, and consumes nothing.
func (p *parser) prefix() command {
	k := p.peek()
	if k == ';' || k == '&' || k == '\n' || k == tEOF {
		return nil
	}
	afterIf := p.afterIf
	p.afterIf = false
	line := at(p.tok.line)
	switch k {
	case '{':
		body := p.brace()
		return p.redirected(line, body, nil)
	case tRedir, tDup:
		r, w := p.redirection()
		if w != nil {
			return p.simple(p.concat(w), line)
		}
		return wrap([]command{r}, p.command(precPipe), line)
	case tIf:
		return p.ifCommand(line, afterIf)
	case tFor:
		return p.forCommand(line)
	case tWhile:
		p.take()
		cond := p.condition()
		return &while{line, cond, p.command(precAnd)}
	case tSwitch:
		return p.switchCommand(line)
	case tTwiddle:
		p.take()
		subject := p.word()
		return &match{line, subject, p.words()}
	case tBang:
		p.take()
		return &bang{line, p.command(precPipe)}
	case tSubshell:
		p.take()
		return &subshell{line, p.command(precPipe)}
	case tFn:
		return p.fn(line)
	}
	if startsWord(k) && !p.tok.isKeyword() {
		return p.simpleOrAssign(line)
	}
	return nil
}

// brace parses { body }
func (p *parser) brace() *brace {
	line := at(p.tok.line)
	p.expect('{')
	return &brace{line, p.body('}')}
}

// condition parses ( body ) and the newlines that may follow it.
func (p *parser) condition() command {
	p.expect('(')
	c := p.body(')')
	p.more()
	return c
}

const strayIfNot = "`if not' does not follow `if(...)'"

func (p *parser) ifCommand(line at, afterIf bool) command {
	p.take()
	if p.peek() != tNot {
		cond := p.condition()
		return &ifCmd{line, cond, p.command(precAnd)}
	}
	p.take()
	if !afterIf {
		p.forbid(line, strayIfNot)
	}
	p.more()
	return &ifNot{line, p.command(precAnd)}
}

func (p *parser) forCommand(line at) command {
	p.take()
	f := &forCmd{at: line}
	p.expect('(')
	f.name = p.word()
	if p.accept(tIn) {
		f.in, f.list = true, p.words()
	}
	p.expect(')')
	p.more()
	f.body = p.command(precAnd)
	return f
}

func (p *parser) fn(line at) command {
	p.take()
	f := &fn{at: line, names: p.words()}
	if p.peek() == '{' {
		f.body = p.brace()
	}
	return f
}

// switchCommand parses a switch and divides its body at the cases.
func (p *parser) switchCommand(line at) command {
	p.take()
	s := &switchCmd{at: line, subject: p.word()}
	for _, c := range appendCommand(nil, p.brace().body) {
		if patterns, ok := caseOf(c); ok {
			s.cases = append(s.cases, switchCase{at: at(c.pos()), patterns: patterns})
			continue
		}
		if len(s.cases) == 0 {
			break
		}
		last := &s.cases[len(s.cases)-1]
		last.body = newSequence(append(appendCommand(nil, last.body), c))
	}
	if len(s.cases) == 0 || len(s.cases) == 1 && s.cases[0].body == nil {
		p.forbid(line, "case missing in switch")
	}
	return s
}

// caseOf returns the patterns of c if that is a case of a switch.
func caseOf(c command) (patterns []word, ok bool) {
	if s, ok := c.(*simple); ok {
		if l, ok := s.args[0].(*literal); ok && l.text == "case" && !l.quoted {
			return s.args[1:], true
		}
	}
	return nil, false
}

// simpleOrAssign parses a command that begins with a word.
func (p *parser) simpleOrAssign(line at) command {
	w := p.word()
	if !p.accept('=') {
		return p.simple(w, line)
	}
	value := p.word()
	return &assign{line, w, value, p.command(precPipe)}
}

// simple parses the arguments and redirections behind the first word.
func (p *parser) simple(first word, line at) command {
	s := &simple{at: line, args: []word{first}}
	var redirs []command
	for {
		switch k := p.peek(); {
		case k == tRedir || k == tDup:
			r, w := p.redirection()
			if w != nil {
				s.args = append(s.args, p.concat(w))
			} else {
				redirs = append(redirs, r)
			}
		case startsWord(k):
			s.args = append(s.args, p.word())
		default:
			s.glob = anyGlobs(s.args)
			return wrap(redirs, s, line)
		}
	}
}

// redirected parses the redirections behind a command in braces.
func (p *parser) redirected(line at, body command, redirs []command) command {
	for k := p.peek(); k == tRedir || k == tDup; k = p.peek() {
		r, w := p.redirection()
		if w != nil {
			p.fail("syntax error")
		}
		redirs = append(redirs, r)
	}
	return wrap(redirs, body, line)
}

// redirection parses a redirection, or the pipe file that begins like one.
// The body of the redirection is yet to be supplied.
func (p *parser) redirection() (command, word) {
	t := p.take()
	if t.kind == tDup {
		return &dup{fd: t.fd, from: t.from}, nil
	}
	if p.peek() == '{' {
		return nil, p.pipeFile(t)
	}
	r := &redirect{line: t.line, op: t.op, fd: t.fd, file: p.word()}
	if t.op == opHere {
		tag, ok := r.file.(*literal)
		if !ok || !validTag(tag) {
			p.fail("Bad here tag")
			return r, nil
		}
		r.here = &heredoc{tag: tag.text, quoted: tag.quoted}
		p.heres = append(p.heres, r.here)
	}
	return r, nil
}

// wrap puts the redirections around body, the first outermost: they are done
// from left to right.
func wrap(redirs []command, body command, line at) command {
	for i := len(redirs) - 1; i >= 0; i-- {
		switch r := redirs[i].(type) {
		case *redirect:
			r.at, r.body = line, body
		case *dup:
			r.at, r.body = line, body
		}
		body = redirs[i]
	}
	return body
}
