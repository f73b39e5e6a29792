package rc_test

import "strings"

// command makes a command.
func (g *generator) command() *node {
	if g.depth >= 2 {
		return g.simple()
	}
	g.depth++
	defer func() { g.depth-- }()
	return g.choose([]choice{
		{20, g.simple}, {4, g.brace}, {3, g.subshell}, {5, g.andOr}, {5, g.ifCmd}, {5, g.forCmd}, {2, g.while},
		{5, g.switchCmd}, {5, g.pipe}, {6, g.redirected}, {3, g.here}, {4, g.local}, {4, g.fn}, {3, g.eval},
		{2, g.dot}, {1, g.async}, {2, g.wrong},
	})
}

// cmd makes a command of parts.
func (g *generator) cmd(parts ...any) *node { return &node{kind: cmdNode, least: "echo", parts: parts} }

func (g *generator) simple() *node {
	words := func(name string, n int) func() *node {
		return func() *node { return g.cmd(name, g.args(n)) }
	}
	one := func(name, list string) func() *node {
		return func() *node { return g.cmd(name, g.oneOf(list)) }
	}
	program := func() *node { return g.cmd(g.word()) }
	if g.old { // who can forget in a child that a program was not found
		program = g.call
	}
	n := g.choose([]choice{
		{12, words("echo", 3)}, {8, g.assign}, {6, g.match}, {3, g.call}, {2, words("cat <", 1)},
		{4, func() *node { return g.cmd("echo $#x $x $#y $y $#z $z $#* $*") }},
		{2, func() *node { return g.cmd("cat <{echo", g.args(2), "}") }},
		{2, one("shift ", "1 2 0 9 ; ")}, {1, one("whatis ", "x y z * cd eval nowhere . exit")},
		{1, one("exit ", "a '' 0 1 $x ;")}, {1, one("cd ", "d . nowhere ''")}, {1, one("flag ", "e x c i")},
		{1, program},
	})
	n.kind = simpleNode
	return n
}

func (g *generator) brace() *node    { return g.block("{") }
func (g *generator) subshell() *node { return g.block("@ {") }

func (g *generator) assign() *node {
	names := "x y z i"
	if !g.old { // which in @ *=() loses the status
		names += " *"
	}
	n := g.cmd(g.oneOf(names+" status"), "=", g.word())
	if g.chance(20) {
		n.parts = append(n.parts, " ", g.oneOf(names), "=", g.word())
	}
	return n
}

// local makes a command with variables of its own.
func (g *generator) local() *node {
	n := g.assign()
	n.parts = append(n.parts, " ", g.simpleOr(g.brace))
	return n
}

// simpleOr makes a simple command or the other.
func (g *generator) simpleOr(other func() *node) *node {
	if g.chance(50) {
		return g.simple()
	}
	return other()
}

func (g *generator) match() *node {
	n := g.cmd("~ ", g.word())
	for range g.IntN(4) {
		n.parts = append(n.parts, " ", g.pattern())
	}
	if g.chance(30) {
		n.parts = append(n.parts, "; st")
	}
	return n
}

func (g *generator) call() *node {
	if g.funcs == 0 {
		return g.cmd("echo none")
	}
	return g.cmd(funcNames[g.IntN(g.funcs)], g.args(2))
}

// andOr joins simple commands.
func (g *generator) andOr() *node {
	n := g.cmd()
	for i := range 2 + g.IntN(2) {
		if i > 0 {
			n.parts = append(n.parts, " "+g.oneOf("&& ||")+" ")
			if len(g.heres) == 0 && g.chance(10) {
				n.parts = append(n.parts, "\n")
			}
		}
		if g.chance(20) {
			n.parts = append(n.parts, g.oneOf("! @")+" ")
		}
		n.parts = append(n.parts, g.simple())
	}
	return n
}

// ifCmd makes an if. That before an `if not' is in braces: a real rc takes one
// on the next line for its own even when a ; and more follow it.
func (g *generator) ifCmd() *node {
	if g.chance(50) {
		return g.cmd("if(", g.command(), ") ", g.command())
	}
	return g.cmd("if(", g.command(), ") { ", g.command(), g.newline(), "}", g.newline(), "if not ", g.command())
}

func (g *generator) forCmd() *node {
	if g.chance(20) {
		return g.cmd("for(i) ", g.command())
	}
	return g.cmd("for(i in", g.args(3), ") ", g.command())
}

// while makes a loop that is taken twice. What counts is on one line, so that
// no here document can take it.
func (g *generator) while() *node {
	g.loops++
	n := "n" + strings.Repeat("n", g.loops)
	return g.cmd(n+"=(); while({! ~ $#"+n+" 2} && "+n+"=($"+n+" n)) {", g.newline(), g.command(), g.newline(), "}")
}

