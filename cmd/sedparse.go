package cmd

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// A sedcmd is a command of a sed script.
type sedcmd struct {
	addr   [2]sedaddr
	not    bool // !
	active bool // between the two addresses
	op     rune

	re     *regexp.Regexp // s
	rhs    []sedpart      // s
	table  map[rune]rune  // y
	text   string         // a c i: lines to be written; b t :: label; r: file
	wfile  string         // w, and s's flag w; "" for none
	global bool           // s's flag g
	empty  *syntax.Prog   // s: re, if it may match nothing and is global
	print  rune           // s's flag p or P
	target int            // b t {: the command to go on with
}

// A sedaddr selects lines: by number (n > 0), as the last, by a match, or,
// the zero value, all.
type sedaddr struct {
	n    int
	last bool
	re   *regexp.Regexp
}

func (a sedaddr) none() bool { return a.n == 0 && !a.last && a.re == nil }

// A sedpart is a piece of a replacement: text or, if group is not negative,
// what a subexpression matched.
type sedpart struct {
	text  string
	group int
}

// A sedparser reads scripts.
type sedparser struct {
	cmds   []sedcmd
	open   []int          // the { commands not yet closed
	lastre *regexp.Regexp // what // means
	global bool           // -g

	line string // the command line being read, and
	in   string // what is left of it
}

// A sedError is a mistake in a script.
type sedError string

func (e sedError) Error() string { return string(e) }

// fail ends the parse; parse recovers it.
func (sp *sedparser) fail(format string, a ...any) {
	panic(sedError(fmt.Sprintf(format, a...) + ": " + sp.line))
}

func (sp *sedparser) garbled(op string) {
	panic(sedError(fmt.Sprintf("%s command garbled: %s", op, sp.line)))
}

// scripts returns the commands of scripts.
func (sp *sedparser) scripts(scripts []string) ([]sedcmd, error) {
	for _, script := range scripts {
		if err := sp.parse(script); err != nil {
			return nil, err
		}
	}
	return sp.finish()
}

// parse adds the commands of a script.
func (sp *sedparser) parse(script string) (err error) {
	defer func() {
		if e, ok := recover().(sedError); ok {
			err = e
		}
	}()
	for script != "" {
		sp.line, script = sedline(script)
		for sp.in = sp.line; sp.in != ""; {
			sp.command()
		}
	}
	return nil
}

// finish resolves the branches and returns the commands.
func (sp *sedparser) finish() ([]sedcmd, error) {
	if len(sp.open) > 0 {
		return nil, sedError("Too many {'s")
	}
	labels := map[string]int{"": len(sp.cmds)}
	for i, c := range sp.cmds {
		if c.op != ':' {
			continue
		}
		if _, ok := labels[c.text]; ok {
			return nil, sedError("Duplicate labels: " + c.text)
		}
		labels[c.text] = i
	}
	for i := range sp.cmds {
		c := &sp.cmds[i]
		if c.op != 'b' && c.op != 't' {
			continue
		}
		n, ok := labels[c.text]
		if !ok {
			return nil, sedError("Undefined label: " + c.text)
		}
		c.target = n
	}
	return sp.cmds, nil
}

