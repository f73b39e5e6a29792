package auth

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"ufo/auth/ed448"
)

// vectors returns the lines of a kind in testdata/vectors.txt, which a program
// printed that was linked with drawterm's libauthsrv and libsec.
func vectors(t *testing.T, kind string) (vs []map[string][]byte) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != kind {
			continue
		}
		v := map[string][]byte{}
		for _, pair := range f[1:] {
			name, value, _ := strings.Cut(pair, "=")
			if v[name], err = hex.DecodeString(value); err != nil {
				t.Fatal(err)
			}
		}
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		t.Fatalf("no vectors of %s", kind)
	}
	return vs
}

func check(t *testing.T, name string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %x, want %x", name, got, want)
	}
}

func TestPassKey(t *testing.T) {
	for _, v := range vectors(t, "pass") {
		t.Run(fmt.Sprintf("%q", v["pw"]), func(t *testing.T) {
			k := PassKey(string(v["pw"]))
			check(t, "DES", k.DES[:], v["des"])
			check(t, "AES", k.AES[:], v["aes"])
			if !k.HasDES() || !k.HasAES() {
				t.Error("a part is not there")
			}
			if k.Zero(); k.HasDES() || k.HasAES() {
				t.Error("a part is still there")
			}
		})
	}
}

func TestDES(t *testing.T) {
	for _, v := range vectors(t, "des") {
		t.Run(fmt.Sprintf("%d bytes", len(v["in"])), func(t *testing.T) {
			b := bytes.Clone(v["in"])
			desEncrypt(v["key"], b)
			check(t, "encrypt", b, v["out"])
			desDecrypt(v["key"], b)
			check(t, "decrypt", b, v["in"])
		})
	}
	for _, v := range vectors(t, "spread") {
		k := spread(v["in"])
		check(t, "spread", k[:], v["out"])
	}
}

// TestHash compares points, which the others have with denominators.
func TestHash(t *testing.T) {
	for _, v := range vectors(t, "pakhash") {
		k := &Key{AES: [KeyLen]byte(v["aes"])}
		h := k.Hash(string(v["user"]))
		for i, p := range []*ed448.Point{&h.m, &h.n} {
			theirs := v["hash"][4*PAKLen*i:]
			if got, want := p.Encode(), encodeXYZ(theirs); got != want {
				t.Errorf("%s: point %d: %x, want %x", v["user"], i, got, want)
			}
		}
	}
}

// encodeXYZ encodes a point given as X, Y and Z, in big integers, as decaf.mp of
// 9front has it.
func encodeXYZ(b []byte) (out [PAKLen]byte) {
	p := new(big.Int).Lsh(big.NewInt(1), 448)
	p.Sub(p, new(big.Int).Lsh(big.NewInt(1), 224)).Sub(p, big.NewInt(1))
	mul := func(ns ...*big.Int) *big.Int {
		r := big.NewInt(1)
		for _, n := range ns {
			r.Mul(r, n).Mod(r, p)
		}
		return r
	}
	neg := func(n *big.Int) *big.Int { return new(big.Int).Mod(new(big.Int).Neg(n), p) }
	odd := func(n *big.Int) bool { return n.Cmp(new(big.Int).Rsh(p, 1)) > 0 }
	num := func(i int) *big.Int { return new(big.Int).SetBytes(b[i*PAKLen : (i+1)*PAKLen]) }
	zi := new(big.Int).ModInverse(num(2), p)
	x, y := mul(num(0), zi), mul(num(1), zi)
	ad := big.NewInt(39082)
	e := new(big.Int).Rsh(new(big.Int).Sub(p, big.NewInt(3)), 2)
	plus := new(big.Int).Add(big.NewInt(1), y)
	minus := new(big.Int).Sub(big.NewInt(1), y)
	r := new(big.Int).Exp(mul(ad, plus, minus), e, p)
	u := mul(ad, r)
	if odd(neg(mul(big.NewInt(2), u))) {
		r = neg(r)
	}
	s := mul(r, new(big.Int).Add(x, mul(big.NewInt(39081), y, x, y)))
	s = mul(u, s.Add(s, y))
	if odd(s) {
		s = neg(s)
	}
	s.FillBytes(out[:])
	return out
}

