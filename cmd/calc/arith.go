package calc

import "math/big"

// add replaces the top two values by their sum.
func (m *Machine) add() {
	a, b, ok := m.pop2()
	if !ok {
		return
	}
	x, y, scale := align(a, b)
	m.push(Value{n: new(big.Int).Add(x, y), scale: scale})
}

// sub replaces them by their difference; false if there were not two.
func (m *Machine) sub() bool {
	b, ok := m.pop()
	if !ok {
		return false
	}
	b = Value{n: new(big.Int).Neg(b.number()), scale: b.scale}
	m.push(b)
	n := len(m.stack)
	m.add()
	return len(m.stack) < n
}

// mul replaces them by their product.
func (m *Machine) mul() {
	a, b, ok := m.pop2()
	if !ok {
		return
	}
	x, y := a.number(), b.number()
	if x.BitLen()+y.BitLen() > maxBits {
		panic(ErrSpace)
	}
	n, scale := new(big.Int).Mul(x, y), a.scale+b.scale
	if most := max(m.k, a.scale, b.scale); scale > most {
		n, scale = cut(n, scale-most), most
	}
	m.push(Value{n: n, scale: scale})
}

// ratio takes the top two values and returns what / and % divide: the
// dividend at the scale that makes the quotient's m.k, and the digits that
// were cut off it, at its own scale. Where there is nothing to divide the result is on the stack already,
// and ok is false.
func (m *Machine) ratio() (a, b Value, x, low *big.Int, ok bool) {
	if a, b, ok = m.pop2(); !ok {
		return
	}
	if b.number().Sign() == 0 {
		m.push(b)
		m.say("divide by 0")
		return a, b, nil, nil, false
	}
	if a.number().Sign() == 0 {
		m.push(a)
		return a, b, nil, nil, false
	}
	x = a.number()
	if c := m.k - a.scale + b.scale; c < 0 {
		x, low = new(big.Int).QuoRem(x, pow10(-c), new(big.Int))
	} else {
		x = up(x, c)
	}
	return a, b, x, low, true
}

// div replaces the top two values by their quotient.
func (m *Machine) div() {
	if _, b, x, _, ok := m.ratio(); ok {
		m.push(Value{n: new(big.Int).Quo(x, b.n), scale: m.k})
	}
}

// rem replaces them by the remainder of their quotient.
func (m *Machine) rem() {
	a, b, x, low, ok := m.ratio()
	if !ok {
		return
	}
	r := new(big.Int).Rem(x, b.n)
	if low == nil {
		m.push(Value{n: r, scale: b.scale + m.k})
		return
	}
	r = up(r, a.scale-(b.scale+m.k))
	m.push(Value{n: new(big.Int).Add(r, low), scale: a.scale})
}

// sqrt replaces the top by its square root.
func (m *Machine) sqrt() {
	a, ok := m.pop()
	if !ok {
		return
	}
	n := a.number()
	switch {
	case n.Sign() == 0:
		m.push(a)
		return
	case n.Sign() < 0:
		m.say("sqrt of neg number")
		return
	}
	scale := max(a.scale, m.k)
	m.push(Value{n: new(big.Int).Sqrt(up(n, 2*scale-a.scale)), scale: scale})
}

// pow replaces the top two values by a power.
func (m *Machine) pow() {
	b, ok := m.pop()
	if !ok {
		return
	}
	if b.scale != 0 {
		m.say("exp not an integer")
		return
	}
	a, ok := m.pop()
	if !ok {
		m.push(b)
		return
	}
	e := new(big.Int).Abs(b.number())
	if e.Cmp(big.NewInt(10000)) >= 0 {
		m.say("exp too big")
		return
	}
	n := a.number()
	if int64(n.BitLen()-1)*e.Int64() > maxBits {
		panic(ErrSpace)
	}
	n = new(big.Int).Exp(n, e, nil)
	scale := int(e.Int64()) * a.scale
	if most := max(m.k, a.scale); scale > most {
		n, scale = cut(n, scale-most), most
	}
	if b.number().Sign() < 0 {
		m.push(integer(1))
	}
	m.push(Value{n: n, scale: scale})
	if b.number().Sign() < 0 {
		m.div()
	}
}

// length replaces the top by the count of its digits.
func (m *Machine) length() {
	v, ok := m.pop()
	switch {
	case !ok:
	case v.n == nil:
		m.push(integer(len(v.text)))
	default:
		m.push(integer(v.length()))
	}
}

// fraction replaces the top by its scale.
func (m *Machine) fraction() {
	if v, ok := m.pop(); ok {
		m.push(integer(v.scale))
	}
}

// setScale takes the top as the scale.
func (m *Machine) setScale() {
	v, ok := m.pop()
	if !ok {
		return
	}
	n := v.whole()
	if n.Sign() < 0 || n.Cmp(big.NewInt(maxScale)) > 0 {
		m.say("scale too big")
		return
	}
	m.k = int(n.Int64())
}

// setBase takes the top as a base.
func (m *Machine) setBase(base **big.Int) {
	if v, ok := m.pop(); ok {
		*base = v.whole()
	}
}

// index takes the top as an index of an array.
func (m *Machine) index() (i int, ok bool) {
	v, ok := m.pop()
	if !ok {
		return 0, false
	}
	switch n := v.whole(); {
	case n.Sign() < 0:
		m.say("neg index")
		return 0, false
	case n.Cmp(big.NewInt(maxIndex)) >= 0:
		m.say("index too big")
		return 0, false
	default:
		return int(n.Int64()), true
	}
}
