package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write returns the name of a file with a text.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

const someKnown = `# comment

a/b TestX
a/b TestY stops
	first line
	second
d *
	late
c TestX
	other
`

func TestReadKnown(t *testing.T) {
	k, err := readKnown(write(t, someKnown))
	want := known{
		map[string]string{"a/b TestX": "first line second", "a/b TestY": "first line second", "c TestX": "other", "d *": "late"},
		map[string][]string{"a/b": {"TestY"}},
	}
	if err != nil || !reflect.DeepEqual(k, want) {
		t.Errorf("%v, %v", k, err)
	}
	for _, bad := range []string{"a\n", "a TestX ends\n", "a TestX stops it\n"} {
		if _, err := readKnown(write(t, bad)); err == nil || !strings.Contains(err.Error(), ":1:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The whole packages that were known, and the rows that come of what the go
// command says.
func TestReport(t *testing.T) {
	for _, row := range []struct {
		name   string
		events []event
		ok     bool
		pass   int
		failed string
	}{
		{"passes", []event{{"pass", "p", "TestA", "", 0}, {"pass", "p", "ExampleA", "", 0}, {"skip", "p", "TestB", "", 0}, {"pass", "p", "", "", 1}}, true, 2, ""},
		{"parts of tests do not count", []event{{"pass", "p", "TestA/b", "", 0}, {"pass", "p", "TestA", "", 0}, {"pass", "p", "", "", 1}}, true, 1, ""},
		{"fails", []event{{"fail", "p", "TestA", "", 0}, {"pass", "p", "TestB", "", 0}, {"fail", "p", "", "", 1}}, false, 1, "TestA"},
		{"fails once of twice", []event{{"fail", "p", "TestA", "", 0}, {"pass", "p", "TestA", "", 0}, {"fail", "p", "", "", 1}}, false, 0, "TestA"},
		{"known to fail", []event{{"fail", "c", "TestX", "", 0}, {"fail", "c", "", "", 1}}, true, 0, "TestX"},
		{"not run", []event{{"fail", "a/b", "TestX", "", 0}, {"pass", "a/b", "TestA", "", 0}, {"fail", "a/b", "", "", 1}}, true, 1, "TestX TestY"},
		{"killed", []event{{"pass", "p", "TestA", "", 0}, {"fail", "p", "", "", 1}}, false, 1, wholePackage},
		{"known failures and killed", []event{{"pass", "a/b", "TestA", "", 0}, {"output", "a/b", "", "*** Test killed\n", 0}, {"fail", "a/b", "", "", 1}}, false, 1, wholePackage + " TestY"},
		{"late once", []event{{"fail", "p", "TestA", "", 0}, late("p"), {"fail", "p", "", "", 1}, {"pass", "p", "TestB", "", 0}, {"pass", "p", "", "", 1}}, true, 1, ""},
		{"late twice", []event{{"run", "p", "TestA", "", 0}, late("p"), {"fail", "p", "", "", 1}, {"run", "p", "TestA", "", 0}, late("p"), {"fail", "p", "", "", 1}}, false, 0, "TestA"},
		{"late twice, as known", []event{late("d"), {"fail", "d", "", "", 1}, {"run", "d", "TestA", "", 0}, late("d"), {"fail", "d", "", "", 1}}, true, 0, "TestA"},
		{"fails where some are late", []event{{"fail", "d", "TestA", "", 0}, {"fail", "d", "", "", 1}}, false, 0, "TestA"},
		{"says that it is late", []event{{"pass", "p", "TestA", "", 0}, late("p"), {"pass", "p", "", "", 1}}, true, 1, ""},
		{"killed in a test", []event{{"fail", "c", "TestX", "", 0}, {"run", "c", "TestA", "", 0}, {"fail", "c", "", "", 1}}, false, 0, "TestA TestX"},
		{"interrupted", []event{{"pass", "p", "TestA", "", 0}, {"run", "p", "TestB", "", 0}}, true, 0, ""},
		{"without tests", []event{{"skip", "p", "", "", 0}}, true, 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			k, err := readKnown(write(t, someKnown))
			if err != nil {
				t.Fatal(err)
			}
			r := newReport(new(options), io.Discard, k)
			for _, e := range row.events {
				r.event(e)
			}
			table := newTable("go1", "amd64")
			r.addTo(table)
			got := table.rows[row.events[0].Package]
			if r.ok() != row.ok || got.pass != row.pass || strings.Join(got.failed, " ") != row.failed {
				t.Errorf("ok %v, %+v", r.ok(), got)
			}
		})
	}
}

// late is what tests print whose time is over.
func late(pkg string) event { return event{"output", pkg, "", "panic: test timed out after 1m0s\n", 0} }

// A table that is read is what was written, and some rows of it can be replaced.
func TestTable(t *testing.T) {
	a := newTable("go1.2", "amd64")
	a.took = 90 * 60e9
	a.rows["archive/tar"] = row{pass: 90, skip: 3}
	a.rows["net/http"] = row{pass: 8, skip: 1, failed: []string{"TestA", wholePackage}}
	text := a.text(map[string]string{"net/http TestA": "Because."})
	for _, want := range []string{
		"go1.2", "took 1h30m0s", "2 packages, 104 tests: 98 pass, 2 fail, 4 skip", "98.00 %",
		"- net/http TestA: Because.\n", "- net/http (package): Not explained yet.\n", "| archive/tar | 90 | 3 | 0 |  |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	b := newTable("go1.2", "amd64")
	if err := b.read(write(t, text)); err != nil || !reflect.DeepEqual(a.rows, normal(b.rows)) || a.took != b.took {
		t.Errorf("%v, %+v", err, b)
	}
}

// normal makes of empty lists none.
func normal(rows map[string]row) map[string]row {
	for name, r := range rows {
		if len(r.failed) == 0 {
			r.failed = nil
			rows[name] = r
		}
	}
	return rows
}
