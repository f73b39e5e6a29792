package cmd

import (
	"bufio"
	"bytes"

	"ufo/proc"
)

// comm - select or reject lines common to two sorted files
//
// Comm reads file1 and file2, which are in lexicographical order, and
// produces a three column output: lines only in file1; lines only in file2;
// and lines in both files. The file name - means the standard input.
//
// Flag 1, 2, or 3 suppresses printing of the corresponding column.
//
// # EXAMPLES
//
// Print lines common to two sorted files.
//
//	comm -12 file1 file2
//
// # SEE ALSO
//
// sort(1), cmp(1), diff(1), uniq(1)
func commMain(p *proc.Proc) error {
	arg := argbegin(p, "[-123] file1 file2")
	var hide [3]bool
	for c := range arg.flags() {
		switch c {
		case '1', '2', '3':
			hide[c-'1'] = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 2 {
		arg.usage()
	}
	var in [2]*bufio.Reader
	for i, name := range arg.args {
		fd, err := openarg(p, name)
		if err != nil {
			return status("open")
		}
		in[i] = input(p, fd)
	}
	out := stdout(p)
	defer out.Flush()
	put := func(col int, line []byte) {
		if hide[col] {
			return
		}
		for i := range col {
			if !hide[i] {
				out.WriteByte('\t')
			}
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	next := func(i int) ([]byte, bool) {
		line, err := readline(in[i])
		return bytes.TrimSuffix(line, []byte("\n")), err == nil
	}
	a, oka := next(0)
	b, okb := next(1)
	for oka || okb {
		c := bytes.Compare(a, b)
		switch {
		case !okb || oka && c < 0:
			put(0, a)
			a, oka = next(0)
		case !oka || c > 0:
			put(1, b)
			b, okb = next(1)
		default:
			put(2, a)
			a, oka = next(0)
			b, okb = next(1)
		}
	}
	return nil
}
