package calc

import (
	"io"
	"maps"
	"strconv"
)

// A bc runs a program.
type bc struct {
	*Machine
	vars   [26][]Value // each with what calls have put aside below
	arrays [26][]Value
	funcs  [26]*function
	last   Value // printed or dropped
	depth  int   // of calls
}

// A Program is what Bc runs.
type Program struct {
	// Open returns the next input, and its name for messages; io.EOF
	// after the last one.
	Open func() (r io.Reader, name string, err error)
	// Silent is set if values are not printed but by print.
	Silent bool
}

// Bc runs a program statement by statement. It is what m prints that tells of
// errors in it.
func Bc(m *Machine, prog Program) (err error) {
	b := &bc{Machine: m, last: integer(0)}
	p := &parser{
		lexer:  &lexer{open: prog.Open, wait: func() { m.out.Flush() }, peek: -1},
		silent: prog.Silent,
	}
	defer catch(&err)
	for more := true; more; {
		more = b.statement(p)
	}
	return m.out.Flush()
}

// statement reads a statement and does it; false after the last. After an
// error the next one begins behind the token that did not fit.
func (b *bc) statement(p *parser) (more bool) {
	s, err := parsed(p)
	switch err {
	case nil:
		b.step()
		s(b)
	case errSyntax:
		p.ahead = false
		b.stack = nil
		b.say(p.where() + " syntax error")
	}
	return err != errQuit
}

// parsed reads a statement.
func parsed(p *parser) (s stmt, err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case errSyntax, errQuit:
			err = r.(error)
		default:
			panic(r)
		}
	}()
	return p.command(), nil
}

// top returns the value of a variable.
func (b *bc) top(stack *[]Value) Value {
	if n := len(*stack); n > 0 {
		return (*stack)[n-1]
	}
	return integer(0)
}

// replace gives a variable a value.
func (b *bc) replace(stack *[]Value, v Value) {
	if n := len(*stack); n > 0 {
		(*stack)[n-1] = v
	} else {
		*stack = append(*stack, v)
	}
}

// top1 takes what is to be stored.
func (b *bc) top1() (v Value, ok bool) {
	if v, ok = b.take(); !ok {
		b.say("save:args")
	}
	return v, ok
}

// drop forgets the top, but for the name "." it has until the next one.
func (b *bc) drop() {
	if v, ok := b.top1(); ok {
		b.last = v
	} else {
		b.push(integer(0))
	}
}

// printing is a statement that prints a value.
func printing(x expr) stmt {
	return func(b *bc) flow {
		x(b)
		if n := len(b.stack); n > 0 {
			b.print(b.stack[n-1])
		} else {
			b.say("empty stack")
		}
		b.drop()
		return next
	}
}

// dropping is one that does not.
func dropping(x expr) stmt {
	return func(b *bc) flow {
		x(b)
		b.drop()
		return next
	}
}

// setting is an assignment to a register, which leaves no value. Its dropping
// would find none, so that it leaves what is dropped.
func setting(p place, x expr) expr {
	return func(b *bc) {
		x(b)
		p.set(b)
		b.push(b.last)
	}
}

// looping is a while, or a for that has a first and a last.
func looping(first, last stmt, cond func(b *bc) bool, body stmt) stmt {
	return func(b *bc) flow {
		if first != nil {
			first(b)
		}
		for cond(b) {
			b.step()
			switch body(b) {
			case breaks:
				return next
			case returns:
				return returns
			}
			if last != nil {
				last(b)
			}
		}
		return next
	}
}

// stackOf returns where the values of a name are.
func (b *bc) stackOf(n name) *[]Value {
	if n.array {
		return &b.arrays[n.letter-'a']
	}
	return &b.vars[n.letter-'a']
}

// call calls a function, whose arguments are on the stack. Its value is left
// there.
func (b *bc) call(letter byte) {
	f := b.funcs[letter-'a']
	if f == nil {
		b.say("function " + string(letter) + " undefined")
		b.stack = nil
		b.push(integer(0))
		return
	}
	if b.depth == maxCalls {
		b.say("nesting depth")
		b.stack = nil
		b.push(integer(0))
		return
	}
	b.depth++
	b.step()
	for i := len(f.autos) - 1; i >= 0; i-- {
		s := b.stackOf(f.autos[i])
		*s = append(*s, integer(0))
	}
	for i := len(f.params) - 1; i >= 0; i-- {
		v, ok := b.take()
		if !ok {
			b.say("save: args")
			v = integer(0)
		}
		s := b.stackOf(f.params[i])
		*s = append(*s, v)
	}
	if f.body(b) != returns {
		b.push(integer(0))
	}
	for _, list := range [][]name{f.params, f.autos} {
		for _, n := range list {
			s := b.stackOf(n)
			*s = (*s)[:len(*s)-1]
		}
	}
	b.depth--
}

// copyArray returns an array that can be changed without v.
func copyArray(v Value) Value { return Value{array: maps.Clone(v.array)} }

// where returns the place of an error.
func (p *parser) where() string { return p.name + ":" + strconv.Itoa(p.line+1) }
