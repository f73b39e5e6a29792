package tls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"hash"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// A protection keeps records in one direction.
type protection interface {
	// seal returns the body of a record, given its number and type.
	seal(seq uint64, typ RecordType, data []byte) []byte

	// open undoes seal, in place. The error is BadRecordMAC, whatever is wrong.
	open(seq uint64, typ RecordType, body []byte) ([]byte, error)
}

// An algorithm is a way to keep records: by the names of tls(3), and how much
// secret data of each kind it takes.
type algorithm struct {
	enc, hash    string
	mac, key, iv int
	new          func(mac, key, iv []byte) protection
}

// algorithms are all there are. In CBC each record has its own initial vector,
// and that in the secret data is not used.
var algorithms = []algorithm{
	{"ccpoly96_aead", "clear", 0, chacha20poly1305.KeySize, chacha20poly1305.NonceSize, newAEAD},
	{"aes_128_cbc", "sha256", sha256.Size, 16, aes.BlockSize, newCBC256},
	{"aes_128_cbc", "sha1", sha1.Size, 16, aes.BlockSize, newCBC1},
}

// Errors of algorithms and secrets.
var (
	errAlgorithm = errors.New("unknown algorithm")
	errSecret    = errors.New("not enough secret data provided")
)

// Algorithms returns the names of all algorithms to encrypt and to authenticate
// with. With an aead the other is clear.
func Algorithms() (enc, hash []string) {
	for _, a := range algorithms {
		if !slices.Contains(enc, a.enc) {
			enc = append(enc, a.enc)
		}
		hash = append(hash, a.hash)
	}
	return enc, hash
}

// find returns the algorithm of these names.
func find(hash, enc string) (*algorithm, error) {
	for i := range algorithms {
		if a := &algorithms[i]; a.enc == enc && a.hash == hash {
			return a, nil
		}
	}
	return nil, errAlgorithm
}

// size returns how many bytes of secret data it takes.
func (a *algorithm) size() int { return 2 * (a.mac + a.key + a.iv) }

// protections returns those of what the client and the server send. Of each kind of
// secret data the client's comes first.
func (a *algorithm) protections(secret []byte) (client, server protection, err error) {
	if len(secret) < a.size() {
		return nil, nil, errSecret
	}
	var parts [6][]byte
	for i, n := range []int{a.mac, a.mac, a.key, a.key, a.iv, a.iv} {
		parts[i], secret = secret[:n:n], secret[n:]
	}
	return a.new(parts[0], parts[2], parts[4]), a.new(parts[1], parts[3], parts[5]), nil
}

// header returns what of a record is authenticated but not encrypted.
func header(seq uint64, typ RecordType, n int) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 13), seq)
	b = append(b, byte(typ))
	b = binary.BigEndian.AppendUint16(b, version)
	return binary.BigEndian.AppendUint16(b, uint16(n))
}

// An aead is ChaCha20-Poly1305 as RFC 7905 uses it.
type aead struct {
	cipher.AEAD
	iv [chacha20poly1305.NonceSize]byte
}

func newAEAD(_, key, iv []byte) protection {
	c, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err) // only of the length
	}
	return &aead{c, [chacha20poly1305.NonceSize]byte(iv)}
}

// nonce returns the initial vector and a record's number, one on the other.
func (a *aead) nonce(seq uint64) []byte {
	n := a.iv
	for i := range 8 {
		n[len(n)-1-i] ^= byte(seq >> (8 * i))
	}
	return n[:]
}

func (a *aead) seal(seq uint64, typ RecordType, data []byte) []byte {
	return a.Seal(nil, a.nonce(seq), data, header(seq, typ, len(data)))
}

func (a *aead) open(seq uint64, typ RecordType, body []byte) ([]byte, error) {
	n := len(body) - a.Overhead()
	if n < 0 {
		return nil, BadRecordMAC
	}
	data, err := a.Open(body[:0], a.nonce(seq), body, header(seq, typ, n))
	if err != nil {
		return nil, BadRecordMAC
	}
	return data, nil
}

// A cbc is AES and a hash over what it encrypts.
type cbc struct {
	block cipher.Block
	mac   hash.Hash
}

func newCBC256(mac, key, _ []byte) protection { return newCBC(key, hmac.New(sha256.New, mac)) }
func newCBC1(mac, key, _ []byte) protection   { return newCBC(key, hmac.New(sha1.New, mac)) }

func newCBC(key []byte, mac hash.Hash) protection {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only of the length
	}
	return &cbc{block, mac}
}

// sum returns the hash of a record. Extra is hashed afterwards, so that a record
// takes as long with long padding as with short.
func (c *cbc) sum(seq uint64, typ RecordType, data, extra []byte) []byte {
	c.mac.Reset()
	c.mac.Write(header(seq, typ, len(data)))
	c.mac.Write(data)
	sum := c.mac.Sum(nil)
	c.mac.Write(extra)
	return sum
}

func (c *cbc) seal(seq uint64, typ RecordType, data []byte) []byte {
	b := make([]byte, aes.BlockSize, 3*aes.BlockSize+len(data)+c.mac.Size())
	rand.Read(b)
	b = append(append(b, data...), c.sum(seq, typ, data, nil)...)
	for pad := byte(aes.BlockSize - 1 - len(b)%aes.BlockSize); ; {
		if b = append(b, pad); len(b)%aes.BlockSize == 0 {
			break
		}
	}
	text := b[aes.BlockSize:]
	cipher.NewCBCEncrypter(c.block, b[:aes.BlockSize]).CryptBlocks(text, text)
	return b
}

func (c *cbc) open(seq uint64, typ RecordType, body []byte) ([]byte, error) {
	size := c.mac.Size()
	if len(body)%aes.BlockSize != 0 || len(body) < aes.BlockSize+size+1 {
		return nil, BadRecordMAC
	}
	iv, text := body[:aes.BlockSize], body[aes.BlockSize:]
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(text, text)
	pad, good := padding(text, size)
	n := len(text) - pad - size
	sum := c.sum(seq, typ, text[:n], text[n+size:])
	if subtle.ConstantTimeCompare(sum, text[n:n+size])&good != 1 {
		return nil, BadRecordMAC
	}
	return text[:n], nil
}

// padding returns how many bytes at the end of text are padding, and whether they
// are good: 1 or 0. If not, they are one. It looks at all that padding can be.
func padding(text []byte, size int) (pad, good int) {
	last := len(text) - 1
	pad = int(text[last])
	good = subtle.ConstantTimeLessOrEq(pad+1+size, len(text))
	for i := range min(256, len(text)) {
		of := subtle.ConstantTimeLessOrEq(i, pad)
		same := subtle.ConstantTimeByteEq(text[last-i], byte(pad))
		good &= same | (of ^ 1)
	}
	return pad*good + 1, good
}
