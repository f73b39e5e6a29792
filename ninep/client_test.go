package ninep_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// A peer is the server's side of a connection, played by a test.
type peer struct {
	t    *testing.T
	conn io.ReadWriteCloser
	in   *bufio.Reader
}

// newPeer returns a client and the peer it is connected to, which has
// answered its Tversion and given it a root, fid 0.
func newPeer(t *testing.T) (*peer, *Client, File) { return newPeerOf(t, 8192) }

// newPeerOf is newPeer with messages of msize bytes.
func newPeerOf(t *testing.T, msize uint32) (*peer, *Client, File) {
	a, b := Pipe()
	p := &peer{t: t, conn: a, in: bufio.NewReader(a)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.expect("Tversion tag 65535 msize 65560 version \"9P2000\"")
		p.reply(Fcall{Type: Rversion, Tag: NOTAG, Msize: msize, Version: "9P2000"})
		p.expect(`Tattach tag 0 fid 0 afid -1 uname "glenda" aname ""`)
		p.reply(Fcall{Type: Rattach, Qid: Qid{Type: QTDIR}})
	}()
	c, err := NewClient(t.Context(), end(b), nil)
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	<-done
	return p, c, root
}

// expect reads the messages that the client is to send, in that order.
func (p *peer) expect(want ...string) {
	p.t.Helper()
	for _, w := range want {
		m, err := readFcall(p.in)
		if err != nil {
			p.t.Fatalf("instead of %s: %v", w, err)
		}
		if got := m.String(); got != w {
			p.t.Fatalf("client sent\n     %s\nwant %s", got, w)
		}
	}
}

// quiet checks that the client has sent nothing more.
func (p *peer) quiet() {
	p.t.Helper()
	synctest.Wait()
	p.conn.Close()
	if m, err := readFcall(p.in); err == nil {
		p.t.Errorf("client sent %v", m)
	}
}

func (p *peer) reply(m Fcall) {
	b, err := m.Append(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn.Write(b)
}

// The fid of a file that is closed is not used again before its Rclunk.
func TestClientClunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c, root := newPeer(t)
		defer c.Close()
		walk := func(want string) File {
			t.Helper()
			go func() {
				p.expect(want)
				m := Fcall{Type: Rwalk}
				if want[len("Twalk tag ")] == '1' {
					m.Tag = 1
				}
				p.reply(m)
			}()
			f, err := root.Clone(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		f := walk("Twalk tag 0 fid 0 newfid 1 nwname 0")
		f.Close()
		p.expect("Tclunk tag 0 fid 1")
		walk("Twalk tag 1 fid 0 newfid 2 nwname 0")
		p.reply(Fcall{Type: Rclunk, Tag: 0})
		time.Sleep(time.Second) // of the bubble: nobody waits for it
		walk("Twalk tag 0 fid 0 newfid 1 nwname 0")
	})
}

// A server that does not keep the rules ends the connection, and harms
// nobody.
func TestClientHostile(t *testing.T) {
	read := func(f File) error { _, err := f.Read(context.Background(), make([]byte, 10), 0); return err }
	for _, tt := range []struct {
		name  string
		call  func(f File) error
		reply string
	}{
		{"end", read, ""},
		{"a reply to another call", read, "\x0b\x00\x00\x00\x75\x63\x00\x00\x00\x00\x00"},
		{"a reply of another type", read, "\x07\x00\x00\x00\x79\x00\x00"},
		{"a request", read, "\x0b\x00\x00\x00\x78\x00\x00\x00\x00\x00\x00"},
		{"more than was asked for", read, "\x16\x00\x00\x00\x75\x00\x00\x0b\x00\x00\x0012345678901"},
		{"more than there is", read, "\x0b\x00\x00\x00\x75\x00\x00\x05\x00\x00\x00"},
		{"too long", read, "\xff\xff\xff\xff\x75\x00\x00"},
		{"too short", read, "\x06\x00\x00\x00\x75\x00\x00"},
		{"cut short", read, "\x0b\x00\x00\x00\x75\x00\x00"},
		{"more written than there was", func(f File) error { _, err := f.Write(context.Background(), nil, 0); return err },
			"\x0b\x00\x00\x00\x77\x00\x00\x01\x00\x00\x00"},
		{"no qids", func(f File) error { _, err := f.Walk(context.Background(), "x"); return err },
			"\x09\x00\x00\x00\x6f\x00\x00\x00\x00"},
		{"too many qids", func(f File) error { _, err := f.Clone(context.Background()); return err },
			"\x16\x00\x00\x00\x6f\x00\x00\x01\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeer(t)
				defer c.Close()
				go func() {
					readFcall(p.in)
					io.WriteString(p.conn, tt.reply)
					synctest.Wait()
					p.conn.Close()
				}()
				if err := tt.call(root); err != ErrHungup && err != ErrBotch {
					t.Errorf("the call returned %v", err)
				}
				<-c.Done()
				if _, err := root.Stat(t.Context()); err != ErrHungup {
					t.Errorf("a later call returned %v", err)
				}
				root.Close()
			})
		})
	}
}

// stuck is a connection that takes nothing and gives nothing after a number
// of bytes: a cut wire.
type stuck struct {
	io.ReadWriteCloser
	once sync.Once
	left int
	cut  chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		<-s.cut
		return 0, ErrHungup
	}
	return s.ReadWriteCloser.Write(p)
}

