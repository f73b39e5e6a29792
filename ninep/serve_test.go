package ninep_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// input is a connection on which somebody has written once and for all.
type input struct{ io.Reader }

func (input) Write(p []byte) (int, error) { return len(p), nil }
func (input) Close() error                { return nil }

// FuzzServe: no bytes do more harm than to end their connection.
func FuzzServe(f *testing.F) {
	session := func(more ...Fcall) {
		b, _ := (&Fcall{Type: Tversion, Tag: NOTAG, Msize: 8192, Version: "9P2000"}).Append(nil)
		for i, m := range append([]Fcall{{Type: Tattach, Afid: NOFID}}, more...) {
			m.Tag = uint16(i)
			b, _ = m.Append(b)
		}
		f.Add(b)
	}
	session(Fcall{Type: Twalk, Newfid: 1, Wname: []string{"dir", "a", "..", "x"}}, Fcall{Type: Tstat}, Fcall{Type: Tclunk})
	session(Fcall{Type: Twalk, Wname: []string{"motd"}}, Fcall{Type: Topen}, Fcall{Type: Tread, Count: 10}, Fcall{Type: Tremove})
	session(Fcall{Type: Tcreate, Name: "x", Perm: 0666, Mode: ORDWR | ORCLOSE}, Fcall{Type: Twrite, Data: []byte("hi")})
	session(Fcall{Type: Topen}, Fcall{Type: Tread, Count: 100}, Fcall{Type: Tread, Offset: 68, Count: 8192})
	session(Fcall{Type: Twalk, Newfid: 1, Wname: []string{"block"}}, Fcall{Type: Topen, Fid: 1}, Fcall{Type: Tread, Fid: 1, Count: 10},
		Fcall{Type: Tflush, Oldtag: 3}, Fcall{Type: Twstat, Stat: NullDir}, Fcall{Type: Tversion, Msize: 8192, Version: "9P2000"})
	session(Fcall{Type: Tauth, Afid: 5}, Fcall{Type: Twrite, Fid: 5, Data: []byte("swordfish")}, Fcall{Type: Tattach, Fid: 6, Afid: 5})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, srv := range []Server{world(), guarded{world()}, prompt{world()}, prompt{guarded{world()}}} {
			strict := ninetest.Strict(srv)
			Serve(t.Context(), input{bytes.NewReader(b)}, strict, &ServeOptions{Fids: 100, Requests: 100})
			if err := strict.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Serve ends when its context does, with calls in progress and a peer that
// does not read.
func TestServeContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		srv := ninetest.Strict(world())
		a, b := Pipe()
		served := make(chan error)
		go func() { served <- Serve(ctx, a, srv, nil) }()
		c, err := NewClient(t.Context(), b, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := openAt(t, c, "glenda", OREAD, "block")
		if err != nil {
			t.Fatal(err)
		}
		pending := make(chan error)
		go func() {
			_, err := f.Read(t.Context(), make([]byte, 10), 0)
			pending <- err
		}()
		synctest.Wait()
		why := errors.New("halt")
		cancel(why)
		if err := <-served; err != why {
			t.Errorf("Serve returned %v", err)
		}
		if err := <-pending; err != ErrHungup {
			t.Errorf("read returned %v", err)
		}
		<-c.Done()
		c.Close()
		if err := srv.Check(); err != nil {
			t.Error(err)
		}
	})
}

// A peer that sends and does not read is waited for, until the end.
func TestServeDeafPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		srv := ninetest.Strict(world())
		a, b := Pipe()
		served := make(chan error)
		go func() { served <- Serve(ctx, a, srv, nil) }()
		send := func(m Fcall) error {
			p, _ := m.Append(nil)
			_, err := b.Write(p)
			return err
		}
		send(Fcall{Type: Tversion, Tag: NOTAG, Msize: 65536, Version: "9P2000"})
		send(Fcall{Type: Tattach, Afid: NOFID})
		go func() {
			for i := uint16(1); send(Fcall{Type: Tstat, Tag: i}) == nil; i++ {
			}
		}()
		synctest.Wait()
		cancel()
		if err := <-served; err != context.Canceled {
			t.Errorf("Serve returned %v", err)
		}
		if err := srv.Check(); err != nil {
			t.Error(err)
		}
	})
}

