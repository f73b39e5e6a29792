package cmd

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the manual pages of the commands")

const mandir = "../rootfs/sys/man"

// TestManPages makes each command's manual page from its doc comment and compares
// it with the one in rootfs.
func TestManPages(t *testing.T) {
	srcs := parseDir(t, ".")
	for _, c := range Table {
		t.Run(c.Name, func(t *testing.T) {
			name := runtime.FuncForPC(reflect.ValueOf(c.Main).Pointer()).Name()
			src, ok := srcs[name[strings.LastIndexByte(name, '.')+1:]]
			if !ok {
				t.Fatalf("%s: no such function in this package", name)
			}
			want, err := manpage(c, src)
			if err != nil {
				t.Fatalf("cmd/%s: %v", src.file, err)
			}
			file := filepath.Join(mandir, strconv.Itoa(c.Section), path.Base(c.Name))
			if c.Name == "con" {
				file += "_" // see package rootfs
			}
			have, err := os.ReadFile(file)
			if bytes.Equal(have, want) {
				return
			}
			if !*update {
				t.Fatalf("%s is missing or stale (%v): run go test ./cmd -update", file, err)
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, want, 0o666); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A source is where a command's function stands.
type source struct {
	file string
	fn   *ast.FuncDecl
}

// parseDir returns the functions of the package in dir by name.
func parseDir(t *testing.T, dir string) map[string]source {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	srcs := make(map[string]source)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				srcs[fn.Name.Name] = source{filepath.Base(file), fn}
			}
		}
	}
	return srcs
}

// headings are the sections a page may have after DESCRIPTION, in order.
var headings = []string{"EXAMPLES", "FILES", "SOURCE", "SEE ALSO", "DIAGNOSTICS", "BUGS"}

// manpage returns the manual page of command c as plain text.
func manpage(c Command, src source) ([]byte, error) {
	if src.fn.Doc == nil {
		return nil, fmt.Errorf("%s has no doc comment", src.fn.Name.Name)
	}
	synopsis, ok := findSynopsis(src.fn)
	if !ok {
		return nil, fmt.Errorf("%s does not call argbegin with a constant", src.fn.Name.Name)
	}
	var p comment.Parser
	sections, err := split(p.Parse(src.fn.Doc.Text()))
	if err != nil {
		return nil, err
	}
	sections["SOURCE"] = []comment.Block{&comment.Paragraph{Text: []comment.Text{comment.Plain("cmd/" + src.file)}}}
	nameline := strings.Join(strings.Fields(render(sections["NAME"])), " ")
	if names, what, ok := strings.Cut(nameline, " - "); !ok || what == "" ||
		!slices.Contains(strings.Split(names, ", "), path.Base(c.Name)) && names != c.Name {
		return nil, fmt.Errorf("doc comment begins %q, not %q", nameline, c.Name+" - what it does")
	}
	if len(sections["DESCRIPTION"]) == 0 {
		return nil, fmt.Errorf("no description")
	}

	var b bytes.Buffer
	title := fmt.Sprintf("%s(%d)", strings.ToUpper(path.Base(c.Name)), c.Section)
	fmt.Fprintf(&b, "%-*s%s\n\n", 72-len(title), title, title)
	fmt.Fprintf(&b, "NAME\n     %s\n\nSYNOPSIS\n", nameline)
	for form := range strings.SplitSeq(synopsis, "\n") {
		b.WriteString(fold(strings.TrimSpace(c.Name + " " + form)))
	}
	for _, h := range append([]string{"DESCRIPTION"}, headings...) {
		if len(sections[h]) > 0 {
			fmt.Fprintf(&b, "\n%s\n%s", h, render(sections[h]))
		}
	}
	return b.Bytes(), nil
}

// fold returns a form of a synopsis, indented, in lines that fit the page.
func fold(form string) string {
	const indent, width = "     ", 80
	var b strings.Builder
	line := indent[1:]
	for i, word := range strings.Split(strings.ReplaceAll(form, "] ", "]\n"), "\n") {
		if i > 0 && len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = indent + indent[1:]
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}

// split divides a doc comment at its headings. What comes before the first
// one is NAME, a paragraph, and DESCRIPTION.
func split(doc *comment.Doc) (map[string][]comment.Block, error) {
	sections := make(map[string][]comment.Block)
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("empty doc comment")
	}
	sections["NAME"] = doc.Content[:1]
	at, last := "DESCRIPTION", -1
	for _, block := range doc.Content[1:] {
		h, ok := block.(*comment.Heading)
		if !ok {
			sections[at] = append(sections[at], block)
			continue
		}
		at = strings.TrimSpace(render([]comment.Block{&comment.Paragraph{Text: h.Text}}))
		i := slices.Index(headings, at)
		if i < 0 || at == "SOURCE" {
			return nil, fmt.Errorf("heading %q is not one of the manual's", at)
		}
		if i <= last {
			return nil, fmt.Errorf("heading %q is out of order", at)
		}
		last = i
	}
	return sections, nil
}

// render returns the blocks as indented plain text.
func render(blocks []comment.Block) string {
	pr := comment.Printer{TextPrefix: "     ", TextCodePrefix: "          ", TextWidth: 67}
	text := string(pr.Text(&comment.Doc{Content: blocks}))
	return expand(text, 8)
}

// findSynopsis returns the constant that fn passes to argbegin.
func findSynopsis(fn *ast.FuncDecl) (s string, ok bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall || len(call.Args) != 2 {
			return true
		}
		if id, isID := call.Fun.(*ast.Ident); !isID || id.Name != "argbegin" {
			return true
		}
		s, ok = constant(call.Args[1])
		return true
	})
	return s, ok
}

// constant returns the value of a string constant, which may be a sum.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, okx := constant(e.X)
		y, oky := constant(e.Y)
		return x + y, okx && oky
	}
	return "", false
}
