package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// call calls the authentication server.
func (r *realm) call(t *testing.T) io.ReadWriteCloser {
	t.Helper()
	conn, err := r.dial(t.Context(), "lab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestTicketService asks for tickets: who is there, who is not, who may be whom.
// From what comes back it can only be told by who has the key.
func TestTicketService(t *testing.T) {
	for _, c := range []struct {
		name, authid, hostid, uid string
		client, server            bool // the ticket can be opened
	}{
		{"himself", "bootes", "glenda", "glenda", true, true},
		{"to himself", "glenda", "glenda", "glenda", true, true},
		{"the host owner as another", "bootes", "bootes", "glenda", true, true},
		{"the host owner as one he must not be", "bootes", "bootes", "adm", false, false},
		{"one as another", "bootes", "glenda", "tor", false, false},
		{"one who is not there", "bootes", "nobody", "nobody", false, true},
		{"a server that is not there", "nobody", "glenda", "glenda", true, false},
		{"one without a key", "bootes", "keyless", "keyless", false, true},
	} {
		for _, form := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, form %d", c.name, form), func(t *testing.T) {
				r := newRealm("glenda", "bootes", "tor")
				r.keys["keyless"] = &Key{}
				r.srv.Legacy = true
				conn := r.call(t)
				tr := &Ticketreq{AuthTreq, c.authid, "lab", [ChalLen]byte{1, 2, 3}, c.hostid, c.uid}
				ck, sk := PassKey(c.hostid+" secret"), PassKey(c.authid+" secret")
				client, server := ck.Cipher(), sk.Cipher()
				if form == 1 {
					pak := sk.Hash(c.authid).PAK(true)
					ybs, k, err := RequestPair(conn, tr, ck.Hash(c.hostid), pak.Public())
					if err != nil {
						t.Fatal(err)
					}
					client = k
					if server, err = pak.Finish(ybs); err != nil {
						t.Fatal(err)
					}
				}
				b, err := RequestTickets(conn, tr, client)
				if err != nil {
					t.Fatal(err)
				}
				// One of 256 wrong DES keys opens a ticket, of which nothing is right.
				open := func(b []byte, k *Cipher, num Type) *Ticket {
					tk, _, err := OpenTicket(b, k, num)
					if err != nil || tk.Chal != tr.Chal {
						return nil
					}
					return tk
				}
				tc, ts := open(b[:len(b)/2], client, AuthTc), open(b[len(b)/2:], server, AuthTs)
				if (tc != nil) != c.client || (ts != nil) != c.server {
					t.Fatalf("the client's ticket %v, the server's %v", tc, ts)
				}
				if tc != nil && (tc.Cuid != c.uid || tc.Suid != c.uid) {
					t.Errorf("client's %v", tc)
				}
				if ts != nil && (ts.Cuid != c.uid || ts.Suid != c.uid) {
					t.Errorf("server's %v", ts)
				}
				if tc != nil && ts != nil && tc.Key.key != ts.Key.key {
					t.Error("other nonce keys")
				}
			})
		}
	}
}

// TestSamePretense asks for DES tickets of somebody who is not there: his key is
// always the same, as if he were.
func TestSamePretense(t *testing.T) {
	s := &session{Server: &Server{Seed: [32]byte{1}}}
	other := &session{Server: &Server{Seed: [32]byte{2}}}
	a, b := s.invent("nobody"), s.invent("nobody")
	if a.DES != b.DES || a.DES == s.invent("nobodz").DES || a.DES == other.invent("nobody").DES {
		t.Error("the DES keys of those who are not there")
	}
	if a.AES == b.AES {
		t.Error("the AES key can be known")
	}
}

