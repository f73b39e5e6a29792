package awk

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// goRegcomp compiles what is the same in Go's notation.
func goRegcomp(expr string) (*regexp.Regexp, error) {
	re, err := regexp.Compile("(?m)" + expr)
	if err == nil {
		re.Longest()
	}
	return re, err
}

// seeds are programs for the fuzzers.
var seeds = []string{
	`{ print $2, $1 }`, `BEGIN { FS = ",[ \t]*|[ \t]+" } { print $2 }`, `{ s += $1 } END { print s, s / NR }`,
	`/start/, /stop/`, `BEGIN { for (i = 1; i < ARGC; i++) printf "%s ", ARGV[i]; exit }`,
	`function f(n, a) { a[n]; return n < 2 ? 1 : n * f(n - 1) } { print f($1) }`,
	`{ n[$1, NF]++; delete n["x"] } END { for (k in n) { split(k, p, SUBSEP); print p[1] } }`,
	`{ gsub(/[a-z]+/, "<&>"); sub("b*", "\\&", $2); print substr($0, 2, NF) } END { print length(), index("ab", "b") }`,
	`BEGIN { while ((getline x < "in") > 0) if (x ~ "o$" || !(x in a)) { a[x] = toupper(x); continue } else break }`,
	`BEGIN { do { printf("%5.2f %*d|%c%%\n", x++, 3, x, x) > "out" } while (x < 5); close("out"); getline; print }`,
	`BEGIN { RS = ""; $3 = "x"; NF = 5; $0 = $0 "y"; CONVFMT = "%d"; a[1.5]; OFMT = "%s"; print 2.5, -x ^ 2 % 3 }`,
	`BEGIN { "cmd" | getline x; print x | "cat"; system("x"); fflush(); srand(1); print rand() < 1 ? utf(233) : match("x", /x|y/) }`,
	`{ nextfile; next; exit "s" } END { return }`, "BEGIN{\nif(1);else{}\nfor(;;)break\n}#", `func g(a,b){a[1]=b;g(a,a[1])}BEGIN{g(z,1)}`,
	`$`, `/`, `"`, `{`, `BEGIN { x = `, `a~b~c`, `print`, `!x ++y --z ** 2`, "BEGIN{print 1>\"\"}",
}

// FuzzParse wants every program to be read, or refused with an error.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		prog, err := Parse([]Source{{Text: src}}, goRegcomp, false)
		if (prog == nil) != (err != nil) {
			t.Fatalf("%q: %v, %v", src, prog, err)
		}
	})
}

// TestDeep wants programs that are nested too deeply to be refused, and functions
// that call themselves for ever to be ended: our stack is that of all nodes.
func TestDeep(t *testing.T) {
	for _, r := range []struct {
		name, src string
	}{
		{"parentheses", "BEGIN { x = " + strings.Repeat("(", 100000)},
		{"conditions", "{" + strings.Repeat("if (x) ", 100000)},
		{"blocks", strings.Repeat("{", 100000)},
		{"sum", "BEGIN { x = " + strings.Repeat("1+", 100000) + "1 }"},
		{"signs", "BEGIN { x = " + strings.Repeat("- ", 100000) + "1 }"},
		{"powers", "BEGIN { x = " + strings.Repeat("2^", 100000) + "1 }"},
		{"fields", "BEGIN { x = " + strings.Repeat("$", 100000) + "1 }"},
		{"assignments", "BEGIN { " + strings.Repeat("x=", 100000) + "1 }"},
		{"choices", "BEGIN { x = " + strings.Repeat("1?", 100000)},
		{"alternatives", "BEGIN { x = " + strings.Repeat("1||", 100000) + "1 }"},
		{"subscripts", "BEGIN { x = " + strings.Repeat("a[", 100000)},
		{"calls", "BEGIN { x = " + strings.Repeat("f(", 100000)},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := Parse([]Source{{Text: r.src}}, goRegcomp, false)
			if err == nil || !strings.HasPrefix(err.Error(), "yacc stack overflow") {
				t.Errorf("error is %.60v", err)
			}
		})
	}
	deep := strings.Repeat("(", 400) + "f(n + 1)" + strings.Repeat(" + 1)", 400)
	for _, src := range []string{
		"function f(n) { f(n) } BEGIN { f(1) }",
		"function f(n) { return " + deep + " } BEGIN { f(1) }",
		"function f(n) { a[n] = f(n) g(n) } function g(n) { return f(n) } BEGIN { f(1) }",
	} {
		prog, err := Parse([]Source{{Text: src}}, goRegcomp, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, status := runs(t, prog, "", 0); !strings.Contains(status, "FATAL") {
			t.Errorf("%.60s: status %q", src, status)
		}
	}
	prog, err := Parse([]Source{{Text: "function f(n) { return n ? 1 + f(n-1) : 0 } BEGIN { print f(10000) }"}}, goRegcomp, false)
	if err != nil {
		t.Fatal(err)
	}
	if out, status := runs(t, prog, "", 0); out != "10000\n" || status != "" {
		t.Errorf("10000 calls give %q, %q", out, status)
	}
}

