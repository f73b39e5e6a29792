package cmd

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/proc"
)

func TestFlags(t *testing.T) {
	tests := []struct {
		name, args string
		flags      string // "-" before the argument of f
		rest       string
	}{
		{"none", "x -a", "", "x -a"},
		{"one", "-a x", "a", "x"},
		{"combined", "-ab -c x", "abc", "x"},
		{"minus is an argument", "-a - -b", "a", "- -b"},
		{"two minuses end flags", "-a -- -b", "a", "-b"},
		{"argument in the word", "-afx y", "af-x", "y"},
		{"argument in the next word", "-af x y", "af-x", "y"},
		{"argument that looks like a flag", "-f -x y", "f--x", "y"},
		{"argument that is two minuses", "-f -- y", "f---", "y"},
		{"rune", "-é x", "é", "x"},
		{"all flags", "-a", "a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			arg := argbegin(&proc.Proc{Args: append([]string{"cmd"}, strings.Fields(tt.args)...)}, "")
			var flags string
			for c := range arg.flags() {
				flags += string(c)
				if c == 'f' {
					flags += "-" + arg.eargf()
				}
			}
			if flags != tt.flags || strings.Join(arg.args, " ") != tt.rest {
				t.Errorf("got flags %q, rest %q", flags, arg.args)
			}
		})
	}
}

// noflags are the commands to which -? is not a flag, each with its reason.
var noflags = map[string]string{
	"9ptrace":      "the name of a command",
	"aux/getflags": "the arguments of a script",
	"basename":     "the string may begin with a minus",
	"cat":          "a file of that name",
	"chmod":        "a mode",
	"echo":         "to be printed",
	"test":         "a string",
	"time":         "the name of a command",
}

// TestUsage gives each command a flag that no command has: it prints what the
// SYNOPSIS of its page says, exits, and does nothing else.
func TestUsage(t *testing.T) {
	for _, c := range Table {
		t.Run(c.Name, func(t *testing.T) {
			if _, ok := noflags[c.Name]; ok {
				return
			}
			synctest.Test(t, func(t *testing.T) {
				got := newMachine(t, files{"/dev/cons": ""}).run(c.Name + " '-?'")
				want := "usage: " + strings.Join(forms(t, c), "\n       ") + "\nstatus: usage\n"
				if got != want {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
			})
		})
	}
	for name := range noflags {
		if !slices.Contains(Names(), name) {
			t.Errorf("no command %s", name)
		}
	}
}

// forms returns the forms in the SYNOPSIS of a command's page, each on a line.
func forms(t *testing.T, c Command) (all []string) {
	file := filepath.Join(mandir, strconv.Itoa(c.Section), path.Base(c.Name))
	if c.Name == "con" {
		file += "_" // see package rootfs
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(b), "\nSYNOPSIS\n")
	text, _, _ = strings.Cut(text, "\n\nDESCRIPTION\n")
	for line := range strings.SplitSeq(text, "\n") {
		if rest, goesOn := strings.CutPrefix(line, "          "); goesOn {
			all[len(all)-1] += " " + rest
		} else {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

func TestArgv0(t *testing.T) {
	for arg, want := range map[string]string{
		"cat": "cat", "/bin/cat": "cat", "/ufo/bin/ndb/query": "ndb/query", "ndb/query": "ndb/query", "./x": "./x",
	} {
		if got := argv0(&proc.Proc{Args: []string{arg}}); got != want {
			t.Errorf("argv0 of %s is %s, want %s", arg, got, want)
		}
	}
}
