package ns_test

import (
	"context"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/ns"
)

// Two processes that share a descriptor do not write over each other, however
// long a write takes.
func TestWritesShareOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		at := make(map[int64]byte)
		release := make(chan struct{})
		root := &ninep.Node{Children: []*ninep.Node{{
			Name: "f", Path: 1, Perm: 0666,
			WriteAt: func(_ context.Context, p []byte, off int64) (int, error) {
				at[off] = p[0]
				<-release
				return len(p), nil
			},
		}}}
		devs := ns.NewDevtab(map[rune]ninep.Server{'x': ninep.NewTree("glenda", root)})
		v := ns.View{Pgrp: ns.NewPgrp(), User: "glenda", Devs: devs}
		c, err := v.Open(ctx, "#x/f", ninep.OWRITE)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, text := range []string{"ab", "cd"} {
			go c.Write(ctx, []byte(text))
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		if at[0] != 'a' || at[2] != 'c' || c.Offset() != 4 {
			t.Error(at, c.Offset())
		}
	})
}
