package fat

import (
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		name   string
		layout Layout
		want   string // or the error
	}{
		{"smallest", Layout{Total: 18}, "FAT12: 1 clusters of 512 bytes"},
		{"too small", Layout{Total: 17}, "no DOS file system can have this size"},
		{"a floppy", Layout{Total: 2880, Label: "boot disk"}, "FAT12: 2847 clusters of 512 bytes"},
		{"the most of 12 bits", Layout{Total: 4125}, "FAT12: 4084 clusters of 512 bytes"},
		{"too many for 12, too few for 16", Layout{Total: 4126}, "FAT12: 2048 clusters of 1024 bytes"},
		{"32 bits", Layout{Total: 67000, Cluster: 1, Label: "BIG"}, "FAT32: 65920 clusters of 512 bytes"},
		{"reserved", Layout{Total: 2880, Reserved: 100, Cluster: 2}, "FAT12: 1378 clusters of 1024 bytes"},
		{"no power of two", Layout{Total: 2880, Cluster: 3}, "no DOS file system can have this size"},
		{"a long label", Layout{Total: 2880, Label: "twelve chars"}, "bad label: at most 11 letters and digits"},
		{"a bad label", Layout{Total: 2880, Label: "a/b"}, "bad label: at most 11 letters and digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := mem(strings.Repeat("x", int(test.layout.Total)*512))
			got, err := Format(t.Context(), m, test.layout, now())
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%s, not %s", got, test.want)
			}
			if err == nil {
				w := world{t, mustNew(t, m), map[string]string{}, nil}
				w.compare()
				check(t, m)
			}
		})
	}
}

func TestLayout(t *testing.T) {
	for _, test := range []struct {
		name                string
		total               int64
		bits, cluster, many int
	}{
		{"16M", 16 << 11, 16, 2, 16303},
		{"64M", 64 << 11, 16, 2, 65263},
		{"128M", 128 << 11, 16, 8, 32731},
		{"1G", 1 << 21, 32, 8, 261628},
		{"100G", 100 << 21, 32, 64, 3275999},
		{"2T", 1<<32 - 1, 32, 128, 33550335},
	} {
		l := Layout{Total: test.total}
		if !l.choose() || l.bits != test.bits || l.Cluster != test.cluster || l.clusters != int64(test.many) {
			t.Errorf("%s: %+v", test.name, l)
		}
	}
}