// TestRefused sends requests the server does not answer, or refuses.
func TestRefused(t *testing.T) {
	user := Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	with := func(change func(tr *Ticketreq)) []byte {
		tr := user
		change(&tr)
		b, _ := tr.Bytes()
		return b
	}
	pak := PassKey("glenda secret").Hash("glenda").PAK(true).Public()
	bad := bytes.Repeat([]byte{0xff}, PAKLen)
	des := append([]byte{byte(AuthErr)}, append([]byte("DES is disabled"), make([]byte, errLen-15)...)...)
	for _, c := range []struct {
		name   string
		legacy bool
		send   []byte
		want   []byte // what comes back before the end, as far as it is the same each time
		more   int    // and so many bytes
	}{
		{"nothing", false, nil, nil, 0},
		{"half a request", false, with(func(*Ticketreq) {})[:70], nil, 0},
		{"DES", false, with(func(*Ticketreq) {}), des, 0},
		{"DES to change a password", false, with(func(tr *Ticketreq) { tr.Type = AuthPass }), des, 0},
		{"DES after a key was agreed on", true, append(append(with(func(tr *Ticketreq) { tr.Type = AuthPAK; tr.Authid = "" }), pak...), with(func(*Ticketreq) {})...), []byte{byte(AuthOK)}, PAKLen + len(des)},
		{"a type nobody knows", true, with(func(tr *Ticketreq) { tr.Type = 99 }), nil, 0},
		{"an answer", true, with(func(tr *Ticketreq) { tr.Type = AuthOK }), nil, 0},
		{"nobody", true, with(func(tr *Ticketreq) { tr.Uid = "" }), nil, 0},
		{"no client", true, with(func(tr *Ticketreq) { tr.Hostid = "" }), nil, 0},
		{"no server", true, with(func(tr *Ticketreq) { tr.Authid = "" }), nil, 0},
		{"a password of nobody", true, with(func(tr *Ticketreq) { tr.Type = AuthPass; tr.Uid = "" }), nil, 0},
		{"a bad public key", true, append(append(with(func(tr *Ticketreq) { tr.Type = AuthPAK }), pak...), bad...), []byte{byte(AuthOK)}, 2 * PAKLen},
		{"a bad public key first", true, append(with(func(tr *Ticketreq) { tr.Type = AuthPAK }), bad...), []byte{byte(AuthOK)}, PAKLen},
		{"half a public key", true, append(with(func(tr *Ticketreq) { tr.Type = AuthPAK }), pak[:20]...), []byte{byte(AuthOK)}, PAKLen},
		{"keys for nobody", true, with(func(tr *Ticketreq) { tr.Type = AuthPAK; tr.Hostid, tr.Uid = "", "" }), []byte{byte(AuthOK)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			r.srv.Legacy = c.legacy
			rw := &both{Reader: bytes.NewReader(c.send)}
			if err := r.srv.Serve(t.Context(), rw); err != nil {
				t.Error(err)
			}
			got := rw.Bytes()
			if !bytes.HasPrefix(got, c.want) || len(got) != len(c.want)+c.more {
				t.Errorf("%q and %d bytes, want %q and %d", got[:min(len(got), len(c.want))], len(got)-len(c.want), c.want, c.more)
			}
		})
	}
}

// both is a connection whose other side has said everything already.
type both struct {
	io.Reader
	bytes.Buffer
}

func (b *both) Read(p []byte) (int, error) { return b.Reader.Read(p) }

// TestKeyOnce agrees on a key and uses it twice.
func TestKeyOnce(t *testing.T) {
	r := newRealm("glenda", "bootes")
	r.srv.Legacy = true
	conn := r.call(t)
	tr := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	_, c, err := RequestPair(conn, tr, PassKey("glenda secret").Hash("glenda"), PassKey("x").Hash("bootes").PAK(true).Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RequestTickets(conn, tr, c); err != nil {
		t.Fatal(err)
	}
	var refusal Refusal
	if _, err := RequestTickets(conn, tr, c); !errors.As(err, &refusal) || refusal != "DES is disabled" || err.Error() != "remote: DES is disabled" {
		t.Errorf("a key was good for two requests: %v", err)
	}
}

func TestChangePassword(t *testing.T) {
	for _, c := range []struct {
		name, user string
		req        Passwordreq
		legacy     bool
		want       string // error
		password   string // afterwards
	}{
		{"another password", "glenda", Passwordreq{Old: "glenda secret", New: "much better"}, false, "", "much better"},
		{"another password, with DES", "glenda", Passwordreq{Old: "glenda secret", New: "much better"}, true, "", "much better"},
		{"another secret", "glenda", Passwordreq{Old: "glenda secret", ChangeSecret: true, Secret: "pop"}, false, "", "glenda secret"},
		{"a short one", "glenda", Passwordreq{Old: "glenda secret", New: "short"}, false, "remote: password must be at least 8 chars", "glenda secret"},
		{"the wrong one before", "glenda", Passwordreq{Old: "wrong secret", New: "much better"}, false, "bad key", "glenda secret"},
		{"somebody who is not there", "nobody", Passwordreq{Old: "wrong secret", New: "much better"}, false, "bad key", ""},
		{"too long", "glenda", Passwordreq{Old: "glenda secret", New: strings.Repeat("long", 7)}, false, "user id or domain too long", "glenda secret"},
		{"a name too long", strings.Repeat("long", 7), Passwordreq{Old: "glenda secret"}, false, "user id or domain too long", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda")
			r.srv.Legacy = true
			err := ChangePassword(r.call(t), c.user, &c.req, c.legacy)
			if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
				t.Errorf("%v, want %s", err, c.want)
			}
			if k := r.keys[c.user]; k != nil && *k != *PassKey(c.password) {
				t.Error("the password is another now")
			}
		})
	}
}

