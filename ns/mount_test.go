package ns_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
)

// A mount that is interrupted while the server is silent spoils the connection
// neither for who mounts it at the same time nor for who does so later.
func TestMountInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		root := &ninep.Node{Children: []*ninep.Node{{Name: "m", Path: 1, Perm: ninep.DMDIR | 0555}}}
		devs := ns.NewDevtab(map[rune]ninep.Server{'x': ninep.NewTree("glenda", root), '|': dev.NewPipe()})
		v := ns.View{Pgrp: ns.NewPgrp(), User: "glenda", Devs: devs}
		defer v.Pgrp.Close()
		a, b, err := ns.Pipe(ctx, devs, "glenda")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		errs := make(chan error)
		for _, ctx := range []context.Context{short, ctx} {
			go func() { errs <- v.Mount(ctx, a, "#x/m", ns.MREPL, "") }()
			synctest.Wait()
		}
		if err := <-errs; err != ninep.ErrIntr {
			t.Error("interrupted: ", err)
		}
		conn := ns.Conn(ctx, b)
		b.Close()
		time.AfterFunc(time.Second, func() { ninep.Serve(ctx, conn, ramfs.New("glenda", time.Now, 0), nil) })
		if err := <-errs; err != nil {
			t.Error("at the same time: ", err)
		}
		for range 2 {
			if err := v.Mount(ctx, a, "#x/m", ns.MREPL, ""); err != nil {
				t.Error("later: ", err)
			}
		}
	})
}
