package cmd

import (
	"strings"
	"testing"
)

func TestFactorOracle(t *testing.T) {
	compareRows(t, []oracle{
		{name: "numbers", cmd: "factor 1 2 12 97 1001 65536 1234567890 999999999989 0"},
		{name: "squares", cmd: "factor 49 121 1369 10403 994009"},
		{name: "with a fraction or words", cmd: "factor 12.0 12x"},
		{name: "input", cmd: "factor", input: "12\n7\n0\n5\n"},
		{name: "input that is none", cmd: "factor", input: "12\nx\n5\n"},
		{name: "negative", cmd: "factor -5", want: "usage: factor [number ...]\nstatus: usage\n"},
		{name: "too large", cmd: "factor 1e20", want: "factor: 1e20: not a number below 2^53\nstatus: 1e20: not a number below 2^53\n"},
	})
}

func TestPrimesOracle(t *testing.T) {
	compareRows(t, []oracle{
		{name: "small", cmd: "primes 0 100"},
		{name: "from 1", cmd: "primes 1 3"},
		{name: "one", cmd: "primes 97 97"},
		{name: "none", cmd: "primes 90 96", input: "x"},
		{name: "over several sieves", cmd: "primes 100 70000"},
		{name: "large", cmd: "primes 1000000000000 1000000000200"},
		{name: "too large", cmd: "primes 1e17 2e17", want: "limits exceeded\nstatus: limits\n"},
		{name: "negative", cmd: "primes -- -5", want: "limits exceeded\nstatus: limits\n"},
	})
}

func TestCalOracle(t *testing.T) {
	var rows []oracle
	// 9front has other headings.
	days := strings.NewReplacer(" S  M Tu  W Th  F  S", "Su  M Tu  W Th  F Sa")
	for _, args := range []string{"1999", "2000", "1752", "1700", "1900", "100", "9999", "13", "sep 1752", "2 2024", "feb 1900", "february 2023", "jan 1", "12 9999", "8 1751", "3 1800", "11 2026", "sept 1"} {
		rows = append(rows, oracle{name: args, cmd: "cal " + args, edit: days})
	}
	rows = append(rows,
		oracle{name: "now", cmd: "cal", want: "   January 2000\nSu  M Tu  W Th  F Sa\n                   1\n 2  3  4  5  6  7  8\n 9 10 11 12 13 14 15\n16 17 18 19 20 21 22\n23 24 25 26 27 28 29\n30 31\n"},
		oracle{name: "weeks that begin on Monday, for which 9base has no option", cmd: "cal -s 1 feb 2021", want: "   February 2021\n M Tu  W Th  F Sa Su\n 1  2  3  4  5  6  7\n 8  9 10 11 12 13 14\n15 16 17 18 19 20 21\n22 23 24 25 26 27 28\n\n\n"},
		oracle{name: "bad month", cmd: "cal 13 2000"},
		oracle{name: "bad year", cmd: "cal 1 10000"},
		oracle{name: "no month", cmd: "cal foo", want: "cal: bad argument\n"})
	compareRows(t, rows)
}

func TestUnicodeOracle(t *testing.T) {
	compareRows(t, []oracle{
		{name: "characters", cmd: "unicode pé λ"},
		{name: "values", cmd: "unicode 41 3bb e9"},
		{name: "text", cmd: "unicode -t 48 69 a"},
		{name: "range", cmd: "unicode 2200-2214"},
		{name: "ranges", cmd: "unicode 41-41 61-68 30-39"},
		{name: "numbers", cmd: "unicode -n 41"},
		{name: "bad range", cmd: "unicode 20-1x", want: "unicode: bad range 20-1x\nstatus: bad range\n"},
		{name: "bad value", cmd: "unicode 41 zz", want: "A\nunicode: bad unicode value zz\nstatus: bad char\n"},
		{name: "bad utf", cmd: "unicode -n \xff", want: "unicode: invalid utf string \xff\nstatus: bad utf\n"},
	})
}

func TestAsciiOracle(t *testing.T) {
	// 9front has another name for a form feed.
	ff := strings.NewReplacer(" np ", " ff ")
	compareRows(t, []oracle{
		{name: "table", cmd: "ascii", edit: ff},
		{name: "decimal", cmd: "ascii -d", edit: ff},
		{name: "octal", cmd: "ascii -o", edit: ff},
		{name: "base 3", cmd: "ascii -b 3", edit: ff},
		{name: "values", cmd: "ascii hello"},
		{name: "characters", cmd: "ascii 41 0 20 7f a"},
		{name: "decimal characters", cmd: "ascii -d 65 66"},
		{name: "numeric", cmd: "ascii -n 41"},
		{name: "text", cmd: "ascii -t 48 69"},
		{name: "latin", cmd: "ascii -8c e9 a0 85"},
		{name: "bad digit", cmd: "ascii -c 4x", want: "ascii: bad input char x\nstatus: bad\n"},
	})
}

