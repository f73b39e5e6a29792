package auth

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// A Server is the authentication server of a domain.
type Server struct {
	// Key returns the key of a user, or nil if there is none or it is disabled.
	// Who asks is not told which. It should take as long for one as for the other.
	Key func(ctx context.Context, user string) *Key

	// SpeaksFor reports whether one user may be another on all servers. Everybody
	// may be himself; nil is nobody else.
	SpeaksFor func(host, user string) bool

	// Change stores what a user asked for who knows the old password, as the new
	// key, if not nil, and secret. Its error is told. If nil nothing can be changed.
	Change func(ctx context.Context, user string, key *Key, r *Passwordreq) error

	// Secret returns a user's secret for APOP, CRAM and CHAP, "" if he has none. If nil
	// challenges are not answered.
	Secret func(ctx context.Context, user string) string

	// Name is what the server calls itself in challenges.
	Name string

	// Tried, if not nil, is told who wanted to change a password, and whether he knew the
	// old one, and who has answered a challenge, and whether well. Of who only asks for tickets it does not show whether he can use them.
	Tried func(ctx context.Context, user string, good bool)

	// Pause, if not nil, is called before a conversation's second attempt and each
	// after it, with how many there were: who guesses passwords needs one for each, be it
	// a key to agree on, a ticket of DES or a change. Its error ends the conversation.
	Pause func(ctx context.Context, attempts int) error

	// Legacy allows tickets encrypted with DES, for p9sk1.
	Legacy bool

	// Seed makes keys of users who are not there, always the same for each, as those
	// who are have theirs. It is secret.
	Seed [32]byte

	// Log, if not nil, is told what was decided, a line each. No secrets are in it.
	Log func(line string)
}

// What ends a conversation: somebody who breaks the protocol, or hangs up in the middle
// of a request, as who finds that his password is wrong.
var (
	errLeave = errors.New("client broke the protocol")
	errGone  = errors.New("client hung up")
)

// A session is a connection to the server.
type session struct {
	*Server
	r      *bufio.Reader
	w      *bufio.Writer
	agreed bool // keys have been agreed on: no DES from here
	tries  int  // attempts
	slots
}

// slots are the keys that were agreed on for the next request: with the server and
// the client of a ticket, which may be the same user, or a user alone.
type slots struct{ authid, hostid, uid slot }

type slot struct {
	user string
	key  *Cipher
}

