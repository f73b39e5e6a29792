package ed448

import "errors"

// Size is the length in bytes of encoded points, of numbers points are made
// from, and of the scalars they are multiplied by. All are big-endian.
const Size = 56

// ErrPoint is the error of bytes that are not the encoding of a point.
var ErrPoint = errors.New("malformed public key")

// d39081 is -d of the curve x² + y² = 1 + dx²y².
const d39081 = 39081

// A Point is a place on the curve: x = X/Z, y = Y/Z, and T = XY/Z. The zero Point
// is not one.
type Point struct{ x, y, z, t element }

// Identity returns the point (0, 1), which changes nothing it is added to.
func Identity() *Point { return &Point{y: element{1}, z: element{1}} }

// Generator returns the point that dp9ik multiplies: that with y = 19.
func Generator() *Point {
	p := &Point{
		x: element{
			0xf0de840aed939f, 0xc170033f4ba0c7, 0xf3932d94c63d96, 0x9cecfa96147eaa,
			0x5f065c3c59d070, 0x3a6a26adf73324, 0x1b4faff4609845, 0x297ea0ea2692ff,
		},
		y: element{19},
		z: element{1},
	}
	p.t.mul(&p.x, &p.y)
	return p
}

// Add sets r to p + q, which may be the same, and returns it.
func (r *Point) Add(p, q *Point) *Point {
	var a, b, c, d, e, f, g, h, s element
	a.mul(&p.x, &q.x)
	b.mul(&p.y, &q.y)
	c.mulsmall(c.mul(&p.t, &q.t), d39081)
	d.mul(&p.z, &q.z)
	e.mul(e.add(&p.x, &p.y), s.add(&q.x, &q.y))
	e.sub(e.sub(&e, &a), &b)
	f.add(&d, &c)
	g.sub(&d, &c)
	h.sub(&b, &a)
	return r.set(&e, &f, &g, &h)
}

// double sets r to 2p. It is Add with fewer products.
func (r *Point) double(p *Point) *Point {
	var a, b, c, e, f, g, h element
	a.square(&p.x)
	b.square(&p.y)
	c.square(&p.z)
	c.add(&c, &c)
	e.square(e.add(&p.x, &p.y))
	g.add(&a, &b)
	e.sub(&e, &g)
	f.sub(&g, &c)
	h.sub(&a, &b)
	return r.set(&e, &f, &g, &h)
}

// set sets r to x = e/g, y = h/f.
func (r *Point) set(e, f, g, h *element) *Point {
	r.x.mul(e, f)
	r.y.mul(g, h)
	r.z.mul(f, g)
	r.t.mul(e, h)
	return r
}

// Neg sets r to -p and returns it.
func (r *Point) Neg(p *Point) *Point {
	r.x.neg(&p.x)
	r.y, r.z = p.y, p.z
	r.t.neg(&p.t)
	return r
}

// Mult sets r to p added to itself as often as scalar says, and returns it. It
// goes by four bits at a time, and each time looks at all sixteen multiples.
func (r *Point) Mult(scalar *[Size]byte, p *Point) *Point {
	var multiples [16]Point
	multiples[0] = *Identity()
	for i := 1; i < len(multiples); i++ {
		multiples[i].Add(&multiples[i-1], p)
	}
	sum := Identity()
	for _, b := range scalar {
		for _, digit := range [2]byte{b >> 4, b & 15} {
			sum.double(sum).double(sum).double(sum).double(sum)
			var m Point
			for i := range multiples {
				m.choose(&multiples[i], same(byte(i), digit))
			}
			sum.Add(sum, &m)
		}
	}
	*r = *sum
	return r
}

// same returns 1 if a and b are the same, otherwise 0.
func same(a, b byte) uint64 { return (uint64(a^b) - 1) >> 63 }

