package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// diff - differential file comparisons
//
// Diff tells what lines must be changed in two files to bring them into
// agreement. If one file is a directory, then a file in that directory with
// basename the same as that of the other file is used. If both files are
// directories, similarly named files in the two directories are compared by
// the method of diff for text files and cmp(1) otherwise. If more than two
// file names are given, then each argument is compared to the last argument
// as above. The name - means the standard input. The -r option causes diff
// to process similarly named subdirectories recursively. When processing
// more than one file, diff prefixes file differences with a single line
// listing the two differing files, in the form of a diff command line. The
// -m flag causes this behavior even when processing single files.
//
// The normal output contains lines of these forms:
//
//	n1 a n3,n4
//	n1,n2 d n3
//	n1,n2 c n3,n4
//
// These lines resemble ed commands to convert file1 into file2. The numbers
// after the letters pertain to file2. In fact, by exchanging `a' for `d' and
// reading backward one may ascertain equally how to convert file2 into
// file1. As in ed, identical pairs where n1 = n2 or n3 = n4 are abbreviated
// as a single number.
//
// Following each of these lines come all the lines that are affected in the
// first file flagged by `<', then all the lines that are affected in the
// second file flagged by `>'.
//
// The options are:
//
//	-b  Trailing blanks (spaces and tabs) are ignored and other strings
//	    of blanks compare equal.
//	-w  All white-space is removed from input lines before applying the
//	    difference algorithm.
//	-n  Prefix each range with file: and insert a space around the a, c,
//	    and d verbs.
//	-e  Produce a script of a, c and d commands for the editor ed, which
//	    will recreate file2 from file1.
//	-f  Produce a similar script, not useful with ed, in the opposite
//	    order. It may, however, be useful as input to a stream-oriented
//	    post-processor.
//	-c  Include three lines of context around each change, merging
//	    changes whose contexts overlap. In this mode, diff prints - and
//	    + instead of < and > because the former are easier to
//	    distinguish when mixed.
//	-a  Display the entire file as context.
//	-u  A unix-compatible unified diff, similar to -c.
//
// Except in rare circumstances, diff finds a smallest sufficient set of file
// differences.
//
// # SEE ALSO
//
// cmp(1), comm(1)
//
// # DIAGNOSTICS
//
// Exit status is the empty string for no differences, "some" for some, and
// "error" for trouble.
//
// # BUGS
//
// Editing scripts produced under the -e or -f options are naive about
// creating lines consisting of a single `.'.
//
// When running diff on directories, the notion of what is a text file is
// open to debate.
func diffMain(p *proc.Proc) error {
	arg := argbegin(p, "[-abcefmnruw] file1 ... file2")
	df := &differ{p: p, out: stdout(p)}
	defer flush(p, df.out)
	for c := range arg.flags() {
		switch c {
		case 'e', 'f', 'n', 'c', 'a', 'u':
			df.mode = c
		case 'b', 'w':
			df.space = c
		case 'r':
			df.recursive = true
		case 'm':
			df.multi = true
		default:
			arg.usage()
		}
	}
	n := len(arg.args) - 1
	if n < 1 {
		arg.usage()
	}
	last := arg.args[n]
	if n > 1 {
		if d, err := p.Stat(last); err != nil || !d.IsDir() {
			warn(p, "not directory: %s", last)
			return status("error")
		}
		df.multi = true
	}
	for _, name := range arg.args[:n] {
		if err := df.compare(name, last, 0); err != nil {
			warn(p, "%v", err)
			return status("error")
		}
	}
	if df.changed {
		return status("some")
	}
	return nil
}

// A differ compares files.
type differ struct {
	p         *proc.Proc
	out       *bufio.Writer
	mode      rune // e f n c a u, or 0
	space     rune // b w, or 0
	recursive bool
	multi     bool // head each difference with a command line
	changed   bool // there was a difference
}

