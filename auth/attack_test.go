package auth

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// messages are those of a login with dp9ik or p9sk1, in the order converse carries
// them.
var messages = map[string][]string{
	"dp9ik": {"challenge", "request", "public key", "ticket", "authenticator"},
	"p9sk1": {"challenge", "request", "ticket", "authenticator"},
}

// attack runs a login in which messages are changed. It must not succeed.
func attack(t *testing.T, proto string, tap func(name string, b []byte) []byte) (client, server Conv) {
	t.Helper()
	r := newRealm("glenda", "bootes", "tor")
	cc, sc := r.configs(proto)
	p := start(t, cc, sc)
	err := converse(t.Context(), p[0], p[1], func(n int, fromServer bool, b []byte) []byte {
		return tap(messages[proto][n], b)
	})
	if err == nil {
		t.Errorf("login succeeded, as %s", p[1].Info().Suid)
	}
	return p[0], p[1]
}

// record returns the messages of a good login in a realm.
func record(t *testing.T, r *realm, proto string) map[string][]byte {
	t.Helper()
	cc, sc := r.configs(proto)
	p := start(t, cc, sc)
	seen := map[string][]byte{}
	err := converse(t.Context(), p[0], p[1], func(n int, fromServer bool, b []byte) []byte {
		seen[messages[proto][n]] = bytes.Clone(b)
		return b
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestAttacks changes single messages.
func TestAttacks(t *testing.T) {
	tkLen := (&Cipher{form: 1}).size(ticketLen(&Cipher{form: 1}))
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		if proto == "p9sk1" {
			tkLen = (&Cipher{}).size(ticketLen(&Cipher{}))
		}
		old := record(t, newRealm("glenda", "bootes"), proto)
		replay := func(b []byte, name string) []byte { return old[name] }
		for _, c := range []struct {
			name, message string
			change        func(b []byte, name string) []byte
		}{
			{"an old challenge", "challenge", replay},
			{"an old request", "request", replay},
			{"an old ticket", "ticket", replay},
			{"an old authenticator of the server", "authenticator", replay},
			{"an old ticket, a new authenticator", "ticket", func(b []byte, name string) []byte {
				return append(bytes.Clone(old[name][:tkLen]), b[tkLen:]...)
			}},
			{"a new ticket, an old authenticator", "ticket", func(b []byte, name string) []byte {
				return append(bytes.Clone(b[:tkLen]), old[name][tkLen:]...)
			}},
			{"the client's authenticator sent back", "authenticator", nil},
			{"a request of another type", "request", func(b []byte, name string) []byte { b[0] = byte(AuthPass); return b }},
			{"a request of the other protocol", "request", func(b []byte, name string) []byte {
				b[0] ^= byte(AuthTreq) ^ byte(AuthPAK)
				return b
			}},
			{"a request of nobody", "request", func(b []byte, name string) []byte { clear(b[1 : 1+NameLen]); return b }},
			{"a request of no domain", "request", func(b []byte, name string) []byte {
				clear(b[1+NameLen : 1+NameLen+DomLen])
				return b
			}},
			{"a request of another domain", "request", func(b []byte, name string) []byte {
				copy(b[1+NameLen:], "evil\x00")
				return b
			}},
			{"a request of another server", "request", func(b []byte, name string) []byte {
				copy(b[1:], "tor\x00\x00\x00\x00")
				return b
			}},
			{"a request of a server that is not there", "request", func(b []byte, name string) []byte {
				copy(b[1:], "nobody")
				return b
			}},
			{"another challenge in the request", "request", func(b []byte, name string) []byte {
				b[1+NameLen+DomLen]++
				return b
			}},
			{"the tickets' order", "ticket", func(b []byte, name string) []byte {
				return append(bytes.Clone(b[tkLen:]), b[:tkLen]...)
			}},
			{"zeros as ticket", "ticket", func(b []byte, name string) []byte { return make([]byte, len(b)) }},
			{"zeros as authenticator", "authenticator", func(b []byte, name string) []byte { return make([]byte, len(b)) }},
		} {
			t.Run(proto+"/"+c.name, func(t *testing.T) {
				var authenticator []byte
				attack(t, proto, func(name string, b []byte) []byte {
					if name == "ticket" {
						authenticator = bytes.Clone(b[tkLen:])
					}
					switch {
					case name != c.message:
						return b
					case c.change == nil:
						return authenticator
					}
					return c.change(b, name)
				})
			})
		}
	}
}

// TestShortMessages gives each message in pieces: a piece wants more and changes
// nothing, and what is more than the message is not looked at.
func TestShortMessages(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		r := newRealm("glenda", "bootes")
		cc, sc := r.configs(proto)
		p := start(t, cc, sc)
		tap := func(n int, fromServer bool, b []byte) []byte {
			to := p[1]
			if fromServer {
				to = p[0]
			}
			for _, m := range []int{0, 1, len(b) / 2, len(b) - 1} {
				var short Short
				if err := to.Write(t.Context(), b[:m]); !errors.As(err, &short) || int(short) != len(b) {
					t.Errorf("%s: %d bytes of %s: %v, want %d", proto, m, messages[proto][n], err, len(b))
				}
			}
			return append(b, "more"...)
		}
		if err := converse(t.Context(), p[0], p[1], tap); err != nil {
			t.Fatal(err)
		}
		agreed(t, p[0], p[1], "glenda", len(p[0].Info().Secret))
	}
}

// TestBroken wants nothing of a conversation that failed but its error.
func TestBroken(t *testing.T) {
	c, s := attack(t, "dp9ik", func(name string, b []byte) []byte {
		if name == "ticket" {
			b[20] ^= 1
		}
		return b
	})
	if s.Phase() != "Broken" || s.Info() != nil || c.Info() != nil {
		t.Errorf("server in %s, %v", s.Phase(), s.Info())
	}
	for range 2 {
		if err := s.Write(t.Context(), nil); !errors.Is(err, ErrProtocol) {
			t.Errorf("write: %v", err)
		}
		if _, err := s.Read(t.Context()); !errors.Is(err, ErrProtocol) {
			t.Errorf("read: %v", err)
		}
	}
}

// TestFlips changes a bit of every byte that client and server, or client and
// authentication server, say to each other with dp9ik. Either the login fails, or
// nothing came of it: of a request, names behind their end and the client's names
// are not looked at.
func TestFlips(t *testing.T) {
	stride := 1
	if testing.Short() {
		stride = 13
	}
	r := newRealm("glenda", "bootes")
	cc, sc := r.configs("dp9ik")
	tolerated := 0
	login := func(where string, n, i, size int) {
		p := start(t, cc, sc)
		err := converse(t.Context(), p[0], p[1], func(m int, fromServer bool, b []byte) []byte {
			if where == "client and server" && m == n && i < len(b) {
				b[i] ^= 1 << (i % 8)
			}
			return b
		})
		if err != nil {
			return
		}
		agreed(t, p[0], p[1], "glenda", 256)
		tolerated++
		if size != TicketreqLen && size != TicketreqLen+PAKLen && size != TicketreqLen+2*PAKLen || i >= TicketreqLen {
			t.Errorf("%s, message %d of %d bytes: byte %d changed, and nobody noticed", where, n, size, i)
		}
	}
	for n, name := range messages["dp9ik"] {
		size := len(record(t, r, "dp9ik")[name])
		for i := n % stride; i < size; i += stride {
			login("client and server", n, i, size)
		}
	}
	// Requests, and answers: an OK is read before the rest.
	for dir, sizes := range [][]int{{TicketreqLen + 2*PAKLen, TicketreqLen}, {1, 2 * PAKLen, 1, 248}} {
		for n, size := range sizes {
			for i := n % stride; i < size; i += stride {
				r.tap = func(step int, fromServer bool, b []byte) []byte {
					if fromServer == (dir == 1) && step == n && i < len(b) {
						b[i] ^= 1 << (i % 8)
					}
					return b
				}
				login("client and authentication server", n, i, size)
			}
		}
	}
	r.tap = nil
	t.Logf("%d changes that mean nothing", tolerated)
}

// TestDowngrade takes names from the list, and changes the choice.
func TestDowngrade(t *testing.T) {
	for _, c := range []struct {
		name           string
		clientLegacy   bool
		serverLegacy   bool
		message        int
		text           string
		want           error
		loggedInAsWell bool
	}{
		{"only p9sk1 is left, and not allowed", false, true, 0, "v.2 p9sk1@lab\x00", ErrNegotiate, false},
		{"the client's choice becomes p9sk1, and is not allowed", false, false, 1, "p9sk1 lab\x00", ErrNegotiate, false},
		{"the client's choice becomes p9sk1", false, true, 1, "p9sk1 lab\x00", nil, false},
		{"another domain", false, false, 0, "v.2 dp9ik@evil\x00", ErrNegotiate, false},
		{"another domain is chosen", false, false, 1, "dp9ik evil\x00", ErrNegotiate, false},
		{"no domain", false, false, 0, "v.2 dp9ik\x00", ErrNegotiate, false},
		{"an empty list", false, false, 0, "v.2\x00", ErrNegotiate, false},
		{"nothing", false, false, 0, "\x00", ErrNegotiate, false},
		{"a protocol nobody knows", false, false, 0, "v.2 p9sk3@lab\x00", ErrNegotiate, false},
		{"a version nobody knows", false, false, 0, "v.3 dp9ik@lab\x00", ErrVersion, false},
		{"a version like ours", false, false, 0, "v.22 dp9ik@lab\x00", ErrVersion, false},
		{"a choice of one word", false, false, 1, "dp9ik\x00", ErrArg, false},
		{"a choice of three words", false, false, 1, "dp9ik lab x\x00", ErrArg, false},
		{"an endless list", false, false, 0, string(bytes.Repeat([]byte("x"), 2048)), ErrProtocol, false},
		{"an endless choice", false, false, 1, string(bytes.Repeat([]byte("x"), 2048)), ErrProtocol, false},
		{"no OK", false, false, 2, "no\x00", ErrGaveUp, false},
		{"an OK with more", false, false, 2, "OKAY\x00", ErrGaveUp, false},
		{"only p9sk1 is left, and allowed", true, true, 0, "v.2 p9sk1@lab\x00", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs("p9any")
			r.srv.Legacy = true
			client.Legacy, server.Legacy = c.clientLegacy, c.serverLegacy
			client.Keys = Keys{r.key("dp9ik", "glenda"), r.key("p9sk1", "glenda")}
			server.Keys = Keys{r.key("dp9ik", "bootes"), r.key("p9sk1", "bootes")}
			p := start(t, client, server)
			err := converse(t.Context(), p[0], p[1], func(n int, fromServer bool, b []byte) []byte {
				if n == c.message {
					return []byte(c.text)
				}
				return b
			})
			if c.loggedInAsWell {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestReflect lets a server talk to a server, and a client to a client.
func TestReflect(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9sk1", "p9any"} {
		r := newRealm("glenda", "bootes")
		client, server := r.configs(proto)
		if proto == "p9any" {
			client.Keys, server.Keys = Keys{r.key("dp9ik", "glenda")}, Keys{r.key("dp9ik", "bootes")}
		}
		for name, cfg := range map[string]Config{"client": client, "server": server} {
			p := start(t, cfg, cfg)
			if err := converse(t.Context(), p[0], p[1], nil); err == nil {
				t.Errorf("%s: a %s with a %s", proto, name, name)
			}
		}
	}
}

// TestOwnReflected sends a server what another conversation with it said.
func TestOwnReflected(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	p := start(t, client, server, server)
	ctx := t.Context()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	chal, err := p[0].Read(ctx)
	must(err)
	must(p[1].Write(ctx, chal))
	must(p[2].Write(ctx, chal))
	req, err := p[1].Read(ctx)
	must(err)
	_, err = p[2].Read(ctx)
	must(err)
	must(p[0].Write(ctx, req))
	for range 2 {
		b, err := p[0].Read(ctx)
		must(err)
		b = slices.Clone(b)
		if err := p[2].Write(ctx, b); err != nil && len(b) == PAKLen {
			t.Fatal(err)
		} else if err == nil && len(b) != PAKLen {
			t.Error("a ticket for one conversation was good for another")
		}
		must(p[1].Write(ctx, b))
	}
}
