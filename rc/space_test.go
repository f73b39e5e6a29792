package rc_test

import (
	"strings"
	"testing"
)

// TestSpace makes values grow without end: that is an error of the script, and
// not the end of all nodes.
func TestSpace(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it copies some GB")
	}
	for name, script := range map[string]string{
		"list":         "x=(a b)\nwhile() x=($x $x)\n",
		"text":         "x=ab\nwhile() x=$x^$x\n",
		"list of text": "x=`{seq 1000}\nwhile() x=$x^$x\n",
		"flat":         "x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nwhile() x=($\"x $\"x)\n",
		"output":       "\nx=`{cat '#c/zero'}\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, nil)
			defer m.halt(t)
			r := m.script(t, map[string]string{"t": script}, "./t")
			if !strings.HasPrefix(r.errs, "./t:2: out of memory\n") || r.status != "error" {
				t.Errorf("%.200q, status %q", r.errs, r.status)
			}
		})
	}
}
