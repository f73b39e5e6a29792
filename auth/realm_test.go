package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// A realm is a domain with its authentication server.
type realm struct {
	srv Server

	mu   sync.Mutex // guards what follows
	keys map[string]*Key
	logs []string
	tap  func(step int, fromServer bool, b []byte) []byte // changes what goes to the server and back
}

// newRealm returns a domain where each user's password is his name and " secret".
func newRealm(users ...string) *realm {
	r := &realm{keys: map[string]*Key{}}
	for _, u := range users {
		r.keys[u] = PassKey(u + " secret")
	}
	r.srv = Server{
		Key: func(ctx context.Context, user string) *Key {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.keys[user]
		},
		SpeaksFor: func(host, user string) bool { return host == "bootes" && user != "adm" },
		Change: func(ctx context.Context, user string, k *Key, req *Passwordreq) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if k != nil {
				r.keys[user] = k
			}
			return nil
		},
		Log: func(line string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.logs = append(r.logs, line)
		},
	}
	return r
}

// dial calls the server, which ends when its connection does.
func (r *realm) dial(ctx context.Context, dom string) (io.ReadWriteCloser, error) {
	if dom != "lab" {
		return nil, fmt.Errorf("no authentication server for %s", dom)
	}
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		r.srv.Serve(ctx, there)
	}()
	if r.tap != nil {
		return &tapped{Conn: here, tap: r.tap}, nil
	}
	return here, nil
}

// A tapped connection is one where somebody stands between.
type tapped struct {
	net.Conn
	tap        func(step int, fromServer bool, b []byte) []byte
	reads, all int
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	b := t.tap(t.reads, true, append([]byte(nil), p[:n]...))
	t.reads++
	return copy(p, b), err
}

func (t *tapped) Write(p []byte) (int, error) {
	b := t.tap(t.all, false, append([]byte(nil), p...))
	t.all++
	if _, err := t.Conn.Write(b); err != nil {
		return 0, err
	}
	return len(p), nil
}

// key returns a user's key in the domain, for a protocol.
func (r *realm) key(proto, user string) *Userkey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &Userkey{Proto: proto, Dom: "lab", User: user, Key: *r.keys[user]}
}

// configs returns how glenda logs in to bootes's machine with a protocol.
func (r *realm) configs(proto string) (client, server Config) {
	legacy := proto == "p9sk1"
	r.srv.Legacy = legacy
	client = Config{Proto: proto, Role: "client", Keys: Keys{r.key(proto, "glenda")}, Legacy: legacy, Dial: r.dial}
	server = Config{Proto: proto, Role: "server", Keys: Keys{r.key(proto, "bootes")}, Legacy: legacy}
	return client, server
}

// start begins conversations.
func start(t testing.TB, cfgs ...Config) (convs []Conv) {
	t.Helper()
	for _, cfg := range cfgs {
		c, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		convs = append(convs, c)
	}
	return convs
}

// errStuck is that both sides wait for the other.
var errStuck = errors.New("both wait")

// converse carries messages between two sides until both are done, or one fails.
// Tap sees, and can change, each message.
func converse(ctx context.Context, c, s Conv, tap func(n int, fromServer bool, b []byte) []byte) error {
	for n := 0; c.Info() == nil || s.Info() == nil; {
		moved := false
		for _, from := range []Conv{c, s} {
			to := s
			if from == s {
				to = c
			}
			b, err := from.Read(ctx)
			var phase *PhaseError
			if errors.As(err, &phase) || errors.Is(err, ErrDone) {
				continue
			}
			if err != nil {
				return err
			}
			if tap != nil {
				b = tap(n, from == s, append([]byte(nil), b...))
			}
			n++
			moved = true
			if err := to.Write(ctx, b); err != nil {
				return err
			}
		}
		if !moved {
			return errStuck
		}
	}
	return nil
}
