package auth

import (
	"context"
	"crypto/rand"
	"errors"
)

// tickets takes the server's request, and gets the tickets for it. It changes
// nothing until that is done.
func (s *shared) tickets(ctx context.Context, p []byte) error {
	want := TicketreqLen
	num := AuthTreq
	if s.pake() {
		want += PAKLen
		num = AuthPAK
	}
	if len(p) < want {
		return Short(want)
	}
	tr, err := ParseTicketreq(p)
	if err != nil || tr.Type != num || tr.Authid == "" || tr.Authdom == "" {
		return ErrProtocol
	}
	if s.cfg.Dom != "" && tr.Authdom != s.cfg.Dom {
		return ErrProtocol
	}
	q, key, err := s.clientKey(ctx, tr.Authdom)
	if err != nil {
		return err
	}
	tr.Type = AuthTreq
	tr.Hostid, tr.Uid = key.User, key.User
	if q.Role == "speakfor" {
		tr.Uid = s.cfg.Sysuser
	}
	if tr.Hostid == "" || tr.Uid == "" {
		return ErrRequest
	}
	got, err := s.getTickets(ctx, tr, key, p[TicketreqLen:want])
	if err != nil {
		return err
	}
	t, rest, err := OpenTicket(got.pair, got.key, AuthTc)
	// One byte tells a bad key where there is nothing better: the wrong one has it, too,
	// of 256 times once, but then nothing else is right.
	if errors.Is(err, ErrBadKey) || err == nil && got.key.form == 0 && !same(t.Chal, tr.Chal) && t.Suid != tr.Uid {
		return &BadKey{q, key}
	}
	if err != nil || !same(t.Chal, tr.Chal) || t.Suid != tr.Uid {
		return ErrProtocol
	}
	got.key.zero()
	s.key, s.tr, s.nonce = key, *tr, t.Key
	s.cuid, s.suid = t.Cuid, t.Suid
	rand.Read(s.rand[:NonceLen])
	a := Authenticator{Type: AuthAc, Chal: tr.Chal, Rand: [NonceLen]byte(s.rand[:])}
	s.message = append(rest[:len(rest):len(rest)], a.Seal(&s.nonce)...)
	s.public = got.server
	s.phase = "CHaveTicket"
	if s.pake() {
		s.phase = "CHavePAKy"
	}
	return nil
}

// clientKey finds a key to be a client with in a domain. The one that asks for
// itself is preferred to one that speaks for others.
func (s *shared) clientKey(ctx context.Context, dom string) (Query, *Userkey, error) {
	q := Query{Proto: s.cfg.Proto, Role: "client", Dom: dom, User: s.cfg.User}
	keys, err := s.cfg.Keys.Find(ctx, q)
	if err == nil {
		return q, keys[0], nil
	}
	if s.cfg.Sysuser != "" && (s.cfg.User == "" || s.cfg.User == s.cfg.Sysuser) {
		speak := Query{Proto: s.cfg.Proto, Role: "speakfor", Dom: dom}
		if keys, err := s.cfg.Keys.Find(ctx, speak); err == nil {
			return speak, keys[0], nil
		}
	}
	return q, nil, err
}

// A pair is what a client got of an authentication server.
type pair struct {
	pair   []byte  // the client's ticket, the server's ticket
	key    *Cipher // of the client's
	server []byte  // dp9ik: the public key for the server
}

// getTickets asks the authentication server for tickets. If it cannot be reached
// but the server is the client's own, it is as good to make them: both have the
// same key. Who wants to be another always asks whether he may.
func (s *shared) getTickets(ctx context.Context, tr *Ticketreq, key *Userkey, public []byte) (*pair, error) {
	if s.cfg.Own && tr.Authid == tr.Hostid && tr.Uid == tr.Hostid {
		return s.makeTickets(tr, key, public)
	}
	conn, err := s.cfg.Dial(ctx, tr.Authdom)
	if err != nil {
		if tr.Authid != tr.Hostid || ctx.Err() != nil {
			return nil, err
		}
		return s.makeTickets(tr, key, public)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	p := &pair{key: key.Key.Cipher()}
	if s.pake() {
		p.server, p.key, err = RequestPair(conn, tr, key.Key.Hash(key.User), public)
		if err != nil {
			return nil, canceled(ctx, err)
		}
	}
	p.pair, err = RequestTickets(conn, tr, p.key)
	return p, canceled(ctx, err)
}

// canceled returns why a connection was closed, if it was, instead of what came
// of that.
func canceled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// makeTickets is the authentication server for one whose key is the client's.
func (s *shared) makeTickets(tr *Ticketreq, key *Userkey, public []byte) (*pair, error) {
	p := &pair{key: key.Key.Cipher()}
	theirs := key.Key.Cipher()
	if s.pake() {
		pak := key.Key.Hash(key.User).PAK(false)
		p.server = pak.Public()
		var err error
		if theirs, err = pak.Finish(public); err != nil {
			return nil, ErrProtocol
		}
		p.key = &Cipher{form: 1, key: theirs.key}
	}
	t := Ticket{Chal: tr.Chal, Cuid: tr.Uid, Suid: tr.Uid, Key: newNonce(p.key.form)}
	var err error
	p.pair, err = sealPair(&t, p.key, theirs)
	return p, err
}

// sealPair returns a ticket encrypted for the client, and for the server.
func sealPair(t *Ticket, client, server *Cipher) ([]byte, error) {
	t.Type = AuthTc
	tc, err := t.Seal(client)
	if err != nil {
		return nil, err
	}
	t.Type = AuthTs
	ts, err := t.Seal(server)
	t.Key.zero()
	return append(tc, ts...), err
}
