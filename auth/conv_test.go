package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// agreed wants that both sides know who the client is, and the same secret.
func agreed(t *testing.T, c, s Conv, user string, secret int) {
	t.Helper()
	ci, si := c.Info(), s.Info()
	if ci == nil || si == nil {
		t.Fatalf("%s, %s", c.Phase(), s.Phase())
	}
	if si.Cuid != user || si.Suid != user || ci.Suid != user {
		t.Errorf("client %v, server %v", ci, si)
	}
	if len(ci.Secret) != secret || !bytes.Equal(ci.Secret, si.Secret) || bytes.Equal(ci.Secret, make([]byte, secret)) {
		t.Errorf("secrets %x and %x", ci.Secret, si.Secret)
	}
	if c.Phase() != "Established" || s.Phase() != "Established" {
		t.Errorf("%s, %s", c.Phase(), s.Phase())
	}
}

func TestLogin(t *testing.T) {
	for _, c := range []struct {
		name   string
		proto  string
		keys   string // protocols the client and the server have keys for
		legacy bool
		secret int
		wire   string // what the first messages are
	}{
		{"dp9ik", "dp9ik", "dp9ik", false, 256, ""},
		{"p9sk1", "p9sk1", "p9sk1", true, 8, ""},
		{"p9any takes dp9ik", "p9any", "dp9ik", false, 256, "v.2 dp9ik@lab\x00dp9ik lab\x00OK\x00"},
		{"p9any prefers dp9ik", "p9any", "p9sk1 dp9ik", true, 256, "v.2 dp9ik@lab p9sk1@lab\x00dp9ik lab\x00OK\x00"},
		{"p9any takes p9sk1", "p9any", "p9sk1", true, 8, "v.2 p9sk1@lab\x00p9sk1 lab\x00OK\x00"},
		{"p9any without legacy", "p9any", "p9sk1 dp9ik", false, 256, "v.2 dp9ik@lab\x00dp9ik lab\x00OK\x00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs(c.proto)
			client.Legacy, server.Legacy = c.legacy, c.legacy
			r.srv.Legacy = c.legacy
			client.Keys, server.Keys = Keys{}, Keys{}
			for proto := range strings.FieldsSeq(c.keys) {
				client.Keys = append(client.Keys.(Keys), r.key(proto, "glenda"))
				server.Keys = append(server.Keys.(Keys), r.key(proto, "bootes"))
			}
			p := start(t, client, server)
			var wire []byte
			tap := func(n int, fromServer bool, b []byte) []byte {
				wire = append(wire, b...)
				return b
			}
			if err := converse(t.Context(), p[0], p[1], tap); err != nil {
				t.Fatal(err)
			}
			agreed(t, p[0], p[1], "glenda", c.secret)
			if !strings.HasPrefix(string(wire), c.wire) {
				t.Errorf("wire begins with %q, want %q", wire[:min(60, len(wire))], c.wire)
			}
			for _, conv := range p {
				if _, err := conv.Read(t.Context()); err != ErrDone {
					t.Errorf("read: %v", err)
				}
				if err := conv.Write(t.Context(), nil); err != ErrDone {
					t.Errorf("write: %v", err)
				}
				if conv.Close(); conv.Info() == nil || len(conv.Info().Secret) != c.secret {
					t.Error("closed: the outcome is gone")
				}
			}
		})
	}
}

// TestProxy logs in over a stream that gives a byte at a time, and on which
// something else follows.
func TestProxy(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		t.Run(proto, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs(proto)
			client.Proto, server.Proto = "p9any", "p9any"
			p := start(t, client, server)
			here, there := net.Pipe()
			failed := make(chan error, 1)
			go func() {
				_, err := Proxy(t.Context(), slow{there}, p[1])
				there.Write([]byte("hello"))
				failed <- err
			}()
			if _, err := Proxy(t.Context(), slow{here}, p[0]); err != nil {
				t.Fatal(err)
			}
			var b [5]byte
			if _, err := io.ReadFull(here, b[:]); string(b[:]) != "hello" {
				t.Errorf("then %q, %v", b, err)
			}
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
			agreed(t, p[0], p[1], "glenda", len(p[0].Info().Secret))
		})
	}
}

// A slow connection reads one byte at a time.
type slow struct{ net.Conn }

func (s slow) Read(p []byte) (int, error) { return s.Conn.Read(p[:min(len(p), 1)]) }

