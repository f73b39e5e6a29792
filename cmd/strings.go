package cmd

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"ufo/proc"
)

// strings - extract printable strings
//
// Strings finds and prints strings containing min (default 6) or more
// consecutive printable UTF-encoded characters in a (typically) binary file,
// default standard input. Printable characters are taken to be ASCII
// characters from blank through tilde (hexadecimal 20 through 7E),
// inclusive, and all other characters above A0. Strings reports the decimal
// offset within the file at which the string starts and the text of the
// string.
//
// # SEE ALSO
//
// xd(1)
func stringsMain(p *proc.Proc) error {
	arg := argbegin(p, "[-m min] [file ...]")
	length := 6
	for c := range arg.flags() {
		switch c {
		case 'm':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil || n <= 0 {
				arg.usage()
			}
			length = n
		default:
			arg.usage()
		}
	}
	out := stdout(p)
	defer flush(p, out)
	return eachfile(p, arg.args, func(fd int, name string) error {
		if len(arg.args) > 1 {
			fmt.Fprintf(out, "%s:\n", name)
		}
		return findstrings(input(p, fd), out, length)
	})
}

// findstrings prints the strings in a file.
func findstrings(in *bufio.Reader, out io.Writer, length int) error {
	var s []rune
	start := int64(0)
	flush := func() {
		if len(s) >= length {
			fmt.Fprintf(out, "%8d: %s\n", start, string(s))
		}
		s = s[:0]
	}
	for off := int64(0); ; {
		c, n, err := in.ReadRune()
		if err != nil {
			flush()
			if err == io.EOF {
				return nil
			}
			return err
		}
		if c != utf8.RuneError && (c >= ' ' && c < 0x7f || c > 0xa0) {
			if len(s) == 0 {
				start = off
			}
			s = append(s, c)
		} else {
			flush()
		}
		off += int64(n)
	}
}
