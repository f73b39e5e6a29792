package awk

import "strings"

// An expr is an expression. Each method evaluates it once, as what is asked for.
type expr interface {
	val(m *machine) value
	num(m *machine) float64
	str(m *machine) string
	truth(m *machine) bool
}

// An lvalue is an expression that can be assigned to.
type lvalue interface {
	expr
	// place evaluates what leads there, as a subscript.
	place(m *machine) place
}

// A place is where a value is: v, or if that is nil the field n.
type place struct {
	v *value
	n int
}

// get returns the value at a place, which the caller does not keep.
func (m *machine) get(at place) *value {
	if at.v != nil {
		return at.v
	}
	return m.field(at.n)
}

// set assigns to a place.
func (m *machine) set(at place, v value) {
	v.is &^= unset
	if at.v != nil {
		*at.v = v
		return
	}
	m.setfield(at.n, v)
}

// The three kinds of expressions that are not more than their one method.

type numeric interface{ num(m *machine) float64 }

// A numexpr is an expression whose value is a number.
type numexpr struct{ numeric }

func (e numexpr) val(m *machine) value  { return number(e.num(m)) }
func (e numexpr) str(m *machine) string { return m.numstr(e.num(m)) }
func (e numexpr) truth(m *machine) bool { return e.num(m) != 0 }

type textual interface{ str(m *machine) string }

// A strexpr is an expression whose value is a string.
type strexpr struct{ textual }

func (e strexpr) val(m *machine) value   { return text(e.str(m)) }
func (e strexpr) truth(m *machine) bool  { return e.str(m) != "" }
func (e strexpr) num(m *machine) float64 { f, _ := scan(e.str(m)); return f }

type logical interface{ truth(m *machine) bool }

// A boolexpr is an expression whose value is 0 or 1.
type boolexpr struct{ logical }

func (e boolexpr) val(m *machine) value { return number(e.num(m)) }

func (e boolexpr) num(m *machine) float64 {
	if e.truth(m) {
		return 1
	}
	return 0
}

func (e boolexpr) str(m *machine) string {
	if e.truth(m) {
		return "1"
	}
	return "0"
}

type valued interface{ val(m *machine) value }

// A valexpr is an expression whose value may be of any kind.
type valexpr struct{ valued }

func (e valexpr) num(m *machine) float64 { v := e.val(m); return v.num() }
func (e valexpr) str(m *machine) string  { v := e.val(m); return m.str(&v) }
func (e valexpr) truth(m *machine) bool  { v := e.val(m); return v.truth() }

// A constant is a number or a string of the program.
type constant struct {
	v value
	f float64 // v as a number
}

func (e *constant) val(*machine) value    { return e.v }
func (e *constant) num(*machine) float64  { return e.f }
func (e *constant) str(m *machine) string { return m.str(&e.v) }
func (e *constant) truth(m *machine) bool { return e.v.truth() }

func newNumber(f float64) *constant { return &constant{v: number(f), f: f} }

func newString(s string) *constant {
	f, _ := scan(s)
	return &constant{v: text(s), f: f}
}

// A name is a variable or a parameter.
type name interface {
	lvalue
	slot(m *machine) *slot
}

// A global is a variable of the program.
type global struct {
	i    int
	name string
}

func (e *global) slot(m *machine) *slot {
	if e.i == nf {
		m.splitrecord()
	}
	return &m.globals[e.i]
}

func (e *global) read(m *machine) *value {
	s := e.slot(m)
	if s.arr != nil {
		m.fatal("can't read value of %s; it's an array name.", e.name)
	}
	return &s.value
}

func (e *global) val(m *machine) value   { return *e.read(m) }
func (e *global) num(m *machine) float64 { return e.read(m).num() }
func (e *global) str(m *machine) string  { return m.str(e.read(m)) }
func (e *global) truth(m *machine) bool  { return e.read(m).truth() }

func (e *global) place(m *machine) place {
	s := e.slot(m)
	if s.arr != nil {
		m.fatal("can't assign to %s; it's an array name.", e.name)
	}
	return place{v: &s.value}
}

// A local is a parameter of the function that runs.
type local struct {
	i    int
	name string
}

