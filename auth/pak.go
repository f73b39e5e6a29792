package auth

import (
	"crypto/rand"
	"crypto/sha256"

	"ufo/auth/ed448"
)

// PAKLen is the length of a public key of an exchange.
const PAKLen = ed448.Size

// A PAK is one side of a key exchange that both sides can finish alike only if
// they have the same Hash (SPAKE2 with Elligator 2). For the authentication
// server, both a client and a server are its clients.
type PAK struct {
	hash   *Hash
	client bool
	x      [PAKLen]byte // private
	y      [PAKLen]byte // public
}

// PAK begins an exchange.
func (h *Hash) PAK(client bool) *PAK {
	var x [PAKLen]byte
	rand.Read(x[:])
	return h.pak(client, &x)
}

func (h *Hash) pak(client bool, x *[PAKLen]byte) *PAK {
	p := &PAK{hash: h, client: client, x: *x}
	mine := &h.m
	if !client {
		mine = &h.n
	}
	var y ed448.Point
	y.Mult(x, ed448.Generator())
	p.y = y.Add(&y, mine).Encode()
	return p
}

// Public returns what the other side must be given.
func (p *PAK) Public() []byte { return p.y[:] }

// Finish returns the key that the exchange made, given the other's public key.
// The error is ed448.ErrPoint; the wrong key shows only when it is used. An
// exchange is finished once: the private key is gone then.
func (p *PAK) Finish(public []byte) (*Cipher, error) {
	defer clear(p.x[:])
	var theirs [PAKLen]byte
	if copy(theirs[:], public) != PAKLen {
		return nil, ed448.ErrPoint
	}
	var z, hide ed448.Point
	if _, err := z.Decode(&theirs); err != nil {
		return nil, err
	}
	hide.Neg(&p.hash.n)
	if !p.client {
		hide.Neg(&p.hash.m)
	}
	shared := z.Mult(&p.x, z.Add(&z, &hide)).Encode()
	defer clear(shared[:])
	both := append(p.y[:len(p.y):len(p.y)], theirs[:]...)
	if !p.client {
		both = append(theirs[:len(theirs):len(theirs)], p.y[:]...)
	}
	salt := sha256.Sum256(both)
	c := &Cipher{form: 1}
	derive(c.key[:], shared[:], salt[:], "Plan 9 AuthPAK key")
	return c, nil
}
