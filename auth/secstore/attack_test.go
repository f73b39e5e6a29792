package secstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// says sends a message of text, which is not encrypted.
func says(c net.Conn, text string) { (&conn{rw: c}).printf("%s", text) }

// TestFirst says things that are no first message.
func TestFirst(t *testing.T) {
	good := encode(group.g)
	for _, tt := range []struct{ name, says, want string }{
		{"another protocol", "9P2000", "protocol should start with ver alg"},
		{"another version", "secstore2\tPAK\nC=glenda\nm=" + good + "\n", "protocol should start with ver alg"},
		{"nothing more", "secstore\tPAK\n", ErrProtocol.Error()},
		{"no user", "secstore\tPAK\nm=" + good + "\n", ErrProtocol.Error()},
		{"no number", "secstore\tPAK\nC=glenda\n", ErrProtocol.Error()},
		{"half a line", "secstore\tPAK\nC=glenda\nm=" + good, ErrProtocol.Error()},
		{"no name", "secstore\tPAK\nC=\nm=" + good + "\n", ErrName.Error()},
		{"a name with a slash", "secstore\tPAK\nC=../store\nm=" + good + "\n", ErrName.Error()},
		{"dot-dot", "secstore\tPAK\nC=..\nm=" + good + "\n", ErrName.Error()},
		{"dot", "secstore\tPAK\nC=.\nm=" + good + "\n", ErrName.Error()},
		{"a long name", "secstore\tPAK\nC=" + strings.Repeat("g", 250) + "\nm=" + good + "\n", ErrName.Error()},
		{"a name with a control character", "secstore\tPAK\nC=gl\tenda\nm=" + good + "\n", ErrName.Error()},
		{"not in base 64", "secstore\tPAK\nC=glenda\nm=&&&&\n", ErrProtocol.Error()},
		{"0", "secstore\tPAK\nC=glenda\nm=AAAA\n", ErrProtocol.Error()},
		{"1", "secstore\tPAK\nC=glenda\nm=AQ==\n", ErrProtocol.Error()},
		{"p", "secstore\tPAK\nC=glenda\nm=" + encode(group.p) + "\n", ErrProtocol.Error()},
		{"p-1", "secstore\tPAK\nC=glenda\nm=" + encode(new(big.Int).Sub(group.p, big.NewInt(1))) + "\n", ErrProtocol.Error()},
		{"p+g", "secstore\tPAK\nC=glenda\nm=" + encode(new(big.Int).Add(group.p, group.g)) + "\n", ErrProtocol.Error()},
		{"a number of a thousand letters", "secstore\tPAK\nC=glenda\nm=" + strings.Repeat("A", 1000) + "\n", ErrProtocol.Error()},
		{"an error", "!go away", "can't read your first message"},
		{"whether there is an account", "secstore\tPAK\nC=glenda\nm=0\n", "account exists"},
		{"whether there is one that there is not", "secstore\tPAK\nC=nobody\nm=0\n", "account exists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, p *place) {
				c := p.dial()
				says(c, tt.says)
				var remote RemoteError
				if _, err := (&conn{rw: c}).read(); !errors.As(err, &remote) || string(remote) != tt.want {
					t.Errorf("%v; want %s", err, tt.want)
				}
			})
		})
	}
}

// TestRecords sends bytes that are no message, in the place of the first.
func TestRecords(t *testing.T) {
	for _, tt := range []struct{ name, bytes string }{
		{"no length", ""},
		{"half a length", "\x80"},
		{"a length without its bit", "\x00\x05hello"},
		{"no bytes", "\x80\x00"},
		{"more than the longest", "\x90\x01" + strings.Repeat("x", 4097)},
		{"less than promised", "\x80\x20secstore\tPAK\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, p *place) {
				c := p.dial()
				go io.Copy(io.Discard, c)
				c.Write([]byte(tt.bytes))
				c.Close()
				p.done.Wait()
				if len(p.log) != 0 {
					t.Errorf("log: %q", p.log)
				}
			})
		})
	}
}

// A middle carries messages between a client and a server, and may change them.
// The nth message is that, counted from 0 in the order in which they are said at
// a login.
func middle(client, server net.Conn, change func(n int, b []byte) []byte) {
	defer client.Close()
	defer server.Close()
	for n := 0; ; n++ {
		from, to := client, server
		if n%2 == 1 {
			from, to = to, from
		}
		var b [2]byte
		if _, err := io.ReadFull(from, b[:]); err != nil {
			return
		}
		msg := make([]byte, int(b[0]&0x7f)<<8|int(b[1]))
		if _, err := io.ReadFull(from, msg); err != nil {
			return
		}
		if msg = change(n, msg); msg == nil {
			return
		}
		to.Write(append([]byte{0x80 | byte(len(msg)>>8), byte(len(msg))}, msg...))
	}
}