// TestPasswordTries sends what cannot come of ChangePassword: an old password that
// is not the one the ticket was for.
func TestPasswordTries(t *testing.T) {
	for _, c := range []struct {
		name   string
		key    Key
		change bool
		old    string
		want   string
	}{
		{"the wrong password", *PassKey("right one"), true, "wrong one", "protocol botch2"},
		{"the wrong password, without DES", Key{AES: PassKey("right one").AES}, true, "wrong one", "protocol botch3"},
		{"the wrong password, without AES", Key{DES: PassKey("right one").DES}, true, "wrong one", "protocol botch2"},
		{"no password at all", Key{}, true, "any", "protocol botch2"},
		{"a password, but nothing can change", *PassKey("right one"), false, "right one", "can't write key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm()
			r.keys["glenda"] = &c.key
			r.srv.Legacy = true
			if !c.change {
				r.srv.Change = nil
			}
			s := &session{Server: &r.srv}
			err := s.change(t.Context(), "glenda", &Passwordreq{Old: c.old, New: "another one"})
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	r := newRealm("glenda")
	r.srv.Change = func(context.Context, string, *Key, *Passwordreq) error { return errors.New("disk full") }
	conn := r.call(t)
	tr := &Ticketreq{Type: AuthPass, Uid: "glenda"}
	c, err := RequestPAK(conn, tr, PassKey("glenda secret").Hash("glenda"))
	if err != nil {
		t.Fatal(err)
	}
	send(conn, tr)
	b, err := ReadAnswer(conn, c.size(ticketLen(c)))
	if err != nil {
		t.Fatal(err)
	}
	tk, _, err := OpenTicket(b, c, AuthTp)
	if err != nil {
		t.Fatal(err)
	}
	for range tries {
		b, _ := (&Passwordreq{Old: "glenda secret", New: "another one"}).Seal(&tk.Key)
		conn.Write(b)
		if _, err := ReadAnswer(conn, 0); fmt.Sprint(err) != "remote: disk full" {
			t.Fatal(err)
		}
	}
	if _, err := ReadAnswer(conn, 0); !errors.Is(err, io.EOF) || !errors.Is(err, ErrProtocol) {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

// TestPasswordForged sends a change that is not encrypted with the ticket's key.
func TestPasswordForged(t *testing.T) {
	r := newRealm("glenda")
	n := 0
	r.tap = func(step int, fromServer bool, b []byte) []byte {
		if !fromServer {
			if n++; n == 3 {
				b[40] ^= 1
			}
		}
		return b
	}
	err := ChangePassword(r.call(t), "glenda", &Passwordreq{Old: "glenda secret", New: "much better"}, false)
	if fmt.Sprint(err) != "remote: protocol botch1" || *r.keys["glenda"] != *PassKey("glenda secret") {
		t.Error(err)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, bytes string
		n           int
		want, err   string
	}{
		{"ok", "\x04abc", 3, "abc", ""},
		{"ok with nothing", "\x04", 0, "", ""},
		{"ok, short", "\x04ab", 3, "", "auth server protocol botch: unexpected EOF"},
		{"of its own length", "\x09  2  abc", 3, "ab", ""},
		{"too long", "\x094    abcd", 3, "", "auth server protocol botch"},
		{"a negative length", "\x09-1   abcd", 3, "", "auth server protocol botch"},
		{"no length", "\x09x    abcd", 3, "", "auth server protocol botch"},
		{"half a length", "\x092", 3, "", "auth server protocol botch: unexpected EOF"},
		{"error", "\x05no" + strings.Repeat("\x00", 62), 3, "", "remote: no"},
		{"half an error", "\x05no", 3, "", "auth server protocol botch: unexpected EOF"},
		{"another type", "\x01abc", 3, "", "auth server protocol botch"},
		{"nothing", "", 3, "", "auth server protocol botch: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := ReadAnswer(strings.NewReader(c.bytes), c.n)
			if string(b) != c.want || err != nil && err.Error() != c.err || err == nil && c.err != "" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}

// TestEvilServer answers as no authentication server does.
func TestEvilServer(t *testing.T) {
	okvar := append([]byte("\x0910   "), make([]byte, 10)...)
	key := PassKey("glenda secret")
	tr := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	requests := map[string]func(rw io.ReadWriter) error{
		"a key":          func(rw io.ReadWriter) error { _, err := RequestPAK(rw, tr, key.Hash("glenda")); return err },
		"keys":           func(rw io.ReadWriter) error { _, _, err := RequestPair(rw, tr, key.Hash("glenda"), nil); return err },
		"tickets":        func(rw io.ReadWriter) error { _, err := RequestTickets(rw, tr, key.Cipher()); return err },
		"a password":     func(rw io.ReadWriter) error { return ChangePassword(rw, "glenda", &Passwordreq{}, true) },
		"a password too": func(rw io.ReadWriter) error { return ChangePassword(rw, "glenda", &Passwordreq{}, false) },
		"a challenge":    func(rw io.ReadWriter) error { _, err := RequestChallenge(rw, AuthChap, bootes(1)); return err },
	}
	for name, request := range requests {
		for what, answer := range map[string][]byte{"nothing": nil, "a short answer": okvar, "an error": []byte("\x05")} {
			if err := request(&both{Reader: bytes.NewReader(answer)}); !errors.Is(err, ErrProtocol) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		if err := request(closed{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s on a closed connection: %v", name, err)
		}
	}
	long := *tr
	long.Uid = strings.Repeat("x", NameLen)
	if _, err := RequestTickets(closed{}, &long, key.Cipher()); !errors.Is(err, ErrName) {
		t.Error(err)
	}
	ticket := Ticket{Type: AuthTp, Cuid: "glenda", Suid: "glenda", Key: newNonce(0)}
	b, _ := ticket.Seal(PassKey("").Cipher())
	err := requests["a password"](&both{Reader: bytes.NewReader(append([]byte{byte(AuthOK)}, b...))})
	if !errors.Is(err, ErrProtocol) {
		t.Errorf("a ticket for another challenge: %v", err)
	}
}

type closed struct{}

func (closed) Read([]byte) (int, error)  { return 0, io.ErrClosedPipe }
func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestServeEnds wants a server that ends with its connection and its context.
func TestServeEnds(t *testing.T) {
	r := newRealm("glenda", "bootes")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.srv.Serve(ctx, &both{Reader: strings.NewReader("")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	tr := Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	b, _ := tr.Bytes()
	r.srv.Legacy = true
	here, there := net.Pipe()
	here.Close()
	if err := r.srv.Serve(t.Context(), struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(bytes.Repeat(b, 100)), there}); err == nil {
		t.Error("answered on a closed connection")
	}
}

// TestLogs wants a line for what was decided, names quoted and no secrets.
func TestLogs(t *testing.T) {
	r := newRealm("glenda", "bootes")
	client, server := r.configs("dp9ik")
	p := start(t, client, server)
	if err := converse(t.Context(), p[0], p[1], nil); err != nil {
		t.Fatal(err)
	}
	tr := &Ticketreq{AuthTreq, "evil\nticket", "lab", [ChalLen]byte{}, "glenda", "tor"}
	conn := r.call(t)
	if _, _, err := RequestPair(conn, tr, PassKey("x").Hash("x"), PassKey("x").Hash("x").PAK(true).Public()); err != nil {
		t.Fatal(err)
	}
	if _, err := RequestTickets(conn, tr, &Cipher{form: 1}); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	want := []string{
		`ticket for "glenda" as "glenda" at "bootes"`,
		`no AES key for "evil\nticket"`,
		`"glenda" does not speak for "tor"`,
	}
	if got := strings.Join(r.logs, "|"); got != strings.Join(want, "|") {
		t.Errorf("%s", got)
	}
}

// TestSameTime compares how long it takes to be told of users who are there and
// who are not: the same work is done for both. One quiet moment is enough.
func TestSameTime(t *testing.T) {
	r := newRealm("glenda")
	s := &session{Server: &r.srv}
	took := func(user string) time.Duration {
		begin := time.Now()
		s.user(t.Context(), user).Hash(user).PAK(false)
		return time.Since(begin)
	}
	there, not := time.Hour, time.Hour
	for range 200 {
		there, not = min(there, took("glenda")), min(not, took("nobody"))
		if there < not*5/4 && not < there*5/4 {
			return
		}
	}
	t.Errorf("%v for one who is there, %v for one who is not", there, not)
}