// TestProxyEnds wants the reason when a connection ends early.
func TestProxyEnds(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	for _, c := range []struct {
		name string
		cfg  Config
		rw   io.ReadWriter
		want error
	}{
		{"a client cannot write", client, closed{}, io.ErrClosedPipe},
		{"a server cannot read", server, closed{}, io.ErrClosedPipe},
		{"the end of the file", server, &both{Reader: strings.NewReader("half")}, io.ErrUnexpectedEOF},
		{"a reflection", client, new(bytes.Buffer), io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			conv := start(t, c.cfg)[0]
			if ai, err := Proxy(t.Context(), c.rw, conv); !errors.Is(err, c.want) {
				t.Errorf("%v, %v", ai, err)
			}
			conv.Close()
			if _, err := Proxy(t.Context(), c.rw, conv); !errors.Is(err, ErrDone) {
				t.Errorf("closed: %v", err)
			}
		})
	}
	server.Proto = "p9any"
	server.Keys = Keys{}
	conv := start(t, server)[0]
	if _, err := Proxy(t.Context(), closed{}, conv); !errors.Is(err, ErrNegotiate) {
		t.Errorf("a server without keys: %v", err)
	}
}

// TestFirstVersion talks to a server that offers without a version and does not
// confirm, as those of 9front do.
func TestFirstVersion(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	client.Proto = "p9any"
	p := start(t, client, server)
	ctx := t.Context()
	if err := p[0].Write(ctx, []byte("p9sk1@lab dp9ik@lab\x00")); err != nil {
		t.Fatal(err)
	}
	if b, err := p[0].Read(ctx); string(b) != "dp9ik lab\x00" {
		t.Fatalf("%q, %v", b, err)
	}
	if err := converse(ctx, p[0], p[1], nil); err != nil {
		t.Fatal(err)
	}
	agreed(t, p[0], p[1], "glenda", 256)
}

// TestPhases makes calls out of turn in every phase: they change nothing.
func TestPhases(t *testing.T) {
	for _, c := range []struct{ proto, want string }{
		{"dp9ik", "CHaveChal CNeedPAKreq CHavePAKy CHaveTicket CNeedAuth SNeedChal SHavePAKreq SNeedPAKy SNeedTicket SHaveAuth"},
		{"p9sk1", "CHaveChal CNeedTreq CHaveTicket CNeedAuth SNeedChal SHaveTreq SNeedTicket SHaveAuth"},
		{"p9any", "CNeedProtos CHaveProto CNeedOK CRelay SHaveProtos SNeedProto SHaveOK SRelay"},
	} {
		t.Run(c.proto, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs(c.proto)
			if c.proto == "p9any" {
				client, server = r.configs("dp9ik")
				client.Proto, server.Proto = "p9any", "p9any"
			}
			p := start(t, client, server)
			var seen []string
			for _, conv := range p {
				seen = append(seen, conv.Phase())
			}
			tap := func(n int, fromServer bool, b []byte) []byte {
				for _, conv := range p {
					ph := conv.Phase()
					seen = append(seen, ph)
					outOfTurn(t, conv)
					if conv.Phase() != ph {
						t.Errorf("out of turn: from %s to %s", ph, conv.Phase())
					}
				}
				return b
			}
			if err := converse(t.Context(), p[0], p[1], tap); err != nil {
				t.Fatal(err)
			}
			for ph := range strings.FieldsSeq(c.want) {
				// A phase that a message is read in is over when it is tapped.
				if !slices.Contains(seen, ph) && !strings.Contains(ph, "Have") {
					t.Errorf("never in %s, only %v", ph, seen)
				}
			}
		})
	}
}

// outOfTurn makes the call that is not conv's turn.
func outOfTurn(t *testing.T, conv Conv) {
	t.Helper()
	var phase *PhaseError
	ph := conv.Phase()
	switch {
	case strings.Contains(ph, "Have"):
		if err := conv.Write(t.Context(), []byte("x")); !errors.As(err, &phase) || err.Error() != "protocol phase error: write in state "+ph {
			t.Errorf("%s: write: %v", ph, err)
		}
	case strings.Contains(ph, "Need"):
		if b, err := conv.Read(t.Context()); !errors.As(err, &phase) {
			t.Errorf("%s: read %q, %v", ph, b, err)
		}
		var short Short
		if err := conv.Write(t.Context(), nil); !errors.As(err, &short) || short <= 0 {
			t.Errorf("%s: short write: %v", ph, err)
		}
	}
}

