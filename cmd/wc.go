package cmd

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"ufo/proc"
)

// wc - word count
//
// Wc counts lines, words, runes, syntactically-invalid UTF codes and bytes
// in the named files, or in the standard input if no file is named. A word
// is a maximal string of characters delimited by spaces, tabs or newlines.
// The count of runes includes invalid codes.
//
// If the optional argument is present, just the specified counts (lines,
// words, runes, broken UTF codes or bytes) are selected by the letters l, w,
// r, b, or c. Otherwise, lines, words and bytes (-lwc) are reported.
//
// # BUGS
//
// The Unicode Standard has many blank characters scattered through it, but
// wc looks for only ASCII space, tab and newline.
func wcMain(p *proc.Proc) error {
	arg := argbegin(p, "[-lwrbc] [file ...]")
	var show [5]bool
	for c := range arg.flags() {
		i := strings.IndexRune("lwrbc", c)
		if i < 0 {
			arg.usage()
		}
		show[i] = true
	}
	if show == [5]bool{} {
		show = [5]bool{0: true, 1: true, 4: true}
	}
	out := stdout(p)
	defer flush(p, out)
	report := func(n counts, name string) {
		line := ""
		for i, v := range n {
			if show[i] {
				line += fmt.Sprintf(" %7d", v)
			}
		}
		if name != "" {
			line += " " + name
		}
		fmt.Fprintln(out, line[1:])
	}
	var total counts
	err := eachfile(p, arg.args, func(fd int, name string) error {
		n, err := count(p, fd)
		for i := range total {
			total[i] += n[i]
		}
		report(n, name)
		return err
	})
	if len(arg.args) > 1 {
		report(total, "total")
	}
	return err
}

// counts are lines, words, runes, bad runes, bytes.
type counts [5]int64

// count counts what descriptor fd has, up to its end.
func count(p *proc.Proc, fd int) (n counts, err error) {
	buf := make([]byte, iounit)
	inword, kept := 0, 0 // kept is what there is of a rune
	for {
		got, err := p.Read(fd, buf[kept:])
		if err != nil {
			return n, err
		}
		b := buf[:kept+got]
		for len(b) > 0 {
			size := 1
			if b[0] >= utf8.RuneSelf {
				if got > 0 && !utf8.FullRune(b) {
					break
				}
				var c rune
				if c, size = utf8.DecodeRune(b); c == utf8.RuneError && size == 1 {
					n[3]++
				}
			}
			switch b[0] {
			case '\n':
				n[0]++
				inword = 0
			case ' ', '\t':
				inword = 0
			default:
				n[1] += int64(1 - inword)
				inword = 1
			}
			n[2]++
			n[4] += int64(size)
			b = b[size:]
		}
		kept = copy(buf, b)
		if got == 0 {
			return n, nil
		}
	}
}
