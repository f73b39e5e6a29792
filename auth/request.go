package auth

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Refusal is an error that the authentication server sent.
type Refusal string

func (e Refusal) Error() string { return "remote: " + string(e) }

// send sends a request, and bytes that belong to it.
func send(w io.Writer, tr *Ticketreq, more ...[]byte) error {
	b, err := tr.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(bytes.Join(append([][]byte{b}, more...), nil))
	return err
}

// ReadAnswer reads an answer of n bytes, or one that tells its length, which is
// at most n. The error may be a Refusal.
func ReadAnswer(r io.Reader, n int) ([]byte, error) {
	var num [1]byte
	if _, err := io.ReadFull(r, num[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	switch Type(num[0]) {
	case AuthOK:
		return readAll(r, n)
	case AuthOKvar:
		digits, err := readAll(r, 5)
		if err != nil {
			return nil, err
		}
		m, err := strconv.Atoi(strings.TrimSpace(string(digits)))
		if err != nil || m <= 0 || m > n {
			return nil, ErrProtocol
		}
		return readAll(r, m)
	case AuthErr:
		b, err := readAll(r, errLen)
		if err != nil {
			return nil, err
		}
		text, _, _ := bytes.Cut(b, []byte{0})
		return nil, Refusal(text)
	}
	return nil, ErrProtocol
}

// readAll reads n bytes.
func readAll(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return b, nil
}

// RequestPAK agrees with the authentication server on a key for the next request
// on the connection. It is that of tr's client if there is one, which must be
// alone then, otherwise that of its user.
func RequestPAK(rw io.ReadWriter, tr *Ticketreq, h *Hash) (*Cipher, error) {
	pak := h.PAK(true)
	ask := *tr
	ask.Type = AuthPAK
	if err := send(rw, &ask, pak.Public()); err != nil {
		return nil, err
	}
	b, err := ReadAnswer(rw, PAKLen)
	if err != nil {
		return nil, err
	}
	if len(b) != PAKLen {
		return nil, ErrProtocol
	}
	return pak.Finish(b)
}

// RequestPair is RequestPAK for a client that has a server's public key: the
// server's exchange goes first. It returns what the server is to be given, and
// the client's key.
func RequestPair(rw io.ReadWriter, tr *Ticketreq, h *Hash, server []byte) ([]byte, *Cipher, error) {
	pak := h.PAK(true)
	ask := *tr
	ask.Type = AuthPAK
	if err := send(rw, &ask, server, pak.Public()); err != nil {
		return nil, nil, err
	}
	b, err := ReadAnswer(rw, 2*PAKLen)
	if err != nil {
		return nil, nil, err
	}
	if len(b) != 2*PAKLen {
		return nil, nil, ErrProtocol
	}
	c, err := pak.Finish(b[PAKLen:])
	return b[:PAKLen], c, err
}

// RequestTickets asks for tickets, and returns both as they came: the client's,
// encrypted with c, and the server's of the same length.
func RequestTickets(rw io.ReadWriter, tr *Ticketreq, c *Cipher) ([]byte, error) {
	ask := *tr
	ask.Type = AuthTreq
	if err := send(rw, &ask); err != nil {
		return nil, err
	}
	n := 2 * c.size(ticketLen(c))
	b, err := ReadAnswer(rw, n)
	if err == nil && len(b) != n {
		err = ErrProtocol
	}
	return b, err
}

// ChangePassword changes a user's password, secret or both on an authentication
// server. If legacy, it does so without an agreement on a key, for servers that
// know of none.
func ChangePassword(rw io.ReadWriter, user string, r *Passwordreq, legacy bool) error {
	key := PassKey(r.Old)
	defer key.Zero()
	tr := &Ticketreq{Type: AuthPass, Uid: user}
	rand.Read(tr.Chal[:])
	c := key.Cipher()
	if !legacy {
		var err error
		if c, err = RequestPAK(rw, tr, key.Hash(user)); err != nil {
			return err
		}
	}
	if err := send(rw, tr); err != nil {
		return err
	}
	n := c.size(ticketLen(c))
	b, err := ReadAnswer(rw, n)
	if err != nil {
		return err
	}
	t, _, err := OpenTicket(b, c, AuthTp)
	if err == nil && c.form == 0 && !same(t.Chal, tr.Chal) && t.Cuid != user {
		return ErrBadKey // see tickets
	}
	var short Short
	if errors.As(err, &short) || err == nil && !same(t.Chal, tr.Chal) {
		return ErrProtocol
	}
	if err != nil {
		return err
	}
	if b, err = r.Seal(&t.Key); err != nil {
		return err
	}
	if _, err := rw.Write(b); err != nil {
		return err
	}
	_, err = ReadAnswer(rw, 0)
	return err
}
