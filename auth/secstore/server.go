package secstore

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Store is where a server keeps accounts and files. Names have been checked.
// Different calls of Admit have different Stores of the same files.
type Store interface {
	// Users returns the names of all accounts.
	Users() ([]string, error)
	// Account returns the contents of an account's file and when it was changed.
	Account(user string) (text []byte, changed time.Time, err error)
	// SetAccount replaces the contents, or makes the file.
	SetAccount(user string, text []byte) error

	// List returns a line for each of a user's files: see Listing.
	List(user string) (string, error)
	// File returns a user's file. The error is ErrSize if it is longer than
	// MaxFile.
	File(user, name string) ([]byte, error)
	// SetFile replaces a user's file as a whole, or makes it.
	SetFile(user, name string, data []byte) error
	// RemoveFile removes a user's file.
	RemoveFile(user, name string) error

	// Log notes what happens.
	Log(msg string)
}

// Fictitious is the account of those who have none: nobody knows its password.
const Fictitious = "FICTITIOUS"

const (
	maxFailed = 10              // attempts in a row before an account is closed
	shut      = 5 * time.Minute // for as long as this
)

// A Server is a secstore.
type Server struct {
	name    string
	now     func() time.Time
	nothing Hi // in the place of those of which nobody is to hear

	account sync.Mutex // held while an account is read and written

	mu  sync.Mutex     // guards try
	try map[string]int // attempts to log in that are under way, by name
}

// NewServer returns a server that calls itself name.
func NewServer(name string, now func() time.Time) *Server {
	return &Server{name: name, now: now, nothing: unknownHi(), try: map[string]int{}}
}

// Init makes the account that a store must have.
func (s *Server) Init(store Store) error {
	if _, _, err := store.Account(Fictitious); err == nil {
		return nil
	}
	return store.SetAccount(Fictitious, (&Account{Hi: unknownHi()}).Text())
}

// Admit lets a client log in. The session is the caller's to serve, and the
// connection to close; it may be closed already.
func (s *Server) Admit(rw io.ReadWriteCloser, store Store) (*Session, error) {
	c := &conn{rw: rw}
	msg, err := c.read()
	if err != nil {
		return nil, c.refuse(errors.New("can't read your first message"))
	}
	h, err := parseHello(msg)
	if err != nil {
		return nil, c.refuse(err)
	}
	if h.n == nil { // the client asks whether there is an account
		return nil, c.refuse(errors.New("account exists"))
	}
	if err := s.login(c, h, rw, store); err != nil {
		store.Log(fmt.Sprintf("secstore denied for %s: %v", h.user, err))
		return nil, err
	}
	store.Log("AUTH " + h.user)
	return &Session{s, c, h.user, store}, nil
}

// login answers a first message. A client that is not to be let in sees nothing
// but that he does not know the password, and the connection closed before
// anything else is done.
func (s *Server) login(c *conn, h *hello, rw io.Closer, store Store) error {
	s.mu.Lock()
	s.try[h.user]++
	others := s.try[h.user] - 1
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		if s.try[h.user]--; s.try[h.user] == 0 {
			delete(s.try, h.user)
		}
		s.mu.Unlock()
	}()
	who, a, why := s.find(store, h.user, others)
	hi := s.nothing
	if why == nil {
		hi = a.Hi
	}
	err := c.pakServer(s.name, h, hi)
	if err != nil || why != nil {
		rw.Close()
		if ferr := s.count(store, who, true); ferr != nil {
			store.Log(fmt.Sprintf("account %s: %v", who, ferr))
		}
		return cmp.Or(why, err)
	}
	if a.STA {
		return c.refuse(errors.New("nobody here can check STA"))
	}
	if err := s.count(store, who, false); err != nil {
		return c.refuse(err)
	}
	return c.printf("OK")
}

