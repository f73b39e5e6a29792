package calc

import (
	"bufio"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// lineLen is how long printed lines are; longer numbers are folded.
const lineLen = 70

// A folder breaks a number into lines, with a backslash at the end of each.
type folder struct {
	out   *bufio.Writer
	count int // what is left of the line
	len   int // of a line
}

// put prints a character.
func (f *folder) put(c byte) { f.pair(string(c), 1) }

// pair prints s and counts it as n characters.
func (f *folder) pair(s string, n int) {
	f.out.WriteString(s)
	if f.count -= n; f.count <= 0 {
		f.out.WriteString("\\\n")
		f.count = f.len
	}
}

// print prints a value and a newline.
func (m *Machine) print(v Value) {
	if v.n == nil && v.text != "" {
		m.out.WriteString(v.text + "\n")
		return
	}
	if v.number().Sign() == 0 {
		m.out.WriteString("0\n")
		return
	}
	base := newBase(m.obase)
	f := &folder{m.out, base.line, base.line}
	if v.n.Sign() < 0 {
		f.put('-')
	}
	n := new(big.Int).Abs(v.n)
	switch {
	case base.unary != 0:
		m.printUnary(f, cut(n, v.scale), base.unary)
	case base.value.Cmp(big.NewInt(10)) == 0:
		printDecimal(f, n, v.scale)
	default:
		m.printBase(f, base, n, v.scale)
	}
	m.out.WriteByte('\n')
}

// printDecimal prints pairs of digits, which are what lines are made of.
func printDecimal(f *folder, n *big.Int, scale int) {
	s := n.String()
	if len(s)%2 == 1 {
		s = "0" + s
	}
	left := len(s) / 2 // pairs
	next := func() string {
		left--
		p := s[:2]
		s = s[2:]
		return p
	}
	for first := true; left > 0 && 2*(left-1) >= scale; first = false {
		p := next()
		if first && p[0] == '0' {
			p = p[1:]
		}
		f.pair(p, 2)
	}
	if scale == 0 {
		return
	}
	if 2*left > scale {
		p := next()
		f.pair(p[:1]+".", 2)
		f.put(p[1])
		scale--
	} else {
		f.put('.')
	}
	for ; scale > 2*left; scale-- {
		f.put('0')
	}
	for left > 0 {
		f.pair(next(), 2)
	}
}

// printUnary prints n in base 1, or in base 0 with another digit.
func (m *Machine) printUnary(f *folder, n *big.Int, digit byte) {
	if n.BitLen() > 30 {
		panic(ErrSpace)
	}
	for range n.Int64() {
		m.step()
		f.put(digit)
	}
}

// An outBase is an output base and how its digits look.
type outBase struct {
	value *big.Int
	unary byte // the digit, if there is but one
	width int  // of a digit that is a decimal number; 0: it is a letter
	line  int
}

// newBase returns base n.
func newBase(n *big.Int) outBase {
	b := outBase{value: n, line: lineLen}
	switch {
	case n.Sign() == 0 || n.Cmp(big.NewInt(1)) == 0:
		b.unary = '1'
		return b
	case n.Cmp(big.NewInt(-1)) == 0:
		b.unary = 'd'
		return b
	case n.Sign() > 0 && n.Cmp(big.NewInt(16)) <= 0:
		return b
	}
	most := new(big.Int).Abs(n)
	most.Sub(most, big.NewInt(1))
	b.width = len(most.String()) + 1
	if n.Sign() < 0 {
		b.width++
	}
	if b.width < lineLen {
		b.line = lineLen / b.width * b.width
	}
	return b
}

// log returns what the original takes for the logarithm of the base, when
// its machine has words of 64 bits.
func log(n *big.Int) int {
	l := int64(1<<63 - 1)
	if n = new(big.Int).Abs(n); n.IsInt64() {
		l = n.Int64()
	}
	i := 30
	for l <<= 1; l > 0; l <<= 1 {
		i--
	}
	return i
}

// printBase prints n in a base that is not ten. It is first brought to the scale.
func (m *Machine) printBase(f *folder, base outBase, n *big.Int, scale int) {
	if scale > m.k {
		n = new(big.Int).Quo(n, pow10(scale-m.k))
	} else {
		n = up(n, m.k-scale)
	}
	scale = m.k
	unit := pow10(scale)
	n, part := new(big.Int).QuoRem(n, unit, new(big.Int))
	var digits []string
	for d := new(big.Int); n.Sign() != 0; {
		m.step()
		n, d = new(big.Int).QuoRem(n, base.value, new(big.Int))
		digits = append(digits, base.digit(d))
	}
	slices.Reverse(digits)
	printString(f, strings.Join(digits, ""))
	if scale == 0 {
		return
	}
	f.put('.')
	dig := log(big.NewInt(10)) * scale
	want := (dig/10 + dig) / log(base.value)
	for i := 0; i == 0 || i < want; i++ {
		part.Mul(part, base.value)
		d := cut(part, scale)
		part.Sub(part, new(big.Int).Mul(d, unit))
		digit := base.digit(d)
		if base.width > 0 {
			digit = digit[1:] + " " // blanks go behind, here
		}
		printString(f, digit)
	}
}

func printString(f *folder, s string) {
	for i := range len(s) {
		f.put(s[i])
	}
}

// digit returns a digit: a letter, or a blank and a decimal number.
func (b outBase) digit(d *big.Int) string {
	if b.width == 0 {
		return string("0123456789abcdef"[d.Int64()&15])
	}
	s := fmt.Sprintf(" %0*s", b.width-1, new(big.Int).Abs(d))
	if d.Sign() < 0 {
		s = " -" + s[2:]
	}
	return s
}
