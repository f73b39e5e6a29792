package ninep_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "ufo/ninep"
)

func TestClientTree(t *testing.T) {
	ctx := t.Context()
	c := connect(t, testTree())
	f, err := openAt(t, c, "glenda", OREAD, "motd")
	if err != nil {
		t.Fatal(err)
	}
	if got := readAt(t, f, 7); got != "world\n" {
		t.Errorf("motd is %q", got)
	}
	f.Close()

	root, err := c.Attach(ctx, "sys", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	dir, err := root.Clone(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := dir.Open(ctx, OREAD); err != nil {
		t.Fatal(err)
	}
	dirs, err := dir.ReadDir(ctx)
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name)
	}
	if got := fmt.Sprint(names, err); got != "[motd count ctl clone closed secret] <nil>" {
		t.Errorf("root has %v", got)
	}

	nf, err := root.Create(ctx, "new", 0600, ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	if err := nf.Remove(ctx); err != nil {
		t.Errorf("remove: %v", err)
	}
	nf.Close()
	at, qids, err := WalkNames(ctx, root, []string{"secret", "key", "lock"})
	if at != nil || len(qids) != 2 || err != ErrNotDir {
		t.Errorf("partial walk: %v %v %v", at, qids, err)
	}
	if _, err := root.Walk(ctx, "none"); !errors.Is(err, ErrNotExist) {
		t.Errorf("walk: %v", err)
	}
}

func TestClientDeepWalk(t *testing.T) {
	n := &Node{Name: "bottom", Children: []*Node{}}
	for range 39 {
		n = &Node{Name: "d", Children: []*Node{n}}
	}
	root, err := connect(t, NewTree("sys", &Node{Children: []*Node{n}})).Attach(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Split(strings.Repeat("d/", 39)+"bottom", "/")
	f, qids, err := WalkNames(t.Context(), root, names)
	if err != nil || len(qids) != 40 {
		t.Fatalf("%d qids, %v", len(qids), err)
	}
	if d, err := f.Stat(t.Context()); d.Name != "bottom" || err != nil {
		t.Errorf("%v %v", d, err)
	}
}
