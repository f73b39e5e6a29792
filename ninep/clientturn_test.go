package ninep_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// A deadlined is the end of a pipe with what makes it a socket to a Client: so its
// calls read for themselves.
type deadlined struct {
	io.ReadWriteCloser

	mu      sync.Mutex // guards the fields below
	changed sync.Cond
	text    []byte // was read and is not given yet
	err     error  // comes after it
	late    bool   // the deadline is past
}

// deadline returns the end of a pipe with a read deadline.
func deadline(conn io.ReadWriteCloser) io.ReadWriteCloser {
	d := &deadlined{ReadWriteCloser: conn}
	d.changed.L = &d.mu
	go func() { // ends with conn
		for b := make([]byte, 64<<10); ; {
			n, err := conn.Read(b)
			d.mu.Lock()
			d.text, d.err = append(d.text, b[:n]...), err
			d.changed.Broadcast()
			d.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return d
}

func (d *deadlined) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.text) == 0 && d.err == nil && !d.late {
		d.changed.Wait()
	}
	if d.late {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, d.text)
	if d.text = d.text[n:]; n > 0 {
		return n, nil
	}
	return 0, d.err
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = !t.IsZero() && t.Before(time.Now())
	d.changed.Broadcast()
	return nil
}

func (d *deadlined) SetWriteBuffer(int) error { return nil }

// end is what becomes of the end of a pipe that is given to a Client.
var end = func(conn io.ReadWriteCloser) io.ReadWriteCloser { return conn }

// endAt makes f what becomes of it, until the test ends.
func endAt(t *testing.T, f func(io.ReadWriteCloser) io.ReadWriteCloser) {
	before := end
	t.Cleanup(func() { end = before })
	end = f
}

// sockets returns the ends of a connection at a socket of the host.
func sockets(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("unix", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// wire is ninetest.Wire through end.
func wire(ctx context.Context, srv Server) (*Client, func() error, error) {
	a, b := Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, a, srv, nil) }() // ends with the connection
	c, err := NewClient(ctx, end(b), nil)
	return c, func() error {
		c.Close()
		return <-served
	}, err
}

// TestClientTurns: all that is true of a Client whose own goroutine reads is true of
// one whose calls do.
func TestClientTurns(t *testing.T) {
	endAt(t, deadline)
	for _, tt := range []struct {
		name string
		test func(*testing.T)
	}{
		{"TestClientClunk", TestClientClunk},
		{"TestClientHostile", TestClientHostile},
		{"TestNewClientFails", TestNewClientFails},
		{"TestClientInterrupts", TestClientInterrupts},
		{"TestClientPipelines", TestClientPipelines},
		{"TestClientSame", TestClientSame},
		{"TestClientOneAtATime", TestClientOneAtATime},
		{"TestClientAheadEnds", TestClientAheadEnds},
		{"TestClientAheadClose", TestClientAheadClose},
		{"TestClientAheadAges", TestClientAheadAges},
		{"TestClientCancel", TestClientCancel},
		{"TestClientFlush", TestClientFlush},
		{"TestClientFlushOpen", TestClientFlushOpen},
		{"TestClientFlushCreate", TestClientFlushCreate},
		{"TestClientWriteFails", TestClientWriteFails},
		{"TestRedialSuite", TestRedialSuite},
	} {
		t.Run(tt.name, tt.test)
	}
}

// alone has a client's calls read for themselves.
func alone(t *testing.T, p *peer, root File) {
	t.Helper()
	for range 4 {
		done := make(chan error, 1)
		go func() { _, err := root.Stat(t.Context()); done <- err }()
		m, err := readFcall(p.in)
		if err != nil || m.Type != Tstat {
			t.Fatal(m, err)
		}
		p.reply(Fcall{Type: Rstat, Tag: m.Tag})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// A call that is over while half of a reply has come, to it or to another, leaves the
// rest to who reads next.
func TestClientTurnHalf(t *testing.T) {
	endAt(t, deadline)
	long := Fcall{Type: Rread, Data: pattern(6000)}
	short := Fcall{Type: Rstat, Tag: 1}
	for _, tt := range []struct {
		name  string
		reply Fcall
		at    int // where it is cut
	}{
		{"in the size", long, 2},
		{"in the head", long, 10},
		{"in the data", long, 100},
		{"in data that do not fit the buffer", long, 5000},
		{"before the last byte", long, 6010},
		{"in another's", short, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeer(t)
				defer c.Close()
				alone(t, p, root)
				ctx, cancel := context.WithCancel(t.Context())
				read, stat := make(chan error, 1), make(chan error, 1)
				go func() {
					_, err := root.Read(ctx, make([]byte, 6000), 0)
					read <- err
				}()
				p.expect("Tread tag 0 fid 0 offset 0 count 6000")
				go func() { _, err := root.Stat(t.Context()); stat <- err }()
				p.expect("Tstat tag 1 fid 0")
				b, err := tt.reply.Append(nil)
				if err != nil {
					t.Fatal(err)
				}
				p.conn.Write(b[:tt.at])
				synctest.Wait()
				cancel()
				if err := <-read; err != ErrIntr {
					t.Errorf("the call that is over: %v", err)
				}
				p.expect("Tflush tag 2 oldtag 0")
				p.conn.Write(b[tt.at:])
				p.reply(Fcall{Type: Rflush, Tag: 2})
				if tt.reply.Tag != 1 {
					p.reply(Fcall{Type: Rstat, Tag: 1})
				}
				if err := <-stat; err != nil {
					t.Errorf("the other: %v", err)
				}
				alone(t, p, root)
				p.quiet()
			})
		})
	}
}

