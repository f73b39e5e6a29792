package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
)

// A shared is a conversation in one of the two protocols with tickets:
//
//	client                    server
//	CHaveChal     challenge   SNeedChal
//	CNeedPAKreq    request    SHavePAKreq    dp9ik: with a public key
//	CNeedTreq      request    SHaveTreq      p9sk1
//	CHavePAKy    public key   SNeedPAKy      dp9ik
//	CHaveTicket   ticket and  SNeedTicket
//	             authenticator
//	CNeedAuth  authenticator  SHaveAuth
//
// The challenges are the other's, and each has a part of the random bytes that
// the secret of the session is made from.
type shared struct {
	state
	cfg  Config
	key  *Userkey
	tr   Ticketreq
	chal [ChalLen]byte // the client's

	pak   *PAK    // the server's exchange
	as    *Cipher // a server's key to its ticket
	nonce Cipher
	rand  [2 * NonceLen]byte // the client's, the server's

	cuid, suid string
	public     []byte // of a client, to be handed to the server
	message    []byte // to be read
}

// newShared begins a conversation of dp9ik or p9sk1.
func newShared(ctx context.Context, cfg Config) (Conv, error) {
	s := &shared{cfg: cfg}
	if cfg.Role == "client" {
		s.phase = "CHaveChal"
		rand.Read(s.chal[:])
		return s, nil
	}
	keys, err := cfg.Keys.Find(ctx, Query{Proto: cfg.Proto, Role: "server", Dom: cfg.Dom, User: cfg.User})
	if err != nil {
		return nil, err
	}
	s.phase = "SNeedChal"
	s.key = keys[0]
	s.tr.Authid, s.tr.Authdom = s.key.User, s.key.Dom
	rand.Read(s.tr.Chal[:])
	return s, nil
}

// pake reports whether the protocol is dp9ik.
func (s *shared) pake() bool { return s.cfg.Proto == "dp9ik" }

// Read is a method of a Conv.
func (s *shared) Read(ctx context.Context) ([]byte, error) {
	if err := s.ended(); err != nil {
		return nil, err
	}
	switch s.phase {
	case "CHaveChal":
		s.phase = "CNeedTreq"
		if s.pake() {
			s.phase = "CNeedPAKreq"
		}
		return s.chal[:], nil
	case "SHavePAKreq", "SHaveTreq":
		return s.request()
	case "CHavePAKy":
		s.phase = "CHaveTicket"
		return s.public, nil
	case "CHaveTicket":
		s.phase = "CNeedAuth"
		return s.message, nil
	case "SHaveAuth":
		s.establish()
		return s.message, nil
	}
	return nil, s.turn("read")
}

// Write is a method of a Conv.
func (s *shared) Write(ctx context.Context, p []byte) error {
	if err := s.ended(); err != nil {
		return err
	}
	var err error
	switch s.phase {
	case "SNeedChal":
		err = s.challenge(p)
	case "CNeedPAKreq", "CNeedTreq":
		err = s.tickets(ctx, p)
	case "SNeedPAKy":
		err = s.agree(p)
	case "SNeedTicket":
		err = s.ticket(p)
	case "CNeedAuth":
		err = s.authenticator(p)
	default:
		return s.turn("write")
	}
	if err == nil || again(err) {
		return err
	}
	return s.fail(err)
}

// again reports whether a call that failed with err can be made again.
func again(err error) bool {
	var (
		short Short
		need  *NeedKey
		bad   *BadKey
	)
	return errors.As(err, &short) || errors.As(err, &need) || errors.As(err, &bad)
}

// challenge takes the client's.
func (s *shared) challenge(p []byte) error {
	if len(p) < ChalLen {
		return Short(ChalLen)
	}
	copy(s.chal[:], p)
	s.phase = "SHaveTreq"
	if s.pake() {
		s.phase = "SHavePAKreq"
	}
	return nil
}

// request returns the server's request for a ticket. With dp9ik a key for that is
// agreed on first.
func (s *shared) request() ([]byte, error) {
	s.tr.Type = AuthTreq
	if s.pake() {
		s.tr.Type = AuthPAK
	}
	b, err := s.tr.Bytes()
	if err != nil {
		return nil, s.fail(err)
	}
	if !s.pake() {
		s.as = s.key.Key.Cipher()
		s.phase = "SNeedTicket"
		return b, nil
	}
	s.pak = s.key.Key.Hash(s.key.User).PAK(true)
	s.phase = "SNeedPAKy"
	return append(b, s.pak.Public()...), nil
}

// agree takes the public key that the authentication server had for the server.
func (s *shared) agree(p []byte) error {
	if len(p) < PAKLen {
		return Short(PAKLen)
	}
	c, err := s.pak.Finish(p[:PAKLen])
	if err != nil {
		return ErrProtocol
	}
	s.as = c
	s.phase = "SNeedTicket"
	return nil
}

// ticket takes the client's ticket and authenticator.
func (s *shared) ticket(p []byte) error {
	nonce := Cipher{form: s.as.form}
	want := s.as.size(ticketLen(s.as)) + nonce.size(authenticatorLen(&nonce))
	if len(p) < want {
		return Short(want)
	}
	t, rest, err := OpenTicket(p, s.as, AuthTs)
	if err != nil {
		return ErrProtocol
	}
	a, _, err := OpenAuthenticator(rest, &t.Key, AuthAc)
	if err != nil || !same(t.Chal, s.tr.Chal) || !same(a.Chal, s.tr.Chal) || t.Cuid == "" || t.Suid == "" {
		return ErrProtocol
	}
	s.nonce, s.cuid, s.suid = t.Key, t.Cuid, t.Suid
	copy(s.rand[:], a.Rand[:])
	rand.Read(s.rand[NonceLen:])
	answer := Authenticator{Type: AuthAs, Chal: s.chal, Rand: [NonceLen]byte(s.rand[NonceLen:])}
	s.message = answer.Seal(&s.nonce)
	s.phase = "SHaveAuth"
	return nil
}

// authenticator takes the server's.
func (s *shared) authenticator(p []byte) error {
	a, _, err := OpenAuthenticator(p, &s.nonce, AuthAs)
	if again(err) {
		return err
	}
	if err != nil || !same(a.Chal, s.chal) {
		return ErrProtocol
	}
	copy(s.rand[NonceLen:], a.Rand[:])
	s.establish()
	return nil
}

// same compares challenges.
func same(a, b [ChalLen]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// establish makes the secret of the session.
func (s *shared) establish() {
	ai := &Info{Cuid: s.cuid, Suid: s.suid}
	if s.pake() {
		ai.Secret = make([]byte, 256)
		derive(ai.Secret, s.nonce.key[:], s.rand[:], "Plan 9 session secret")
	} else {
		k := spread(s.nonce.key[:])
		ai.Secret = k[:]
	}
	s.done(ai)
	s.wipe()
}

// wipe overwrites what was secret on the way.
func (s *shared) wipe() {
	s.nonce.zero()
	clear(s.rand[:])
	if s.as != nil {
		s.as.zero()
	}
	if s.pak != nil {
		clear(s.pak.x[:])
	}
}

// Close is a method of a Conv.
func (s *shared) Close() {
	s.wipe()
	if s.phase != established {
		s.fail(ErrDone)
	}
}
