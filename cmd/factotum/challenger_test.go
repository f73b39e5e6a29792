package factotum

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/auth"
	"ufo/ninep"
)

// newSecrets returns a domain of bootes and glenda, who has a secret.
func newSecrets() *realm {
	r := newRealm("glenda", "bootes")
	r.srv.Name = "lab"
	r.srv.Secret = func(_ context.Context, user string) string {
		return map[string]string{"glenda": "bunny"}[user]
	}
	return r
}

// A challenged is a client and a server of a protocol whose server gets its challenge
// elsewhere.
type challenged struct {
	proto          string
	client, server file
}

// try has the server believe, or not, that the client is a user, and returns its
// reply.
func (c challenged) try(chal, user string) string {
	if c.proto == "chap" {
		chal = "\x05" + chal
	}
	for _, request := range []string{"start role=client proto=" + c.proto, "write " + chal} {
		if reply := c.client.call(request); reply != "ok" {
			return reply
		}
	}
	answer, _ := strings.CutPrefix(c.client.call("read"), "ok ")
	if c.proto == "chap" {
		answer = "\x05" + answer
	}
	if reply := c.server.call("write " + user); reply != "ok" {
		return reply
	}
	return c.server.call("write " + answer)
}

// TestChallenge has clients answer challenges, with one factotum at each side.
func TestChallenge(t *testing.T) {
	const refused = "error auth server tcp!n1!567: remote: bad response"
	for _, c := range []struct {
		name, key, start, secret, user string
		want                           []string // replies, one for each attempt
	}{
		{"right", "dp9ik", "", "bunny", "glenda", []string{"ok"}},
		{"by a key of p9sk1", "p9sk1", "", "bunny", "glenda", []string{"ok"}},
		{"in a domain", "dp9ik", " dom=lab", "bunny", "glenda", []string{"ok"}},
		{"in another", "dp9ik", " dom=home", "bunny", "glenda", []string{"error no key matches proto=p9sk1 role=server dom=home user?"}},
		{"wrong, and again", "dp9ik", "", "rabbit", "glenda", []string{refused, refused}},
		{"nobody", "dp9ik", "", "bunny", "nobody", []string{refused}},
		{"one without a secret", "dp9ik", "", "", "bootes", []string{refused}},
		{"the user that was named", "dp9ik", " user=glenda", "bunny", "glenda", []string{"ok"}},
		{"not the user that was named", "dp9ik", " user=ken", "bunny", "glenda", []string{"error bad user", "error bad user"}},
		{"a long name", "dp9ik", "", "bunny", strings.Repeat("x", 28), []string{"error user name too long"}},
		{"a server with a wrong key", "wrong", "", "bunny", "glenda", []string{"error bad key: proto=dp9ik dom=lab user=bootes: refused by tcp!n1!567"}},
	} {
		for _, proto := range []string{"apop", "chap", "cram"} {
			t.Run(c.name+" "+proto, func(t *testing.T) {
				r := newSecrets()
				key := passkey(c.key, "bootes")
				if c.key == "wrong" {
					key = strings.Replace(passkey("dp9ik", "bootes"), "secret", "x", 1)
				}
				f := r.factotum(t, "bootes", key)
				p := challenged{
					proto:  proto,
					client: open(t, r.factotum(t, "glenda", fmt.Sprintf("key proto=%s !password='%s'", proto, c.secret)), "glenda", "rpc", ninep.ORDWR),
					server: open(t, f, "bootes", "rpc", ninep.ORDWR),
				}
				f.cfg.Server = true // nobody is asked for a key
				if got := p.server.call("start role=server proto=" + proto + c.start); got != "ok" {
					if got != c.want[0] {
						t.Errorf("start: %s", got)
					}
					return
				}
				chal, _ := strings.CutPrefix(p.server.call("read"), "ok ")
				for i, want := range c.want {
					if got := p.try(chal, c.user); got != want {
						t.Errorf("attempt %d: %s, want %s", i, got, want)
					}
				}
				if got := p.server.call("read"); (got == "done haveai") != (c.want[0] == "ok") {
					t.Errorf("then: %s", got)
				}
				if c.want[0] == "ok" {
					if ai := info(t, p.server); ai.Cuid != "glenda" || ai.Suid != "glenda" || len(ai.Secret) > 0 {
						t.Errorf("%+v", ai)
					}
				}
			})
		}
	}
}

