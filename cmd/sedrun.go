package cmd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/proc"
)

// A sed is the state of the machine.
type sed struct {
	p                 *proc.Proc
	quiet, unbuffered bool // -n, -u
	cmds              []sedcmd
	out               *bufio.Writer
	files             map[string]*bufio.Writer // of w

	names []string    // files not yet opened
	in    *lineReader // the open file; nil between files
	fd    int         // its descriptor
	n     int         // lines read

	space, hold string
	subst       bool     // a substitution was made: for t
	appends     []sedcmd // a and r, to be done before the next line is read
}

func (s *sed) flush() {
	flush(s.p, s.out)
	for _, w := range s.files {
		flush(s.p, w)
	}
}

// run executes the script on all lines.
func (s *sed) run() error {
	for _, c := range s.cmds {
		if err := s.create(c.wfile); err != nil {
			return err
		}
	}
	for again := false; ; {
		if !again {
			line, ok, err := s.read()
			if !ok {
				return err
			}
			s.space = line
		}
		then, err := s.cycle()
		if err != nil {
			return err
		}
		if then == sedPrint || then == sedQuit {
			if !s.quiet {
				s.put(s.space)
			}
		}
		if err := s.flushappends(); err != nil || then == sedQuit || then == sedEnd {
			return err
		}
		if again = then == sedAgain; again {
			s.p.Sleep(0) // it may go on for ever: let notes in
		}
	}
}

// create opens the file of a w command to be appended to.
func (s *sed) create(name string) error {
	if name == "" || s.files[name] != nil {
		return nil
	}
	fd, err := teeopen(s.p, name, true)
	if err != nil {
		return fmt.Errorf("can't create %s: %w", name, err)
	}
	s.files[name] = bufio.NewWriter(s.p.FD(fd))
	return nil
}

// read returns the next line of input, without its newline; ok is false at
// the end.
func (s *sed) read() (line string, ok bool, err error) {
	for {
		if s.in == nil {
			if len(s.names) == 0 {
				return "", false, nil
			}
			if s.fd, err = s.p.Open(s.names[0], ninep.OREAD); err != nil {
				return "", false, fmt.Errorf("can't open %s: %w", s.names[0], err)
			}
			s.names, s.in = s.names[1:], &lineReader{in: input(s.p, s.fd)}
		}
		if s.unbuffered {
			s.flush()
		}
		b, err := s.in.next()
		if err == nil {
			s.n++
			s.subst = false
			return string(bytes.TrimSuffix(b, []byte("\n"))), true, nil
		}
		if err != io.EOF {
			return "", false, err
		}
		s.p.Close(s.fd)
		s.in = nil
	}
}

// last reports whether the line just read is the last one. It reads ahead.
func (s *sed) last() bool {
	if s.in != nil {
		if _, err := s.in.in.Peek(1); err == nil {
			return false
		}
	}
	return len(s.names) == 0
}

func (s *sed) put(line string) {
	s.out.WriteString(line)
	s.out.WriteByte('\n')
}

// flushappends does what a and r have put off.
func (s *sed) flushappends() error {
	for _, c := range s.appends {
		text := c.text
		if c.op == 'r' {
			b, err := s.p.ReadFile(c.text)
			if err == ninep.ErrIntr {
				return err
			}
			text = string(b) // a file that cannot be read is empty
		}
		s.out.WriteString(text)
	}
	s.appends = s.appends[:0]
	return nil
}

// selected reports whether c is to be executed, and whether this is the last
// line of its range.
func (s *sed) selected(c *sedcmd) (ok, end bool) {
	a := &c.addr
	switch {
	case c.active && a[1].n > 0 && s.n > a[1].n:
		// Passed it, by N or n. The line may begin a new range.
		c.active = false
		fallthrough
	case !c.active:
		if !s.matches(a[0]) {
			return c.not, true
		}
		end = a[1].none() || a[1].n > 0 && a[1].n <= s.n
		c.active = !end
	default:
		end = s.matches(a[1])
		c.active = !end
	}
	return !c.not, end
}

func (s *sed) matches(a sedaddr) bool {
	switch {
	case a.n > 0:
		return s.n == a.n
	case a.last:
		return s.last()
	case a.re != nil:
		return a.re.MatchString(s.space)
	}
	return true
}

// maxspace bounds what a script can make of a line, and of those that it holds.
const maxspace = 2 * maxline

// What follows the end of a cycle.
type sedThen int

const (
	sedPrint  sedThen = iota // print the pattern space, next cycle
	sedDelete                // next cycle
	sedAgain                 // next cycle without reading a line
	sedQuit                  // print, and no more
	sedEnd                   // no more
)

// cycle executes the script on the pattern space.
func (s *sed) cycle() (sedThen, error) {
	for pc := 0; pc < len(s.cmds); pc++ {
		if max(len(s.space), len(s.hold)) > maxspace {
			return sedEnd, errLineLong
		}
		c := &s.cmds[pc]
		ok, end := s.selected(c)
		if c.op == '{' && !ok || (c.op == 'b' || c.op == 't' && s.subst) && ok {
			if c.op == 't' {
				s.subst = false
			}
			if c.target <= pc {
				s.p.Sleep(0) // a loop: let notes in
			}
			pc = c.target - 1
			continue
		}
		if !ok {
			continue
		}
		switch c.op {
		case 'c':
			if end || c.not {
				s.out.WriteString(c.text)
			}
			return sedDelete, nil
		case 'd':
			return sedDelete, nil
		case 'D':
			_, rest, ok := strings.Cut(s.space, "\n")
			if !ok {
				return sedDelete, nil
			}
			s.space = rest
			return sedAgain, nil
		case 'q':
			return sedQuit, nil
		case 'n', 'N':
			if more, err := s.readmore(c.op); !more {
				return sedEnd, err
			}
		default:
			s.edit(c)
		}
	}
	return sedPrint, nil
}

