package rc

import (
	"fmt"
	"strings"
)

// Print returns the tree as text that parses to the same tree, in the form
// whatis shows: bodies in braces are indented by tabs, and commands that stood
// on one line stay so unless one has become longer than that.
func Print(t *Tree) string { return printCommand(t.root) }

// String is Print.
func (t *Tree) String() string { return Print(t) }

func printCommand(c command) string {
	var p printer
	p.command(c)
	p.heres("")
	return p.b.String()
}

// A printer writes a tree. The texts of here documents wait for the end of
// the line, where the parser will look for them.
type printer struct {
	b       strings.Builder
	indent  int
	waiting []*heredoc
	breaks  int // how many newlines were written
}

func (p *printer) str(s string) { p.b.WriteString(s) }

// newline ends the line and indents the next.
func (p *printer) newline() {
	p.heres("\n")
	p.breaks++
	for range p.indent {
		p.b.WriteByte('\t')
	}
}

// heres writes the here documents that wait or, if there are none, otherwise.
func (p *printer) heres(otherwise string) {
	if len(p.waiting) == 0 {
		p.str(otherwise)
		return
	}
	p.str("\n")
	for _, h := range p.waiting {
		p.str(h.text)
		if h.text != "" && !strings.HasSuffix(h.text, "\n") {
			p.str("\n")
		}
		p.str(h.tag + "\n")
	}
	p.waiting = nil
}

// operand writes a command where an empty one would change the meaning of
// what follows.
func (p *printer) operand(c command) {
	if c == nil {
		p.str("{}")
		return
	}
	p.command(c)
}

// command writes a command; for an empty one it writes nothing.
func (p *printer) command(c command) {
	switch c := c.(type) {
	case nil:
	case *sequence:
		p.sequence(c)
	case *async:
		p.operand(c.body)
		p.str(" &")
	case *brace:
		p.brace(c)
	case *simple:
		p.words(c.args)
	case *andOr:
		p.operand(c.left)
		if c.or {
			p.str(" || ")
		} else {
			p.str(" && ")
		}
		p.operand(c.right)
	case *pipe:
		p.operand(c.left)
		p.pipeOp(c)
		p.operand(c.right)
	case *bang:
		p.str("! ")
		p.operand(c.body)
	case *subshell:
		p.str("@ ")
		p.operand(c.body)
	case *ifCmd:
		p.str("if(")
		p.command(c.cond)
		p.str(") ")
		p.operand(c.body)
	case *ifNot:
		p.str("if not ")
		p.operand(c.body)
	case *while:
		p.str("while(")
		p.command(c.cond)
		p.str(") ")
		p.operand(c.body)
	case *forCmd:
		p.forCmd(c)
	case *switchCmd:
		p.switchCmd(c)
	case *fn:
		p.str("fn")
		p.arguments(c.names)
		if c.body != nil {
			p.str(" ")
			p.brace(c.body)
		}
	case *match:
		p.str("~ ")
		p.word(c.subject)
		p.arguments(c.patterns)
	case *assign:
		p.word(c.name)
		p.str("=")
		p.word(c.value)
		if c.body != nil {
			p.str(" ")
			p.command(c.body)
		}
	case *redirect, *dup:
		p.redirected(c)
	default:
		panic(fmt.Sprintf("rc: print: %T", c))
	}
}

// sequence writes commands, on the same line if they were on one line, and
// still are.
func (p *printer) sequence(c *sequence) {
	for i, cmd := range c.list {
		breaks := p.breaks
		p.command(cmd)
		if i+1 == len(c.list) {
			break
		}
		_, async := cmd.(*async)
		switch {
		case breaks != p.breaks || cmd.pos() != c.list[i+1].pos():
			p.newline()
		case async:
			p.str(" ")
		default:
			p.str("; ")
		}
	}
}

func (p *printer) brace(c *brace) {
	if c.body == nil {
		p.str("{}")
		return
	}
	p.str("{")
	p.indent++
	p.newline()
	p.command(c.body)
	p.indent--
	p.newline()
	p.str("}")
}

func (p *printer) pipeOp(c *pipe) {
	switch {
	case c.from != 0:
		p.str(fmt.Sprintf(" |[%d=%d] ", c.from, c.fd))
	case c.fd != 1:
		p.str(fmt.Sprintf(" |[%d] ", c.fd))
	default:
		p.str(" | ")
	}
}

func (p *printer) forCmd(c *forCmd) {
	p.str("for(")
	p.word(c.name)
	if c.in {
		p.str(" in")
		p.arguments(c.list)
	}
	p.str(") ")
	p.operand(c.body)
}