func (g *generator) switchCmd() *node {
	n := g.cmd("switch(", g.word(), "){", g.newline())
	for range 1 + g.IntN(3) {
		c := &node{kind: lineNode, parts: []any{"case"}}
		for range g.IntN(3) {
			c.parts = append(c.parts, " ", g.pattern())
		}
		c.parts = append(c.parts, "\n", g.line())
		n.parts = append(n.parts, c)
	}
	n.parts = append(n.parts, "}")
	return n
}

// pipe makes a pipe. The right side reads to the end before it does anything
// else, so that the left has then done all.
func (g *generator) pipe() *node {
	op := g.oneOf("| | | |[2] |[0=2] |[0=1]")
	var right any = g.oneOf("cat cat cat_|_cat sed_'s/a/b/g'")
	if g.chance(30) {
		n := g.block("{ cat; ")
		n.kind, n.least = textNode, "cat"
		right = n
	}
	return g.cmd("{ ", g.command(), g.newline(), "} "+op+" ", right)
}

// redirected makes a command with redirections, before it or behind.
func (g *generator) redirected() *node {
	redir := func() *node {
		n := &node{kind: argsNode}
		for range 1 + g.IntN(2) {
			if g.chance(30) {
				n.parts = append(n.parts, " "+g.oneOf(">[2=1] >[1=2] >[3=1] >[3=] >[3]f_>[1=3] <[3]a.c_<[0=3] >[3=2]_>[2=1]_>[1=3]"))
			} else {
				n.parts = append(n.parts, " "+g.oneOf("> > >> < <> >[2] >[3] <[3] <>[1]"), g.file())
			}
		}
		return n
	}
	if g.chance(20) {
		return g.cmd(redir(), " ", g.simpleOr(g.brace))
	}
	return g.cmd(g.simpleOr(g.brace), redir())
}

// file makes the name of a file.
func (g *generator) file() *node {
	return &node{kind: wordNode, least: "f", parts: []any{g.oneOf("$nosuch $*(1) a* *.c f f f g g a.c 'x_y' d/x d/new é /dev/null nowhere/f")}}
}

// here makes a command that reads a here document. Older ones have none in
// blocks.
func (g *generator) here() *node {
	if g.old && g.inner {
		return g.simple()
	}
	tag := g.oneOf("EOF 'E_F' é 'E'")
	h := &node{kind: hereNode}
	for range g.IntN(4) {
		h.parts = append(h.parts, &node{kind: lineNode, parts: []any{g.oneOf(
			"a $x $#x $y.c $x^b $$ $*$1$0 it's_a $nosuch. é$x \\ $ EO $x^^") + "\n"}})
	}
	h.parts = append(h.parts, strings.Trim(tag, "'")+"\n")
	g.heres = append(g.heres, h)
	return g.cmd("cat <<" + tag)
}

// fn makes a function, which calls only those before it, or deletes one.
func (g *generator) fn() *node {
	if g.funcs == 0 {
		return g.cmd("echo none")
	}
	i := g.IntN(g.funcs)
	if !g.old && g.chance(15) {
		return g.cmd("fn " + funcNames[i])
	}
	all := g.funcs
	g.funcs = i
	n := g.block("fn " + funcNames[i] + " { ")
	g.funcs = all
	if g.chance(50) {
		n.parts = append(n.parts, "; "+funcNames[i], g.args(2))
	}
	return n
}

// quoted makes one word of lines.
func (g *generator) quoted() *node {
	heres, inner := g.heres, g.inner
	g.heres, g.inner = nil, true
	n := &node{kind: wordNode, least: "''", quote: true}
	for range 1 + g.IntN(2) {
		n.parts = append(n.parts, g.line())
	}
	g.heres, g.inner = heres, inner
	return n
}

func (g *generator) eval() *node {
	if g.chance(20) {
		return g.cmd("eval echo", g.args(3))
	}
	return g.cmd("eval ", g.quoted())
}

// dot makes a file and reads it.
func (g *generator) dot() *node {
	text := g.quoted()
	text.parts = append(text.parts, lastLine)
	return g.cmd("echo -n ", text, " >s; . ./s", g.args(2))
}

func (g *generator) async() *node { return g.cmd("{ ", g.command(), g.newline(), "} & wait") }

// wrong makes an eval of tokens in any order. None of them begins a loop or a
// function.
func (g *generator) wrong() *node {
	n := &node{kind: wordNode, least: "''", quote: true}
	for range 1 + g.IntN(6) {
		n.parts = append(n.parts, &node{kind: argsNode, parts: []any{g.oneOf(
			"echo a $ $x $# ( ) { {echo} ^ = ` ; | || && ! ~ @ if( not in switch case for(i > >f >[2=1] < <f " +
				"|[2] << 'a' ' # \\ * [a] $x( ¶ ¶")}})
		if g.chance(60) {
			n.parts = append(n.parts, " ")
		}
	}
	if g.old {
		n.parts = append(n.parts, " a") // it wants a command behind a |
	}
	return g.cmd("eval ", n, "; st")
}
