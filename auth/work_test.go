package auth

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// TestSameWork asks for users who are there, and for others: what is looked up, and how
// often, and what comes back, and of which length, is the same.
func TestSameWork(t *testing.T) {
	requests := []struct {
		name string
		ask  func(rw io.ReadWriter, user string)
	}{
		{"tickets", func(rw io.ReadWriter, user string) {
			tr := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, user, user}
			pak := PassKey("bootes secret").Hash("bootes").PAK(true)
			if _, c, err := RequestPair(rw, tr, PassKey("a guess").Hash(user), pak.Public()); err == nil {
				RequestTickets(rw, tr, c)
			}
		}},
		{"tickets for a server", func(rw io.ReadWriter, user string) {
			tr := &Ticketreq{AuthTreq, user, "lab", [ChalLen]byte{}, "bootes", "bootes"}
			pak := PassKey("a guess").Hash(user).PAK(true)
			if _, c, err := RequestPair(rw, tr, PassKey("bootes secret").Hash("bootes"), pak.Public()); err == nil {
				RequestTickets(rw, tr, c)
			}
		}},
		{"tickets by who speaks for him", func(rw io.ReadWriter, user string) {
			tr := &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, "bootes", user}
			pak := PassKey("a guess").Hash("bootes").PAK(true)
			if _, c, err := RequestPair(rw, tr, PassKey("a guess").Hash("bootes"), pak.Public()); err == nil {
				RequestTickets(rw, tr, c)
			}
		}},
		{"tickets of DES", func(rw io.ReadWriter, user string) {
			RequestTickets(rw, &Ticketreq{AuthTreq, "bootes", "lab", [ChalLen]byte{}, user, user}, PassKey("a guess").Cipher())
		}},
		{"a change", func(rw io.ReadWriter, user string) {
			ChangePassword(rw, user, &Passwordreq{Old: "a guess", New: "a new one"}, false)
		}},
		{"a change, with DES", func(rw io.ReadWriter, user string) {
			ChangePassword(rw, user, &Passwordreq{Old: "a guess", New: "a new one"}, true)
		}},
		{"an answer to a challenge", func(rw io.ReadWriter, user string) {
			tr := &Ticketreq{AuthCram, "bootes", "lab", [ChalLen]byte{}, "bootes", user}
			send(rw, tr)
			if _, err := ReadAnswer(rw, 100); err == nil {
				send(rw, tr, make([]byte, 2*md5.Size))
				ReadAnswer(rw, 0)
			}
		}},
	}
	for _, c := range requests {
		t.Run(c.name, func(t *testing.T) {
			want := serverWork(t, "glenda", c.ask)
			if !strings.Contains(want, "key") || !strings.Contains(want, "says") {
				t.Fatalf("no work: %s", want)
			}
			for _, user := range []string{"nobody", "keyless", "disabled"} {
				if got := strings.ReplaceAll(serverWork(t, user, c.ask), user, "glenda"); got != want {
					t.Errorf("for %s it is\n%s\nwant\n%s", user, got, want)
				}
			}
		})
	}
}

// serverWork returns what an authentication server does when it is asked about a user,
// and how many bytes it says at a time.
func serverWork(t *testing.T, user string, ask func(rw io.ReadWriter, user string)) string {
	r := newRealm("glenda", "bootes")
	r.keys["keyless"] = &Key{}
	var work []string // of the server's goroutine, until it has ended
	note := func(format string, a ...any) { work = append(work, fmt.Sprintf(format, a...)) }
	key := r.srv.Key
	r.srv.Key = func(ctx context.Context, user string) *Key {
		note("key of %s", user)
		return key(ctx, user)
	}
	r.srv.Secret = func(_ context.Context, user string) string {
		note("secret of %s", user)
		if user == "glenda" {
			return "bunny"
		}
		return ""
	}
	r.srv.Pause = func(_ context.Context, attempts int) error {
		note("pause %d", attempts)
		return nil
	}
	r.srv.Tried = func(_ context.Context, user string, good bool) { note("tried %s %v", user, good) }
	r.srv.Legacy = true
	here, there := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer there.Close()
		r.srv.Serve(t.Context(), there)
	}()
	said := ""
	ask(&listened{here, &said}, user)
	here.Close()
	<-ended
	return strings.Join(work, "\n") + "\nsays" + said
}

// A listened connection keeps how many bytes are read from it at a time.
type listened struct {
	net.Conn
	said *string
}

func (l *listened) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	*l.said += fmt.Sprint(" ", n)
	return n, err
}
