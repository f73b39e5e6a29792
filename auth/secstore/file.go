package secstore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
)

// overhead is how much longer a file gets: a first block that is random, and
// letters at its end.
const overhead = 2 * aes.BlockSize

// end is what a file that was decrypted with the right key ends with.
const end = "XXXXXXXXXXXXXXXX"

// Seal encrypts a file with a key made from a password.
func Seal(password string, data []byte) []byte {
	b := make([]byte, aes.BlockSize, len(data)+overhead)
	rand.Read(b)
	b = append(append(b, data...), end...)
	block := fileKey(password)
	iv, body := b[:aes.BlockSize], b[aes.BlockSize:]
	body = body[:len(body)/aes.BlockSize*aes.BlockSize]
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(body, body)
	cryptTail(block, b)
	return b
}

// Open decrypts what Seal has made.
func Open(password string, file []byte) ([]byte, error) {
	if len(file) < overhead {
		return nil, ErrFile
	}
	b := bytes.Clone(file)
	block := fileKey(password)
	cryptTail(block, b)
	iv, body := b[:aes.BlockSize], b[aes.BlockSize:]
	body = body[:len(body)/aes.BlockSize*aes.BlockSize]
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(body, body)
	data, ok := bytes.CutSuffix(b[aes.BlockSize:], []byte(end))
	if !ok {
		return nil, ErrFile
	}
	return data, nil
}

// fileKey returns the cipher of a user's files.
func fileKey(password string) cipher.Block {
	key := sha1.Sum([]byte("aescbc file" + password))
	defer clear(key[:])
	block, err := aes.NewCipher(key[:aes.BlockSize])
	if err != nil {
		panic(err) // the length is right
	}
	return block
}

// cryptTail encrypts, or decrypts, what does not fill a block at the end of b: the
// block before it, which is encrypted, is encrypted again and added.
func cryptTail(block cipher.Block, b []byte) {
	whole := len(b) / aes.BlockSize * aes.BlockSize
	var mask [aes.BlockSize]byte
	block.Encrypt(mask[:], b[whole-aes.BlockSize:whole])
	subtle.XORBytes(b[whole:], b[whole:], mask[:])
}
