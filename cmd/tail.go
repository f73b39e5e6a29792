package cmd

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// tail - deliver the last part of a file
//
// Tail copies the named file to the standard output beginning at a
// designated place. If no file is named, the standard input is copied.
//
// Copying begins at position +number measured from the beginning, or -number
// from the end of the input. Number is counted in lines, 1K blocks or bytes,
// according to the appended flag l, b, or c. Default is -10l (ten ell).
//
// The further flag r causes tail to print lines from the end of the file in
// reverse order; f (follow) causes tail, after printing to the end, to keep
// watch and print further data as it appears.
//
// The second syntax is that promulgated by POSIX, where the numbers rather
// than the options are signed.
//
// # EXAMPLES
//
// Print the last 10 lines of a file.
//
//	tail file
//
// Print a file, and continue to watch data accumulate as it grows.
//
//	tail +0f file
//
// Print the first 10 lines of a file.
//
//	sed 10q file
//
// # SEE ALSO
//
// sed(1)
//
// # BUGS
//
// Tails relative to the end of what is not a plain file are kept in memory.
//
// According to custom, option +number counts lines from 1, and counts blocks
// and bytes from 0.
//
// Tail is ignorant of UTF.
func tailMain(p *proc.Proc) error {
	arg := argbegin(p, "[+-number[lbc][rf]] [file]\n[-fr] [-n nlines] [-c nbytes] [file]")
	t := tail{p: p}
	for len(arg.args) > 0 && t.option(arg) {
	}
	if len(arg.args) > 1 || t.reverse && (t.bytes || t.follow || t.begin) {
		arg.usage()
	}
	if !t.counted {
		t.count = 10
		if t.reverse {
			t.count = 1<<63 - 1
		}
	}
	name := "<stdin>"
	if len(arg.args) > 0 {
		var err error
		name = arg.args[0]
		if t.fd, err = p.Open(name, ninep.OREAD); err != nil {
			return fatal(p, "can't open %s: %v", name, err)
		}
	}
	if err := t.run(); err != nil {
		return fatal(p, "%s: %v", name, err)
	}
	return nil
}

// A tail has the options and the file.
type tail struct {
	p               *proc.Proc
	fd              int
	count           int64 // lines or bytes
	counted         bool  // it was given
	bytes           bool  // it counts bytes
	begin           bool  // it counts from the beginning
	reverse, follow bool
}

// option takes a word that is an option, and reports whether there was one.
func (t *tail) option(arg *argv) bool {
	word := arg.args[0]
	if len(word) < 2 || word[0] != '-' && word[0] != '+' {
		return false
	}
	arg.args = arg.args[1:]
	switch {
	case t.number(word):
		return t.suffix(arg, strings.TrimLeft(word[1:], "0123456789"))
	case word == "--":
		return false
	case word[0] == '+':
		arg.usage()
	}
	for word = word[1:]; word != ""; word = word[1:] {
		switch word[0] {
		case 'r':
			t.reverse = true
		case 'f':
			t.follow = true
		case 'n', 'c':
			t.bytes = word[0] == 'c'
			arg.word = word[1:]
			if n := arg.eargf(); !t.number(n) || strings.Trim(n, "+-0123456789") != "" {
				arg.usage()
			}
			return true
		default:
			arg.usage()
		}
	}
	return true
}

// number takes a count, which may be signed.
func (t *tail) number(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
	n, err := strconv.ParseInt(digits, 10, 50)
	if err != nil || t.counted {
		return false
	}
	t.count, t.counted, t.begin = n, true, s[0] == '+'
	return true
}

// suffix takes the letters after a count.
func (t *tail) suffix(arg *argv, s string) bool {
	if s != "" && strings.Contains("lbc", s[:1]) {
		t.bytes = s[0] != 'l'
		if s[0] == 'b' {
			t.count *= 1024
		}
		s = s[1:]
	}
	switch s {
	case "r":
		t.reverse = true
	case "f":
		t.follow = true
	case "":
	default:
		arg.usage()
	}
	return true
}

func (t *tail) run() error {
	end, err := t.p.Seek(t.fd, 0, 2)
	if err == nil && end > 0 {
		_, err = t.p.Seek(t.fd, 0, 0)
	}
	plain := err == nil && end > 0
	if t.begin {
		err = t.skip()
	} else {
		err = t.last(plain, end)
	}
	if err != nil {
		return err
	}
	if t.follow && (plain || end == 0) {
		return t.watch()
	}
	return nil
}

// copy copies what is left, a write for each read.
func (t *tail) copy() error {
	b := make([]byte, iounit)
	for {
		n, err := t.p.Read(t.fd, b)
		if err != nil || n == 0 {
			return err
		}
		if err := writeall(t.p, 1, b[:n]); err != nil {
			return err
		}
	}
}

