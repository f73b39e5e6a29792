package ns_test

import (
	"context"
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
// alike.
func TestExportQids(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	w.script("mkdir a; make x; make #r/a; make #r/x; bind #r /a")
	root, err := w.v.Export("/").Attach(w.ctx, "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	seen := make(map[uint64]string)
	for _, name := range []string{"", "a", "x", "a/a", "a/x"} {
		f, _, err := ninep.WalkNames(w.ctx, root, strings.FieldsFunc(name, func(r rune) bool { return r == '/' }))
		if err != nil {
			t.Fatal(name, err)
		}
		q := f.Qid().Path
		if other, dup := seen[q]; dup {
			t.Errorf("%q and %q have the qid %x", name, other, q)
		}
		seen[q] = name
		f.Close()
	}
}

// The true length of a text is known through the export.
func TestExportTrueLength(t *testing.T) {
	ctx := t.Context()
	tree := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
		{Name: "text", Read: func(context.Context) ([]byte, error) { return []byte("some text"), nil }},
		ninep.Text("fixed", "x"),
	}})
	devs := ns.NewDevtab(map[rune]ninep.Server{'/': tree})
	slash, err := devs.Root(ctx, "glenda")
	if err != nil {
		t.Fatal(err)
	}
	defer slash.Close()
	v := ns.View{Pgrp: ns.NewPgrp(), Slash: slash, Dot: slash, User: "glenda", Devs: devs}
	defer v.Pgrp.Close()
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
