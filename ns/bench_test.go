package ns_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// benchView is a name space whose root holds /a/b/c/d/e, /deep and 100 directories,
// with fixed trees mounted on /a, /a/b and /a/b/c, as deep as devices are.
func benchView(b *testing.B, mounts int) (ns.View, func()) {
	ctx := context.Background()
	leaf := &ninep.Node{Name: "e", Read: func(context.Context) ([]byte, error) { return []byte("text\n"), nil }}
	dir := func(name string, kids ...*ninep.Node) *ninep.Node {
		return &ninep.Node{Name: name, Children: kids, Perm: ninep.DMDIR | 0555}
	}
	deep := dir("7")
	for i := range 6 {
		deep = dir(fmt.Sprint(6-i), deep)
	}
	root := dir("", dir("a"), dir("deep", deep))
	for i := range mounts {
		root.Children = append(root.Children, dir(fmt.Sprint("m", i)))
	}
	devs := ns.NewDevtab(map[rune]ninep.Server{
		'/': ninep.NewTree("glenda", root),
		'1': ninep.NewTree("glenda", dir("", dir("b"))),
		'2': ninep.NewTree("glenda", dir("", dir("c"))),
		'3': ninep.NewTree("glenda", dir("", dir("d", leaf))),
	})
	slash, err := devs.Root(ctx, "glenda")
	if err != nil {
		b.Fatal(err)
	}
	v := ns.View{Pgrp: ns.NewPgrp(), Slash: slash, Dot: slash, User: "glenda", Devs: devs}
	for i := range mounts {
		v.Bind(ctx, "#3", fmt.Sprint("/m", i), ns.MREPL)
	}
	for _, m := range []string{"#1 /a", "#2 /a/b", "#3 /a/b/c"} {
		if err := v.Bind(ctx, m[:2], m[3:], ns.MREPL); err != nil {
			b.Fatal(err)
		}
	}
	return v, func() {
		v.Pgrp.Close()
		slash.Close()
	}
}

// BenchmarkNamec resolves a name of 5 elements that crosses 3 mounts.
func BenchmarkNamec(b *testing.B) {
	v, done := benchView(b, 30)
	defer done()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		c, err := v.Walk(ctx, "/a/b/c/d/e")
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// BenchmarkExportWalk walks the same name, and one of 8 elements that crosses no
// mount, as somebody does to whom the name space is exported.
func BenchmarkExportWalk(b *testing.B) {
	v, done := benchView(b, 30)
	defer done()
	ctx := context.Background()
	root, err := v.Export("/").Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"a/b/c/d/e", "deep/1/2/3/4/5/6/7"} {
		b.Run(name, func(b *testing.B) {
			names := strings.Split(name, "/")
			b.ReportAllocs()
			for b.Loop() {
				f, _, err := ninep.WalkNames(ctx, root, names)
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}

// BenchmarkOpenReadClose reads a device file of a few bytes.
func BenchmarkOpenReadClose(b *testing.B) {
	v, done := benchView(b, 30)
	defer done()
	ctx := context.Background()
	buf := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		c, err := v.Open(ctx, "#3/d/e", ninep.OREAD)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := c.Read(ctx, buf); n != 5 || err != nil {
			b.Fatal(n, err)
		}
		c.Close()
	}
}

// BenchmarkPgrpCopy copies a name space of 100 mounts.
func BenchmarkPgrpCopy(b *testing.B) {
	v, done := benchView(b, 97)
	defer done()
	b.ReportAllocs()
	for b.Loop() {
		v.Pgrp.Copy().Close()
	}
}

// BenchmarkBind binds and unbinds among 100 mounts.
func BenchmarkBind(b *testing.B) {
	v, done := benchView(b, 97)
	defer done()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		v.Bind(ctx, "#3", "/m0", ns.MAFTER)
		v.Unmount(ctx, "#3", "/m0")
	}
}
