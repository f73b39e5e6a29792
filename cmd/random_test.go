package cmd

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// A dice makes random commands and what they read.
type dice struct{ *rand.Rand }

// one returns one of the words.
func (d dice) one(words ...string) string { return words[d.Intn(len(words))] }

// some returns up to n of the words, in any order, with a blank after each.
func (d dice) some(n int, words ...string) (s string) {
	for range d.Intn(n + 1) {
		s += d.one(words...) + " "
	}
	return s
}

// many returns up to n of the words with nothing between them.
func (d dice) many(n int, words ...string) (s string) {
	for range d.Intn(n + 1) {
		s += d.one(words...)
	}
	return s
}

// lines returns up to n lines of a few words, so that some lines and some
// fields are the same. The last may have no newline if that is allowed.
func (d dice) lines(n int, open bool) (s string) {
	for range d.Intn(n + 1) {
		for i := range d.Intn(4) {
			if i > 0 {
				s += d.one(" ", " ", "  ", "\t", ":")
			}
			s += d.one("a", "b", "B", "ab", "abc", "é", "λx", "10", "9", "-1", "1.5", "jan", "Feb", "x.y", "the", "")
		}
		s += "\n"
	}
	if open && d.Intn(4) == 0 {
		s = strings.TrimSuffix(s, "\n")
	}
	return s
}