// readmore does n and N. It reports false at the end of the input.
func (s *sed) readmore(op rune) (bool, error) {
	if op == 'n' && !s.quiet {
		s.put(s.space)
	}
	if err := s.flushappends(); err != nil {
		return false, err
	}
	line, ok, err := s.read()
	if op == 'N' {
		line = s.space + "\n" + line
	}
	s.space = line
	return ok, err
}

// edit executes a command that does not change the order of execution.
func (s *sed) edit(c *sedcmd) {
	switch c.op {
	case '=':
		fmt.Fprintf(s.out, "%d\n", s.n)
	case 'a', 'r':
		s.appends = append(s.appends, *c)
	case 'g':
		s.space = s.hold
	case 'G':
		s.space += "\n" + s.hold
	case 'h':
		s.hold = s.space
	case 'H':
		s.hold += "\n" + s.space
	case 'i':
		s.out.WriteString(c.text)
	case 'l':
		s.list()
	case 'p':
		s.put(s.space)
	case 'P':
		s.puthead()
	case 's':
		s.substitute(c)
	case 'w':
		s.files[c.wfile].WriteString(s.space + "\n")
	case 'x':
		s.space, s.hold = s.hold, s.space
	case 'y':
		s.space = strings.Map(func(r rune) rune {
			if to, ok := c.table[r]; ok {
				return to
			}
			return r
		}, s.space)
	}
}

// puthead prints the first line of the pattern space.
func (s *sed) puthead() {
	head, _, _ := strings.Cut(s.space, "\n")
	s.put(head)
}

// substitute does the s command c.
func (s *sed) substitute(c *sedcmd) {
	matches := c.matches(s.space)
	if matches == nil {
		return
	}
	s.subst = true
	s.space = replace(s.space, matches, c.rhs)
	switch c.print {
	case 'p':
		s.put(s.space)
	case 'P':
		s.puthead()
	}
	if c.wfile != "" {
		s.files[c.wfile].WriteString(s.space + "\n")
	}
}

// matches returns what is to be replaced in s. After a match Plan 9's sed looks
// for the next one where it ended, which may be empty; after an empty one, a
// character further; and at the end of s no more.
func (c *sedcmd) matches(s string) [][]int {
	if !c.global {
		return c.re.FindAllStringSubmatchIndex(s, 1)
	}
	found := c.re.FindAllStringSubmatchIndex(s, -1)
	if c.empty == nil {
		return found
	}
	var all [][]int
	at := 0 // where to look
	for i, m := range found {
		if i > 0 && at == len(s) {
			break
		}
		all = append(all, m)
		if at = m[1]; at == m[0] {
			at += runelen(s[at:])
			continue
		}
		if at < len(s) && (i+1 == len(found) || found[i+1][0] > at) && c.emptyat(s, at) {
			m := slices.Repeat([]int{-1}, len(m))
			m[0], m[1] = at, at
			all = append(all, m)
			at += runelen(s[at:])
		}
	}
	return all
}

// emptyat reports whether the expression matches nothing in s, after a
// character and before another.
func (c *sedcmd) emptyat(s string, at int) bool {
	var flags syntax.EmptyOp
	if s[at-1] == '\n' {
		flags |= syntax.EmptyBeginLine
	}
	if s[at] == '\n' {
		flags |= syntax.EmptyEndLine
	}
	return matchesEmpty(c.empty, flags)
}

// runelen returns how many bytes the first character of s has.
func runelen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// replace returns s with the matches replaced.
func replace(s string, matches [][]int, rhs []sedpart) string {
	var b strings.Builder
	at := 0
	for _, m := range matches {
		b.WriteString(s[at:m[0]])
		for _, part := range rhs {
			if part.group < 0 {
				b.WriteString(part.text)
			} else if i := m[2*part.group]; i >= 0 {
				b.WriteString(s[i:m[2*part.group+1]])
			}
		}
		at = m[1]
	}
	b.WriteString(s[at:])
	return b.String()
}

// list does the l command: lines are broken after 72 characters.
func (s *sed) list() {
	col := 0
	for _, r := range s.space {
		for _, c := range sedescape(r) {
			s.out.WriteRune(c)
			if col++; col > 72 {
				s.out.WriteString("\\\n")
				col = 0
			}
		}
	}
	if strings.HasSuffix(s.space, " ") {
		s.out.WriteString(`\n`) // shows where the blanks end
	}
	s.out.WriteByte('\n')
}

func sedescape(r rune) string {
	switch {
	case r == '\b':
		return `\b`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r == '\\':
		return `\\`
	case r >= ' ' && r < 0x7f:
		return string(r)
	}
	return fmt.Sprintf("\\x%04x", r)
}
