package test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write what happened instead of comparing it")

// A source is one text file of the repository.
type source struct {
	name string // from the top of the repository, with slashes
	text string
	ast  *ast.File // of a Go file
}

// isTest reports whether the file is Go compiled for tests only.
func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// dir returns the folder of the file, "." at the top.
func (s source) dir() string { return path.Dir(s.name) }

// readRepo reads and parses the repository once for all tests.
var readRepo = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case d.Name() == ".git" && d.IsDir():
			return fs.SkipDir
		case d.Name() == ".git" || !d.Type().IsRegular() || !isText(d):
			return nil
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		s := source{name: filepath.ToSlash(strings.TrimPrefix(file, ".."+string(filepath.Separator))), text: string(b)}
		if strings.HasSuffix(s.name, ".go") {
			s.ast, err = parser.ParseFile(token.NewFileSet(), file, b, parser.ParseComments)
		}
		all = append(all, s)
		return err
	})
	return all, err
})

// isText reports whether a file is source: a program that was built in the
// repository is not.
func isText(d fs.DirEntry) bool {
	info, err := d.Info()
	return err == nil && info.Size() < 1<<20
}

// repo returns the files of the repository, in order of their names.
func repo(t *testing.T) []source {
	t.Helper()
	all, err := readRepo()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// fields returns the lines of a table: those not empty and not beginning
// with #, split at the first colon.
func fields(table string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(table) {
		key, val, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && !strings.HasPrefix(key, "#") {
			m[key] = strings.TrimSpace(val)
		}
	}
	return m
}
