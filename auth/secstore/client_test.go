package secstore

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// admit logs a client of glenda's in, as a server of others may do it, and then says
// more.
func admit(c net.Conn, more func(c *conn)) {
	defer c.Close()
	s := &conn{rw: c}
	msg, _ := s.read()
	if h, err := parseHello(msg); err == nil && s.pakServer("elsewhere", h, glendaHi()) == nil {
		more(s)
	}
}

// TestSTA is a server that wants more than the password.
func TestSTA(t *testing.T) {
	ask := func(c *conn) {
		c.printf("STA")
		if b, _ := c.read(); string(b) != "STA1234567890" {
			c.refuse(errors.New("try again"))
			return
		}
		c.printf("OK")
	}
	for _, tt := range []struct {
		name string
		pin  func() (string, error)
		want string
	}{
		{"it is right", func() (string, error) { return "1234567890", nil }, ""},
		{"it is wrong", func() (string, error) { return "12345", nil }, "try again"},
		{"nobody says it", func() (string, error) { return "", context.Canceled }, context.Canceled.Error()},
		{"nobody is asked", nil, "another password is wanted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x, y := net.Pipe()
				go admit(y, ask)
				c, err := Login(x, "glenda", "a good one", tt.pin)
				switch {
				case err == nil && tt.want == "" && c.Server == "elsewhere":
				case err == nil || err.Error() != tt.want:
					t.Errorf("%v; want %s", err, tt.want)
				}
				x.Close()
			})
		})
	}
	in(t, func(t *testing.T, p *place) {
		p.account(func(a *Account) { a.STA = true })
		if _, err := Login(p.dial(), "glenda", "a good one", nil); err == nil || !strings.Contains(err.Error(), "STA") {
			t.Errorf("our server: %v", err)
		}
	})
}

// TestServers has a client get a file from servers that do not as they should.
func TestServers(t *testing.T) {
	for _, tt := range []struct {
		name string
		says []string // after OK
		want error
	}{
		{"no length", []string{"many"}, ErrProtocol},
		{"no file", []string{"-1"}, ErrNotExist},
		{"too large a file", []string{"-3"}, ErrSize},
		{"more than there can be", []string{"10485761"}, ErrSize},
		{"more than was said", []string{"40", strings.Repeat("x", 41)}, ErrProtocol},
		{"too short a file", []string{"31", strings.Repeat("x", 31)}, ErrFile},
		{"a file of others", []string{"48", strings.Repeat("x", 48)}, ErrFile},
		{"an error", []string{"!\x1b[2Jgo away"}, RemoteError("\x1b[2Jgo away")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x, y := net.Pipe()
				go admit(y, func(c *conn) {
					c.printf("OK")
					c.read()
					for _, msg := range tt.says {
						c.printf("%s", msg)
					}
				})
				_, err := Fetch(t.Context(), x, "glenda", "a good one", "factotum")
				if !errors.Is(err, tt.want) {
					t.Errorf("%v; want %v", err, tt.want)
				}
				if err != nil && strings.ContainsRune(err.Error(), 0x1b) {
					t.Errorf("%q is printed", err)
				}
			})
		})
	}
}

// TestFetchEnds ends a Fetch whose server says nothing.
func TestFetchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		x, y := net.Pipe()
		done := make(chan error)
		go func() {
			_, err := Fetch(ctx, x, "glenda", "a good one", "factotum")
			done <- err
		}()
		y.Read(make([]byte, 10))
		cancel()
		if err := <-done; err == nil {
			t.Error("no error")
		}
	})
}

// TestNames has a client refuse what a server would.
func TestNames(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		if _, err := Login(nil, "gl/enda", "a good one", nil); err != ErrName {
			t.Errorf("user: %v", err)
		}
		c := p.login(t, "a good one")
		for _, name := range []string{"", ".", "..", "a/b", "a\nb", "\xff", strings.Repeat("x", 250)} {
			_, err := c.Get(name)
			if err != ErrName || c.Put(name, nil) != ErrName || c.Remove(name) != ErrName {
				t.Errorf("%q: %v", name, err)
			}
		}
		if err := c.Put("large", make([]byte, MaxFile)); err != ErrSize {
			t.Errorf("a large file: %v", err)
		}
		c.Bye()
	})
}
