package auth

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"ufo/auth/ed448"
)

// KeyLen is the length of the AES key, as it is called: it is used for nothing
// but to make others.
const KeyLen = 16

// A Key is what a user, or a machine's owner, shares with the authentication
// server. A part that is all zero is not there.
type Key struct {
	DES [desLen]byte // for p9sk1
	AES [KeyLen]byte // for dp9ik
}

// PassKey makes the key of a password, as passtokey of authsrv(2).
func PassKey(password string) *Key {
	k := &Key{DES: passDES(password)}
	aes, err := pbkdf2.Key(sha1.New, password, []byte("Plan 9 key derivation"), 9001, KeyLen)
	if err != nil {
		panic(err) // only of lengths, which are constant
	}
	copy(k.AES[:], aes)
	clear(aes)
	return k
}

// passDES makes the DES key of the first 27 bytes of a password: of each eight
// bytes' lower seven bits, encrypting the next eight with it.
func passDES(password string) (key [desLen]byte) {
	var buf [PasswordLen]byte
	copy(buf[:], "        ")
	n := min(len(password), len(buf)-1)
	copy(buf[:], password[:n])
	buf[n] = 0
	defer clear(buf[:])
	for at := 0; ; desEncrypt(key[:], buf[at:at+8]) {
		for i := range key {
			key[i] = buf[at+i]>>i + buf[at+i+1]<<(7-i)
		}
		if n <= 8 {
			return key
		}
		n -= 8
		at += 8
		if n < 8 { // the last eight overlap those before
			at -= 8 - n
			n = 8
		}
	}
}

// Zero overwrites the key.
func (k *Key) Zero() { *k = Key{} }

// Format prints nothing of the key, whatever it is asked for: keys do not get
// into logs by being part of something.
func (k Key) Format(f fmt.State, verb rune) { io.WriteString(f, "key") }

// Format is like that of Key.
func (c Cipher) Format(f fmt.State, verb rune) { io.WriteString(f, "key") }

// HasDES and HasAES report whether that part is there.
func (k *Key) HasDES() bool { return k.DES != [desLen]byte{} }

// HasAES is like HasDES, of the other.
func (k *Key) HasAES() bool { return k.AES != [KeyLen]byte{} }

// Cipher returns the key as p9sk1 uses it.
func (k *Key) Cipher() *Cipher {
	c := new(Cipher)
	copy(c.key[:], k.DES[:])
	return c
}

// DESBlock returns DES with that part of the key, for files that are encrypted so.
func (k *Key) DESBlock() cipher.Block { return desCipher(k.DES[:]) }

// newNonce returns a new key of a form.
func newNonce(form int) Cipher {
	c := Cipher{form: form}
	rand.Read(c.key[:c.keyLen()])
	return c
}

func (c *Cipher) aead() cipher.AEAD {
	a, err := chacha20poly1305.New(c.key[:])
	if err != nil {
		panic(err) // only of the length
	}
	return a
}

// desCipher returns DES with a key of seven bytes.
func desCipher(key []byte) cipher.Block {
	k := spread(key)
	block, err := des.NewCipher(k[:])
	if err != nil {
		panic(err) // only of the length
	}
	clear(k[:])
	return block
}

// spread puts 56 bits into eight bytes, each with a bit of odd parity below.
func spread(key []byte) (k [8]byte) {
	var all uint64
	for _, b := range key[:desLen] {
		all = all<<8 | uint64(b)
	}
	for i := range k {
		b := byte(all>>(49-7*i)) & 0x7f << 1
		p := b ^ b>>4
		p ^= p >> 2
		p ^= p >> 1
		k[i] = b | ^p&1
	}
	return k
}

// derive fills out with bytes made from a secret, HKDF with SHA-256.
func derive(out, secret, salt []byte, info string) {
	b, err := hkdf.Key(sha256.New, secret, salt, info, len(out))
	if err != nil {
		panic(err) // only of the length
	}
	copy(out, b)
	clear(b)
}

// A Hash is what a key exchange takes of a Key and a user's name: two points of
// the curve, which hide the public keys from who does not know them.
type Hash struct{ m, n ed448.Point }

// Hash returns k's, for a user. It takes as long as a few thousand messages, and
// the same time for every key.
func (k *Key) Hash(user string) *Hash {
	salt := sha256.Sum256([]byte(user))
	var numbers [2 * ed448.Size]byte
	derive(numbers[:], k.AES[:], salt[:], "Plan 9 AuthPAK hash")
	defer clear(numbers[:])
	h := new(Hash)
	h.m.Map((*[ed448.Size]byte)(numbers[:]))
	h.n.Map((*[ed448.Size]byte)(numbers[ed448.Size:]))
	return h
}
