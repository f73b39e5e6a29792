package ninetest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
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

// Servers that keep the rules, directly and over a wire.
func TestServerPasses(t *testing.T) {
	for _, tt := range []struct {
		name string
		srv  func() ninep.Server
	}{
		{"device", func() ninep.Server { return device() }},
		{"storage", func() ninep.Server { return ramfs.New("glenda", time.Now, 0) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				strict := Strict(tt.srv())
				if err := TestServer(t.Context(), strict); err != nil {
					t.Errorf("directly: %v", err)
				}
				c, stop, err := Wire(t.Context(), strict)
				if err != nil {
					t.Fatal(err)
				}
				if err := TestServer(t.Context(), c); err != nil {
					t.Errorf("over a wire: %v", err)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
				if err := strict.Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What is wrong with a device is found.
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

// twisted is a Server of files that do something else than they are told.
type twisted struct {
	ninep.Server
	file func(ninep.File) ninep.File
}

func (s twisted) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return s.twist(f, err)
}

func (s twisted) twist(f ninep.File, err error) (ninep.File, error) {
	if err != nil {
		return nil, err
	}
	return twistedFile{s.file(f), s}, nil
}

type twistedFile struct {
	ninep.File
	s twisted
}

func (f twistedFile) Clone(ctx context.Context) (ninep.File, error) {
	nf, err := f.File.Clone(ctx)
	return f.s.twist(nf, err)
}

func (f twistedFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	nf, err := f.File.Walk(ctx, name)
	return f.s.twist(nf, err)
}

func (f twistedFile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	nf, err := f.File.Create(ctx, name, perm, mode)
	return f.s.twist(nf, err)
}

// The ways in which files are twisted.
type (
	noTrunc  struct{ ninep.File }
	noRclose struct{ ninep.File }
	noAppend struct{ ninep.File }
	noRemove struct{ ninep.File }
	noSize   struct{ ninep.File }
	halfStat struct{ ninep.File }
	anyStat  struct{ ninep.File }
)

func (f noTrunc) Open(ctx context.Context, mode ninep.Mode) error {
	return f.File.Open(ctx, mode&^ninep.OTRUNC)
}

func (f noRclose) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	return f.File.Create(ctx, name, perm, mode&^ninep.ORCLOSE)
}

func (f noAppend) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	nf, err := f.File.Create(ctx, name, perm&^(ninep.DMAPPEND|ninep.DMEXCL), mode)
	return says{nf, perm}, err
}

// says is a File whose entry says what was asked for, true or not.
type says struct {
	ninep.File
	perm ninep.Perm
}

func (f says) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.File.Stat(ctx)
	d.Mode |= f.perm & (ninep.DMAPPEND | ninep.DMEXCL)
	return d, err
}

func (noRemove) Remove(context.Context) error { return nil }

func (f noSize) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.File.Stat(ctx)
	d.Length = 0
	return d, err
}

func (f halfStat) Wstat(ctx context.Context, d ninep.Dir) error {
	d.UID = ""
	return f.File.Wstat(ctx, d)
}

func (anyStat) Wstat(context.Context, ninep.Dir) error { return nil }

// What is wrong with a server that keeps files is found.
func TestServerFindsCreate(t *testing.T) {
	for _, tt := range []struct {
		name string
		file func(ninep.File) ninep.File
		want []string
	}{
		{"no OTRUNC", func(f ninep.File) ninep.File { return noTrunc{f} }, []string{`after an open with OTRUNC`}},
		{"no ORCLOSE", func(f ninep.File) ninep.File { return noRclose{f} }, []string{"after the close of an open with ORCLOSE"}},
		{"no append-only, no exclusive use", func(f ninep.File) ninep.File { return noAppend{f} },
			[]string{`writes of a and b at 0 give "b"`, "could be opened twice"}},
		{"no remove", func(f ninep.File) ninep.File { return noRemove{f} }, []string{"with a file in it", "ninetest.d: remove"}},
		{"no length", func(f ninep.File) ninep.File { return noSize{f} }, []string{"created with 12 bytes"}},
		{"wstat of a part", func(f ninep.File) ninep.File { return halfStat{f} }, []string{"in part or whole"}},
		{"wstat of nothing", func(f ninep.File) ninep.File { return anyStat{f} }, []string{"made it a directory", "wstat of length 5", "wstat of mode 0640"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := TestServer(t.Context(), twisted{ramfs.New("glenda", time.Now, 0), tt.file})
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
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
