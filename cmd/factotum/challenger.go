package factotum

import (
	"context"
	"errors"
	"io"

	"ufo/auth"
)

// challenges are the protocols in which the authentication server makes a challenge
// for a server, and checks the answer.
var challenges = map[string]auth.Type{"apop": auth.AuthApop, "chap": auth.AuthChap, "cram": auth.AuthCram}

// A challenger is the server of such a protocol: SHaveChal, SNeedUser, SNeedResp, and
// SNeedUser again as long as the answer is wrong.
type challenger struct {
	state
	c    *chooser
	conn io.Closer
	chal *auth.Challenge
	key  *auth.Userkey // the server's
	user string
}

// A wrongAnswer is not the end of a conversation: another may be given.
type wrongAnswer struct{ error }

func (e wrongAnswer) Unwrap() error { return e.error }

// beginChallenge gets a challenge of the authentication server of the domain that
// the owner has a key in. The connection stays open for the answer, longer than the call
// that begins.
func beginChallenge(ctx context.Context, num auth.Type, c *chooser) (auth.Conv, error) {
	key, err := c.serverKey()
	if err != nil {
		return nil, err
	}
	conn, err := c.dial(context.WithoutCancel(ctx), key.Dom)
	if err != nil {
		return nil, c.explain(err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	chal, err := auth.RequestChallenge(conn, num, key)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, c.explain(err)
	}
	c.tried = nil // it is not what the conversation is about
	return &challenger{state: state{phase: "SHaveChal"}, c: c, conn: conn, chal: chal, key: key}, nil
}

// serverKey returns the key of a server of Plan 9 that serves another protocol.
func (c *chooser) serverKey() (*auth.Userkey, error) {
	dom := c.attrs.val("dom")
	err := error(nil)
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		if proto == "p9sk1" && !c.f.cfg.Legacy {
			break
		}
		pat := attrs{{name: "proto", val: proto}, {name: "role", val: "server"}, {name: "dom", val: dom, query: dom == ""}, {name: "user", query: true}}
		if err = c.find(pat, c.f.cfg.Owner, nil, func(k *key) { c.copy(k) }); err == nil || c.wait != nil {
			break
		}
	}
	return c.tried, err
}

// Read is a method of an auth.Conv.
func (s *challenger) Read(context.Context) ([]byte, error) {
	if s.phase != "SHaveChal" {
		return nil, s.turn("read")
	}
	s.phase = "SNeedUser"
	return s.chal.Text, nil
}

// Write is a method of an auth.Conv.
func (s *challenger) Write(ctx context.Context, p []byte) error {
	switch s.phase {
	case "SNeedUser":
		user := string(p)
		if want, has := s.c.attrs.get("user"); has && want != user {
			return s.fail(errors.New("bad user"))
		}
		if len(user) >= auth.NameLen {
			return s.fail(errors.New("user name too long"))
		}
		s.user, s.phase = user, "SNeedResp"
		return nil
	case "SNeedResp":
		return s.answer(ctx, p)
	}
	return s.turn("write")
}

// answer has the authentication server check an answer.
func (s *challenger) answer(ctx context.Context, p []byte) error {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	defer stop()
	info, err := s.chal.Answer(s.user, p)
	var refused auth.Refusal
	switch {
	case errors.As(err, &refused):
		s.phase = "SNeedUser"
		return wrongAnswer{err}
	case ctx.Err() != nil:
		return s.fail(ctx.Err())
	case errors.Is(err, auth.ErrBadKey):
		s.c.tried = s.key
		return s.fail(err)
	case err != nil:
		return s.fail(err)
	}
	s.c.attrs = s.c.attrs.with(attr{name: "user", val: s.user})
	s.phase, s.info = established, info
	return nil
}

// Close is a method of an auth.Conv.
func (s *challenger) Close() {
	s.chal.Close()
	s.conn.Close()
}
