package ninep_test

import (
	"bufio"
	"context"
	"io"
	"testing"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ramfs"
)

// A raw is the client's side of a connection that is served, by messages.
type raw struct {
	t      *testing.T
	conn   io.ReadWriteCloser
	in     *bufio.Reader
	served chan error
}

// serveRaw serves srv on a pipe.
func serveRaw(t *testing.T, srv Server, opt *ServeOptions) *raw {
	a, b := Pipe()
	r := &raw{t: t, conn: b, in: bufio.NewReader(b), served: make(chan error, 1)}
	go func() { r.served <- Serve(t.Context(), a, srv, opt) }()
	t.Cleanup(func() { b.Close() })
	return r
}

// send sends messages in one go.
func (r *raw) send(all ...Fcall) {
	r.t.Helper()
	var b []byte
	for _, m := range all {
		b, _ = m.Append(b)
	}
	if _, err := r.conn.Write(b); err != nil {
		r.t.Fatal(err)
	}
}

// recv returns the next message.
func (r *raw) recv() *Fcall {
	r.t.Helper()
	m, err := readFcall(r.in)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// want receives messages as they are written, in this order.
func (r *raw) want(all ...string) {
	r.t.Helper()
	for _, want := range all {
		if got := r.recv().String(); got != want {
			r.t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// begin agrees on msize, attaches as fid 0, and opens the file called name as
// fid 1.
func (r *raw) begin(msize uint32, name string, mode Mode) {
	r.t.Helper()
	r.send(Fcall{Type: Tversion, Tag: NOTAG, Msize: msize, Version: VERSION9P})
	r.recv()
	r.send(Fcall{Type: Tattach, Tag: 1, Afid: NOFID, Uname: "glenda"})
	r.recv()
	r.send(Fcall{Type: Twalk, Tag: 1, Newfid: 1, Wname: []string{name}})
	r.recv()
	r.send(Fcall{Type: Topen, Tag: 1, Fid: 1, Mode: mode})
	if m := r.recv(); m.Type != Ropen {
		r.t.Fatal(m)
	}
}

// An echo is a client that takes turns with the server: it says one thing again
// and again, and reads each reply into a buffer.
type echo struct {
	conn io.ReadWriteCloser
	ask  []byte
	buf  []byte
}

// rpc says it once, and returns how long the reply is.
func (e *echo) rpc(tb testing.TB) int {
	if _, err := e.conn.Write(e.ask); err != nil {
		tb.Fatal(err)
	}
	n, err := e.recv()
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// recv reads a message, and returns how long it is.
func (e *echo) recv() (int, error) {
	if _, err := io.ReadFull(e.conn, e.buf[:4]); err != nil {
		return 0, err
	}
	n := int(e.buf[0]) | int(e.buf[1])<<8 | int(e.buf[2])<<16
	_, err := io.ReadFull(e.conn, e.buf[4:n])
	return n, err
}

// files are a server of each kind, and a file of it: one whose calls are prompt,
// and one that the library knows nothing of.
func files(tb testing.TB) map[string]Server {
	fs := ramfs.New("glenda", time.Now, 0)
	root, err := fs.Attach(context.Background(), "glenda", "")
	if err != nil {
		tb.Fatal(err)
	}
	f, err := root.Create(context.Background(), "zero", 0666, ORDWR)
	if err != nil {
		tb.Fatal(err)
	}
	f.Write(context.Background(), make([]byte, 1<<20), 0)
	f.Close()
	root.Close()
	return map[string]Server{"prompt": fs, "any": disk()}
}
