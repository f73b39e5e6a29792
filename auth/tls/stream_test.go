package tls

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"sync"
	"testing"
	"testing/synctest"
)

// A stream carries bytes one way, and keeps those not read yet.
type stream struct {
	mu     sync.Mutex // guards what follows
	cond   *sync.Cond
	b      []byte
	closed bool
	writes int
	tap    func(n int, b []byte) []byte // changes what is written, the nth time
	last   int                          // if not 0: it ends after so many writes
}

func buffered() *stream {
	s := &stream{}
	s.cond = sync.NewCond(&s.mu)
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.b) == 0 && !s.closed {
		s.cond.Wait()
	}
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.b)
	s.b = s.b[n:]
	return n, nil
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	b := append([]byte(nil), p...)
	if s.tap != nil {
		b = s.tap(s.writes, b)
	}
	s.writes++
	s.closed = s.writes == s.last
	s.b = append(s.b, b...)
	s.cond.Broadcast()
	return len(p), nil
}

func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.cond.Broadcast()
	return nil
}

// A duplex is one end of two streams.
type duplex struct{ r, w *stream }

func (d *duplex) Read(p []byte) (int, error)  { return d.r.Read(p) }
func (d *duplex) Write(p []byte) (int, error) { return d.w.Write(p) }
func (d *duplex) Close() error                { return d.w.Close() }

// try makes a handshake of both ends, on a stream from client to server and one
// back.
func try(cc, sc *Config, up, down *stream) (client, server *Conn, cerr, serr error) {
	done := make(chan bool)
	go func() {
		server, serr = Server(&duplex{up, down}, sc)
		if serr != nil {
			down.Close()
			up.Close()
		}
		close(done)
	}()
	client, cerr = Client(&duplex{down, up}, cc)
	if cerr != nil {
		up.Close()
		down.Close()
	}
	<-done
	return client, server, cerr, serr
}

// stuck is try, but ends it when both wait for the other.
func stuck(t *testing.T, cfg *Config, up, down *stream) (cerr, serr error) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan bool)
		go func() {
			_, _, cerr, serr = try(cfg, cfg, up, down)
			close(done)
		}()
		synctest.Wait()
		up.Close()
		down.Close()
		<-done
	})
	return cerr, serr
}

// pair returns both ends of an encrypted connection.
func pair(t testing.TB, cc, sc *Config) (client, server *Conn) {
	t.Helper()
	client, server, cerr, serr := try(cc, sc, buffered(), buffered())
	if cerr != nil || serr != nil {
		t.Fatalf("client: %v, server: %v", cerr, serr)
	}
	return client, server
}

// A lying hash is that of something else.
type lying struct{ hash.Hash }

func (l *lying) Sum(b []byte) []byte { return make([]byte, sha256.Size) }

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
