package test

import (
	"go/ast"
	"path"
	"strconv"
	"strings"
	"testing"
)

// TestAttackList wants the tests that docs/attacks.md names, each with its row, and
// no row twice.
func TestAttackList(t *testing.T) {
	literals := testLiterals(t)
	seen := make(map[string]bool)
	for _, s := range repo(t) {
		if s.name != "docs/attacks.md" {
			continue
		}
		for line := range strings.Lines(s.text) {
			f := strings.Split(strings.TrimSpace(line), " | ")
			if len(f) != 3 || f[1] == "test" {
				continue
			}
			row := strings.TrimSpace(strings.TrimSuffix(f[2], "|"))
			rows, ok := literals[f[1]]
			switch {
			case !ok:
				t.Errorf("%s: no such test", f[1])
			case row != "" && !rows[row]:
				t.Errorf("%s: no row %q", f[1], row)
			case seen[f[1]+" "+row]:
				t.Errorf("%s: %q is there twice", f[1], row)
			}
			seen[f[1]+" "+row] = true
		}
	}
	if n := len(seen); n < 60 {
		t.Errorf("%d attacks", n)
	}
	t.Logf("%d attacks", len(seen))
}

// testLiterals returns the strings in each test function, by folder and name: "auth
// TestAttacks".
func testLiterals(t *testing.T) map[string]map[string]bool {
	all := make(map[string]map[string]bool)
	for _, s := range repo(t) {
		if s.ast == nil || !strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		for _, d := range s.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") {
				continue
			}
			rows := make(map[string]bool)
			ast.Inspect(fn, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						rows[text] = true
					}
				}
				return true
			})
			all[path.Dir(s.name)+" "+fn.Name.Name] = rows
		}
	}
	return all
}
