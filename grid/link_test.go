package grid

import (
	"strings"
	"testing"
)

func TestLinkCtl(t *testing.T) {
	for _, test := range []struct{ name, msg, want string }{
		{"unknown word", "bogus", "unknown control request"},
		{"nothing", "", "unknown control request"},
		{"no argument", "delay", "usage: delay latency [bytedelay]"},
		{"bad time", "delay 80q", "usage: delay latency [bytedelay]"},
		{"negative", "delay -1s", "usage: delay latency [bytedelay]"},
		{"bad byte delay", "delay 1 x", "usage: delay latency [bytedelay]"},
		{"loss above all", "loss 101%", "usage: loss part"},
		{"loss is no number", "loss NaN", "usage: loss part"},
		{"bandwidth", "bandwidth Infbit", "usage: bandwidth rate"},
		{"negative bandwidth", "bandwidth -1", "usage: bandwidth rate"},
		{"argument too many", "cut now", "usage: cut"},
		{"wrong end", "to n7 cut", "'n7' is no end of link a-b"},
		{"second setting bad", "delay=1ms loss=x", "usage: loss part"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, _, l := lab(t, "")
			before := l.Status()
			err := l.Ctl(test.msg)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v", err)
			}
			if l.Status() != before {
				t.Errorf("changed:\n%s", l.Status())
			}
		})
	}
}

// TestLinkStatus: what status shows restores the link.
func TestLinkStatus(t *testing.T) {
	_, _, _, l := lab(t, "")
	for _, msg := range []string{"delay 80000000 8", "jitter=5ms loss=2.5%", "to a cut", "seed 7", "limit 4096",
		"indrop 1", "to b bandwidth 10Mbit", "to b droprate 100"} {
		ctl(t, l, msg)
	}
	const want = `to a delay 80ms
to a jitter 5ms
to a bandwidth 1Gbit
to a loss 2.5%
to a indrop 1
to a limit 4096
to a seed 7
to a cut
to b delay 80ms
to b jitter 5ms
to b bandwidth 10Mbit
to b loss 1%
to b indrop 1
to b limit 4096
to b seed 7
to b heal
`
	if l.Status() != want {
		t.Errorf("status:\n%s", l.Status())
	}
	_, _, _, l2 := lab(t, "")
	for msg := range strings.Lines(l.Status()) {
		ctl(t, l2, msg)
	}
	if l2.Status() != want {
		t.Errorf("restored:\n%s", l2.Status())
	}
}
