package ninep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// stocked returns a tree in memory with a file in a directory.
func stocked(t *testing.T) ninep.Server {
	t.Helper()
	fs := ramfs.New("glenda", time.Now, 0)
	root := attachTo(t, fs)
	d, err := root.Create(t.Context(), "dir", ninep.DMDIR|0777, ninep.OREAD)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if err := ninep.WriteFile(t.Context(), root, "dir/file", []byte("text"), 0666); err != nil {
		t.Fatal(err)
	}
	return fs
}

func attachTo(t *testing.T, srv ninep.Server) ninep.File {
	t.Helper()
	root, err := srv.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// TestReadOnly: whatever would change a file is refused, and all else is not.
func TestReadOnly(t *testing.T) {
	srv := stocked(t)
	ctx := t.Context()
	root := attachTo(t, ninep.ReadOnly(srv))
	walk := func(names ...string) ninep.File {
		f, _, err := ninep.WalkNames(ctx, root, names)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	renamed := ninep.NullDir
	renamed.Name = "other"
	for _, tt := range []struct {
		name string
		do   func() error
		want error
	}{
		{"open for writing", func() error { return walk("dir", "file").Open(ctx, ninep.OWRITE) }, ninep.ErrReadOnly},
		{"open for both", func() error { return walk("dir", "file").Open(ctx, ninep.ORDWR) }, ninep.ErrReadOnly},
		{"truncate", func() error { return walk("dir", "file").Open(ctx, ninep.OREAD|ninep.OTRUNC) }, ninep.ErrReadOnly},
		{"remove on close", func() error { return walk("dir", "file").Open(ctx, ninep.OREAD|ninep.ORCLOSE) }, ninep.ErrReadOnly},
		{"create", func() error { _, err := walk("dir").Create(ctx, "new", 0666, ninep.OREAD); return err }, ninep.ErrReadOnly},
		{"create below a clone", func() error {
			f, err := root.Clone(ctx)
			if err == nil {
				_, err = f.Create(ctx, "new", 0666, ninep.OREAD)
			}
			return err
		}, ninep.ErrReadOnly},
		{"remove", func() error { return walk("dir", "file").Remove(ctx) }, ninep.ErrReadOnly},
		{"rename", func() error { return walk("dir", "file").Wstat(ctx, renamed) }, ninep.ErrReadOnly},
		{"write", func() error { _, err := walk("dir", "file").Write(ctx, []byte("x"), 0); return err }, ninep.ErrReadOnly},
		{"make safe", func() error { return walk("dir", "file").Wstat(ctx, ninep.NullDir) }, nil},
		{"open for reading", func() error { return walk("dir", "file").Open(ctx, ninep.OREAD) }, nil},
		{"no such file", func() error { _, err := root.Walk(ctx, "none"); return err }, ninep.ErrNotExist},
	} {
		if err := tt.do(); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if text, err := ninep.ReadFile(ctx, root, "dir/file"); string(text) != "text" || err != nil {
		t.Errorf("read: %q, %v", text, err)
	}
	if err := (ninetest.Options{ReadOnly: true}).Test(ctx, ninep.ReadOnly(srv)); err != nil {
		t.Error(err)
	}
}

// TestReadOnlyLength: a text that is made when it is read has its true length.
func TestReadOnlyLength(t *testing.T) {
	srv := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.TextFunc("made", func() string { return "text" })}})
	f, err := attachTo(t, ninep.ReadOnly(srv)).Walk(t.Context(), "made")
	if err != nil {
		t.Fatal(err)
	}
	m, ok := ninep.As[ninep.Measurer](f)
	if !ok {
		t.Fatal("no Measurer")
	}
	if n, ok := m.TrueLength(t.Context()); n != 4 || !ok {
		t.Errorf("%d, %v", n, ok)
	}
}

// TestByUser: each gets what is his.
func TestByUser(t *testing.T) {
	srv := stocked(t)
	byUser := ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
		switch user {
		case "glenda":
			return srv.Attach(ctx, user, spec)
		case "none":
			return nil, ninep.ErrNoAttach
		}
		return ninep.ReadOnly(srv).Attach(ctx, user, spec)
	})
	for user, want := range map[string]error{"glenda": nil, "ken": ninep.ErrReadOnly, "none": ninep.ErrNoAttach} {
		root, err := byUser.Attach(t.Context(), user, "")
		if err == nil {
			err = ninep.WriteFile(t.Context(), root, "dir/"+user, nil, 0666)
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", user, err, want)
		}
	}
}
