package rc

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	for _, tt := range []struct {
		name, line string // up to the cursor
		want       Completion
	}{
		{"empty", "", Completion{Command, 0, "", "", ""}},
		{"command", "ec", Completion{Command, 0, "", "", "ec"}},
		{"argument", "echo fo", Completion{File, 5, "", "", "fo"}},
		{"next argument", "echo foo ", Completion{File, 9, "", "", ""}},
		{"path", "cat /lib/ndb/lo", Completion{File, 4, "", "/lib/ndb/", "lo"}},
		{"directory", "cat /lib/", Completion{File, 4, "", "/lib/", ""}},
		{"command by path", "/bin/ec", Completion{File, 0, "", "/bin/", "ec"}},
		{"command in a folder of $path", "ndb/qu", Completion{Command, 0, "", "ndb/", "qu"}},
		{"command here", "./ndb/qu", Completion{File, 0, "", "./ndb/", "qu"}},
		{"after semicolon", "a b; c", Completion{Command, 5, "", "", "c"}},
		{"after pipe", "a b | ", Completion{Command, 6, "", "", ""}},
		{"after and", "a b && c", Completion{Command, 7, "", "", "c"}},
		{"after async", "a b & c", Completion{Command, 6, "", "", "c"}},
		{"in a block", "{ a b; c", Completion{Command, 7, "", "", "c"}},
		{"after a block", "{ a } >f", Completion{File, 7, "", "", "f"}},
		{"condition", "if(te", Completion{Command, 3, "", "", "te"}},
		{"after a condition", "if(test a) ec", Completion{Command, 11, "", "", "ec"}},
		{"if not", "if not ec", Completion{Command, 7, "", "", "ec"}},
		{"for", "for(i in a b", Completion{File, 11, "", "", "b"}},
		{"after for", "for(i in a b) ec", Completion{Command, 14, "", "", "ec"}},
		{"bang", "! gr", Completion{Command, 2, "", "", "gr"}},
		{"subshell", "@ gr", Completion{Command, 2, "", "", "gr"}},
		{"match", "~ fo", Completion{File, 2, "", "", "fo"}},
		{"redirection", "echo a >f", Completion{File, 8, "", "", "f"}},
		{"redirection first", ">f ec", Completion{Command, 3, "", "", "ec"}},
		{"descriptor", "a >[2]/dev/n", Completion{File, 6, "", "/dev/", "n"}},
		{"assignment", "x=/li", Completion{File, 2, "", "/", "li"}},
		{"after an assignment", "x=a ec", Completion{Command, 4, "", "", "ec"}},
		{"list", "x=(a b", Completion{File, 5, "", "", "b"}},
		{"after a list", "x=(a b) ec", Completion{Command, 8, "", "", "ec"}},
		{"list argument", "echo (a b) c", Completion{File, 11, "", "", "c"}},
		{"variable", "echo $ho", Completion{Variable, 6, "", "", "ho"}},
		{"variable's beginning", "echo $", Completion{Variable, 6, "", "", ""}},
		{"count", "echo $#ho", Completion{Variable, 7, "", "", "ho"}},
		{"variable in a word", "echo a$ho", Completion{Variable, 7, "", "", "ho"}},
		{"behind a variable", "echo $home/li", Completion{File, 10, "home", "/", "li"}},
		{"deeper behind it", "$home/bin/rc/x", Completion{File, 5, "home", "/bin/rc/", "x"}},
		{"behind one of several variables", "echo $a$home/li", Completion{Nothing, 0, "", "", ""}},
		{"behind text and a variable", "echo a$home/li", Completion{Nothing, 0, "", "", ""}},
		{"behind a count", "echo $#home/li", Completion{Nothing, 0, "", "", ""}},
		{"behind a variable and more", "echo $home/li$x/b", Completion{Nothing, 0, "", "", ""}},
		{"behind a variable, no slash", "echo $home.li", Completion{Nothing, 0, "", "", ""}},
		{"after a variable", "echo $home li", Completion{File, 11, "", "", "li"}},
		{"variable as a command", "$x fo", Completion{File, 3, "", "", "fo"}},
		{"quotes", "cat 'a b", Completion{File, 4, "", "", "a b"}},
		{"quotes and directory", "cat /x/'a b", Completion{File, 4, "", "/x/", "a b"}},
		{"quote closed", "cat 'a b'", Completion{File, 4, "", "", "a b"}},
		{"backquote", "x=`{ca", Completion{Command, 4, "", "", "ca"}},
		{"after a backquote", "echo `{cat a} b", Completion{File, 14, "", "", "b"}},
		{"pipe file", "cmp <{ca", Completion{Command, 6, "", "", "ca"}},
		{"after a pipe file", "cmp <{cat a} b", Completion{File, 13, "", "", "b"}},
		{"comment", "echo # a", Completion{File, 8, "", "", ""}},
		{"keyword typed", "whi", Completion{Command, 0, "", "", "whi"}},
		{"whole keyword", "while", Completion{Command, 0, "", "", "while"}},
		{"keyword as argument", "echo for", Completion{File, 5, "", "", "for"}},
		{"nonsense", "echo >[", Completion{Nothing, 0, "", "", ""}},
		{"too many brackets", "a) } b", Completion{File, 5, "", "", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Complete(tt.line+" rest", len(tt.line))
			if got.What == Nothing {
				got = Completion{}
			}
			if got != tt.want {
				t.Errorf("%q: got %+v, want %+v", tt.line, got, tt.want)
			}
		})
	}
}

