package cmd

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"

	"ufo/ninep"
	"ufo/proc"
)

// freq - print histogram of character frequencies
//
// Freq reads the given files, or the standard input, and prints how often
// each character is in each of them. By default each byte is a character;
// under the -r option freq counts UTF sequences, that is, runes.
//
// A line of the histogram has the value of a character that was found, in
// decimal, octal and hexadecimal, the character itself (or - if it cannot be
// printed), and how often it was there. If any of the following options are
// given, only those forms of the value are printed.
//
//	-d  decimal
//	-x  hexadecimal
//	-o  octal
//	-c  the character
//
// # SEE ALSO
//
// wc(1)
//
// # DIAGNOSTICS
//
// A file that cannot be opened or read is reported, and passed over.
//
// # BUGS
//
// A byte that is no UTF counts, under -r, as rune 0xfffd.
func freqMain(p *proc.Proc) error {
	arg := argbegin(p, "[-cdorx] [file ...]")
	var h histogram
	for c := range arg.flags() {
		switch c {
		case 'd':
			h.dec = true
		case 'x':
			h.hex = true
		case 'o':
			h.oct = true
		case 'c':
			h.char = true
		case 'r':
			h.runes = true
		default:
			arg.usage()
		}
	}
	if !h.dec && !h.hex && !h.oct && !h.char {
		h.dec, h.hex, h.oct, h.char = true, true, true, true
	}
	out := stdout(p)
	defer flush(p, out)
	if len(arg.args) == 0 {
		h.file(p, out, 0, "-")
	}
	for _, name := range arg.args {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			warn(p, "open %s: %v", name, err)
			continue
		}
		h.file(p, out, fd, name)
		p.Close(fd)
	}
	return nil
}

// A histogram says what is counted, and what is printed of it.
type histogram struct {
	runes               bool
	dec, hex, oct, char bool
}

// file prints the histogram of a file.
func (h histogram) file(p *proc.Proc, out io.Writer, fd int, name string) {
	count, err := h.count(input(p, fd))
	if err != io.EOF {
		warn(p, "read error on %s: %v", name, err)
	}
	for _, c := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(out, "%s%8d\n", h.value(c), count[c])
	}
}

// count returns how often each character is in what is read. There is always
// an error: io.EOF if all was read.
func (h histogram) count(in *bufio.Reader) (map[rune]int64, error) {
	count := make(map[rune]int64)
	var low [256]int64 // of bytes, and of runes that are as small
	var err error
	for err == nil {
		c := rune(0)
		if h.runes {
			c, _, err = in.ReadRune()
		} else {
			var b byte
			b, err = in.ReadByte()
			c = rune(b)
		}
		switch {
		case err != nil:
		case int(c) < len(low):
			low[c]++
		default:
			count[c]++
		}
	}
	for c, n := range low {
		if n > 0 {
			count[rune(c)] = n
		}
	}
	return count, err
}

// value returns the forms of a character that are wanted.
func (h histogram) value(c rune) (s string) {
	if h.dec {
		s += fmt.Sprintf("%3d ", c)
	}
	if h.oct {
		s += fmt.Sprintf("%.3o ", c)
	}
	if h.hex {
		s += fmt.Sprintf("%.2x ", c)
	}
	switch {
	case !h.char:
	case c <= ' ', c >= 0x7f && c < 0xa0:
		s += "- "
	default:
		s += string(c) + " "
	}
	return s
}
