package hoc

// maxCalls is how deep calls may be in each other.
const maxCalls = 1000

// expr reads an expression of operators that bind no less than prec.
func (p *parser) expr(prec int) expr {
	defer p.enter()()
	x, _ := p.operand()
	return p.climb(x, prec)
}

// assignment reads an expression and reports whether it is an assignment.
func (p *parser) assignment() (expr, bool) {
	x, assigns := p.operand()
	if assigns {
		return x, true
	}
	return p.climb(x, 0), false
}

// climb goes on after an operand. The operators it finds are done one after
// the other.
func (p *parser) climb(x expr, prec int) expr {
	type term struct {
		do func(x, y float64) float64
		y  expr
	}
	var terms []term
	for {
		op := p.look()
		n := precedence[op]
		if n == 0 || n < prec {
			break
		}
		p.ahead = false
		if op != '^' {
			n++
		}
		terms = append(terms, term{binary[op], p.expr(n)})
	}
	if terms == nil {
		return x
	}
	return func(h *Hoc) float64 {
		v := x(h)
		for _, t := range terms {
			v = t.do(v, t.y(h))
		}
		return v
	}
}

// operand reads one, or an assignment, which takes all that follows.
func (p *parser) operand() (x expr, assigns bool) {
	tok := p.look()
	p.ahead = false
	switch tok {
	case number:
		v := p.num
		return func(*Hoc) float64 { return v }, false
	case '(':
		x = p.expr(0)
		p.expect(')')
		return x, false
	case '-':
		y := p.expr(6)
		return func(h *Hoc) float64 { return -y(h) }, false
	case '!':
		y := p.expr(6)
		return func(h *Hoc) float64 { return truth(y(h) == 0) }, false
	case incr, decr:
		p.expect(name)
		return p.step(tok, true), false
	case kwRead:
		p.expect('(')
		p.expect(name)
		s := p.h.lookup(p.str)
		p.expect(')')
		return func(h *Hoc) float64 { return h.read(s) }, false
	case name:
		return p.named()
	}
	p.ahead = true
	panic(failure("syntax error"))
}

// named reads what begins with a name, which has been taken.
func (p *parser) named() (x expr, assigns bool) {
	if f := builtins[p.str]; f != nil {
		p.expect('(')
		x := p.expr(0)
		p.expect(')')
		return func(h *Hoc) float64 { return f(x(h)) }, false
	}
	s := p.h.lookup(p.str)
	if s.def != nil {
		if s.def.proc {
			panic(failure("syntax error"))
		}
		return p.call(s), false
	}
	switch tok := p.look(); tok {
	case '=':
		p.ahead = false
		x := p.expr(0)
		return func(h *Hoc) float64 { return s.assign(x(h)) }, true
	case assignOp:
		p.ahead = false
		do := binary[p.op]
		x := p.expr(0)
		return func(h *Hoc) float64 {
			y := x(h)
			return s.assign(do(s.value, y))
		}, true
	case incr, decr:
		p.ahead = false
		p.str = s.name
		return p.step(tok, false), false
	}
	return func(*Hoc) float64 { return s.get() }, false
}

// get returns the value of a variable.
func (s *symbol) get() float64 {
	switch {
	case s.def != nil:
		panic(failure("attempt to evaluate non-variable " + s.name))
	case !s.defined:
		panic(failure("undefined variable " + s.name))
	}
	return s.value
}

// assign gives a variable a value.
func (s *symbol) assign(x float64) float64 {
	if s.def != nil {
		panic(failure("assignment to non-variable " + s.name))
	}
	s.value, s.defined = x, true
	return x
}

// step is ++ or -- with the variable just read.
func (p *parser) step(tok token, after bool) expr {
	s, d := p.h.lookup(p.str), 1.0
	if tok == decr {
		d = -1
	}
	return func(*Hoc) float64 {
		old := s.get()
		s.value = old + d
		if after {
			return s.value
		}
		return old
	}
}

// A frame is a call, with its value once there is one.
type frame struct {
	f     *symbol
	value float64
	has   bool
}

// call reads the arguments of a call.
func (p *parser) call(s *symbol) expr {
	p.expect('(')
	var args []expr
	for !p.accept(')') {
		if len(args) > 0 {
			p.expect(',')
		}
		args = append(args, p.expr(0))
	}
	return func(h *Hoc) float64 {
		values := make([]float64, len(args))
		for i, x := range args {
			values[i] = x(h)
		}
		return h.call(s, values)
	}
}

// call calls a function or a procedure.
func (h *Hoc) call(s *symbol, args []float64) float64 {
	f := s.def
	switch {
	case f == nil || f.body == nil:
		panic(failure("undefined function " + s.name))
	case len(args) != len(f.formals):
		panic(failure(s.name + " called with wrong number of arguments"))
	case len(h.frames) == maxCalls:
		panic(failure(s.name + " call nested too deeply"))
	}
	h.step()
	for i, v := range f.formals {
		v.saved = append(v.saved, symbol{value: v.value, defined: v.defined, def: v.def})
		v.value, v.defined, v.def = args[i], true, nil
	}
	h.frames = append(h.frames, frame{f: s})
	f.body(h)
	last := h.frames[len(h.frames)-1]
	h.frames = h.frames[:len(h.frames)-1]
	if !f.proc && !last.has {
		panic(failure(s.name + " (func) returns no value"))
	}
	for _, v := range f.formals {
		old := v.saved[len(v.saved)-1]
		v.saved = v.saved[:len(v.saved)-1]
		v.value, v.defined, v.def = old.value, old.defined, old.def
	}
	return last.value
}

// returning reads a return after its word.
func (p *parser) returning() stmt {
	var x expr
	switch p.look() {
	case '\n', '}', end, kwElse:
	default:
		x = p.expr(0)
	}
	if !p.inDef {
		panic(failure("return used outside definition"))
	}
	if x == nil {
		return func(*Hoc) bool { return true }
	}
	return func(h *Hoc) bool {
		top := len(h.frames) - 1
		if h.frames[top].f.def.proc {
			panic(failure(h.frames[top].f.name + " (proc) returns value"))
		}
		v := x(h)
		h.frames[top].value, h.frames[top].has = v, true
		return true
	}
}
