package cmd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"

	"ufo/ninep"
	"ufo/proc"
)

// cmp - compare two files
//
// Cmp compares the two files and prints a message if the contents differ.
//
// The options are:
//
//	-l  Print the byte number (decimal) and the differing bytes
//	    (hexadecimal) for each difference.
//	-L  Print the line number of the first differing byte.
//	-s  Print nothing for differing files, but set the exit status.
//
// If offsets are given, comparison starts at the designated byte position of
// the corresponding file. Offsets that begin with 0x are hexadecimal; with
// 0, octal; with anything else, decimal.
//
// # SEE ALSO
//
// diff(1)
//
// # DIAGNOSTICS
//
// If a file is inaccessible or missing, the exit status is "open". If the
// files are the same, the exit status is empty (true). If they are the same
// except that one is longer than the other, the exit status is "EOF".
// Otherwise cmp reports the position of the first disagreeing byte and the
// exit status is "differ".
func cmpMain(p *proc.Proc) error {
	arg := argbegin(p, "[-lLs] file1 file2 [offset1 [offset2]]")
	c := comparison{p: p, out: stdout(p)}
	defer flush(p, c.out)
	for f := range arg.flags() {
		switch f {
		case 'l':
			c.all = true
		case 'L':
			c.lines = true
		case 's':
			c.quiet = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 2 || len(arg.args) > 4 {
		arg.usage()
	}
	for i := range c.in {
		off := uint64(0)
		if len(arg.args) > 2+i {
			var err error
			if off, err = strconv.ParseUint(arg.args[2+i], 0, 63); err != nil {
				arg.usage()
			}
		}
		if err := c.open(i, arg.args[i], int64(off)); err != nil {
			return err
		}
	}
	return c.run()
}

// A comparison compares two files.
type comparison struct {
	p                 *proc.Proc
	out               *bufio.Writer
	all, lines, quiet bool // -l, -L, -s
	name              [2]string
	in                [2]*bufio.Reader
	n                 int64 // bytes, and
	line              int   // lines, that have been compared
	differ            error // the status so far
}

// open opens one of the files at an offset. The error is the exit status.
func (c *comparison) open(i int, name string, off int64) error {
	fd, err := c.p.Open(name, ninep.OREAD)
	if err != nil {
		if !c.quiet {
			warn(c.p, "%s: %v", name, err)
		}
		return status("open")
	}
	if off != 0 {
		if _, err := c.p.Seek(fd, off, 0); err != nil {
			if !c.quiet {
				warn(c.p, "%s: seek by %d: %v", name, off, err)
			}
			return status("seek")
		}
	}
	c.name[i], c.in[i] = name, input(c.p, fd)
	return nil
}

// print prints unless it is not to.
func (c *comparison) print(format string, a ...any) {
	if !c.quiet {
		fmt.Fprintf(c.out, format, a...)
	}
}

// run compares, and returns the exit status.
func (c *comparison) run() error {
	for {
		_, erra := c.in[0].Peek(1)
		_, errb := c.in[1].Peek(1)
		if erra != nil || errb != nil {
			return c.end([2]error{erra, errb})
		}
		n := min(c.in[0].Buffered(), c.in[1].Buffered())
		a, _ := c.in[0].Peek(n)
		b, _ := c.in[1].Peek(n)
		if !bytes.Equal(a, b) {
			c.differ = status("differ")
			if !c.show(a, b) {
				return c.differ
			}
		}
		c.n += int64(n)
		c.line += bytes.Count(a, []byte("\n"))
		c.in[0].Discard(n)
		c.in[1].Discard(n)
	}
}

// show prints where two blocks differ, and reports whether to go on.
func (c *comparison) show(a, b []byte) bool {
	for i := range a {
		switch {
		case a[i] == b[i]:
			continue
		case c.quiet:
			return false
		case c.all:
			c.print("%6d 0x%02x 0x%02x\n", c.n+int64(i)+1, a[i], b[i])
			continue
		}
		where := ""
		if c.lines {
			where = fmt.Sprintf(" line %d", c.line+1+bytes.Count(a[:i], []byte("\n")))
		}
		c.print("%s %s differ: char %d%s\n", c.name[0], c.name[1], c.n+int64(i)+1, where)
		return false
	}
	return true
}

// end returns the status when at least one file has no more.
func (c *comparison) end(errs [2]error) error {
	for i, err := range errs {
		if err != nil && err != io.EOF {
			c.print("error on %s after %d bytes\n", c.name[i], c.n)
			return status("read error")
		}
	}
	if errs[0] == errs[1] {
		return c.differ
	}
	short := c.name[0]
	if errs[0] == nil {
		short = c.name[1]
	}
	c.print("EOF on %s after %d bytes\n", short, c.n)
	return status("EOF")
}