// Serve answers the requests of a connection until there are no more, or one
// cannot be answered. It does not close it. A client that ends, or breaks the
// protocol, is no error.
func (srv *Server) Serve(ctx context.Context, rw io.ReadWriter) error {
	s := &session{Server: srv, r: bufio.NewReader(rw), w: bufio.NewWriter(rw)}
	for ctx.Err() == nil {
		b, err := s.read(TicketreqLen)
		if err != nil {
			return nil
		}
		tr, err := ParseTicketreq(b)
		if err == nil {
			err = s.answer(ctx, tr)
		}
		if errors.Is(err, errLeave) || errors.Is(err, ErrProtocol) {
			if errors.Is(err, io.EOF) {
				err = errGone
			}
			s.log("%v: type %d", err, tr.Type)
			return s.w.Flush()
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// read reads n bytes. What was written is sent first if the client may wait for
// it: if it has not sent these yet.
func (s *session) read(n int) ([]byte, error) {
	if s.r.Buffered() < n {
		if err := s.w.Flush(); err != nil {
			return nil, err
		}
	}
	return readAll(s.r, n)
}

// answer answers a request. Keys that were agreed on are good for one.
func (s *session) answer(ctx context.Context, tr *Ticketreq) error {
	if tr.Type == AuthPAK || !s.agreed {
		if err := s.attempt(ctx); err != nil {
			return err
		}
	}
	if tr.Type == AuthPAK {
		return s.pak(ctx, tr)
	}
	defer func() { s.slots = slots{} }()
	switch tr.Type {
	case AuthTreq:
		return s.tickets(ctx, tr)
	case AuthPass:
		return s.password(ctx, tr)
	case AuthApop, AuthCram, AuthChap:
		return s.challenge(ctx, tr)
	}
	return errLeave
}

func (s *session) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(fmt.Sprintf(format, args...))
	}
}

// attempt waits before another attempt.
func (s *session) attempt(ctx context.Context) error {
	s.tries++
	if s.tries == 1 || s.Pause == nil {
		return nil
	}
	if err := s.w.Flush(); err != nil {
		return err
	}
	return s.Pause(ctx, s.tries-1)
}

// tried tells whether a user knew his password.
func (s *session) tried(ctx context.Context, user string, good bool) {
	if s.Tried != nil {
		s.Tried(ctx, user, good)
	}
}

// refuse sends an error.
func (s *session) refuse(text string) error {
	b := make([]byte, 1+errLen)
	b[0] = byte(AuthErr)
	copy(b[1:errLen], text)
	_, err := s.w.Write(b)
	return err
}

// pak agrees on keys for the next request, with the server and the client of
// tickets, or with a single user.
func (s *session) pak(ctx context.Context, tr *Ticketreq) error {
	if _, err := s.w.Write([]byte{byte(AuthOK)}); err != nil {
		return err
	}
	s.agreed = true
	s.slots = slots{}
	if tr.Hostid == "" {
		return s.pak1(ctx, tr.Uid, &s.uid)
	}
	if err := s.pak1(ctx, tr.Authid, &s.authid); err != nil {
		return err
	}
	return s.pak1(ctx, tr.Hostid, &s.hostid)
}

// pak1 agrees on a key with a user, if there is one. That one without a key cannot
// agree is not told, and takes as long.
func (s *session) pak1(ctx context.Context, user string, to *slot) error {
	if user == "" {
		return nil
	}
	pak := s.user(ctx, user).Hash(user).PAK(false)
	if _, err := s.w.Write(pak.Public()); err != nil {
		return err
	}
	b, err := s.read(PAKLen)
	if err != nil {
		return err
	}
	c, err := pak.Finish(b)
	if err != nil {
		return errLeave
	}
	*to = slot{user, c}
	return nil
}

// user returns a user's key for PAK, an invented one if there is none.
func (s *session) user(ctx context.Context, user string) *Key {
	if k := s.Key(ctx, user); k != nil && k.HasAES() {
		return k
	}
	s.log("no AES key for %q", user)
	return s.invent(user)
}

// invent returns a key for a user who has none. The AES key is another each time,
// as nobody can tell.
func (s *session) invent(user string) *Key {
	k := new(Key)
	rand.Read(k.AES[:])
	h := hmac.New(sha256.New, s.Seed[:])
	h.Write([]byte(user))
	copy(k.DES[:], h.Sum(nil))
	return k
}

// cipher returns what to encrypt a ticket with: the key agreed on, or the user's
// DES key. If neither is allowed it refuses, and returns errLeave.
func (s *session) cipher(ctx context.Context, user string, from *slot) (*Cipher, error) {
	if user == "" {
		return nil, errLeave
	}
	if from.key != nil && from.user == user {
		return from.key, nil
	}
	if s.agreed || !s.Legacy {
		s.log("%q wants a DES key, but DES is disabled", user)
		s.refuse("DES is disabled")
		return nil, errLeave
	}
	k := s.Key(ctx, user)
	if k == nil || !k.HasDES() {
		s.log("no DES key for %q", user)
		k = s.invent(user)
	}
	return k.Cipher(), nil
}

// tickets sends a pair of tickets. Those of a client who may not be whom it wants
// to be are encrypted with keys that nobody has.
func (s *session) tickets(ctx context.Context, tr *Ticketreq) error {
	if tr.Uid == "" {
		return errLeave
	}
	server, err := s.cipher(ctx, tr.Authid, &s.authid)
	if err != nil {
		return err
	}
	client, err := s.cipher(ctx, tr.Hostid, &s.hostid)
	if err != nil {
		return err
	}
	if tr.Hostid != tr.Uid && (s.SpeaksFor == nil || !s.SpeaksFor(tr.Hostid, tr.Uid)) {
		s.log("%q does not speak for %q", tr.Hostid, tr.Uid)
		c, k := newNonce(client.form), newNonce(client.form)
		client, server = &c, &k
	} else {
		s.log("ticket for %q as %q at %q", tr.Hostid, tr.Uid, tr.Authid)
	}
	t := Ticket{Chal: tr.Chal, Cuid: tr.Uid, Suid: tr.Uid, Key: newNonce(client.form)}
	b, err := sealPair(&t, client, server)
	if err != nil {
		return errLeave
	}
	_, err = s.w.Write(append([]byte{byte(AuthOK)}, b...))
	return err
}

// tries is how many passwords may be tried in one conversation to change it.
const tries = 5

// password lets a user change his password.
func (s *session) password(ctx context.Context, tr *Ticketreq) error {
	c, err := s.cipher(ctx, tr.Uid, &s.uid)
	if err != nil {
		return err
	}
	t := Ticket{Type: AuthTp, Chal: tr.Chal, Cuid: tr.Uid, Suid: tr.Uid, Key: newNonce(c.form)}
	defer t.Key.zero()
	b, err := t.Seal(c)
	if err != nil {
		return errLeave
	}
	if _, err := s.w.Write(append([]byte{byte(AuthOK)}, b...)); err != nil {
		return err
	}
	for i := range tries {
		b, err := s.read(t.Key.size(passwordreqLen))
		if err == nil && i > 0 {
			err = s.attempt(ctx)
		}
		if err != nil {
			return err
		}
		r, _, err := OpenPasswordreq(b, &t.Key)
		if err != nil {
			s.log("password of %q: not encrypted with the ticket's key", tr.Uid)
			s.tried(ctx, tr.Uid, false)
			s.refuse("protocol botch1")
			return errLeave
		}
		err = s.change(ctx, tr.Uid, r)
		if err == nil {
			s.log("password of %q changed", tr.Uid)
			_, err := s.w.Write([]byte{byte(AuthOK)})
			return err
		}
		s.log("password of %q: %v", tr.Uid, err)
		if err := s.refuse(err.Error()); err != nil {
			return err
		}
	}
	return errLeave
}

// change stores another password for who knows the old one.
func (s *session) change(ctx context.Context, user string, r *Passwordreq) error {
	k := s.Key(ctx, user)
	if k == nil || !k.HasDES() && !k.HasAES() {
		k = s.invent(user)
	}
	old := PassKey(r.Old)
	defer old.Zero()
	if k.HasDES() && subtle.ConstantTimeCompare(k.DES[:], old.DES[:]) != 1 {
		s.tried(ctx, user, false)
		return errors.New("protocol botch2")
	}
	if k.HasAES() && subtle.ConstantTimeCompare(k.AES[:], old.AES[:]) != 1 {
		s.tried(ctx, user, false)
		return errors.New("protocol botch3")
	}
	s.tried(ctx, user, true)
	if s.Change == nil {
		return errors.New("can't write key")
	}
	if r.New == "" {
		return s.Change(ctx, user, nil, r)
	}
	if err := OKPassword(r.New); err != nil {
		return err
	}
	return s.Change(ctx, user, PassKey(r.New), r)
}
