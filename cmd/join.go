package cmd

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/proc"
)

// join - relational database operator
//
// Join forms, on the standard output, a join of the two relations specified
// by the lines of file1 and file2. If one of the file names is -, the
// standard input is used.
//
// File1 and file2 must be sorted in increasing ASCII collating sequence on
// the fields on which they are to be joined, normally the first in each
// line.
//
// There is one line in the output for each pair of lines in file1 and file2
// that have identical join fields. The output line normally consists of the
// common field, then the rest of the line from file1, then the rest of the
// line from file2.
//
// Input fields are normally separated spaces or tabs; output fields by
// space. In this case, multiple separators count as one, and leading
// separators are discarded.
//
// The following options are recognized, with POSIX syntax.
//
//	-a n       In addition to the normal output, produce a line for each
//	           unpairable line in file n, where n is 1 or 2.
//	-v n       Like -a, omitting output for paired lines.
//	-e s       Replace empty output fields by string s.
//	-1 m
//	-2 m       Join on the mth field of file1 or file2.
//	-jn m      Archaic equivalent for -n m.
//	-o fields  Each output line comprises the designated fields. The
//	           comma-separated field designators are either 0, meaning
//	           the join field, or have the form n.m, where n is a file
//	           number and m is a field number. Archaic usage allows
//	           separate arguments for field designators.
//	-t c       Use character c as the only separator (tab character) on
//	           input and output. Every appearance of c in a line is
//	           significant.
//
// # EXAMPLES
//
// Add birthdays to the /adm/users file, leaving unknown birthdays empty. The
// layout of /adm/users is given in users(6); bdays contains sorted lines
// like "ken:Feb 4, 1953".
//
//	sort -t: +1 /adm/users | join -t: -1 2 -a 1 -e "" - bdays
//
// Print all pairs of users in the same group.
//
//	tr : ' ' </adm/users | sort -k 3,3 >temp
//	join -1 3 -2 3 -o 1.2,2.2 temp temp
//
// # SEE ALSO
//
// sort(1), comm(1)
//
// # BUGS
//
// With default field separation, the collating sequence is that of sort -b
// -ky,y; with -t, the sequence is that of sort -tx -ky,y.
func joinMain(p *proc.Proc) error {
	arg := argbegin(p, "[-a n] [-v n] [-e s] [-1 m] [-2 m] [-jn m] [-o fields] [-t c] file1 file2")
	j := joiner{on: [2]int{0, 0}, paired: true}
	for c := range arg.flags() {
		if !j.option(arg, c) {
			arg.usage()
		}
	}
	if len(arg.args) != 2 {
		arg.usage()
	}
	for i, name := range arg.args {
		fd, err := openarg(p, name)
		if err != nil {
			return err
		}
		j.in[i] = input(p, fd)
	}
	j.out = stdout(p)
	defer flush(p, j.out)
	j.run()
	if j.err != nil {
		return fatal(p, "read error: %v", j.err)
	}
	return nil
}

// A joiner joins two files.
type joiner struct {
	on       [2]int  // join fields
	unpaired [2]bool // print unpairable lines of the file
	paired   bool    // print joined lines
	empty    string  // for empty fields
	sep      rune    // 0: blanks
	list     []joinfield

	in  [2]*bufio.Reader
	out *bufio.Writer
	err error // of reading
}

// A joinfield is a field of a file, 0 or 1, or, if file is negative, the join
// field.
type joinfield struct{ file, field int }

