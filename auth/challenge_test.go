package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// respond is a server that asks whether a client knows a user's secret: first with the
// wrong ones, then with the last. It returns who can be trusted to be the client.
func respond(rw io.ReadWriter, num Type, key *Userkey, user string, secrets ...string) (suid string, err error) {
	c, err := RequestChallenge(rw, num, key)
	if err != nil {
		return "", err
	}
	defer c.Close()
	for _, secret := range secrets {
		var answer []byte
		switch num {
		case AuthChap:
			sum := md5.Sum([]byte("\x05" + secret + string(c.Text)))
			answer = append([]byte{5}, sum[:]...)
		case AuthApop:
			answer = fmt.Appendf(nil, "%x", md5.Sum([]byte(string(c.Text)+secret)))
		case AuthCram:
			h := hmac.New(md5.New, []byte(secret))
			h.Write(c.Text)
			answer = fmt.Appendf(nil, "%X", h.Sum(nil))
		}
		var info *Info
		if info, err = c.Answer(user, answer); err == nil {
			return info.Suid, nil
		}
	}
	return "", err
}

// bootes returns the key of the server's user, for p9sk1 or dp9ik.
func bootes(form int) *Userkey {
	k := &Userkey{Dom: "lab", User: "bootes", Key: *PassKey("bootes secret")}
	if form == 0 {
		k.Key.AES = [KeyLen]byte{}
	}
	return k
}

func TestChallenges(t *testing.T) {
	for name, num := range map[string]Type{"apop": AuthApop, "cram": AuthCram, "chap": AuthChap} {
		for _, c := range []struct {
			name, user string
			secrets    []string
			suid, err  string
			tried      string
			paused     int
		}{
			{"right", "glenda", []string{"bunny"}, "glenda", "<nil>", "glenda true", 0},
			{"right in the end", "glenda", []string{"a", "b", "bunny"}, "glenda", "<nil>", "glenda false, glenda false, glenda true", 2},
			{"wrong", "glenda", []string{"a"}, "", "remote: bad response", "glenda false", 0},
			{"wrong too often", "glenda", strings.Split("abcdef", ""), "", "auth server protocol botch: EOF",
				"glenda false, glenda false, glenda false, glenda false, glenda false", 4},
			{"nobody", "nobody", []string{""}, "", "remote: bad response", "nobody false", 0},
			{"one without secret", "ken", []string{""}, "", "remote: bad response", "ken false", 0},
			{"without a name", "", []string{"bunny"}, "", "auth server protocol botch: EOF", "", 0},
		} {
			for form := range 2 {
				t.Run(fmt.Sprintf("%s/%s, form %d", name, c.name, form), func(t *testing.T) {
					r := newRealm("glenda", "bootes", "ken")
					var tried []string
					paused := 0
					r.srv.Legacy, r.srv.Name = true, "n1"
					r.srv.Secret = func(_ context.Context, user string) string {
						return map[string]string{"glenda": "bunny"}[user]
					}
					r.srv.Tried = func(_ context.Context, user string, good bool) { tried = append(tried, fmt.Sprint(user, " ", good)) }
					r.srv.Pause = func(context.Context, int) error { paused++; return nil }
					conn := r.call(t)
					suid, err := respond(conn, num, bootes(form), c.user, c.secrets...)
					if errors.Is(err, io.ErrClosedPipe) {
						err = fmt.Errorf("%w: EOF", ErrProtocol)
					}
					if suid != c.suid || fmt.Sprint(err) != c.err {
						t.Errorf("%q, %v", suid, err)
					}
					if got := strings.Join(tried, ", "); got != c.tried || paused != c.paused {
						t.Errorf("tried: %s, paused %d times", got, paused)
					}
					if logs := strings.Join(r.logs, "\n"); strings.Contains(logs, "bunny") {
						t.Errorf("log: %s", logs)
					}
				})
			}
		}
	}
}

