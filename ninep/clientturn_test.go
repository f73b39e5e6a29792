package ninep_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

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
	write := func(size int) func(ctx context.Context, root File) error {
		return func(ctx context.Context, root File) error {
			_, err := root.Write(ctx, make([]byte, size), 0)
			return err
		}
	}
	for _, tt := range []struct {
		name string
		call func(ctx context.Context, root File) error
	}{
		{"longest", write(60_000)},
		{"long", write(8000)},
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
		p.reply(Fcall{Type: Rversion, Tag: NOTAG, Msize: DefaultMsize, Version: "9P2000"})
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

// Who reads does not write, as the server may wait for what he reads.
func TestClientTurnFull(t *testing.T) {
	conn := deadlineAt(t)
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
		(*conn).clog(0)
		p.reply(Fcall{Type: Rwalk, Wqid: []Qid{{}}}) // which costs a Tclunk
		p.reply(Fcall{Type: Rstat, Tag: 2})
		if err := <-stat; err != nil {
			t.Errorf("stat: %v", err)
		}
		(*conn).empty()
		p.expect("Tclunk tag 3 fid 1")
		p.quiet()
	})
}

// A call that is over while it writes a long request leaves the rest to be written, and
// what it is too late to break off is written nevertheless.
func TestClientTurnLong(t *testing.T) {
	conn := deadlineAt(t)
	const size = 60_000
	for _, tt := range []struct {
		name string
		room int
	}{
		{"nothing is written", 0},
		{"the head", 10},
		{"some data", 40_000},
		{"all but a byte", 23 + size - 1},
		{"all", 23 + size},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeerOf(t, DefaultMsize)
				defer c.Close()
				alone(t, p, root)
				(*conn).clog(tt.room)
				ctx, cancel := context.WithCancel(t.Context())
				write, stat := make(chan error, 1), make(chan error, 1)
				go func() { _, err := root.Write(ctx, pattern(size), 0); write <- err }()
				synctest.Wait()
				go func() { _, err := root.Stat(t.Context()); stat <- err }()
				synctest.Wait()
				cancel()
				if err := <-write; err != ErrIntr {
					t.Errorf("the call that is over: %v", err)
				}
				(*conn).empty()
				m, err := readFcall(p.in)
				if err != nil || m.Type != Twrite || !bytes.Equal(m.Data, pattern(size)) {
					t.Fatalf("%v of %d bytes, %v", m.Type, len(m.Data), err)
				}
				p.expect("Tstat tag 1 fid 0", "Tflush tag 2 oldtag 0")
				p.reply(Fcall{Type: Rstat, Tag: 1})
				p.reply(Fcall{Type: Rflush, Tag: 2})
				if err := <-stat; err != nil {
					t.Errorf("stat: %v", err)
				}
				(*conn).SetWriteDeadline(time.Unix(1, 0)) // as one does who is late
				alone(t, p, root)
				p.quiet()
			})
		})
	}
}

// Who writes what he reads ahead does not wait for the goroutine that reads when nobody
// does: the server, which nobody reads from, takes nothing.
func TestClientTurnCopy(t *testing.T) {
	endAt(t, deadline)
	synctest.Test(t, func(t *testing.T) {
		const size, unit = 2 << 20, DefaultMsize - IOHDRSZ
		fs, text := stored(t, size)
		c, stop, err := wire(t.Context(), fs)
		if err != nil {
			t.Fatal(err)
		}
		from := openFile(t, c, OREAD)
		root, err := c.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		to, err := root.Create(t.Context(), "to", 0600, OWRITE)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for off, p := int64(0), make([]byte, unit); off < size; off += unit {
			if n, err := from.Read(t.Context(), p, off); n != unit || err != nil || !bytes.Equal(p, text[off:off+unit]) {
				t.Fatalf("at %d: %d bytes read, %v", off, n, err)
			}
			if n, err := to.Write(t.Context(), p, off); n != unit || err != nil {
				t.Fatalf("at %d: %d bytes written, %v", off, n, err)
			}
		}
		if took := time.Since(start); took >= 10*time.Millisecond {
			t.Errorf("took %v, of which somebody waited", took)
		}
		for _, f := range []File{from, to, root} {
			f.Close()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
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

// hurry reads a part of the file, which may end before it is done, or writes there
// what is there.
func hurry(t *testing.T, c *Client, text []byte, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(3000))*time.Microsecond)
	defer cancel()
	f, err := openAt(t, c, "glenda", ORDWR, "f")
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	writes := r.IntN(3) == 0
	for off, p := 0, make([]byte, 1+r.IntN(100_000)); off < len(text); {
		var n int
		if writes {
			n, err = f.Write(ctx, text[off:min(off+len(p), len(text))], int64(off))
			copy(p, text[off:])
		} else {
			n, err = f.Read(ctx, p, int64(off))
		}
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
