package factotum

import (
	"context"
	"errors"
	"slices"

	"ufo/auth"
)

// The phases that all protocols have.
const (
	established = "Established"
	broken      = "Broken"
)

// A state is what the conversations here have.
type state struct {
	phase string
	info  *auth.Info
	err   error // why it is broken
}

// Phase is a method of an auth.Conv.
func (s *state) Phase() string { return s.phase }

// Info is a method of an auth.Conv.
func (s *state) Info() *auth.Info { return s.info }

// Read is a method of an auth.Conv: it is the other's turn.
func (s *state) Read(context.Context) ([]byte, error) { return nil, s.turn("read") }

// turn returns the error of a call out of turn.
func (s *state) turn(op string) error {
	if s.err != nil {
		return s.err
	}
	return &auth.PhaseError{Op: op, Phase: s.phase}
}

// fail ends the conversation.
func (s *state) fail(err error) error {
	s.phase, s.err = broken, err
	return err
}

// A login is a conversation with somebody who says his name and password: SNeedUser,
// SNeedPass. That they are right is shown by logging in with them, here, as a client
// would from elsewhere.
type login struct {
	state
	cfg    auth.Config // of the server
	dom    string      // of its key
	c      *chooser
	server auth.Conv
	user   string
}

// Write is a method of an auth.Conv.
func (l *login) Write(ctx context.Context, p []byte) error {
	switch l.phase {
	case "SNeedUser":
		if len(p) >= auth.NameLen {
			return l.fail(errors.New("user id too long"))
		}
		l.user, l.phase = string(p), "SNeedPass"
		return nil
	case "SNeedPass":
		if len(p) >= auth.PasswordLen {
			return l.fail(errors.New("password too long"))
		}
		info, err := l.check(ctx, string(p))
		if err != nil {
			return l.fail(err)
		}
		l.phase, l.info = established, info
		return nil
	}
	return l.turn("write")
}

// check logs in.
func (l *login) check(ctx context.Context, password string) (*auth.Info, error) {
	key := &auth.Userkey{Proto: l.cfg.Proto, Dom: l.dom, User: l.user, Key: *auth.PassKey(password)}
	defer key.Key.Zero()
	l.c.tried = &auth.Userkey{Proto: key.Proto, Dom: key.Dom, User: key.User} // should it fail
	cfg := l.cfg
	cfg.Role, cfg.Dom, cfg.User, cfg.Sysuser, cfg.Keys = "client", l.dom, l.user, "", auth.Keys{key}
	client, err := auth.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := converse(ctx, client, l.server); err != nil {
		return nil, err
	}
	info := client.Info()
	info.Zero()
	return l.server.Info(), nil
}

// converse carries messages between two sides until both are done.
func converse(ctx context.Context, from, to auth.Conv) error {
	for from.Info() == nil || to.Info() == nil {
		p, err := from.Read(ctx)
		var phase *auth.PhaseError
		switch {
		case err == nil:
			if err := to.Write(ctx, p); err != nil {
				return err
			}
		case errors.As(err, &phase) || errors.Is(err, auth.ErrDone):
			from, to = to, from
		default:
			return err
		}
	}
	return nil
}

// Close is a method of an auth.Conv.
func (l *login) Close() { l.server.Close() }

// A pass is a conversation that gives away a name and a password: HavePass.
type pass struct {
	state
	user     string
	password []byte
}

func beginPass(_ context.Context, p *proto, c *chooser) (auth.Conv, error) {
	conv := &pass{state: state{phase: "HavePass"}}
	return conv, c.find(append(c.attrs[:len(c.attrs):len(c.attrs)], p.prompt()...).clean(), c.user, nil, func(k *key) {
		conv.user, conv.password = k.attrs.val("user"), slices.Clone(find(k.secrets, "!password"))
		c.attrs = c.attrs.with(k.attrs...)
	})
}

// Read is a method of an auth.Conv. The words are quoted.
func (c *pass) Read(context.Context) ([]byte, error) {
	return []byte(quote(c.user) + " " + quote(string(c.password))), nil
}

// Write is a method of an auth.Conv: it is never the other's turn.
func (c *pass) Write(context.Context, []byte) error { return c.turn("write") }

// Close is a method of an auth.Conv.
func (c *pass) Close() { clear(c.password) }
