package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ufo/ninep"
	"ufo/proc"
)

// man - print pages of this manual
//
// Man prints pages of this manual named title in the specified sections.
// Title is given in lower case. Each section is a number. If no section is
// specified, pages in all sections are printed. Any name from the NAME
// section at the top of the page will serve as a title.
//
// The options are:
//
//	-n  (Default) Print the pages on the standard output.
//	-S  Only print pages whose file names match the titles; do not look
//	    for these in the NAME sections of other pages.
//	-w  Print the names of the files of the pages.
//
// # FILES
//
//	/sys/man/?/*  the pages, plain text
//
// # SEE ALSO
//
// lookman(1), help(1), p(1)
//
// # BUGS
//
// The names of other pages are looked at only when no page's file name
// matches: a page about several things is found under a name that some other
// section has, too, only if the section is given.
func manMain(p *proc.Proc) error {
	arg := argbegin(p, "[-nSw] [section ...] title ...")
	var exact, where bool
	for c := range arg.flags() {
		switch c {
		case 'n':
		case 'S':
			exact = true
		case 'w':
			where = true
		default:
			arg.usage()
		}
	}
	titles := arg.args
	var sections []string
	for len(titles) > 1 && len(titles[0]) == 1 && unicode.IsDigit(rune(titles[0][0])) {
		sections, titles = append(sections, titles[0]), titles[1:]
	}
	if len(titles) == 0 {
		arg.usage()
	}
	if sections == nil {
		sections = mansections(p)
	}
	missing := false
	for i, title := range titles {
		pages := findpages(p, sections, strings.ToLower(title), exact)
		if len(pages) == 0 {
			warn(p, "no manual page for %s", title)
			missing = true
		}
		for j, page := range pages {
			if err := printpage(p, page, where, i+j > 0); err != nil {
				return err
			}
		}
	}
	if missing {
		return status("no man")
	}
	return nil
}

// manroot is where the manual is: section N is a directory of pages there.
const manroot = "/sys/man"

// printpage prints a page or its file name.
func printpage(p *proc.Proc, page string, where, more bool) error {
	if where {
		return puts(p, page+"\n")
	}
	b, err := p.ReadFile(page)
	if err != nil {
		return fatal(p, "can't open %s: %v", page, err)
	}
	text := string(b)
	if more {
		text = "\n\n" + text
	}
	return puts(p, text)
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

// manpages returns the pages of a section.
func manpages(p *proc.Proc, section string) []ninep.Dir {
	dirs, _ := readdir(p, manroot+"/"+section)
	slices.SortFunc(dirs, func(a, b ninep.Dir) int { return cmp.Compare(a.Name, b.Name) })
	return dirs
}

// findpages returns the files of the pages that are called title.
func findpages(p *proc.Proc, sections []string, title string, exact bool) (files []string) {
	for _, section := range sections {
		file := manroot + "/" + section + "/" + title
		if d, err := p.Stat(file); err == nil && !d.IsDir() {
			files = append(files, file)
		}
	}
	if files != nil || exact {
		return files
	}
	for _, section := range sections {
		for _, d := range manpages(p, section) {
			file := manroot + "/" + section + "/" + d.Name
			b, err := p.ReadFile(file)
			if err == nil && slices.Contains(mannames(string(b)), title) {
				files = append(files, file)
			}
		}
	}
	return files
}

// mannames returns the names in the NAME section of a page.
func mannames(page string) []string {
	_, rest, _ := strings.Cut(page, "\nNAME\n")
	line, _, _ := strings.Cut(rest, "\n")
	names, _, ok := strings.Cut(line, " - ")
	if !ok {
		return nil
	}
	list := strings.Split(names, ",")
	for i, name := range list {
		list[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return list
}

// lookman - find pages of this manual
//
// Lookman prints the names of all manual pages that contain words beginning
// with each of the keys, in any case, as commands that print them.
//
// # EXAMPLES
//
// What has to do with mounting remote files?
//
//	lookman mount remote
//
// # FILES
//
//	/sys/man/?/*  the pages, plain text
//
// # SEE ALSO
//
// man(1), help(1)
func lookmanMain(p *proc.Proc) error {
	arg := argbegin(p, "key ...")
	arg.noflags()
	if len(arg.args) == 0 {
		arg.usage()
	}
	out := stdout(p)
	defer flush(p, out)
	found := false
	for _, section := range mansections(p) {
		for _, d := range manpages(p, section) {
			b, err := p.ReadFile(manroot + "/" + section + "/" + d.Name)
			if err == nil && hasWords(string(b), arg.args) {
				found = true
				fmt.Fprintf(out, "man %s %s # %s(%s)\n", section, d.Name, d.Name, section)
			}
		}
	}
	if !found {
		return status("no man")
	}
	return nil
}

// hasWords reports whether, for each key, text has a word that begins so.
func hasWords(text string, keys []string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '.'
	})
	for _, key := range keys {
		key = strings.ToLower(key)
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, key) }) {
			return false
		}
	}
	return true
}