func TestPAK(t *testing.T) {
	for _, v := range vectors(t, "pak") {
		t.Run(fmt.Sprintf("%q", v["user"]), func(t *testing.T) {
			h := (&Key{AES: [KeyLen]byte(v["aes"])}).Hash(string(v["user"]))
			c := h.pak(true, (*[PAKLen]byte)(v["xc"]))
			s := h.pak(false, (*[PAKLen]byte)(v["xs"]))
			check(t, "client's public key", c.Public(), v["yc"])
			check(t, "server's public key", s.Public(), v["ys"])
			ck, err := c.Finish(s.Public())
			if err != nil {
				t.Fatal(err)
			}
			check(t, "client's key", ck.key[:], v["key"])
			sk, err := s.Finish(c.Public())
			if err != nil {
				t.Fatal(err)
			}
			check(t, "server's key", sk.key[:], v["key"])
		})
	}
}

func TestTicketreqVector(t *testing.T) {
	v := vectors(t, "ticketreq")[0]
	want := &Ticketreq{AuthTreq, "bootes", "lab.local", [ChalLen]byte(v["chal"]), "glenda", "none"}
	b, err := want.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	check(t, "bytes", b, v["out"])
	got, err := ParseTicketreq(v["out"])
	if err != nil || *got != *want {
		t.Errorf("parsed: %v, %v", got, err)
	}
}

// cipherOf returns a Cipher as a vector has it; those count their messages.
func cipherOf(v map[string][]byte, key string, sent uint32) *Cipher {
	c := &Cipher{form: int(v["form"][0]), sent: sent}
	copy(c.key[:c.keyLen()], v[key])
	return c
}

func TestTicketVectors(t *testing.T) {
	for _, v := range vectors(t, "ticket") {
		c := cipherOf(v, []string{"des", "pakkey"}[v["form"][0]], 0)
		want := Ticket{AuthTs, [ChalLen]byte(v["chal"]), "glenda", "tor", *cipherOf(v, "key", 0)}
		b, err := want.Seal(c)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "sealed", b, v["out"])
		got, rest, err := OpenTicket(append(b, 7), c, AuthTs)
		if err != nil || *got != want || len(rest) != 1 {
			t.Errorf("opened: %v, %v, %v", got, rest, err)
		}
	}
}

func TestAuthenticatorVectors(t *testing.T) {
	for _, v := range vectors(t, "authenticator") {
		c := cipherOf(v, "key", 1)
		want := Authenticator{Type: AuthAc, Chal: [ChalLen]byte(v["chal"])}
		if c.Form() == 1 {
			want.Rand = [NonceLen]byte(v["rand"])
		}
		check(t, "sealed", want.Seal(c), v["out"])
		got, rest, err := OpenAuthenticator(append(v["out"], 7), c, AuthAc)
		if err != nil || *got != want || len(rest) != 1 {
			t.Errorf("opened: %v, %v, %v", got, rest, err)
		}
	}
}

func TestPasswordreqVectors(t *testing.T) {
	for _, v := range vectors(t, "passwordreq") {
		c := cipherOf(v, "key", 2)
		want := Passwordreq{"old secret", "new secret", true, "apop"}
		b, err := want.Seal(c)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "sealed", b, v["out"])
		got, rest, err := OpenPasswordreq(append(b, 7), c)
		if err != nil || *got != want || len(rest) != 1 {
			t.Errorf("opened: %v, %v, %v", got, rest, err)
		}
	}
}

func TestSessionSecret(t *testing.T) {
	v := vectors(t, "session")[0]
	out := make([]byte, 256)
	derive(out, v["key"], v["rand"], "Plan 9 session secret")
	check(t, "secret", out, v["out"])
}
