package tls

import (
	"errors"
	"io"
	"sync"
)

// Identity is the name of the key that 9front's programs give.
const Identity = "p9secret"

// maxWarnings is how many records that mean nothing may come one after the other.
const maxWarnings = 16

// Errors of connections.
var (
	errKey    = errors.New("no shared secret")
	errSuite  = errors.New("unknown cipher suite")
	errHungup = errors.New("tls hungup")
)

// A Config is what a connection begins with.
type Config struct {
	Key      []byte   // that both share
	Identity string   // which key that is; a server with one wants the same of its client
	Suites   []uint16 // that will do, the best first; nil is PSKChaCha20Poly1305
}

// A Conn is an encrypted connection. One goroutine may read while another writes.
type Conn struct {
	layer *Layer
	under io.Closer
	suite uint16

	rmu  sync.Mutex // guards what follows
	rest []byte     // of the last record
	rerr error

	wmu  sync.Mutex // guards werr
	werr error
}

// Client makes the handshake of a client on a connection. It is the Conn's then, to
// be closed with it. If that fails it is still the caller's, but of no use.
func Client(rw io.ReadWriteCloser, cfg *Config) (*Conn, error) {
	return begin(rw, cfg, true)
}

// Server is like Client, for a server.
func Server(rw io.ReadWriteCloser, cfg *Config) (*Conn, error) {
	return begin(rw, cfg, false)
}

func begin(rw io.ReadWriteCloser, cfg *Config, client bool) (*Conn, error) {
	c := &Conn{layer: NewLayer(rw), under: rw}
	h, err := newHandshake(overLayer{c.layer}, cfg, client)
	if err != nil {
		return nil, err
	}
	if err := h.run(); err != nil {
		return nil, c.fail(err)
	}
	c.suite = h.suite.id
	return c, nil
}

// Suite returns the cipher suite.
func (c *Conn) Suite() uint16 { return c.suite }

// A remote error is an alert that was received: nothing is to be sent back.
type remote struct{ Alert }

func (e remote) Error() string { return "remote: " + e.Alert.Error() }

// Unwrap returns the Alert.
func (e remote) Unwrap() error { return e.Alert }

// received returns what the alert in a record comes to: an error, io.EOF for the
// end, nil for one that means nothing.
func received(b []byte) error {
	if len(b) != 2 {
		return DecodeError
	}
	a := Alert(b[1])
	switch {
	case a == CloseNotify:
		return io.EOF
	case !a.Fatal() && b[0] == 1:
		return nil
	}
	return remote{a}
}

// fail tells the other side what is wrong, if it is wrong with what it said.
func (c *Conn) fail(err error) error {
	if a, ok := err.(Alert); ok {
		c.wmu.Lock()
		defer c.wmu.Unlock()
		if c.werr == nil {
			c.alert(a)
			c.werr = err
		}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// alert sends an alert.
func (c *Conn) alert(a Alert) error {
	level := byte(1)
	if a.Fatal() {
		level = 2
	}
	if err := c.layer.Write(AlertRecord, []byte{level, byte(a)}); err != nil {
		return err
	}
	return c.layer.Flush()
}

// Read is that of an io.Reader. The end is io.EOF if the other side said so, and
// io.ErrUnexpectedEOF if the connection only broke off.
func (c *Conn) Read(p []byte) (int, error) {
	c.rmu.Lock()
	defer c.rmu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	for n := 0; len(c.rest) == 0 && c.rerr == nil; n++ {
		if n == maxWarnings {
			c.rerr = c.fail(UnexpectedMessage)
			break
		}
		c.next()
	}
	if len(c.rest) == 0 {
		return 0, c.rerr
	}
	n := copy(p, c.rest)
	clear(c.rest[:n])
	c.rest = c.rest[n:]
	return n, nil
}

// next reads a record. It may come to nothing.
func (c *Conn) next() {
	typ, b, err := c.layer.Read()
	switch {
	case err != nil:
		c.rerr = c.fail(err)
	case typ == Application:
		c.rest = b
	case typ == AlertRecord:
		if c.rerr = received(b); c.rerr != io.EOF && c.rerr != nil {
			c.rerr = c.fail(c.rerr)
		}
	case typ == Handshake && len(b) == 4 && b[0] == helloRequest:
		c.wmu.Lock()
		c.alert(NoRenegotiation)
		c.wmu.Unlock()
	default:
		c.rerr = c.fail(UnexpectedMessage)
	}
}

// Write is that of an io.Writer.
func (c *Conn) Write(p []byte) (int, error) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.werr != nil {
		return 0, c.werr
	}
	if len(p) == 0 {
		return 0, nil
	}
	c.werr = c.layer.Write(Application, p)
	if c.werr == nil {
		c.werr = c.layer.Flush()
	}
	if c.werr != nil {
		return 0, c.werr
	}
	return len(p), nil
}

// CloseWrite tells the other side that nothing more will come.
func (c *Conn) CloseWrite() error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.werr != nil {
		return c.werr
	}
	c.werr = errHungup
	return c.alert(CloseNotify)
}

// Close tells the other side, and closes the connection under it.
func (c *Conn) Close() error {
	c.CloseWrite()
	return c.under.Close()
}
