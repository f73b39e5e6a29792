package calc

import "math/big"

// The tree of a program of bc(1). An expression and a statement are functions
// of the interpreter: what is done with them is to call them.

// An expr leaves a value on the stack.
type expr func(b *bc)

// A stmt does something and says how to go on.
type stmt func(b *bc) flow

// flow is what follows a statement.
type flow int

const (
	next flow = iota
	breaks
	returns
)

// A function of a program.
type function struct {
	params []name
	autos  []name
	body   stmt
}

// A name is that of a variable, or of an array.
type name struct {
	letter byte
	array  bool
}

// constant is a number, which means what it does in the input base of when
// it is used.
func constant(text string) expr {
	var value Value
	var base *big.Int
	return func(b *bc) {
		if base == nil || base.Cmp(b.ibase) != 0 {
			base, value = b.ibase, parse(text, b.ibase)
		}
		b.push(value)
	}
}

// binary is an operation on two expressions.
func binary(x, y expr, op func(m *Machine)) expr {
	return func(b *bc) {
		x(b)
		y(b)
		b.step()
		op(b.Machine)
	}
}

// unary is one on one.
func unary(x expr, op func(m *Machine)) expr {
	return func(b *bc) {
		x(b)
		op(b.Machine)
	}
}

// negate is 0 less an expression.
func negate(x expr) expr {
	return binary(func(b *bc) { b.push(integer(0)) }, x, minus)
}

func minus(m *Machine) { m.sub() }

// A place is what can be assigned to: get leaves its value on the stack, set
// takes it from there. Both evaluate the index of an element.
type place struct{ get, set expr }

// variable is the place of a variable.
func variable(letter byte) place {
	i := letter - 'a'
	return place{
		get: func(b *bc) { b.push(b.top(&b.vars[i])) },
		set: func(b *bc) {
			if v, ok := b.top1(); ok {
				b.replace(&b.vars[i], v)
			}
		},
	}
}

// element is that of an element of an array.
func element(letter byte, index expr) place {
	a := func(b *bc) *[]Value { return &b.arrays[letter-'a'] }
	return place{
		get: func(b *bc) {
			index(b)
			v := integer(0)
			if i, ok := b.index(); ok {
				if e, ok := b.top(a(b)).array[i]; ok {
					v = e
				}
			}
			b.push(v)
		},
		set: func(b *bc) {
			index(b)
			i, inside := b.index()
			v, ok := b.top1()
			if !ok || !inside {
				return
			}
			if b.top(a(b)).array == nil {
				b.replace(a(b), Value{array: map[int]Value{}})
			}
			b.top(a(b)).array[i] = v
		},
	}
}

// register is the place of ibase, obase or scale.
func register(word token) place {
	switch word {
	case tokScale:
		return place{
			func(b *bc) { b.push(integer(b.k)) },
			func(b *bc) { b.setScale() },
		}
	case tokIbase:
		return place{
			func(b *bc) { b.push(Value{n: b.ibase}) },
			func(b *bc) { b.setBase(&b.ibase) },
		}
	}
	return place{
		func(b *bc) { b.push(Value{n: b.obase}) },
		func(b *bc) { b.setBase(&b.obase) },
	}
}

// again pushes the top once more.
func again(b *bc) {
	if n := len(b.stack); n > 0 {
		b.push(b.stack[n-1])
	} else {
		b.say("empty stack")
	}
}

// assign is an assignment as an expression: the value is kept.
func (p place) assign(x expr) expr {
	return func(b *bc) {
		x(b)
		again(b)
		p.set(b)
	}
}

// assignOp is one of += and its kin.
func (p place) assignOp(x expr, op func(m *Machine)) expr {
	return p.assign(binary(p.get, x, op))
}

// step adds d to a place; the value is that before, or that after.
func (p place) step(op func(m *Machine), after bool) expr {
	return func(b *bc) {
		p.get(b)
		if !after {
			again(b)
		}
		b.push(integer(1))
		op(b.Machine)
		if after {
			again(b)
		}
		p.set(b)
	}
}
