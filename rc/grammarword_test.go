package rc_test

// args makes up to n words.
func (g *generator) args(n int) *node {
	a := &node{kind: argsNode}
	for range g.IntN(n + 1) {
		sep := " "
		if g.chance(3) {
			sep = " \\\n"
		}
		a.parts = append(a.parts, &node{kind: argsNode, parts: []any{sep, g.word()}})
	}
	return a
}

func (g *generator) wordOf(parts ...any) *node {
	return &node{kind: wordNode, least: "a", parts: parts}
}

func (g *generator) word() *node {
	if g.depth >= 6 {
		return g.literal()
	}
	g.depth++
	defer func() { g.depth-- }()
	return g.choose([]choice{
		{20, g.literal}, {14, g.variable}, {5, g.joined}, {5, g.pattern}, {3, g.backquote},
		{5, func() *node { return g.wordOf("(", g.args(3), ")") }},
	})
}

func (g *generator) literal() *node {
	if g.chance(30) {
		quoted := []string{"''", "'a b'", "'it''s'", "'*'", "'a*'", "'$x'", "'#'", "'a\tb'", "'\\'", "'\n'", "'é ü'", "'='", "'`{echo}'"}
		return g.wordOf(quoted[g.IntN(len(quoted))])
	}
	return g.wordOf(g.oneOf("a b c ab abc x1 é λx 0 1 2 a.c d/x / . ./a -n - + , : % \\ for in if not fn while ! ~ @ switch a#b a! a~ \"a"))
}

func (g *generator) variable() *node {
	name := g.oneOf("x x y z * i nosuch 1 2 3")
	switch g.IntN(9) {
	case 0:
		return g.wordOf("$#" + name)
	case 1:
		if g.old { // which has no $"1
			name = g.oneOf("x y z * i")
		}
		return g.wordOf("$\"" + name)
	case 2:
		return g.wordOf("$"+name+"(", g.subs(), ")")
	case 3:
		if g.chance(20) {
			return g.wordOf(g.oneOf("$ $# $\""), g.word())
		}
	}
	return g.wordOf("$" + name)
}

// subs makes subscripts.
func (g *generator) subs() *node {
	n := &node{kind: argsNode}
	for range g.IntN(3) {
		n.parts = append(n.parts, " "+g.oneOf("0 1 2 3 1- 2- 1-2 2-1 9 1-9 $#x $x 0-1 a '' 1a"))
	}
	return n
}

// joined makes a word of words. Those that end the shell are rare.
func (g *generator) joined() *node {
	if g.chance(10) {
		return g.wordOf(g.word(), "^", g.word())
	}
	w := g.oneOf("$x $y $* (a_b) (1_2_3) $x(1) $#z $\"z `{echo_a} *")
	if g.chance(50) {
		return g.wordOf(w, g.oneOf("^ .c ^'a' '*' ,")+g.oneOf(". -"))
	}
	return g.wordOf(g.oneOf("a^ -^ 'a' '' 'a'^ *^ d/^"), w)
}

func (g *generator) pattern() *node {
	if g.chance(25) {
		return g.word()
	}
	return g.wordOf(g.oneOf("* ? *.c [ab].c [~a]* a* *c d/* */x é* [é-ü] [a-c]* [c-a] [a [] [~] *[ ?* a?c '*' *'*' [*] no* ./*.c ''* *'' [.-] ~* [']']"))
}

func (g *generator) backquote() *node {
	if g.chance(30) {
		return g.wordOf("`{", g.simple(), "}")
	}
	if g.old {
		return g.wordOf(g.oneOf("`{echo_a_b} `{echo_'a:b'¶echo_'' } `{cat_*.c}"))
	}
	return g.wordOf(g.oneOf("`:{echo_a:b} `'':{echo_a_b} `_$y_{echo_acbc} `(a_b){echo_c_a:b}"))
}
