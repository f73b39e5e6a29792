package auth

import (
	"crypto/md5"
	"crypto/rand"
	"errors"
	"io"
)

// maxChallenge is how long a challenge of APOP and CRAM may be.
const maxChallenge = 128

// ErrResponse is the error of an answer to a challenge that has not the form of one.
var ErrResponse = errors.New("response not MD5 digest")

// A Challenge is what a server of APOP, CRAM or CHAP gives its client, to find out
// whether he knows a secret that the authentication server has, and not the server.
type Challenge struct {
	Text []byte // for the client

	rw  io.ReadWriter
	tr  Ticketreq
	key *Cipher
}

// RequestChallenge asks the authentication server for a challenge, of type AuthApop,
// AuthCram or AuthChap. The server's own key shows who asks.
func RequestChallenge(rw io.ReadWriter, num Type, key *Userkey) (*Challenge, error) {
	c := &Challenge{rw: rw, key: key.Key.Cipher()}
	c.tr = Ticketreq{Type: num, Authdom: key.Dom, Hostid: key.User}
	rand.Read(c.tr.Chal[:])
	var err error
	if key.Key.HasAES() {
		if c.key, err = RequestPAK(rw, &c.tr, key.Key.Hash(key.User)); err != nil {
			return nil, err
		}
	}
	if err := send(rw, &c.tr); err != nil {
		return nil, err
	}
	if num == AuthChap {
		c.Text, err = readAll(rw, ChalLen)
	} else {
		c.Text, err = ReadAnswer(rw, maxChallenge)
	}
	return c, err
}

// Answer hands over what the client has answered: with CHAP a number and 16 bytes,
// otherwise 32 digits. The error is a Refusal if he does not know the user's secret;
// another may be tried then. It is ErrBadKey if the server does not know its own.
func (c *Challenge) Answer(user string, response []byte) (*Info, error) {
	if err := c.send(user, response); err != nil {
		return nil, err
	}
	nonce := Cipher{form: c.key.form}
	b, err := ReadAnswer(c.rw, c.key.size(ticketLen(c.key))+nonce.size(authenticatorLen(&nonce)))
	if err != nil {
		return nil, err
	}
	t, rest, err := OpenTicket(b, c.key, AuthTs)
	if err != nil || c.key.form == 0 && !same(t.Chal, c.tr.Chal) && t.Cuid != user {
		return nil, ErrBadKey // see tickets
	}
	defer t.Key.zero()
	a, _, err := OpenAuthenticator(rest, &t.Key, AuthAc)
	if err != nil || !same(t.Chal, c.tr.Chal) || !same(a.Chal, c.tr.Chal) || t.Cuid != user || t.Suid == "" {
		return nil, ErrProtocol
	}
	return &Info{Cuid: t.Cuid, Suid: t.Suid}, nil
}

// send sends an answer.
func (c *Challenge) send(user string, response []byte) error {
	if c.tr.Type == AuthChap {
		if len(response) != 1+md5.Size {
			return ErrResponse
		}
		b, err := appendName(response[:1:1], user, NameLen)
		if err == nil {
			_, err = c.rw.Write(append(b, response[1:]...))
		}
		return err
	}
	if len(response) != 2*md5.Size {
		return ErrResponse
	}
	c.tr.Uid = user
	return send(c.rw, &c.tr, response)
}

// Close overwrites what is secret.
func (c *Challenge) Close() { c.key.zero() }
