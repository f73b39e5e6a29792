package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// TestPause counts attempts in a conversation: whatever it takes to try a password.
func TestPause(t *testing.T) {
	stop := errors.New("enough")
	glenda := PassKey("glenda secret")
	ticket := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "glenda", "glenda"}
	for _, c := range []struct {
		name    string
		request func(rw io.ReadWriter) error
		want    string
	}{
		{"keys to agree on", func(rw io.ReadWriter) error {
			pak := PassKey("bootes secret").Hash("bootes").PAK(true)
			_, key, err := RequestPair(rw, ticket, glenda.Hash("glenda"), pak.Public())
			if err == nil {
				_, err = RequestTickets(rw, ticket, key)
			}
			return err
		}, "1 2"},
		{"tickets of DES", func(rw io.ReadWriter) error {
			_, err := RequestTickets(rw, ticket, glenda.Cipher())
			return err
		}, "1 2"},
		{"changes", func(rw io.ReadWriter) error {
			return ChangePassword(rw, "glenda", &Passwordreq{Old: "glenda secret"}, false)
		}, "1 2"},
		{"passwords", func(rw io.ReadWriter) error {
			key, tr := glenda.Cipher(), &Ticketreq{Type: AuthPass, Uid: "glenda"}
			send(rw, tr)
			b, err := ReadAnswer(rw, key.size(ticketLen(key)))
			if err != nil {
				return err
			}
			t, _, err := OpenTicket(b, key, AuthTp)
			for err == nil {
				b, _ := (&Passwordreq{Old: "a guess"}).Seal(&t.Key)
				rw.Write(b)
				if _, e := ReadAnswer(rw, 0); errors.Is(e, ErrProtocol) {
					err = e
				}
			}
			return err
		}, "1 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRealm("glenda", "bootes")
			r.srv.Legacy = true
			var paused []string
			ended := make(chan error, 1)
			r.srv.Pause = func(_ context.Context, attempts int) error {
				if paused = append(paused, fmt.Sprint(attempts)); attempts == 2 {
					return stop
				}
				return nil
			}
			here, there := net.Pipe()
			defer here.Close()
			go func() {
				defer there.Close()
				ended <- r.srv.Serve(t.Context(), there)
			}()
			done := 0
			for ; done < 5 && c.request(here) == nil; done++ {
			}
			if err := <-ended; err != stop || done != 2 && c.name != "passwords" {
				t.Errorf("%d, then %v", done, err)
			}
			if got := strings.Join(paused, " "); got != c.want {
				t.Errorf("paused %s, want %s", got, c.want)
			}
		})
	}
}

// TestTried tells who knew his password, when he wants to change it.
func TestTried(t *testing.T) {
	r := newRealm("glenda")
	var tried []string
	r.srv.Tried = func(_ context.Context, user string, good bool) { tried = append(tried, fmt.Sprint(user, " ", good)) }
	for _, old := range []string{"glenda secret", "a guess"} {
		s := &session{Server: &r.srv}
		s.change(t.Context(), "glenda", &Passwordreq{Old: old, New: "a new one"})
		s.change(t.Context(), "nobody", &Passwordreq{Old: old, New: "a new one"})
	}
	if got, want := strings.Join(tried, ", "), "glenda true, nobody false, glenda false, nobody false"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
