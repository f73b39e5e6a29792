package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// A Conv is one side of an authentication in progress. Who has it carries what
// Read gives to the other side, and what came from there to Write, until Info
// tells what it came to. It is for one goroutine at a time.
//
// Both fail with a *PhaseError, changing nothing, when it is the other's turn, and
// with ErrDone after the end. After a *NeedKey or a *BadKey, which also change
// nothing, the same call can be made again when there is another key. Any other
// error is the end of the conversation: all calls give it from then on.
type Conv interface {
	// Read returns the next message to send.
	Read(ctx context.Context) ([]byte, error)

	// Write takes all of a message. If p is only the beginning it fails with
	// Short, changing nothing, and wants the same bytes again and more behind
	// them. A client's may call the authentication server, and waits for it.
	Write(ctx context.Context, p []byte) error

	// Phase returns the name of the state, as factotum(4) calls it.
	Phase() string

	// Info returns the outcome, or nil if there is none yet. The caller may keep it.
	Info() *Info

	// Close overwrites what is secret. The Conv is of no use afterwards; the Info is.
	Close()
}

// A PhaseError is that of a Read or Write out of turn.
type PhaseError struct{ Op, Phase string }

func (e *PhaseError) Error() string {
	return fmt.Sprintf("protocol phase error: %s in state %s", e.Op, e.Phase)
}

// A Query describes a key. What is empty may be anything.
type Query struct {
	Proto string // dp9ik or p9sk1
	Role  string // what it is for: client, server or speakfor
	Dom   string // domain
	User  string // whose
}

func (q Query) String() string {
	s := "proto=" + q.Proto + " role=" + q.Role
	if q.Dom != "" {
		s += " dom=" + q.Dom
	}
	if q.User != "" {
		s += " user=" + q.User
	}
	return s
}

// A NeedKey is the error of a Keyring that has no key but knows whom to ask: the
// template says for what.
type NeedKey struct{ Template string }

func (e *NeedKey) Error() string { return "needkey " + e.Template }

// A BadKey is the error of a key that the authentication server does not know:
// mostly a wrong password.
type BadKey struct {
	Query Query
	Key   *Userkey
}

func (e *BadKey) Error() string { return ErrBadKey.Error() }

// Unwrap returns ErrBadKey.
func (e *BadKey) Unwrap() error { return ErrBadKey }

// A Userkey is a key and whose it is, where.
type Userkey struct {
	Proto string // dp9ik or p9sk1
	Role  string // empty: any
	Dom   string
	User  string
	Key   Key
}

// A Keyring has keys.
type Keyring interface {
	// Find returns the keys that fit, those to be preferred first. If there are
	// none it returns an error, which may be a *NeedKey.
	Find(ctx context.Context, q Query) ([]*Userkey, error)
}

// Keys is a Keyring of keys that stay the same.
type Keys []*Userkey

// Find is a method of a Keyring.
func (ks Keys) Find(ctx context.Context, q Query) ([]*Userkey, error) {
	fits := func(want, have string) bool { return want == "" || want == have }
	var found []*Userkey
	for _, k := range ks {
		if fits(q.Proto, k.Proto) && fits(k.Role, q.Role) && fits(q.Dom, k.Dom) && fits(q.User, k.User) {
			found = append(found, k)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no key matches %s", q)
	}
	return found, nil
}

// A Config is what a Conv begins with.
type Config struct {
	Proto   string // p9any, dp9ik or p9sk1
	Role    string // client or server
	Dom     string // if not empty: no other domain will do
	User    string // of a client, if not empty: no other user's key will do
	Sysuser string // of a client: for whom it asks, if not for the key's owner
	Keys    Keyring
	Legacy  bool // p9sk1 will do
	Own     bool // a client makes the tickets for a server that is its own, instead of asking for them

	// Dial calls the authentication server of a domain, for a client. The
	// connection is closed if the call's context is done.
	Dial func(ctx context.Context, dom string) (io.ReadWriteCloser, error)
}

// Start begins a conversation.
func Start(ctx context.Context, cfg Config) (Conv, error) {
	if cfg.Role != "client" && cfg.Role != "server" {
		return nil, fmt.Errorf("unknown role %s", cfg.Role)
	}
	switch {
	case cfg.Proto == "p9any":
		return newAny(cfg), nil
	case cfg.Proto == "dp9ik", cfg.Proto == "p9sk1" && cfg.Legacy:
		return newShared(ctx, cfg)
	}
	return nil, fmt.Errorf("unknown protocol %s", cfg.Proto)
}

// Proxy carries the messages of a conversation over a connection until it is
// done, as auth_proxy of auth(2). It reads no byte that comes after them.
func Proxy(ctx context.Context, rw io.ReadWriter, c Conv) (*Info, error) {
	for {
		if ai := c.Info(); ai != nil {
			return ai, nil
		}
		p, err := c.Read(ctx)
		var phase *PhaseError
		switch {
		case err == nil:
			if _, err := rw.Write(p); err != nil {
				return nil, err
			}
		case errors.As(err, &phase):
			if err := receive(ctx, rw, c); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
}

// maxMessage is the length of the longest message of any protocol here.
const maxMessage = 2048

// receive writes a message to c that it reads from r.
func receive(ctx context.Context, r io.Reader, c Conv) error {
	var buf [maxMessage]byte
	for n := 0; ; {
		err := c.Write(ctx, buf[:n])
		var short Short
		if !errors.As(err, &short) {
			return err
		}
		if int(short) <= n || int(short) > len(buf) {
			return ErrProtocol
		}
		m, err := r.Read(buf[n:short])
		if m == 0 && err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		n += m
	}
}
