package rc

import (
	"strings"
	"testing"
)

// printed has sources and the form they are printed in.
var printed = []struct{ name, src, want string }{
	{"simple", "echo  hi   there # comment", "echo hi there"},
	{"sequence on a line", "a; b;c", "a; b; c"},
	{"sequence on lines", "a\nb\n\n\nc", "a\nb\nc"},
	{"brace", "{a;b}", "{\n\ta; b\n}"},
	{"brace makes lines", "{a}; b", "{\n\ta\n}\nb"},
	{"empty brace", "{}", "{}"},
	{"async", "a & b &\nc&", "a & b &\nc &"},
	{"free carets", "cc -$flags $stem.c 'a'$b`{c}", "cc -^$flags $stem^.c 'a'^$b^`{\n\tc\n}"},
	{"dollar ends at a dot", "$x.c $x-y $x*", "$x^.c $x^-y $x*"},
	{"subscripts", "echo $x(1 2-) $x (1)", "echo $x(1 2-) $x (1)"},
	{"count and flat", `echo $#x $"x $$x`, `echo $#x $"x $$x`},
	{"lists", "x=(a (b c) d) y=()", "x=(a (b c) d) y=()"},
	{"pipes", "a|b|[2]c |[3=4]\n d", "a | b |[2] c |[3=4] d"},
	{"redirections behind", "cmd >a arg >>b <c <>d >[2]e", "cmd arg >a >>b <c <>d >[2]e"},
	{"redirections before", ">a b <c d", "b d >a <c"},
	{"redirection alone", ">a", ">a"},
	{"duplicates", "cmd >[2=1] <[0=3] >[4=] <>[5=6]", "cmd >[2=1] >[0=3] >[4=] >[5=6]"},
	{"brace redirected", "{a} >b >[2=1]", "{\n\ta\n} >b >[2=1]"},
	{"pipe files", "cmp <{a} >{b} <>{c}", "cmp <{\n\ta\n} >{\n\tb\n} <>{\n\tc\n}"},
	{"pipe file as a command", "<{a} b", "<{\n\ta\n} b"},
	{"and or", "a && b || ! c && @ d", "a && b || ! c && @ d"},
	{"bang takes a pipeline", "! a | b && c", "! a | b && c"},
	{"if", "if(a;b)c\nif not d", "if(a; b) c\nif not d"},
	{"if takes all", "if(a) b && c | d; e", "if(a) b && c | d; e"},
	{"if over lines", "if(a)\n\n b", "if(a) b"},
	{"empty body", "if(a);\nb", "if(a) {}\nb"},
	{"chain of if not", "if(a) b\nif not if(c) d\nif not e", "if(a) b\nif not if(c) d\nif not e"},
	{"for", "for(i in a $b)c;for(i)d;for(i in)e", "for(i in a $b) c; for(i) d; for(i in) e"},
	{"while", "while()a", "while() a"},
	{"while with lines", "while(a\nb) {c}", "while(a\nb) {\n\tc\n}"},
	{"switch", "switch($x){case a b;c;d\ncase *\ne\n}", "switch ($x) {\ncase a b\n\tc; d\ncase *\n\te\n}"},
	{"empty case", "switch x {\ncase a\ncase b\n c}", "switch x {\ncase a\ncase b\n\tc\n}"},
	{"fn", "fn f g{a}\nfn h\nfn i {}", "fn f g {\n\ta\n}\nfn h\nfn i {}"},
	{"match", "~ $x a* [~b] 'c*'", "~ $x a* [~b] 'c*'"},
	{"assignments", "x=a y=b cmd; z=c", "x=a y=b cmd; z=c"},
	{"assignment and redirection", "x=a >f cmd", "x=a cmd >f"},
	{"keywords as words", "echo for in if not ~ ! @ fn$x", "echo for in if not ~ ! @ fn^$x"},
	{"keyword as a variable", "echo $if(1) $in", "echo $if(1) $in"},
	{"quotes", "echo 'it''s' '' 'a\nb'", "echo 'it''s' '' 'a\nb'"},
	{"continuation", "echo a\\\nb", "echo a b"},
	{"backslash", `echo a\b \`, `echo a\b '\'`},
	{"no continuation in comments", "echo a # b\\\necho c", "echo a\necho c"},
	{"backquote", "x=`{a} y=`:{b} z=` $s {c}", "x=`{\n\ta\n} y=`:{\n\tb\n} z=`$s{\n\tc\n}"},
	{"here document", "cat <<EOF; echo b\nhi $x\nEOF\necho c", "cat <<EOF; echo b\nhi $x\nEOF\necho c"},
	{"here documents", "a <<'x' | b <<y\n1\nx\n2\ny\n", "a <<'x' | b <<y\n1\nx\n2\ny\n"},
	{"here document in a function", "fn f {\ncat <<E\n a\nE\n}", "fn f {\n\tcat <<E\n a\nE\n}"},
	{"here document without end", "cat <<E\na", "cat <<E\na\nE\n"},
	{"here document that ends at its tag", "cat <<E\nE", "cat <<E\nE\n"},
	{"file like a descriptor", ">> [00", ">> [00"},
	{"file like an operator", "a < <{b}", "a < <{\n\tb\n}"},
	{"keyword and backslash", "!\\\\", `'!\\'`},
	{"pattern and backslashes", "*\\\\", `*^'\\'`},
	{"variable like an operator", `echo $ "x`, `echo $'"x'`},
	{"empty commands", "a &&\n;| b\n& c", "a && {}\n{} | b\n{} & c"},
}

func TestPrint(t *testing.T) {
	for _, tt := range printed {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := Parse("test", tt.src)
			if err != nil {
				t.Fatal(err)
			}
			got := Print(tree)
			if got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
			again(t, got)
		})
	}
}

