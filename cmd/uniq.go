package cmd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// uniq - report repeated lines in a file
//
// Uniq copies the input file, or the standard input, to the standard output,
// comparing adjacent lines. In the normal case, the second and succeeding
// copies of repeated lines are removed. Repeated lines must be adjacent in
// order to be found.
//
//	-u    Print unique lines.
//	-d    Print (one copy of) duplicated lines.
//	-c    Prefix a repetition count and a blank to each output line.
//	-s    Count as a duplicate if the prefix matches the previous unique
//	      line.
//	-num  The first num fields together with any blanks before each are
//	      ignored. A field is defined as a string of non-space, non-tab
//	      characters separated by tabs and spaces from its neighbors.
//	+num  The first num characters are ignored. Fields are skipped before
//	      characters.
//
// # SEE ALSO
//
// sort(1)
//
// # BUGS
//
// Field selection and comparison should be compatible with sort(1).
func uniqMain(p *proc.Proc) error {
	arg := argbegin(p, "[-udcs] [-num] [+num] [file]")
	u := uniq{}
	for len(arg.args) > 0 && len(arg.args[0]) > 1 && (arg.args[0][0] == '-' || arg.args[0][0] == '+') {
		s := arg.args[0]
		arg.args = arg.args[1:]
		n, err := strconv.Atoi(s[1:])
		switch {
		case err == nil && s[0] == '-':
			u.fields = n
		case err == nil:
			u.chars = n
		case s[0] == '-' && len(s) == 2 && strings.Contains("udcs", s[1:]):
			u.mode = s[1]
		default:
			arg.usage()
		}
	}
	fd := 0
	switch len(arg.args) {
	case 0:
	case 1:
		var err error
		if fd, err = p.Open(arg.args[0], ninep.OREAD); err != nil {
			return fatal(p, "can't open %s: %v", arg.args[0], err)
		}
	default:
		arg.usage()
	}
	out := stdout(p)
	defer flush(p, out)
	if err := u.copy(input(p, fd), out); err != nil {
		return fatal(p, "read error: %v", err)
	}
	return nil
}

// uniq says how lines are compared and which are printed.
type uniq struct {
	fields, chars int  // to skip
	mode          byte // u, d, c, s or 0
}

// copy copies the lines that are wanted.
func (u uniq) copy(in *bufio.Reader, out io.Writer) error {
	var first []byte
	lines := lineReader{in: in}
	n := 0 // how many lines like first
	for {
		line, err := lines.next()
		if err != nil && err != io.EOF {
			return err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if err == nil && n > 0 && u.equal(first, line) {
			n++
			continue
		}
		if n > 0 {
			u.print(out, first, n)
		}
		if err != nil {
			return nil
		}
		first, n = append(first[:0], line...), 1
	}
}

// print writes the line that came n times if it is wanted.
func (u uniq) print(out io.Writer, line []byte, n int) {
	switch {
	case u.mode == 'u' && n > 1, u.mode == 'd' && n == 1:
		return
	case u.mode == 'c':
		fmt.Fprintf(out, "%4d ", n)
	}
	fmt.Fprintf(out, "%s\n", line)
}

// equal reports whether b repeats the earlier line a.
func (u uniq) equal(a, b []byte) bool {
	a, b = u.skip(a), u.skip(b)
	return bytes.Equal(a, b) || u.mode == 's' && bytes.HasPrefix(b, a)
}

// skip returns the part of a line that counts.
func (u uniq) skip(line []byte) []byte {
	for n := 0; n < u.fields && len(line) > 0; n++ {
		line = bytes.TrimLeft(line, " \t")
		i := bytes.IndexAny(line, " \t")
		if i < 0 {
			i = len(line)
		}
		line = line[i:]
	}
	return line[skiprunes(line, u.chars):]
}
