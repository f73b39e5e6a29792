package ns_test

import (
	"context"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// A closers is a server that is told when a file it attached is closed.
type closers struct {
	ninep.Server
	close func()
}

func (s closers) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return closer{f, s.close}, err
}

type closer struct {
	ninep.File
	close func()
}

func (f closer) Close() error {
	f.close()
	return f.File.Close()
}

// What is mounted no more is closed without the lock of the name space, which
// its server may be about to use.
func TestCloseInNamespace(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	if out := w.do("mkdir /a"); out != "" {
		t.Fatal(out)
	}
	closed := 0
	srv := closers{ninep.NewTree("glenda", &ninep.Node{Perm: ninep.DMDIR | 0555}), func() {
		w.v.Pgrp.Copy().Close()
		closed++
	}}
	for _, row := range []struct {
		name string
		undo func() error
	}{
		{"unmount", func() error { return w.v.Unmount(w.ctx, "", "/a") }},
		{"bind over it", func() error { return w.v.Bind(w.ctx, "/", "/a", ns.MREPL) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			closed = 0
			conn := ns.Post(w.ctx, w.v.Devs, "#s/x", srv, nil)
			err := w.v.Mount(w.ctx, conn, "/a", ns.MREPL, "")
			conn.Close()
			if err == nil {
				err = row.undo()
			}
			if err != nil || closed != 1 {
				t.Error(err, closed)
			}
		})
	}
}
