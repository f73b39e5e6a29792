package grid

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/ninep/ninetest"
)

// cat returns what is in a file of a server.
func cat(ctx context.Context, srv ninep.Server, name string) (string, error) {
	root, err := srv.Attach(ctx, "glenda", "")
	if err != nil {
		return "", err
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(ctx, root, strings.Split(name, "/"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return readAll(ctx, f)
}

// TestNames looks at the name spaces of nodes and processes from outside.
func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := whole(t, nil)
		ctx := t.Context()
		wantErr(t, g.Boot(ctx), nil)
		strict := ninetest.Strict(g.Names())
		want := func(name, text string, err error) {
			t.Helper()
			got, gotErr := cat(ctx, strict, name)
			if got != text || !errors.Is(gotErr, err) {
				t.Errorf("%s: %q, %v", name, got, gotErr)
			}
		}
		want("n2/root/dev/sysname", "n2", nil)
		want("n2/root/dev/pid", "          1 ", nil)
		want("n2/proc/1/root/dev/sysname", "n2", nil)
		want("n2/proc/1/x", "", ninep.ErrNotExist)
		want("n2/proc/0/root", "", ninep.ErrNotExist)
		want("n9/root", "", ninep.ErrNotExist)

		root, err := strict.Attach(ctx, "glenda", "/n2/root/")
		wantErr(t, err, nil)
		f, err := root.Create(ctx, "x", 0666, ninep.OWRITE)
		if err == nil {
			t.Error("the root of a node takes files")
			f.Close()
		}
		wantErr(t, g.Node("n2").Kill(ctx), nil)
		_, err = root.Walk(ctx, "dev")
		wantErr(t, err, ninep.ErrShutdown)
		_, err = root.Stat(ctx)
		wantErr(t, err, nil)
		wantErr(t, g.Node("n2").Start(ctx), nil)
		dev, err := root.Walk(ctx, "dev")
		wantErr(t, err, nil)
		wantErr(t, dev.Close(), nil)
		wantErr(t, root.Close(), nil)

		client, stop, err := ninetest.Wire(ctx, strict)
		wantErr(t, err, nil)
		for _, spec := range []string{"n2/srv", "n3/root/env", "n3/proc/1/root/lib"} {
			wantErr(t, ninetest.Options{Spec: spec}.Test(ctx, client), nil)
			wantErr(t, ninetest.Options{Spec: spec}.TestWire(ctx, strict), nil)
		}
		wantErr(t, stop(), nil)
		wantErr(t, strict.Check(), nil)
		wantErr(t, g.Halt(ctx), nil)
	})
}
