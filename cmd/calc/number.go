package calc

import "math/big"

// pow10 returns ten to the nth.
func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// up returns v with n more zeros at its end.
func up(v *big.Int, n int) *big.Int {
	if n == 0 {
		return v
	}
	return new(big.Int).Mul(v, pow10(n))
}

// cut returns v without its last n digits. As many of them as are pairs are
// dropped from the hundred's complement, which rounds down, except that
// nothing is left of a number that has not more pairs; an odd one is divided
// off, which rounds to 0.
func cut(v *big.Int, n int) *big.Int {
	if pairs := n / 2; pairs > 0 {
		least := new(big.Int).Neg(pow10(2 * (pairs - 1)))
		switch {
		case v.Sign() >= 0:
			v = new(big.Int).Quo(v, pow10(2*pairs))
		case v.Cmp(least) >= 0:
			v = new(big.Int)
		default: // Div rounds down: the divisor is positive
			v = new(big.Int).Div(v, pow10(2*pairs))
		}
	}
	if n%2 == 1 {
		v = new(big.Int).Quo(v, big.NewInt(10))
	}
	return v
}

// whole returns the integer part of a value.
func (v Value) whole() *big.Int { return cut(v.number(), v.scale) }

// align returns two integers of the same scale.
func align(a, b Value) (x, y *big.Int, scale int) {
	x, y = a.number(), b.number()
	switch {
	case a.scale < b.scale:
		return up(x, b.scale-a.scale), y, b.scale
	case a.scale > b.scale:
		return x, up(y, a.scale-b.scale), a.scale
	}
	return x, y, a.scale
}

// bytes returns a number as the original keeps it: its pairs, the last one
// first, and its scale.
func (v Value) bytes() []byte {
	if v.n == nil {
		return []byte(v.text)
	}
	n, hundred := new(big.Int).Set(v.n), big.NewInt(100)
	var b []byte
	for d := new(big.Int); n.Sign() > 0 || n.Cmp(big.NewInt(-1)) < 0; {
		n.DivMod(n, hundred, d)
		b = append(b, byte(d.Int64()))
	}
	if n.Sign() < 0 {
		b = append(b, 0xff)
	}
	return append(b, byte(v.scale))
}

// length returns how many digits a number has, as the original counts them:
// those of a negative one by the first pair of its complement, which makes it
// one too many for -999 and its like.
func (v Value) length() int {
	n := v.number()
	switch {
	case n.Sign() == 0:
		return 0
	case n.Sign() > 0 || n.Cmp(big.NewInt(-1)) == 0:
		return len(new(big.Int).Abs(n).String())
	}
	pairs := (len(n.String()) - 1) / 2
	if new(big.Int).Add(n, pow10(2*pairs)).Sign() < 0 {
		pairs++
	}
	first := new(big.Int).Add(n, pow10(2*pairs))
	switch first.Quo(first, pow10(2*pairs-2)); {
	case first.Sign() == 0:
		return 2*pairs + 1
	case first.Cmp(big.NewInt(90)) > 0:
		return 2*pairs - 1
	}
	return 2 * pairs
}

// parse returns the number that text stands for in the input base. Digits
// are worth 0 to 15 whatever the base, and those after the 99th behind the
// point are ignored.
func parse(text string, base *big.Int) Value {
	n, scale, point := new(big.Int), 0, false
	for i := range len(text) {
		c := text[i]
		if c == '.' {
			point = true
			continue
		}
		if c == '_' {
			continue
		}
		if point {
			if scale == maxScale {
				continue
			}
			scale++
		}
		d := int64(c - '0')
		if c >= 'A' {
			d = int64(c-'A') + 10
		}
		n.Add(n.Mul(n, base), big.NewInt(d))
	}
	if scale > 0 && base.Sign() != 0 {
		n.Quo(up(n, scale), new(big.Int).Exp(base, big.NewInt(int64(scale)), nil))
	}
	if len(text) > 0 && text[0] == '_' {
		n.Neg(n)
	}
	return Value{n: n, scale: scale}
}
