package cmd

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// read - copy a line
//
// Read copies to standard output exactly one line from the named file,
// default standard input. It is useful in interactive rc(1) scripts.
//
// The -m flag causes it to continue reading and writing multiple lines until
// end of file; -n causes it to read no more than nlines lines. The -c and -r
// flags specify a number of bytes or runes to read instead of lines.
//
// When reading lines, read always executes a single write for each line of
// input, which can be helpful when preparing input to programs that expect
// line-at-a-time data. It never reads any more data from the input than it
// prints to the output.
//
// # SEE ALSO
//
// cat(1), rc(1)
//
// # DIAGNOSTICS
//
// Read exits with status "eof" on end of file or, in the -n case, if it
// doesn't read nlines lines.
func readMain(p *proc.Proc) error {
	arg := argbegin(p, "[-m | -n nlines | -c nbytes | -r nrunes] [file ...]")
	r := reader{p: p, count: 1, unit: 'n'}
	for c := range arg.flags() {
		switch c {
		case 'n', 'c', 'r':
			var err error
			if r.count, err = strconv.ParseInt(arg.eargf(), 10, 64); err != nil {
				arg.usage()
			}
			r.unit = c
		case 'm':
			r.count = -1
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		return r.copy(0, "<stdin>")
	}
	var last error
	for _, name := range arg.args {
		fd, err := p.Open(name, ninep.OREAD)
		if err != nil {
			warn(p, "can't open %s: %v", name, err)
			return status("open")
		}
		if err := r.copy(fd, name); err != nil {
			last = err
		}
		p.Close(fd)
	}
	return last
}

// A reader copies so many lines (n), bytes (c) or runes (r) of each file; if
// count is negative, all.
type reader struct {
	p     *proc.Proc
	count int64
	unit  rune
}

// copy copies from a file. The error is the exit status.
func (r *reader) copy(fd int, name string) error {
	for n := int64(0); n != r.count; {
		var b []byte
		var err error
		switch r.unit {
		case 'n':
			b, err = r.line(fd)
			n++
		case 'r':
			b, err = r.rune(fd)
			n++
		case 'c':
			b = make([]byte, iounit)
			if r.count >= 0 {
				b = b[:min(r.count-n, iounit)]
			}
			var got int
			got, err = r.p.Read(fd, b)
			b = b[:got]
			n += int64(got)
		}
		if err != nil {
			warn(r.p, "error reading %s: %v", name, err)
			return status("read error")
		}
		if len(b) == 0 {
			return status("eof")
		}
		if err := writeall(r.p, 1, b); err != nil {
			return fmt.Errorf("write error: %w", err)
		}
	}
	return nil
}

// line reads a line byte by byte: what follows it is for others.
func (r *reader) line(fd int) ([]byte, error) {
	var line []byte
	for b := []byte{0}; b[0] != '\n'; line = append(line, b[0]) {
		if n, err := r.p.Read(fd, b); err != nil || n == 0 {
			return line, err
		}
	}
	return line, nil
}

// rune reads a character byte by byte.
func (r *reader) rune(fd int) ([]byte, error) {
	var c []byte
	for b := []byte{0}; !utf8.FullRune(c); c = append(c, b[0]) {
		if n, err := r.p.Read(fd, b); err != nil || n == 0 {
			return c, err
		}
	}
	return c, nil
}