// TestChallengeRefused asks for challenges where none are given, or with another type
// in the answer, or without an agreement where DES is disabled.
func TestChallengeRefused(t *testing.T) {
	key := bootes(0)
	r := newRealm("glenda", "bootes")
	if _, err := respond(r.call(t), AuthApop, key, "glenda", "bunny"); err == nil {
		t.Error("a challenge without secrets")
	}
	r.srv.Secret = func(context.Context, string) string { return "bunny" }
	if _, err := respond(r.call(t), AuthApop, key, "glenda", "bunny"); fmt.Sprint(err) != "remote: DES is disabled" {
		t.Error(err)
	}
	conn := r.call(t)
	send(conn, &Ticketreq{Type: AuthApop, Hostid: "bootes"})
	if _, err := ReadAnswer(conn, 200); err != nil {
		t.Fatal(err)
	}
	send(conn, &Ticketreq{Type: AuthCram, Hostid: "bootes", Uid: "glenda"})
	if _, err := ReadAnswer(conn, 200); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// TestChallengeForged has somebody between a server and the authentication server, who
// has heard other conversations, or an authentication server that errs.
func TestChallengeForged(t *testing.T) {
	mine, old := [ChalLen]byte{1}, [ChalLen]byte{2}
	good := Ticket{Type: AuthTs, Chal: mine, Cuid: "glenda", Suid: "glenda"}
	for _, c := range []struct {
		name   string
		ticket func(t *Ticket)
		auth   func(a *Authenticator)
		key    string // that the ticket is encrypted with
		want   error
	}{
		{"as it should be", nil, nil, "bootes secret", nil},
		{"a ticket for another challenge", func(t *Ticket) { t.Chal = old }, nil, "bootes secret", ErrProtocol},
		{"a client's ticket", func(t *Ticket) { t.Type = AuthTc }, nil, "bootes secret", ErrBadKey},
		{"one for a change of password", func(t *Ticket) { t.Type = AuthTp }, nil, "bootes secret", ErrBadKey},
		{"another user's", func(t *Ticket) { t.Cuid, t.Suid = "ken", "ken" }, nil, "bootes secret", ErrProtocol},
		{"nobody's", func(t *Ticket) { t.Cuid, t.Suid = "", "" }, nil, "bootes secret", ErrProtocol},
		{"of one who becomes nobody", func(t *Ticket) { t.Suid = "" }, nil, "bootes secret", ErrProtocol},
		{"an authenticator for another challenge", nil, func(a *Authenticator) { a.Chal = old }, "bootes secret", ErrProtocol},
		{"a server's authenticator", nil, func(a *Authenticator) { a.Type = AuthAs }, "bootes secret", ErrProtocol},
		{"another server's ticket", nil, nil, "ken secret", ErrBadKey},
	} {
		for form := range 2 {
			cipher := func(password string) *Cipher {
				k := PassKey(password).Cipher()
				k.form = form
				return k
			}
			ticket, a := good, Authenticator{Type: AuthAc, Chal: mine}
			ticket.Key = newNonce(form)
			if c.ticket != nil {
				c.ticket(&ticket)
			}
			if c.auth != nil {
				c.auth(&a)
			}
			b, err := ticket.Seal(cipher(c.key))
			if err != nil {
				t.Fatal(err)
			}
			b = append(append([]byte{byte(AuthOK)}, b...), a.Seal(&ticket.Key)...)
			for n, want := range map[int]error{len(b): c.want, len(b) - 1: ErrProtocol} {
				chal := &Challenge{rw: &both{Reader: bytes.NewReader(b[:n])}, tr: Ticketreq{Type: AuthApop, Chal: mine}, key: cipher("bootes secret")}
				if info, err := chal.Answer("glenda", make([]byte, 32)); !errors.Is(err, want) || (err == nil) != (info != nil) {
					t.Errorf("%s, form %d, %d bytes: %v, %v", c.name, form, n, info, err)
				}
			}
		}
	}
}

// TestChallengeArgs answers a challenge with what cannot be an answer: nothing is sent.
func TestChallengeArgs(t *testing.T) {
	for _, c := range []struct {
		name   string
		num    Type
		user   string
		length int
		want   error
	}{
		{"a long name", AuthCram, strings.Repeat("x", NameLen), 32, ErrName},
		{"a long name for CHAP", AuthChap, strings.Repeat("x", NameLen), 17, ErrName},
		{"nothing", AuthApop, "glenda", 0, ErrResponse},
		{"no hexadecimal", AuthApop, "glenda", 16, ErrResponse},
		{"nothing for CHAP", AuthChap, "glenda", 0, ErrResponse},
		{"more for CHAP", AuthChap, "glenda", 18, ErrResponse},
		{"on a closed connection", AuthChap, "glenda", 17, io.ErrClosedPipe},
	} {
		chal := &Challenge{rw: closed{}, tr: Ticketreq{Type: c.num}, key: bootes(0).Key.Cipher()}
		if _, err := chal.Answer(c.user, make([]byte, c.length)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
