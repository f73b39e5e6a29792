package test

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// manroot is where the manual is in the repository.
const manroot = "rootfs/sys/man/"

// headings are the parts of a manual page in their order: man(6).
var headings = []string{
	"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "FILES", "SOURCE",
	"SEE ALSO", "DIAGNOSTICS", "BUGS",
}

// A page is one page of the manual.
type page struct {
	source
	section, base string
	names         []string          // those the NAME line documents
	parts         map[string]string // text under each heading
}

// manual returns the pages by "name(section)", for each of their names.
func manual(t *testing.T) map[string]*page {
	t.Helper()
	pages := map[string]*page{}
	for _, s := range repo(t) {
		rest, ok := strings.CutPrefix(s.name, manroot)
		if !ok {
			continue
		}
		section, base, _ := strings.Cut(strings.TrimSuffix(rest, "_"), "/") // con_ is for con
		p := &page{source: s, section: section, base: base, parts: map[string]string{}}
		heading := ""
		for line := range strings.Lines(s.text) {
			switch {
			case line == "\n" || line[0] == ' ':
				p.parts[heading] += line
			case heading == "" && p.parts[""] == "":
				p.parts[""] = line // the title
			default:
				heading = strings.TrimSuffix(line, "\n")
			}
		}
		names, _, _ := strings.Cut(strings.TrimSpace(p.parts["NAME"]), " - ")
		p.names = strings.Split(names, ", ")
		for _, name := range append([]string{base}, p.names...) {
			pages[name+"("+section+")"] = p
		}
	}
	return pages
}

// TestManForm checks each page against man(6).
func TestManForm(t *testing.T) {
	for _, p := range unique(manual(t)) {
		title := strings.ToUpper(p.base) + "(" + p.section + ")"
		if want := title + strings.Repeat(" ", max(1, 72-2*len(title))) + title + "\n"; !strings.HasPrefix(p.text, want+"\nNAME\n") {
			t.Errorf("%s: does not begin with the title and NAME", p.name)
		}
		if !slices.ContainsFunc(p.names, func(n string) bool { return path.Base(n) == p.base }) {
			t.Errorf("%s: NAME names %q", p.name, p.names)
		}
		if strings.Count(strings.TrimSpace(p.parts["NAME"]), "\n") > 0 || p.parts["DESCRIPTION"] == "" {
			t.Errorf("%s: NAME is not one line, or there is no DESCRIPTION", p.name)
		}
		last := -1
		for line := range strings.Lines(p.text) {
			line = strings.TrimSuffix(line, "\n")
			if strings.TrimRight(line, " ") != line || strings.Contains(line, "\t") || len([]rune(line)) > 80 {
				t.Errorf("%s: %q: has a tab, a blank at its end, or more than 80 columns", p.name, line)
			}
			if line == "" || line[0] == ' ' || strings.HasPrefix(line, title) {
				continue
			}
			i := slices.Index(headings, line)
			if i <= last {
				t.Errorf("%s: heading %q is not one of the manual's, or out of order", p.name, line)
			}
			last = i
		}
	}
}

// unique returns each page once, in the order of their files.
func unique(pages map[string]*page) []*page {
	var all []*page
	for _, p := range pages {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *page) int { return strings.Compare(a.name, b.name) })
	return all
}
