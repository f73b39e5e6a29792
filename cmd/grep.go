package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// grep - search a file for a pattern
//
// Grep searches the input files (standard input default) for lines that
// match the pattern, a regular expression as defined in regexp(6) with the
// addition of a newline character as an alternative (substitute for |) with
// lowest precedence. Normally, each line matching the pattern is `selected',
// and each selected line is copied to the standard output.
//
// The options are:
//
//	-c       Print only a count of matching lines.
//	-h       Do not print file name tags (headers) with output lines.
//	-e pat   The following argument is taken as a pattern. This option
//	         makes it easy to specify patterns that might confuse
//	         argument parsing, such as -n.
//	-i       Ignore alphabetic case distinctions.
//	-l       (ell) Print the names of files with selected lines; don't
//	         print the lines.
//	-L       Print the names of files with no selected lines; the
//	         converse of -l.
//	-n       Mark each printed line with its line number counted in its
//	         file.
//	-s       Produce no output, but return status.
//	-v       Reverse: print lines that do not match the pattern.
//	-f file  The pattern argument is the name of a file containing
//	         regular expressions one per line.
//	-b       Don't buffer the output: write each output line as soon as
//	         it is discovered.
//
// Output lines are tagged by file name when there is more than one input
// file. (To force this tagging, include /dev/null as a file name argument.)
//
// Care should be taken when using the shell metacharacters $*[^|()=\ and
// newline in pattern; it is safest to enclose the entire expression in
// single quotes '...'. An expression starting with '*' will treat the rest
// of the expression as literal characters.
//
// # SEE ALSO
//
// sed(1), regexp(6)
//
// # DIAGNOSTICS
//
// Exit status is null if any lines are selected, or non-null when no lines
// are selected or an error occurs.
func grepMain(p *proc.Proc) error {
	arg := argbegin(p, "[-bchiLlnsv] [-e pattern] [-f patternfile] [file ...]\n"+
		"[-bchiLlnsv] pattern [file ...]")
	g := grep{p: p, out: stdout(p)}
	defer flush(p, g.out)
	var patterns []string
	for c := range arg.flags() {
		switch c {
		case 'b', 'c', 'h', 'i', 'L', 'l', 'n', 's', 'v':
			g.flags += string(c)
		case 'e':
			patterns = append(patterns, arg.eargf())
		case 'f':
			name := arg.eargf()
			b, err := p.ReadFile(name)
			if err != nil {
				warn(p, "can't open %s: %v", name, err)
				return status("open")
			}
			patterns = append(patterns, strings.TrimSuffix(string(b), "\n"))
		default:
			arg.usage()
		}
	}
	if patterns == nil {
		if len(arg.args) == 0 {
			arg.usage()
		}
		patterns, arg.args = arg.args[:1], arg.args[1:]
	}
	if err := g.compile(patterns); err != nil {
		warn(p, "%v", err)
		return status("syntax")
	}
	if g.search(arg.args) {
		return nil
	}
	return status("no matches")
}

// grep has what one run needs.
type grep struct {
	p     *proc.Proc
	out   *bufio.Writer
	flags string
	tag   bool // lines with file names
	lines *lineMatcher
}

func (g *grep) has(flag rune) bool { return strings.ContainsRune(g.flags, flag) }

// compile takes the patterns; each line of one is an alternative. Empty lines
// may follow one, but not come first.
func (g *grep) compile(patterns []string) (err error) {
	var res []*regexp.Regexp
	for _, pattern := range patterns {
		if pattern == "" {
			return errors.New("empty pattern")
		}
		for i, line := range strings.Split(pattern, "\n") {
			if line == "*" || line == "" && i == 0 {
				return fmt.Errorf("%s: syntax error", line)
			}
			if line == "" {
				continue
			}
			if line[0] == '*' {
				line = regexp.QuoteMeta(line[1:])
			}
			re, err := regcomp(line, g.has('i'))
			if err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
			res = append(res, re)
		}
	}
	g.lines, err = newLineMatcher(res)
	return err
}

// search reads the files and reports whether a line was selected.
func (g *grep) search(names []string) (found bool) {
	if len(names) == 0 {
		g.flags += "b" // who writes to us may be slow
		return g.file(0, "stdin")
	}
	g.tag = len(names) > 1 && !g.has('h')
	for _, name := range names {
		fd, err := g.p.Open(name, ninep.OREAD)
		if err != nil {
			warn(g.p, "can't open %s: %v", name, err)
			continue
		}
		found = g.file(fd, name) || found
		g.p.Close(fd)
	}
	return found
}

// file searches one file.
func (g *grep) file(fd int, name string) bool {
	in, count := lineReader{in: input(g.p, fd)}, 0
	list, reverse := !g.has('c') && !g.has('s') && !g.has('l') && !g.has('L'), g.has('v')
	for n := 1; ; n++ {
		line, err := in.next()
		if err != nil {
			if err != io.EOF {
				warn(g.p, "read error on %s: %v", name, err)
			}
			break
		}
		if g.lines.match(bytes.TrimSuffix(line, []byte("\n"))) == reverse {
			continue
		}
		count++
		if list {
			g.print(name, n, line)
		}
	}
	if g.has('c') {
		if g.tag {
			fmt.Fprintf(g.out, "%s:", name)
		}
		fmt.Fprintf(g.out, "%d\n", count)
	}
	if g.has('l') && count > 0 || g.has('L') && count == 0 {
		fmt.Fprintf(g.out, "%s\n", name)
	}
	return count > 0
}

// print writes a selected line. A last line without a newline keeps that,
// unless it is tagged.
func (g *grep) print(name string, n int, line []byte) {
	if g.tag {
		fmt.Fprintf(g.out, "%s:", name)
	}
	if g.has('n') {
		fmt.Fprintf(g.out, "%d: ", n)
	}
	g.out.Write(line)
	if g.tag && !bytes.HasSuffix(line, []byte("\n")) {
		g.out.WriteByte('\n')
	}
	if g.has('b') {
		g.out.Flush()
	}
}