// Nobody reads: the client's goroutine does, soon, and so it notices the end.
func TestClientTurnRest(t *testing.T) {
	endAt(t, deadline)
	synctest.Test(t, func(t *testing.T) {
		p, c, root := newPeer(t)
		defer c.Close()
		alone(t, p, root)
		start := time.Now()
		p.conn.Close()
		<-c.Done()
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// A peer that reads nothing holds nobody up who has gone.
func TestClientTurnDeaf(t *testing.T) {
	for _, tt := range []struct {
		name string
		call func(ctx context.Context, root File) error
	}{
		{"long", func(ctx context.Context, root File) error {
			_, err := root.Write(ctx, make([]byte, 8000), 0)
			return err
		}},
		{"short", func(ctx context.Context, root File) error { _, err := root.Stat(ctx); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) { deaf(t, tt.call) })
	}
}

func deaf(t *testing.T, call func(ctx context.Context, root File) error) {
	near, far := sockets(t)
	defer far.Close()
	go func() { // ends with far
		p := &peer{t: t, conn: far}
		io.ReadFull(far, make([]byte, 19))
		p.reply(Fcall{Type: Rversion, Tag: NOTAG, Msize: 8192, Version: "9P2000"})
		io.ReadFull(far, make([]byte, 4+1+2+4+4+2+6+2))
		p.reply(Fcall{Type: Rattach, Qid: Qid{Type: QTDIR}})
	}()
	c, err := NewClient(t.Context(), near, nil)
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 400 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if err := call(ctx, root); err != ErrIntr {
			t.Errorf("a call that is over: %v", err)
		}
		cancel()
	}
	root.Close()
	c.Close()
}

// A clogged connection takes nothing until it is emptied.
type clogged struct {
	*deadlined
	empty chan struct{} // closed; nil: it takes all
}

func (f *clogged) Write(p []byte) (int, error) {
	if f.empty != nil {
		<-f.empty
	}
	return f.deadlined.Write(p)
}

// Who reads does not write, as the server may wait for what he reads.
func TestClientTurnFull(t *testing.T) {
	var conn *clogged
	endAt(t, func(c io.ReadWriteCloser) io.ReadWriteCloser {
		conn = &clogged{deadlined: deadline(c).(*deadlined)}
		return conn
	})
	synctest.Test(t, func(t *testing.T) {
		p, c, root := newPeer(t)
		defer c.Close()
		alone(t, p, root)
		ctx, cancel := context.WithCancel(t.Context())
		walk, stat := make(chan error, 1), make(chan error, 1)
		go func() { _, err := root.Walk(ctx, "x"); walk <- err }()
		p.expect(`Twalk tag 0 fid 0 newfid 1 nwname 1 "x"`)
		cancel()
		if err := <-walk; err != ErrIntr {
			t.Errorf("walk: %v", err)
		}
		p.expect("Tflush tag 1 oldtag 0")
		go func() { _, err := root.Stat(t.Context()); stat <- err }()
		p.expect("Tstat tag 2 fid 0")
		synctest.Wait()
		conn.empty = make(chan struct{})
		p.reply(Fcall{Type: Rwalk, Wqid: []Qid{{}}}) // which costs a Tclunk
		p.reply(Fcall{Type: Rstat, Tag: 2})
		if err := <-stat; err != nil {
			t.Errorf("stat: %v", err)
		}
		close(conn.empty)
		p.expect("Tclunk tag 3 fid 1")
		p.quiet()
	})
}

// TestClientTurnCrowd has many use one client at a socket of the host, some in a
// hurry: what each reads is what is there.
func TestClientTurnCrowd(t *testing.T) {
	const size = 300_000
	fs, text := stored(t, size)
	srv := ninetest.Strict(fs)
	near, far := sockets(t)
	served := make(chan error, 1)
	go func() { served <- Serve(context.Background(), far, srv, nil) }() // ends with the connection
	c, err := NewClient(t.Context(), near, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 60 {
				hurry(t, c, text, r)
			}
		})
	}
	wg.Wait()
	if root, err := c.Attach(t.Context(), "glenda", ""); err != nil {
		t.Errorf("afterwards: %v", err)
	} else {
		root.Close()
	}
	c.Close()
	if err := <-served; err != nil && !strings.Contains(err.Error(), "connection reset") { // by one that has not read all
		t.Error(err)
	}
	if err := srv.Check(); err != nil {
		t.Error(err)
	}
}

// hurry reads a part of the file, which may end before it is done.
func hurry(t *testing.T, c *Client, text []byte, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(3000))*time.Microsecond)
	defer cancel()
	f, err := openAt(t, c, "glenda", OREAD, "f")
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for off, p := 0, make([]byte, 1+r.IntN(100_000)); off < len(text); {
		n, err := f.Read(ctx, p, int64(off))
		if err != nil {
			if err != ErrIntr {
				t.Errorf("at %d: %v", off, err)
			}
			return
		}
		if n == 0 || !bytes.Equal(p[:n], text[off:off+n]) {
			t.Errorf("at %d: %d bytes, not those of the file", off, n)
			return
		}
		off += n
	}
}
