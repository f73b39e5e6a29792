package cmd

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/proc"
)

// diffPair returns a text and another that was made from it, with lines that
// come again, that look like what diff and ed print, and that are no UTF.
func diffPair(r *rand.Rand) (old, new string) {
	d := dice{r}
	line := func() string {
		return d.one("a", "b", "", " ", "..", ". ", "> x", "---", "\\", "1,2d", "é世", "\xff\xc3", "w", strings.Repeat("long ", 900)) + "\n"
	}
	for range r.Intn(25) {
		l := line()
		old += l
		switch r.Intn(6) {
		case 0:
		case 1:
			new += line() + l
		case 2:
			new += line()
		default:
			new += l
		}
	}
	if r.Intn(4) == 0 {
		new = strings.Repeat(line(), r.Intn(3))
	}
	return old, new
}

// TestDiffTwoWays takes differences apart again: a script of -e turns the first
// file into the second, and the whole of -a has both.
func TestDiffTwoWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, nil)
		put := func(name, text string) {
			m.do(func(p *proc.Proc) error {
				write(t, p, "/tmp/"+name, text, 0o666)
				return nil
			})
		}
		for seed := range int64(150) {
			old, new := diffPair(rand.New(rand.NewSource(seed)))
			put("old", old)
			put("new", new)
			script, _ := strings.CutSuffix(m.run("diff -e old new"), "status: some\n")
			put("script", script+"w out\n")
			if got := m.run("ed - old <script\ncat out"); got != new {
				t.Errorf("seed %d: ed makes of\n%q\nwith\n%q\n%q\nwant:\n%q", seed, old, script, got, new)
			}
			all, _ := strings.CutSuffix(m.run("diff -a old new"), "status: some\n")
			if err := wholeDiff(all, old, new); err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, all)
			}
		}
	})
}

// wholeDiff compares two texts with what diff -a says of them, which is
// nothing if they are the same.
func wholeDiff(all, old, new string) error {
	if all == "" && old == new {
		return nil
	}
	_, all, _ = strings.Cut(all, "\n")
	var a, b string
	for line := range strings.Lines(all) {
		if line[0] != '+' {
			a += line[2:]
		}
		if line[0] != '-' {
			b += line[2:]
		}
	}
	if a != old || b != new {
		return fmt.Errorf("the whole is of\n%q\n%q\nwant:\n%q\n%q", a, b, old, new)
	}
	return nil
}
