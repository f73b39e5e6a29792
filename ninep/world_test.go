package ninep_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	. "ufo/ninep"
)

// world is the server of most tests. It lets everybody create and remove
// files, and has some that take as long as one lets them.
func world() *Tree {
	late := func(ctx context.Context, p []byte, _ int64) (int, error) {
		<-ctx.Done()
		return copy(p, "late"), nil
	}
	block := func(ctx context.Context, _ []byte, _ int64) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	file := func(path uint64, name, text string) *Node {
		n := Text(name, text)
		n.Path = path
		return n
	}
	deep := &Node{Name: "b", Path: 6, Children: []*Node{file(7, "file", "deep")}}
	var mu sync.Mutex // guards made
	var made []*Node
	root := &Node{Path: 1, Perm: DMDIR | 0777, Children: []*Node{
		file(2, "motd", "hello, world\n"),
		{Name: "ctl", Path: 3, Perm: 0222, Write: func(_ context.Context, p []byte) error {
			if string(p) != "ok" {
				return ErrBadCtl
			}
			return nil
		}},
		{Name: "dir", Path: 4, Children: []*Node{{Name: "a", Path: 5, Children: []*Node{deep}}}},
		{Name: "block", Path: 8, ReadAt: block},
		{Name: "late", Path: 9, ReadAt: late},
		{Name: "slow", Path: 10, Lookup: func(ctx context.Context, name string) (*Node, error) {
			<-ctx.Done()
			return file(11, name, ""), nil
		}},
		{Name: "secret", Path: 12, Perm: DMDIR | 0700, Children: []*Node{file(13, "key", "")}},
	}}
	root.List = func(context.Context) ([]*Node, error) {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(made), nil
	}
	root.Create = func(_ context.Context, user, name string, perm Perm, _ Mode) (*Node, error) {
		mu.Lock()
		defer mu.Unlock()
		n := &Node{Name: name, Owner: user, Path: uint64(100 + len(made)), Perm: perm}
		n.Remove = func(context.Context, string) error {
			mu.Lock()
			defer mu.Unlock()
			made = slices.DeleteFunc(made, func(m *Node) bool { return m == n })
			return nil
		}
		made = append(made, n)
		return n, nil
	}
	tree := NewTree("sys", root)
	tree.Mtime = 1e9
	return tree
}

// guarded is a Server that wants to be told a secret.
type guarded struct{ Server }

func (g guarded) Attach(context.Context, string, string) (File, error) { return nil, ErrPerm }

func (g guarded) Auth(ctx context.Context, _, _ string) (File, error) {
	var told atomic.Bool
	tree := NewTree("sys", &Node{Perm: 0600 | DMAUTH, Write: func(_ context.Context, p []byte) error {
		told.Store(string(p) == "swordfish")
		return nil
	}, Stat: func(d *Dir) {
		if told.Load() {
			d.Qid.Vers = 1
		}
	}})
	f, err := tree.Attach(ctx, "sys", "")
	if err != nil {
		return nil, err
	}
	return f, f.Open(ctx, ORDWR)
}

func (g guarded) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	if auth.Qid().Vers == 0 {
		return nil, ErrPerm
	}
	return g.Server.Attach(ctx, user, spec)
}

// A prompt is a Server that says of the calls of a world's files which are
// prompt.
type prompt struct{ Server }

func (s prompt) Prompt(MsgType) bool { return true }

func (s prompt) Attach(ctx context.Context, user, spec string) (File, error) {
	return promptly(s.Server.Attach(ctx, user, spec))
}

func (s prompt) Auth(ctx context.Context, user, spec string) (File, error) {
	if a, ok := s.Server.(Auther); ok {
		return promptly(a.Auth(ctx, user, spec))
	}
	return nil, ErrNoAuth
}

func (s prompt) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	return promptly(s.Server.(Auther).AttachAuth(ctx, auth.(promptFile).File, user, spec))
}

type promptFile struct{ File }

func promptly(f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return promptFile{f}, nil
}

// Prompt knows the files that wait, and that a walk from above may come to them.
func (f promptFile) Prompt(call MsgType) bool {
	switch name := f.Qid().Path; call {
	case Twalk:
		return name != 1 && name != 10
	case Tread:
		return name != 8 && name != 9
	}
	return true
}

func (f promptFile) Clone(ctx context.Context) (File, error) { return promptly(f.File.Clone(ctx)) }

func (f promptFile) Walk(ctx context.Context, name string) (File, error) {
	return promptly(f.File.Walk(ctx, name))
}

func (f promptFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	return promptly(f.File.Create(ctx, name, perm, mode))
}

// openAt attaches as user, walks the names and opens.
func openAt(t *testing.T, srv Server, user string, mode Mode, names ...string) (File, error) {
	t.Helper()
	root, err := srv.Attach(t.Context(), user, "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, _, err := WalkNames(t.Context(), root, names)
	if err != nil {
		return nil, err
	}
	if err := f.Open(t.Context(), mode); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// readAt reads once.
func readAt(t *testing.T, f File, off int64) string {
	t.Helper()
	buf := make([]byte, 100)
	n, err := f.Read(t.Context(), buf, off)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}
