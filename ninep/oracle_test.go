//go:build !plan9

// Their client does not build on Plan 9, which has its own.

package ninep_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"9fans.net/go/plan9"
	"9fans.net/go/plan9/client"
	"9fans.net/go/plan9/srv9p"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// Another client, written by others, finds in our server what there is.
func TestTheirClient(t *testing.T) {
	a, b := Pipe()
	srv := ninetest.Strict(world())
	served := make(chan error)
	go func() { served <- Serve(t.Context(), a, srv, nil) }()
	c, err := client.NewConn(b)
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := c.Attach(nil, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := fsys.Open("dir/a/b/file", plan9.OREAD)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(f); string(text) != "deep" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	f.Close()
	if _, err := fsys.Open("nothing", plan9.OREAD); err == nil || !strings.Contains(err.Error(), string(ErrNotExist)) {
		t.Errorf("open: %v", err)
	}
	if f, err = fsys.Create("new", plan9.ORDWR, 0666); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := fsys.Remove("new"); err != nil {
		t.Error(err)
	}
	if f, err = fsys.Open("/", plan9.OREAD); err != nil {
		t.Fatal(err)
	}
	dirs, err := f.Dirreadall()
	if len(dirs) != 7 || err != nil || dirs[0].Name != "motd" || dirs[0].Length != 13 {
		t.Errorf("directory has %v, %v", dirs, err)
	}
	f.Close()
	b.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := srv.Check(); err != nil {
		t.Error(err)
	}
}

// Our client finds what there is in another server, which keeps the rules,
// as far as ours can see.
func TestTheirServer(t *testing.T) {
	tree := srv9p.NewTree("sys", "sys", plan9.DMDIR|0775, nil)
	dir, err := tree.Root.Create("dir", "sys", plan9.DMDIR|0775, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Create("motd", "sys", 0444, nil); err != nil {
		t.Fatal(err)
	}
	srv := &srv9p.Server{Tree: tree, Read: func(_ context.Context, fid *srv9p.Fid, data []byte, offset int64) (int, error) {
		return fid.ReadString(data, offset, "hello")
	}}
	a, b := Pipe()
	done := make(chan bool)
	go func() {
		srv.Serve(a, a)
		close(done)
	}()
	c, err := NewClient(t.Context(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := ReadFile(t.Context(), root, "dir/motd"); string(text) != "hello" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	if err := ninetest.TestServer(t.Context(), c); err != nil {
		t.Error(err)
	}
	root.Close()
	c.Close()
	<-done
}
