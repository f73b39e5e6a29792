// Package ed448 is arithmetic on the curve Ed448-Goldilocks as dp9ik needs it:
//
//	x² + y² = 1 - 39081x²y²  modulo  p = 2⁴⁴⁸ - 2²²⁴ - 1
//
// with points encoded as decaf does and made from hashes with Elligator 2
// (authsrv(6); Hamburg, Ed448-Goldilocks, 2015, and Decaf, 2015; Bernstein and
// others, Elligator, 2013). It is not the signature scheme of that name: the
// generator and the encoding are others.
//
// What is done, and which memory is touched, does not depend on numbers and
// points, only whether Decode refuses does. Big integers as in math/big would
// tell by their time what they compute with.
package ed448

import "math/bits"

// An element is a number modulo p in eight limbs of 56 bits, the lowest first.
// Between operations a limb may have a few bits more: below 2⁵⁷.
type element [8]uint64

const mask = 1<<56 - 1

// modulus is p.
var modulus = element{mask, mask, mask, mask, mask - 1, mask, mask, mask}

// carry makes limbs small again that have up to 64 bits. What leaves the highest
// comes back twice, as 2⁴⁴⁸ = 2²²⁴ + 1.
func (z *element) carry() {
	top := z[7] >> 56
	z[4] += top
	for i := 7; i > 0; i-- {
		z[i] = z[i]&mask + z[i-1]>>56
	}
	z[0] = z[0]&mask + top
}

// add sets z to x + y.
func (z *element) add(x, y *element) *element {
	for i := range z {
		z[i] = x[i] + y[i]
	}
	z.carry()
	return z
}

// sub sets z to x - y. Twice p is added, so that no limb is below zero.
func (z *element) sub(x, y *element) *element {
	for i := range z {
		z[i] = x[i] + 2*modulus[i] - y[i]
	}
	z.carry()
	return z
}

// neg sets z to -x.
func (z *element) neg(x *element) *element { return z.sub(&element{}, x) }

// mulsmall sets z to x times n, which has at most 32 bits.
func (z *element) mulsmall(x *element, n uint64) *element {
	var c uint64
	for i := range z {
		hi, lo := bits.Mul64(x[i], n)
		lo, over := bits.Add64(lo, c, 0)
		z[i] = lo & mask
		c = (hi+over)<<8 | lo>>56
	}
	z[0] += c
	z[4] += c
	z.carry()
	return z
}

// A wide is a sum of products of limbs, of 128 bits.
type wide struct{ hi, lo uint64 }

// plus returns w + xy.
func (w wide) plus(x, y uint64) wide {
	hi, lo := bits.Mul64(x, y)
	lo, c := bits.Add64(w.lo, lo, 0)
	hi, _ = bits.Add64(w.hi, hi, c)
	return wide{hi, lo}
}

// and returns w + v.
func (w wide) and(v wide) wide {
	lo, c := bits.Add64(w.lo, v.lo, 0)
	hi, _ := bits.Add64(w.hi, v.hi, c)
	return wide{hi, lo}
}

// less returns w - v.
func (w wide) less(v wide) wide {
	lo, b := bits.Sub64(w.lo, v.lo, 0)
	hi, _ := bits.Sub64(w.hi, v.hi, b)
	return wide{hi, lo}
}

// mul sets z to x times y. With f = 2²²⁴, x = a + bf and y = c + df, the product is
//
//	ac + bd + ((a+b)(c+d) - ac)f
//
// since f² = f + 1: three products of halves instead of four, which is what this
// p was chosen for. Of each half's product seven limbs are made, l, h and m.
func (z *element) mul(x, y *element) *element {
	a0, a1, a2, a3, b0, b1, b2, b3 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	c0, c1, c2, c3, d0, d1, d2, d3 := y[0], y[1], y[2], y[3], y[4], y[5], y[6], y[7]
	s0, s1, s2, s3 := a0+b0, a1+b1, a2+b2, a3+b3
	t0, t1, t2, t3 := c0+d0, c1+d1, c2+d2, c3+d3

	l0 := wide{}.plus(a0, c0)
	l1 := wide{}.plus(a0, c1).plus(a1, c0)
	l2 := wide{}.plus(a0, c2).plus(a1, c1).plus(a2, c0)
	l3 := wide{}.plus(a0, c3).plus(a1, c2).plus(a2, c1).plus(a3, c0)
	l4 := wide{}.plus(a1, c3).plus(a2, c2).plus(a3, c1)
	l5 := wide{}.plus(a2, c3).plus(a3, c2)
	l6 := wide{}.plus(a3, c3)

	m4 := wide{}.plus(s1, t3).plus(s2, t2).plus(s3, t1)
	m5 := wide{}.plus(s2, t3).plus(s3, t2)
	m6 := wide{}.plus(s3, t3)

	r := [8]wide{
		l0.plus(b0, d0).and(m4).less(l4),
		l1.plus(b0, d1).plus(b1, d0).and(m5).less(l5),
		l2.plus(b0, d2).plus(b1, d1).plus(b2, d0).and(m6).less(l6),
		l3.plus(b0, d3).plus(b1, d2).plus(b2, d1).plus(b3, d0),
		m4.plus(s0, t0).plus(b1, d3).plus(b2, d2).plus(b3, d1).less(l0),
		m5.plus(s0, t1).plus(s1, t0).plus(b2, d3).plus(b3, d2).less(l1),
		m6.plus(s0, t2).plus(s1, t1).plus(s2, t0).plus(b3, d3).less(l2),
		wide{}.plus(s0, t3).plus(s1, t2).plus(s2, t1).plus(s3, t0).less(l3),
	}
	z.collect(&r)
	return z
}

