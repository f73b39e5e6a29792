package hostfs

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ufo/ninep"
)

func TestNames(t *testing.T) {
	for _, row := range []struct{ name, host, want string }{
		{"plain", "file.go", "file.go"},
		{"blanks", "a file", "a file"},
		{"not only ASCII", "äöü λ 日本", "äöü λ 日本"},
		{"newline", "a\nb", `a\x0ab`},
		{"tab and DEL", "\t\x7f", `\x09\x7f`},
		{"control character of two bytes", "a\u0085", `a\xc2\x85`},
		{"not UTF-8", "\xff\xfea", `\xff\xfea`},
		{"half a character", "\xe6\x97", `\xe6\x97`},
		{"replacement character", "\ufffd", "\ufffd"},
		{"backslash", `a\b`, `a\b`},
		{"two backslashes", `\\`, `\\`},
		{"backslash at the end", `a\x`, `a\x`},
		{"what looks like an escape", `\x0a`, `\x5cx0a`},
		{"what looks like an escaped escape", `\x5cx0a`, `\x5cx5cx0a`},
		{"what is no escape", `\x41\x2f\x00\xAB`, `\x41\x2f\x00\xAB`},
	} {
		got := escape(row.host)
		back, ok := unescape(got)
		if got != row.want || back != row.host || !ok {
			t.Errorf("%s: %q is %q, want %q; back %q, %v", row.name, row.host, got, row.want, back, ok)
		}
	}
	for _, row := range []struct{ name, shown string }{
		{"escape of what needs none", `\xc3\xa4`},
		{"escape of a lonely backslash", `\x5cb`},
		{"control character", "a\nb"},
		{"not UTF-8", "\xff"},
		{"slash", "a/b"},
		{"NUL", "a\x00"},
		{"dot dot", ".."},
		{"dot", "."},
		{"nothing", ""},
	} {
		if host, ok := unescape(row.shown); ok {
			t.Errorf("%s: %q is a name, of %q", row.name, row.shown, host)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"a", "a\nb", `\x5c`, `\\x0a`, "\xff", "\u0085", "..", "a/b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		// As a name on the host.
		if ninep.ValidName(name) {
			shown := escape(name)
			if host, ok := unescape(shown); !ok || host != name {
				t.Errorf("%q is shown as %q, which is %q, %v", name, shown, host, ok)
			}
			if !utf8.ValidString(shown) || strings.ContainsFunc(shown, unicode.IsControl) || !ninep.ValidName(shown) {
				t.Errorf("%q is shown as %q", name, shown)
			}
		}
		// As a name that is shown.
		if host, ok := unescape(name); ok && (escape(host) != name || !ninep.ValidName(host)) {
			t.Errorf("%q is %q, which is shown as %q", name, host, escape(host))
		}
	})
}

// TestOddNames has files with odd names on the host, and makes some.
func TestOddNames(t *testing.T) {
	dir := host(t, "new\nline", "\xff")
	srv := serve(t, Dir{Path: dir, Write: true})
	g := guest{t.Context(), attach(t, srv, "glenda", dir)}
	for _, row := range []struct{ name, got, want string }{
		{"list", sorted(g.ls("")), `\xff new\x0aline`},
		{"read", g.read(`new\x0aline`), "new\nline"},
		{"stat", g.walk(`\xff`), `\xff`},
		{"raw name", g.walk("\xff"), none},
		{"raw name created", g.create("", "a\tb", 0666), bad},
		{"create", g.create("", `a\x09b`, 0666), "created"},
		{"create with an escape of nothing odd", g.create("", `\x5cb`, 0666), bad},
		{"rename", g.rename(`a\x09b`, `\x01`), "changed"},
		{"rename to a raw name", g.rename(`\x01`, "\x01"), bad},
		{"renamed", g.walk(`\x01`), `\x01`},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
}