// TestMiddle lets somebody stand between client and server, at a login.
func TestMiddle(t *testing.T) {
	var old [][]byte // messages of a login that was good
	replay := func(n int, b []byte) []byte { return old[n] }
	flip := func(n int, b []byte) []byte {
		b[len(b)/2] ^= 1
		return b
	}
	edit := func(from, to string) func(n int, b []byte) []byte {
		return func(n int, b []byte) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }
	}
	in(t, func(t *testing.T, p *place) {
		x, y := net.Pipe()
		go middle(y, p.dial(), func(n int, b []byte) []byte {
			old = append(old, bytes.Clone(b))
			return b
		})
		if _, err := Login(x, "glenda", "a good one", nil); err != nil {
			t.Fatal(err)
		}
		x.Close()
	})
	if len(old) < 4 {
		t.Fatalf("%d messages", len(old))
	}
	for _, tt := range []struct {
		name   string
		n      int
		change func(n int, b []byte) []byte
	}{
		{"another client's number", 0, replay},
		{"another user", 0, edit("glenda", "bootes")},
		{"an old answer", 1, replay},
		{"a bit in the server's number", 1, flip},
		{"another server", 1, edit("S=secstore", "S=elsewhere")},
		{"no server", 1, edit("S=", "T=")},
		{"the server's number is 1", 1, func(n int, b []byte) []byte { return []byte("mu=AQ==\nk=x\nS=secstore\n") }},
		{"the server's number is 0", 1, func(n int, b []byte) []byte { return []byte("mu=\nk=x\nS=secstore\n") }},
		{"an old proof", 2, replay},
		{"a bit in the client's proof", 2, flip},
		{"no proof", 2, func(n int, b []byte) []byte { return []byte("k'=\n") }},
		{"the server's proof as the client's", 2, func(n int, b []byte) []byte { return old[1] }},
		{"an old OK", 3, replay},
		{"a bit in OK", 3, flip},
		{"OK that is not encrypted", 3, func(n int, b []byte) []byte { return []byte("OK") }},
		{"half of OK", 3, func(n int, b []byte) []byte { return b[:len(b)-1] }},
		{"nothing", 3, func(n int, b []byte) []byte { return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, p *place) {
				x, y := net.Pipe()
				go middle(y, p.dial(), func(n int, b []byte) []byte {
					if n == tt.n {
						return tt.change(n, b)
					}
					return b
				})
				if _, err := Login(x, "glenda", "a good one", nil); err == nil {
					t.Error("login succeeded")
				}
				x.Close()
			})
		})
	}
}

// TestRequests asks, as somebody who has logged in, for what is not to be had.
func TestRequests(t *testing.T) {
	for _, tt := range []struct{ name, says, want string }{
		{"no file", "GET nothing", "-1"},
		{"a file of others", "GET ../bootes/factotum", "-1"},
		{"a file in a folder", "GET a/b", "-1"},
		{"no name", "GET ", "-1"},
		{"too large a file", "GET large", "-3"},
		{"to write elsewhere", "PUT ../../who/glenda", "!operation failed"},
		{"to write the folder", "PUT .", "!operation failed"},
		{"to write too much", "PUT f\x0010485761", "!operation failed"},
		{"to write less than nothing", "PUT f\x00-1", "!operation failed"},
		{"to write something", "PUT f\x00some", "!operation failed"},
		{"to write more than said", "PUT f\x003\x00more", "!operation failed"},
		{"to remove nothing", "RM nothing", "!operation failed"},
		{"to remove a file of others", "RM ../bootes/factotum", "!operation failed"},
		{"to remove the folder", "RM ..", "!operation failed"},
		{"no password", "CHPASS\x00AA==", "!operation failed"},
		{"a password that all know", "CHPASS\x00AQ==", "!operation failed"},
		{"something else", "EXEC rc", "!unrecognized operation"},
		{"a part of something", "GE", "!unrecognized operation"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, p *place) {
				p.SetFile("bootes", "factotum", Seal("x", []byte("key")))
				p.SetFile("glenda", "large", make([]byte, MaxFile+1))
				before := fmt.Sprint(len(p.files), string(p.who["glenda"]))
				c := p.login(t, "a good one")
				for m := range strings.SplitSeq(tt.says, "\x00") {
					c.c.printf("%s", m)
				}
				b, err := c.c.readAny()
				if string(b) != tt.want || err != nil {
					t.Errorf("%q, %v; want %q", b, err, tt.want)
				}
				go io.Copy(io.Discard, c.c.rw) // until the server has hung up
				p.done.Wait()
				if after := fmt.Sprint(len(p.files), string(p.who["glenda"])); after != before {
					t.Errorf("%s\nafter it; before\n%s", after, before)
				}
			})
		})
	}
}

