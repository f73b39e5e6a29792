package ninep_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	. "ufo/ninep"
)

// testTree has a file of each kind that Node provides for.
func testTree() *Tree {
	var count, closed int
	var written string
	made := []*Node{}
	clone := &Node{Name: "clone", Perm: 0666, Open: func(context.Context, string, Mode) (*Node, error) {
		count++
		n := Text("ctl", fmt.Sprint(count))
		n.Path = uint64(1000 + count)
		n.Close = func() { closed++ }
		return n, nil
	}}
	return NewTree("sys", &Node{Perm: DMDIR | 0775, Group: "wheel",
		Children: []*Node{
			Text("motd", "hello, world\n"),
			{Name: "count", Read: func(context.Context) ([]byte, error) { count++; return fmt.Appendf(nil, "%d", count), nil }},
			{Name: "ctl", Perm: 0660,
				Read:  func(context.Context) ([]byte, error) { return []byte(written), nil },
				Write: func(_ context.Context, p []byte) error { written = string(p); return nil }},
			clone,
			{Name: "closed", Read: func(context.Context) ([]byte, error) { return fmt.Append(nil, closed), nil }},
			{Name: "secret", Perm: DMDIR | 0700, Children: []*Node{Text("key", "x")}},
		},
		List: func(context.Context) ([]*Node, error) { return made, nil },
		Create: func(_ context.Context, user, name string, perm Perm, _ Mode) (*Node, error) {
			n := &Node{Name: name, Owner: user, Perm: perm}
			n.Remove = func(context.Context, string) error { made = made[:0]; return nil }
			made = append(made, n)
			return n, nil
		},
	})
}

func TestTreeText(t *testing.T) {
	srv := testTree()
	for _, tt := range []struct {
		name, file string
		offs       []int64
		want       []string
	}{
		{"fixed", "motd", []int64{0, 7, 13, 99}, []string{"hello, world\n", "world\n", "", ""}},
		{"rendered at 0 only", "count", []int64{0, 1, 0, 0}, []string{"1", "", "2", "3"}},
		{"rendered at first read", "count", []int64{1, 0}, []string{"", "5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := openAt(t, srv, "glenda", OREAD, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for i, off := range tt.offs {
				if got := readAt(t, f, off); got != tt.want[i] {
					t.Errorf("read at %d: %q, want %q", off, got, tt.want[i])
				}
			}
		})
	}
}

func TestTreePermissions(t *testing.T) {
	for _, tt := range []struct {
		name, user string
		mode       Mode
		names      []string
		want       error
	}{
		{"anyone reads", "glenda", OREAD, []string{"motd"}, nil},
		{"nobody writes a text", "sys", OWRITE, []string{"motd"}, ErrPerm},
		{"owner writes", "sys", ORDWR | OTRUNC, []string{"ctl"}, nil},
		{"others do not", "glenda", OREAD, []string{"ctl"}, ErrPerm},
		{"search is execution", "glenda", OREAD, []string{"secret", "key"}, ErrPerm},
		{"owner searches", "sys", OREAD, []string{"secret", "key"}, nil},
		{"no such file", "sys", OREAD, []string{"nothing"}, ErrNotExist},
		{"file is no directory", "sys", OREAD, []string{"motd", "x"}, ErrNotDir},
		{"no removal on close", "sys", ORCLOSE, []string{"motd"}, ErrPerm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := openAt(t, testTree(), tt.user, tt.mode, tt.names...)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if f != nil {
				f.Close()
			}
		})
	}
}

func TestTreeClone(t *testing.T) {
	srv := testTree()
	a, _ := openAt(t, srv, "glenda", ORDWR, "clone")
	b, _ := openAt(t, srv, "glenda", ORDWR, "clone")
	if got := readAt(t, a, 0) + readAt(t, b, 0); got != "12" {
		t.Errorf("conversations %q, want 12", got)
	}
	if a.Qid() == b.Qid() || a.Qid().Path != 1001 {
		t.Errorf("qids %v and %v", a.Qid(), b.Qid())
	}
	a.Close()
	b.Close()
	c, _ := openAt(t, srv, "glenda", OREAD, "closed")
	defer c.Close()
	if got := readAt(t, c, 0); got != "2" {
		t.Errorf("closed %s, want 2", got)
	}
}

func TestTreeCreate(t *testing.T) {
	ctx := t.Context()
	srv := testTree()
	root, _ := srv.Attach(ctx, "sys", "")
	defer root.Close()
	f, err := root.Create(ctx, "new", 0600, ORDWR)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	dirs, _ := root.ReadDir(ctx)
	if last := dirs[len(dirs)-1]; last.Name != "new" || last.Qid != f.Qid() || last.UID != "sys" {
		t.Errorf("made %+v with qid %v", last, f.Qid())
	}
	if _, err := openAt(t, srv, "glenda", OREAD, "new"); err != ErrPerm {
		t.Errorf("others open: %v", err)
	}
	f, err = openAt(t, srv, "sys", OREAD|ORCLOSE, "new")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := root.Walk(ctx, "new"); err != ErrNotExist {
		t.Errorf("after removal: %v", err)
	}
	g, _ := srv.Attach(ctx, "glenda", "")
	defer g.Close()
	if _, err := g.Create(ctx, "mine", 0666, OREAD); err != ErrPerm {
		t.Errorf("others create: %v", err)
	}
}

func TestTreeTrueLength(t *testing.T) {
	text := func(context.Context) ([]byte, error) { return []byte("some text"), nil }
	fails := func(context.Context) ([]byte, error) { return nil, ErrIO }
	write := func(context.Context, []byte) error { return nil }
	open := func(context.Context, string, Mode) (*Node, error) { return nil, nil }
	readAt := func(context.Context, []byte, int64) (int, error) { return 0, nil }
	never := func(context.Context, string, Mode) error { return ErrPerm }
	for _, tt := range []struct {
		name string
		node *Node
		want int64
		ok   bool
	}{
		{"a text", &Node{Read: text}, 9, true},
		{"a text that fails", &Node{Read: fails}, 0, false},
		{"not for us to read", &Node{Read: text, Perm: 0400}, 0, false},
		{"not for this user", &Node{Read: text, May: never}, 0, false},
		{"can be written", &Node{Read: text, Write: write}, 0, false},
		{"each open file has its own", &Node{Read: text, Open: open}, 0, false},
		{"said to be pure", &Node{Read: text, Open: open, Write: write, Pure: true}, 9, true},
		{"a stream", &Node{ReadAt: readAt}, 0, false},
		{"a directory", &Node{Children: []*Node{{Name: "x"}}}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.node.Name = "f"
			root, err := NewTree("sys", &Node{Children: []*Node{tt.node}}).Attach(t.Context(), "glenda", "")
			if err != nil {
				t.Fatal(err)
			}
			f, err := root.Walk(t.Context(), "f")
			if err != nil {
				t.Fatal(err)
			}
			m, is := As[Measurer](f)
			if !is {
				t.Fatal("no Measurer")
			}
			if n, ok := m.TrueLength(t.Context()); ok != tt.ok || ok && n != tt.want {
				t.Errorf("%d, %v; want %d, %v", n, ok, tt.want, tt.ok)
			}
		})
	}
}
