package secstore

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
)

// version begins the first message, and goes into what is made of a password.
const version = "secstore"

// The group: p = rq+1, and g generates its subgroup of order q.
var group = struct{ q, p, r, g *big.Int }{
	q: number("E0F0EF284E10796C5A2A511E94748BA03C795C13"),
	p: number("C41CFBE4D4846F67A3DF7DE9921A49D3B42DC33728427AB159CEC8CBB" +
		"DB12B5F0C244F1A734AEB9840804EA3C25036AD1B61AFF3ABBC247CD4B384224567A86" +
		"3A6F020E7EE9795554BCD08ABAD7321AF27E1E92E3DB1C6E7E94FAAE590AE9C48F96D9" +
		"3D178E809401ABE8A534A1EC44359733475A36A70C7B425125062B1142D"),
	r: number("DF310F4E54A5FEC5D86D3E14863921E834113E060F90052AD332B3241" +
		"CEF2497EFA0303D6344F7C819691A0F9C4A773815AF8EAECFB7EC1D98F039F17A32A7E" +
		"887D97251A927D093F44A55577F4D70444AEBD06B9B45695EC23962B175F266895C67D" +
		"21C4656848614D888A4"),
	g: number("2F1C308DC46B9A44B52DF7DACCE1208CCEF72F69C743ADD4D23271734" +
		"44ED6E65E074694246E07F9FD4AE26E0FDDD9F54F813C40CB9BCD4338EA6F242AB94CD" +
		"410E676C290368A16B1A3594877437E516C53A6EEE5493A038A017E955E218E7819734" +
		"E3E2A6E0BAE08B14258F8C03CC1B30E0DDADFCF7CEDF0727684D3D255F1"),
}

func number(hex string) *big.Int {
	n, _ := new(big.Int).SetString(hex, 16)
	return n
}

// A Hi is what a server keeps of a password. The zero Hi is none.
type Hi struct{ n *big.Int }

// MakeHi returns that of a user's password.
func MakeHi(user, password string) Hi {
	return Hi{new(big.Int).ModInverse(longHash(user, password), group.p)}
}

// ParseHi reads one in its text form.
func ParseHi(s string) (Hi, error) {
	n, err := decode(s)
	return Hi{n}, err
}

// String returns the text form.
func (h Hi) String() string { return encode(h.n) }

// unknownHi returns one of which nobody knows the password.
func unknownHi() Hi { return Hi{power(group.g, exponent())} }

// longHash returns H, an element of the subgroup that is made from a password.
func longHash(user, password string) *big.Int {
	pass := sha1.Sum([]byte(password))
	text := append([]byte(version+user), pass[:]...)
	defer clear(text)
	var buf []byte
	for i := range byte(7) {
		h := hmac.New(sha1.New, []byte{'A' + i})
		h.Write(text)
		buf = h.Sum(buf)
	}
	n := new(big.Int).SetBytes(buf)
	return power(n.Mod(n, group.p), group.r)
}

// encode returns a number in base 64.
func encode(n *big.Int) string {
	return base64.StdEncoding.EncodeToString(n.FillBytes(make([]byte, max(1, (n.BitLen()+7)/8))))
}

