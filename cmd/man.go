package cmd

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ufo/proc"
)

// man - print pages of this manual
//
// Man prints pages of this manual named title in the specified sections.
// Title is given in lower case. Each section is a number. If no section is
// specified, pages in all sections are printed. Any name from the NAME
// section at the top of the page will serve as a title.
//
// On a console pages that are longer than its window go through p(1), which
// stops when the window is full: an empty line goes on, q ends it.
//
// The options are:
//
//	-f  Print only a line for each page: how to print it, and what it is
//	    about. Without a title, for all pages.
//	-n  Print everything at once.
//	-S  Only print pages whose file names match the titles; do not look
//	    for these in the NAME sections of other pages.
//	-w  Print the names of the files of the pages.
//
// # EXAMPLES
//
// The page proc of section 3, the introductions of all sections, and what
// commands there are:
//
//	man 3 proc
//	man intro
//	man -f 1
//
// # FILES
//
//	/sys/man/?/*      the pages, plain text
//	/sys/man/?/INDEX  the names that pages document, and in which they are
//
// # SEE ALSO
//
// lookman(1), sig(1), help(1), p(1), man(6)
//
// # BUGS
//
// A page that somebody has added is found by the name of its file, and by
// others when he has added them to INDEX.
func manMain(p *proc.Proc) error {
	arg := argbegin(p, "[-nSw] [section ...] title ...\n-f [section ...] [title ...]")
	m := manual{p: p}
	for c := range arg.flags() {
		switch c {
		case 'f':
			m.brief = true
		case 'n':
			m.atonce = true
		case 'S':
			m.exact = true
		case 'w':
			m.where = true
		default:
			arg.usage()
		}
	}
	titles := arg.args
	for len(titles) > 0 && (len(titles) > 1 || m.brief) && len(titles[0]) == 1 && unicode.IsDigit(rune(titles[0][0])) {
		m.sections, titles = append(m.sections, titles[0]), titles[1:]
	}
	if len(titles) == 0 && !m.brief {
		arg.usage()
	}
	if m.sections == nil {
		m.sections = mansections(p)
	}
	if m.brief && len(titles) == 0 {
		return m.print(m.list(func(manline) bool { return true }))
	}
	var pages []manline
	missing := ""
	for _, title := range titles {
		found := m.find(strings.ToLower(title))
		if len(found) == 0 {
			m.missing(title)
			missing = "no man"
		}
		pages = append(pages, found...)
	}
	if err := m.print(pages); err != nil {
		return err
	}
	return status(missing)
}

// manroot is where the manual is: section N is a directory of pages there.
const manroot = "/sys/man"

// A manual is the pages that somebody wants to see, and how.
type manual struct {
	p                           *proc.Proc
	sections                    []string
	brief, atonce, exact, where bool
}

// A manline is a line of an index: a name that a page documents.
type manline struct{ section, name, page, what string }

// file returns the name of the page's file.
func (e manline) file() string { return manroot + "/" + e.section + "/" + e.page }

// String returns how to print the page, and what it is about.
func (e manline) String() string {
	return fmt.Sprintf("%-20s # %s - %s\n", "man "+e.section+" "+e.page, e.name, e.what)
}

// manindex returns the entries of a section.
func manindex(p *proc.Proc, section string) (all []manline) {
	b, _ := p.ReadFile(manroot + "/" + section + "/INDEX") // without it there are the names of files
	for line := range strings.Lines(string(b)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(f) == 3 {
			all = append(all, manline{section, f[0], f[1], f[2]})
		}
	}
	return all
}

// list returns an entry for each page that has one which is wanted: of several
// the one of its own name.
func (m *manual) list(wanted func(manline) bool) (all []manline) {
	for _, section := range m.sections {
		at := make(map[string]int) // of pages in all
		for _, e := range manindex(m.p, section) {
			if !wanted(e) {
				continue
			}
			if i, ok := at[e.page]; !ok {
				at[e.page] = len(all)
				all = append(all, e)
			} else if e.name == e.page {
				all[i] = e
			}
		}
	}
	return all
}

// find returns the pages that are called title: in each section first the one
// whose file is called so.
func (m *manual) find(title string) (all []manline) {
	for _, section := range m.sections {
		e := manline{section: section, name: title, page: title}
		d, err := m.p.Stat(e.file())
		isFile := err == nil && !d.IsDir()
		if isFile && !m.brief {
			all = append(all, e)
		}
		if m.exact {
			continue
		}
		for _, e := range manindex(m.p, section) {
			if strings.ToLower(e.name) == title && (e.page != title || !isFile || m.brief) {
				all = append(all, e)
			}
		}
	}
	return all
}

// missing says that there is no page in the sections that were asked for, and
// where one would look next.
func (m *manual) missing(title string) {
	if slices.Contains(mansections(m.p), title) {
		warn(m.p, "%s is a section: man -f %s lists its pages", title, title)
		return
	}
	elsewhere := *m
	elsewhere.sections, elsewhere.exact = mansections(m.p), false
	if found := elsewhere.find(strings.ToLower(title)); len(found) > 0 {
		warn(m.p, "no manual page for %s here: try man %s %s", title, found[0].section, found[0].page)
		return
	}
	warn(m.p, "no manual page for %s: try lookman %s", title, title)
}

// print prints pages, or what is wanted of them.
func (m *manual) print(pages []manline) error {
	var text strings.Builder
	for i, e := range pages {
		switch {
		case m.where:
			text.WriteString(e.file() + "\n")
		case m.brief:
			text.WriteString(e.String())
		default:
			b, err := m.p.ReadFile(e.file())
			if err != nil {
				return fatal(m.p, "can't open %s: %v", e.file(), err)
			}
			if i > 0 {
				text.WriteString("\n\n")
			}
			text.Write(b)
		}
	}
	if rows, cols := consoleSize(m.p); !m.atonce && rows > 2 {
		n := 0
		for line := range strings.Lines(text.String()) {
			n += rowsOf(strings.TrimSuffix(line, "\n"), cols)
		}
		if n >= rows {
			return paged(m.p, text.String())
		}
	}
	return puts(m.p, text.String())
}

// mansections returns the numbers of all sections.
func mansections(p *proc.Proc) (sections []string) {
	dirs, _ := readdir(p, manroot)
	for _, d := range dirs {
		if d.IsDir() && len(d.Name) == 1 {
			sections = append(sections, d.Name)
		}
	}
	slices.Sort(sections)
	return sections
}

// paged prints text by way of p(1), and waits until it has been seen.
func paged(p *proc.Proc, text string) error {
	from, to, err := p.Pipe()
	if err != nil {
		return fatal(p, "pipe: %v", err)
	}
	_, err = p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		p.Dup(from, 0)
		p.Close(from)
		p.Close(to)
		return fatal(p, "p: %v", p.Exec("/bin/p", []string{"p"}))
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	p.Close(from)
	// Who has seen enough reads no further: that is no mistake.
	p.Notify(func(_ *proc.Proc, note string) bool { return strings.HasPrefix(note, "sys: write on closed pipe") })
	writeall(p, to, []byte(text))
	p.Close(to)
	_, err = p.Wait()
	return err
}
