package factotum

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"ufo/auth"
	"ufo/ninep"
)

// A responder is the client of a protocol in which a challenge is answered by a hash
// of it and the password: CNeedChal, CHaveResp.
type responder struct {
	state
	proto  *proto
	c      *chooser
	answer []byte
}

func beginResponse(ctx context.Context, p *proto, c *chooser) (auth.Conv, error) {
	role, err := c.role()
	if err != nil {
		return nil, err
	}
	num, has := challenges[p.name]
	switch {
	case role == "server" && has:
		return beginChallenge(ctx, num, c)
	case role != "client":
		return nil, fmt.Errorf("%s %s not supported", p.name, role)
	}
	return &responder{state: state{phase: "CNeedChal"}, proto: p, c: c}, nil
}

// Write is a method of an auth.Conv.
func (r *responder) Write(_ context.Context, challenge []byte) error {
	if r.phase != "CNeedChal" {
		return r.turn("write")
	}
	pat := append(r.c.attrs.without("role"), attr{name: "role", val: "client"})
	var err error
	ferr := r.c.find(append(pat, r.proto.prompt()...).clean(), r.c.user, nil, func(k *key) {
		r.answer, err = respond(r.proto.name, k, challenge)
		r.c.attrs = r.c.attrs.with(k.attrs.without("role")...)
	})
	if ferr != nil {
		return ferr
	}
	if err != nil {
		return r.fail(err)
	}
	r.phase = "CHaveResp"
	return nil
}

// Read is a method of an auth.Conv.
func (r *responder) Read(context.Context) ([]byte, error) {
	if r.phase != "CHaveResp" {
		return nil, r.turn("read")
	}
	r.phase = established
	return r.answer, nil
}

// Close is a method of an auth.Conv.
func (r *responder) Close() {}

// respond returns the answer to a challenge.
func respond(proto string, k *key, challenge []byte) ([]byte, error) {
	password := find(k.secrets, "!password")
	switch proto {
	case "apop": // RFC 1939
		return digits(md5.Sum(concat(challenge, password))), nil
	case "cram": // RFC 2195
		h := hmac.New(md5.New, password)
		h.Write(challenge)
		return digits([md5.Size]byte(h.Sum(nil))), nil
	case "chap": // RFC 1994: an identifier, and 8 bytes
		if len(challenge) < 9 {
			return nil, errors.New("chap botch")
		}
		sum := md5.Sum(concat(challenge[:1], password, challenge[1:9]))
		return sum[:], nil
	}
	return httpdigest(k.attrs.val("user"), k.attrs.val("realm"), password, string(challenge)) // RFC 2617
}

// httpdigest returns the answer for the words nonce, method and uri.
func httpdigest(user, realm string, password []byte, challenge string) ([]byte, error) {
	words := ninep.Fields(strings.ReplaceAll(challenge, "\x00", " "))
	if len(words) != 3 {
		return nil, errors.New("bad challenge")
	}
	who := digits(md5.Sum(concat([]byte(user+":"+realm+":"), password)))
	what := digits(md5.Sum([]byte(words[1] + ":" + words[2])))
	return digits(md5.Sum(concat(who, []byte(":"+words[0]+":"), what))), nil
}

func digits(sum [md5.Size]byte) []byte { return hex.AppendEncode(nil, sum[:]) }

func concat(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
