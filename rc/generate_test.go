package rc_test

import (
	"math/rand/v2"
	"strings"

	"ufo/rc"
)

// A node is a part of a random program.
type node struct {
	kind  rune   // nodes of one kind can stand in each other's place
	least string // the shortest text that can stand here
	parts []any  // strings and *nodes
	quote bool   // the text stands here as one quoted word
}

// The kinds of nodes. A simple command can stand where any command can.
const (
	lineNode    = 'l'
	cmdNode     = 'c'
	simpleNode  = 's'
	wordNode    = 'w'
	argsNode    = 'a' // words, with a blank before each
	hereNode    = 'h'
	newlineNode = 'n'
	textNode    = 't'
)

func (n *node) String() string {
	var b strings.Builder
	for _, part := range n.parts {
		switch p := part.(type) {
		case string:
			b.WriteString(p)
		case *node:
			b.WriteString(p.String())
		}
	}
	if n.quote {
		return rc.Quote(b.String())
	}
	return b.String()
}

// walk calls f for n and all nodes in it, the outer ones first.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, part := range n.parts {
		if p, ok := part.(*node); ok {
			p.walk(f)
		}
	}
}

// shrink makes root smaller for as long as bad is true of its text: nodes
// become as short as they can be, or what is inside of them. It asks bad a few
// hundred times at most.
func shrink(root *node, bad func(string) bool) {
	left := 500
	for again := true; again; {
		again = false
		root.walk(func(n *node) {
			for _, smaller := range n.smaller() {
				was := *n
				if left--; left < 0 {
					return
				}
				if *n = smaller; bad(root.String()) {
					again = true
					return
				}
				*n = was
			}
		})
	}
}

// smaller returns what could stand in the place of n and is shorter.
func (n *node) smaller() (all []node) {
	size := len(n.String())
	try := func(s node) {
		if len(s.String()) < size {
			all = append(all, s)
		}
	}
	try(node{kind: n.kind, least: n.least, parts: []any{n.least}})
	n.walk(func(in *node) {
		if in.kind == n.kind || in.kind == simpleNode && n.kind == cmdNode {
			try(*in)
		}
	})
	return all
}

// A generator makes random programs. They end: loops are counted, and a
// function calls only those whose names come before its own, so that there is
// no recursion. What the two sides of a pipe write does not depend on which is
// faster.
type generator struct {
	*rand.Rand
	old   bool    // for a rc older than 9front's
	depth int     // of commands in commands
	loops int     // so far
	funcs int     // how many functions may be called
	heres []*node // the here documents of this line, none of which is left without its end
	inner bool    // inside of a block
}

var funcNames = []string{"fa", "fb", "fc"}

// A choice is something to make, and how often compared with others.
type choice struct {
	weight int
	make   func() *node
}

func (g *generator) choose(from []choice) *node {
	sum := 0
	for _, c := range from {
		sum += c.weight
	}
	n := g.IntN(sum)
	for _, c := range from {
		if n -= c.weight; n < 0 {
			return c.make()
		}
	}
	panic("not reached")
}

// blanks are what stands for blanks in the words of oneOf.
var blanks = strings.NewReplacer("_", " ", "¶", "\n")

// oneOf returns one of the words of a list.
func (g *generator) oneOf(list string) string {
	words := strings.Fields(list)
	return blanks.Replace(words[g.IntN(len(words))])
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// showStatus is a function that prints of $status what is the same on Unix.
const showStatus = `fn st { s=$"status; switch($s){
case 'no match' false error 'syntax error' 'can''t cd' 'not found' 'flag not set' 'shift usage'
echo $s
case *[~0'|']*
echo bad
case *
echo ok
}}
`

// lastLine ends a file: a real rc takes none whose last line has no end, or is
// continued, for a program.
const lastLine = "echo end\n"

// program makes a program.
func (g *generator) program() *node {
	n := &node{parts: []any{showStatus}}
	for _, line := range []string{"x=(a b)", "y=c", "z=()", "*=(é 'q r')", ">a.c", ">b.c", ">é", "mkdir d", ">d/x"} {
		n.parts = append(n.parts, &node{kind: lineNode, parts: []any{line + "\n"}})
	}
	if g.old { // who can forget in a child that a function was not found
		n.parts = append(n.parts, &node{kind: lineNode, parts: []any{"fn fa fb fc { echo f $* }\n"}})
	}
	g.funcs = len(funcNames)
	for range 2 + g.IntN(6) {
		n.parts = append(n.parts, g.line())
	}
	n.parts = append(n.parts, lastLine)
	return n
}

// newline ends a line, with the here documents that began on it.
func (g *generator) newline() *node {
	n := &node{kind: newlineNode, parts: []any{"\n"}}
	if g.chance(4) {
		n.parts = []any{" " + g.oneOf("#c #\\ #' ;;#") + "\n"} // a quote in a comment is none
	}
	n.least = n.parts[0].(string)
	for _, h := range g.heres {
		n.parts = append(n.parts, h)
		n.least += h.String()
	}
	g.heres = nil
	return n
}

// line makes a line, of one command or two.
func (g *generator) line() *node {
	cmd := g.command
	if g.depth == 0 && g.chance(25) { // so that not all ends with an error in it
		cmd = g.subshell
	}
	n := &node{kind: lineNode, parts: []any{cmd()}}
	if g.chance(15) {
		// No if: a real rc takes no `if not' on the next line for that.
		n.parts = append(n.parts, "; ", g.simple())
	}
	if g.chance(20) {
		n.parts = append(n.parts, "; st")
	}
	n.parts = append(n.parts, g.newline())
	return n
}

// block makes open, some lines, and }.
func (g *generator) block(open string) *node {
	inner := g.inner
	g.inner = true
	defer func() { g.inner = inner }()
	n := &node{kind: cmdNode, least: "echo", parts: []any{open, g.newline()}}
	for range 1 + g.IntN(2) {
		n.parts = append(n.parts, g.line())
	}
	n.parts = append(n.parts, "}")
	return n
}
