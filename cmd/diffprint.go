package cmd

import (
	"fmt"
	"slices"
	"strings"
)

// A diffprinter prints the differences of two files.
type diffprinter struct {
	*differ
	name [2]string
	line [2][]string
}

// contextLines is how many lines -c and -u show around a change.
const contextLines = 3

// print prints all differences in the form asked for.
func (pr *diffprinter) print(hs []hunk) {
	if pr.multi {
		flag := ""
		if pr.mode != 0 {
			flag = "-" + string(pr.mode) + " "
		}
		fmt.Fprintf(pr.out, "diff %s%s %s\n", flag, pr.name[0], pr.name[1])
	}
	switch pr.mode {
	case 'c', 'a', 'u':
		pr.context(hs)
		return
	case 'e': // from the end, so that line numbers stay true
		slices.Reverse(hs)
	}
	for _, h := range hs {
		pr.change(h)
	}
}

// change prints a hunk without context.
func (pr *diffprinter) change(h hunk) {
	verb := 'c'
	if h.a > h.b {
		verb = 'a'
	} else if h.c > h.d {
		verb = 'd'
	}
	old, new := span(h.a, h.b, ","), span(h.c, h.d, ",")
	script := false
	switch pr.mode {
	case 'e':
		fmt.Fprintf(pr.out, "%s%c\n", old, verb)
		script = true
	case 'f':
		fmt.Fprintf(pr.out, "%c%s\n", verb, span(h.a, h.b, " "))
		script = true
	case 'n':
		fmt.Fprintf(pr.out, "%s:%s %c %s:%s\n", pr.name[0], old, verb, pr.name[1], new)
	default:
		fmt.Fprintf(pr.out, "%s%c%s\n", old, verb, new)
	}
	if script {
		pr.lines(1, h.c, h.d, "")
		if h.c <= h.d {
			fmt.Fprintln(pr.out, ".")
		}
		return
	}
	pr.lines(0, h.a, h.b, "< ")
	if verb == 'c' {
		fmt.Fprintln(pr.out, "---")
	}
	pr.lines(1, h.c, h.d, "> ")
}

// span returns a range of lines; an empty one is the line before it.
func span(a, b int, sep string) string {
	if a >= b {
		return fmt.Sprint(b)
	}
	return fmt.Sprint(a, sep, b)
}

// lines prints lines a to b of a file with a prefix.
func (pr *diffprinter) lines(file, a, b int, prefix string) {
	for _, line := range pr.line[file][max(a, 1)-1 : max(b, 0)] {
		pr.out.WriteString(prefix + line)
		if !strings.HasSuffix(line, "\n") {
			pr.out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// context prints hunks with context, those that are close to each other
// together.
func (pr *diffprinter) context(hs []hunk) {
	if pr.mode == 'u' {
		fmt.Fprintf(pr.out, "--- %s\n+++ %s\n", pr.name[0], pr.name[1])
	}
	for len(hs) > 0 {
		n := 1
		for n < len(hs) && hs[n-1].b+1+2*contextLines > hs[n].a {
			n++
		}
		first, last := hs[0], hs[n-1]
		h := hunk{
			max(first.a-contextLines, 1), min(last.b+contextLines, len(pr.line[0])),
			max(first.c-contextLines, 1), min(last.d+contextLines, len(pr.line[1])),
		}
		if pr.mode == 'a' {
			n = len(hs)
			h = hunk{1, len(pr.line[0]), 1, len(pr.line[1])}
		}
		pr.group(h, hs[:n])
		hs = hs[n:]
	}
}

// group prints the hunks within h.
func (pr *diffprinter) group(h hunk, hs []hunk) {
	pad := " "
	if pr.mode == 'u' {
		pad = ""
		fmt.Fprintf(pr.out, "@@ -%s +%s @@\n", unified(h.a, h.b), unified(h.c, h.d))
	} else {
		fmt.Fprintf(pr.out, "%s:%s - %s:%s\n", pr.name[0], span(h.a, h.b, ","), pr.name[1], span(h.c, h.d, ","))
	}
	at := h.a
	for _, c := range hs {
		pr.lines(0, at, c.a-1, " "+pad)
		pr.lines(0, c.a, c.b, "-"+pad)
		pr.lines(1, c.c, c.d, "+"+pad)
		at = c.b + 1
	}
	pr.lines(0, at, h.b, " "+pad)
}

// unified returns a range as first line and length. The first line of an
// empty file is line 0: other systems' patch insists.
func unified(a, b int) string {
	if b < a {
		return fmt.Sprintf("%d,0", b)
	}
	return fmt.Sprintf("%d,%d", a, b-a+1)
}
