package tls

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
)

// said returns records of a type with these bytes in them.
func said(typ RecordType, parts ...[]byte) []byte {
	s := buffered()
	l := NewLayer(&duplex{s, s})
	l.Write(typ, bytes.Join(parts, nil))
	l.Flush()
	return s.b
}

// msg returns a handshake message.
func msg(typ byte, body []byte) []byte {
	return append([]byte{typ, 0, byte(len(body) >> 8), byte(len(body))}, body...)
}

// goodClient and goodServer are hellos that begin a good handshake.
func goodClient() []byte { return (&hello{suites: all[:1]}).client() }
func goodServer() []byte { return (&hello{suites: all[:1], renegotiate: true}).server() }

// changed returns a message with other bytes at a place.
func changed(b []byte, at int, with ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], with)
	return b
}

// extended returns a hello with extensions.
func extended(b []byte, ext ...byte) []byte { return vector(slices.Clone(b), 2, ext) }

// bare is a server's hello without extensions.
func bare() []byte { return (&hello{suites: all[:1]}).server() }

// TestBadServer has servers that say what they must not.
func TestBadServer(t *testing.T) {
	const suiteAt, compressionAt = 2 + randomLen + 1, 2 + randomLen + 3
	done := msg(serverHelloDone, nil)
	hello := msg(serverHelloMsg, goodServer())
	for _, c := range []struct {
		name string
		says []byte
		want error
	}{
		{"nothing", nil, io.ErrUnexpectedEOF},
		{"the end", said(AlertRecord, []byte{1, 0}), io.ErrUnexpectedEOF},
		{"an alert", said(AlertRecord, []byte{2, 40}), HandshakeFailure},
		{"a warning that is fatal", said(AlertRecord, []byte{2, 90}), UserCanceled},
		{"half an alert", said(AlertRecord, []byte{1}), DecodeError},
		{"only warnings", bytes.Repeat(said(AlertRecord, []byte{1, 90}), maxWarnings), UnexpectedMessage},
		{"data", said(Application, []byte("hello")), UnexpectedMessage},
		{"an empty record", said(Handshake), UnexpectedMessage},
		{"a change of ciphers", said(ChangeCipherSpec, []byte{1}), UnexpectedMessage},
		{"text", []byte("HTTP/1.0 400\r\n"), UnexpectedMessage},
		{"a client hello", said(Handshake, msg(clientHelloMsg, goodClient())), UnexpectedMessage},
		{"only hello requests", said(Handshake, bytes.Repeat(msg(helloRequest, nil), 10)), io.ErrUnexpectedEOF},
		{"a long message", said(Handshake, []byte{serverHelloMsg, 1, 0, 0}), DecodeError},
		{"an old version", said(Handshake, msg(serverHelloMsg, changed(goodServer(), 0, 3, 1))), ProtocolVersion},
		{"a new version", said(Handshake, msg(serverHelloMsg, changed(goodServer(), 0, 3, 4))), ProtocolVersion},
		{"a suite that was not offered", said(Handshake, msg(serverHelloMsg, changed(goodServer(), suiteAt, 0, 0xae))), IllegalParameter},
		{"compression", said(Handshake, msg(serverHelloMsg, changed(goodServer(), compressionAt, 1))), IllegalParameter},
		{"a long session", said(Handshake, msg(serverHelloMsg, changed(append(goodServer(), make([]byte, 40)...), suiteAt-1, 33))), DecodeError},
		{"half a hello", said(Handshake, msg(serverHelloMsg, bare()[:20])), DecodeError},
		{"half an extension", said(Handshake, msg(serverHelloMsg, extended(bare(), 0xff, 1, 0))), DecodeError},
		{"bytes after the extensions", said(Handshake, msg(serverHelloMsg, append(goodServer(), 0))), DecodeError},
		{"an extension twice", said(Handshake, msg(serverHelloMsg, extended(bare(), 0xff, 1, 0, 1, 0, 0xff, 1, 0, 1, 0))), DecodeError},
		{"an extension that was not offered", said(Handshake, msg(serverHelloMsg, extended(bare(), 0, 23, 0, 0))), UnsupportedExt},
		{"renegotiation", said(Handshake, msg(serverHelloMsg, extended(bare(), 0xff, 1, 0, 2, 1, 1))), HandshakeFailure},
		{"a certificate", said(Handshake, hello, msg(11, []byte{0, 0, 0})), UnexpectedMessage},
		{"half a hint", said(Handshake, hello, msg(serverKeyExchange, []byte{0, 9, 1}), done), DecodeError},
		{"two hints", said(Handshake, hello, msg(serverKeyExchange, []byte{0, 0}), msg(serverKeyExchange, []byte{0, 0}), done), UnexpectedMessage},
		{"a hello done with more", said(Handshake, hello, msg(serverHelloDone, []byte{1})), DecodeError},
		{"an early finish", slices.Concat(said(Handshake, hello, done), said(Handshake, msg(finishedMsg, make([]byte, finishedLen)))), UnexpectedMessage},
		{"a finish behind the hello", said(Handshake, hello, done, msg(finishedMsg, make([]byte, finishedLen))), UnexpectedMessage},
		{"another change", slices.Concat(said(Handshake, hello, done), said(ChangeCipherSpec, []byte{2})), DecodeError},
		{"a finish that is not encrypted", slices.Concat(said(Handshake, hello, done), said(ChangeCipherSpec, []byte{1}), said(Handshake, msg(finishedMsg, make([]byte, finishedLen)))), BadRecordMAC},
		{"requests before a good hello", slices.Concat(said(Handshake, msg(helloRequest, nil), hello[:9]), said(Handshake, hello[9:], done)), io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, down := buffered(), buffered()
			down.b, down.closed = c.says, true
			_, err := Client(&duplex{down, up}, &Config{Key: key})
			answered(t, up, err, c.want)
		})
	}
}

