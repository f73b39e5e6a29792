package ns_test

import (
	"context"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
)

// A guarded is a Server that wants to be told a secret.
type guarded struct{ ninep.Server }

func (guarded) Attach(context.Context, string, string) (ninep.File, error) {
	return nil, ninep.ErrPerm
}

func (guarded) Auth(ctx context.Context, user, _ string) (ninep.File, error) {
	vers := uint32(0)
	f, err := ninep.NewTree(user, &ninep.Node{
		Perm:  0600 | ninep.DMAUTH,
		Write: func(_ context.Context, p []byte) error { vers = uint32(len(p)); return nil },
		Stat:  func(d *ninep.Dir) { d.Qid.Vers = vers },
	}).Attach(ctx, user, "")
	if err != nil {
		return nil, err
	}
	return f, f.Open(ctx, ninep.ORDWR)
}

func (g guarded) AttachAuth(ctx context.Context, auth ninep.File, user, spec string) (ninep.File, error) {
	if auth.Qid().Vers != uint32(len("the secret of "+user)) {
		return nil, ninep.ErrPerm
	}
	return g.Server.Attach(ctx, user, spec)
}

// TestAuth mounts what wants to know who mounts it, over a connection and
// directly.
func TestAuth(t *testing.T) {
	ctx := t.Context()
	root := &ninep.Node{Children: []*ninep.Node{{Name: "m", Path: 1, Perm: ninep.DMDIR | 0555}}}
	devs := ns.NewDevtab(map[rune]ninep.Server{'x': ninep.NewTree("glenda", root), '|': dev.NewPipe()})
	v := ns.View{Pgrp: ns.NewPgrp(), User: "glenda", Devs: devs}
	defer v.Pgrp.Close()
	files := ramfs.New("glenda", time.Now, 0)
	connect := func(srv ninep.Server) *ns.Chan {
		a, b, err := ns.Pipe(ctx, devs, "glenda")
		if err != nil {
			t.Fatal(err)
		}
		conn := ns.Conn(ctx, b)
		b.Close()
		go ninep.Serve(ctx, conn, srv, nil) // ends with the connection
		return a
	}
	for _, row := range []struct {
		name string
		conn *ns.Chan
	}{
		{"a connection", connect(guarded{files})},
		{"posted", ns.Post(ctx, devs, "#s/x", guarded{files}, nil)},
	} {
		t.Run(row.name, func(t *testing.T) {
			defer row.conn.Close()
			if err := v.Mount(ctx, row.conn, "#x/m", ns.MREPL, ""); err != ninep.ErrPerm {
				t.Errorf("without authentication: %v", err)
			}
			auth, err := v.Fauth(ctx, row.conn, "")
			if err != nil {
				t.Fatal(err)
			}
			defer auth.Close()
			if err := v.MountAuth(ctx, row.conn, auth, "#x/m", ns.MREPL, ""); err != ninep.ErrPerm {
				t.Errorf("too early: %v", err)
			}
			if _, err := auth.WriteAt(ctx, []byte("the secret of glenda"), 0); err != nil {
				t.Error(err)
			}
			if err := v.MountAuth(ctx, row.conn, auth, "#x/m", ns.MREPL, ""); err != nil {
				t.Errorf("with authentication: %v", err)
			}
			if err := v.Unmount(ctx, "", "#x/m"); err != nil {
				t.Error(err)
			}
		})
	}
	for _, conn := range []*ns.Chan{connect(files), ns.Post(ctx, devs, "#s/y", files, nil)} {
		if _, err := v.Fauth(ctx, conn, ""); err != ninep.ErrNoAuth {
			t.Errorf("where none is needed: %v", err)
		}
		conn.Close()
	}
}

// TestFversion agrees on a version.
func TestFversion(t *testing.T) {
	ctx := t.Context()
	devs := ns.NewDevtab(map[rune]ninep.Server{'|': dev.NewPipe()})
	a, b, err := ns.Pipe(ctx, devs, "glenda")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	conn := ns.Conn(ctx, b)
	b.Close()
	go ninep.Serve(ctx, conn, ramfs.New("glenda", time.Now, 0), nil) // ends with a
	for _, row := range []struct{ ask, want, err string }{
		{"8P", "", "bad 9P version specification"},
		{"9P1999", "", "incompatible 9P versions 9P2000 9P1999"},
		{"", "9P2000", ""},
		{"9P2000.L", "9P2000", ""},
		{"9P2000", "9P2000", ""},
	} {
		got, err := ns.Fversion(ctx, a, row.ask)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != row.want || text != row.err {
			t.Errorf("%q: %q, %q, want %q, %q", row.ask, got, text, row.want, row.err)
		}
	}
}