// sedline splits a script after its first line. A backslash hides a newline;
// it stays, with what it quotes.
func sedline(s string) (line, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\n':
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// next takes the next character, 0 at the end of the line.
func (sp *sedparser) next() rune {
	if sp.in == "" {
		return 0
	}
	c, n := utf8.DecodeRuneInString(sp.in)
	if c == utf8.RuneError && n == 1 {
		sp.fail("bad UTF in script")
	}
	sp.in = sp.in[n:]
	return c
}

func (sp *sedparser) blanks() { sp.in = strings.TrimLeft(sp.in, " \t") }

// command reads a command, which may be empty, and what separates it from
// the next.
func (sp *sedparser) command() {
	if sp.in = strings.TrimLeft(sp.in, " \t;"); sp.in == "" || sp.in[0] == '#' {
		sp.in = ""
		return
	}
	var c sedcmd
	if c.addr[0] = sp.address(); !c.addr[0].none() && strings.IndexAny(sp.in, ",;") == 0 {
		sp.next()
		sp.blanks()
		c.addr[1] = sp.address()
	}
	for sp.blanks(); strings.HasPrefix(sp.in, "!"); sp.blanks() {
		sp.next()
		c.not = true
	}
	c.op = sp.next()
	sp.checkaddr(c)
	switch c.op {
	case '{':
		sp.open = append(sp.open, len(sp.cmds))
		sp.cmds = append(sp.cmds, c)
		return
	case '}':
		n := len(sp.open) - 1
		if n < 0 {
			sp.fail("Too many }'s")
		}
		sp.cmds[sp.open[n]].target = len(sp.cmds)
		sp.open = sp.open[:n]
		return
	}
	sp.operands(&c)
	sp.cmds = append(sp.cmds, c)
	if sp.blanks(); sp.in != "" && strings.IndexAny(sp.in, ";}#") != 0 {
		sp.garbled(string(c.op))
	}
}

// checkaddr sees to it that the command exists and may have its addresses.
func (sp *sedparser) checkaddr(c sedcmd) {
	switch {
	case c.op == 0 || !strings.ContainsRune("{}=:abcdDgGhHilnNpPqrstwxy", c.op):
		sp.fail("Unrecognized command")
	case strings.ContainsRune(":}", c.op) && !c.addr[0].none():
		sp.fail("No addresses allowed")
	case strings.ContainsRune("=aiqr", c.op) && !c.addr[1].none():
		sp.fail("Only one address allowed")
	}
}

// operands reads what follows the letter of c.
func (sp *sedparser) operands(c *sedcmd) {
	switch c.op {
	case 'a', 'c', 'i':
		sp.in = strings.TrimPrefix(sp.in, `\`)
		if sp.next() != '\n' {
			sp.garbled(string(c.op))
		}
		c.text = sp.text()
	case ':', 'b', 't':
		i := strings.IndexAny(sp.in, ";}#")
		if i < 0 {
			i = len(sp.in)
		}
		c.text, sp.in = strings.TrimSpace(sp.in[:i]), sp.in[i:]
		if c.op == ':' && c.text == "" {
			sp.garbled(":")
		}
	case 'r':
		c.text = sp.file(c.op)
	case 'w':
		c.wfile = sp.file(c.op)
	case 's':
		sp.substitution(c)
	case 'y':
		sp.transformation(c)
	}
}

// address reads an address, if there is one.
func (sp *sedparser) address() (a sedaddr) {
	switch {
	case strings.HasPrefix(sp.in, "$"):
		sp.next()
		a.last = true
	case strings.HasPrefix(sp.in, "/"):
		a.re = sp.regexp(sp.next())
	default:
		digits := len(sp.in) - len(strings.TrimLeft(sp.in, "0123456789"))
		if digits == 0 {
			return a
		}
		fmt.Sscan(sp.in[:digits], &a.n)
		if a.n == 0 {
			sp.fail("line number 0 is illegal")
		}
		sp.in = sp.in[digits:]
	}
	return a
}

// regexp reads an expression up to its delimiter. An empty one is the last
// one read.
func (sp *sedparser) regexp(delim rune) *regexp.Regexp {
	var b strings.Builder
	for c := sp.next(); c != delim; c = sp.next() {
		if c == '\\' {
			switch c = sp.next(); c {
			case 'n':
				c = '\n'
			case 0:
			default:
				b.WriteByte('\\')
			}
		}
		if c == 0 {
			sp.garbled("r.e.-using")
		}
		b.WriteRune(c)
	}
	if b.Len() == 0 {
		if sp.lastre == nil {
			sp.fail("First RE may not be null")
		}
		return sp.lastre
	}
	re, err := regcomp(b.String(), false)
	if err != nil {
		sp.garbled("r.e.-using")
	}
	sp.lastre = re
	return re
}

// substitution reads what follows the s of c.
func (sp *sedparser) substitution(c *sedcmd) {
	delim := sp.next()
	if delim == 0 || delim == '\n' || delim == '\\' {
		sp.garbled("s")
	}
	c.re = sp.regexp(delim)
	c.rhs = sp.replacement(delim, c.re.NumSubexp())
	c.global = sp.global
	for {
		switch {
		case strings.HasPrefix(sp.in, "g"):
			c.global = true
		case strings.HasPrefix(sp.in, "p"), strings.HasPrefix(sp.in, "P"):
			c.print = rune(sp.in[0])
		case strings.HasPrefix(sp.in, "w"):
			sp.next()
			c.wfile = sp.file('s')
			sp.emptymatch(c)
			return
		default:
			sp.emptymatch(c)
			return
		}
		sp.next()
	}
}

// emptymatch notes whether the expression of c may match nothing.
func (sp *sedparser) emptymatch(c *sedcmd) {
	prog, err := compileProg(c.re.String())
	if err != nil {
		sp.garbled("r.e.-using")
	}
	if c.global && matchesEmpty(prog, syntax.EmptyBeginLine|syntax.EmptyEndLine) {
		c.empty = prog
	}
}

// replacement reads the right side of an s command.
func (sp *sedparser) replacement(delim rune, groups int) (parts []sedpart) {
	var b strings.Builder
	group := func(n int) {
		parts = append(parts, sedpart{text: b.String(), group: -1}, sedpart{group: n})
		b.Reset()
	}
	for c := sp.next(); c != delim; c = sp.next() {
		if c == '&' {
			group(0)
			continue
		}
		if c == '\\' {
			c = sp.next()
			if '1' <= c && c <= '9' {
				if int(c-'0') > groups {
					sp.fail("Invalid back reference \\%c", c)
				}
				group(int(c - '0'))
				continue
			}
			if c == 'n' {
				c = '\n'
			}
		}
		if c == 0 {
			sp.garbled("s")
		}
		b.WriteRune(c)
	}
	return append(parts, sedpart{text: b.String(), group: -1})
}

// transformation reads what follows the y of c.
func (sp *sedparser) transformation(c *sedcmd) {
	delim := sp.next()
	read := func() (s []rune) {
		for c := sp.next(); c != delim; c = sp.next() {
			if c == '\\' {
				switch c = sp.next(); {
				case c == 'n':
					c = '\n'
				case c != delim && c != '\\' && c != 0:
					s = append(s, '\\')
				}
			}
			if c == 0 {
				sp.garbled("y")
			}
			s = append(s, c)
		}
		return s
	}
	from, to := read(), read()
	if len(from) != len(to) {
		sp.garbled("y")
	}
	c.table = make(map[rune]rune)
	for i, r := range from {
		c.table[r] = to[i]
	}
}

// text reads the rest as lines to be written. Leading blanks of each are
// dropped, a backslash quotes what follows it.
func (sp *sedparser) text() string {
	var b strings.Builder
	sp.blanks()
	for c := sp.next(); c != 0; c = sp.next() {
		if c == '\\' {
			if c = sp.next(); c == 0 {
				break
			}
		}
		b.WriteRune(c)
		if c == '\n' {
			sp.blanks()
		}
	}
	return b.String() + "\n"
}

// file reads the rest as a file name, after the one blank it must follow.
func (sp *sedparser) file(op rune) string {
	if sp.next() != ' ' || strings.TrimSpace(sp.in) == "" {
		sp.garbled(string(op))
	}
	name := strings.TrimLeft(sp.in, " \t")
	sp.in = ""
	return name
}
