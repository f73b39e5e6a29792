package ninep_test

import (
	"context"
	"slices"
	"testing"

	. "ufo/ninep"
)

// A call of a Tree is prompt if nothing that may wait is asked.
func TestTreePrompt(t *testing.T) {
	var (
		read   = func(context.Context) ([]byte, error) { return nil, nil }
		write  = func(context.Context, []byte) error { return nil }
		open   = func(context.Context, string, Mode) (*Node, error) { return nil, nil }
		list   = func(context.Context) ([]*Node, error) { return nil, nil }
		remove = func(context.Context, string) error { return nil }
		wstat  = func(context.Context, string, Dir) error { return nil }
		create = func(context.Context, string, string, Perm, Mode) (*Node, error) { return nil, nil }
	)
	calls := []MsgType{Twalk, Topen, Tcreate, Tread, Twrite, Tremove, Tstat, Twstat}
	for _, tt := range []struct {
		name  string
		node  *Node
		waits []MsgType
	}{
		{"text", Text("x", "text"), nil},
		{"made when it is read", &Node{Read: read}, []MsgType{Tread}},
		{"made when it is read, promptly", &Node{Read: read, Prompt: true}, nil},
		{"ctl", &Node{Write: write}, []MsgType{Twrite}},
		{"opened", &Node{Open: open, Read: read}, []MsgType{Topen, Tread}},
		{"changed", &Node{Remove: remove, Wstat: wstat}, []MsgType{Tremove, Twstat}},
		{"directory", &Node{Perm: DMDIR, Children: []*Node{Text("a", "")}}, nil},
		{"directory of what comes and goes", &Node{List: list}, []MsgType{Twalk, Tread}},
		{"above one", &Node{Children: []*Node{{Name: "d", List: list}}}, []MsgType{Twalk}},
		{"above a prompt one, whose files need not be", &Node{Children: []*Node{{Name: "d", List: list, Prompt: true}}}, []MsgType{Twalk}},
		{"prompt, but what is created is opened", &Node{Perm: DMDIR, Create: create, Prompt: true}, []MsgType{Tcreate}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := NewTree("glenda", tt.node)
			root, err := srv.Attach(t.Context(), "glenda", "")
			if err != nil || !Prompt(srv, Tattach) {
				t.Fatalf("attach is not prompt, or %v", err)
			}
			defer root.Close()
			for _, call := range calls {
				if got := Prompt(root, call); got == slices.Contains(tt.waits, call) {
					t.Errorf("%v: prompt is %v", call, got)
				}
			}
		})
	}
}

// A directory may be in itself, which ends for nobody but who walks on.
func TestTreeLoop(t *testing.T) {
	dir := &Node{Name: "d", Children: []*Node{Text("a", "text")}}
	dir.Children = append(dir.Children, dir)
	root, err := NewTree("glenda", &Node{Children: []*Node{dir}}).Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if b, err := ReadFile(t.Context(), root, "d/d/d/a"); string(b) != "text" || !Prompt(root, Twalk) {
		t.Errorf("%q, %v, and a walk is prompt: %v", b, err, Prompt(root, Twalk))
	}
}

// What stands for an open file says whether that is prompt.
func TestTreePromptOpen(t *testing.T) {
	slow := &Node{Name: "slow", Read: func(context.Context) ([]byte, error) { return nil, nil }}
	clone := &Node{Name: "clone", Perm: 0444, Open: func(context.Context, string, Mode) (*Node, error) { return slow, nil }}
	root, err := NewTree("glenda", &Node{Children: []*Node{clone}}).Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(t.Context(), root, "clone", OREAD)
	if err != nil {
		t.Fatal(err)
	}
	if Prompt(f, Tread) {
		t.Error("a read of what may wait is prompt")
	}
	f.Close()
	root.Close()
}
