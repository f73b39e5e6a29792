package secstore

import (
	"crypto/hmac"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxMsg is the length of the longest message.
const maxMsg = 4096

// A RemoteError is what the other side says is wrong.
type RemoteError string

// Error returns the text, as far as it can be printed: it may be anything.
func (e RemoteError) Error() string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(e[:min(len(e), 200)]))
}

// A conn is a connection of messages. At first they are not encrypted.
type conn struct {
	rw      io.ReadWriter
	in, out half
}

// A half is one direction.
type half struct {
	seq    uint32
	secret []byte      // nil: nothing is encrypted
	cipher *rc4.Cipher // made from secret
}

// setSecret has all further messages encrypted.
func (c *conn) setSecret(session []byte, client bool) error {
	in, out := "two", "one"
	if client {
		in, out = out, in
	}
	for _, d := range []struct {
		*half
		name string
	}{{&c.in, in}, {&c.out, out}} {
		h := hmac.New(sha1.New, []byte(d.name))
		h.Write(session)
		d.secret = h.Sum(nil)
		var err error
		if d.cipher, err = rc4.NewCipher(d.secret[:16]); err != nil {
			return err
		}
	}
	return nil
}

// digest returns what authenticates the next message.
func (h *half) digest(msg []byte) []byte {
	d := sha1.New()
	d.Write(h.secret)
	d.Write(msg)
	d.Write(binary.BigEndian.AppendUint32(nil, h.seq))
	return d.Sum(nil)
}

// write writes a message.
func (c *conn) write(msg []byte) error {
	if len(msg) == 0 || len(msg) > maxMsg {
		return ErrProtocol
	}
	n := len(msg)
	if c.out.secret != nil {
		n += sha1.Size
	}
	b := binary.BigEndian.AppendUint16(make([]byte, 0, 2+n), uint16(0x8000|n))
	if c.out.secret != nil {
		b = append(b, c.out.digest(msg)...)
	}
	b = append(b, msg...)
	if c.out.secret != nil {
		c.out.cipher.XORKeyStream(b[2:], b[2:])
	}
	c.out.seq++
	_, err := c.rw.Write(b)
	return err
}

// read reads a message. One that says what is wrong is a RemoteError.
func (c *conn) read() ([]byte, error) {
	b, err := c.readAny()
	if err == nil && b[0] == '!' {
		return nil, RemoteError(b[1:])
	}
	return b, err
}

// readAny reads a message, whatever it says.
func (c *conn) readAny() ([]byte, error) {
	var count [2]byte
	if _, err := io.ReadFull(c.rw, count[:]); err != nil {
		return nil, err
	}
	extra := 0
	if c.in.secret != nil {
		extra = sha1.Size
	}
	n := int(binary.BigEndian.Uint16(count[:])) &^ 0x8000
	if count[0]&0x80 == 0 || n <= extra || n > extra+maxMsg {
		return nil, ErrProtocol
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c.rw, b); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if c.in.secret != nil {
		c.in.cipher.XORKeyStream(b, b)
		if subtle.ConstantTimeCompare(b[:extra], c.in.digest(b[extra:])) == 0 {
			return nil, fmt.Errorf("%w: integrity check failed", ErrProtocol)
		}
		b = b[extra:]
	}
	c.in.seq++
	return b, nil
}

// printf writes a message of text.
func (c *conn) printf(format string, a ...any) error {
	return c.write(fmt.Appendf(nil, format, a...))
}

// refuse tells the other side what is wrong, if it still listens, and returns
// err.
func (c *conn) refuse(err error) error {
	c.printf("!%.4000v", err)
	return err
}

// writeData writes what is longer than a message.
func (c *conn) writeData(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), maxMsg)
		if err := c.write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// readData reads what writeData has written: n bytes.
func (c *conn) readData(n int) ([]byte, error) {
	var b []byte // what was promised may never come
	for len(b) < n {
		m, err := c.readAny()
		switch {
		case err != nil:
			return nil, err
		case len(m) > n-len(b):
			return nil, ErrProtocol
		}
		b = append(b, m...)
	}
	return b, nil
}
