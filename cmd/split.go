package cmd

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// split - split a file into pieces
//
// Split reads file (standard input by default) and writes it in pieces of
// 1000 lines per output file. The names of the output files are xaa, xab,
// and so on to xzz. The options are
//
//	-n n           Split into n-line pieces.
//	-l n           Synonym for -n n, a nod to Unix's syntax.
//	-e expression  File divisions occur at each line that matches a
//	               regular expression; see regexp(6). Multiple -e options
//	               may appear. If a subexpression of expression is
//	               contained in parentheses (...), the output file name
//	               is the portion of the line which matches the
//	               subexpression.
//	-f stem        Use stem instead of x in output file names.
//	-s suffix      Append suffix to names identified under -e.
//	-x             Exclude the matched input line from the output file.
//	-i             Ignore case in option -e; force output file names
//	               (excluding the suffix) to lower case.
//
// # SEE ALSO
//
// sed(1), grep(1), regexp(6)
func splitMain(p *proc.Proc) error {
	arg := argbegin(p, "[-n num] [-e exp] [-f stem] [-s suffix] [-x] [-i] [file]")
	s := splitter{p: p, stem: "x", lines: 1000}
	defer s.close()
	var exps []string
	for c := range arg.flags() {
		switch c {
		case 'n', 'l':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil || n <= 0 {
				arg.usage()
			}
			s.lines = n
		case 'e':
			exps = append(exps, arg.eargf())
		case 'f':
			s.stem = arg.eargf()
		case 's':
			s.suffix = arg.eargf()
		case 'x':
			s.exclude = true
		case 'i':
			s.fold = true
		default:
			arg.usage()
		}
	}
	for _, exp := range exps {
		re, err := regcomp(exp, s.fold)
		if err != nil {
			return fatal(p, "bad regular expression: %v", err)
		}
		s.exps = append(s.exps, re)
	}
	if len(arg.args) > 1 {
		arg.usage()
	}
	if len(arg.args) == 0 {
		return s.split(input(p, 0))
	}
	fd, err := openarg(p, arg.args[0])
	if err != nil {
		return status("open")
	}
	return s.split(input(p, fd))
}

// A splitter writes lines to one file after the other.
type splitter struct {
	p            *proc.Proc
	stem, suffix string
	lines        int // of a piece
	exps         []*regexp.Regexp
	exclude      bool
	fold         bool

	pieces int // names used: stemaa, stemab ...
	fd     int
	out    *bufio.Writer // nil: no piece is open
}

// close ends the piece that is open.
func (s *splitter) close() {
	if s.out != nil {
		flush(s.p, s.out)
		s.p.Close(s.fd)
		s.out = nil
	}
}

// create begins a piece.
func (s *splitter) create(name string) error {
	s.close()
	fd, err := s.p.Create(name, ninep.OWRITE, 0o666)
	if err != nil {
		return fatal(s.p, "can't create %s: %v", name, err)
	}
	s.fd, s.out = fd, bufio.NewWriter(s.p.FD(fd))
	return nil
}

// next begins a piece with the next name. When there is none left, the last
// piece goes on.
func (s *splitter) next() error {
	if s.pieces == 26*26 {
		warn(s.p, "file %szz not split", s.stem)
	}
	if s.pieces++; s.pieces > 26*26 {
		return nil
	}
	n := s.pieces - 1
	return s.create(s.stem + string(rune('a'+n/26)) + string(rune('a'+n%26)))
}

func (s *splitter) split(in *bufio.Reader) error {
	for n := 0; ; n++ {
		line, err := readline(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fatal(s.p, "read error: %v", err)
		}
		matched := false
		switch {
		case s.exps != nil:
			matched, err = s.divide(bytes.TrimSuffix(line, []byte("\n")))
		case n%s.lines == 0 && (n == 0 || bytes.HasSuffix(line, []byte("\n"))):
			err = s.next() // what is behind the last newline makes no piece
		}
		if err != nil {
			return err
		}
		if matched && s.exclude {
			continue
		}
		s.out.Write(line)
	}
}

// divide begins a piece if the line matches, or is the first.
func (s *splitter) divide(line []byte) (matched bool, err error) {
	for _, re := range s.exps {
		m := re.FindSubmatch(line)
		switch {
		case m == nil:
			continue
		case len(m) == 1 || len(m[1]) == 0:
			return true, s.next()
		}
		name := string(m[1])
		if s.fold {
			name = strings.ToLower(name)
		}
		return true, s.create(name + s.suffix)
	}
	if s.out == nil {
		return false, s.next()
	}
	return false, nil
}