// again checks that text, which was printed, parses and prints to itself.
func again(t *testing.T, text string) {
	tree, err := Parse("again", text)
	if err != nil {
		t.Fatalf("printed text does not parse: %v\n%s", err, text)
	}
	if got := Print(tree); got != text {
		t.Errorf("printed again:\n%s\nwas:\n%s", got, text)
	}
}

func FuzzPrint(f *testing.F) {
	for _, tt := range printed {
		f.Add(tt.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if tree, err := Parse("fuzz", src); err == nil {
			again(t, Print(tree))
		}
	})
}

func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"unbalanced", "a\nb)", "t:2: token ')': syntax error"},
		{"end of line", "echo (a\nb)", "t:1: syntax error"},
		{"end of file", "if(a) {", "t:1: token EOF: syntax error"},
		{"equals", "echo a=b", "t:1: token '=': syntax error"},
		{"redirection", "a >[x]b", "t:1: token '>[x': redirection syntax"},
		{"huge descriptor", "a >[99999999999999999999]b", "t:1: token '>[99999999': redirection syntax"},
		{"pipe", "a |[1=] b", "t:1: token '|[1=]': pipe syntax"},
		{"stray if not", "a\nif not b", "t:2: `if not' does not follow `if(...)'"},
		{"if not inside", "if(a) b\n{if not c}", "t:2: `if not' does not follow `if(...)'"},
		{"no case", "switch(a){\nb\n}", "t:1: case missing in switch"},
		{"keyword first", "in a", "t:1: token in: syntax error"},
		{"here tag", "cat <<$x", "t:1: token EOF: Bad here tag"},
		{"nul in a here document", "cat <<x\n\x00\nx\n", "t:1: NUL bytes in here doc"},
		{"nul", "echo \x00", "t:1: token '\x00': syntax error"},
		{"subscript of a word", "echo a(1)", "t:1: token '( [SUB]': syntax error"},
		{"too deep", strings.Repeat("{", 100000), "t:1: token '{': nested too deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("t", tt.src)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		name, subject, pattern string
		want                   bool
	}{
		{"equal", "abc", "abc", true},
		{"prefix only", "abc", "ab", false},
		{"star", "abc", "a*", true},
		{"star empty", "a", "a*", true},
		{"star slash", "a/b/c", "a*c", true},
		{"stars", "mississippi", "*iss*ip*", true},
		{"stars fail", "mississippi", "*iss*ix*", false},
		{"many stars", strings.Repeat("a", 1000), strings.Repeat("*a", 200) + "*b", false},
		{"question", "λ", "?", true},
		{"question empty", "", "?", false},
		{"class", "b", "[abc]", true},
		{"range", "m", "[a-z]", true},
		{"range backwards", "m", "[z-a]", true},
		{"complement", "m", "[~a-k]", true},
		{"complement fails", "c", "[~a-k]", false},
		{"class star", "*", "[*]", true},
		{"class unclosed", "a", "[a", false},
		{"dot", ".x", "*", true},
		{"mark", "\x01", "\x01", true},
		{"bad utf", "\xff", "?", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Match(tt.subject, tt.pattern); got != tt.want {
				t.Errorf("Match(%q, %q) = %v", tt.subject, tt.pattern, got)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "abc", "abc"},
		{"empty", "", "''"},
		{"blank", "a b", "'a b'"},
		{"quote", "it's", "'it''s'"},
		{"letters", "λ", "λ"},
		{"tilde", "~", "~"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Quote(tt.in); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
