package secstore

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A shelf is a Store in memory.
type shelf struct {
	mu      sync.Mutex // guards all
	who     map[string][]byte
	changed map[string]time.Time
	files   map[string]File // by user/name
	log     []string
	calls   []string // that read and write accounts
	half    bool     // an account is being written
}

func (s *shelf) Users() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "users")
	var names []string
	for name := range s.who {
		names = append(names, name)
	}
	return names, nil
}

func (s *shelf) Account(user string) ([]byte, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "read account")
	text, ok := s.who[user]
	if s.half {
		return nil, time.Time{}, errors.New("half an account")
	}
	if !ok {
		return nil, time.Time{}, os.ErrNotExist
	}
	return text, s.changed[user], nil
}

func (s *shelf) SetAccount(user string, text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "write account")
	s.half = true
	s.mu.Unlock()
	runtime.Gosched() // as a file is written
	s.mu.Lock()
	s.half = false
	s.who[user], s.changed[user] = text, time.Now()
	return nil
}

func (s *shelf) List(user string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var files []File
	for name, f := range s.files {
		if strings.HasPrefix(name, user+"/") {
			files = append(files, f)
		}
	}
	return Listing(files), nil
}

func (s *shelf) File(user, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[user+"/"+name]
	switch {
	case !ok:
		return nil, os.ErrNotExist
	case len(f.Data) > MaxFile:
		return nil, ErrSize
	}
	return f.Data, nil
}

func (s *shelf) SetFile(user, name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[user+"/"+name] = File{name, time.Now(), data}
	return nil
}

func (s *shelf) RemoveFile(user, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.files[user+"/"+name]; !ok {
		return os.ErrNotExist
	}
	delete(s.files, user+"/"+name)
	return nil
}

func (s *shelf) Log(msg string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, msg)
}

// A place is a server and its store, with users glenda, whose password is
// a good one, and others for whom something is wrong.
type place struct {
	*Server
	*shelf
	done sync.WaitGroup
}

var glendaHi = sync.OnceValue(func() Hi { return MakeHi("glenda", "a good one") })

func newPlace(t *testing.T) *place {
	p := &place{shelf: &shelf{who: map[string][]byte{}, changed: map[string]time.Time{}, files: map[string]File{}}}
	p.Server = NewServer("secstore", time.Now)
	if err := p.Init(p.shelf); err != nil {
		t.Fatal(err)
	}
	p.SetAccount("glenda", (&Account{Hi: glendaHi()}).Text())
	return p
}

// dial calls the server.
func (p *place) dial() net.Conn {
	c, s := net.Pipe()
	p.done.Go(func() { p.serve(s) })
	return c
}

// serve serves a call.
func (p *place) serve(conn net.Conn) {
	defer conn.Close()
	if s, err := p.Admit(conn, p.shelf); err == nil {
		s.Serve()
	}
}

// login logs in as glenda.
func (p *place) login(t *testing.T, password string) *Client {
	t.Helper()
	c, err := Login(p.dial(), "glenda", password, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// in runs f with a place in a bubble.
func in(t *testing.T, f func(t *testing.T, p *place)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		f(t, p)
		p.done.Wait()
	})
}

func TestFiles(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		c := p.login(t, "a good one")
		if c.Server != "secstore" {
			t.Errorf("the server is called %q", c.Server)
		}
		want := map[string]string{}
		for _, n := range []int{0, 1, 15, 16, 17, 4063, 4064, 4065, 4079, 4080, 4081, 8192, 100000} {
			name := fmt.Sprint("f", n)
			want[name] = strings.Repeat("!secret", n)[:n]
			if err := c.Put(name, []byte(want[name])); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Bye(); err != nil {
			t.Fatal(err)
		}
		c = p.login(t, "a good one")
		for name, text := range want {
			b, err := c.Get(name)
			if err != nil || string(b) != text {
				t.Errorf("%s: %d bytes, %v", name, len(b), err)
			}
			if f := p.files["glenda/"+name]; len(f.Data) != len(text)+32 || len(text) > 7 && strings.Contains(string(f.Data), "secret") {
				t.Errorf("%s: %d bytes are stored", name, len(f.Data))
			}
		}
		if err := c.Remove("f17"); err != nil {
			t.Error(err)
		}
		list, err := c.List()
		if lines := strings.Split(list, "\n"); err != nil || len(lines) != 13 || !strings.HasPrefix(lines[0], "f0     \t    32 Jan  1 00:00:00 GMT 2000 ") {
			t.Errorf("%v\n%s", err, list)
		}
		if err := c.Bye(); err != nil {
			t.Error(err)
		}
		b, err := Fetch(t.Context(), p.dial(), "glenda", "a good one", "f1")
		if string(b) != "!" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	})
}

