package cmd

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/proc"
)

// mc - multicolumn print
//
// Mc splits the input into as many columns as will fit in a line of N
// characters: by default in the window, on a console that has one, or 80. Under option - each input line ending in a
// colon : is printed separately.
//
// # FILES
//
//	/dev/cons
//	/dev/winsize
//
// # SEE ALSO
//
// lc(1), ls(1)
func mcMain(p *proc.Proc) error {
	arg := argbegin(p, "[-] [-N] [file ...]")
	out := stdout(p)
	defer flush(p, out)
	m := columns{out: out}
	for len(arg.args) > 0 && strings.HasPrefix(arg.args[0], "-") {
		switch s := arg.args[0][1:]; s {
		case "":
			m.colon = true
		case "t": // tabs are never made
		default:
			n, err := strconv.Atoi(s)
			if err != nil {
				arg.usage()
			}
			m.line = n
		}
		arg.args = arg.args[1:]
	}
	if m.line <= 1 {
		_, m.line = consoleSize(p)
	}
	if m.line <= 1 {
		m.line = 80
	}
	err := eachfile(p, arg.args, func(fd int, _ string) error { return m.read(input(p, fd)) })
	m.print()
	return err
}

// columns prints words, a line of input each, in columns of a line.
type columns struct {
	out   *bufio.Writer
	line  int  // width of a line
	colon bool // a line that ends in a colon is a heading
	words []string
}

// read takes the lines of in as words; a heading prints those before it.
func (m *columns) read(in *bufio.Reader) error {
	for {
		b, err := readline(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		word := expand(strings.TrimSuffix(string(b), "\n"), 4)
		if m.colon && strings.HasSuffix(word, ":") {
			if m.print() {
				m.out.WriteByte('\n')
			}
			m.out.WriteString(word + "\n")
			continue
		}
		m.words = append(m.words, word)
	}
}

// print writes the words read and forgets them. It reports if there were any.
func (m *columns) print() bool {
	width := 0
	for _, w := range m.words {
		width = max(width, utf8.RuneCountInString(w)+1)
	}
	if len(m.words) == 0 {
		return false
	}
	perline := max(m.line/width, 1)
	lines := (len(m.words) + perline - 1) / perline
	for i := range lines {
		for j := i; j < len(m.words); j += lines {
			m.out.WriteString(m.words[j])
			if j+lines < len(m.words) {
				m.out.WriteString(strings.Repeat(" ", width-utf8.RuneCountInString(m.words[j])))
			}
		}
		m.out.WriteByte('\n')
	}
	m.words = m.words[:0]
	return true
}

// expand replaces tabs by blanks, to columns of width.
func expand(s string, width int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	col := 0
	for _, c := range s {
		switch c {
		case '\t':
			n := width - col%width
			b.WriteString(strings.Repeat(" ", n))
			col += n
			continue
		case '\n':
			col = -1
		}
		b.WriteRune(c)
		col++
	}
	return b.String()
}
