package tls

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
)

var key = []byte("a secret that both sides share, as long as one of dp9ik's may be")

var all = []uint16{PSKChaCha20Poly1305, PSKAES128CBCSHA256, PSKAES128CBCSHA}

func TestSuites(t *testing.T) {
	for _, c := range []struct {
		name           string
		client, server Config
		suite          uint16
		cerr, serr     error
	}{
		{"ours", Config{Key: key}, Config{Key: key}, PSKChaCha20Poly1305, nil, nil},
		{"with a name", Config{Key: key, Identity: Identity}, Config{Key: key, Identity: Identity}, PSKChaCha20Poly1305, nil, nil},
		{"a server for all names", Config{Key: key, Identity: "x"}, Config{Key: key}, PSKChaCha20Poly1305, nil, nil},
		{"the best of three", Config{Key: key, Suites: all}, Config{Key: key, Suites: all}, PSKChaCha20Poly1305, nil, nil},
		{"the server's preference", Config{Key: key, Suites: all}, Config{Key: key, Suites: []uint16{PSKAES128CBCSHA, PSKChaCha20Poly1305}}, PSKAES128CBCSHA, nil, nil},
		{"nothing in common", Config{Key: key}, Config{Key: key, Suites: all[1:]}, 0, HandshakeFailure, HandshakeFailure},
		{"a suite nobody knows", Config{Key: key, Suites: []uint16{1}}, Config{Key: key}, 0, errSuite, io.ErrUnexpectedEOF},
		{"a short key", Config{Key: key[:1]}, Config{Key: key[:1]}, PSKChaCha20Poly1305, nil, nil},
		{"a long key", Config{Key: bytes.Repeat(key, 100)}, Config{Key: bytes.Repeat(key, 100)}, PSKChaCha20Poly1305, nil, nil},
		{"another key", Config{Key: key}, Config{Key: key[1:]}, 0, BadRecordMAC, BadRecordMAC},
		{"another name", Config{Key: key, Identity: "x"}, Config{Key: key, Identity: "y"}, 0, UnknownPSKIdentity, UnknownPSKIdentity},
		{"no key", Config{}, Config{Key: key}, 0, errKey, io.ErrUnexpectedEOF},
		{"no key at the server", Config{Key: key}, Config{}, 0, io.ErrUnexpectedEOF, errKey},
		{"a key too long", Config{Key: make([]byte, 1<<16)}, Config{Key: key}, 0, errKey, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, server, cerr, serr := try(&c.client, &c.server, buffered(), buffered())
			if c.cerr != nil || c.serr != nil {
				if !errors.Is(cerr, c.cerr) || !errors.Is(serr, c.serr) {
					t.Errorf("client: %v, server: %v", cerr, serr)
				}
				return
			}
			if cerr != nil || serr != nil {
				t.Fatalf("client: %v, server: %v", cerr, serr)
			}
			if client.Suite() != c.suite || server.Suite() != c.suite {
				t.Errorf("suites %#x and %#x", client.Suite(), server.Suite())
			}
			exchange(t, client, server)
		})
	}
}

// exchange sends texts of many lengths both ways.
func exchange(t *testing.T, a, b *Conn) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 17, 255, 256, 1000, maxRecord - 1, maxRecord, maxRecord + 1, 100000} {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(r.Uint32())
		}
		for _, dir := range [][2]*Conn{{a, b}, {b, a}} {
			failed := make(chan error, 1)
			go func() {
				_, err := dir[0].Write(text)
				failed <- err
			}()
			got := make([]byte, n)
			if _, err := io.ReadFull(dir[1], got); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("%d bytes: %v", n, err)
			}
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, err := a.Write(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	if n, err := a.Read(nil); n != 0 || err != nil {
		t.Errorf("read nothing: %d, %v", n, err)
	}
	ends(t, a, b)
}

// ends closes one way, then the other.
func ends(t *testing.T, a, b *Conn) {
	t.Helper()
	a.Write([]byte("the last"))
	if err := a.CloseWrite(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(b); string(got) != "the last" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, errHungup) {
		t.Errorf("after the end: %v", err)
	}
	b.Write([]byte("answer"))
	b.Close()
	if got, err := io.ReadAll(a); string(got) != "answer" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := a.CloseWrite(); !errors.Is(err, errHungup) {
		t.Errorf("closed twice: %v", err)
	}
}

// TestOld has peers that know only one of the suites.
func TestOld(t *testing.T) {
	for _, id := range all {
		t.Run(fmt.Sprintf("%#x", id), func(t *testing.T) {
			some, every := &Config{Key: key, Suites: []uint16{id}}, &Config{Key: key, Suites: all}
			for _, cfgs := range [][2]*Config{{some, every}, {every, some}} {
				client, server := pair(t, cfgs[0], cfgs[1])
				if client.Suite() != id || server.Suite() != id {
					t.Errorf("suites %#x and %#x", client.Suite(), server.Suite())
				}
				exchange(t, client, server)
			}
		})
	}
}

