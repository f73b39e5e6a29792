package auth

import (
	"bytes"
	"context"
	"crypto/md5"
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
