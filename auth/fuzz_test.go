package auth

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"testing"
)

// FuzzServe says anything to the authentication server.
func FuzzServe(f *testing.F) {
	for _, num := range []Type{AuthTreq, AuthPass, AuthPAK} {
		b, _ := (&Ticketreq{num, "bootes", "lab", [8]byte{}, "glenda", "glenda"}).Bytes()
		f.Add(append(b, make([]byte, 2*PAKLen)...))
	}
	for _, num := range []Type{AuthApop, AuthCram, AuthChap} {
		b, _ := (&Ticketreq{num, "bootes", "lab", [8]byte{}, "bootes", "glenda"}).Bytes()
		f.Add(append(append(b, b...), make([]byte, 2*md5.Size)...))
	}
	r := newRealm("glenda", "bootes")
	r.srv.Legacy = true
	r.srv.Secret = func(context.Context, string) string { return "bunny" }
	r.srv.Log = nil
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := r.srv.Serve(t.Context(), &both{Reader: bytes.NewReader(b[:min(len(b), 1000)])}); err != nil {
			t.Error(err)
		}
	})
}

// FuzzConv says anything to each side in each phase.
func FuzzConv(f *testing.F) {
	f.Add(byte(0), []byte("v.2 dp9ik@lab\x00"))
	f.Add(byte(9), []byte("dp9ik lab\x00"))
	r := newRealm("glenda", "bootes")
	r.srv.Log = nil
	f.Fuzz(func(t *testing.T, at byte, b []byte) {
		client, server := r.configs("dp9ik")
		client.Proto, server.Proto = "p9any", "p9any"
		p := start(t, client, server)
		err := converse(t.Context(), p[0], p[1], func(n int, fromServer bool, old []byte) []byte {
			if n == int(at%8) {
				return b
			}
			return old
		})
		if err == nil && (p[1].Info().Suid != "glenda" || !bytes.Equal(p[0].Info().Secret, p[1].Info().Secret)) {
			t.Errorf("%v, %v", p[0].Info(), p[1].Info())
		}
	})
}

// FuzzAnswers has an authentication server answer anything: what is taken for an answer
// is as long as it should be.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{"\x04", "\x05no", "\x09 144", "\x0956   ", "\x04\x04\x04"} {
		f.Add(append([]byte(s), make([]byte, 4*PAKLen)...))
	}
	tr := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	c := PassKey("glenda secret").Cipher()
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, n := range []int{0, 1, 1000} {
			answer, err := ReadAnswer(bytes.NewReader(b), n)
			var refused Refusal
			if len(answer) > n || err != nil && !errors.Is(err, ErrProtocol) && !errors.As(err, &refused) {
				t.Errorf("%q for %d bytes: %q, %v", b, n, answer, err)
			}
		}
		pair, err := RequestTickets(&both{Reader: bytes.NewReader(b)}, tr, c)
		if err == nil && len(pair) != 2*c.size(ticketLen(c)) {
			t.Errorf("tickets of %d bytes", len(pair))
		}
		chal, err := RequestChallenge(&both{Reader: bytes.NewReader(b)}, AuthCram, bootes(0))
		if err != nil {
			return
		}
		if info, err := chal.Answer("glenda", make([]byte, 32)); err == nil {
			t.Errorf("challenge %q, answered by %v", chal.Text, info)
		}
	})
}