func TestChangePassword(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		c := p.login(t, "a good one")
		c.Put("factotum", []byte("key proto=dp9ik"))
		c.Put("other", []byte("more"))
		if err := c.ChangePassword("short"); err != ErrPassword {
			t.Errorf("a short one: %v", err)
		}
		if err := c.ChangePassword("a better one"); err != nil {
			t.Fatal(err)
		}
		if err := c.Bye(); err != nil {
			t.Fatal(err)
		}
		if _, err := Login(p.dial(), "glenda", "a good one", nil); err != ErrVerifier {
			t.Errorf("with the old password: %v", err)
		}
		c = p.login(t, "a better one")
		for name, want := range map[string]string{"factotum": "key proto=dp9ik", "other": "more"} {
			if b, err := c.Get(name); string(b) != want || err != nil {
				t.Errorf("%s: %q, %v", name, b, err)
			}
		}
		c.Bye()

		// One file cannot be read: nothing is changed.
		p.SetFile("glenda", "broken", make([]byte, 50))
		c = p.login(t, "a better one")
		if err := c.ChangePassword("the best of all"); !errors.Is(err, ErrFile) {
			t.Errorf("a file that is broken: %v", err)
		}
		c.Bye()
		p.login(t, "a better one").Bye()
	})
}

// account changes glenda's account.
func (p *place) account(f func(a *Account)) {
	a, _ := ParseAccount(p.who["glenda"])
	f(a)
	p.who["glenda"] = a.Text()
}

// TestRefused has users refused for whatever reason, and wants all that they can
// see, and what is done meanwhile, to be the same.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name, user, password string
		set                  func(a *Account)
		log                  string
	}{
		{"a wrong password", "glenda", "a bad one!", nil, ErrVerifier.Error()},
		{"no user", "gleda", "a good one", nil, "no account"},
		{"a user that nobody is", Fictitious, "a good one", nil, "no account"},
		{"a disabled account", "glenda", "a good one", func(a *Account) { a.Disabled = true }, "account disabled"},
		{"an expired account", "glenda", "a good one", func(a *Account) { a.Expire = time.Now() }, "account expired"},
		{"an account that is guessed at", "glenda", "a good one", func(a *Account) { a.Failed = maxFailed - 1 }, "too many failures"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, p *place) {
				if tt.set != nil {
					p.account(tt.set)
				}
				if strings.Contains(tt.log, "failures") {
					Login(p.dial(), "glenda", "a bad one!", nil)
					p.done.Wait()
					p.log = nil
				}
				p.calls = nil
				c := p.dial()
				seen := &tap{ReadWriter: c}
				_, err := Login(seen, tt.user, tt.password, nil)
				if err != ErrVerifier {
					t.Errorf("%v; want %v", err, ErrVerifier)
				}
				if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
					t.Errorf("after that: %d, %v", n, err)
				}
				p.done.Wait()
				if len(p.log) != 1 || !strings.Contains(p.log[0], tt.log) {
					t.Errorf("log: %q", p.log)
				}
				calls := strings.Join(p.calls, ", ")
				want := "users, read account, read account"
				if !strings.HasPrefix(calls, want) {
					t.Errorf("what is done: %s; want %s", calls, want)
				}
				if len(seen.sizes) != 2 || seen.sizes[0] != 2 {
					t.Errorf("messages of %d bytes", seen.sizes)
				}
			})
		})
	}
}

// A tap notes how many bytes each Read gives.
type tap struct {
	io.ReadWriter
	sizes []int
}

func (t *tap) Read(b []byte) (int, error) {
	n, err := t.ReadWriter.Read(b)
	t.sizes = append(t.sizes, n)
	return n, err
}

// TestGuesses guesses until the account is closed, and logs in when it is open
// again.
func TestGuesses(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		guess := func(password string) error {
			defer p.done.Wait()
			c, err := Login(p.dial(), "glenda", password, nil)
			if err == nil {
				c.Bye()
			}
			return err
		}
		for i := range maxFailed {
			if err := guess(fmt.Sprint("guess ", i)); err != ErrVerifier {
				t.Fatal(err)
			}
		}
		if err := guess("a good one"); err != ErrVerifier {
			t.Errorf("after %d guesses: %v", maxFailed, err)
		}
		time.Sleep(shut)
		if err := guess("a good one"); err != nil {
			t.Errorf("five minutes later: %v", err)
		}
		if a, _ := ParseAccount(p.who["glenda"]); a.Failed != 0 {
			t.Errorf("%d attempts have failed", a.Failed)
		}
	})
}

// TestGuessesAtOnce makes many guesses before one of them has failed.
func TestGuessesAtOnce(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		const n = 3 * maxFailed
		var guesses [n]*conn
		for i := range guesses {
			guesses[i] = &conn{rw: p.dial()}
			h := longHash("glenda", "a bad one!")
			guesses[i].printf("secstore\tPAK\nC=glenda\nm=%s\n", encode(times(group.g, h)))
			guesses[i].read()
		}
		for _, c := range guesses {
			c.rw.(net.Conn).Close()
		}
		p.done.Wait()
		real := slices.DeleteFunc(p.log, func(s string) bool { return strings.Contains(s, "too many failures") })
		if len(real) != maxFailed {
			t.Errorf("%d guesses were good for something; want %d", len(real), maxFailed)
		}
	})
}

// TestWritten logs in while others fail to, each of which is noted in the account.
func TestWritten(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		for range 50 {
			for range maxFailed/2 - 1 {
				p.done.Go(func() { Login(p.dial(), "glenda", "a bad one!", nil) })
			}
			p.login(t, "a good one").Bye()
			p.done.Wait()
			p.account(func(a *Account) { a.Failed = 0 })
		}
		if log := strings.Join(p.log, "\n"); strings.Contains(log, "half") {
			t.Errorf("log: %s", log)
		}
	})
}
