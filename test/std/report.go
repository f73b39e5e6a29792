package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A report is what happened to tests so far.
type report struct {
	o       *options
	out     io.Writer
	known   known
	results map[string]map[string]string // by package and test: pass, fail or skip
	ended   map[string]bool              // packages
	late    map[string]bool              // packages whose time was over
	twice   map[string]bool              // packages that are run again
	output  map[[2]string]*strings.Builder
	strange bool // something failed that is not known to
}

func newReport(o *options, out io.Writer, known known) *report {
	return &report{o: o, out: out, known: known, results: make(map[string]map[string]string), ended: make(map[string]bool), late: make(map[string]bool), twice: make(map[string]bool), output: make(map[[2]string]*strings.Builder)}
}

// ok reports whether nothing failed but what is known to.
func (r *report) ok() bool { return !r.strange }

// event takes note of what go test says. A failure is worse than what the same
// test did another time.
func (r *report) event(e event) {
	test, _, _ := strings.Cut(e.Test, "/")
	key := [2]string{e.Package, test}
	switch e.Action {
	case "output", "build-output":
		if r.o.verbose {
			io.WriteString(r.out, e.Output)
		}
		if r.output[key] == nil {
			r.output[key] = new(strings.Builder)
		}
		r.output[key].WriteString(e.Output)
		if strings.HasPrefix(e.Output, "panic: test timed out") {
			r.late[e.Package] = true
		}
	case "run", "pass", "fail", "skip":
		switch {
		case e.Test == "":
			r.finished(e)
		case e.Test != test:
		case r.results[e.Package][test] != "fail":
			r.result(e.Package)[test] = e.Action
		}
	}
}

// result returns what happened to the tests of a package.
func (r *report) result(pkg string) map[string]string {
	if r.results[pkg] == nil {
		r.results[pkg] = make(map[string]string)
	}
	return r.results[pkg]
}

// wholePackage stands for a package that failed though no test of it did.
const wholePackage = "(package)"

// finished ends a package. A test of it that has begun and not ended has failed,
// as have those that are not run because they would not end.
func (r *report) finished(e event) {
	defer r.forget(e.Package)
	if e.Action == "fail" && r.late[e.Package] && !r.twice[e.Package] {
		r.twice[e.Package] = true
		delete(r.results, e.Package)
		fmt.Fprintf(r.out, "%-32s did not end: it is run again\n", e.Package)
		return
	}
	tests := r.results[e.Package]
	for test, result := range tests {
		if result == "run" {
			tests[test] = "fail"
		}
	}
	if e.Action == "fail" && len(failures(tests)) == 0 {
		r.result(e.Package)[wholePackage] = "fail"
		tests = r.results[e.Package]
	}
	if len(tests) == 0 {
		return
	}
	for _, test := range r.known.stops[e.Package] {
		if tests[test] == "" {
			tests[test] = "fail"
		}
	}
	r.ended[e.Package] = true
	r.tell(e, tests)
}

// forget forgets what the tests of a package printed.
func (r *report) forget(pkg string) {
	delete(r.late, pkg)
	for key := range r.output {
		if key[0] == pkg {
			delete(r.output, key)
		}
	}
}

// again returns the packages that are to be run again.
func (r *report) again() []string { return slices.Sorted(maps.Keys(r.twice)) }

// tell prints what happened to a package.
func (r *report) tell(e event, tests map[string]string) {
	failed := failures(tests)
	fmt.Fprintf(r.out, "%-32s %4d pass %4d skip %4d fail %8.1f s\n", e.Package, count(tests, "pass"), count(tests, "skip"), len(failed), e.Elapsed)
	for _, test := range failed {
		if why := r.why(e.Package, test); why != "" {
			fmt.Fprintf(r.out, "\t%s, as known: %s\n", test, why)
			continue
		}
		r.strange = true
		fmt.Fprintf(r.out, "\t%s:\n", test)
		if test == wholePackage {
			test = ""
		}
		if b := r.output[[2]string{e.Package, test}]; b != nil && !r.o.verbose {
			io.WriteString(r.out, ends(b.String(), 2000))
		}
	}
	for _, test := range slices.Sorted(maps.Keys(tests)) {
		if tests[test] == "pass" && r.known.why[e.Package+" "+test] != "" {
			fmt.Fprintf(r.out, "\t%s passed this time\n", test)
		}
	}
}

// why returns why a test fails, if that is known. If it is known of all that do not end
// in time, it is of this one from now on.
func (r *report) why(pkg, test string) string {
	name := pkg + " " + test
	if r.late[pkg] && r.known.why[name] == "" {
		r.known.why[name] = r.known.why[pkg+" *"]
	}
	return r.known.why[name]
}

// addTo makes rows of the results of packages that have ended.
func (r *report) addTo(t *table) {
	for pkg := range r.ended {
		tests := r.results[pkg]
		t.rows[pkg] = row{pass: count(tests, "pass"), skip: count(tests, "skip"), failed: failures(tests)}
	}
}

func count(tests map[string]string, what string) (n int) {
	for _, result := range tests {
		if result == what {
			n++
		}
	}
	return n
}

// failures returns the tests that failed, in order.
func failures(tests map[string]string) (names []string) {
	for _, test := range slices.Sorted(maps.Keys(tests)) {
		if tests[test] == "fail" {
			names = append(names, test)
		}
	}
	return names
}

// ends returns the beginning and the end of a text, each of about n bytes.
func ends(s string, n int) string {
	if len(s) <= 2*n {
		return s
	}
	last := s[len(s)-n:]
	return s[:n] + "\n[...]\n" + last[strings.IndexByte(last, '\n')+1:]
}
