package cmd

import (
	"bufio"
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
	var lflag, lineflag, quiet bool
	for c := range arg.flags() {
		switch c {
		case 'l':
			lflag = true
		case 'L':
			lineflag = true
		case 's':
			quiet = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 2 || len(arg.args) > 4 {
		arg.usage()
	}
	out := stdout(p)
	defer out.Flush()
	var in [2]*bufio.Reader
	for i, name := range arg.args[:2] {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			if !quiet {
				warn(p, "%s: %v", name, err)
			}
			return status("open")
		}
		if len(arg.args) > 2+i {
			off, err := strconv.ParseUint(arg.args[2+i], 0, 63)
			if err != nil {
				arg.usage()
			}
			if _, err := p.Seek(fd, int64(off), 0); err != nil {
				if !quiet {
					warn(p, "%s: seek by %d: %v", name, off, err)
				}
				return status("seek")
			}
		}
		in[i] = input(p, fd)
	}
	name, differ := arg.args, false
	for n, line := int64(0), int64(1); ; n++ {
		a, erra := in[0].ReadByte()
		b, errb := in[1].ReadByte()
		for i, err := range []error{erra, errb} {
			if err != nil && err != io.EOF {
				if !quiet {
					fmt.Fprintf(out, "error on %s after %d bytes\n", name[i], n)
				}
				return status("read error")
			}
		}
		if erra != nil || errb != nil {
			return cmpend(out, quiet, name, erra, errb, n, differ)
		}
		if a != b && quiet {
			return status("differ")
		}
		if a != b && !lflag {
			fmt.Fprintf(out, "%s %s differ: char %d", name[0], name[1], n+1)
			if lineflag {
				fmt.Fprintf(out, " line %d", line)
			}
			fmt.Fprintln(out)
			return status("differ")
		}
		if a != b {
			fmt.Fprintf(out, "%6d 0x%02x 0x%02x\n", n+1, a, b)
			differ = true
		}
		if a == '\n' {
			line++
		}
	}
}

// cmpend returns the status when at least one file has come to its end.
func cmpend(out io.Writer, quiet bool, name []string, erra, errb error, n int64, differ bool) error {
	if erra != nil && errb != nil {
		if differ {
			return status("differ")
		}
		return nil
	}
	short := name[0]
	if errb != nil {
		short = name[1]
	}
	if !quiet {
		fmt.Fprintf(out, "EOF on %s after %d bytes\n", short, n)
	}
	return status("EOF")
}
