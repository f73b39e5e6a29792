package ed448

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"
)

// random returns the same numbers in every run.
func random() *rand.Rand { return rand.New(rand.NewPCG(9, 448)) }

// fill returns 56 bytes. Some kinds have many equal bits, as carries like them.
func fill(r *rand.Rand) (b [Size]byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	switch r.IntN(4) {
	case 0:
		for i := range b {
			b[i] = []byte{0, 0xff}[r.IntN(2)]
		}
	case 1:
		run := []byte{0, 0xff}[r.IntN(2)]
		for i := r.IntN(len(b)); i < len(b); i++ {
			b[i] = run
		}
	}
	return b
}

// edges are numbers where something happens.
func edges() map[string][Size]byte {
	m := map[string][Size]byte{}
	for name, n := range map[string]*big.Int{
		"zero": new(big.Int), "one": one, "two": big.NewInt(2),
		"half": bigHalf, "half and one": new(big.Int).Add(bigHalf, one),
		"p - 1": new(big.Int).Sub(bigP, one), "p": bigP, "p + 1": new(big.Int).Add(bigP, one),
		"phi": pow2(224), "phi - 1": new(big.Int).Sub(pow2(224), one),
		"all ones": new(big.Int).Sub(pow2(448), one), "highest bit": pow2(447),
	} {
		var b [Size]byte
		n.FillBytes(b[:])
		m[name] = b
	}
	return m
}

func toBig(b [Size]byte) *big.Int { return new(big.Int).SetBytes(b[:]) }

func TestField(t *testing.T) {
	r := random()
	numbers := [][Size]byte{}
	for _, b := range edges() {
		numbers = append(numbers, b)
	}
	for range 40 {
		numbers = append(numbers, fill(r))
	}
	ops := []struct {
		name  string
		ours  func(z, x, y *element)
		model func(x, y *big.Int) *big.Int
	}{
		{"add", func(z, x, y *element) { z.add(x, y) }, func(x, y *big.Int) *big.Int { return sum(x, y) }},
		{"sub", func(z, x, y *element) { z.sub(x, y) }, func(x, y *big.Int) *big.Int { return sum(x, minus(y)) }},
		{"neg", func(z, x, y *element) { z.neg(x) }, func(x, y *big.Int) *big.Int { return minus(x) }},
		{"mul", func(z, x, y *element) { z.mul(x, y) }, func(x, y *big.Int) *big.Int { return prod(x, y) }},
		{"square", func(z, x, y *element) { z.square(x) }, func(x, y *big.Int) *big.Int { return prod(x, x) }},
		{"mulsmall", func(z, x, y *element) { z.mulsmall(x, 1<<32-1) }, func(x, y *big.Int) *big.Int { return prod(x, big.NewInt(1<<32-1)) }},
		{"many", func(z, x, y *element) {
			*z = *x
			for range 100 {
				var t, u element
				z.mul(t.add(z, y), u.sub(y, z))
			}
		}, func(x, y *big.Int) *big.Int {
			z := x
			for range 100 {
				z = prod(sum(z, y), sum(y, minus(z)))
			}
			return z
		}},
	}
	for _, op := range ops {
		t.Run(op.name, func(t *testing.T) {
			for _, a := range numbers {
				for _, b := range numbers {
					var x, y, z element
					x.setBytes(&a)
					y.setBytes(&b)
					op.ours(&z, &x, &y)
					want := op.model(mod(toBig(a)), mod(toBig(b)))
					if got := toBig(z.bytes()); got.Cmp(want) != 0 {
						t.Fatalf("%x, %x: %x, want %x", a, b, got, want)
					}
				}
			}
		})
	}
}

func TestRoots(t *testing.T) {
	r := random()
	for i := range 200 {
		b := fill(r)
		if i == 0 {
			b = [Size]byte{}
		}
		var x, z element
		got := z.isqrt(x.setBytes(&b))
		want, ok := isqrt(mod(toBig(b)))
		if (got == 1) != ok || toBig(z.bytes()).Cmp(want) != 0 {
			t.Fatalf("%x: %x %v, want %x %v", b, z.bytes(), got, want, ok)
		}
	}
}

func TestSigns(t *testing.T) {
	for name, b := range edges() {
		t.Run(name, func(t *testing.T) {
			var x, y element
			x.setBytes(&b)
			n := mod(toBig(b))
			_, want := abs(n)
			if got := x.negative() == 1; got != want {
				t.Errorf("negative is %v", got)
			}
			y.add(&x, &modulus)
			if x.equal(&y) != 1 {
				t.Error("differs from itself and p")
			}
			y.add(&x, &element{1})
			if x.equal(&y) != 0 {
				t.Error("is the same as the next")
			}
		})
	}
}

// toPoint returns p as we have it, with a Z that is not 1.
func toPoint(p affine, z *big.Int) *Point {
	var r Point
	for i, n := range []*big.Int{prod(p.x, z), prod(p.y, z), mod(z), prod(p.x, p.y, z)} {
		var b [Size]byte
		n.FillBytes(b[:])
		[]*element{&r.x, &r.y, &r.z, &r.t}[i].setBytes(&b)
	}
	return &r
}

