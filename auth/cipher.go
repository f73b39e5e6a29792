package auth

import (
	"crypto/des"
	"crypto/subtle"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

// desLen is the length of a DES key without parity.
const desLen = 7

// A Cipher is the K of K{m} in authsrv(6): a key and how it is used. Form 0 is
// DES, of which nothing says whether the key was right except a type among 256.
// Form 1 is ChaCha20-Poly1305. A Cipher is for one goroutine; if it is copied,
// both must not encrypt messages of the same type.
type Cipher struct {
	form int
	key  [NonceLen]byte // the first 7 of form 0
	sent uint32         // messages encrypted in form 1
}

// Form returns 0 or 1.
func (c *Cipher) Form() int { return c.form }

// keyLen returns how many bytes of a key are used.
func (c *Cipher) keyLen() int {
	if c.form == 0 {
		return desLen
	}
	return NonceLen
}

// zero overwrites the key.
func (c *Cipher) zero() { *c = Cipher{form: c.form} }

// signature returns the bytes that say, in form 1, which type of message it is,
// and are half of the nonce. A type that is never encrypted has none.
func signature(num Type) string {
	switch num {
	case AuthPass:
		return "form1 PR"
	case AuthTs:
		return "form1 Ts"
	case AuthTc:
		return "form1 Tc"
	case AuthAs:
		return "form1 As"
	case AuthAc:
		return "form1 Ac"
	case AuthTp:
		return "form1 Tp"
	case AuthHr:
		return "form1 Hr"
	}
	return ""
}

// size returns the length of an encrypted message of n bytes.
func (c *Cipher) size(n int) int {
	if c.form == 0 {
		return 1 + n
	}
	return chacha20poly1305.NonceSize + n + chacha20poly1305.Overhead
}

// seal returns a message of a type, encrypted.
func (c *Cipher) seal(num Type, body []byte) []byte {
	b := make([]byte, 0, c.size(len(body)))
	if c.form == 0 {
		b = append(append(b, byte(num)), body...)
		desEncrypt(c.key[:desLen], b)
		return b
	}
	b = append(b, signature(num)...)
	b = binary.LittleEndian.AppendUint32(b, c.sent)
	c.sent++ // no nonce is used twice: changes of passwords may be tried again
	return c.aead().Seal(b, b, body, nil)
}

// open returns what seal was given, from the beginning of b, or Short, or
// ErrBadKey if it is of another type or was encrypted with another key.
func (c *Cipher) open(num Type, b []byte, n int) ([]byte, error) {
	size := c.size(n)
	if len(b) < size {
		return nil, Short(size)
	}
	b = b[:size]
	if c.form == 0 {
		b = append([]byte(nil), b...)
		desDecrypt(c.key[:desLen], b)
		if subtle.ConstantTimeByteEq(b[0], byte(num)) != 1 {
			return nil, ErrBadKey
		}
		return b[1:], nil
	}
	nonce := b[:chacha20poly1305.NonceSize]
	if string(nonce[:8]) != signature(num) {
		return nil, ErrBadKey
	}
	body, err := c.aead().Open(nil, nonce, b[len(nonce):], nil)
	if err != nil {
		return nil, ErrBadKey
	}
	return body, nil
}

// desEncrypt encrypts b, at least 8 bytes, as Plan 9 does: blocks that overlap by
// one byte, the last by as many as it takes.
func desEncrypt(key, b []byte) {
	block := desCipher(key)
	for _, at := range desBlocks(len(b)) {
		block.Encrypt(b[at:], b[at:])
	}
}

// desDecrypt undoes desEncrypt.
func desDecrypt(key, b []byte) {
	block := desCipher(key)
	at := desBlocks(len(b))
	for i := len(at) - 1; i >= 0; i-- {
		block.Decrypt(b[at[i]:], b[at[i]:])
	}
}

// desBlocks returns where in n bytes the blocks are.
func desBlocks(n int) (at []int) {
	for i := 0; i+des.BlockSize <= n; i += desLen {
		at = append(at, i)
	}
	if rest := (n - 1) % desLen; rest != 0 {
		at = append(at, n-des.BlockSize)
	}
	return at
}
