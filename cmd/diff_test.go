package cmd

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	f := files{
		"a": "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
		"b": "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n12\n13\n",
		"e": "", "x": "x", "xn": "x\n", "bin": "\x00\x01", "bin2": "\x00\x02",
		"s1": "a b\n", "s2": "a   b  \n", "s3": "ab\n", "s4": " a b\n",
		"d1/same": "1\n", "d1/only1": "", "d1/diff": "1\n", "d1/sub/f": "1\n",
		"d2/same": "1\n", "d2/only2": "", "d2/diff": "2\n", "d2/sub/f": "2\n",
	}
	runRows(t, []row{
		{"the same", f, "diff a a", ""},
		{"normal", f, "diff a b", "3c3\n< 3\n---\n> three\n11d10\n< 11\n12a12\n> 13\nstatus: some\n"},
		{"from nothing", f, "diff e xn\ndiff xn e", "0a1\n> x\nstatus: some\n1d0\n< x\nstatus: some\n"},
		{"newline at the end", f, "diff x xn", "1c1\n< x\n\\ No newline at end of file\n---\n> x\nstatus: some\n"},
		{"names", f, "diff -n a b", "a:3 c b:3\n< 3\n---\n> three\na:11 d b:10\n< 11\na:12 a b:12\n> 13\nstatus: some\n"},
		{"script for ed", f, "diff -e a b", "12a\n13\n.\n11d\n3c\nthree\n.\nstatus: some\n"},
		{"forward script", f, "diff -f a b", "c3\nthree\n.\nd11\na12\n13\n.\nstatus: some\n"},
		{"context", f, "diff -c a b", "a:1,6 - b:1,6\n  1\n  2\n- 3\n+ three\n  4\n  5\n  6\na:8,12 - b:8,12\n  8\n  9\n  10\n- 11\n  12\n+ 13\nstatus: some\n"},
		{"unified", f, "diff -u a b", "--- a\n+++ b\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@ -8,5 +8,5 @@\n 8\n 9\n 10\n-11\n 12\n+13\nstatus: some\n"},
		{"unified from nothing", f, "diff -u e xn", "--- e\n+++ xn\n@@ -0,0 +1,1 @@\n+x\nstatus: some\n"},
		{"all as context", f, "diff -a xn e", "xn:1 - e:0\n- x\nstatus: some\n"},
		{"command line", f, "diff -mu x xn", "diff -u x xn\n--- x\n+++ xn\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\nstatus: some\n"},
		{"blanks", f, "diff -b s1 s2\ndiff -b s1 s3\ndiff -b s1 s4", "1c1\n< a b\n---\n> ab\nstatus: some\n1c1\n< a b\n---\n>  a b\nstatus: some\n"},
		{"no blanks", f, "diff -w s1 s3\ndiff -w s2 s4", ""},
		{"binary", f, "diff bin bin\ndiff bin bin2", "binary files bin bin2 differ\nstatus: some\n"},
		{"with a directory", f, "diff d1 d2/diff\ndiff d1/diff d2", "1c1\n< 1\n---\n> 2\nstatus: some\n1c1\n< 1\n---\n> 2\nstatus: some\n"},
		{"directories", f, "diff d1 d2", "diff d1/diff d2/diff\n1c1\n< 1\n---\n> 2\nOnly in d1: only1\nOnly in d2: only2\nCommon subdirectories: d1/sub and d2/sub\nstatus: some\n"},
		{"directories below", f, "diff -r d1/sub d2/sub\ndiff -re d1 d2", "diff d1/sub/f d2/sub/f\n1c1\n< 1\n---\n> 2\nstatus: some\n" +
			"diff -e d1/diff d2/diff\n1c\n2\n.\ndiff -e d1/sub/f d2/sub/f\n1c\n2\n.\nstatus: some\n"},
		{"many with a directory", f, "diff d1/same d1/diff d2", "diff d1/diff d2/diff\n1c1\n< 1\n---\n> 2\nstatus: some\n"},
		{"standard input", f, "diff - xn <x", "1c1\n< x\n\\ No newline at end of file\n---\n> x\nstatus: some\n"},
		{"missing", f, "diff a nosuch", "diff: cannot stat nosuch: 'nosuch' file does not exist\nstatus: error\n"},
		{"many with a file", f, "diff a b x", "diff: not directory: x\nstatus: error\n"},
	})
}

// TestHunks applies the differences of random files: they turn one into the
// other, and are as few as a table of all common subsequences says.
func TestHunks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	lines := func() []string {
		s := make([]string, r.IntN(12))
		for i := range s {
			s[i] = string(rune('a' + r.IntN(4)))
		}
		return s
	}
	for range 5000 {
		old, new := lines(), lines()
		hs := hunks(old, new)
		var got []string
		at, changed := 0, 0
		for _, h := range hs {
			got = append(got, old[at:h.a-1]...)
			got = append(got, new[h.c-1:h.d]...)
			at = h.b
			changed += h.b - h.a + 1 + h.d - h.c + 1
		}
		got = append(got, old[at:]...)
		if !slices.Equal(got, new) {
			t.Fatalf("%q to %q: %v gives %q", old, new, hs, got)
		}
		if want := len(old) + len(new) - 2*common(old, new); changed != want {
			t.Fatalf("%q to %q: %d lines changed by %v, want %d", old, new, changed, hs, want)
		}
	}
}

// common returns the length of a longest common subsequence.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diag := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diag + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diag = up
		}
	}
	return row[len(b)]
}

func TestDiffLarge(t *testing.T) {
	old := strings.Split(strings.Repeat("a b c d e f g h ", 200), " ")
	new := slices.Clone(old)
	slices.Reverse(new)
	if hs := hunks(old, new); len(hs) == 0 {
		t.Error("no differences")
	}
}
