package cmd

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// look - find lines in a sorted list
//
// Look prints all lines of a sorted file that begin with string, which it finds
// by binary search. Without a file it looks in /lib/words, with -df. The
// options are
//
//	-d       Only letters, digits, tabs and blanks are compared.
//	-f       Upper case letters are as lower case ones.
//	-n       Lines begin with numbers, and are sorted by them.
//	-b base  Their base; implies -n.
//	-i       Interactive: there is no string; the lines of the standard
//	         input are looked up.
//	-x       Print only lines whose key is the string, and nothing more.
//	-t c     The key of a line ends before the character c, which is a
//	         tab if nothing is said.
//
// Accents of Latin-1 do not count.
//
// # FILES
//
// /lib/words, if there is one
//
// # SEE ALSO
//
// grep(1), sort(1)
//
// # DIAGNOSTICS
//
// The exit status is "not found" if nothing was, and "no dictionary" if there
// is no file.
func lookMain(p *proc.Proc) error {
	arg := argbegin(p, "[-dfinx] [-t c] [-b base] [string] [file]")
	l := looker{p: p, tab: '\t', base: 10}
	interactive := false
	for c := range arg.flags() {
		switch c {
		case 'b':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil || n < 2 || n > 36 {
				arg.usage()
			}
			l.base, l.numeric = n, true
		case 'd':
			l.direc = true
		case 'f':
			l.fold = true
		case 'i':
			interactive = true
		case 'n':
			l.numeric = true
		case 't':
			l.tab, _ = utf8.DecodeRuneInString(arg.eargf() + "\x00")
		case 'x':
			l.exact = true
		default:
			arg.usage()
		}
	}
	text := ""
	if interactive = interactive || len(arg.args) == 0; !interactive {
		text, arg.args = arg.args[0], arg.args[1:]
	}
	if err := l.open(arg.args); err != nil {
		return err
	}
	l.out = stdout(p)
	defer flush(p, l.out)
	if interactive {
		return l.interact(input(p, 0))
	}
	found, err := l.look(text)
	if err != nil {
		return fatal(p, "%v", err)
	}
	if !found {
		return status("not found")
	}
	return nil
}

// open opens the file that is named, or the dictionary.
func (l *looker) open(names []string) (err error) {
	name := "/lib/words"
	if len(names) > 0 {
		name = names[0]
	} else {
		l.direc, l.fold = true, true
	}
	if l.fd, err = l.p.Open(name, ninep.OREAD); err == nil {
		l.end, err = l.p.Seek(l.fd, 0, 2)
	}
	if err != nil {
		warn(l.p, "can't open %s", name)
		return status("no dictionary")
	}
	return nil
}

// A looker is the file and how its lines are compared.
type looker struct {
	p           *proc.Proc
	fd          int
	end         int64
	out         *bufio.Writer
	direc, fold bool
	numeric     bool
	exact       bool
	tab         rune
	base        int
}

// interact looks up lines.
func (l *looker) interact(in *bufio.Reader) error {
	for {
		l.out.Flush()
		line, err := readline(in)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			_, err = l.look(strings.TrimSuffix(string(line), "\n"))
		}
		if err != nil {
			return fatal(l.p, "%v", err)
		}
	}
}

// look prints the lines for a string and reports whether there are any.
func (l *looker) look(text string) (found bool, err error) {
	key := l.key(text)
	at, err := l.locate(key)
	if err != nil {
		return false, err
	}
	if _, err = l.p.Seek(l.fd, at, 0); err != nil {
		return false, err
	}
	for in := input(l.p, l.fd); ; {
		line, err := l.line(in)
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		switch n := l.compare(key, l.key(line)); {
		case n == 0 || n == -1 && !l.exact:
			found = true
			l.out.WriteString(line + "\n")
		case n < -1 || n < 0 && found:
			return found, nil
		}
	}
}

// line returns the next line without its newline.
func (l *looker) line(in *bufio.Reader) (string, error) {
	b, err := readline(in)
	return strings.TrimSuffix(string(b), "\n"), err
}

// locate returns an offset at which a line begins, none before which has the
// key.
func (l *looker) locate(key []rune) (int64, error) {
	low, high := int64(0), l.end
	for low < high {
		mid := (low + high) / 2
		if _, err := l.p.Seek(l.fd, mid, 0); err != nil {
			return 0, err
		}
		in := input(l.p, l.fd)
		rest, err := readline(in)
		if err != nil && err != io.EOF {
			return 0, err
		}
		line, err := l.line(in)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if err == io.EOF || l.compare(key, l.key(line)) <= 0 {
			high = mid
			continue
		}
		low = mid + int64(len(rest))
	}
	return low, nil
}

// key returns what is compared of a line.
func (l *looker) key(line string) []rune {
	var key []rune
	for _, c := range line {
		if c == l.tab {
			break
		}
		if c >= 0xc0 && c <= 0xff && latin[c-0xc0] != ' ' {
			c = rune(latin[c-0xc0])
		}
		upper := c >= 'A' && c <= 'Z'
		if l.direc && !(upper || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == ' ' || c == '\t') {
			continue
		}
		if l.fold && upper {
			c += 'a' - 'A'
		}
		key = append(key, c)
	}
	return key
}

// latin are the letters of Latin-1 from c0 on, without their accents.
const latin = "aaaaaaaceeeeiiiidnooooo ouuuuy  aaaaaaaceeeeiiiidnooooo ouuuuy y"

// compare returns -2 if s is before t, -1 if it is the beginning of t, 0 if
// they are the same, 1 if t is the beginning of s, and 2 if t is before s.
func (l *looker) compare(s, t []rune) int {
	if l.numeric {
		return l.compareNumbers(string(s), string(t))
	}
	for i := 0; ; i++ {
		switch {
		case i == len(s) && i == len(t):
			return 0
		case i == len(s):
			return -1
		case i == len(t):
			return 1
		case s[i] < t[i]:
			return -2
		case s[i] > t[i]:
			return 2
		}
	}
}

// compareNumbers compares the numbers that two keys begin with.
func (l *looker) compareNumbers(s, t string) int {
	sneg, sint, sfrac := l.number(s)
	tneg, tint, tfrac := l.number(t)
	if sint+sfrac == "" {
		sneg = false
	}
	if tint+tfrac == "" {
		tneg = false
	}
	if sneg != tneg {
		if sneg {
			return -2
		}
		return 2
	}
	n := len(sint) - len(tint)
	if n == 0 {
		n = strings.Compare(sint, tint)
	}
	if n == 0 {
		n = strings.Compare(sfrac, tfrac)
	}
	switch {
	case n == 0:
		return 0
	case (n < 0) != sneg:
		return -2
	}
	return 2
}

// number returns the sign and the digits of a number, without the zeros that
// do not count.
func (l *looker) number(s string) (neg bool, whole, frac string) {
	s = strings.ToLower(strings.TrimLeft(s, " \t\r\v\f"))
	s, neg = strings.CutPrefix(s, "-")
	digits := func() string {
		n := 0
		for n < len(s) && strings.IndexByte("0123456789abcdefghijklmnopqrstuvwxyz"[:l.base], s[n]) >= 0 {
			n++
		}
		d := s[:n]
		s = s[n:]
		return d
	}
	whole = strings.TrimLeft(digits(), "0")
	if rest, ok := strings.CutPrefix(s, "."); ok {
		s = rest
		frac = strings.TrimRight(digits(), "0")
	}
	return neg, whole, frac
}
