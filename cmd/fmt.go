package cmd

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// fmt - simple text formatter
//
// Fmt copies the files, or the standard input, and fills and folds lines.
// Lines of the same indent, without an empty one between them, are a
// paragraph. Between files it puts an empty line. The options are
//
//	-l n  Lines have up to n columns, of 70.
//	-w n  The same.
//	-i n  Indent all lines by n more columns.
//	-j    Do not join lines, only fold them.
//
// What is formatted already stays as it is. Tab stops are every eight columns,
// or $tabstop.
func fmtMain(p *proc.Proc) error {
	arg := argbegin(p, "[-j] [-i indent] [-l length] [file...]")
	f := formatter{length: 70, join: true, tab: 8}
	for c := range arg.flags() {
		switch c {
		case 'i':
			f.extra, _ = strconv.Atoi(arg.eargf())
		case 'j':
			f.join = false
		case 'w', 'l':
			f.length, _ = strconv.Atoi(arg.eargf())
		default:
			arg.usage()
		}
	}
	if f.length <= 0 {
		warn(p, "line length<=indentation")
		return status("length")
	}
	if n, err := strconv.Atoi(p.Getenv("tabstop")); err == nil && n > 0 {
		f.tab = n
	}
	f.out = stdout(p)
	defer flush(p, f.out)
	if len(arg.args) == 0 {
		return f.format(p, input(p, 0), "<stdin>")
	}
	var last error
	for i, name := range arg.args {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			warn(p, "can't open %s: %v", name, err)
			last = status("open")
			continue
		}
		if err := f.format(p, input(p, fd), name); err != nil {
			last = err
		}
		p.Close(fd)
		if i < len(arg.args)-1 {
			f.out.WriteByte('\n')
		}
	}
	return last
}

// A formatter is how text is to be formatted, and the line it is at.
type formatter struct {
	out    *bufio.Writer
	length int
	extra  int // indent
	join   bool
	tab    int

	last   string // the word before; "" at the beginning of a line
	indent int    // of the line
	col    int
}

// format formats a file.
func (f *formatter) format(p *proc.Proc, in *bufio.Reader, name string) error {
	for {
		b, err := readline(in)
		if err != nil {
			f.end()
			if err != io.EOF {
				return fatal(p, "read error on %s: %v", name, err)
			}
			return nil
		}
		f.line(strings.TrimSuffix(string(b), "\n"))
	}
}

// end ends the line, if one has begun.
func (f *formatter) end() {
	if f.last != "" {
		f.out.WriteByte('\n')
		f.last = ""
	}
}

// line formats a line.
func (f *formatter) line(line string) {
	words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(words) == 0 {
		f.end()
		f.out.WriteByte('\n')
		return
	}
	indent := f.indentOf(line)
	if !f.join || indent != f.indent {
		f.end()
	}
	for _, w := range words {
		f.word(w, indent)
	}
}

// word writes a word, on the line or on the next.
func (f *formatter) word(w string, indent int) {
	n := utf8.RuneCountInString(w)
	space := spaceAfter(f.last)
	if f.last != "" && f.col+space+n > f.length {
		f.end()
	}
	if f.last == "" {
		f.indent, f.col = indent, indent
		f.out.WriteString(strings.Repeat("\t", (indent+f.extra)/f.tab))
		f.out.WriteString(strings.Repeat(" ", (indent+f.extra)%f.tab))
	} else {
		f.out.WriteString("  "[:space])
		f.col += space
	}
	f.out.WriteString(w)
	f.col += n
	f.last = w
}

// indentOf returns the columns of the blanks before a line.
func (f *formatter) indentOf(line string) int {
	n := 0
	for i := range len(line) {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += f.tab - n%f.tab
		default:
			return n
		}
	}
	return n
}

// spaceAfter returns how many blanks follow a word: two at the end of a
// sentence, which a short word with a capital, as in "Mr.", is not.
func spaceAfter(w string) int {
	if len(w) < 2 || w[0] >= 'A' && w[0] <= 'Z' && len(w) < 4 || !strings.ContainsAny(w[len(w)-1:], ".!?") {
		return 1
	}
	return 2
}