func (e *local) slot(m *machine) *slot { return &m.frame[e.i] }

func (e *local) read(m *machine) *value {
	s := &m.frame[e.i]
	if s.arr != nil {
		m.fatal("can't read value of %s; it's an array name.", e.name)
	}
	return &s.value
}

func (e *local) val(m *machine) value   { return *e.read(m) }
func (e *local) num(m *machine) float64 { return e.read(m).num() }
func (e *local) str(m *machine) string  { return m.str(e.read(m)) }
func (e *local) truth(m *machine) bool  { return e.read(m).truth() }

func (e *local) place(m *machine) place {
	s := &m.frame[e.i]
	if s.arr != nil {
		m.fatal("can't assign to %s; it's an array name.", e.name)
	}
	return place{v: &s.value}
}

// An element is one of an array.
type element struct {
	arr  name
	subs []expr
}

func (e *element) elem(m *machine) *elem {
	a := m.array(e.arr.slot(m))
	if len(e.subs) == 1 {
		v := e.subs[0].val(m)
		if v.is&isstr != 0 {
			return a.get(v.s)
		}
		m.key = m.appendnum(m.key[:0], v.f, convfmt)
		return a.getbytes(m.key)
	}
	return a.get(m.subscript(e.subs))
}

// subscript returns the key that subscripts make.
func (m *machine) subscript(subs []expr) string {
	if len(subs) == 1 {
		return subs[0].str(m)
	}
	key := m.key[:0]
	m.key = nil // the subscripts may have subscripts
	for i, s := range subs {
		if i > 0 {
			key = append(key, m.global(subsep)...)
		}
		v := s.val(m)
		key = m.append(key, &v, convfmt)
	}
	m.key = key
	return string(key)
}

func (e *element) val(m *machine) value   { return e.elem(m).value }
func (e *element) num(m *machine) float64 { return e.elem(m).value.num() }
func (e *element) str(m *machine) string  { return m.str(&e.elem(m).value) }
func (e *element) truth(m *machine) bool  { return e.elem(m).value.truth() }

func (e *element) place(m *machine) place { return place{v: &e.elem(m).value} }

// A dollar is a field: the one that of says or, if that is nil, n.
type dollar struct {
	of expr
	n  int
}

// index returns which.
func (e *dollar) index(m *machine) int {
	if e.of == nil {
		return e.n
	}
	v := e.of.val(m)
	n := integer(v.num())
	if n == 0 && (v.is&isnum == 0 || v.is&isstr != 0 && v.s == "") {
		m.fatal("illegal field $(%s)%s", m.str(&v), nameof(e.of))
	}
	return n
}

func (e *dollar) val(m *machine) value   { return *m.field(e.index(m)) }
func (e *dollar) num(m *machine) float64 { return m.field(e.index(m)).num() }
func (e *dollar) str(m *machine) string  { return m.str(m.field(e.index(m))) }
func (e *dollar) truth(m *machine) bool  { return m.field(e.index(m)).truth() }
func (e *dollar) place(m *machine) place { return place{n: e.index(m)} }

// nameof returns what to say of a variable in a message.
func nameof(e expr) string {
	switch e := e.(type) {
	case *global:
		return ", name \"" + e.name + "\""
	case *local:
		return ", name \"" + e.name + "\""
	}
	return ""
}

// append appends a value as a string.
func (m *machine) append(b []byte, v *value, how int) []byte {
	if v.is&isstr != 0 {
		return append(b, v.s...)
	}
	return m.appendnum(b, v.f, how)
}

// A concat is expressions side by side.
type concat struct{ parts []expr }

func (e *concat) str(m *machine) string {
	if len(e.parts) == 2 {
		l := e.parts[0].str(m)
		return m.bounded(l + e.parts[1].str(m))
	}
	var few [8]string
	all := few[:0]
	for _, p := range e.parts {
		all = append(all, p.str(m))
	}
	return m.bounded(strings.Join(all, ""))
}

// bounded returns s, or ends the program if that is too long.
func (m *machine) bounded(s string) string {
	if len(s) > maxstring {
		m.fatal("out of space concatenating %.15s...", s)
	}
	return s
}
