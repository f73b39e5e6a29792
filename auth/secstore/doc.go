// Package secstore is the protocol of secstore(1) and secstored(8): a server that
// keeps files of secrets, such as a factotum's keys, for whoever knows a password.
//
// A client logs in by PAK, a key exchange that both sides can finish alike only if
// both know what is made of the password. Who listens, or pretends to be one of
// the two, learns nothing that passwords could be tried on: each guess takes a
// conversation with the server, which counts them. What is said then is encrypted
// and authenticated (RC4 and SHA-1, in records of its own). Files are encrypted by
// the client (AES in CBC), with a key made from the same password: the server and
// its disk see neither.
//
// What it does not promise: what the server keeps of a password, its Account's Hi,
// can be tried passwords on by who has the server's disk, and is enough to log in.
// A file is checked only by the 16 letters at its end: a server that is not honest
// can damage one unnoticed, or give an old one. Nothing is better than the
// password, which is why those of less than 7 characters are refused.
//
// Numbers are those of math/big, whose time depends on them. The exponents of an
// exchange are random and used once, so that what is measured in one helps with
// no other; the base that is made from the password is raised to a power that
// everybody knows, at the client only.
//
// A server never says whether there is an account: to who has none, or whose is
// disabled, expired or being guessed at, it shows the same exchange, with a secret
// that nobody knows. The log says why.
//
// The protocol, messages of at most 4096 bytes each way; one that begins with ! is
// an error. Numbers are big endian in base 64:
//
//	C	secstore\tPAK\nC=user\nm=g^x H\n
//	S	mu=g^y\nk=hash("server")\nS=server's name\n
//	C	k'=hash("client")\n         from here on encrypted
//	S	OK, or STA for another password first
//	C	GET file, and S its length or -1, and the file
//	C	PUT file, its length, and the file
//	C	RM file
//	C	CHPASS, and the new Hi
//	C	BYE
package secstore

import "errors"

// What can be wrong.
var (
	ErrProtocol = errors.New("secstore protocol botch")
	ErrVerifier = errors.New("verifier didn't match")
	ErrNotExist = errors.New("remote file does not exist")
	ErrSize     = errors.New("implausible filesize")
	ErrFile     = errors.New("decrypted file failed to authenticate")
	ErrName     = errors.New("illegal name")
	ErrAccount  = errors.New("corrupted account file")
	ErrPassword = errors.New("password must be at least 7 characters")
)

// Limits of the originals.
const (
	MaxFile     = 10 << 20 // bytes of a file
	MinPassword = 7
	MaxPassword = 63
)

// CheckName returns ErrName unless name can be that of an account or of a file.
func CheckName(name string) error {
	if name == "" || name == "." || name == ".." || len(name) >= 250 {
		return ErrName
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '/' {
			return ErrName
		}
	}
	return nil
}
