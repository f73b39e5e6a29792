package cmd

import (
	"fmt"
	"unicode/utf8"

	"ufo/proc"
)

// tr - translate characters
//
// Tr copies the standard input to the standard output with substitution or
// deletion of selected characters (runes). Input characters found in string1
// are mapped into the corresponding characters of string2. When string2 is
// short it is padded to the length of string1 by duplicating its last
// character. Any combination of the options -cds may be used:
//
//	-c  Complement string1: replace it with a lexicographically ordered
//	    list of all other characters.
//	-d  Delete from input all characters in string1.
//	-s  Squeeze repeated output characters that occur in string2 to
//	    single characters.
//
// In either string a noninitial sequence -x, where x is any character
// (possibly quoted), stands for a range of characters: a possibly empty
// sequence of codes running from the successor of the previous code up
// through the code for x. The character \ followed by 1, 2 or 3 octal digits
// stands for the character whose value is given by those digits. The
// character sequence \x followed by 1, 2, 3, or 4 hexadecimal digits stands
// for the character whose value is given by those digits. A \ followed by
// any other character stands for that character.
//
// # EXAMPLES
//
// Replace all upper-case ASCII letters by lower-case.
//
//	tr A-Z a-z <mixed >lower
//
// Create a list of all the words in file1 one per line in file2, where a
// word is taken to be a maximal string of alphabetics. String2 is given as a
// quoted newline.
//
//	tr -cs A-Za-z '
//	' <file1 >file2
//
// # SEE ALSO
//
// sed(1)
func trMain(p *proc.Proc) error {
	arg := argbegin(p, "[-cds] [string1 [string2]]")
	var t transl
	for c := range arg.flags() {
		switch c {
		case 'c':
			t.complement = true
		case 'd':
			t.delete = true
		case 's':
			t.squeeze = true
		default:
			arg.usage()
		}
	}
	want := 2
	if t.delete && !t.squeeze {
		want = 1
	}
	if len(arg.args) != want {
		arg.usage()
	}
	var err error
	if t.from, err = trset(arg.args[0]); err != nil {
		return fatal(p, "%v", err)
	}
	if want == 2 {
		if t.to, err = trset(arg.args[1]); err != nil {
			return fatal(p, "%v", err)
		}
	}
	if err := t.prepare(); err != nil {
		return fatal(p, "%v", err)
	}
	return t.copy(p)
}

// A transl translates characters.
type transl struct {
	complement, delete, squeeze bool
	from, to                    []rune
	table                       map[rune]rune // from to to
	squeezed                    map[rune]bool
	low                         [utf8.RuneSelf]rune // what ASCII becomes
}

// dropped is what becomes of a character that is deleted.
const dropped = rune(-1)

// prepare makes the tables.
func (t *transl) prepare() error {
	if err := t.maketable(); err != nil {
		return err
	}
	t.squeezed = make(map[rune]bool)
	for _, c := range t.to {
		t.squeezed[c] = t.squeeze
	}
	for c := range t.low {
		t.low[c] = t.translate(rune(c))
	}
	return nil
}

// maketable makes the map from characters to characters.
func (t *transl) maketable() error {
	t.table = make(map[rune]rune)
	for i, c := range t.from {
		to := t.pad(i)
		if old, ok := t.table[c]; ok && old != to && !t.complement && !t.delete {
			return fmt.Errorf("ambiguous translation")
		}
		t.table[c] = to
	}
	if !t.complement || t.delete {
		return nil
	}
	// The complement: the first characters not in from have mates in to.
	// All others have its last one.
	table := make(map[rune]rune)
	for c, i := rune(0), 0; i < len(t.to) && c <= utf8.MaxRune; c++ {
		if _, ok := t.table[c]; !ok {
			table[c] = t.to[i]
			i++
		}
	}
	for c := range t.table {
		table[c] = c
	}
	t.table = table
	return nil
}

// pad returns character i of to, which is as long as needed.
func (t *transl) pad(i int) rune {
	if len(t.to) == 0 {
		return 0
	}
	return t.to[min(i, len(t.to)-1)]
}

// translate returns what a character becomes.
func (t *transl) translate(c rune) rune {
	to, ok := t.table[c]
	switch {
	case t.delete && ok != t.complement:
		return dropped
	case t.delete:
		return c
	case !ok && t.complement:
		return t.pad(len(t.to))
	case !ok:
		return c
	}
	return to
}

// copy translates all input, a write for each read.
func (t *transl) copy(p *proc.Proc) error {
	buf := make([]byte, iounit)
	var out []byte
	last, kept := dropped, 0
	for {
		n, err := p.Read(0, buf[kept:])
		if err != nil {
			return fatal(p, "read error: %v", err)
		}
		out = out[:0]
		in := buf[:kept+n]
		for len(in) > 0 && (utf8.FullRune(in) || n == 0) {
			c, size := rune(in[0]), 1
			var to rune
			if c < utf8.RuneSelf {
				to = t.low[c]
			} else {
				c, size = utf8.DecodeRune(in)
				to = t.translate(c)
			}
			switch {
			case to == dropped, to == last && t.squeezed[to]:
			case to == c: // also when it is a byte that is no UTF
				out = append(out, in[:size]...)
				last = to
			default:
				out = utf8.AppendRune(out, to)
				last = to
			}
			in = in[size:]
		}
		kept = copy(buf, in)
		if len(out) > 0 {
			if err := writeall(p, 1, out); err != nil {
				return fatal(p, "write error: %v", err)
			}
		}
		if n == 0 {
			return nil
		}
	}
}

// trset returns the characters that a string stands for.
func trset(s string) (set []rune, err error) {
	for s != "" {
		if s[0] == '-' && len(set) > 0 && len(s) > 1 {
			var hi rune
			lo := set[len(set)-1]
			if hi, s, err = trchar(s[1:]); err != nil || hi < lo {
				return nil, fmt.Errorf("invalid range specification")
			}
			for c := lo + 1; c <= hi; c++ {
				set = append(set, c)
			}
			continue
		}
		var c rune
		if c, s, err = trchar(s); err != nil {
			return nil, err
		}
		set = append(set, c)
	}
	return set, nil
}

// trchar reads a character, which may be quoted.
func trchar(s string) (c rune, rest string, err error) {
	c, n := utf8.DecodeRuneInString(s)
	if s = s[n:]; c != '\\' || s == "" {
		return c, s, nil
	}
	if s[0] == 'x' {
		if c, n := trdigits(s[1:], 16, 4); n > 0 {
			return c, s[1+n:], nil
		}
	}
	if c, n := trdigits(s, 8, 3); n > 0 {
		if c > 0o377 {
			return 0, "", fmt.Errorf("character > 0377")
		}
		return c, s[n:], nil
	}
	c, n = utf8.DecodeRuneInString(s)
	return c, s[n:], nil
}

// trdigits reads up to limit digits and returns their value and number.
func trdigits(s string, base rune, limit int) (v rune, n int) {
	for n < limit && n < len(s) {
		d := rune(s[n])
		switch {
		case '0' <= d && d <= '9':
			d -= '0'
		case 'a' <= d && d <= 'f':
			d -= 'a' - 10
		case 'A' <= d && d <= 'F':
			d -= 'A' - 10
		default:
			return v, n
		}
		if d >= base {
			return v, n
		}
		v = v*base + d
		n++
	}
	return v, n
}