// choose sets r to p if which is 1, and leaves it if which is 0.
func (r *Point) choose(p *Point, which uint64) {
	r.x.choose(&p.x, which)
	r.y.choose(&p.y, which)
	r.z.choose(&p.z, which)
	r.t.choose(&p.t, which)
}

// Encode returns p as decaf has it. Points that differ by that of order 2 have the
// same encoding.
func (p *Point) Encode() [Size]byte {
	var r, u, s, t element
	r.mul(r.add(&p.z, &p.y), s.sub(&p.z, &p.y))
	r.isqrt(r.mulsmall(&r, 1+d39081))
	u.mulsmall(&r, 1+d39081)
	t.mul(&u, &p.z)
	t.neg(t.add(&t, &t))
	r.negate(t.negative())
	s.mul(&p.z, &p.x)
	t.mulsmall(t.mul(&p.y, &p.t), d39081)
	s.mul(&r, s.add(&s, &t))
	s.mul(&u, s.add(&s, &p.y))
	s.negate(s.negative())
	return s.bytes()
}

// Decode sets r to the point that b encodes, and returns it, or ErrPoint.
func (r *Point) Decode(b *[Size]byte) (*Point, error) {
	var s, ss, z, u, v, w, t element
	s.setBytes(b)
	if s.bytes() != *b || s.negative() == 1 {
		return nil, ErrPoint
	}
	ss.square(&s)
	z.add(&element{1}, &ss)
	u.mulsmall(&ss, 4*d39081)
	u.add(t.square(&z), &u)
	t.mul(&u, &ss)
	zero := t.equal(&element{})
	if v.isqrt(&t)|zero == 0 {
		return nil, ErrPoint
	}
	t.mul(&u, &v)
	v.negate(t.negative())
	w.mul(&v, &s)
	w.mul(&w, t.sub(&element{2}, &z))
	w.add(&w, &element{zero})
	r.x.add(&s, &s)
	r.y.mul(&w, &z)
	r.z = z
	r.t.mul(&w, &r.x)
	return r, nil
}

// nonsquare is the smallest number without a root modulo p.
const nonsquare = 7

// Map sets r to the point Elligator 2 makes of a number, for example a hash, and
// returns it. What the number was cannot be seen from how the point is made.
func (r *Point) Map(number *[Size]byte) *Point {
	const d, one = d39081, 1
	var r0, rr, a, dd, n, e, e2, s, t element
	r0.setBytes(number)
	rr.mulsmall(rr.square(&r0), nonsquare)

	// D = (dr + 1 - d)(dr - r - d), N = (r + 1)(1 - 2d), here with -d.
	dd.sub(&element{one + d}, a.mulsmall(&rr, d))
	a.sub(&element{d}, a.mulsmall(&rr, d+one))
	dd.mul(&dd, &a)
	n.mulsmall(n.add(&rr, &element{one}), one+2*d)
	dd.mul(&dd, &n)

	square := e.isqrt(&dd)
	e2.isqrt(a.mulsmall(&dd, nonsquare))
	e2.mul(&e2, &r0)
	e2.mulsmall(&e2, nonsquare)
	e2.choose(&e, square)
	e = e2

	// s = cNe and t = -cN(r-1)((1-2d)e)² - 1, where c is 1 or -1.
	s.mul(&n, &e)
	s.negate(square ^ 1)
	e.square(e.mulsmall(&e, one+2*d))
	t.mul(&n, a.sub(&rr, &element{one}))
	t.mul(&t, &e)
	t.negate(square)
	t.sub(&t, &element{one})
	return r.quartic(&s, &t)
}

// quartic sets r to the point that (s, t) is on Jacobi's quartic.
func (r *Point) quartic(s, t *element) *Point {
	var ss, up, down element
	ss.square(s)
	up.add(&element{1}, &ss)
	down.sub(&element{1}, &ss)
	ss.add(s, s)
	r.x.mul(&ss, t)
	r.y.mul(&down, &up)
	r.z.mul(&up, t)
	r.t.mul(&ss, &down)
	return r
}