// versions returns where in records there are their versions, which before there is
// encryption may be lower.
func versions(b []byte) map[int]bool {
	at := map[int]bool{}
	for i := 0; i+headerLen <= len(b); i += headerLen + int(b[i+3])<<8 + int(b[i+4]) {
		at[i+2] = b[i] != byte(Application)
	}
	return at
}

// TestFlips changes a bit of every byte of the handshake: it fails for one of them
// at least.
func TestFlips(t *testing.T) {
	cfg := &Config{Key: key, Identity: Identity}
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for fromClient := range 2 {
		for n := range 2 {
			for i, size := 0, 1; i < size; i += stride {
				free := false
				streams := [2]*stream{buffered(), buffered()}
				streams[fromClient].tap = func(m int, b []byte) []byte {
					if m == n {
						size = len(b)
						free = versions(b)[i]
						b[i] ^= 1 << (i % 8)
					}
					return b
				}
				cerr, serr := stuck(t, cfg, streams[0], streams[1])
				if cerr == nil && serr == nil && !free {
					t.Errorf("%s flight %d of %d bytes: byte %d changed, and nobody noticed", [2]string{"client's", "server's"}[fromClient], n, size, i)
				}
			}
		}
	}
}

// TestCut ends the handshake after every byte of it.
func TestCut(t *testing.T) {
	cfg := &Config{Key: key}
	for side := range 2 {
		for n := range 2 {
			for i, size := 0, 1; i < size; i++ {
				streams := [2]*stream{buffered(), buffered()}
				streams[side].last = n + 1
				streams[side].tap = func(m int, b []byte) []byte {
					if m == n {
						size = len(b)
						return b[:i]
					}
					return b
				}
				_, _, cerr, serr := try(cfg, cfg, streams[0], streams[1])
				if [2]error{serr, cerr}[side] == nil {
					t.Fatalf("%s flight %d ends after %d bytes: %v, %v", [2]string{"client's", "server's"}[side], n, i, cerr, serr)
				}
			}
		}
	}
}

// TestRecords changes records of an open connection.
func TestRecords(t *testing.T) {
	text := []byte("twenty bytes of text")
	for _, c := range []struct {
		name   string
		change func(records [][]byte) [][]byte
		got    string
		want   error
	}{
		{"as they were", func(r [][]byte) [][]byte { return r }, "twenty bytes of texttwenty bytes of text", nil},
		{"one missing", func(r [][]byte) [][]byte { return r[1:] }, "", BadRecordMAC},
		{"one twice", func(r [][]byte) [][]byte { return [][]byte{r[0], r[0], r[1]} }, string(text), BadRecordMAC},
		{"another order", func(r [][]byte) [][]byte { return [][]byte{r[1], r[0]} }, "", BadRecordMAC},
		{"another type", func(r [][]byte) [][]byte { r[0][0] = byte(Handshake); return r }, "", BadRecordMAC},
		{"a type nobody knows", func(r [][]byte) [][]byte { r[0][0] = 24; return r }, "", UnexpectedMessage},
		{"another version", func(r [][]byte) [][]byte { r[0][2] = 1; return r }, "", ProtocolVersion},
		{"not encrypted", func(r [][]byte) [][]byte { return [][]byte{append([]byte{23, 3, 3, 0, 20}, text...)} }, "", BadRecordMAC},
		{"empty", func(r [][]byte) [][]byte { return [][]byte{{23, 3, 3, 0, 0}} }, "", BadRecordMAC},
		{"too long", func(r [][]byte) [][]byte { return [][]byte{append([]byte{23, 3, 3, 0x48, 1}, make([]byte, 0x4801)...)} }, "", RecordOverflow},
		{"cut", func(r [][]byte) [][]byte { return [][]byte{r[0], r[1][:10]} }, string(text), io.ErrUnexpectedEOF},
		{"no end", func(r [][]byte) [][]byte { return r[:1] }, string(text), io.ErrUnexpectedEOF},
		{"an alert not encrypted", func(r [][]byte) [][]byte { return [][]byte{{21, 3, 3, 0, 2, 1, 0}} }, "", BadRecordMAC},
		{"a change of ciphers", func(r [][]byte) [][]byte { return [][]byte{{20, 3, 3, 0, 1, 1}} }, "", BadRecordMAC},
	} {
		for _, id := range all {
			t.Run(fmt.Sprintf("%s, %#x", c.name, id), func(t *testing.T) {
				cfg := &Config{Key: key, Suites: []uint16{id}}
				client, server := pair(t, cfg, cfg)
				var records [][]byte
				client.under.(*duplex).w.tap = func(n int, b []byte) []byte {
					records = append(records, slices.Clone(b))
					return nil
				}
				client.Write(text)
				client.Write(text)
				client.under.(*duplex).w.tap = nil
				records = c.change(records)
				client.under.(*duplex).Write(bytes.Join(records, nil))
				if c.name == "as they were" {
					// The end is the third record.
					client.alert(CloseNotify)
				} else {
					client.under.(*duplex).w.Close()
				}
				got, err := io.ReadAll(server)
				if string(got) != c.got || !errors.Is(err, c.want) {
					t.Errorf("%q, %v; want %q, %v", got, err, c.got, c.want)
				}
				var a Alert
				if _, err := server.Write(text); errors.As(c.want, &a) && !errors.Is(err, a) {
					t.Errorf("write after it: %v", err)
				}
				if errors.As(c.want, &a) {
					if _, err := client.Read(make([]byte, 1)); !errors.Is(err, a) || err.Error() != "remote: "+a.Error() {
						t.Errorf("the other side: %v, want %v", err, a)
					}
				}
			})
		}
	}
}

