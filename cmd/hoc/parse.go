package hoc

// A parser reads a line.
type parser struct {
	h     *Hoc
	tok   token // looked at, if ahead
	ahead bool
	nest  int
	inDef bool // in a definition

	num float64 // of a number
	str string  // of a text or name
	op  token   // of an assignOp
}

// maxNest is how deep a line may be in itself.
const maxNest = 200

// An expr is an expression, a stmt a statement, which reports whether a
// return ends the call it is in.
type (
	expr func(h *Hoc) float64
	stmt func(h *Hoc) (returns bool)
)

func (p *parser) look() token {
	if !p.ahead {
		p.tok, p.ahead = p.next(), true
	}
	return p.tok
}

func (p *parser) accept(t token) bool {
	if p.look() != t {
		return false
	}
	p.ahead = false
	return true
}

func (p *parser) expect(t token) {
	if !p.accept(t) {
		panic(failure("syntax error"))
	}
}

// enter counts nesting; what it returns leaves again.
func (p *parser) enter() func() {
	if p.nest++; p.nest > maxNest {
		panic(failure("program too big"))
	}
	return func() { p.nest-- }
}

// command reads a line that does something; nil at the end of the input.
func (p *parser) command() (s stmt) {
	for p.accept('\n') {
	}
	switch p.look() {
	case end:
		return nil
	case kwFunc, kwProc:
		s = p.define()
	case name, number, '(', '-', '!', incr, decr, kwRead:
		s = p.line()
	default:
		s = p.statement()
	}
	p.expect('\n')
	return s
}

// line reads an expression whose value is printed, unless it is an
// assignment; or a call of a procedure.
func (p *parser) line() stmt {
	if p.isProc() {
		return p.statement()
	}
	x, assigns := p.assignment()
	return func(h *Hoc) bool {
		v := x(h)
		if !assigns {
			h.out.WriteString(format(v) + "\n")
			last := h.lookup("_")
			last.value, last.defined = v, true
		}
		return false
	}
}

// isProc reports whether the next token is a procedure.
func (p *parser) isProc() bool {
	if p.look() != name {
		return false
	}
	s := p.h.names[p.str]
	return s != nil && s.def != nil && s.def.proc
}

// define reads a definition. The name is a function's at once, so that it can
// call itself.
func (p *parser) define() stmt {
	f := &function{proc: p.look() == kwProc}
	p.ahead = false
	p.expect(name)
	if builtins[p.str] != nil {
		panic(failure("syntax error"))
	}
	s := p.h.lookup(p.str)
	old := s.def
	s.def = f
	done := false
	defer func() {
		if !done {
			s.def = old
		}
	}()
	p.expect('(')
	for !p.accept(')') {
		if len(f.formals) > 0 {
			p.expect(',')
		}
		p.expect(name)
		f.formals = append(f.formals, p.h.lookup(p.str))
	}
	p.inDef = true
	f.body = p.statement()
	done = true
	return func(*Hoc) bool { return false }
}

// statement reads a statement.
func (p *parser) statement() stmt {
	defer p.enter()()
	switch p.look() {
	case kwReturn:
		p.ahead = false
		return p.returning()
	case kwPrint:
		p.ahead = false
		return p.printing()
	case kwIf:
		p.ahead = false
		return p.ifelse()
	case kwWhile:
		p.ahead = false
		p.expect('(')
		cond := p.expr(0)
		p.expect(')')
		return loop(nil, cond, nil, p.statement())
	case kwFor:
		p.ahead = false
		return p.loop()
	case '{':
		p.ahead = false
		return p.block()
	}
	if p.isProc() {
		p.ahead = false
		call := p.call(p.h.lookup(p.str))
		return func(h *Hoc) bool {
			call(h)
			return false
		}
	}
	x, _ := p.assignment()
	return func(h *Hoc) bool {
		x(h)
		return false
	}
}

// block reads statements up to a closing brace.
func (p *parser) block() stmt {
	var all []stmt
	for !p.accept('}') {
		if !p.accept('\n') {
			all = append(all, p.statement())
		}
	}
	return func(h *Hoc) bool {
		for _, s := range all {
			if s(h) {
				return true
			}
		}
		return false
	}
}

// printing reads what print prints.
func (p *parser) printing() stmt {
	var all []func(h *Hoc) string
	for len(all) == 0 || p.accept(',') {
		if p.accept(text) {
			s := p.str
			all = append(all, func(*Hoc) string { return s })
			continue
		}
		x := p.expr(0)
		all = append(all, func(h *Hoc) string { return format(x(h)) + " " })
	}
	return func(h *Hoc) bool {
		for _, s := range all {
			h.out.WriteString(s(h))
		}
		return false
	}
}

// ifelse reads an if after its word.
func (p *parser) ifelse() stmt {
	p.expect('(')
	cond := p.expr(0)
	p.expect(')')
	then, other := p.statement(), stmt(func(*Hoc) bool { return false })
	if p.accept(kwElse) {
		other = p.statement()
	}
	return func(h *Hoc) bool {
		if cond(h) != 0 {
			return then(h)
		}
		return other(h)
	}
}

// loop reads a for after its word.
func (p *parser) loop() stmt {
	p.expect('(')
	first := p.expr(0)
	p.expect(';')
	cond := p.expr(0)
	p.expect(';')
	after := p.expr(0)
	p.expect(')')
	return loop(first, cond, after, p.statement())
}

// loop is a while, or a for that has a first and an after.
func loop(first, cond, after expr, body stmt) stmt {
	return func(h *Hoc) bool {
		if first != nil {
			first(h)
		}
		for cond(h) != 0 {
			h.step()
			if body(h) {
				return true
			}
			if after != nil {
				after(h)
			}
		}
		return false
	}
}