// runs runs a program as a process of its own with some input, for so many ticks
// at most, and returns what it prints and how it ends.
func runs(t *testing.T, prog *Program, in string, ticks int) (out, status string) {
	t.Helper()
	table := proc.NewTable(proc.Config{
		Devs: ns.NewDevtab(map[rune]ninep.Server{'/': ramfs.New("glenda", time.Now, 0)}),
	})
	p, err := table.Start(context.Background(), "glenda", []string{"test"}, func(p *proc.Proc) error {
		if err := p.WriteFile("/in", []byte(in)); err != nil {
			return err
		}
		_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			if _, err := p.Open("/in", ninep.OREAD); err != nil {
				return err
			}
			for _, name := range []string{"/out", "/err"} {
				if _, err := p.Create(name, ninep.OWRITE, 0o666); err != nil {
					return err
				}
			}
			m := newMachine(prog, p, []string{"awk", "in"})
			m.limit = ticks
			defer m.drain()
			m.run()
			return nil
		})
		if err != nil {
			return err
		}
		for { // commands may still run that nobody waited for
			w, err := p.Wait()
			if err != nil {
				break
			}
			status = w.Msg
		}
		b, err := p.ReadFile("/out")
		out = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	return out, status
}

// FuzzRun wants no program to panic. A trap is the exit status of one that does.
func FuzzRun(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "one two 3\n\n4,5 \xff\n")
	}
	f.Fuzz(func(t *testing.T, src, in string) {
		prog, err := Parse([]Source{{Text: src}}, goRegcomp, false)
		if err != nil {
			return
		}
		if _, status := runs(t, prog, in, 10000); strings.Contains(status, "trap") {
			t.Fatalf("%q: %s", src, status)
		}
	})
}

// FuzzPattern compares the automaton with package regexp.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"a|ab|abc", "^a*$", "(a|b)*c", "[^x]é?", "^", "$", "x*", "^a|b$", "(^|x)y", "."} {
		f.Add(s, "abcaabb\nxyé\xffy")
	}
	f.Fuzz(func(t *testing.T, expr, s string) {
		re, err := goRegcomp(expr)
		d := newDFA("(?m)" + expr)
		if err != nil || d == nil || len(expr) > 100 || len(s) > 1000 {
			return
		}
		if got, want := d.matches(s), re.MatchString(s); got != want {
			t.Errorf("%q in %q: %v, want %v", expr, s, got, want)
		}
		all := re.FindAllStringIndex(s, -1)
		p := &pattern{re: re, dfa: d}
		end, i := -1, 0
		p.walk(s, func(from, to int) bool {
			if from == to && from == end {
				return true
			}
			end = to
			if i == len(all) || all[i][0] != from || all[i][1] != to {
				t.Errorf("%q in %q: match %d is at %d to %d, want %v", expr, s, i, from, to, all)
				return false
			}
			i++
			return true
		})
		if i < len(all) && !t.Failed() {
			t.Errorf("%q in %q: %d matches, want %v", expr, s, i, all)
		}
	})
}