func toAffine(p *Point) affine {
	z := inverse(toBig(p.z.bytes()))
	return affine{prod(toBig(p.x.bytes()), z), prod(toBig(p.y.bytes()), z)}
}

func TestPoints(t *testing.T) {
	r := random()
	g := generator()
	if !g.on() || toAffine(Generator()).x.Cmp(g.x) != 0 {
		t.Fatal("the generator is another")
	}
	for range 12 {
		a, b, z := fill(r), fill(r), fill(r)
		p, q := g.mult(toBig(a)), elligator(mod(toBig(b)))
		P, Q := toPoint(p, toBig(z)), new(Point).Map(&b)
		for _, c := range []struct {
			name string
			got  *Point
			want affine
		}{
			{"map", Q, q},
			{"mult", new(Point).Mult(&a, Generator()), p},
			{"mult a mapped one", new(Point).Mult(&a, Q), q.mult(toBig(a))},
			{"add", new(Point).Add(P, Q), p.add(q)},
			{"add itself", new(Point).Add(P, P), p.add(p)},
			{"double", new(Point).double(P), p.add(p)},
			{"add the identity", new(Point).Add(P, Identity()), p},
			{"subtract itself", new(Point).Add(P, new(Point).Neg(P)), affine{new(big.Int), one}},
			{"neg", new(Point).Neg(Q), q.neg()},
		} {
			got := toAffine(c.got)
			if got.x.Cmp(c.want.x) != 0 || got.y.Cmp(c.want.y) != 0 {
				t.Fatalf("%s of %x %x: %v, want %v", c.name, a, b, got, c.want)
			}
			xy := prod(got.x, got.y)
			if prod(toBig(c.got.z.bytes()), xy).Cmp(toBig(c.got.t.bytes())) != 0 {
				t.Fatalf("%s of %x %x: T is not XY/Z", c.name, a, b)
			}
			if enc := c.got.Encode(); toBig(enc).Cmp(c.want.encode()) != 0 {
				t.Fatalf("%s of %x %x: encoded as %x", c.name, a, b, enc)
			}
		}
	}
}

// TestEdges multiplies by, and makes points of, numbers where something happens.
func TestEdges(t *testing.T) {
	for name, b := range edges() {
		t.Run(name, func(t *testing.T) {
			got := toAffine(new(Point).Mult(&b, Generator()))
			if want := generator().mult(toBig(b)); got.x.Cmp(want.x) != 0 || got.y.Cmp(want.y) != 0 {
				t.Errorf("mult: %v, want %v", got, want)
			}
			got = toAffine(new(Point).Map(&b))
			if want := elligator(mod(toBig(b))); got.x.Cmp(want.x) != 0 || got.y.Cmp(want.y) != 0 {
				t.Errorf("map: %v, want %v", got, want)
			}
			checkDecode(t, b)
		})
	}
}

// checkDecode decodes b as the model does.
func checkDecode(t *testing.T, b [Size]byte) {
	t.Helper()
	want, ok := decode(toBig(b))
	p, err := new(Point).Decode(&b)
	if !ok {
		if !errors.Is(err, ErrPoint) {
			t.Fatalf("%x: decoded, %v", b, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	got := toAffine(p)
	if got.x.Cmp(want.x) != 0 || got.y.Cmp(want.y) != 0 || !got.on() {
		t.Fatalf("%x: %v, want %v", b, got, want)
	}
	if p.Encode() != b {
		t.Fatalf("%x: encoded again as %x", b, p.Encode())
	}
}

func TestDecode(t *testing.T) {
	r := random()
	good := 0
	for range 200 {
		b := fill(r)
		checkDecode(t, b)
		if _, err := new(Point).Decode(&b); err == nil {
			good++
		}
		b = new(Point).Mult(&b, Generator()).Encode()
		checkDecode(t, b)
	}
	if good < 20 || good > 180 {
		t.Errorf("%d of 200 numbers are points", good)
	}
}

// TestCofactor adds points of small order. Those of order 4 are seen.
func TestCofactor(t *testing.T) {
	p := new(Point).Mult(&[Size]byte{55: 2}, Generator())
	for _, c := range []struct {
		name  string
		small affine
		seen  bool
	}{
		{"of order 1", affine{new(big.Int), one}, false},
		{"of order 2", affine{new(big.Int), minus(one)}, false},
		{"of order 4", affine{one, new(big.Int)}, true},
		{"another of order 4", affine{minus(one), new(big.Int)}, true},
	} {
		q := new(Point).Add(p, toPoint(c.small, one))
		if got := q.Encode() != p.Encode(); got != c.seen {
			t.Errorf("%s: seen in the encoding: %v", c.name, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(make([]byte, Size))
	one := new(Point).Map(&[Size]byte{1}).Encode()
	f.Add(one[:])
	f.Fuzz(func(t *testing.T, in []byte) {
		var b [Size]byte
		copy(b[:], in)
		checkDecode(t, b)
	})
}

func BenchmarkMult(b *testing.B) {
	s := fill(random())
	p := Generator()
	for b.Loop() {
		p.Mult(&s, p)
	}
}

func BenchmarkMap(b *testing.B) {
	s := fill(random())
	p := new(Point)
	for b.Loop() {
		p.Map(&s)
	}
}
