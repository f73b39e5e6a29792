package cmd

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ufo/proc"
)

// xd - hex, octal, decimal, or ASCII dump
//
// Xd concatenates and dumps the files (standard input by default) in one or
// more formats. Groups of 16 bytes are printed in each of the named formats,
// one format per line. Each line of output is prefixed by its address (byte
// offset) in the input file. The first line of output for each group is
// zero-padded; subsequent are blank-padded.
//
// Formats other than -c are specified by pairs of characters telling size
// and style, 4x by default. The sizes are
//
//	1 or b  1-byte units.
//	2 or w  2-byte big-endian units.
//	4 or l  4-byte big-endian units.
//	8 or v  8-byte big-endian units.
//
// The styles are
//
//	o  Octal.
//	x  Hexadecimal.
//	d  Decimal.
//
// Other options are
//
//	-c       Format as 1x but print ASCII representations or C escape
//	         sequences where possible.
//	-astyle  Print file addresses in the given style (and size 4).
//	-u       (Unbuffered) Flush the output buffer after each 16-byte
//	         sequence.
//	-s       Switch to little-endian units.
//	-r       Print repeating groups of identical 16-byte sequences as the
//	         first group followed by an asterisk.
//
// # BUGS
//
// The various output formats don't line up properly in the output of xd.
func xdMain(p *proc.Proc) error {
	arg := argbegin(p, "[-u] [-r] [-s] [-astyle] [-format ...] [file ...]")
	x := xd{out: stdout(p), addr: 'x'}
	defer flush(p, x.out)
	for len(arg.args) > 0 && len(arg.args[0]) > 1 && arg.args[0][0] == '-' {
		if !x.option(arg.args[0][1:]) {
			arg.usage()
		}
		arg.args = arg.args[1:]
	}
	if x.formats == nil {
		x.formats = []xdformat{{size: 4, style: 'x'}}
	}
	title := len(arg.args) > 1
	err := eachfile(p, arg.args, func(fd int, name string) error {
		if title {
			fmt.Fprintln(x.out, name)
		}
		return x.dump(input(p, fd))
	})
	if err != nil {
		return status("error")
	}
	return nil
}

// xd has the options of a dump.
type xd struct {
	out                       *bufio.Writer
	formats                   []xdformat
	addr                      byte // style of addresses
	unbuffered, repeat, swapd bool // -u, -r, -s
}

// An xdformat is how a group is shown: units of size bytes in style o, x, d,
// or as characters, c.
type xdformat struct {
	size  int
	style byte
}

// option takes a word of options without its "-". Each stands in a word of
// its own.
func (x *xd) option(word string) bool {
	switch word {
	case "r":
		x.repeat = true
		return true
	case "s":
		x.swapd = true
		return true
	case "u":
		x.unbuffered = true
		return true
	case "c":
		x.formats = append(x.formats, xdformat{1, 'c'})
		return true
	}
	if word[0] == 'a' {
		if len(word) == 2 && strings.Contains("oxd", word[1:]) {
			x.addr = word[1]
			return true
		}
		return false
	}
	f := xdformat{4, 'x'}
	for _, c := range []byte(word) {
		switch c {
		case 'o', 'x', 'd':
			f.style = c
		case '1', 'b':
			f.size = 1
		case '2', 'w':
			f.size = 2
		case '4', 'l':
			f.size = 4
		case '8', 'v':
			f.size = 8
		default:
			return false
		}
	}
	x.formats = append(x.formats, f)
	return true
}

// dump prints one file. The last line is the address of its end.
func (x *xd) dump(in *bufio.Reader) error {
	addr, star := int64(0), false
	var last, group [16]byte
	for {
		n, err := io.ReadFull(in, group[:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		clear(group[n:])
		if x.repeat && n == 16 && addr > 0 && group == last {
			if !star {
				fmt.Fprintln(x.out, "*")
			}
			star = true
			addr += 16
			continue
		}
		last, star = group, false
		for i, f := range x.formats {
			x.address(addr, i > 0)
			f.print(x.out, group[:n], x.swapd)
			fmt.Fprintln(x.out)
		}
		addr += int64(n)
		if n < 16 {
			x.address(addr, false)
			fmt.Fprintln(x.out)
			return nil
		}
		if x.unbuffered {
			x.out.Flush()
		}
	}
}

// address prints an address in 7 columns.
func (x *xd) address(addr int64, blank bool) {
	pad := "0"
	if blank {
		pad = ""
	}
	fmt.Fprintf(x.out, "%"+pad+"7"+string(x.addr)+" ", addr)
}

// xdwidth is the width of a unit by size and style.
var xdwidth = map[xdformat]int{
	{1, 'o'}: 3, {1, 'd'}: 3, {1, 'x'}: 2,
	{2, 'o'}: 6, {2, 'd'}: 5, {2, 'x'}: 4,
	{4, 'o'}: 11, {4, 'd'}: 10, {4, 'x'}: 8,
	{8, 'o'}: 22, {8, 'd'}: 20, {8, 'x'}: 16,
}

// print prints the units of a group. A last one that is not whole is filled
// with zeros.
func (f xdformat) print(out io.Writer, group []byte, swap bool) {
	if f.style == 'c' {
		for _, c := range group {
			fmt.Fprint(out, xdchar(c))
		}
		return
	}
	for len(group)%f.size != 0 {
		group = append(group, 0)
	}
	verb := fmt.Sprintf(" %%0%d%c", xdwidth[f], f.style)
	for ; len(group) > 0; group = group[f.size:] {
		var v uint64
		for i := range f.size {
			if swap {
				i = f.size - 1 - i
			}
			v = v<<8 | uint64(group[i])
		}
		fmt.Fprintf(out, verb, v)
	}
}

// xdchar returns a byte as -c shows it.
func xdchar(c byte) string {
	switch c {
	case '\t':
		return ` \t`
	case '\r':
		return ` \r`
	case '\n':
		return ` \n`
	case '\b':
		return ` \b`
	}
	if c < ' ' || c >= 0x7f {
		return fmt.Sprintf(" %02x", c)
	}
	return fmt.Sprintf("  %c", c)
}