// sorted returns lines in order.
func (d dice) sorted(n int) string {
	lines := slices.Collect(strings.Lines(d.lines(n, false)))
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// changed returns a text some of whose lines are others.
func (d dice) changed(text string) (s string) {
	for line := range strings.Lines(text) {
		switch d.Intn(8) {
		case 0:
		case 1:
			s += d.lines(2, false) + line
		case 2:
			s += strings.ReplaceAll(line, " ", d.one("  ", "\t", " ", ""))
		default:
			s += line
		}
	}
	return s + d.lines(d.Intn(2), false)
}

// randoms are the commands that are made at random: a line, and the files f
// and g.
var randoms = []struct {
	name string
	make func(d dice) (line, f, g string)
}{
	{"sort", func(d dice) (string, string, string) {
		latin := strings.NewReplacer("λ", "é")
		f, g := latin.Replace(d.lines(20, true)), latin.Replace(d.lines(5, true))
		if d.Intn(2) == 0 {
			return "sort " + d.some(2, "-r", "-b") + "+0" + d.one("n", "f", "d", "fd", "i", "g", "di") + d.one(" f", " f g"), f, g
		}
		line := "sort " + d.some(2, "-r", "-b", "-t:", "'-t '")
		key := func(dots ...string) string { return fmt.Sprint(d.Intn(4), d.one(dots...), d.one("", "", "b")) }
		for range d.Intn(3) {
			line += "+" + key("", "", ".1", ".2") + d.one("", "n", "r", "f", "d", "nr") + " " + d.one("", "-"+key("")+" ")
		}
		return line + d.one("f", "f g"), f, g
	}},
	{"sort -k", func(d dice) (string, string, string) {
		line := "sort " + d.some(2, "-r", "-t:")
		key := func(dot ...string) string {
			return fmt.Sprint(1+d.Intn(3), d.one(dot...), d.one("", "b"))
		}
		for range 1 + d.Intn(2) {
			line += "-k" + key("", "", ".1", ".2") + d.one("", ","+key("")) + d.one("", "n", "r", "f", "nr") + " "
		}
		return line + "f", d.lines(20, true), ""
	}},
	{"uniq", func(d dice) (string, string, string) {
		return "uniq " + d.one("", "-c ", "-d ", "-u ") + d.one("", "-1 ", "-2 ") + "f", d.sorted(30), ""
	}},
	{"join", func(d dice) (string, string, string) {
		line := "join " + d.one("", "-a 1 ", "-a 1 -a 2 ") + d.some(2, "-t:", "-1 2", "-2 2") + d.one("", "-o 1.1,2.2 ", "-o 0,1.2,2.1 ", "-e x -o 1.2,2.2 ")
		return line + "f g", d.sorted(12), d.sorted(12)
	}},
	{"tr", func(d dice) (string, string, string) {
		set := func() string {
			return d.one("a", "x", "é", "\\\\", "\\\\x3b1") + d.many(3, "b", "c-f", "0-9", "A-Z", "λ", "\\n", "\\012", " ", "-")
		}
		line := "tr " + d.some(2, "-c", "-d", "-s") + "'" + set() + "' "
		return line + d.one("", "'"+set()+"'"), "", ""
	}},
	{"diff", func(d dice) (string, string, string) {
		f := d.lines(30, false)
		return "diff " + d.one("", "-b ", "-w ") + d.one("", "-e ", "-f ", "-n ", "-c ", "-a ") + d.one("", "-m ") + "f g", f, d.changed(f)
	}},
	{"tail", func(d dice) (string, string, string) {
		return "tail " + d.one("-", "+") + fmt.Sprint(1+d.Intn(12)) + d.one("", "l", "c", "r", "lr", "cr") + " f", "x" + d.lines(15, true), ""
	}},
	{"grep", func(d dice) (string, string, string) {
		return "grep " + d.some(2, "-n", "-v", "-c", "-i", "-h", "-l", "-s") + "-e '" + d.one("", "", "^") + d.regexp(3) + d.one("", "", "$") + "' " + d.one("f", "f g"), d.lines(20, true), d.lines(5, true)
	}},
	{"sed", func(d dice) (string, string, string) {
		return "sed " + d.one("", "-n ") + "'" + d.sed() + "' " + d.one("f", "f g"), d.lines(12, true), d.lines(5, true)
	}},
	{"ed", func(d dice) (string, string, string) {
		return "ed - f", "first\n" + d.lines(12, false), d.lines(4, false)
	}},
	{"fmt", func(d dice) (string, string, string) {
		return "fmt " + d.some(2, "-l 20", "-w 9", "-i 3", "-j") + "f", strings.ReplaceAll("a"+d.lines(15, true), "\n", "\na"), ""
	}},
	{"wc", func(d dice) (string, string, string) {
		return "wc " + d.some(2, "-l", "-w", "-r", "-c") + d.one("f", "f g"), d.lines(15, true), d.lines(5, true)
	}},
	{"xd", func(d dice) (string, string, string) {
		return "xd " + d.one("", "-ad ", "-ao ") + d.some(3, "-c", "-1x", "-2o", "-bd", "-w", "-4d", "-s", "-r", "-u") + d.one("f", "f g"), d.lines(15, true), d.lines(5, true)
	}},
	{"split", func(d dice) (string, string, string) {
		return "split " + d.one("-n 3", "-l 5", "-n 1") + d.one("", " -s .z") + " f\ncat xaa xab xac", d.lines(15, false), ""
	}},
	{"look", func(d dice) (string, string, string) {
		return "look " + d.some(1, "-x", "-t:") + d.one("a", "ab", "b", "λ", "1") + " f", d.sorted(12), ""
	}},
	{"sum", func(d dice) (string, string, string) {
		return "sum " + d.one("", "-r ", "-5 ") + "f g", d.lines(15, true), d.lines(5, true)
	}},
}

// regexp returns a regular expression of some depth.
func (d dice) regexp(depth int) string {
	s := ""
	for range 1 + d.Intn(3) {
		switch n := d.Intn(10); {
		case n < 5 || depth == 0:
			s += d.one("a", "b", "é", ".", "1", "e", " ", "[a-c]", "[^ab]", "[λé]", "\\.")
		case n < 7:
			s += d.one("a", "b", ".", "[0-9]") + d.one("*", "+", "?")
		case n < 8:
			s += "(" + d.regexp(depth-1) + ")" + d.one("", "*", "?")
		case n < 9:
			s += "(" + d.regexp(depth-1) + "|" + d.regexp(depth-1) + ")"
		default:
			s += d.one("ab", "a b")
		}
	}
	return s
}

// sed returns a script of a few commands that ends.
func (d dice) sed() string {
	pattern := func() string { return "/" + d.regexp(1) + "/" }
	var cmds []string
	for range 1 + d.Intn(4) {
		c := d.one("", "", "1", "3", "$", pattern(), "2,4", "5,$", "3,"+pattern(), pattern()+","+pattern(), pattern()+",$") + d.one("", "", "!")
		if strings.HasSuffix(c, "!") {
			cmds = append(cmds, c+d.one("p", "d", "h", "x", "s/a/A/", "N"))
			continue
		}
		c += d.one("p", "d", "=", "l", "n", "N", "D", "h", "H", "g", "G", "x", "q",
			"y/ab1/xyz/", "s/"+d.regexp(2)+"/"+d.many(3, "x", "&", "-", "é")+"/"+d.one("", "g", "p", "2", "gp"),
			"a\\\n"+d.one("added", " two\\\nlines"), "i\\\ninserted")
		cmds = append(cmds, c)
	}
	return strings.Join(cmds, "\n")
}

// ed returns commands for ed.
func (d dice) ed() string {
	addr := func() string {
		return d.one("1", "2", "$", ".", "3", "/"+d.regexp(1)+"/", "?"+d.regexp(1)+"?", "+", "-", "'a", "2+1", "$-1")
	}
	s := ""
	for range 1 + d.Intn(8) {
		s += d.one("", "", addr(), addr()+","+addr(), ",")
		s += d.one("p", "d", "n", "l", "=", "j", "ka", "m"+addr(), "t"+addr(), "u", "",
			"s/"+d.regexp(2)+"/"+d.many(3, "x", "&", "-")+"/"+d.one("", "g", "p", "2"),
			"a\nadded\n.", "i\ninserted\n.", "c\nchanged\n.", "g/"+d.regexp(1)+"/"+d.one("p", "s/a/[&]/", "m0"),
			"v/"+d.regexp(1)+"/"+d.one("p", "t$"), "r g", "w h", "f") + "\n"
	}
	return s + ",p\n"
}

// TestOracleRandom compares random commands with what Plan 9's programs do.
func TestOracleRandom(t *testing.T) {
	for _, tool := range randoms {
		t.Run(tool.name, func(t *testing.T) {
			bin := oracleProgram(tool.name)
			if bin == "" {
				t.Skip("not among Plan 9's programs here")
			}
			for seed := range randomSeeds {
				d := dice{rand.New(rand.NewSource(int64(seed)))}
				line, f, g := tool.make(d)
				c := &oracleCase{script: line + "\n", in: d.lines(10, true)}
				if tool.name == "ed" {
					c.in, c.script = d.ed(), line+"\ncat h\n"
				}
				c.files = []oraclePart{{"f", f}, {"g", g}}
				if diff := compareRandom(t, bin, c); diff != "" {
					for shrink(c, func() bool { return compareRandom(t, bin, c) != "" }) {
					}
					diff = compareRandom(t, bin, c)
					t.Errorf("seed %d: Plan 9's program differs in its %s\n%s", seed, diff, c)
					return
				}
			}
		})
	}
}

// randomSeeds is how many commands of a kind are tried.
const randomSeeds = 40

// compareRandom runs a case here and with Plan 9's programs.
func compareRandom(t *testing.T, bin string, c *oracleCase) string {
	var got oracleResult
	synctest.Test(t, func(t *testing.T) {
		got = newMachine(t, files{"f": c.files[0].text, "g": c.files[1].text}).runCase(c)
	})
	want := runOracle(t, bin, &oracleTable{}, c)
	if strings.HasPrefix(want.status, "signal: ") {
		return "" // a crash
	}
	return compareOracle(want, got)
}

// shrink takes a line from what a case reads that can be missing, and reports
// whether there was one.
func shrink(c *oracleCase, bad func() bool) bool {
	for _, text := range []*string{&c.in, &c.files[0].text, &c.files[1].text} {
		old := *text
		for line := range strings.Lines(old) {
			if *text = strings.Replace(old, line, "", 1); bad() {
				return true
			}
		}
		*text = old
	}
	return false
}
