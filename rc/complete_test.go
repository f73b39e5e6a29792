package rc

import (
	"testing"

	"ufo/ninep"
)

func TestComplete(t *testing.T) {
	for _, tt := range []struct {
		name, line string // up to the cursor
		want       Completion
	}{
		{"empty", "", Completion{Command, 0, "", ""}},
		{"command", "ec", Completion{Command, 0, "", "ec"}},
		{"argument", "echo fo", Completion{File, 5, "", "fo"}},
		{"next argument", "echo foo ", Completion{File, 9, "", ""}},
		{"path", "cat /lib/ndb/lo", Completion{File, 4, "/lib/ndb/", "lo"}},
		{"directory", "cat /lib/", Completion{File, 4, "/lib/", ""}},
		{"command by path", "/bin/ec", Completion{File, 0, "/bin/", "ec"}},
		{"command in a folder of $path", "ndb/qu", Completion{Command, 0, "ndb/", "qu"}},
		{"command here", "./ndb/qu", Completion{File, 0, "./ndb/", "qu"}},
		{"after semicolon", "a b; c", Completion{Command, 5, "", "c"}},
		{"after pipe", "a b | ", Completion{Command, 6, "", ""}},
		{"after and", "a b && c", Completion{Command, 7, "", "c"}},
		{"after async", "a b & c", Completion{Command, 6, "", "c"}},
		{"in a block", "{ a b; c", Completion{Command, 7, "", "c"}},
		{"after a block", "{ a } >f", Completion{File, 7, "", "f"}},
		{"condition", "if(te", Completion{Command, 3, "", "te"}},
		{"after a condition", "if(test a) ec", Completion{Command, 11, "", "ec"}},
		{"if not", "if not ec", Completion{Command, 7, "", "ec"}},
		{"for", "for(i in a b", Completion{File, 11, "", "b"}},
		{"after for", "for(i in a b) ec", Completion{Command, 14, "", "ec"}},
		{"bang", "! gr", Completion{Command, 2, "", "gr"}},
		{"subshell", "@ gr", Completion{Command, 2, "", "gr"}},
		{"match", "~ fo", Completion{File, 2, "", "fo"}},
		{"redirection", "echo a >f", Completion{File, 8, "", "f"}},
		{"redirection first", ">f ec", Completion{Command, 3, "", "ec"}},
		{"descriptor", "a >[2]/dev/n", Completion{File, 6, "/dev/", "n"}},
		{"assignment", "x=/li", Completion{File, 2, "/", "li"}},
		{"after an assignment", "x=a ec", Completion{Command, 4, "", "ec"}},
		{"list", "x=(a b", Completion{File, 5, "", "b"}},
		{"after a list", "x=(a b) ec", Completion{Command, 8, "", "ec"}},
		{"list argument", "echo (a b) c", Completion{File, 11, "", "c"}},
		{"variable", "echo $ho", Completion{Variable, 6, "", "ho"}},
		{"variable's beginning", "echo $", Completion{Variable, 6, "", ""}},
		{"count", "echo $#ho", Completion{Variable, 7, "", "ho"}},
		{"variable in a word", "echo a$ho", Completion{Variable, 7, "", "ho"}},
		{"behind a variable", "echo $home/li", Completion{Nothing, 0, "", ""}},
		{"after a variable", "echo $home li", Completion{File, 11, "", "li"}},
		{"variable as a command", "$x fo", Completion{File, 3, "", "fo"}},
		{"quotes", "cat 'a b", Completion{File, 4, "", "a b"}},
		{"quotes and directory", "cat /x/'a b", Completion{File, 4, "/x/", "a b"}},
		{"quote closed", "cat 'a b'", Completion{File, 4, "", "a b"}},
		{"backquote", "x=`{ca", Completion{Command, 4, "", "ca"}},
		{"after a backquote", "echo `{cat a} b", Completion{File, 14, "", "b"}},
		{"pipe file", "cmp <{ca", Completion{Command, 6, "", "ca"}},
		{"after a pipe file", "cmp <{cat a} b", Completion{File, 13, "", "b"}},
		{"comment", "echo # a", Completion{File, 8, "", ""}},
		{"keyword typed", "whi", Completion{Command, 0, "", "whi"}},
		{"whole keyword", "while", Completion{Command, 0, "", "while"}},
		{"keyword as argument", "echo for", Completion{File, 5, "", "for"}},
		{"nonsense", "echo >[", Completion{Nothing, 0, "", ""}},
		{"too many brackets", "a) } b", Completion{File, 5, "", "b"}},
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

func TestCompletionWord(t *testing.T) {
	c := Completion{What: File, Dir: "/a b/"}
	if got := c.Word(ninep.Dir{Name: "c", Mode: ninep.DMDIR}); got != "'/a b/c/'" {
		t.Errorf("directory: %s", got)
	}
	c.Dir = ""
	if got := c.Word(ninep.Dir{Name: "c"}); got != "c" {
		t.Errorf("file: %s", got)
	}
}

func TestBuiltins(t *testing.T) {
	for _, name := range Builtins() {
		if builtin(name) == nil && name != "builtin" {
			t.Errorf("%s is not built in", name)
		}
	}
}
