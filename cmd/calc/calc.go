// Package calc is the desk calculators: the numbers of dc(1), a stack of them,
// dc's commands, and the language of bc(1).
//
// A number is an integer and a scale, the count of its digits behind the
// point. The original keeps the integer in base 100, the negative ones as
// hundred's complements; what can be seen of that is kept, above all in which
// direction digits are cut off.
//
// Both calculators are a [Machine]: dc's commands are its methods, and the
// expressions of bc call them too, so that errors leave the same things on
// the stack. Like the originals they print an error and go on.
//
//	m := calc.NewMachine(out)
//	err := calc.Dc(m, input)
package calc

import (
	"bufio"
	"errors"
	"io"
	"math/big"
)

// ErrSpace ends a calculator whose numbers grow too large.
var ErrSpace = errors.New("out of space")

const (
	maxBits  = 1 << 26 // of a number
	maxStack = 10000   // numbers on the stack
	maxDepth = 10000   // macros in each other
	maxCalls = 1000    // calls in each other
	maxIndex = 2048    // of an array
	maxScale = 99
)

// A Machine is a stack of numbers and what operations depend on.
type Machine struct {
	Sys  func(cmd string) // does a command of the shell; nil: there is none
	Poll func()           // called now and then, so that notes come in

	out   *bufio.Writer
	stack []Value
	k     int // scale
	ibase *big.Int
	obase *big.Int
	steps int
}

// NewMachine returns a machine that prints to out.
func NewMachine(out io.Writer) *Machine {
	return &Machine{out: bufio.NewWriterSize(out, 8192), ibase: big.NewInt(10), obase: big.NewInt(10)}
}

// A Value is a number, a text, or an array. It is never changed.
type Value struct {
	n     *big.Int // nil: a text, or an array
	scale int
	text  string
	array map[int]Value
}

// number returns the integer of a value; that of a text is 0.
func (v Value) number() *big.Int {
	if v.n == nil {
		return new(big.Int)
	}
	return v.n
}

// integer returns an integer as a value.
func integer(n int) Value { return Value{n: big.NewInt(int64(n))} }

// say prints an error.
func (m *Machine) say(s string) { m.out.WriteString(s + "\n") }

// step is called before each operation.
func (m *Machine) step() {
	if m.steps++; m.steps%1024 == 0 && m.Poll != nil {
		m.Poll()
	}
}

// push puts a value on the stack.
func (m *Machine) push(v Value) {
	if v.n != nil && v.n.BitLen() > maxBits {
		panic(ErrSpace)
	}
	if len(m.stack) == maxStack {
		m.say("out of stack space")
		return
	}
	m.stack = append(m.stack, v)
}

// take takes the top of the stack; there may be none.
func (m *Machine) take() (v Value, ok bool) {
	if len(m.stack) == 0 {
		return Value{}, false
	}
	v = m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, true
}

// pop is take for who needs a value.
func (m *Machine) pop() (v Value, ok bool) {
	if v, ok = m.take(); !ok {
		m.say("stack empty")
	}
	return v, ok
}

// pop2 takes two values, of which b was the top. If there is but one it stays.
func (m *Machine) pop2() (a, b Value, ok bool) {
	if b, ok = m.pop(); !ok {
		return a, b, false
	}
	if a, ok = m.pop(); !ok {
		m.push(b)
	}
	return a, b, ok
}

// catch turns a panic with ErrSpace into an error.
func catch(err *error) {
	if r := recover(); r == ErrSpace {
		*err = ErrSpace
	} else if r != nil {
		panic(r)
	}
}
