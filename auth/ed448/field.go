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

func (w *wide) add(v wide) {
	var c uint64
	w.lo, c = bits.Add64(w.lo, v.lo, 0)
	w.hi, _ = bits.Add64(w.hi, v.hi, c)
}

func (w *wide) sub(v wide) {
	var b uint64
	w.lo, b = bits.Sub64(w.lo, v.lo, 0)
	w.hi, _ = bits.Sub64(w.hi, v.hi, b)
}

// halfmul returns the product of two numbers of four limbs, without carrying.
func halfmul(x, y *[4]uint64) (r [7]wide) {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
	r[0] = wide{}.plus(x0, y0)
	r[1] = wide{}.plus(x0, y1).plus(x1, y0)
	r[2] = wide{}.plus(x0, y2).plus(x1, y1).plus(x2, y0)
	r[3] = wide{}.plus(x0, y3).plus(x1, y2).plus(x2, y1).plus(x3, y0)
	r[4] = wide{}.plus(x1, y3).plus(x2, y2).plus(x3, y1)
	r[5] = wide{}.plus(x2, y3).plus(x3, y2)
	r[6] = wide{}.plus(x3, y3)
	return r
}

// mul sets z to x times y. With f = 2²²⁴, x = a + bf and y = c + df, the product is
//
//	ac + bd + ((a+b)(c+d) - ac)f
//
// since f² = f + 1: three products of halves instead of four, which is what this
// p was chosen for.
func (z *element) mul(x, y *element) *element {
	a, b := (*[4]uint64)(x[:4]), (*[4]uint64)(x[4:])
	c, d := (*[4]uint64)(y[:4]), (*[4]uint64)(y[4:])
	var ab, cd [4]uint64
	for i := range 4 {
		ab[i] = a[i] + b[i]
		cd[i] = c[i] + d[i]
	}
	low, high, both := halfmul(a, c), halfmul(b, d), halfmul(&ab, &cd)
	var r [8]wide
	for i := range 7 {
		both[i].sub(low[i])
		low[i].add(high[i])
		r[i].add(low[i])
		if i < 4 {
			r[i+4].add(both[i])
		} else { // beyond the eighth limb: comes back twice
			r[i-4].add(both[i])
			r[i].add(both[i])
		}
	}
	z.collect(&r)
	return z
}

// collect sets z to a sum of products. Each is below 2¹¹⁸ if limbs were below
// 2⁵⁷, so that what is carried fits.
func (z *element) collect(r *[8]wide) {
	var c uint64
	for i := range r {
		r[i].add(wide{lo: c})
		z[i] = r[i].lo & mask
		c = r[i].hi<<8 | r[i].lo>>56
	}
	z[0] += c
	z[4] += c
	z.carry()
}

// square sets z to x².
func (z *element) square(x *element) *element { return z.mul(x, x) }

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