// What is read and written is cut into messages and put together again, for
// every size of message.
func TestSplit(t *testing.T) {
	var buf []byte
	var longest int
	tree := NewTree("glenda", &Node{Children: []*Node{{Name: "f", Perm: 0666,
		ReadAt: func(_ context.Context, p []byte, off int64) (int, error) {
			longest = max(longest, len(p))
			if off > int64(len(buf)) {
				return 0, nil
			}
			return copy(p, buf[off:]), nil
		},
		WriteAt: func(_ context.Context, p []byte, off int64) (int, error) {
			longest = max(longest, len(p))
			buf = append(buf[:off], p...)
			return len(p), nil
		}}}})
	text := bytes.Repeat([]byte("0123456789abcde\n"), 1<<16) // 1 MB
	for _, tt := range []struct {
		name           string
		client, server uint32
		want           int // bytes in one message
	}{
		{"default", 0, 0, 64 << 10},
		{"small client", 8192, 0, 8192 - IOHDRSZ},
		{"small server", 0, 8192, 8192 - IOHDRSZ},
		{"largest", 1 << 30, 1 << 30, 1 << 20},
		{"too small", 1, 1, 8192 - IOHDRSZ},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := Pipe()
			served := make(chan error)
			go func() { served <- Serve(t.Context(), a, tree, &ServeOptions{Msize: tt.server}) }()
			c, err := NewClient(t.Context(), b, &ClientOptions{Msize: tt.client})
			if err != nil {
				t.Fatal(err)
			}
			buf, longest = nil, 0
			f, err := openAt(t, c, "glenda", ORDWR, "f")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.Write(t.Context(), text, 0); n != len(text) || err != nil {
				t.Errorf("write: %d, %v", n, err)
			}
			got := make([]byte, len(text)+10)
			n, err := f.Read(t.Context(), got, 0)
			if !bytes.Equal(got[:n], text) || err != nil {
				t.Errorf("read: %d bytes, %v", n, err)
			}
			if longest != tt.want {
				t.Errorf("longest message has %d bytes of data, want %d", longest, tt.want)
			}
			c.Close()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
	}
}

// A client is a Server: one can be served again, and traced, and checked
// from every side, and is still what it was.
func TestServeClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		strict := ninetest.Strict(Trace(&lines, ramfs.New("glenda", time.Now, 0)))
		near, stop, err := ninetest.Wire(t.Context(), strict)
		if err != nil {
			t.Fatal(err)
		}
		far, stop2, err := ninetest.Wire(t.Context(), ninetest.Strict(near))
		if err != nil {
			t.Fatal(err)
		}
		if err := ninetest.TestServer(t.Context(), far); err != nil {
			t.Error(err)
		}
		if err := stop2(); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(lines.Bytes(), []byte("\nTremove tag 0")) {
			t.Errorf("trace is\n%s", lines.Bytes())
		}
	})
}

// Authentication goes through, too.
func TestServeClientAuth(t *testing.T) {
	ctx := t.Context()
	near, stop, err := ninetest.Wire(ctx, Trace(io.Discard, guarded{world()}))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	far, stop2, err := ninetest.Wire(ctx, ninetest.Strict(Trace(io.Discard, near)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop2()
	if _, err := far.Attach(ctx, "glenda", ""); err != ErrPerm {
		t.Errorf("attach without authentication: %v", err)
	}
	auth, err := far.Auth(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	if _, err := auth.Write(ctx, []byte("swordfish"), 0); err != nil {
		t.Error(err)
	}
	root, err := far.AttachAuth(ctx, auth, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	root.Close()
}

// A panic in a call is told, and is an error for who asked; the connection
// goes on.
func TestServePanic(t *testing.T) {
	ctx := context.Background()
	oops := &Node{Name: "oops", Read: func(context.Context) ([]byte, error) { panic("oops") }}
	srv := NewTree("glenda", &Node{Children: []*Node{oops, Text("motd", "hello\n")}})
	a, b := Pipe()
	var told any
	served := make(chan error)
	go func() { served <- Serve(ctx, b, srv, &ServeOptions{Panic: func(v any) { told = v }}) }()
	c, err := NewClient(ctx, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.Attach(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(ctx, root, "oops"); !errors.Is(err, ErrIO) || told != "oops" {
		t.Errorf("%v, told %v", err, told)
	}
	if text, err := ReadFile(ctx, root, "motd"); string(text) != "hello\n" {
		t.Errorf("%q %v", text, err)
	}
	root.Close()
	c.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
