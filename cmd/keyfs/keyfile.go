package keyfs

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"ufo/auth"
)

// The file is encrypted as a whole: after as many random bytes as the cipher has in
// a block come records of fixed length, one for each user. A file in the newer
// form says so in its first bytes, which are not encrypted.
//
//	name 28  DES key 7  status 1  warnings 1  expiration 4  secret 32
//
// and in the newer form AES key 16. Names and secrets end in zeros, the time of
// expiration is in seconds since 1970, the lowest byte first.
const (
	magic  = "AES KEYS"
	desLen = 7
	oldLen = auth.NameLen + desLen + 1 + 1 + 4 + auth.SecretLen
	newLen = oldLen + auth.KeyLen
	oldOff = 8
	newOff = len(magic) + aes.BlockSize
)

// What can be wrong with a file.
var (
	ErrKey     = errors.New("wrong key, or not a key file")
	ErrNoKey   = errors.New("no key of the kind the file is encrypted with")
	ErrSize    = errors.New("key file truncated")
	errTooMany = errors.New("key file too large")
)

// maxUsers bounds what is read.
const maxUsers = 1 << 16

// A user is a record of the file.
type user struct {
	name     string
	key      auth.Key
	secret   string
	expire   uint32 // 0: never
	status   byte   // 0: ok
	warnings byte

	raw []byte // a record that makes no sense: it is written as it was read

	// Not in the file.
	id  uint64
	log *log
}

// disabled is the status of one who is.
const disabled = 1

// decode returns the users in a key file, decrypted with a machine's key, and
// whether it is in the newer form. An empty file has none.
func decode(file []byte, key *auth.Key) (users []*user, newer bool, err error) {
	newer = bytes.HasPrefix(file, []byte(magic)) && len(file) >= newOff
	off, size := oldOff, oldLen
	if newer {
		off, size = newOff, newLen
	}
	switch {
	case len(file) == 0:
		return nil, key.HasAES(), nil
	case len(file) > off+maxUsers*size:
		return nil, newer, errTooMany
	case len(file) < off || (len(file)-off)%size != 0:
		return nil, newer, ErrSize
	case newer && !key.HasAES() || !newer && !key.HasDES():
		return nil, newer, ErrNoKey
	}
	b := bytes.Clone(file)
	defer clear(b)
	if newer {
		crypt(aesBlock(key), b[len(magic):], true)
	} else {
		crypt(key.DESBlock(), b, true)
	}
	sense := 0
	for b := b[off:]; len(b) > 0; b = b[size:] {
		u, plausible := decodeUser(b[:size])
		if plausible {
			sense++
		}
		users = append(users, u)
	}
	if sense == 0 && len(users) > 0 {
		return nil, newer, ErrKey
	}
	return users, newer, nil
}

// decodeUser returns the user of a record, and whether it looks like one that was
// encrypted with the key it was decrypted with.
func decodeUser(b []byte) (u *user, plausible bool) {
	raw := b
	cut := func(n int) []byte {
		f := b[:n]
		b = b[n:]
		return f
	}
	text := func(n int) (s string, zeros bool) {
		head, tail, ended := bytes.Cut(cut(n), []byte{0})
		return string(head), ended && len(bytes.Trim(tail, "\x00")) == 0
	}
	u = &user{log: new(log)}
	var ended bool
	u.name, ended = text(auth.NameLen)
	copy(u.key.DES[:], cut(desLen))
	u.status, u.warnings = cut(1)[0], cut(1)[0]
	u.expire = binary.LittleEndian.Uint32(cut(4))
	u.secret, _ = text(auth.SecretLen)
	u.secret = u.secret[:min(len(u.secret), auth.SecretLen-1)]
	copy(u.key.AES[:], b)
	if !validName(u.name) {
		return &user{raw: bytes.Clone(raw)}, false
	}
	return u, ended && u.status <= disabled
}

// validName reports whether a user can have a name.
func validName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) < auth.NameLen && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '/' })
}

// encode returns a key file.
func encode(users []*user, key *auth.Key, newer bool) []byte {
	off := oldOff
	if newer {
		off = newOff
	}
	b := make([]byte, off, off+len(users)*newLen)
	rand.Read(b)
	for _, u := range users {
		b = u.append(b, newer)
	}
	if newer {
		copy(b, magic)
		crypt(aesBlock(key), b[len(magic):], false)
	} else {
		crypt(key.DESBlock(), b, false)
	}
	return b
}

// append appends the user's record. One of the other form that made no sense
// there makes none here, and is left out.
func (u *user) append(b []byte, newer bool) []byte {
	size := oldLen
	if newer {
		size = newLen
	}
	if u.raw != nil {
		if len(u.raw) != size {
			return b
		}
		return append(b, u.raw...)
	}
	r := make([]byte, size)
	copy(r, u.name)
	p := r[auth.NameLen:]
	copy(p, u.key.DES[:])
	p = p[desLen:]
	p[0], p[1] = u.status, u.warnings
	binary.LittleEndian.PutUint32(p[2:], u.expire)
	p = p[6:]
	copy(p, u.secret)
	copy(p[auth.SecretLen:], u.key.AES[:])
	return append(b, r...)
}

func aesBlock(key *auth.Key) cipher.Block {
	block, err := aes.NewCipher(key.AES[:])
	if err != nil {
		panic(fmt.Sprint("keyfs: ", err)) // only of the length
	}
	return block
}

// crypt encrypts or decrypts b in place: CBC that begins with zeros. What is left
// behind the last whole block is exclusive-ored with the encryption of that block's
// cipher text, as Plan 9 does in either direction.
func crypt(block cipher.Block, b []byte, decrypt bool) {
	size := block.BlockSize()
	iv := make([]byte, size)
	whole := len(b) / size * size
	last := iv
	if whole > 0 {
		last = bytes.Clone(b[whole-size : whole])
	}
	if decrypt {
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(b[:whole], b[:whole])
	} else {
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(b[:whole], b[:whole])
		last = bytes.Clone(append(iv, b[:whole]...)[whole:])
	}
	mask := make([]byte, size)
	block.Encrypt(mask, last)
	for i := range b[whole:] {
		b[whole+i] ^= mask[i]
	}
}

// Convert returns a key file encrypted with another key, in the newer form if it is
// that already, or so wanted. The errors are those of New.
func Convert(file []byte, old, fresh *auth.Key, newer bool) ([]byte, error) {
	users, is, err := decode(file, old)
	if err != nil {
		return nil, err
	}
	return encode(users, fresh, newer || is && len(file) > 0), nil
}
