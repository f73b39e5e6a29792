package cmd

import (
	"bufio"
	"bytes"
	"io"

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
	c := columnizer{out: stdout(p), hide: hide}
	defer flush(p, c.out)
	for i, name := range arg.args {
		fd, err := openarg(p, name)
		if err != nil {
			return status("open")
		}
		c.in[i] = input(p, fd)
	}
	c.run()
	if c.err != nil {
		return fatal(p, "read error: %v", c.err)
	}
	return nil
}

// A columnizer merges two files into three columns.
type columnizer struct {
	in   [2]*bufio.Reader
	out  *bufio.Writer
	hide [3]bool
	err  error // of reading
}

// next returns the next line of a file, without its newline; ok is false at
// the end.
func (c *columnizer) next(i int) (line []byte, ok bool) {
	line, err := readline(c.in[i])
	if err != nil && err != io.EOF {
		c.err = err
	}
	return bytes.TrimSuffix(line, []byte("\n")), err == nil
}

// put prints a line in a column. Columns not shown take no place.
func (c *columnizer) put(col int, line []byte) {
	if c.hide[col] {
		return
	}
	for i := range col {
		if !c.hide[i] {
			c.out.WriteByte('\t')
		}
	}
	c.out.Write(line)
	c.out.WriteByte('\n')
}

func (c *columnizer) run() {
	a, oka := c.next(0)
	b, okb := c.next(1)
	for oka || okb {
		order := bytes.Compare(a, b)
		switch {
		case !okb || oka && order < 0:
			c.put(0, a)
			a, oka = c.next(0)
		case !oka || order > 0:
			c.put(1, b)
			b, okb = c.next(1)
		default:
			c.put(2, a)
			a, oka = c.next(0)
			b, okb = c.next(1)
		}
	}
}
