//go:build unix

package post

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// TestSocket posts at names that are free, and at others.
func TestSocket(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0)) // who would let everybody in
	for _, row := range []struct {
		name string
		make func(t *testing.T, name string)
		want string // of the error
	}{
		{"free", func(*testing.T, string) {}, ""},
		{"dead socket", func(t *testing.T, name string) {
			l, err := net.Listen("unix", name)
			if err != nil {
				t.Fatal(err)
			}
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			l.Close()
		}, ""},
		{"living socket", func(t *testing.T, name string) {
			l, err := net.Listen("unix", name)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
		}, "somebody listens there already"},
		{"file", func(t *testing.T, name string) {
			if err := os.WriteFile(name, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "exists, and is no socket of yours"},
		{"directory", func(t *testing.T, name string) {
			if err := os.Mkdir(name, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "exists, and is no socket of yours"},
		{"link to nothing", func(t *testing.T, name string) {
			if err := os.Symlink("nothing", name); err != nil {
				t.Fatal(err)
			}
		}, "exists, and is no socket of yours"},
		{"another's dead socket", func(t *testing.T, name string) {
			l, err := net.Listen("unix", name)
			if err != nil {
				t.Fatal(err)
			}
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			l.Close()
			if err := os.Lchown(name, 12345, 12345); err != nil {
				t.Skip(err)
			}
		}, "exists, and is no socket of yours"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "post") // a shorter name than TempDir's
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			name := filepath.Join(dir, "s")
			row.make(t, name)
			before, _ := os.Lstat(name)
			l, err := listenSocket(name)
			if row.want != "" {
				if err == nil || !strings.HasSuffix(err.Error(), row.want) {
					t.Errorf("%v, want %q", err, row.want)
				}
				if after, err := os.Lstat(name); err != nil || !os.SameFile(before, after) {
					t.Error("it is gone")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Lstat(name); err != nil || info.Mode() != os.ModeSocket|0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			l.Close()
			if _, err := os.Lstat(name); err == nil {
				t.Error("still there")
			}
		})
	}
	if _, err := listenSocket("/" + strings.Repeat("x", 200)); err == nil || !strings.Contains(err.Error(), "at most 103 bytes") {
		t.Errorf("long name: %v", err)
	}
	if _, err := listenSocket("/no such folder/s"); err == nil {
		t.Error("posted in no folder")
	}
}

// TestSocketReplaced closes a listener whose name somebody else has meanwhile.
func TestSocketReplaced(t *testing.T) {
	dir, err := os.MkdirTemp("", "post")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "s")
	first, err := listenSocket(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	second, err := listenSocket(name)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	first.Close()
	if _, err := os.Lstat(name); err != nil {
		t.Error("the other's socket is gone")
	}
}

// TestServeSocket serves a tree at a socket, among callers who say nonsense.
func TestServeSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "post")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := listenSocket(filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	strict := ninetest.Strict(ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "text\n"),
		{Name: "bug", Read: func(context.Context) ([]byte, error) { panic("a bug") }}}}))
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var logged []string // by calls one after the other
	all.Go(func() {
		ServeListener(ctx, l, strict, &Options{Grace: -1, Log: func(msg string) { logged = append(logged, msg) }})
	})
	dial := func() net.Conn {
		c, err := net.Dial("unix", filepath.Join(dir, "s"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	dial() // and says nothing
	bad := dial()
	io.WriteString(bad, "\xff\xff\xff\xffnonsense")
	io.Copy(io.Discard, bad)
	client, err := ninep.NewClient(t.Context(), dial(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := (ninetest.Options{NoRead: true}).Test(t.Context(), client); err != nil {
		t.Error(err)
	}
	root, err := client.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ninep.ReadFile(t.Context(), root, "bug"); err == nil {
		t.Error("the bug went unnoticed")
	}
	if data, err := ninep.ReadFile(t.Context(), root, "f"); err != nil || string(data) != "text\n" {
		t.Errorf("%q, %v", data, err)
	}
	cancel()
	all.Wait()
	client.Close()
	if len(logged) != 1 || !strings.Contains(logged[0], "panic: a bug") {
		t.Errorf("logged: %q", logged)
	}
	if err := strict.Check(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "s")); err == nil {
		t.Error("the socket is still there")
	}
}

// A lineListener takes calls in memory.
type lineListener struct {
	calls chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *lineListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *lineListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *lineListener) Addr() net.Addr { return &net.UnixAddr{Name: "line"} }

// Who connects and does nothing keeps nobody's place.
func TestServeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := &lineListener{calls: make(chan net.Conn), done: make(chan struct{})}
		served := make(chan struct{})
		go func() {
			ServeListener(ctx, l, ninep.NewTree("glenda", &ninep.Node{}), &Options{Log: func(msg string) { t.Error(msg) }})
			close(served)
		}()
		silent, there := net.Pipe()
		l.calls <- there
		speaks, there := net.Pipe()
		l.calls <- there
		c, err := ninep.NewClient(ctx, speaks, nil)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if _, err := silent.Read(make([]byte, 1)); err != io.EOF || time.Since(begin) != time.Minute {
			t.Errorf("hung up after %v: %v", time.Since(begin), err)
		}
		time.Sleep(1000 * time.Hour)
		if root, err := c.Attach(ctx, "glenda", ""); err != nil {
			t.Errorf("who has spoken once: %v", err)
		} else {
			root.Close()
		}
		c.Close()
		cancel()
		<-served
	})
}
