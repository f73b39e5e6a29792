package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"ufo/proc"
)

// ascii - interpret ASCII characters
//
// Ascii prints the values of characters, and the characters of values. Without
// text it prints a table. The characters of the text are converted to their
// values, one to a line; if the first word is a number, all words are converted
// to characters, of which those that cannot be seen have names.
//
//	-8      Include the characters of Latin-1, 80 to ff.
//	-x      Values are hexadecimal: the default.
//	-o      They are octal.
//	-d      They are decimal.
//	-b n    They are in base n, from 2 to 36.
//	-n      Print numbers, whatever the text looks like.
//	-c      Print characters.
//	-t      Print characters as a text, without names and newlines.
//
// # SEE ALSO
//
// unicode(1)
func asciiMain(p *proc.Proc) error {
	arg := argbegin(p, "[-8cnt] [-dox | -b n] [text]")
	a := asciis{base: 16, chars: 128}
	chars := -1 // not said
	for c := range arg.flags() {
		switch c {
		case '8':
			a.chars = 256
		case 'x':
			a.base = 16
		case 'o':
			a.base = 8
		case 'd':
			a.base = 10
		case 'b':
			n, err := strconv.ParseUint(arg.eargf(), 0, 32)
			if err != nil || n < 2 || n > 36 {
				arg.usage()
			}
			a.base = int(n)
		case 'n':
			chars = 0
		case 't':
			a.strip = true
			chars = 1
		case 'c':
			chars = 1
		default:
			arg.usage()
		}
	}
	a.out = stdout(p)
	defer flush(p, a.out)
	if len(arg.args) == 0 {
		a.table()
		return nil
	}
	if chars < 0 && strings.Trim(arg.args[0], a.digits()) == "" {
		chars = 1
	}
	for _, word := range arg.args {
		if chars == 1 {
			if bad := strings.Trim(word, a.digits()); bad != "" {
				a.out.Flush()
				warn(p, "bad input char %c", bad[0])
				return status("bad")
			}
			a.text(word)
			continue
		}
		for i := range len(word) {
			a.out.WriteString(a.value(word[i]) + "\n")
		}
	}
	a.out.WriteByte('\n')
	return nil
}

// asciis is how values are written.
type asciis struct {
	out   *bufio.Writer
	base  int
	chars int // in the table
	strip bool
}

// digits returns those of the base.
func (a *asciis) digits() string { return "0123456789abcdefghijklmnopqrstuvwxyz"[:a.base] }

// value returns c in the base, with as many digits as the table needs.
func (a *asciis) value(c byte) string {
	width := len(strconv.FormatInt(int64(a.chars-1), a.base))
	return fmt.Sprintf("%0*s", width, strconv.FormatInt(int64(c), a.base))
}

// text prints the character of a value.
func (a *asciis) text(word string) {
	n := 0
	for i := range len(word) {
		n = (n*a.base + strings.IndexByte(a.digits(), word[i])) & 0xff
	}
	if a.strip {
		a.out.WriteByte(byte(n))
	} else {
		a.out.WriteString(asciiName(n) + "\n")
	}
}

// table prints the table.
func (a *asciis) table() {
	for i := range a.chars {
		fmt.Fprintf(a.out, "|%s %s", a.value(byte(i)), asciiName(i))
		if i%8 == 7 {
			a.out.WriteString("|\n")
		}
	}
	a.out.WriteByte('\n')
}

// controls are the names of the characters below a blank, and its own.
const controls = "nulsohstxetxeotenqackbelbs ht nl vt ff cr so si dledc1dc2dc3dc4naksynetbcanem subescfs gs rs us sp "

// asciiName returns the name of a character, of three columns.
func asciiName(i int) string {
	switch {
	case i <= ' ':
		return controls[3*i : 3*i+3]
	case i == 0x7f:
		return "del"
	case i > 0x7f && i <= 0xa0:
		return fmt.Sprintf("x%x", i)
	}
	return " " + string(rune(i)) + " "
}