// decode reads a number that is an element of the group, but not one whose powers
// everybody knows.
func decode(s string) (*big.Int, error) {
	if len(s) > base64.StdEncoding.EncodedLen(len(group.p.Bytes())) {
		return nil, ErrProtocol
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	n := new(big.Int).SetBytes(b)
	last := new(big.Int).Sub(group.p, big.NewInt(1))
	if err != nil || n.Cmp(big.NewInt(1)) <= 0 || n.Cmp(last) >= 0 {
		return nil, ErrProtocol
	}
	return n, nil
}

func power(b, e *big.Int) *big.Int { return new(big.Int).Exp(b, e, group.p) }

func times(a, b *big.Int) *big.Int {
	n := new(big.Int).Mul(a, b)
	return n.Mod(n, group.p)
}

// exponent returns a random one that is not 0.
func exponent() *big.Int {
	var b [30]byte // so many more bits than q that no remainder is likelier
	rand.Read(b[:])
	n := new(big.Int).SetBytes(b[:])
	if n.Mod(n, group.q); n.Sign() == 0 {
		n.SetInt64(1)
	}
	return n
}

// An exchange is what both sides must agree on at the end: the texts that were
// sent, and two that were not.
type exchange struct {
	user, server string
	m, mu        string
	sigma, hi    string
}

// hash returns a hash that shows that a side knows all of it.
func (x *exchange) hash(label string) []byte {
	h := sha1.New()
	for range 2 {
		for _, s := range []string{label, x.user, x.server, x.m, x.mu, x.sigma, x.hi} {
			h.Write([]byte(s))
		}
	}
	return h.Sum(nil)
}

// check returns ErrVerifier unless text is the hash with a label.
func (x *exchange) check(label, text string) error {
	if subtle.ConstantTimeCompare([]byte(x.text(label)), []byte(text)) == 0 {
		return ErrVerifier
	}
	return nil
}

// text returns the hash as it is sent.
func (x *exchange) text(label string) string {
	return base64.StdEncoding.EncodeToString(x.hash(label))
}

// fields cuts lines of the form name=value, with these names, from a message.
func fields(msg []byte, names ...string) ([]string, error) {
	s := string(msg)
	values := make([]string, len(names))
	for i, name := range names {
		line, rest, ok := strings.Cut(s, "\n")
		value, ok2 := strings.CutPrefix(line, name+"=")
		if !ok || !ok2 || strings.ContainsRune(value, 0) {
			return nil, ErrProtocol
		}
		values[i], s = value, rest
	}
	return values, nil
}

// pakClient logs in and returns the name of the server.
func (c *conn) pakClient(user, password string) (string, error) {
	h := longHash(user, password)
	e := exponent()
	x := exchange{user: user, hi: MakeHi(user, password).String()}
	x.m = encode(times(power(group.g, e), h))
	if err := c.printf("%s\tPAK\nC=%s\nm=%s\n", version, user, x.m); err != nil {
		return "", err
	}
	msg, err := c.read()
	if err != nil {
		return "", err
	}
	f, err := fields(msg, "mu", "k", "S")
	if err != nil {
		return "", c.refuse(err)
	}
	mu, err := decode(f[0])
	if err != nil {
		return "", c.refuse(err)
	}
	x.mu, x.server = f[0], f[2]
	x.sigma = encode(power(mu, e))
	if err := x.check("server", f[1]); err != nil {
		return "", c.refuse(err)
	}
	if err := c.printf("k'=%s\n", x.text("client")); err != nil {
		return "", err
	}
	return x.server, c.setSecret(x.hash("session"), true)
}

// A hello is the first message of a client.
type hello struct {
	user string
	m    string
	n    *big.Int // m as a number; nil: the client wants to know about the account
}

// parseHello reads a first message.
func parseHello(msg []byte) (*hello, error) {
	rest, ok := strings.CutPrefix(string(msg), version+"\tPAK\n")
	if !ok {
		return nil, fmt.Errorf("protocol should start with ver alg")
	}
	f, err := fields([]byte(rest), "C", "m")
	if err != nil {
		return nil, err
	}
	h := &hello{user: f[0], m: f[1]}
	if err := CheckName(h.user); err != nil {
		return nil, err
	}
	if h.m == "0" {
		return h, nil
	}
	h.n, err = decode(h.m)
	return h, err
}

// pakServer answers a first message of a user with a Hi.
func (c *conn) pakServer(name string, h *hello, hi Hi) error {
	e := exponent()
	x := exchange{user: h.user, server: name, m: h.m, hi: hi.String()}
	x.mu = encode(power(group.g, e))
	x.sigma = encode(power(times(h.n, hi.n), e))
	if err := c.printf("mu=%s\nk=%s\nS=%s\n", x.mu, x.text("server"), name); err != nil {
		return err
	}
	msg, err := c.read()
	if err != nil {
		return err
	}
	f, err := fields(msg, "k'")
	if err != nil {
		return c.refuse(err)
	}
	if err := x.check("client", f[0]); err != nil {
		return err
	}
	return c.setSecret(x.hash("session"), false)
}
