package disk

import (
	"fmt"
	"testing"

	"ufo/ninep"
)

// A roomy store says how much longer it can become.
type roomy struct{ *Mem }

func (roomy) Free() (int64, error) { return 4096, nil }

func TestStats(t *testing.T) {
	for _, test := range []struct {
		name  string
		store Store
		want  string
	}{
		{"in memory", NewMem(), "used %d\nlive 10\n"},
		{"on a host", roomy{NewMem()}, "used %d\nlive 10\nfree 4096\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := mustOpen(t, test.store, base())
			if err := (user{d, "ken"}).put("tmp/x", "0123456789"); err != nil {
				t.Fatal(err)
			}
			root, err := d.Attach(ctx, "none", "stats")
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			size, _ := d.store.Size()
			b, err := ninep.ReadFile(ctx, root, "stats")
			want(t, "stats", string(b), err, fmt.Sprintf(test.want, size))
			if size < 10 {
				t.Errorf("used %d", size)
			}
		})
	}
}
