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
