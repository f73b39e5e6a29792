package ninep

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// linuxKnows are texts that Linux's client makes a number of, of the list in its
// net/9p/error.c: those of Unix that ours are replaced by, and those of Plan 9.
var linuxKnows = []Error{
	"Operation not permitted", "No such file or directory", "Interrupted system call", "Input/output error",
	"Bad file descriptor", "Resource temporarily unavailable", "Device or resource busy", "No such device",
	"Is a directory", "Invalid argument", "Too many open files in system", "Too many open files", "File too large",
	"No space left on device", "Illegal seek", "Read-only file system", "File name too long", "Function not implemented", "No data available",
	"Protocol error", "Protocol not supported", "Bad message", "Message too long", "Connection timed out", "Connection refused", "No route to host",

	"wstat prohibited", "permission denied", "file does not exist", "bad offset in directory read",
	"directory is not empty", "file already exists", "i/o error", "not a directory", "not owner",
	"exclusive use file already open",
}

// Each error of the package has a text that Linux's client knows.
func TestUnixErrors(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		lit, ok := v.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		texts++
		e := Error(text)
		if got := unixError(e); !slices.Contains(linuxKnows, got) {
			t.Errorf("%s: Linux does not know %q", v.Names[0], got)
		}
		if _, ok := unixErrors[e]; ok && slices.Contains(linuxKnows, e) {
			t.Errorf("%s: Linux knows %q as it is", v.Names[0], e)
		}
		return true
	})
	if texts < 60 {
		t.Errorf("found only %d errors", texts)
	}
	for e, u := range unixErrors {
		if !slices.Contains(linuxKnows, u) {
			t.Errorf("%q: Linux does not know %q", e, u)
		}
	}
}

func TestUnixErrorOf(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"known", "permission denied", "permission denied"},
		{"Plan 9's", "file is a directory", "Is a directory"},
		{"with its message", fmt.Sprintf("%s %q", ErrBadCtl, "foo"), "Invalid argument"},
		{"a server's own", "disk on fire", "disk on fire"},
		{"with quotes that are its own", `no "foo" here`, `no "foo" here`},
	} {
		if got := unixError(Error(tt.text)); string(got) != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