func TestSpeakFor(t *testing.T) {
	for _, c := range []struct {
		name, owner, role, sysuser, user string
		want                             string // who the client is; otherwise it fails
	}{
		{"its owner for himself", "glenda", "", "", "", "glenda"},
		{"the host owner for another", "bootes", "speakfor", "tor", "", "tor"},
		{"the host owner for one who asks to be himself", "bootes", "speakfor", "tor", "tor", "tor"},
		{"a key is preferred to one that speaks", "glenda", "", "glenda", "", "glenda"},
		{"the host owner for one he must not be", "bootes", "speakfor", "adm", "", ""},
		{"one who speaks for nobody", "glenda", "speakfor", "tor", "", ""},
		{"another asks to be somebody else", "bootes", "speakfor", "tor", "glenda", ""},
		{"nobody", "bootes", "speakfor", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "bootes", "tor")
			client, server := r.configs("dp9ik")
			k := r.key("dp9ik", c.owner)
			k.Role = c.role
			client.Keys, client.Sysuser, client.User = Keys{k}, c.sysuser, c.user
			p := start(t, client, server)
			err := converse(t.Context(), p[0], p[1], nil)
			if c.want == "" {
				if err == nil {
					t.Fatalf("is %s", p[1].Info().Suid)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			agreed(t, p[0], p[1], c.want, 256)
		})
	}
}

// TestOwnTickets logs in where no authentication server can be reached: only who
// owns the server can.
func TestOwnTickets(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		for _, user := range []string{"bootes", "glenda"} {
			t.Run(proto+" as "+user, func(t *testing.T) {
				r := newRealm("glenda", "bootes")
				client, server := r.configs(proto)
				down := errors.New("connection refused")
				client.Keys = Keys{r.key(proto, user)}
				client.Dial = func(ctx context.Context, dom string) (io.ReadWriteCloser, error) { return nil, down }
				p := start(t, client, server)
				err := converse(t.Context(), p[0], p[1], nil)
				if user == "glenda" {
					if !errors.Is(err, down) {
						t.Fatal(err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				agreed(t, p[0], p[1], "bootes", len(p[0].Info().Secret))
			})
		}
	}
}

// TestBadKey tries a wrong password, and then, in the same conversation, the right
// one: factotum asks for it. With p9sk1 the wrong one may look right for a while.
func TestBadKey(t *testing.T) {
	for proto, times := range map[string]int{"dp9ik": 1, "p9sk1": 2000, "p9any": 1} {
		t.Run(proto, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			keyProto := strings.Replace(proto, "p9any", "dp9ik", 1)
			wrong := &Userkey{Proto: keyProto, Dom: "lab", User: "glenda", Key: *PassKey("wrong")}
			for range times {
				client, server := r.configs(keyProto)
				client.Proto, server.Proto = proto, proto
				badKey(t, client, server, wrong)
			}
		})
	}
}

// badKey has a client with the wrong key, and then with the one of its keyring.
func badKey(t *testing.T, client, server Config, wrong *Userkey) {
	t.Helper()
	right := client.Keys
	ring := &later{Keyring: Keys{wrong}}
	client.Keys = ring
	p := start(t, client, server)
	for p[0].Info() == nil || p[1].Info() == nil {
		carry(t, p[1], p[0], func(b []byte, err error) error {
			var bad *BadKey
			if !errors.As(err, &bad) {
				return err
			}
			if err.Error() != "bad key" || !errors.Is(err, ErrBadKey) || bad.Key != wrong || bad.Query.Role != "client" {
				t.Fatalf("%v of %v for %v", err, bad.Key, bad.Query)
			}
			ring.Keyring = right
			ring.asked++
			return p[0].Write(t.Context(), b)
		})
		carry(t, p[0], p[1], func(b []byte, err error) error { return err })
	}
	agreed(t, p[0], p[1], "glenda", len(p[0].Info().Secret))
	if ring.asked != 1 {
		t.Errorf("the key was bad %d times", ring.asked)
	}
}

// asking is a keyring that knows whom to ask.
type asking struct{}

func (asking) Find(ctx context.Context, q Query) ([]*Userkey, error) {
	return nil, &NeedKey{q.String() + " user? !password?"}
}

// TestNeedKey begins without a key, and goes on when there is one.
func TestNeedKey(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9any"} {
		t.Run(proto, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs("dp9ik")
			client.Proto, server.Proto = proto, proto
			ring := &later{Keyring: asking{}}
			client.Keys = ring
			p := start(t, client, server)
			ctx := t.Context()
			for p[0].Info() == nil || p[1].Info() == nil {
				carry(t, p[1], p[0], func(b []byte, err error) error {
					var need *NeedKey
					if !errors.As(err, &need) {
						return err
					}
					if want := "needkey proto=dp9ik role=client dom=lab user? !password?"; err.Error() != want {
						t.Fatalf("%v, want %s", err, want)
					}
					ring.Keyring = Keys{r.key("dp9ik", "glenda")}
					ring.asked++
					return p[0].Write(ctx, b)
				})
				carry(t, p[0], p[1], func(b []byte, err error) error { return err })
			}
			agreed(t, p[0], p[1], "glenda", 256)
			if ring.asked != 1 {
				t.Errorf("asked %d times", ring.asked)
			}
		})
	}
}

