package cmd

import (
	"slices"
	"strings"
	"unicode"

	"ufo/proc"
)

// lookman - find pages of this manual
//
// Lookman prints the names of all manual pages that contain words beginning
// with each of the keys, in any case, as commands that print them, and what
// the pages are about.
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
// man(1), sig(1), help(1)
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
		for _, e := range manpages(p, section) {
			b, err := p.ReadFile(e.file())
			if err == nil && hasWords(string(b), arg.args) {
				found = true
				out.WriteString(e.String())
			}
		}
	}
	if !found {
		warn(p, "no page has %s", strings.Join(arg.args, " and "))
		return status("no man")
	}
	return nil
}

// manpages returns a line for each page of a section, whether the index
// knows it or not.
func manpages(p *proc.Proc, section string) (all []manline) {
	index := manindex(p, section)
	dirs, _ := readdir(p, manroot+"/"+section)
	for _, d := range dirs {
		if d.Name == "INDEX" || d.IsDir() {
			continue
		}
		e := manline{section, d.Name, d.Name, "not in INDEX"}
		for _, known := range index {
			if known.page == d.Name {
				e = known
				if known.name == d.Name {
					break
				}
			}
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b manline) int { return strings.Compare(a.page, b.page) })
	return all
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

// sig - print how a function is called
//
// Sig prints the forms in which section 2 of this manual has the functions of
// the given names, in any case, with their arguments and results.
//
// # EXAMPLES
//
//	sig open create
//
// # FILES
//
//	/sys/man/2/*  the pages
//
// # SEE ALSO
//
// man(1), lookman(1), intro(2)
func sigMain(p *proc.Proc) error {
	arg := argbegin(p, "function ...")
	arg.noflags()
	if len(arg.args) == 0 {
		arg.usage()
	}
	var calls []string
	for _, e := range manpages(p, "2") {
		b, err := p.ReadFile(e.file())
		if err == nil {
			calls = append(calls, signatures(string(b))...)
		}
	}
	var missing string
	for _, name := range arg.args {
		found := false
		for _, call := range calls {
			if strings.EqualFold(funcname(call), name) {
				found = true
				if err := puts(p, call+"\n"); err != nil {
					return err
				}
			}
		}
		if !found {
			warn(p, "no function %s in section 2", name)
			missing = "no man"
		}
	}
	return status(missing)
}

// signatures returns the functions in the SYNOPSIS of a page, each on a line.
func signatures(page string) (calls []string) {
	_, text, _ := strings.Cut(page, "\nSYNOPSIS\n")
	text, _, _ = strings.Cut(text, "\nDESCRIPTION\n")
	for line := range strings.Lines(text) {
		word := strings.TrimSpace(line)
		switch n := len(calls); {
		case strings.HasPrefix(word, "func "):
			calls = append(calls, word)
		case n > 0 && strings.HasPrefix(line, "         "): // it goes on
			calls[n-1] += " " + word
		}
	}
	return calls
}

// funcname returns the name of a function, without that of its receiver.
func funcname(call string) string {
	name := strings.TrimPrefix(call, "func ")
	if strings.HasPrefix(name, "(") {
		_, name, _ = strings.Cut(name, ") ")
	}
	return name[:max(0, strings.IndexAny(name, "([ "))]
}