func (s *stuck) Close() error {
	s.once.Do(func() { close(s.cut) })
	return s.ReadWriteCloser.Close()
}

func TestClientCutWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe()
		srv := ninetest.Strict(world())
		served := make(chan error)
		go func() { served <- Serve(t.Context(), a, srv, nil) }()
		c, err := NewClient(t.Context(), &stuck{ReadWriteCloser: b, left: 150, cut: make(chan struct{})}, nil)
		if err != nil {
			t.Fatal(err)
		}
		root, err := c.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		f, err := root.Walk(t.Context(), "ctl")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Open(t.Context(), OWRITE); err != nil {
			t.Fatal(err)
		}
		// Nothing gets through any more. All calls can be interrupted, also
		// those that find no room for what they have to say.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		big := make([]byte, 64<<10)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := f.Write(ctx, big, 0); err != ErrIntr {
					t.Errorf("write: %v", err)
				}
			})
		}
		wg.Wait()
		f.Close() // does not wait
		pending := make(chan error)
		go func() {
			_, err := root.Stat(t.Context())
			pending <- err
		}()
		synctest.Wait()
		c.Close()
		if err := <-pending; err != ErrHungup {
			t.Errorf("pending call: %v", err)
		}
		<-served
		if err := srv.Check(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewClientFails(t *testing.T) {
	for _, tt := range []struct {
		name, reply string
		want        error
	}{
		{"end", "", ErrHungup},
		{"no 9P", "HTTP/1.1 400 Bad Request\r\n\r\n", ErrBotch},
		{"another version", "\x14\x00\x00\x00\x65\xff\xff\x00\x20\x00\x00\x07\x00unknown", ErrVersion},
		{"a dialect", "\x15\x00\x00\x00\x65\xff\xff\x00\x20\x00\x00\x08\x009P2000.u", ErrVersion},
		{"an error of 9P2000.L", "\x0b\x00\x00\x00\x07\xff\xff\x05\x00\x00\x00", ErrVersion},
		{"msize too large", "\x13\x00\x00\x00\x65\xff\xff\x00\x20\x00\x01\x06\x009P2000", ErrBotch},
		{"msize too small", "\x13\x00\x00\x00\x65\xff\xff\xff\x1f\x00\x00\x06\x009P2000", ErrBotch},
		{"an error", "\x0b\x00\x00\x00\x6b\xff\xff\x02\x00no", Error("no")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := Pipe()
			go func() {
				readFcall(bufio.NewReader(a))
				io.WriteString(a, tt.reply)
				a.Close()
			}()
			if _, err := NewClient(t.Context(), end(b), nil); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if _, err := b.Write([]byte("x")); err != ErrHungup {
				t.Errorf("the connection was not closed: %v", err)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, b := Pipe()
			if _, err := NewClient(ctx, end(b), nil); err != ErrIntr {
				t.Errorf("got %v", err)
			}
		})
	})
}

// lag is a Server that takes its time, and does not always notice that a
// call is interrupted.
type lag struct{ Server }

type lagFile struct{ File }

// moment returns some time below most. Timers of one moment, that different
// processors may run, are too much for Go 1.26's race detector in a bubble.
func moment(most time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(most))) }

func pause(ctx context.Context) error {
	timer := time.NewTimer(moment(3 * time.Millisecond))
	defer timer.Stop()
	if rand.IntN(2) == 0 {
		<-timer.C
		return nil
	}
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ErrIntr
	}
}

func lagged(ctx context.Context, f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	if err := pause(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return lagFile{f}, nil
}

func (s lag) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return lagged(ctx, f, err)
}

func (f lagFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return lagged(ctx, nf, err)
}

func (f lagFile) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	return lagged(ctx, nf, err)
}

func (f lagFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	if err := pause(ctx); err != nil {
		return 0, err
	}
	return f.File.Read(ctx, p, off)
}

// Whatever is interrupted when, no File is left at the server once the
// client has closed its own.
func TestClientInterrupts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ninetest.Strict(lag{world()})
		c, stop, err := wire(t.Context(), srv)
		if err != nil {
			t.Fatal(err)
		}
		root, err := c.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		live := srv.Live()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for range 50 {
					use(t, root, i)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		time.Sleep(time.Second) // of the bubble: until the slowest has returned
		if n := srv.Live(); n != live {
			t.Errorf("%d files at the server, %d before", n, live)
		}
		root.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := srv.Check(); err != nil {
			t.Error(err)
		}
	})
}

// use uses a file until it is interrupted.
func use(t *testing.T, root File, i int) {
	ctx, cancel := context.WithTimeout(t.Context(), moment(15*time.Millisecond))
	defer cancel()
	var f File
	var err error
	if i%4 == 0 {
		f, err = root.Create(ctx, "x", 0666, ORDWR|ORCLOSE)
	} else {
		f, _, err = WalkNames(ctx, root, []string{"dir", "a", "b", "file"})
	}
	if err != nil {
		if !errors.Is(err, ErrIntr) && !errors.Is(err, ErrNotExist) {
			t.Errorf("walk or create: %v", err)
		}
		return
	}
	defer f.Close()
	if i%4 != 0 && f.Open(ctx, OREAD) != nil {
		return
	}
	f.Read(ctx, make([]byte, 10), 0)
	if i%4 == 1 {
		f.Remove(ctx)
	}
}