type later struct {
	Keyring
	asked int
}

// carry carries what from has to say, if it is its turn.
func carry(t *testing.T, from, to Conv, failed func(b []byte, err error) error) {
	t.Helper()
	for {
		b, err := from.Read(t.Context())
		if err != nil {
			var phase *PhaseError
			if !errors.As(err, &phase) && !errors.Is(err, ErrDone) {
				t.Fatal(err)
			}
			return
		}
		if err := failed(b, to.Write(t.Context(), b)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCancel gives up while the authentication server does not answer.
func TestCancel(t *testing.T) {
	for _, proto := range []string{"dp9ik", "p9sk1"} {
		t.Run(proto, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			client, server := r.configs(proto)
			ctx, cancel := context.WithCancel(t.Context())
			client.Dial = func(context.Context, string) (io.ReadWriteCloser, error) {
				here, there := net.Pipe()
				go func() {
					var b [1]byte
					there.Read(b[:]) // it has been asked
					cancel()
				}()
				return here, nil
			}
			p := start(t, client, server)
			if err := converse(ctx, p[0], p[1], nil); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestStart(t *testing.T) {
	r := newRealm("bootes")
	for _, c := range []struct{ name, proto, role, want string }{
		{"no protocol", "", "client", "unknown protocol "},
		{"another protocol", "chap", "server", "unknown protocol chap"},
		{"p9sk1 without legacy", "p9sk1", "server", "unknown protocol p9sk1"},
		{"no role", "dp9ik", "", "unknown role "},
		{"another role", "p9any", "speakfor", "unknown role speakfor"},
		{"a server without a key", "dp9ik", "server", "no key matches proto=dp9ik role=server"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Start(t.Context(), Config{Proto: c.proto, Role: c.role, Keys: Keys{}, Dial: r.dial})
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestClosed closes conversations in the middle: they are over.
func TestClosed(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	client.Proto, server.Proto = "p9any", "p9any"
	for stop := range 8 {
		p := start(t, client, server)
		err := converse(t.Context(), p[0], p[1], func(n int, fromServer bool, b []byte) []byte {
			if n == stop {
				p[0].Close()
				p[1].Close()
			}
			return b
		})
		// With the last message, 7, the server was done.
		if !errors.Is(err, ErrDone) || p[0].Info() != nil || p[1].Info() != nil && stop < 7 {
			t.Errorf("closed at message %d: %v", stop, err)
		}
	}
}

// TestSecrets prints what has keys in it.
func TestSecrets(t *testing.T) {
	k := PassKey("secret")
	tk := Ticket{Key: newNonce(1)}
	for _, v := range []any{k, *k, tk, &tk, &Userkey{Key: *k}, &BadKey{Key: &Userkey{Key: *k}}, k.Cipher()} {
		for _, format := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
			got := fmt.Sprintf(format, v)
			for _, part := range [][]byte{k.DES[:], k.AES[:], tk.Key.key[:7]} {
				for _, f := range []string{"%v", "%x", "%d", "%s"} {
					if strings.Contains(got, strings.Trim(fmt.Sprintf(f, part), "[]")) {
						t.Errorf("%T with %s: %s", v, format, got)
					}
				}
			}
		}
	}
}
