package auth

import (
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
