package ns_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ns"
)

// An exported name space is a file server like any other, directly and over a
// wire, and what it gave out comes back.
func TestExport(t *testing.T) {
	for _, row := range []struct{ name, script, root string }{
		{"one tree", "mkdir a; make a/x", "/"},
		{"below a name", "mkdir a; mkdir a/b; make a/b/x", "/a"},
		{"a mounted tree", "mkdir a; mkdir #r/d; make #r/d/x; mount -c a", "/a"},
		{"trees in trees", "mkdir a; mkdir #r/d; make #r/x; mkdir a/m; bind -c #r /a/m; bind -ac #r1 /", "/"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, done := newWorld(t)
			defer done()
			w.script(row.script)
			srv := w.v.Export(row.root)
			if err := ninetest.TestServer(w.ctx, srv); err != nil {
				t.Error("directly: ", err)
			}
			if err := ninetest.TestWire(w.ctx, srv); err != nil {
				t.Error("over a wire: ", err)
			}
		})
	}
}

// Files of different trees have different qids, though the trees number them
// alike; and each file the same from each Server, though other files were looked
// at before.
func TestExportQids(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	w.script("mkdir a; make x; mkdir b; make #r/a; make #r/x; bind #r /a; make #r1/y; bind #r1 /b")
	seen := make(map[string]uint64)
	for _, names := range []string{". a x b a/a a/x b/y", "b/y b a/x a/a x a ."} {
		root, err := w.v.Export("/").Attach(w.ctx, "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		paths := make(map[uint64]string)
		for name := range strings.FieldsSeq(names) {
			f, err := ninep.OpenFile(w.ctx, root, strings.Trim(name, "."), ninep.OREAD)
			if err != nil {
				t.Fatal(name, err)
			}
			q := f.Qid().Path
			f.Close()
			if other, dup := paths[q]; dup {
				t.Errorf("%q and %q have the qid %x", name, other, q)
			}
			paths[q] = name
			if before, any := seen[name]; any && before != q {
				t.Errorf("%q has the qid %x, and had %x from another Server", name, q, before)
			}
			seen[name] = q
		}
	}
}

// viewOf returns a name space whose root is that of the devices.
func viewOf(t *testing.T, devs *ns.Devtab) ns.View {
	slash, err := devs.Root(t.Context(), "glenda")
	if err != nil {
		t.Fatal(err)
	}
	v := ns.View{Pgrp: ns.NewPgrp(), Slash: slash, Dot: slash, User: "glenda", Devs: devs}
	t.Cleanup(func() {
		v.Pgrp.Close()
		slash.Close()
	})
	return v
}

// A walk of several names finds what one of each finds, and where it stops.
func TestExportWalkNames(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	w.script(`mkdir a; mkdir a/b; make a/b/x; mkdir a/m
		mkdir #r/d; mkdir #r/d/e; make #r/d/e/y; bind #r /a/m
		mkdir #r1/z; mkdir #r1/z/d; make #r1/z/d/late; bind -a #r1/z /a/m; bind #r1/z /a/m/d/e`)
	root, err := w.v.Export("/").Attach(w.ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, text := range []string{
		"a", "a/m", "a/b/x", "a/b/x/y", "a/b/none", "none/a", "a/none/b/c", "a/m/d", "a/m/d/e", "a/m/d/e/d",
		"a/m/d/e/d/late", "a/m/d/e/y", "a/m/d/late", "a/m/none", "a/m/d/e/d/late/x",
	} {
		t.Run(text, func(t *testing.T) {
			sameWalk(t, root, strings.Split(text, "/"))
		})
	}
}

// sameWalk walks names from root, at once and one after another.
func sameWalk(t *testing.T, root ninep.File, names []string) {
	t.Helper()
	ctx := t.Context()
	f, qids, err := ninep.WalkNames(ctx, root, names)
	at, want, wantErr := root, []ninep.Qid(nil), error(nil)
	for _, name := range names {
		next, err := at.Walk(ctx, name)
		if at != root {
			at.Close()
		}
		if wantErr = err; err != nil {
			break
		}
		at = next
		want = append(want, at.Qid())
	}
	if !slices.Equal(qids, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) || (f == nil) != (err != nil) {
		t.Errorf("walk of %v: %v, %v; want %v, %v", names, qids, err, want, wantErr)
	}
	if f != nil {
		d, err := f.Stat(ctx)
		if err != nil || d.Name != names[len(names)-1] || d.Qid != f.Qid() || d.Qid != want[len(want)-1] {
			t.Errorf("the entry of %v is %v, %v", names, d, err)
		}
		f.Close()
	}
	if wantErr == nil && at != root {
		at.Close()
	}
}

// One message to an exported name space is one to the server that is mounted there.
func TestExportWalkOnce(t *testing.T) {
	dir := func(name string, kids ...*ninep.Node) *ninep.Node {
		return &ninep.Node{Name: name, Children: kids, Perm: ninep.DMDIR | 0555}
	}
	ctx := t.Context()
	far := ninep.NewTree("glenda", dir("", dir("a", dir("b", dir("c", ninep.Text("d", "text"))))))
	walks := 0
	devs := ns.NewDevtab(map[rune]ninep.Server{'/': ninep.NewTree("glenda", dir("", dir("m"))), 't': countWalks(far, &walks)})
	v := viewOf(t, devs)
	if err := v.Bind(ctx, "#t", "/m", ns.MREPL); err != nil {
		t.Fatal(err)
	}
	root, err := v.Export("/").Attach(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	walks = 0
	f, qids, err := ninep.WalkNames(ctx, root, strings.Split("m/a/b/c/d", "/"))
	if err != nil || len(qids) != 5 {
		t.Fatal(qids, err)
	}
	f.Close()
	if walks != 1 {
		t.Errorf("%d walks", walks)
	}
}

// countWalks returns srv with files that take several names at once, and count that
// as one walk.
func countWalks(srv ninep.Server, walks *int) ninep.Server {
	return ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
		f, err := srv.Attach(ctx, user, spec)
		return &counted{f, walks}, err
	})
}

// A counted counts what a walk costs.
type counted struct {
	ninep.File
	walks *int
}

func (f *counted) Walk(ctx context.Context, name string) (ninep.File, error) {
	nf, _, err := f.WalkNames(ctx, []string{name})
	return nf, err
}

func (f *counted) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	*f.walks++
	nf, qids, err := ninep.WalkNames(ctx, f.File, names)
	if err != nil {
		return nil, qids, err
	}
	return &counted{nf, f.walks}, qids, nil
}

// The true length of a text is known through the export.
func TestExportTrueLength(t *testing.T) {
	ctx := t.Context()
	tree := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
		{Name: "text", Read: func(context.Context) ([]byte, error) { return []byte("some text"), nil }},
		ninep.Text("fixed", "x"),
	}})
	devs := ns.NewDevtab(map[rune]ninep.Server{'/': tree})
	v := viewOf(t, devs)
	root, err := v.Export("/").Attach(ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, open := range []bool{false, true} {
		f, err := root.Walk(ctx, "text")
		if err != nil {
			t.Fatal(err)
		}
		if open {
			err = f.Open(ctx, ninep.OREAD)
		}
		m, ok := ninep.As[ninep.Measurer](f)
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		if n, ok := m.TrueLength(ctx); n != 9 || !ok {
			t.Errorf("open %v: %d, %v", open, n, ok)
		}
		f.Close()
	}
}
