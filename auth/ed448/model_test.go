package ed448

import (
	"fmt"
	"math/big"
)

// The model is the curve as the papers write it down, in big integers.

func num(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return n
}

func pow2(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

var (
	bigP    = new(big.Int).Sub(new(big.Int).Sub(pow2(448), pow2(224)), big.NewInt(1))
	bigHalf = new(big.Int).Rsh(bigP, 1)
	bigD    = big.NewInt(-39081)
	one     = big.NewInt(1)
)

// mod returns n modulo p, from 0.
func mod(n *big.Int) *big.Int { return n.Mod(n, bigP) }

// prod and sum return what their names say, modulo p.
func prod(ns ...*big.Int) *big.Int {
	r := big.NewInt(1)
	for _, n := range ns {
		mod(r.Mul(r, n))
	}
	return r
}

func sum(ns ...*big.Int) *big.Int {
	r := new(big.Int)
	for _, n := range ns {
		r.Add(r, n)
	}
	return mod(r)
}

func minus(n *big.Int) *big.Int { return mod(new(big.Int).Neg(n)) }

func inverse(n *big.Int) *big.Int { return new(big.Int).ModInverse(n, bigP) }

// abs returns n or -n, the one that is not above (p-1)/2, and whether it was -n.
func abs(n *big.Int) (*big.Int, bool) {
	if n.Cmp(bigHalf) > 0 {
		return minus(n), true
	}
	return n, false
}

// isqrt returns x to the power of (p-3)/4 and whether x has a root.
func isqrt(x *big.Int) (*big.Int, bool) {
	e := new(big.Int).Rsh(new(big.Int).Sub(bigP, big.NewInt(3)), 2)
	return new(big.Int).Exp(x, e, bigP), big.Jacobi(x, bigP) == 1
}

// An affine is a point without denominators.
type affine struct{ x, y *big.Int }

func (p affine) String() string { return fmt.Sprintf("(%#x, %#x)", p.x, p.y) }

func generator() affine {
	return affine{
		num("117812161263436946737282484343310064665180535357016373416879082147939404277809514858788439644911793978499419995990477371552926308078495"),
		big.NewInt(19),
	}
}

func (p affine) on() bool {
	xx, yy := prod(p.x, p.x), prod(p.y, p.y)
	return sum(xx, yy).Cmp(sum(one, prod(bigD, xx, yy))) == 0
}

// add is the addition law of Edwards, which has no exceptions on this curve.
func (p affine) add(q affine) affine {
	k := prod(bigD, p.x, p.y, q.x, q.y)
	return affine{
		prod(sum(prod(p.x, q.y), prod(p.y, q.x)), inverse(sum(one, k))),
		prod(sum(prod(p.y, q.y), minus(prod(p.x, q.x))), inverse(sum(one, minus(k)))),
	}
}

func (p affine) neg() affine { return affine{minus(p.x), p.y} }

func (p affine) mult(n *big.Int) affine {
	r := affine{new(big.Int), big.NewInt(1)}
	for i := n.BitLen() - 1; i >= 0; i-- {
		r = r.add(r)
		if n.Bit(i) == 1 {
			r = r.add(p)
		}
	}
	return r
}

// encode is decaf's encoding with a = 1, Z = 1 and T = xy.
func (p affine) encode() *big.Int {
	ad := sum(one, minus(bigD))
	r, _ := isqrt(prod(ad, sum(one, p.y), sum(one, minus(p.y))))
	u := prod(ad, r)
	if _, was := abs(minus(prod(u, big.NewInt(2)))); was {
		r = minus(r)
	}
	s, _ := abs(prod(u, sum(prod(r, sum(p.x, minus(prod(bigD, p.x, p.y, p.y)))), p.y)))
	return s
}

// decode is decaf's decoding.
func decode(s *big.Int) (affine, bool) {
	if s.Cmp(bigHalf) > 0 {
		return affine{}, false
	}
	ss := prod(s, s)
	z := sum(one, ss)
	u := sum(prod(z, z), prod(big.NewInt(-4), bigD, ss))
	v, ok := isqrt(prod(u, ss))
	if !ok && s.Sign() != 0 {
		return affine{}, false
	}
	if _, was := abs(prod(u, v)); was {
		v = minus(v)
	}
	w := prod(v, s, sum(big.NewInt(2), minus(z)))
	if s.Sign() == 0 {
		w = sum(w, one)
	}
	return affine{prod(big.NewInt(2), s, inverse(z)), w}, true
}

// elligator makes a point of a number.
func elligator(r0 *big.Int) affine {
	d := bigD
	n := big.NewInt(2)
	for big.Jacobi(n, bigP) != -1 {
		n.Add(n, one)
	}
	r := prod(n, r0, r0)
	den := prod(sum(prod(d, r), one, minus(d)), sum(prod(d, r), minus(r), minus(d)))
	k := sum(one, prod(big.NewInt(-2), d))
	nom := prod(sum(r, one), k)
	c := one
	e, ok := isqrt(prod(nom, den))
	if !ok {
		c = minus(one)
		e, _ = isqrt(prod(n, nom, den))
		e = prod(n, r0, e)
	}
	s := prod(c, nom, e)
	t := sum(minus(prod(c, nom, sum(r, minus(one)), k, e, k, e)), minus(one))
	ss := prod(s, s)
	up, down := sum(one, ss), sum(one, minus(ss))
	return affine{prod(big.NewInt(2), s, inverse(up)), prod(down, inverse(t))}
}