// skip copies all but the first lines or bytes.
func (t *tail) skip() error {
	if !t.bytes && t.count > 0 {
		t.count--
	}
	b := make([]byte, iounit)
	for t.count > 0 {
		n, err := t.p.Read(t.fd, b)
		if err != nil || n == 0 {
			return err
		}
		i := 0
		for i < n && t.count > 0 {
			if t.bytes || b[i] == '\n' {
				t.count--
			}
			i++
		}
		if i == n {
			continue
		}
		if err := writeall(t.p, 1, b[i:n]); err != nil {
			return err
		}
	}
	return t.copy()
}

// last copies the last lines or bytes. Of a plain file only those are read.
func (t *tail) last(plain bool, end int64) error {
	if t.bytes && plain {
		if _, err := t.p.Seek(t.fd, max(end-t.count, 0), 0); err != nil {
			return err
		}
		return t.copy()
	}
	read := t.readtail
	if plain {
		read = t.readback
	}
	b, err := read(end)
	if err != nil {
		return err
	}
	if t.reverse {
		b = reverselines(b)
	}
	if len(b) == 0 {
		return nil
	}
	return writeall(t.p, 1, b)
}

// tailstart returns where in b the last n lines begin; n is reduced by the
// lines found. A newline that ends b is not the beginning of a line.
func tailstart(b []byte, n int64) (at int, missing int64) {
	if n > 0 {
		b = bytes.TrimSuffix(b, []byte("\n"))
	}
	return linestart(b, n)
}

// linestart returns where in b n lines begin that end after it.
func linestart(b []byte, n int64) (at int, missing int64) {
	if n <= 0 {
		return len(b), 0
	}
	for at = len(b); ; n-- {
		if at = bytes.LastIndexByte(b[:at], '\n'); at < 0 {
			return 0, n
		}
		if n == 1 {
			return at + 1, 0
		}
	}
}

// readtail reads to the end and returns the last lines or bytes. What cannot
// be among them is dropped on the way.
func (t *tail) readtail(int64) ([]byte, error) {
	var b []byte
	buf, limit := make([]byte, iounit), 8*iounit
	for {
		n, err := t.p.Read(t.fd, buf)
		if err != nil || n == 0 {
			return b[t.cut(b):], err
		}
		if b = append(b, buf[:n]...); len(b) > limit {
			if b = bytes.Clone(b[t.cut(b):]); len(b) > maxkept {
				return nil, errSpace
			}
			limit = 2*len(b) + 8*iounit
		}
	}
}

// cut returns where in b the last lines or bytes begin.
func (t *tail) cut(b []byte) int {
	if t.bytes {
		return len(b) - int(min(t.count, int64(len(b))))
	}
	at, _ := tailstart(b, t.count)
	return at
}

// readback reads a plain file from its end until the last lines are there.
func (t *tail) readback(end int64) ([]byte, error) {
	var blocks [][]byte
	find, missing := tailstart, t.count
	for at := end; at > 0 && missing > 0; find = linestart {
		n := min(at, iounit)
		at -= n
		b := make([]byte, n)
		if _, err := t.p.Seek(t.fd, at, 0); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(t.p.FD(t.fd), b); err != nil {
			return nil, err
		}
		var start int
		start, missing = find(b, missing)
		blocks = append(blocks, b[start:])
	}
	slices.Reverse(blocks)
	_, err := t.p.Seek(t.fd, end, 0)
	return slices.Concat(blocks...), err
}

// reverselines returns the lines of b in reverse order; a last one without a
// newline gets one.
func reverselines(b []byte) []byte {
	lines := bytes.SplitAfter(b, []byte("\n"))
	r := make([]byte, 0, len(b)+1)
	for i := len(lines) - 1; i >= 0; i-- {
		r = append(r, lines[i]...)
		if len(lines[i]) > 0 && lines[i][len(lines[i])-1] != '\n' {
			r = append(r, '\n')
		}
	}
	return r
}

// followDelay is how often -f looks for more.
const followDelay = time.Second

// watch prints what is added to the file until a note comes. A file that has
// become shorter is printed from its beginning.
func (t *tail) watch() error {
	for length := int64(0); ; {
		d, err := t.p.Fstat(t.fd)
		if err != nil {
			return err
		}
		if d.Length < length {
			if _, err := t.p.Seek(t.fd, 0, 0); err != nil {
				return err
			}
		}
		length = d.Length
		if err := t.copy(); err != nil {
			return err
		}
		if err := t.p.Sleep(followDelay); err != nil {
			return err
		}
	}
}
