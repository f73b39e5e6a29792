package disk

import (
	"testing"

	"ufo/ninep/ninetest"
)

// The suite that every server has to pass: with files of the base below it,
// and with all of its files of its own.
func TestSuite(t *testing.T) {
	for _, tree := range []struct {
		what string
		dir  []string
		disk *Disk
	}{
		{"base", []string{"tmp"}, mustOpen(t, NewMem(), base())},
		{"no base", nil, mustOpen(t, NewMem(), nil)},
	} {
		strict := ninetest.Strict(tree.disk)
		opt := ninetest.Options{Dir: tree.dir}
		if err := opt.Test(ctx, strict); err != nil {
			t.Errorf("%s: %v", tree.what, err)
		}
		if err := opt.TestWire(ctx, strict); err != nil {
			t.Errorf("%s over a wire: %v", tree.what, err)
		}
		if err := strict.Check(); err != nil {
			t.Errorf("%s: %v", tree.what, err)
		}
		before := dump(t, tree.disk)
		if after := dump(t, mustOpen(t, tree.disk.store, tree.disk.cfg.Base)); after != before {
			t.Errorf("%s: before a restart:\n%s\nafter:\n%s", tree.what, before, after)
		}
	}
}
