package ninetest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
)

// device returns a tree with a file of each kind.
func device() *ninep.Tree {
	block := func(ctx context.Context, _ []byte, _ int64) (int, error) {
		<-ctx.Done()
		return 0, ninep.ErrIntr
	}
	return ninep.NewTree("sys", &ninep.Node{Children: []*ninep.Node{
		ninep.Text("motd", strings.Repeat("hello, world\n", 1000)),
		{Name: "block", ReadAt: block},
		{Name: "ctl", Write: func(context.Context, []byte) error { return nil }},
		{Name: "dir", Children: []*ninep.Node{ninep.Text("empty", "")}},
	}})
}

func TestServerDirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := TestServer(t.Context(), device()); err != nil {
			t.Error(err)
		}
	})
}

func TestServerOverWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		strict := Strict(device())
		c, stop, err := Wire(t.Context(), strict)
		if err != nil {
			t.Fatal(err)
		}
		if err := TestServer(t.Context(), c); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
	})
}

// A broken server is one whose files do something wrong.
func TestServerFinds(t *testing.T) {
	tree := func(nodes ...*ninep.Node) ninep.Server {
		return ninep.NewTree("sys", &ninep.Node{Children: nodes})
	}
	for _, tt := range []struct {
		name string
		srv  ninep.Server
		want string
	}{
		{"root is a file", ninep.NewTree("sys", &ninep.Node{Perm: 0444}), "the root is no directory"},
		{"bad name", tree(ninep.Text("a/b", "")), `lists "a/b"`},
		{"name twice", tree(ninep.Text("a", ""), ninep.Text("a", "")), `lists "a" twice`},
		{"qid twice", tree(&ninep.Node{Name: "a", Path: 7}, &ninep.Node{Name: "b", Path: 7}), "the same qid"},
		{"length", tree(&ninep.Node{Name: "a", Perm: 0444, Stat: func(d *ninep.Dir) { d.Length = 5 }}), "reads give 0 bytes"},
		{"no owner", ninep.NewTree("", &ninep.Node{Children: []*ninep.Node{}}), "no owner"},
		{"mode and qid", tree(&ninep.Node{Name: "a", Stat: func(d *ninep.Dir) { d.Mode |= ninep.DMAPPEND }}), "type bits"},
		{"io.EOF", tree(&ninep.Node{Name: "a", ReadAt: func(context.Context, []byte, int64) (int, error) { return 0, io.EOF }}), "io.EOF"},
		{"count", tree(&ninep.Node{Name: "a", ReadAt: func(context.Context, []byte, int64) (int, error) { return 1 << 20, nil }}), "returned 1048576"},
		{"listed only", tree(&ninep.Node{Name: "a", Lookup: func(context.Context, string) (*ninep.Node, error) { return nil, ninep.ErrNotExist },
			List: func(context.Context) ([]*ninep.Node, error) { return []*ninep.Node{ninep.Text("x", "")}, nil }}), "is listed, but a walk says"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := TestServer(t.Context(), tt.srv)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		})
	}
}

func TestStrict(t *testing.T) {
	open := func(t *testing.T, f ninep.File) {
		if err := f.Open(t.Context(), ninep.OREAD); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, root, motd ninep.File)
		want string
	}{
		{"nothing", func(t *testing.T, root, motd ninep.File) {}, ""},
		{"read before open", func(t *testing.T, _, motd ninep.File) { motd.Read(t.Context(), nil, 0) }, "Read of a file not open"},
		{"write to OREAD", func(t *testing.T, _, motd ninep.File) { open(t, motd); motd.Write(t.Context(), nil, 0) }, "Write of a file open OREAD"},
		{"open twice", func(t *testing.T, _, motd ninep.File) { open(t, motd); motd.Open(t.Context(), ninep.OREAD) }, "Open of a file open OREAD"},
		{"walk when open", func(t *testing.T, root, _ ninep.File) { open(t, root); root.Walk(t.Context(), "motd") }, "Walk of a file open OREAD"},
		{"clone when open", func(t *testing.T, root, _ ninep.File) { open(t, root); root.Clone(t.Context()) }, "Clone of a file open OREAD"},
		{"walk in a file", func(t *testing.T, _, motd ninep.File) { motd.Walk(t.Context(), "x") }, "not a directory"},
		{"dot-dot", func(t *testing.T, root, _ ninep.File) { root.Walk(t.Context(), "..") }, `Walk of ".."`},
		{"create a/b", func(t *testing.T, root, _ ninep.File) { root.Create(t.Context(), "a/b", 0, 0) }, `Create of "a/b"`},
		{"directory for writing", func(t *testing.T, root, _ ninep.File) { root.Open(t.Context(), ninep.OWRITE) }, "Open with mode 0x1"},
		{"OCEXEC", func(t *testing.T, root, _ ninep.File) { root.Open(t.Context(), ninep.OCEXEC) }, "Open with mode 0x20"},
		{"read a directory", func(t *testing.T, root, _ ninep.File) { open(t, root); root.Read(t.Context(), nil, 0) }, "Read of a directory"},
		{"not closed", func(t *testing.T, root, _ ninep.File) { root.Walk(t.Context(), "dir") }, "/dir: not closed"},
		{"closed twice", func(t *testing.T, root, _ ninep.File) { f, _ := root.Clone(t.Context()); f.Close(); f.Close() }, "closed twice"},
		{"stat after close", func(t *testing.T, root, _ ninep.File) {
			f, _ := root.Clone(t.Context())
			f.Close()
			f.Stat(t.Context())
		}, "Stat after Close"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := Strict(device())
			root, err := srv.Attach(t.Context(), "glenda", "")
			if err != nil {
				t.Fatal(err)
			}
			motd, err := root.Walk(t.Context(), "motd")
			if err != nil {
				t.Fatal(err)
			}
			tt.do(t, root, motd)
			motd.Close()
			root.Close()
			err = srv.Check()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStrictCloseDuringCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := Strict(device())
		root, _ := srv.Attach(t.Context(), "glenda", "")
		f, _ := root.Walk(t.Context(), "block")
		f.Open(t.Context(), ninep.OREAD)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := f.Read(ctx, make([]byte, 1), 0)
			done <- err
		}()
		synctest.Wait()
		f.Close()
		cancel()
		if err := <-done; !errors.Is(err, ninep.ErrIntr) {
			t.Errorf("read: %v", err)
		}
		root.Close()
		if err := srv.Check(); err == nil || !strings.Contains(err.Error(), "Close during 1 other calls") {
			t.Errorf("got %v", err)
		}
	})
}