// option takes an option, and reports whether it is one.
func (j *joiner) option(arg *argv, c rune) bool {
	number := func() int {
		n, err := strconv.Atoi(arg.eargf())
		if err != nil || n < 1 {
			arg.usage()
		}
		return n - 1
	}
	switch c {
	case 'a', 'v':
		n := number()
		if n > 1 {
			return false
		}
		j.unpaired[n] = true
		j.paired = j.paired && c == 'a'
	case 'e':
		j.empty = arg.eargf()
	case '1', '2':
		j.on[c-'1'] = number()
	case 'j':
		if strings.HasPrefix(arg.word, "1") || strings.HasPrefix(arg.word, "2") {
			n := arg.word[0] - '1'
			arg.word = arg.word[1:]
			j.on[n] = number()
			break
		}
		n := number()
		j.on = [2]int{n, n}
	case 't':
		j.sep, _ = utf8.DecodeRuneInString(arg.eargf())
	case 'o':
		if !j.fields(arg.eargf()) {
			return false
		}
		for len(arg.args) > 2 && j.fields(arg.args[0]) {
			arg.args = arg.args[1:]
		}
	default:
		return false
	}
	return true
}

// fields takes a list of fields, and reports whether it is one.
func (j *joiner) fields(s string) bool {
	var list []joinfield
	for _, w := range strings.Split(s, ",") {
		if w == "0" {
			list = append(list, joinfield{file: -1})
			continue
		}
		n, ok := strings.CutPrefix(w, "1.")
		file := 0
		if !ok {
			n, ok = strings.CutPrefix(w, "2.")
			file = 1
		}
		m, err := strconv.Atoi(n)
		if !ok || err != nil || m < 1 {
			return false
		}
		list = append(list, joinfield{file, m - 1})
	}
	j.list = append(j.list, list...)
	return true
}

// next returns the fields of the next line of file n; nil at the end.
func (j *joiner) next(n int) []string {
	b, err := readline(j.in[n])
	if err != nil {
		if err != io.EOF {
			j.err = err
		}
		return nil
	}
	line := strings.TrimSuffix(string(b), "\n")
	if j.sep != 0 {
		return strings.Split(line, string(j.sep))
	}
	isblank := func(c rune) bool { return c == ' ' || c == '\t' }
	f := strings.FieldsFunc(line, isblank)
	// Leading blanks separate nothing, but those at the end do.
	if f == nil || strings.TrimRightFunc(line, isblank) != line {
		f = append(f, "")
	}
	return f
}

// key returns the join field of a line of file n.
func (j *joiner) key(n int, line []string) string {
	if j.on[n] < len(line) {
		return line[j.on[n]]
	}
	return ""
}

// run merges the files. The lines of the second that share a key are kept, to
// be joined with each of the first.
func (j *joiner) run() {
	a, b := j.next(0), j.next(1)
	for a != nil || b != nil {
		ka, kb := j.key(0, a), j.key(1, b)
		switch {
		case b == nil || a != nil && ka < kb:
			if j.unpaired[0] {
				j.print(a, nil)
			}
			a = j.next(0)
			continue
		case a == nil || kb < ka:
			if j.unpaired[1] {
				j.print(nil, b)
			}
			b = j.next(1)
			continue
		}
		var same [][]string
		for ; b != nil && j.key(1, b) == ka; b = j.next(1) {
			same = append(same, b)
		}
		for ; a != nil && j.key(0, a) == ka; a = j.next(0) {
			for _, b := range same {
				if j.paired {
					j.print(a, b)
				}
			}
		}
	}
}

// print prints the join of two lines, one of which may be nil.
func (j *joiner) print(a, b []string) {
	line := [2][]string{a, b}
	key := j.key(0, a)
	if a == nil {
		key = j.key(1, b)
	}
	var out []string
	if j.list == nil {
		out = append(out, key)
		for n, l := range line {
			for i, f := range l {
				if i != j.on[n] {
					out = append(out, f)
				}
			}
		}
	}
	for _, f := range j.list {
		switch {
		case f.file < 0:
			out = append(out, key)
		case f.field < len(line[f.file]):
			out = append(out, line[f.file][f.field])
		default:
			out = append(out, "")
		}
	}
	sep := " "
	if j.sep != 0 {
		sep = string(j.sep)
	}
	for i, f := range out {
		if f == "" && j.list != nil {
			out[i] = j.empty
		}
	}
	j.out.WriteString(strings.Join(out, sep) + "\n")
}
