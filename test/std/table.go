package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A table is docs/std.md, or that of another kind of processors.
type table struct {
	version string // of go
	arch    string
	took    time.Duration
	rows    map[string]row // by package
}

// A row is what became of the tests of a package.
type row struct {
	pass, skip int
	failed     []string // names
}

func newTable(version, arch string) *table {
	return &table{version: version, arch: arch, rows: make(map[string]row)}
}

// file returns its name.
func (t *table) file() string {
	if t.arch == "386" {
		return "docs/std-386.md"
	}
	return "docs/std.md"
}

var (
	rowForm  = regexp.MustCompile(`(?m)^\| ([\w/.-]+) \| (\d+) \| (\d+) \| (\d+) \|([\w() ]*)\|$`)
	tookForm = regexp.MustCompile(`\btook (\d\w*)`)
)

// read reads the table as it was written.
func (t *table) read(name string) error {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range rowForm.FindAllStringSubmatch(string(b), -1) {
		pass, _ := strconv.Atoi(m[2])
		skip, _ := strconv.Atoi(m[3])
		t.rows[m[1]] = row{pass: pass, skip: skip, failed: strings.Fields(m[5])}
	}
	if m := tookForm.FindStringSubmatch(string(b)); m != nil {
		t.took, err = time.ParseDuration(m[1])
	}
	return err
}

// headline is the table in one line. What was skipped is no part of the
// percentage.
func (t *table) headline() string {
	var pass, skip, fail int
	for _, r := range t.rows {
		pass += r.pass
		skip += r.skip
		fail += len(r.failed)
	}
	share := 100 * float64(pass) / float64(max(pass+fail, 1))
	return fmt.Sprintf("%d packages, %d tests: %d pass, %d fail, %d skip themselves; %.2f %% of those that run pass",
		len(t.rows), pass+fail+skip, pass, fail, skip, share)
}

// text returns the document.
func (t *table) text(why map[string]string) string {
	var b strings.Builder
	title, how := "Plan 9", "made by\n`go run ./test/std`"
	others := "[std-386.md](std-386.md) has those for a 386."
	if t.arch == "386" {
		title, how = "Plan 9 for 386", "made by\n`go run ./test/std -386`, with -machine where the host runs no programs of 32 bits"
		others = "[std.md](std.md) has all, for amd64."
	}
	fmt.Fprintf(&b, "# Go's standard library on %s\n\n"+
		"The tests of %s for plan9/%s, with -test.short, in nodes: %s, see [test/std/main.go](../test/std/main.go).\n%s\n", title, t.version, t.arch, how, others)
	fmt.Fprintf(&b, "\n%s.\n", t.headline())
	if t.took > 0 {
		fmt.Fprintf(&b, "The whole, with compiling, took %v.\n", t.took.Round(time.Minute))
	}
	b.WriteString("\n## What fails\n\n")
	reasons := make(map[string][]string)
	for pkg, r := range t.rows {
		for _, test := range r.failed {
			reason := why[pkg+" "+test]
			if reason == "" {
				reason = "Not explained yet."
			}
			reasons[reason] = append(reasons[reason], pkg+" "+test)
		}
	}
	for _, reason := range slices.SortedFunc(maps.Keys(reasons), func(x, y string) int {
		return strings.Compare(slices.Min(reasons[x]), slices.Min(reasons[y]))
	}) {
		slices.Sort(reasons[reason])
		fmt.Fprintf(&b, "- %s: %s\n", strings.Join(reasons[reason], ", "), reason)
	}
	if len(reasons) == 0 {
		b.WriteString("Nothing.\n")
	}
	b.WriteString("\n## Packages\n\n| package | pass | skip | fail | which |\n|---|---|---|---|---|\n")
	for _, pkg := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[pkg]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", pkg, r.pass, r.skip, len(r.failed), strings.Join(r.failed, " "))
	}
	return b.String()
}