// compare compares two names, which are level directories below the
// arguments.
func (df *differ) compare(from, to string, level int) error {
	fromdir, err := df.isdir(from)
	if err != nil {
		return err
	}
	todir, err := df.isdir(to)
	if err != nil {
		return err
	}
	switch {
	case fromdir && todir && (df.recursive || level == 0):
		df.multi = true
		return df.dirs(from, to, level)
	case fromdir && todir:
		df.out.WriteString("Common subdirectories: " + from + " and " + to + "\n")
		return nil
	case fromdir:
		from += "/" + path.Base(to)
	case todir:
		to += "/" + path.Base(from)
	}
	return df.files(from, to)
}

func (df *differ) isdir(name string) (bool, error) {
	if name == "-" {
		return false, nil
	}
	d, err := df.p.Stat(name)
	if err != nil {
		return false, errors.New("cannot stat " + name + ": " + err.Error())
	}
	return d.IsDir(), nil
}

// dirs compares two directories.
func (df *differ) dirs(from, to string, level int) error {
	a, b := df.names(from), df.names(to)
	only := func(dir, name string) {
		if df.mode == 0 || df.mode == 'n' {
			df.out.WriteString("Only in " + dir + ": " + name + "\n")
		}
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			only(from, a[0])
			a = a[1:]
		case len(a) == 0 || a[0] > b[0]:
			only(to, b[0])
			b = b[1:]
		default:
			if err := df.compare(from+"/"+a[0], to+"/"+b[0], level+1); err != nil {
				return err
			}
			a, b = a[1:], b[1:]
		}
	}
	return nil
}

// names returns the sorted names in a directory, none if it cannot be read.
func (df *differ) names(dir string) []string {
	dirs, err := readdir(df.p, dir)
	if err != nil {
		warn(df.p, "can't open %s: %v", dir, err)
	}
	names := make([]string, len(dirs))
	for i, d := range dirs {
		names[i] = d.Name
	}
	slices.Sort(names)
	return names
}

// files compares two files.
func (df *differ) files(from, to string) error {
	a, err := df.read(from)
	if err != nil {
		return err
	}
	b, err := df.read(to)
	if err != nil {
		return err
	}
	if isbinary(a) || isbinary(b) {
		if !bytes.Equal(a, b) {
			df.out.WriteString("binary files " + from + " " + to + " differ\n")
			df.changed = true
		}
		return nil
	}
	pr := diffprinter{differ: df}
	pr.name = [2]string{from, to}
	pr.line = [2][]string{splitlines(a), splitlines(b)}
	hs := hunks(df.keys(pr.line[0]), df.keys(pr.line[1]))
	if len(hs) > 0 {
		df.changed = true
		pr.print(hs)
	}
	return nil
}

func (df *differ) read(name string) ([]byte, error) {
	fd := 0
	if name != "-" {
		var err error
		if fd, err = df.p.Open(name, ninep.OREAD); err != nil {
			return nil, errors.New("cannot open " + name + ": " + err.Error())
		}
		defer df.p.Close(fd)
	}
	b, err := readall(df.p.FD(fd))
	if err != nil {
		return nil, errors.New("error reading " + name + ": " + err.Error())
	}
	return b, nil
}

// isbinary guesses, from the beginning of a file, whether it is not text.
func isbinary(b []byte) bool {
	for b = b[:min(len(b), 1024)]; utf8.FullRune(b); {
		c, n := utf8.DecodeRune(b)
		if c == 0 || c > 0x7f && c <= 0xa0 {
			return true
		}
		b = b[n:]
	}
	return false
}

// splitlines returns the lines of b, each with its newline.
func splitlines(b []byte) []string {
	lines := strings.SplitAfter(string(b), "\n")
	if n := len(lines) - 1; lines[n] == "" {
		lines = lines[:n]
	}
	return lines
}

// keys returns what is compared of the lines.
func (df *differ) keys(lines []string) []string {
	if df.space == 0 {
		return lines
	}
	keys := make([]string, len(lines))
	for i, line := range lines {
		if df.space == 'w' {
			keys[i] = strings.Join(strings.Fields(line), "")
			continue
		}
		words := strings.Join(strings.Fields(line), " ")
		if strings.TrimLeft(line, " \t\r\n") != line {
			words = " " + words
		}
		keys[i] = words
	}
	return keys
}
