package cmd

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"

	"ufo/proc"
)

// md5sum - MD5 digest of a file
//
// Md5sum computes the 32 hex digit RSA Data Security, Inc. MD5
// Message-Digest Algorithm described in RFC1321, of each file or of the
// standard input.
//
// # SEE ALSO
//
// sha1sum(1), sum(1)
func md5sumMain(p *proc.Proc) error {
	arg := argbegin(p, "[file ...]")
	arg.noflags()
	return hashfiles(p, arg.args, md5.New())
}

// sha1sum - SHA digest of a file
//
// Sha1sum computes the 40 hex digit National Institute of Standards and
// Technology (NIST) SHA1 secure hash algorithm described in FIPS PUB 180-1,
// by default, of each file or of the standard input. Given the 2 option, it
// instead computes the bits-bit NIST SHA2 secure hash algorithm described in
// FIPS PUB 180-2 and prints the hash in hex. Supported values of bits are
// 224, 256, 384, and 512.
//
// # SEE ALSO
//
// md5sum(1), sum(1)
func sha1sumMain(p *proc.Proc) error {
	arg := argbegin(p, "[-2 bits] [file ...]")
	h := sha1.New()
	for c := range arg.flags() {
		if c != '2' {
			arg.usage()
		}
		switch arg.eargf() {
		case "224":
			h = sha256.New224()
		case "256":
			h = sha256.New()
		case "384":
			h = sha512.New384()
		case "512":
			h = sha512.New()
		default:
			arg.usage()
		}
	}
	return hashfiles(p, arg.args, h)
}

// hashfiles prints the digest of each file.
func hashfiles(p *proc.Proc, names []string, h hash.Hash) error {
	out := stdout(p)
	defer flush(p, out)
	return eachfile(p, names, func(fd int, name string) error {
		h.Reset()
		if _, err := io.Copy(h, p.FD(fd)); err != nil {
			return err
		}
		if name != "" {
			name = "\t" + name
		}
		fmt.Fprintf(out, "%x%s\n", h.Sum(nil), name)
		return nil
	})
}