// answered wants a side to have failed, and to have told the other side why, if it
// is that one's fault.
func answered(t *testing.T, s *stream, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, want %v", err, want)
	}
	if a, ok := err.(Alert); ok && !bytes.Contains(s.b, []byte{21, 3, 3, 0, 2, 2, byte(a)}) && !bytes.Contains(s.b, []byte{21, 3, 3, 0, 18}) {
		t.Errorf("sent no alert, but %x", s.b)
	}
}

// TestBadClient has clients that say what they must not.
func TestBadClient(t *testing.T) {
	good := goodClient()
	list := 2 + randomLen + 1
	hello := said(Handshake, msg(clientHelloMsg, good))
	exchange := said(Handshake, msg(clientKeyExchange, []byte{0, 0}))
	for _, c := range []struct {
		name string
		says []byte
		want error
	}{
		{"nothing", nil, io.ErrUnexpectedEOF},
		{"text", []byte("GET / HTTP/1.0\r\n\r\n"), UnexpectedMessage},
		{"an SSL 2 hello", []byte{0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0}, UnexpectedMessage},
		{"an old version", said(Handshake, msg(clientHelloMsg, changed(good, 0, 3, 2))), ProtocolVersion},
		{"a server hello", said(Handshake, msg(serverHelloMsg, goodServer())), UnexpectedMessage},
		{"a hello request", said(Handshake, msg(helloRequest, nil)), UnexpectedMessage},
		{"no suites", said(Handshake, msg(clientHelloMsg, append(good[:list:list], 0, 0, 1, 0))), DecodeError},
		{"half a suite", said(Handshake, msg(clientHelloMsg, append(good[:list:list], 0, 1, 9, 1, 0))), DecodeError},
		{"no suite that we know", said(Handshake, msg(clientHelloMsg, append(good[:list:list], 0, 2, 0x13, 1, 1, 0))), HandshakeFailure},
		{"no way without compression", said(Handshake, msg(clientHelloMsg, changed(good, len(good)-1, 1))), IllegalParameter},
		{"half a hello", said(Handshake, msg(clientHelloMsg, good[:30])), DecodeError},
		{"bytes behind it", said(Handshake, msg(clientHelloMsg, append(good[:len(good):len(good)], 0))), DecodeError},
		{"half an extension", said(Handshake, msg(clientHelloMsg, extended(good, 0, 1, 0, 9))), DecodeError},
		{"renegotiation", said(Handshake, msg(clientHelloMsg, extended(good, 0xff, 1, 0, 3, 2, 1, 1))), HandshakeFailure},
		{"no exchange", slices.Concat(hello, said(ChangeCipherSpec, []byte{1})), UnexpectedMessage},
		{"a second hello", slices.Concat(hello, hello), UnexpectedMessage},
		{"half a name", slices.Concat(hello, said(Handshake, msg(clientKeyExchange, []byte{0, 9, 1}))), DecodeError},
		{"a name and more", slices.Concat(hello, said(Handshake, msg(clientKeyExchange, []byte{0, 0, 1}))), DecodeError},
		{"a finish without encryption", slices.Concat(hello, exchange, said(Handshake, msg(finishedMsg, make([]byte, finishedLen)))), UnexpectedMessage},
		{"extensions nobody knows, and then the end", said(Handshake, msg(clientHelloMsg, extended(good, 0, 23, 0, 0, 0x0a, 0x0a, 0, 1, 0))), io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			up, down := buffered(), buffered()
			up.b, up.closed = c.says, true
			_, err := Server(&duplex{up, down}, &Config{Key: key})
			answered(t, down, err, c.want)
		})
	}
}

