package ninep_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "ufo/ninep"
)

// A deadlined is the end of a pipe with what makes it a socket to a Client: so its
// calls read for themselves.
type deadlined struct {
	io.ReadWriteCloser

	mu      sync.Mutex // guards the fields below
	changed sync.Cond
	text    []byte // was read and is not given yet
	err     error  // comes after it
	closed  bool
	late    bool // the deadline of reads is past
	clogged bool // it takes only room bytes
	room    int
	tooLate bool // the deadline of writes is past
}

// deadline returns the end of a pipe with deadlines.
func deadline(conn io.ReadWriteCloser) io.ReadWriteCloser {
	d := &deadlined{ReadWriteCloser: conn}
	d.changed.L = &d.mu
	go func() { // ends with conn
		for b := make([]byte, 64<<10); ; {
			n, err := conn.Read(b)
			d.mu.Lock()
			for len(d.text) > 0 && !d.closed {
				d.changed.Wait()
			}
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
	if d.text = d.text[n:]; len(d.text) == 0 {
		d.changed.Broadcast()
	}
	if n > 0 {
		return n, nil
	}
	return 0, d.err
}

func (d *deadlined) Close() error {
	d.mu.Lock()
	d.closed = true
	d.changed.Broadcast()
	d.mu.Unlock()
	return d.ReadWriteCloser.Close()
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = !t.IsZero() && t.Before(time.Now())
	d.changed.Broadcast()
	return nil
}

func (d *deadlined) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for done := 0; ; {
		for d.clogged && d.room == 0 && !d.tooLate {
			d.changed.Wait()
		}
		if d.tooLate {
			return done, os.ErrDeadlineExceeded
		}
		n := len(p) - done
		if d.clogged {
			n = min(n, d.room)
			d.room -= n
		}
		d.mu.Unlock()
		m, err := d.ReadWriteCloser.Write(p[done : done+n])
		d.mu.Lock()
		if done += m; err != nil || done == len(p) {
			return done, err
		}
	}
}

// clog has it take no more than room bytes, until it is emptied.
func (d *deadlined) clog(room int) {
	d.mu.Lock()
	d.clogged, d.room = true, room
	d.mu.Unlock()
}

func (d *deadlined) empty() {
	d.mu.Lock()
	d.clogged = false
	d.changed.Broadcast()
	d.mu.Unlock()
}

func (d *deadlined) SetWriteDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tooLate = !t.IsZero() && t.Before(time.Now())
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

// deadlineAt makes it one with deadlines.
func deadlineAt(t *testing.T) *(*deadlined) {
	conn := new(*deadlined)
	endAt(t, func(c io.ReadWriteCloser) io.ReadWriteCloser {
		*conn = deadline(c).(*deadlined)
		return *conn
	})
	return conn
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