// find returns the account of who is to log in, or that of Fictitious, and why he
// cannot; both take the same time. Others are attempts that may yet fail.
func (s *Server) find(store Store, user string, others int) (who string, a *Account, why error) {
	who = user
	names, err := store.Users()
	if err != nil || !slices.Contains(names, user) || user == Fictitious {
		who, why = Fictitious, cmp.Or(err, errors.New("no account"))
	}
	text, changed, err := s.read(store, who)
	if err != nil {
		return who, nil, cmp.Or(why, err)
	}
	a, err = ParseAccount(text)
	if err != nil {
		return who, nil, cmp.Or(why, err)
	}
	now := s.now()
	failed := a.Failed
	if failed >= maxFailed && !now.Before(changed.Add(shut)) {
		failed = 0
	}
	switch {
	case why != nil:
	case !a.Expire.IsZero() && !a.Expire.After(now):
		why = errors.New("account expired")
	case a.Disabled:
		why = errors.New("account disabled")
	case failed+others >= maxFailed:
		why = errors.New("too many failures; try again in five minutes")
	}
	return who, a, why
}

// read returns an account's file while nobody writes it.
func (s *Server) read(store Store, who string) (text []byte, changed time.Time, err error) {
	s.account.Lock()
	defer s.account.Unlock()
	return store.Account(who)
}

// count notes that an attempt to log in has failed, or not. An account that is
// closed stays as it is.
func (s *Server) count(store Store, who string, failed bool) error {
	return s.change(store, who, func(a *Account, changed time.Time) bool {
		switch old := a.Failed; {
		case !failed:
			a.Failed = 0
			return old > 0
		case old < maxFailed:
			a.Failed++
		case !s.now().Before(changed.Add(shut)):
			a.Failed = 1
		default:
			return false
		}
		return true
	})
}

// change changes an account, if f says so.
func (s *Server) change(store Store, who string, f func(a *Account, changed time.Time) bool) error {
	s.account.Lock()
	defer s.account.Unlock()
	text, changed, err := store.Account(who)
	if err != nil {
		return err
	}
	a, err := ParseAccount(text)
	if err != nil {
		return err
	}
	if !f(a, changed) {
		return nil
	}
	return store.SetAccount(who, a.Text())
}

// A Session is somebody who has logged in.
type Session struct {
	srv   *Server
	c     *conn
	user  string
	store Store
}

var errFailed = errors.New("operation failed")

// Serve does what the client asks for, until he says goodbye.
func (s *Session) Serve() error {
	for {
		msg, err := s.c.read()
		if err != nil {
			return fmt.Errorf("%s closed connection without saying goodbye", s.user)
		}
		line, _, _ := strings.Cut(string(msg), "\n")
		s.store.Log(fmt.Sprintf("[%s] %q", s.user, line))
		op, name, _ := strings.Cut(line, " ")
		switch op {
		case "GET":
			err = s.get(name)
		case "PUT":
			err = s.put(name)
		case "RM":
			if err = CheckName(name); err == nil {
				err = s.store.RemoveFile(s.user, name)
			}
		case "CHPASS":
			err = s.chpass()
		case "BYE":
			return nil
		default:
			return s.c.refuse(errors.New("unrecognized operation"))
		}
		if err != nil {
			s.store.Log(fmt.Sprintf("failed %s %s/%s: %v", op, s.user, name, err))
			s.c.refuse(errFailed)
			return err
		}
	}
}

// get sends a file, or the list of them.
func (s *Session) get(name string) (err error) {
	var b []byte
	if name == "." {
		var list string
		if list, err = s.store.List(s.user); err == nil && len(list) > MaxFile {
			err = ErrSize
		}
		b = []byte(list)
	} else if err = CheckName(name); err == nil {
		b, err = s.store.File(s.user, name)
	}
	if err != nil {
		n := -1
		if errors.Is(err, ErrSize) {
			n = -3
		}
		s.c.printf("%d", n)
		return err
	}
	if err := s.c.printf("%d", len(b)); err != nil {
		return err
	}
	return s.c.writeData(b)
}

// put takes a file. Nothing is changed before all of it is there.
func (s *Session) put(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	msg, err := s.c.read()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(msg))
	if err != nil || n < 0 || n > MaxFile {
		return ErrSize
	}
	b, err := s.c.readData(n)
	if err != nil {
		return err
	}
	return s.store.SetFile(s.user, name, b)
}

// chpass takes what is made of another password.
func (s *Session) chpass() error {
	msg, err := s.c.read()
	if err != nil {
		return err
	}
	hi, err := ParseHi(string(msg))
	if err != nil {
		return err
	}
	return s.srv.change(s.store, s.user, func(a *Account, _ time.Time) bool {
		a.Hi = hi
		return true
	})
}
