package secstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Client is who has logged in. It is for one goroutine; who closes the connection
// ends a call that waits.
type Client struct {
	Server string // what the server calls itself

	c        *conn
	user     string
	password string
}

// Login logs in over a connection. Should the server want another password after
// the user's, of a card with numbers for instance, pin is asked for it; nil: there is
// none.
func Login(rw io.ReadWriter, user, password string, pin func() (string, error)) (*Client, error) {
	if err := CheckName(user); err != nil {
		return nil, err
	}
	c := &conn{rw: rw}
	server, err := c.pakClient(user, password)
	if err != nil {
		return nil, err
	}
	msg, err := c.read()
	if err == nil && string(msg) == "STA" {
		if pin == nil {
			return nil, errors.New("another password is wanted")
		}
		s, err := pin()
		if err != nil {
			return nil, err
		}
		if err := c.printf("STA%s", s); err != nil {
			return nil, err
		}
		if msg, err = c.read(); err != nil {
			return nil, err
		}
	}
	switch {
	case err != nil:
		return nil, err
	case string(msg) != "OK":
		return nil, ErrProtocol
	}
	return &Client{server, c, user, password}, nil
}

// Fetch logs in over a connection, returns one of the user's files, and closes the
// connection.
func Fetch(ctx context.Context, conn io.ReadWriteCloser, user, password, file string) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer conn.Close()
	defer stop()
	c, err := Login(conn, user, password, nil)
	if err != nil {
		return nil, err
	}
	data, err := c.Get(file)
	if err != nil {
		return nil, err
	}
	return data, c.Bye()
}

// fetch returns what is stored under a name.
func (c *Client) fetch(name string) ([]byte, error) {
	if err := c.c.printf("GET %s", name); err != nil {
		return nil, err
	}
	msg, err := c.c.read()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(string(msg))
	switch {
	case err != nil:
		return nil, ErrProtocol
	case n == -1:
		return nil, ErrNotExist
	case n < 0 || n > MaxFile:
		return nil, ErrSize
	}
	return c.c.readData(n)
}

// Get returns a file.
func (c *Client) Get(name string) ([]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	b, err := c.fetch(name)
	if err != nil {
		return nil, err
	}
	return Open(c.password, b)
}

// List returns a line for each file: name, length as it is stored, date, and SHA-1
// hash.
func (c *Client) List() (string, error) {
	b, err := c.fetch(".")
	return string(b), err
}

// Put stores a file. The server answers only what went wrong, at the end: see Bye.
func (c *Client) Put(name string, data []byte) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if len(data)+overhead > MaxFile {
		return ErrSize
	}
	return c.store(name, Seal(c.password, data))
}

// store stores what is encrypted.
func (c *Client) store(name string, b []byte) error {
	if err := c.c.printf("PUT %s", name); err != nil {
		return err
	}
	if err := c.c.printf("%d", len(b)); err != nil {
		return err
	}
	return c.c.writeData(b)
}

// Remove removes a file; as with Put, Bye tells what went wrong.
func (c *Client) Remove(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return c.c.printf("RM %s", name)
}

// ChangePassword gives the user another password, and encrypts his files with it.
// All are read before anything is changed: one that cannot be is an error. Should
// the connection break while they are written, those that were not are still to be
// opened with the old one.
func (c *Client) ChangePassword(password string) error {
	if len(password) < MinPassword || len(password) > MaxPassword {
		return ErrPassword
	}
	list, err := c.List()
	if err != nil {
		return err
	}
	type file struct {
		name string
		data []byte
	}
	var files []file
	for line := range strings.Lines(list) {
		f := strings.Fields(line) // BUG: as for all clients, names have no blanks
		if len(f) == 0 {
			continue
		}
		data, err := c.Get(f[0])
		if err != nil {
			return fmt.Errorf("%s: %w", f[0], err)
		}
		files = append(files, file{f[0], data})
	}
	if err := c.c.printf("CHPASS"); err != nil {
		return err
	}
	if err := c.c.printf("%s", MakeHi(c.user, password)); err != nil {
		return err
	}
	c.password = password
	for _, f := range files {
		if err := c.Put(f.name, f.data); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// Bye says goodbye, and returns what the server says was wrong with what was asked
// before and has no answer. The connection is of no more use.
func (c *Client) Bye() error {
	if err := c.c.printf("BYE"); err != nil {
		return err
	}
	var remote RemoteError
	if _, err := c.c.read(); errors.As(err, &remote) {
		return remote
	}
	return nil // it has hung up, in its way
}