// TestUnfinished breaks the connection in the middle of a file: the old one stays.
func TestUnfinished(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		p.SetFile("glenda", "f", []byte("old"))
		c := p.login(t, "a good one")
		c.c.printf("PUT f")
		c.c.printf("8192")
		c.c.write(make([]byte, maxMsg))
		c.c.rw.(net.Conn).Close()
		p.done.Wait()
		if b, _ := p.File("glenda", "f"); string(b) != "old" {
			t.Errorf("%d bytes", len(b))
		}
	})
}

// TestReplayed sends a message twice that was sent once.
func TestReplayed(t *testing.T) {
	in(t, func(t *testing.T, p *place) {
		c := p.login(t, "a good one")
		p.SetFile("glenda", "f", nil)
		var sent bytes.Buffer
		conn := c.c.rw.(net.Conn)
		c.c.rw = struct {
			io.Reader
			io.Writer
		}{conn, io.MultiWriter(&sent, conn)}
		c.c.printf("GET f")
		c.c.read()
		conn.Write(sent.Bytes())
		if b, err := c.c.readAny(); err != io.EOF {
			t.Errorf("%q, %v; want the end", b, err)
		}
		c.Bye()
	})
}

// TestOpen damages a file that is stored, or opens it with another password.
func TestOpen(t *testing.T) {
	good := Seal("a good one", []byte("key proto=dp9ik"))
	for _, tt := range []struct {
		name, password string
		change         func(b []byte) []byte
	}{
		{"another password", "a bad one!", func(b []byte) []byte { return b }},
		{"a byte less", "a good one", func(b []byte) []byte { return b[:len(b)-1] }},
		{"a byte more", "a good one", func(b []byte) []byte { return append(b, 'X') }},
		{"a block less", "a good one", func(b []byte) []byte { return b[16:] }},
		{"the first block", "a good one", func(b []byte) []byte { return b[:16] }},
		{"nothing", "a good one", func(b []byte) []byte { return nil }},
		{"the last bit", "a good one", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if b, err := Open(tt.password, tt.change(bytes.Clone(good))); err != ErrFile {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
	if b, err := Open("a good one", good); string(b) != "key proto=dp9ik" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// TestAccounts reads files of accounts.
func TestAccounts(t *testing.T) {
	hi := glendaHi().String()
	for _, tt := range []struct {
		name, text string
		want       string // written again; "": it cannot be read
	}{
		{"all there can be", "exp\t946684800\nDISABLED\nSTA\nfailed\t3\nother\ta friend\nPAK-Hi\t" + hi + "\n", ""},
		{"in another order", "PAK-Hi " + hi + "\nexp 0\n", "exp\t0\nPAK-Hi\t" + hi + "\n"},
		{"what nobody knows", "x\ty\nPAK-Hi  " + hi + "\n", "exp\t0\nPAK-Hi\t" + hi + "\n"},
		{"no password", "exp\t0\n", "!"},
		{"nothing", "", "!"},
		{"a bad number", "exp\tnever\nPAK-Hi\t" + hi + "\n", "!"},
		{"a bad password", "exp\t0\nPAK-Hi\t0\n", "!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := ParseAccount([]byte(tt.text))
			got := "!"
			if err == nil {
				got = string(a.Text())
			}
			if tt.want == "" {
				tt.want = tt.text
			}
			if got != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// FuzzServe says anything to a server, as the first message and as a request.
func FuzzServe(f *testing.F) {
	f.Add([]byte("secstore\tPAK\nC=glenda\nm=" + encode(group.g) + "\n"))
	f.Add([]byte("PUT f"))
	f.Add([]byte("CHPASS"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := newPlace(t)
		c, s := net.Pipe()
		p.done.Go(func() { p.serve(s) })
		go io.Copy(io.Discard, c)
		c.Write(b)
		c.Close()
		sess := Session{p.Server, &conn{rw: struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(b), io.Discard}}, "glenda", p.shelf}
		sess.Serve()
		p.done.Wait()
	})
}

// FuzzLogin says anything to a client.
func FuzzLogin(f *testing.F) {
	f.Add([]byte("\x80\x20mu=" + encode(group.g) + "\nk=x\nS=secstore\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := Login(struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(b), io.Discard}, "glenda", "a good one", nil)
		if err == nil {
			t.Error("login succeeded")
		}
	})
}

// FuzzAccount reads anything as an account.
func FuzzAccount(f *testing.F) {
	f.Add((&Account{Hi: glendaHi(), Failed: 3, Expire: time.Unix(1, 0)}).Text())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAccount(b)
		if err != nil {
			return
		}
		again, err := ParseAccount(a.Text())
		if err != nil || !bytes.Equal(again.Text(), a.Text()) {
			t.Errorf("%q, %v", a.Text(), err)
		}
	})
}