// square sets z to x², by the same rule with fewer products.
func (z *element) square(x *element) *element {
	a0, a1, a2, a3, b0, b1, b2, b3 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	s0, s1, s2, s3 := a0+b0, a1+b1, a2+b2, a3+b3

	l0 := wide{}.plus(a0, a0)
	l1 := wide{}.plus(2*a0, a1)
	l2 := wide{}.plus(2*a0, a2).plus(a1, a1)
	l3 := wide{}.plus(2*a0, a3).plus(2*a1, a2)
	l4 := wide{}.plus(2*a1, a3).plus(a2, a2)
	l5 := wide{}.plus(2*a2, a3)
	l6 := wide{}.plus(a3, a3)

	m4 := wide{}.plus(2*s1, s3).plus(s2, s2)
	m5 := wide{}.plus(2*s2, s3)
	m6 := wide{}.plus(s3, s3)

	r := [8]wide{
		l0.plus(b0, b0).and(m4).less(l4),
		l1.plus(2*b0, b1).and(m5).less(l5),
		l2.plus(2*b0, b2).plus(b1, b1).and(m6).less(l6),
		l3.plus(2*b0, b3).plus(2*b1, b2),
		m4.plus(s0, s0).plus(2*b1, b3).plus(b2, b2).less(l0),
		m5.plus(2*s0, s1).plus(2*b2, b3).less(l1),
		m6.plus(2*s0, s2).plus(s1, s1).plus(b3, b3).less(l2),
		wide{}.plus(2*s0, s3).plus(2*s1, s2).less(l3),
	}
	z.collect(&r)
	return z
}

// collect sets z to a sum of products. Each is below 2¹¹⁹ if limbs were below
// 2⁵⁷, so that what is carried fits.
func (z *element) collect(r *[8]wide) {
	var c uint64
	for i := range r {
		lo, over := bits.Add64(r[i].lo, c, 0)
		z[i] = lo & mask
		c = (r[i].hi+over)<<8 | lo>>56
	}
	z[0] += c
	z[4] += c
	z.carry()
}

// squares sets z to x squared n times.
func (z *element) squares(x *element, n int) *element {
	*z = *x
	for range n {
		z.square(z)
	}
	return z
}

// ones sets z to x to the power of a number of n bits, all of them one.
func (z *element) ones(x *element, n int) *element {
	r, have := *x, 1
	for i := bits.Len(uint(n)) - 2; i >= 0; i-- {
		var t element
		r.mul(t.squares(&r, have), &r)
		have *= 2
		if n>>i&1 == 1 {
			r.mul(r.square(&r), x)
			have++
		}
	}
	*z = r
	return z
}

// isqrt sets z to 1/√x, and returns whether there is such a root: 1 or 0. If not,
// z is 1/√-x, and of zero it is zero, which is no root. It is x to the power of
// (p-3)/4: 446 bits, all one but that of 2²²².
func (z *element) isqrt(x *element) uint64 {
	var low, high, check element
	low.ones(x, 222)
	high.mul(high.square(&low), x)
	high.squares(&high, 223)
	high.mul(&high, &low)
	check.square(&high)
	check.mul(&check, x)
	*z = high
	return check.equal(&element{1})
}

// canon sets z to x between 0 and p-1, each limb of 56 bits.
func (z *element) canon(x *element) *element {
	*z = *x
	z.carry()
	var c int64
	for i := range z {
		c += int64(z[i]) - int64(modulus[i])
		z[i] = uint64(c) & mask
		c >>= 56
	}
	back := uint64(c) // all ones if x was below p
	var up uint64
	for i := range z {
		up += z[i] + modulus[i]&back
		z[i] = up & mask
		up >>= 56
	}
	return z
}

// equal returns 1 if z and x are the same number, otherwise 0.
func (z *element) equal(x *element) uint64 {
	var a, b element
	a.canon(z)
	b.canon(x)
	var diff uint64
	for i := range a {
		diff |= a[i] ^ b[i]
	}
	return (diff|-diff)>>63 ^ 1
}

// negative returns 1 if z is above (p-1)/2, otherwise 0: twice such a number is
// above p, and p is odd.
func (z *element) negative() uint64 {
	var t element
	t.canon(t.add(z, z))
	return t[0] & 1
}

// choose sets z to x if which is 1, and leaves it if which is 0.
func (z *element) choose(x *element, which uint64) {
	m := -which
	for i := range z {
		z[i] ^= m & (z[i] ^ x[i])
	}
}

// negate sets z to -z if which is 1, and leaves it if which is 0.
func (z *element) negate(which uint64) {
	var t element
	z.choose(t.neg(z), which)
}

// setBytes sets z to a number of 56 bytes, the highest first, modulo p.
func (z *element) setBytes(b *[Size]byte) *element {
	for i := range z {
		z[i] = 0
		for _, c := range b[Size-7*(i+1) : Size-7*i] {
			z[i] = z[i]<<8 | uint64(c)
		}
	}
	return z
}

// bytes returns z in 56 bytes, the highest first.
func (z *element) bytes() (b [Size]byte) {
	var t element
	t.canon(z)
	for i := range b {
		at := Size - 1 - i
		b[i] = byte(t[at/7] >> (8 * (at % 7)))
	}
	return b
}
