package auth

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// chapLen is the length of an answer to CHAP: a number, a user's name, and MD5.
const chapLen = 1 + NameLen + md5.Size

// digest returns what only who knows the secret can answer to a challenge.
func digest(num Type, id byte, chal []byte, secret string) []byte {
	h := md5.New()
	switch num {
	case AuthCram:
		h = hmac.New(md5.New, []byte(secret))
		h.Write(chal)
	case AuthApop:
		h.Write(chal)
		h.Write([]byte(secret))
	case AuthChap:
		h.Write([]byte{id})
		h.Write([]byte(secret))
		h.Write(chal)
	}
	return h.Sum(nil)
}

// challenge lets a server find out whether somebody knows a user's secret, who is a
// client of a protocol that is not Plan 9's: the server hands him our challenge, and
// us his answer. If it is right the server gets a ticket, as if the client had.
func (s *session) challenge(ctx context.Context, tr *Ticketreq) error {
	if s.Secret == nil {
		return errLeave
	}
	chal, err := s.sendChallenge(tr.Type)
	if err != nil {
		return err
	}
	for i := range tries {
		id, answer, err := s.readResponse(tr)
		if err == nil && i > 0 {
			err = s.attempt(ctx)
		}
		if err != nil {
			return err
		}
		secret := s.Secret(ctx, tr.Uid)
		known := secret != ""
		if !known {
			secret = rand.Text()
		}
		right := hmac.Equal(digest(tr.Type, id, chal, secret), answer)
		key, err := s.cipher(ctx, tr.Hostid, &s.hostid)
		if err != nil {
			return err
		}
		s.tried(ctx, tr.Uid, known && right)
		if known && right {
			s.log("%q has answered %q's challenge", tr.Uid, tr.Hostid)
			return s.vouch(tr, key)
		}
		s.log("%q has not answered %q's challenge", tr.Uid, tr.Hostid)
		if err := s.refuse("bad response"); err != nil {
			return err
		}
	}
	return errLeave
}

// sendChallenge sends a new challenge.
func (s *session) sendChallenge(num Type) ([]byte, error) {
	if num == AuthChap {
		chal := make([]byte, ChalLen)
		rand.Read(chal)
		_, err := s.w.Write(chal)
		return chal, err
	}
	var random [16]byte
	rand.Read(random[:])
	chal := fmt.Appendf(nil, "<%x.%x@%s>", random[:8], random[8:], s.Name)
	_, err := fmt.Fprintf(s.w, "%c%-5d%s", AuthOKvar, len(chal), chal)
	return chal, err
}

// readResponse reads an answer, and who gives it into tr.
func (s *session) readResponse(tr *Ticketreq) (id byte, answer []byte, err error) {
	if tr.Type == AuthChap {
		b, err := s.read(chapLen)
		if err != nil {
			return 0, nil, err
		}
		if tr.Uid, _ = cutName(b[1:], NameLen); tr.Uid == "" {
			return 0, nil, errLeave
		}
		return b[0], b[1+NameLen:], nil
	}
	b, err := s.read(TicketreqLen)
	if err != nil {
		return 0, nil, err
	}
	again, err := ParseTicketreq(b)
	if err != nil || again.Type != tr.Type || again.Uid == "" {
		return 0, nil, errLeave
	}
	*tr = *again
	if b, err = s.read(2 * md5.Size); err != nil {
		return 0, nil, err
	}
	answer, _ = hex.DecodeString(string(b)) // what is no number is wrong
	return 0, answer, nil
}

// vouch sends a ticket for the server, and the authenticator that the client would
// have made.
func (s *session) vouch(tr *Ticketreq, server *Cipher) error {
	t := Ticket{Type: AuthTs, Chal: tr.Chal, Cuid: tr.Uid, Suid: tr.Uid, Key: newNonce(server.form)}
	defer t.Key.zero()
	b, err := t.Seal(server)
	if err != nil {
		return errLeave
	}
	a := Authenticator{Type: AuthAc, Chal: tr.Chal}
	rand.Read(a.Rand[:])
	_, err = s.w.Write(append(append([]byte{byte(AuthOK)}, b...), a.Seal(&t.Key)...))
	return err
}
