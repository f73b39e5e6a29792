package cmd

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// A lineMatcher tells whether a line, without its newline, has a match of one
// of several expressions. That is all that is asked, so it can be faster than
// package regexp: it makes a deterministic automaton of the expressions, a
// state at a time, when a line first needs it.
//
// A state is the set of instructions at which the nondeterministic program
// could be, see regexp/syntax. As the match may begin anywhere, each set has
// the start of the program. An assertion of the end of the line stays in the
// set until the next character tells: there is none, and it holds, or it goes.
type lineMatcher struct {
	prog   *syntax.Prog
	start  *lineState
	states map[string]*lineState
	edges  int    // of all states
	mark   []bool // of instructions, while a set is made
}

// A lineState is a state of a lineMatcher.
type lineState struct {
	set    []uint32 // sorted
	begin  bool     // no character has been read
	match  bool     // a match has been read
	final  bool     // it is a match if the line ends here
	low    [utf8.RuneSelf]*lineState
	others map[rune]*lineState
}

// How many states are kept, and ways from one to another. Some expressions
// have very many; if it gets too many for a text they are made anew.
const maxLineStates, maxLineEdges = 2000, 100_000

// newLineMatcher returns a matcher of what any of the expressions matches.
func newLineMatcher(res []*regexp.Regexp) (*lineMatcher, error) {
	var exprs []string
	for _, re := range res {
		exprs = append(exprs, "(?:"+re.String()+")")
	}
	prog, err := compileProg(strings.Join(exprs, "|"))
	if err != nil {
		return nil, err
	}
	m := &lineMatcher{prog: prog, mark: make([]bool, len(prog.Inst))}
	m.reset()
	return m, nil
}

func compileProg(expr string) (*syntax.Prog, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(re.Simplify())
}

// reset forgets all states.
func (m *lineMatcher) reset() {
	m.states, m.edges = make(map[string]*lineState), 0
	m.start = m.state([]uint32{uint32(m.prog.Start)}, true)
}

// match reports whether a line has a match.
func (m *lineMatcher) match(line []byte) bool {
	s := m.start
	for i := 0; i < len(line) && !s.match; {
		c := line[i]
		if c < utf8.RuneSelf {
			next := s.low[c]
			if next == nil {
				next = m.step(s, rune(c))
			}
			s = next
			i++
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		next := s.others[r]
		if next == nil {
			next = m.step(s, r)
		}
		s = next
		i += n
	}
	return s.match || s.final
}

// step makes the state that follows s after c.
func (m *lineMatcher) step(s *lineState, c rune) *lineState {
	if m.edges++; m.edges > maxLineEdges || len(m.states) > maxLineStates {
		m.reset()
	}
	next := []uint32{uint32(m.prog.Start)}
	for _, pc := range s.set {
		inst := &m.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(c) {
				next = append(next, inst.Out)
			}
		}
	}
	t := m.state(next, false)
	if c < utf8.RuneSelf {
		s.low[c] = t
	} else {
		if s.others == nil {
			s.others = make(map[rune]*lineState)
		}
		s.others[c] = t
	}
	return t
}

// state returns the state of the instructions that can be reached from pcs
// without reading.
func (m *lineMatcher) state(pcs []uint32, begin bool) *lineState {
	s := &lineState{begin: begin}
	var flags syntax.EmptyOp
	if begin {
		flags = syntax.EmptyBeginLine | syntax.EmptyBeginText
	}
	s.set = m.follow(pcs, flags)
	key := make([]byte, 0, 4*len(s.set)+1)
	for _, pc := range s.set {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
		s.match = s.match || m.prog.Inst[pc].Op == syntax.InstMatch
	}
	if begin {
		key = append(key, 'b')
	}
	if old := m.states[string(key)]; old != nil {
		return old
	}
	for _, pc := range m.follow(s.set, flags|syntax.EmptyEndLine|syntax.EmptyEndText) {
		s.final = s.final || m.prog.Inst[pc].Op == syntax.InstMatch
	}
	m.states[string(key)] = s
	return s
}

// follow returns, sorted, the instructions reached from pcs at which something
// is to be read, or that assert what flags do not say, or are a match.
func (m *lineMatcher) follow(pcs []uint32, flags syntax.EmptyOp) (set []uint32) {
	todo := slices.Clone(pcs)
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if m.mark[pc] {
			continue
		}
		m.mark[pc] = true
		inst := &m.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^flags == 0 {
				todo = append(todo, inst.Out)
			}
		}
	}
	for pc, marked := range m.mark {
		m.mark[pc] = false
		op := m.prog.Inst[pc].Op
		if marked && op != syntax.InstAlt && op != syntax.InstAltMatch && op != syntax.InstCapture && op != syntax.InstNop && op != syntax.InstFail {
			set = append(set, uint32(pc))
		}
	}
	return set
}

// matchesEmpty reports whether nothing, at a place where what flags say holds,
// is a match of prog.
func matchesEmpty(prog *syntax.Prog, flags syntax.EmptyOp) bool {
	m := &lineMatcher{prog: prog, mark: make([]bool, len(prog.Inst))}
	return slices.ContainsFunc(m.follow([]uint32{uint32(prog.Start)}, flags), func(pc uint32) bool {
		return prog.Inst[pc].Op == syntax.InstMatch
	})
}
