package awk

import "math"

// An assign is lv = e.
type assign struct {
	lv lvalue
	e  expr
}

func (e *assign) val(m *machine) value {
	v := e.e.val(m)
	m.set(e.lv.place(m), v)
	return v
}

// An update is lv += e and its kin, by the operator.
type update struct {
	op token
	lv lvalue
	e  expr
}

func (e *update) num(m *machine) float64 {
	y := e.e.num(m)
	at := e.lv.place(m)
	f := m.arith(e.op, m.get(at).num(), y)
	m.set(at, number(f))
	return f
}

// A step is ++lv and its kin.
type step struct {
	lv   lvalue
	by   float64
	post bool // the value is that before
}

func (e *step) num(m *machine) float64 {
	at := e.lv.place(m)
	f := m.get(at).num()
	m.set(at, number(f+e.by))
	if e.post {
		return f
	}
	return f + e.by
}

// A binary is arithmetic.
type binary struct {
	op   token
	l, r expr
}

func (e *binary) num(m *machine) float64 {
	l := e.l.num(m)
	r := e.r.num(m)
	switch e.op {
	case tAdd:
		return l + r
	case tSub:
		return l - r
	case tMul:
		return l * r
	}
	return m.arith(e.op, l, r)
}

// arith calculates.
func (m *machine) arith(op token, l, r float64) float64 {
	switch op {
	case tAdd, tAddAssign:
		return l + r
	case tSub, tSubAssign:
		return l - r
	case tMul, tMulAssign:
		return l * r
	case tDiv, tDivAssign:
		if r == 0 {
			m.fatal("%s", byZero[op])
		}
		return l / r
	case tMod, tModAssign:
		if r == 0 {
			m.fatal("%s", byZero[op])
		}
		return l - r*math.Trunc(l/r)
	}
	f := math.Pow(l, r)
	if r >= 0 && r == math.Trunc(r) {
		return f
	}
	return m.checked(f, "pow")
}

// byZero are the messages for divisions by zero.
var byZero = map[token]string{
	tDiv: "division by zero", tDivAssign: "division by zero in /=",
	tMod: "division by zero in mod", tModAssign: "division by zero in %=",
}

// checked returns the result of a function. If there is none, it says so and
// returns 1.
func (m *machine) checked(f float64, what string) float64 {
	switch {
	case f != f:
		m.warn("%s argument out of domain", what)
	case math.IsInf(f, 0):
		m.warn("%s result out of range", what)
	default:
		return f
	}
	return 1
}

// A negation is -e.
type negation struct{ e expr }

func (e *negation) num(m *machine) float64 { return -e.e.num(m) }

// A not is !e.
type not struct{ e expr }

func (e *not) truth(m *machine) bool { return !e.e.truth(m) }

// An and is l && r.
type and struct{ l, r expr }

func (e *and) truth(m *machine) bool { return e.l.truth(m) && e.r.truth(m) }

// An or is l || r.
type or struct{ l, r expr }

func (e *or) truth(m *machine) bool { return e.l.truth(m) || e.r.truth(m) }

// A choice is test ? yes : no.
type choice struct{ test, yes, no expr }

func (e *choice) val(m *machine) value {
	if e.test.truth(m) {
		return e.yes.val(m)
	}
	return e.no.val(m)
}

// A relation is l < r and its kin.
type relation struct {
	op   token
	l, r expr
}

func (e *relation) truth(m *machine) bool {
	l := e.l.val(m)
	r := e.r.val(m)
	c := m.compare(&l, &r)
	switch e.op {
	case tLess:
		return c < 0
	case tLessEqual:
		return c <= 0
	case tEqual:
		return c == 0
	case tNotEqual:
		return c != 0
	case tGreaterEqual:
		return c >= 0
	}
	return c > 0
}

// A regex is /re/: a match of $0, or the pattern itself where one is wanted.
type regex struct{ re *pattern }

func (e *regex) truth(m *machine) bool { return e.re.matches(m.str(m.whole())) }

// A matcher is a pattern: a constant, or what the value of an expression says.
type matcher struct {
	re *pattern // nil: it is in e
	e  expr
}

func (p *matcher) pattern(m *machine) *pattern {
	if p.re != nil {
		return p.re
	}
	return m.pattern(p.e.str(m))
}

// A match is e ~ p.
type match struct {
	e expr
	p matcher
}

func (e *match) truth(m *machine) bool {
	s := e.e.str(m)
	return e.p.pattern(m).matches(s)
}

// A member is (subs) in arr.
type member struct {
	subs []expr
	arr  name
}

func (e *member) truth(m *machine) bool {
	a := m.array(e.arr.slot(m))
	return a.find(m.subscript(e.subs)) != nil
}

// A getline is one of its forms: into lv or, if that is nil, $0; from a file or
// command or, if that is nil, the input.
type getline struct {
	lv   lvalue
	from expr
	how  mode
}

func (e *getline) num(m *machine) float64 {
	m.tick()
	m.flushwriter(m.stdout) // in case someone is waiting for a prompt
	if e.from == nil {
		return e.main(m)
	}
	f := m.open(e.from.str(m), e.how)
	if f == nil {
		return -1
	}
	rec, ok, err := m.record(f.in)
	switch {
	case err != nil:
		return -1
	case !ok:
		return 0
	case e.lv != nil:
		m.set(e.lv.place(m), text(rec))
	default:
		m.setrecord(outside(rec))
	}
	return 1
}

// main reads from the input.
func (e *getline) main(m *machine) float64 {
	rec, ok := m.next()
	switch {
	case !ok && e.lv == nil:
		m.setrecord(text(""))
	case e.lv == nil:
		m.setrecord(outside(rec))
	case ok:
		m.set(e.lv.place(m), text(rec))
	}
	if !ok {
		return 0
	}
	return 1
}