// TestChallengeRight answers rightly after a wrong answer, and with what has not the
// form of one.
func TestChallengeRight(t *testing.T) {
	r := newSecrets()
	client := r.factotum(t, "glenda", "key proto=cram !password=rabbit")
	p := challenged{"cram", open(t, client, "glenda", "rpc", ninep.ORDWR),
		open(t, r.factotum(t, "bootes", passkey("dp9ik", "bootes")), "none", "rpc", ninep.ORDWR)}
	p.server.call("start role=server proto=cram")
	if got := p.server.call("write glenda"); got != "phase protocol phase error: write in state SHaveChal" {
		t.Errorf("before the challenge: %s", got)
	}
	chal, _ := strings.CutPrefix(p.server.call("read"), "ok ")
	if !strings.HasPrefix(chal, "<") || !strings.HasSuffix(chal, "@lab>") {
		t.Errorf("challenge %s", chal)
	}
	if got := p.try(chal, "glenda"); !strings.HasSuffix(got, "bad response") {
		t.Error(got)
	}
	client.Ctl([]byte("key proto=cram !password=bunny"))
	if got := p.try(chal, "glenda"); got != "ok" {
		t.Error(got)
	}
	if got := p.server.call("attr"); got != "ok role=server proto=cram user=glenda" {
		t.Errorf("attributes: %s", got)
	}
	p.server.call("start role=server proto=cram")
	p.server.call("read")
	p.server.call("write glenda")
	if got := p.server.call("write x"); got != "error response not MD5 digest" {
		t.Error(got)
	}
}

// TestChallengeDead asks for a challenge where there is no authentication server, no
// key, or one to be confirmed.
func TestChallengeDead(t *testing.T) {
	r := newSecrets()
	r.dead = true
	for _, c := range []struct{ name, key, want string }{
		{"dead", passkey("dp9ik", "bootes"), "error authentication server of lab: connection refused: proto=dp9ik dom=lab user=bootes"},
		{"no key", "debug", "needkey dom? proto=p9sk1 user?"},
		{"a client's", passkey("dp9ik", "bootes") + " role=client", "needkey dom? proto=p9sk1 user?"},
		{"nobody to confirm it", passkey("dp9ik", "bootes") + " confirm", "error confirm is closed"},
	} {
		server := open(t, r.factotum(t, "bootes", c.key), "none", "rpc", ninep.ORDWR)
		if got := server.call("start role=server proto=apop"); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestChallengeFlush gives up waiting for an authentication server that says nothing, or
// nothing more; and asks one that hangs up.
func TestChallengeFlush(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer string // to the request
		hangup bool
		want   string
	}{
		{"nothing", "", false, "error context canceled: proto=p9sk1 dom=lab user=bootes"},
		{"a challenge", "\x099    <1.2@lab>", false, "error context canceled"},
		{"hung up", "", true, "error auth server protocol botch: EOF: proto=p9sk1 dom=lab user=bootes"},
		{"hung up after a challenge", "\x099    <1.2@lab>", true, "error auth server protocol botch: EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan struct{})
				f := New(Config{Owner: "bootes", Legacy: true, Dial: func(context.Context, string) (io.ReadWriteCloser, string, error) {
					here, there := net.Pipe()
					go func() { // ends when factotum hangs up, or it does
						defer close(ended)
						io.ReadFull(there, make([]byte, auth.TicketreqLen))
						io.WriteString(there, c.answer)
						if c.answer != "" && c.hangup {
							io.ReadFull(there, make([]byte, auth.TicketreqLen+32))
						}
						if !c.hangup {
							io.Copy(io.Discard, there)
						}
						there.Close()
					}()
					return here, "tcp!n1!567", nil
				}})
				f.Ctl([]byte(passkey("p9sk1", "bootes")))
				rpc := open(t, f, "bootes", "rpc", ninep.ORDWR)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var got string
				call := func(request string) {
					rpc.Write(ctx, []byte(request), 0)
					var b [200]byte
					n, _ := rpc.Read(ctx, b[:], 0)
					got = string(b[:n])
				}
				requests := []string{"start role=server proto=cram", "read", "write glenda", "write " + strings.Repeat("0", 32)}
				if c.answer == "" {
					requests = requests[:1]
				}
				for _, r := range requests[:len(requests)-1] {
					call(r)
				}
				done := make(chan struct{})
				go func() { defer close(done); call(requests[len(requests)-1]) }() // ends when it is answered or canceled
				synctest.Wait()
				cancel()
				<-done
				if got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				rpc.Close()
				<-ended
			})
		})
	}
}