// TestBits changes every bit of a record.
func TestBits(t *testing.T) {
	for _, s := range suites {
		a, err := find(s.hash, s.enc)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := a.protections(make([]byte, a.size()))
		if err != nil {
			t.Fatal(err)
		}
		body := p.seal(7, Application, []byte("text"))
		if got, err := p.open(7, Application, slices.Clone(body)); string(got) != "text" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		for i := range 8 * len(body) {
			b := slices.Clone(body)
			b[i/8] ^= 1 << (i % 8)
			if got, err := p.open(7, Application, b); err != BadRecordMAC {
				t.Errorf("%#x: bit %d: %q, %v", s.id, i, got, err)
			}
		}
		for n := range body {
			if got, err := p.open(7, Application, slices.Clone(body[:n])); err != BadRecordMAC {
				t.Errorf("%#x: %d bytes: %q, %v", s.id, n, got, err)
			}
		}
		if got, err := p.open(8, Application, slices.Clone(body)); err != BadRecordMAC {
			t.Errorf("%#x: another number: %q, %v", s.id, got, err)
		}
	}
}

// TestWarnings sends what means nothing, and too much of it.
func TestWarnings(t *testing.T) {
	client, server := pair(t, &Config{Key: key}, &Config{Key: key})
	client.alert(UserCanceled)
	client.layer.Write(Application, nil)
	client.layer.Write(Handshake, []byte{helloRequest, 0, 0, 0})
	client.Write([]byte("text"))
	got := make([]byte, 4)
	if _, err := io.ReadFull(server, got); string(got) != "text" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	server.Write([]byte("back"))
	if _, err := io.ReadFull(client, got); string(got) != "back" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for range maxWarnings {
		client.layer.Write(Application, nil)
	}
	client.layer.Flush()
	if _, err := server.Read(got); !errors.Is(err, UnexpectedMessage) {
		t.Errorf("%d empty records: %v", maxWarnings, err)
	}
	for name, send := range map[string]func(l *Layer){
		"a finished":     func(l *Layer) { l.Write(Handshake, []byte{finishedMsg, 0, 0, 0}) },
		"a client hello": func(l *Layer) { l.Write(Handshake, append([]byte{clientHelloMsg, 0, 0, 60}, make([]byte, 60)...)) },
		"a change":       func(l *Layer) { l.Write(ChangeCipherSpec, []byte{1}) },
		"half an alert":  func(l *Layer) { l.Write(AlertRecord, []byte{2}) },
		"an alert":       func(l *Layer) { l.Write(AlertRecord, []byte{2, byte(AlertRecord)}) },
	} {
		client, server := pair(t, &Config{Key: key}, &Config{Key: key})
		send(client.layer)
		client.layer.Flush()
		var a Alert
		if _, err := server.Read(got); !errors.As(err, &a) || a == CloseNotify {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPipe uses a connection without buffers.
func TestPipe(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	failed := make(chan error, 1)
	go func() {
		s, err := Server(there, &Config{Key: key})
		if err == nil {
			_, err = io.Copy(s, s)
		}
		failed <- err
	}()
	c, err := Client(here, &Config{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("echo"))
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); string(got) != "echo" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	c.Close()
	if err := <-failed; err != nil {
		t.Error(err)
	}
	if _, err := c.Read(got); err == nil {
		t.Error("read from a closed connection")
	}
}

func TestLayer(t *testing.T) {
	l := NewLayer(&duplex{buffered(), buffered()})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"an algorithm nobody knows", l.Secret("md5", "rc4_128", true, make([]byte, 999)), "unknown algorithm"},
		{"a hash that does not go with it", l.Secret("sha1", "ccpoly96_aead", true, make([]byte, 999)), "unknown algorithm"},
		{"a short secret", l.Secret("clear", "ccpoly96_aead", true, make([]byte, 87)), "not enough secret data provided"},
		{"a change without a secret", l.ChangeOut(), "cannot change cipher spec without setting secret"},
		{"a change of the other's", l.ChangeIn(), "unexpected message"},
		{"a good secret", l.Secret("clear", "ccpoly96_aead", true, make([]byte, 88)), "<nil>"},
	} {
		if fmt.Sprint(c.err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, c.err, c.want)
		}
	}
	l.out.seq = 1<<64 - 1
	if err := l.Write(Application, nil); err != errSpent {
		t.Errorf("a number again: %v", err)
	}
	if err := l.ChangeOut(); err != errSpent {
		t.Errorf("a number again: %v", err)
	}
	if Alert(200).Error() != "tls unknown alert 200" {
		t.Error(Alert(200).Error())
	}
}
