package awk

import (
	"fmt"
	"slices"
	"strings"
)

// A Source is a part of a program: a file or, if the name is empty, an argument.
type Source struct {
	Name, Text string
}

// A Program is one that has been read. It can be run again, by one process at a
// time.
type Program struct {
	comp    Regcomp
	safe    bool
	begin   block
	rules   []rule
	end     block
	names   map[string]int // of globals
	globals []globalname
	funcs   map[string]*function
	environ bool  // it uses ENVIRON
	before  []int // how many lines come before each source
}

// A globalname is a variable, which may be used as an array.
type globalname struct {
	name  string
	array bool
}

// A rule is a pattern and its action: from is nil for all records, to is for a
// range.
type rule struct {
	lineno   int
	from, to expr
	action   block
}

// maxnest is how deep a program may be nested: the C of it had a stack of
// that kind.
const maxnest = 5000

// A parser reads a program.
type parser struct {
	lexer
	prog    *Program
	ends    []int    // of the sources in the text
	params  []string // of the function that is read
	infunc  bool
	loops   int  // around the current statement
	closed  expr // the last expression in parentheses
	listok  bool // the next may be a list in parentheses: it is print's
	depth   int  // how deep it is nested
	deepest int  // how deep it has been
}

// Parse reads a program. It uses comp for regular expressions. A safe program may
// not run commands nor open files. The error has the lines that awk prints.
func Parse(sources []Source, comp Regcomp, safe bool) (*Program, error) {
	prog := &Program{comp: comp, safe: safe, names: map[string]int{}, funcs: map[string]*function{}}
	for _, s := range specials {
		prog.variable(s.name)
	}
	prog.globals[argv].array = true
	prog.globals[environ].array = true
	p := &parser{prog: prog}
	for _, s := range sources {
		prog.before = append(prog.before, strings.Count(p.src, "\n"))
		p.src += s.Text
		if len(sources) > 1 && !strings.HasSuffix(p.src, "\n") {
			p.src += "\n"
		}
		p.ends = append(p.ends, len(p.src))
	}
	p.lineno = 1
	p.advance()
	p.program()
	if p.err != "" {
		return nil, p.report(sources)
	}
	return prog, nil
}

// line returns the number in its source of what is a line of the whole program.
func (prog *Program) line(lineno int) int {
	n, _ := slices.BinarySearch(prog.before, lineno)
	return lineno - prog.before[max(n-1, 0)]
}

// variable returns the place of a global variable.
func (prog *Program) variable(name string) int {
	i, ok := prog.names[name]
	if !ok {
		i = len(prog.globals)
		prog.names[name] = i
		prog.globals = append(prog.globals, globalname{name: name})
	}
	return i
}

// report returns the error that has been noted, with what stands around it.
func (p *parser) report(sources []Source) error {
	n, _ := slices.BinarySearch(p.ends, max(p.pos, 1))
	before := 0
	if n > 0 {
		before = p.ends[n-1]
	}
	at := "line "
	if sources[n].Name != "" {
		at = sources[n].Name + ":"
	}
	lineno := 1 + strings.Count(p.src[before:p.pos], "\n")
	start := min(p.start, p.pos)
	from := max(strings.LastIndexByte(p.src[:start], '\n')+1, start-around)
	end := max(start, min(p.pos, start+around))
	to := min(len(p.src), p.pos+around)
	if n := strings.IndexByte(p.src[p.pos:to], '\n'); n >= 0 {
		to = p.pos + n
	}
	return fmt.Errorf("%s at %s%d\n context is\n\t%s >>> %s <<< %s", p.err, at, lineno,
		p.src[from:start], p.src[start:end], p.src[p.pos:to])
}

// around is how much is shown around an error.
const around = 200

// syntax notes that the current word should not be there.
func (p *parser) syntax() { p.fail("syntax error") }

// got takes a word, if it is the current one.
func (p *parser) got(tok token) bool {
	if p.tok != tok {
		return false
	}
	p.advance()
	return true
}

// want takes a word.
func (p *parser) want(tok token) {
	if !p.got(tok) {
		p.syntax()
	}
}

// newlines takes newlines.
func (p *parser) newlines() {
	for p.got(tNewline) {
	}
}

// wantline takes a word, and newlines.
func (p *parser) wantline(tok token) {
	p.want(tok)
	p.newlines()
}

// nest notes that what follows is nested once more. Without room for it, the
// program ends here. The caller calls unnest.
func (p *parser) nest() { p.grow(1) }

// grow is nest, so many times.
func (p *parser) grow(n int) {
	p.depth += n
	p.deepest = max(p.deepest, p.depth)
	if p.depth > maxnest {
		p.fail("yacc stack overflow")
	}
}

func (p *parser) unnest() { p.depth-- }

// program reads all of it.
func (p *parser) program() {
	for {
		for p.tok == tNewline || p.tok == tSemicolon {
			p.advance()
		}
		if p.tok == tEOF {
			return
		}
		p.item()
	}
}

// item reads a pattern with its action, or a function.
func (p *parser) item() {
	switch p.tok {
	case tBegin:
		p.advance()
		p.prog.begin = append(p.prog.begin, p.action())
		return
	case tEnd:
		p.advance()
		p.prog.end = append(p.prog.end, p.action())
		return
	case tFunction:
		p.advance()
		p.function()
		return
	}
	r := rule{lineno: p.lineno}
	if p.tok != tLbrace {
		r.from = p.expr(false)
		if p.got(tComma) {
			p.newlines()
			r.to = p.expr(false)
		}
	}
	if p.tok == tLbrace {
		r.action = p.action()
	} else {
		r.action = block{&numbered{r.lineno, &print{args: []expr{&dollar{}}}}}
	}
	p.prog.rules = append(p.prog.rules, r)
}

// action reads statements in braces.
func (p *parser) action() block {
	p.wantline(tLbrace)
	b := p.stmts()
	p.want(tRbrace)
	return b
}

// function reads one after its keyword.
func (p *parser) function() {
	if p.tok != tName && p.tok != tCall {
		p.syntax()
		return
	}
	name := p.s
	fn := p.prog.function(name)
	if _, ok := p.prog.names[name]; ok && p.prog.globals[p.prog.names[name]].array {
		p.fail("%s is an array, not a function", name)
	}
	if fn.defined {
		p.fail("you can't define function %s more than once", name)
	}
	p.advance()
	p.want(tLparen)
	p.parameters()
	p.newlines()
	fn.nparams, fn.defined, p.infunc = len(p.params), true, true
	p.deepest = p.depth
	fn.body = p.action()
	fn.weight = p.deepest + 1
	p.params, p.infunc = nil, false
	if _, ok := p.prog.names[name]; ok {
		p.fail("%s is a function, not a variable", name)
	}
}

// parameters reads the names of parameters, and the parenthesis behind them.
func (p *parser) parameters() {
	for p.tok == tName {
		for _, other := range p.params {
			if other == p.s {
				p.fail("duplicate argument %s", p.s)
				return
			}
		}
		p.params = append(p.params, p.s)
		p.advance()
		if p.tok == tRparen {
			break
		}
		p.want(tComma)
		p.newlines()
		if p.tok != tName {
			p.syntax()
		}
	}
	p.want(tRparen)
}

// function returns the function of a name, which may come to be defined later.
func (prog *Program) function(name string) *function {
	fn := prog.funcs[name]
	if fn == nil {
		fn = &function{name: name}
		prog.funcs[name] = fn
	}
	return fn
}
