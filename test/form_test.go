package test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

// long are the files that may have more than 500 lines, each with its reason.
const long = `
`

// tall are the functions that may have more than a screen, each with its
// reason.
const tall = `
rc.run:           a switch over all kinds of tree
rc.command:       a switch over all kinds of tree
hosted/tty.key:   a switch over all keys
`

// globals are the package variables that are neither a table, an error nor
// embedded files, each with its reason.
const globals = `
`

// words do not appear in the repository: what they mark belongs in a BUGS
// section, which users see, or is to be done before the commit.
var words = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX|HACK` + `:)\b`)

// maxlines is how long a file may be without a reason.
const maxlines = 500

// TestPackageComments wants one package comment for each package: in the one
// file where a reader looks for it.
func TestPackageComments(t *testing.T) {
	comments := map[string][]string{}
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() {
			continue
		}
		comments[s.dir()] = append(comments[s.dir()], "")
		if s.ast.Doc == nil {
			continue
		}
		want := "Package " + s.ast.Name.Name + " "
		if s.ast.Name.Name == "main" {
			base := path.Base(s.dir()) // of what go build makes of it
			want = strings.ToUpper(base[:1]) + base[1:] + " "
		}
		if !strings.HasPrefix(s.ast.Doc.Text(), want) {
			t.Errorf("%s: the package comment does not begin with %q", s.name, want)
		}
		comments[s.dir()][0] += " " + s.name
	}
	for pkg, names := range comments {
		if n := len(strings.Fields(strings.Join(names, " "))); n != 1 {
			t.Errorf("%s: %d package comments:%s", pkg, n, strings.Join(names, ""))
		}
	}
}

// TestLength wants files of a length that can be read.
func TestLength(t *testing.T) {
	reasons := fields(long)
	for _, s := range repo(t) {
		if s.ast == nil {
			continue
		}
		n := strings.Count(s.text, "\n")
		_, listed := reasons[s.name]
		if n > maxlines && !listed {
			t.Errorf("%s: %d lines; cut it by activity, or give a reason in the list here", s.name, n)
		}
		if n <= maxlines && listed {
			t.Errorf("%s: %d lines: needs no reason any more", s.name, n)
		}
		delete(reasons, s.name)
	}
	for name := range reasons {
		t.Errorf("%s: in the list of long files, but not there", name)
	}
}

// maxscreen is how long a function may be without a reason. Half a dozen lines
// more than a screen are not worth a function that nobody else calls.
const maxscreen = 56

// TestFunctions wants functions that can be seen as a whole. Tests may have
// tables.
func TestFunctions(t *testing.T) {
	reasons := fields(tall)
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() {
			continue
		}
		for _, d := range s.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			text := s.text[fn.Body.Pos()-s.ast.FileStart : fn.Body.End()-s.ast.FileStart]
			name := s.dir() + "." + fn.Name.Name
			if _, listed := reasons[name]; strings.Count(text, "\n") > maxscreen && !listed {
				t.Errorf("%s: %s has %d lines; cut it, or give a reason in the list here", s.name, name, strings.Count(text, "\n"))
			}
		}
	}
}

// TestWords looks for the words that mark what is not finished, and for
// characters that only look like others.
func TestWords(t *testing.T) {
	for _, s := range repo(t) {
		if m := words.FindString(s.text); m != "" {
			t.Errorf("%s: contains %q", s.name, m)
		}
		if i := strings.IndexAny(s.text, "\u00a0\u2018\u2019\u201c\u201d\u2013\u2014\u200b\ufeff"); i >= 0 {
			t.Errorf("%s: byte %d: a typographic character where an ordinary one is meant", s.name, i)
		}
	}
}

// TestGlobals looks for state that does not hang from a kernel: package
// variables that a program can change, and init functions.
func TestGlobals(t *testing.T) {
	reasons := fields(globals)
	for _, s := range repo(t) {
		if s.ast == nil || s.isTest() {
			continue
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s: has an init function: what it sets is a global", s.name)
				}
			case *ast.GenDecl:
				for _, name := range state(d) {
					if _, ok := reasons[s.dir()+"."+name]; !ok {
						t.Errorf("%s: variable %s is neither a table nor an error: state hangs from a kernel", s.name, name)
					}
				}
			}
		}
	}
}

// state returns the variables a declaration declares without giving them a
// value that looks final: a literal, or the result of a call.
func state(d *ast.GenDecl) []string {
	if d.Tok != token.VAR || d.Doc != nil && strings.Contains(embeds(d), "go:embed") {
		return nil
	}
	var names []string
	for _, spec := range d.Specs {
		vs := spec.(*ast.ValueSpec)
		for i, id := range vs.Names {
			if id.Name == "_" || i < len(vs.Values) && final(vs.Values[i]) {
				continue
			}
			names = append(names, id.Name)
		}
	}
	return names
}

// embeds returns the comment of d as it stands; Text leaves directives out.
func embeds(d *ast.GenDecl) string {
	var b strings.Builder
	for _, c := range d.Doc.List {
		b.WriteString(c.Text)
	}
	return b.String()
}

// final reports whether an initial value is a table, an error, another
// package's variable, or made by a function of the standard library that
// makes constants of a kind.
func final(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit, *ast.SelectorExpr:
		return true
	case *ast.UnaryExpr:
		return final(e.X)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := sel.X.(*ast.Ident)
		return ok && (pkg.Name == "errors" || pkg.Name == "regexp" || pkg.Name == "strings" || pkg.Name == "crc32")
	}
	return false
}

// TestSleep wants tests that do not wait for the clock: a test that sleeps
// runs in a bubble of testing/synctest, where that takes no time.
func TestSleep(t *testing.T) {
	for _, s := range repo(t) {
		if s.ast != nil && s.isTest() && strings.Contains(s.text, "time.Sl"+"eep(") && !strings.Contains(s.text, "synctest.") {
			t.Errorf("%s: sleeps on the clock of the machine", s.name)
		}
	}
}
