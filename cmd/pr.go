package cmd

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ufo/proc"
)

// pr - print file
//
// Pr produces a printed listing of one or more files on its standard output.
// The output is separated into pages headed by a date, the name of the file
// or a specified header, and the page number. With no file arguments, pr
// prints its standard input, as it does for a file named -.
//
// Options apply to all following files but may be reset between files:
//
//	-n   Produce n-column output. Lines are cut at the width of a
//	     column.
//	+n   Begin printing with page n.
//	-b   Balance columns on last page, in case of multi-column output.
//	-d   Double space.
//	-en  Set the tab stops for input text every n spaces, 8 by default,
//	     and make spaces of tabs; always done in multi-column output. A
//	     character before n is taken for the tab.
//	-f   Use form feeds to separate pages.
//	-h   Take the next argument as a page header (file by default).
//	-in  Replace sequences of blanks in the output by tabs, using tab
//	     stops set every n spaces, 8 by default. A character before n
//	     takes the place of the tab.
//	-ln  Take the length of the page to be n lines instead of the
//	     default 66.
//	-m   Print all files simultaneously, each in one column.
//	-nm  Number the lines of each file, or with -m those of the output.
//	     The numeric argument m, default 5, sets the width of the
//	     line-number field. A character before m takes the place of the
//	     tab that separates number and line.
//	-on  Offset the left margin n character positions.
//	-p   Pad each file printed to an even number of pages, if
//	     necessary. For two-sided printers, this will ensure each file
//	     will start a new page.
//	-sc  Separate columns by the single character c instead of aligning
//	     them with white space. A missing c is taken to be a tab. Lines
//	     are then cut only if -w is given as well.
//	-t   Do not print the 5-line header or the 5-line trailer normally
//	     supplied for each page. Nor does the last page get its full
//	     length.
//	-wn  For multi-column output, take the width of the page to be n
//	     characters instead of the default 72.
//
// A form feed in the text begins a new page; in multi-column output it ends
// a line.
//
// # SEE ALSO
//
// cat(1), mc(1), p(1)
//
// # DIAGNOSTICS
//
// A file that is empty, or cannot be opened, is reported, and the exit
// status says so in the end.
//
// # BUGS
//
// A character takes one position, however wide it is shown.
func prMain(p *proc.Proc) error {
	arg := argbegin(p, "[option ...] [file ...]")
	pr := &printer{p: p, out: stdout(p), prstyle: prstyle{columns: 1, first: 1}}
	defer flush(p, pr.out)
	var last error
	var names []string
	n := 0
	for ; ; n++ {
		pr.options(arg)
		if len(arg.args) == 0 {
			break
		}
		if name := arg.args[0]; pr.merge {
			names = append(names, name)
		} else if err := pr.print(name); err != nil {
			last = err
		}
		arg.args = arg.args[1:]
	}
	switch {
	case n == 0:
		names = []string{"-"}
	case len(names) == 0:
		return last
	}
	if err := pr.print(names...); err != nil {
		last = err
	}
	return last
}

// A printer prints files, in a style that may change between them.
type printer struct {
	p   *proc.Proc
	out *bufio.Writer
	prstyle
}

// A prstyle is what the options say.
type prstyle struct {
	columns, first       int // -n, +n
	balance, double      bool
	feed, merge, pad     bool // -f, -m, -p
	bare                 bool // -t
	head                 string
	length               int // -l, 0 for the default
	width                int // -w, 0 for the default
	offset               int
	sep                  rune // -s, 0 if not given
	expand, tabs, number prfield
}

// A prfield is what -e, -i and -n take: a character and a number of columns,
// which is 0 without the option.
type prfield struct {
	c rune
	n int
}

// options takes options up to a name of a file.
func (pr *printer) options(arg *argv) {
	for {
		for c := range arg.flags() {
			pr.option(arg, c)
		}
		if len(arg.args) == 0 || len(arg.args[0]) < 2 || arg.args[0][0] != '+' {
			return
		}
		arg.word, arg.args = arg.args[0][1:], arg.args[1:]
		pr.first = max(takenumber(arg), 1)
		if arg.word != "" {
			arg.usage()
		}
	}
}

// option takes one option with its argument.
func (pr *printer) option(arg *argv, c rune) {
	switch c {
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		arg.word = string(c) + arg.word
		pr.columns = max(takenumber(arg), 1)
	case 'b':
		pr.balance = true
	case 'd':
		pr.double = true
	case 'e':
		pr.expand = takefield(arg, prtab)
	case 'f':
		pr.feed = true
	case 'h':
		pr.head = arg.eargf()
	case 'i':
		pr.tabs = takefield(arg, prtab)
	case 'l':
		pr.length = takenumber(arg)
	case 'm':
		pr.merge = true
	case 'n':
		pr.number = takefield(arg, 5)
	case 'o':
		pr.offset = takenumber(arg)
	case 'p':
		pr.pad = true
	case 's':
		pr.sep = '\t'
		if arg.word != "" {
			pr.sep = takechar(arg)
		}
	case 't':
		pr.bare = true
	case 'w':
		pr.width = takenumber(arg)
	default:
		arg.usage()
	}
}

// takenumber takes the digits that follow: 0 if there are none.
func takenumber(arg *argv) int {
	rest := strings.TrimLeft(arg.word, "0123456789")
	digits := arg.word[:len(arg.word)-len(rest)]
	arg.word = rest
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil && digits != "" {
		return math.MaxInt32
	}
	return int(n)
}

// takechar takes the character that follows.
func takechar(arg *argv) rune {
	c, n := utf8.DecodeRuneInString(arg.word)
	arg.word = arg.word[n:]
	return c
}

// takefield takes a character, a tab if there is none, and a number.
func takefield(arg *argv, number int) prfield {
	f := prfield{c: '\t'}
	if arg.word != "" && (arg.word[0] < '0' || arg.word[0] > '9') {
		f.c = takechar(arg)
	}
	if f.n = takenumber(arg); f.n == 0 {
		f.n = number
	}
	return f
}

// print prints a file or, with -m, files side by side. The error is the exit
// status.
func (pr *printer) print(names ...string) (last error) {
	pages := prpages{prstyle: pr.prstyle, out: &prwriter{out: pr.out, tabs: pr.tabs}}
	when := pr.p.Now()
	for _, name := range names {
		fd, err := openarg(pr.p, name)
		if err != nil {
			last = err
			continue
		}
		if fd != 0 {
			defer pr.p.Close(fd)
		}
		in := input(pr.p, fd)
		if _, err := in.Peek(1); err == io.EOF && !pr.merge {
			return fatal(pr.p, "%s -- empty file", name)
		}
		pages.files = append(pages.files, &prfile{name: name, in: lineReader{in: in}})
		if d, err := pr.p.Fstat(fd); err == nil && fd != 0 && len(names) == 1 {
			when = time.Unix(int64(d.Mtime), 0)
		}
	}
	if len(pages.files) == 0 {
		return last
	}
	pages.title = localzone(pr.p).in(when).Format("Jan _2 15:04 2006") + "  "
	switch {
	case pr.head != "":
		pages.title += pr.head
	case len(names) == 1 && names[0] != "-":
		pages.title += names[0]
	}
	if !pages.measure() {
		return fatal(pr.p, "width too small")
	}
	if err := pages.printAll(); err != nil {
		return fatal(pr.p, "%v", err)
	}
	return last
}
