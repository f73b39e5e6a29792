//go:build unix

package post

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ufo/ninep"
)

// folder returns a folder with a short name: that of a socket has few bytes.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "post")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// call returns the root of the server at an address, once it is there.
func call(t *testing.T, addr string) ninep.File {
	t.Helper()
	conn, err := Dial(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ninep.NewClient(t.Context(), conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	root, err := client.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// TestEnding: a server that is to end lets requests go that wait, and in the end
// returns without an error; nobody else is let in.
func TestEnding(t *testing.T) {
	addr := "unix!" + filepath.Join(folder(t), "s")
	l, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	var events ninep.Events
	asked := make(chan struct{})
	slow := &ninep.Node{Name: "slow", Write: func(ctx context.Context, _ []byte) error {
		close(asked)
		<-ctx.Done()
		return ninep.ErrIntr
	}}
	srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{events.File("events"), slow}})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { // ends with ctx
		ended <- ServeListener(ctx, l, srv, &Options{Ending: events.Close, Log: func(msg string) { t.Error(msg) }})
	}()
	root := call(t, addr)
	f, err := ninep.OpenFile(t.Context(), root, "events", ninep.OREAD)
	if err != nil {
		t.Fatal(err)
	}
	events.Send("one")
	p := make([]byte, 10)
	if n, err := f.Read(t.Context(), p, 0); string(p[:n]) != "one" || err != nil {
		t.Errorf("%q, %v", p[:n], err)
	}
	read, write := make(chan error, 1), make(chan error, 1)
	go func() { // ends with the stream
		_, err := f.Read(t.Context(), p, 0)
		read <- err
	}()
	go func() { // ends after Grace
		write <- ninep.WriteFile(t.Context(), root, "slow", []byte("x"), 0)
	}()
	<-asked
	end()
	if err := <-read; err != nil {
		t.Errorf("the read that waited: %v", err)
	}
	if err := <-write; err == nil {
		t.Error("what does not end was answered")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := Dial(t.Context(), addr); err == nil {
		t.Error("somebody was let in")
	}
}

// TestServe posts a server at addresses of each kind.
func TestServe(t *testing.T) {
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NAMESPACE", dir)
	srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "text")}})
	for _, tt := range []struct{ name, addr, at string }{
		{"path", filepath.Join(dir, "path"), "unix!" + filepath.Join(dir, "path")},
		{"socket", "unix!" + filepath.Join(dir, "socket"), "unix!" + filepath.Join(dir, "socket")},
		{"name", "posted", "unix!" + filepath.Join(dir, "posted")},
		{"port", "tcp!127.0.0.1!0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- Serve(ctx, tt.addr, srv, nil) }() // ends with ctx
			if tt.at != "" {
				for { // it is there soon, or Serve has ended
					if c, err := Dial(t.Context(), tt.at); err == nil {
						c.Close()
						break
					}
					select {
					case err := <-ended:
						t.Fatal(err)
					default:
					}
				}
				if text, err := ninep.ReadFile(t.Context(), call(t, tt.at), "f"); string(text) != "text" || err != nil {
					t.Errorf("%q, %v", text, err)
				}
			}
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	for _, addr := range []string{"udp!x!1", "a!b!c!d", "unix!" + dir, "/no such folder/x", "tcp!127.0.0.1!no such port"} {
		if err := Serve(t.Context(), addr, srv, nil); err == nil {
			t.Errorf("served at %s", addr)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), "open", srv, nil); err == nil {
		t.Error("posted where others can be")
	}
}