// TestFinished has a peer with the right key, but another idea of what was said.
func TestFinished(t *testing.T) {
	for _, side := range []string{"client", "server"} {
		up, down := buffered(), buffered()
		client, err1 := newHandshake(overLayer{NewLayer(&duplex{down, up})}, &Config{Key: key}, true)
		server, err2 := newHandshake(overLayer{NewLayer(&duplex{up, down})}, &Config{Key: key}, false)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		liar := &lying{Hash: sha256.New()}
		failed := make(chan error, 2)
		for _, h := range []*handshake{client, server} {
			if h.isClient == (side == "client") {
				h.hash = liar
			}
			go func() {
				err := h.run()
				if err != nil {
					up.Close()
					down.Close()
				}
				failed <- err
			}()
		}
		a, b := <-failed, <-failed
		if !errors.Is(a, DecryptError) && !errors.Is(b, DecryptError) {
			t.Errorf("a lying %s: %v, %v", side, a, b)
		}
	}
}

// TestPRF compares with a vector that was published on the mailing list of the
// IETF's TLS working group for SHA-256.
func TestPRF(t *testing.T) {
	secret := unhex("9bbe436ba940f017b17652849a71db35")
	seed := unhex("a0ba9f936cda311827a6f796ffd5198c")
	want := unhex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66")
	out := make([]byte, len(want))
	prf(out, secret, "test label", seed)
	if !bytes.Equal(out, want) {
		t.Errorf("%x, want %x", out, want)
	}
}

func FuzzHellos(f *testing.F) {
	f.Add(goodClient())
	f.Add(goodServer())
	f.Add(extended(goodClient(), 0xff, 1, 0, 1, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := parseClientHello(b); err == nil && (len(h.suites) == 0 || h.version != int(binary.BigEndian.Uint16(b))) {
			t.Errorf("%x: %v", b, h)
		}
		if h, err := parseServerHello(b); err == nil && len(h.suites) != 1 {
			t.Errorf("%x: %v", b, h)
		}
	})
}

// FuzzHandshake says anything to both sides.
func FuzzHandshake(f *testing.F) {
	f.Add(said(Handshake, msg(clientHelloMsg, goodClient())))
	f.Add(said(Handshake, msg(serverHelloMsg, goodServer()), msg(serverHelloDone, nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, side := range []func(io.ReadWriteCloser, *Config) (*Conn, error){Client, Server} {
			in, out := buffered(), buffered()
			in.b, in.closed = slices.Clone(b), true
			if c, err := side(&duplex{in, out}, &Config{Key: key}); err == nil {
				t.Errorf("a connection: %v", c)
			}
		}
	})
}

// FuzzRecords opens what nobody sealed.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("some bytes"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := range algorithms {
			p, _, err := algorithms[i].protections(bytes.Repeat([]byte{7}, 200))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.open(1, Application, slices.Clone(b)); err != BadRecordMAC {
				t.Errorf("%x: %x, %v", b, got, err)
			}
			if got, err := p.open(2, Handshake, p.seal(2, Handshake, b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%x: %x, %v", b, got, err)
			}
		}
	})
}
