package cmd

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRegcomp(t *testing.T) {
	tests := []struct {
		name, expr, in, want string // want is the match; "-" for none
	}{
		{"literal", "bc", "abcd", "bc"},
		{"leftmost", "b+", "abbab", "bb"},
		{"longest alternative", "a|ab|abc", "abcd", "abc"},
		{"longest of nested alternatives", "(a|ab)(c|bcd)", "abcd", "abcd"},
		{"star is greedy", "a.*c", "abcabc", "abcabc"},
		{"question after star", "ab*?c", "abbc", "abbc"},
		{"double star", "a**b", "aaab", "aaab"},
		{"plus of a question", "a?+b", "aab", "aab"},
		{"repeated group", "(ab)*+c", "ababc", "ababc"},
		{"braces are literal", "a{2}", "aa a{2}", "a{2}"},
		{"backslash d is a d", `\d\w\b`, "1 dwb", "dwb"},
		{"backslash n is an n", `\n`, "a\nn", "n"},
		{"escaped metacharacters", `\.\*\(\[\\`, `x.*([\`, `.*([\`},
		{"dot is a rune", "^.$", "é", "é"},
		{"dot is not newline", "a.b", "a\nb", "-"},
		{"bad utf is one character", "^.$", "\xff", "\xff"},
		{"line anchors", "^b$", "a\nb\nc", "b"},
		{"class", "[b-d]+", "abcde", "bcd"},
		{"class of metacharacters", "[.*+]+", "a+*.b", "+*."},
		{"class with quoted bracket and minus", `[\]\-]+`, "a]-b", "]-"},
		{"class has no named classes", "[[:a]+", "z[:a", "[:a"},
		{"class of runes", "[α-ω]+", "abγδ", "γδ"},
		{"negated class", "[^a]+", "aabca", "bc"},
		{"negated class is not newline", "a[^b]c", "a\nc", "-"},
		{"caret inside a class", "[a^]+", "^a", "^a"},
		{"empty class matches nothing", "a[]", "a", "-"},
		{"descending range matches nothing", "[z-a]", "m", "-"},
		{"no flags", "(?i)a", "i", "-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := "-"
			re, err := regcomp(tt.expr, false)
			if err == nil {
				if m := re.FindStringIndex(tt.in); m != nil {
					got = tt.in[m[0]:m[1]]
				}
			}
			if got != tt.want && !(err != nil && tt.want == "-") {
				t.Errorf("%q on %q: got %q (%v), want %q", tt.expr, tt.in, got, err, tt.want)
			}
		})
	}
	for _, bad := range []string{"(a", "a)", "[a", "[^", "[-a]", "[a-]", "*a", `[a\`, "", "a|", "(|a)", "a||b", "a()"} {
		if _, err := regcomp(bad, false); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
	if re, err := regcomp("straße", true); err != nil || !re.MatchString("STRAßE") {
		t.Errorf("case is not folded (%v)", err)
	}
}

// TestLineMatcherManyStates makes an automaton that has more states than are
// kept.
func TestLineMatcherManyStates(t *testing.T) {
	re, err := regcomp("(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$", false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newLineMatcher([]*regexp.Regexp{re})
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 20000)
	for i := range line {
		line[i] = "ab"[i*i%7%2] ^ byte(i%11&1)*3
	}
	for n := range 50 {
		b := line[:len(line)-n]
		if got, want := m.match(b), re.Match(b); got != want {
			t.Fatalf("%d bytes: %v, want %v", len(b), got, want)
		}
	}
	if len(m.states) > maxLineStates+1 {
		t.Errorf("%d states are kept", len(m.states))
	}
}

// FuzzLineMatcher wants the automaton to agree with package regexp.
func FuzzLineMatcher(f *testing.F) {
	for _, s := range []string{"a|b$", "^$", "(a|ab)*c?", "[^a]x+$|^y", "$^", "x*$", ".é", "(^|b)(c|$)", "[λ-ω]."} {
		f.Add(s, "abc", false)
		f.Add(s, "xxé\xffλy", true)
	}
	f.Fuzz(func(t *testing.T, expr, line string, fold bool) {
		re, err := regcomp(expr, fold)
		if err != nil || strings.Contains(line, "\n") {
			return
		}
		m, err := newLineMatcher([]*regexp.Regexp{re, re})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, want := m.match([]byte(line)), re.MatchString(line); got != want {
				t.Errorf("%q, %v on %q: %v, want %v", expr, fold, line, got, want)
			}
			m.reset()
		}
	})
}

// FuzzRegcomp wants an answer for every expression, and that one made literal
// matches itself.
func FuzzRegcomp(f *testing.F) {
	for _, s := range []string{"a(b|c)*d?", `[^a-z\]]+$`, `\(\*`, "a**b", "(()"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		regcomp(s, false)
		if s == "" || !utf8.ValidString(s) {
			return
		}
		var lit strings.Builder
		for _, c := range s {
			lit.WriteString(`\` + string(c))
		}
		re, err := regcomp(lit.String(), false)
		if err != nil {
			t.Fatal(err)
		}
		if m := re.FindString("x" + s); m != s {
			t.Errorf("%q matches %q", lit.String(), m)
		}
	})
}