func TestLookOracle(t *testing.T) {
	f := files{"w": "apple\nbanana\nband\nbandit\ncherry\ndate\nzebra\n", "n": "-5\n1\n2 two\n10\n10.5\n200\n", "t": "a\t1\nb\t2\nba\t3\n", "d": "Aa\na-b\nab\nABC\n", "e": ""}
	var rows []oracle
	for _, args := range []string{"ban w", "band w", "-x band w", "apple w", "zebra w", "a w", "z w", "b t", "-x b t", "-n 2 n", "-n 10 n", "-n -- -5 n", "-df ab d", "-f a d", "'' w"} {
		rows = append(rows, oracle{name: args, cmd: "look " + args, files: f})
	}
	rows = append(rows,
		oracle{name: "interactive", cmd: "look -i w", input: "ban\nnone\nz\n", files: f},
		oracle{name: "another base, for which 9base has no option", cmd: "look -b 16 C8 w", files: files{"w": "1\na\nc8\n100\n"}, want: "c8\n"},
		oracle{name: "no final newline, of which 9base loses the line", cmd: "look b n", files: files{"n": "a\nb"}, want: "b\n"},
		oracle{name: "not found", cmd: "look q w", files: f, want: "status: not found\n"},
		oracle{name: "empty", cmd: "look q e", files: f, want: "status: not found\n"},
		oracle{name: "no dictionary", cmd: "look q", want: "look: can't open /lib/words\nstatus: no dictionary\n"})
	compareRows(t, rows)
}

func TestFmtOracle(t *testing.T) {
	f := files{
		"a": "one two three.  Four\nfive Mr. X. six! seven\n\n\n   indented text that goes on\n   and on and on and on and on and on and on and on and on and on and on\n\tdeeper\n",
		"b": "nothing", "e": "", "u": "é λ éé λλ\n", "x": "a \xff\xfe b\n",
	}
	var rows []oracle
	for _, args := range []string{"a", "-l 20 a", "-w 1 a", "-i 4 b", "-j -l 30 a", "b a b", "e", "u", "-l 5 u"} {
		rows = append(rows, oracle{name: args, cmd: "fmt " + args, files: f})
	}
	rows = append(rows,
		oracle{name: "bytes that are no UTF", cmd: "fmt x", files: f, want: "a \xff\xfe b\n"},
		oracle{name: "empty lines stay empty, other than in 9base", cmd: "fmt -i 9", input: "a\n\n\nb\n", want: "\t a\n\n\n\t b\n"},
		oracle{name: "input", cmd: "fmt", input: "a\nb\n"})
	compareRows(t, rows)
}

func TestStringsOracle(t *testing.T) {
	f := files{"b": "\x00\x01hello, world\x02abc\x03\x04sixsix\n\x01sev\xc3\xa9en\n", "e": ""}
	compareRows(t, []oracle{
		{name: "strings", cmd: "strings b", files: f},
		{name: "a string at 0, which 9base says is at 1", cmd: "strings", input: "long enough\x00short\x00", want: "       0: long enough\n"},
		{name: "empty", cmd: "strings e", files: f},
	})
}

func TestSplitOracle(t *testing.T) {
	f := files{"f": "one\ntwo\nthree\nfour\nfive", "h": "one\ntwo\nthree\nfour\nfive\n", "g": "= a\n1\n= B\n2\n3\n"}
	var rows []oracle
	for _, r := range [][2]string{{"-n 2 f", "xab"}, {"-n 2 h", "xac"}, {"-l 2 f", "xaa"}, {"f", "xaa"}, {"-n 3 -f y f", "yab"}, {"-e '= (.*)' g", "B"}, {"-i -e '= (.*)' -s .x g", "b.x"}, {"-x -e '= (.*)' g", "a"}} {
		rows = append(rows, oracle{name: r[0], cmd: "split " + r[0], files: f, after: r[1]})
	}
	compareRows(t, rows)
}

func TestTeeOracle(t *testing.T) {
	compareRows(t, []oracle{
		{name: "no file", cmd: "tee", input: "a\xffb\nno newline"},
		{name: "a file", cmd: "tee f g", input: "a\n", after: "g"},
		{name: "appended", cmd: "tee -a f", input: "b\n", files: files{"f": "a\n"}, after: "f"},
		{name: "rewritten", cmd: "tee f", input: "b\n", files: files{"f": "a\n"}, after: "f"},
		{name: "empty", cmd: "tee f", input: "", after: "f"},
	})
}