// switchCmd writes a switch with its cases at its own depth.
func (p *printer) switchCmd(c *switchCmd) {
	p.str("switch ")
	p.word(c.subject)
	p.str(" {")
	for _, cs := range c.cases {
		p.newline()
		p.str("case")
		p.arguments(cs.patterns)
		if cs.body != nil {
			p.indent++
			p.newline()
			p.command(cs.body)
			p.indent--
		}
	}
	p.newline()
	p.str("}")
}

// redirected writes redirections and the command they surround: behind it if
// it is one the parser would put them around, else before it.
func (p *printer) redirected(c command) {
	var redirs []command
	for body, ok := redirectedBy(c); ok; body, ok = redirectedBy(c) {
		redirs = append(redirs, c)
		c = body
	}
	behind := false
	switch c.(type) {
	case *simple, *brace:
		behind = true
		p.command(c)
		p.str(" ")
	}
	for i, r := range redirs {
		if i > 0 {
			p.str(" ")
		}
		p.redirection(r)
	}
	if !behind && c != nil {
		p.str(" ")
		p.command(c)
	}
}

// redirectedBy returns the command inside c if c is a redirection.
func redirectedBy(c command) (body command, ok bool) {
	switch c := c.(type) {
	case *redirect:
		return c.body, true
	case *dup:
		return c.body, true
	}
	return nil, false
}

// redirection writes one redirection.
func (p *printer) redirection(c command) {
	switch r := c.(type) {
	case *dup:
		if r.from < 0 {
			p.str(fmt.Sprintf(">[%d=]", r.fd))
		} else {
			p.str(fmt.Sprintf(">[%d=%d]", r.fd, r.from))
		}
	case *redirect:
		p.str(arrow(r.op, r.fd))
		p.target(r.file)
		if r.here != nil {
			p.waiting = append(p.waiting, r.here)
		}
	}
}

// target writes the file of a redirection, with a blank before it if the
// operator would else be read as another.
func (p *printer) target(file word) {
	first := file
	if c, ok := file.(*concat); ok {
		first = c.parts[0]
	}
	switch w := first.(type) {
	case *pipeFile:
		p.str(" ")
	case *literal:
		if !w.quoted && strings.HasPrefix(w.text, "[") {
			p.str(" ")
		}
	}
	p.word(file)
}

// arrow returns a redirection's operator, with the descriptor if it is not
// the usual one.
func arrow(op redirOp, fd int) string {
	usual := 0
	if op == opWrite || op == opAppend {
		usual = 1
	}
	if fd == usual {
		return op.String()
	}
	return fmt.Sprintf("%s[%d]", op, fd)
}

// arguments writes words with a blank before each.
func (p *printer) arguments(words []word) {
	for _, w := range words {
		p.str(" ")
		p.word(w)
	}
}

// words writes words with a blank between them.
func (p *printer) words(words []word) {
	for i, w := range words {
		if i > 0 {
			p.str(" ")
		}
		p.word(w)
	}
}

func (p *printer) word(w word) {
	switch w := w.(type) {
	case *literal:
		p.literal(w)
	case *list:
		p.str("(")
		p.words(w.words)
		p.str(")")
	case *concat:
		for i, part := range w.parts {
			if i > 0 {
				p.str("^")
			}
			p.word(part)
		}
	case *variable:
		p.str("$")
		p.name(w.name)
	case *count:
		p.str("$#")
		p.word(w.name)
	case *flat:
		p.str(`$"`)
		p.word(w.name)
	case *subscript:
		p.str("$")
		p.name(w.name)
		p.str("(")
		p.words(w.subs)
		p.str(")")
	case *backquote:
		p.str("`")
		if w.split != nil {
			p.word(w.split)
		}
		p.brace(w.body)
	case *pipeFile:
		p.str(arrow(w.op, w.fd))
		p.brace(w.body)
	default:
		panic(fmt.Sprintf("rc: print: %T", w))
	}
}

// name writes the name of a variable behind its $.
func (p *printer) name(w word) {
	if l, ok := w.(*literal); ok && strings.HasPrefix(l.text, `"`) {
		p.str(quoted(l.text)) // $"x is something else
		return
	}
	p.word(w)
}

// literal writes a literal. Backslashes at its end are quoted, lest they should
// come to stand before a newline.
func (p *printer) literal(w *literal) {
	head := strings.TrimRight(w.text, `\`)
	switch {
	case w.quoted || head != w.text && w.pattern == "":
		p.str(quoted(w.text))
	case head != w.text:
		p.str(head + "^" + quoted(w.text[len(head):]))
	default:
		p.str(w.text)
	}
}
