package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/proc"
)

// unicode - interpret Unicode characters
//
// Unicode converts between characters and their values in the Unicode
// Standard. For a range of hexadecimal numbers it prints a table
// of the characters. Otherwise what it does depends on its first argument:
// hexadecimal numbers become characters, one to a line, or with -t a text
// without newlines; what does not begin with a digit, or anything with -n,
// becomes numbers.
//
// # EXAMPLES
//
//	unicode p            # the value of p
//	unicode 2200-22f1    # mathematical symbols
//
// # SEE ALSO
//
// ascii(1)
func unicodeMain(p *proc.Proc) error {
	arg := argbegin(p, "[-t] hex hex ...\nhexmin-hexmax ...\n[-n] char ...")
	var numbers, text bool
	for c := range arg.flags() {
		switch c {
		case 'n':
			numbers = true
		case 't':
			text = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	out := stdout(p)
	defer flush(p, out)
	convert := unicodeChar
	switch first := arg.args[0]; {
	case !numbers && strings.Contains(first, "-"):
		convert = unicodeRange
	case numbers || first == "" || !strings.Contains("0123456789abcdefABCDEF", first[:1]):
		convert = unicodeNumbers
	}
	for _, word := range arg.args {
		if why, ok := convert(out, word, text); !ok {
			out.Flush()
			what := map[string]string{"bad range": "bad range", "bad char": "bad unicode value", "bad utf": "invalid utf string"}
			warn(p, "%s %s", what[why], word)
			return status(why)
		}
	}
	return nil
}

// hexRune returns the character of a hexadecimal number.
func hexRune(s string) (rune, bool) {
	n, err := strconv.ParseUint(s, 16, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}

// unicodeRange prints a table of the characters of a range.
func unicodeRange(out *bufio.Writer, word string, _ bool) (why string, ok bool) {
	lo, hi, _ := strings.Cut(word, "-")
	low, ok1 := hexRune(lo)
	high, ok2 := hexRune(hi)
	if !ok1 || !ok2 || low > high {
		return "bad range", false
	}
	for i, c := 1, low; c <= high; i, c = i+1, c+1 {
		sep := "\t"
		if c == high || i%8 == 0 {
			sep = "\n"
		}
		fmt.Fprintf(out, "%.4x %c%s", c, c, sep)
	}
	return "", true
}

// unicodeNumbers prints the values of characters.
func unicodeNumbers(out *bufio.Writer, word string, _ bool) (why string, ok bool) {
	for word != "" {
		c, n := utf8.DecodeRuneInString(word)
		if c == utf8.RuneError && n == 1 {
			return "bad utf", false
		}
		fmt.Fprintf(out, "%.4x\n", c)
		word = word[n:]
	}
	return "", true
}

// unicodeChar prints the character of a value.
func unicodeChar(out *bufio.Writer, word string, text bool) (why string, ok bool) {
	c, ok := hexRune(word)
	if !ok {
		return "bad char", false
	}
	out.WriteRune(c)
	if !text {
		out.WriteByte('\n')
	}
	return "", true
}