func FuzzComplete(f *testing.F) {
	for _, tt := range printed {
		f.Add(tt.src, len(tt.src)/2)
	}
	f.Fuzz(func(t *testing.T, line string, pos int) {
		pos = max(0, min(pos, len(line)))
		if c := Complete(line, pos); c.Start < 0 || c.Start > pos {
			t.Errorf("%q: %+v", line[:pos], c)
		}
	})
}

func TestCompletionFill(t *testing.T) {
	file := func(names ...string) (all []Name) {
		for _, n := range names {
			all = append(all, Name{Text: strings.TrimSuffix(n, "/"), IsDir: strings.HasSuffix(n, "/")})
		}
		return all
	}
	for _, tt := range []struct {
		name, line string // up to the cursor
		names      []Name
		want       string // the line
	}{
		{"a file", "cat /lib/gl", file("glass"), "cat /lib/glass "},
		{"a directory", "cat /li", file("lib/"), "cat /lib/"},
		{"a whole name", "cat glass", file("glass"), "cat glass "},
		{"what is common", "cat n", file("ndb/", "ndc"), "cat nd"},
		{"nothing is common", "cat n", file("ndb", "name"), "cat n"},
		{"nothing is typed", "cat ", file("ndb", "lib"), "cat "},
		{"a blank in the name", "cat a", file("a b"), "cat 'a b' "},
		{"a quote in the name", "cat it", file("it's"), "cat 'it''s' "},
		{"a blank in what is common", "cat a", file("a b", "a c"), "cat 'a '"},
		{"on from there", "cat 'a 'c", file("a cd"), "cat 'a cd' "},
		{"in an open quote", "cat 'a ", file("a b/"), "cat 'a b/'"},
		{"nothing in an open quote", "cat 'a ", file("a b", "a c"), "cat 'a "},
		{"on in a directory", "cat 'a b/'x", file("xy"), "cat 'a b/xy' "},
		{"a quote in the middle", "cat a' 'b", file("a bc"), "cat 'a bc' "},
		{"half a character", "cat x", file("x日", "x旦"), "cat x"},
		{"a file that looks like a pattern", "cat a", file("a*b"), "cat 'a*b' "},
		{"a variable", "echo a$ho", file("home"), "echo a$home "},
		{"behind a variable", "cat $home/a", file("a b/"), "cat $home'/a b/'"},
		{"a device", "ls '#c'/sys", file("sysname"), "ls '#c/sysname' "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Complete(tt.line, len(tt.line))
			if got := tt.line[:c.Start] + c.Fill(tt.line[c.Start:], tt.names); got != tt.want {
				t.Errorf("%q became %q, want %q: %+v", tt.line, got, tt.want, c)
			}
		})
	}
}

func TestBuiltins(t *testing.T) {
	for _, name := range Builtins() {
		if builtin(name) == nil && name != "builtin" {
			t.Errorf("%s is not built in", name)
		}
	}
}
