package awk

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// A dfa is an automaton for a regular expression, of which those states are made
// that some text has led to. It says whether a text matches, and where a match
// that begins somewhere ends, in one look at each character; where the leftmost
// match begins is left to its caller, who tries.
//
// A state is a set of instructions of package syntax at which the text goes on. What
// they require of their place, as ^ and $ do, is decided with the next
// character: a state knows whether a line has begun, and an edge whether, given
// its character, there is a match before it.
type dfa struct {
	prog   *syntax.Prog
	states map[string]*state
	first  [2][2]*state // by whether a line begins, and a match may begin anywhere
	queue  []uint32     // a set while it is made
	member []bool       // which instructions it has
	key    []byte
}

// A state is a set of instructions, before those that need no character are
// followed.
type state struct {
	set   []uint32
	bol   bool // a line begins here
	loose bool // a match may begin anywhere
	edges [ascii + 1]edge
	wide  map[rune]edge // of other characters
}

// An edge leads to the next state: nil if that has not been made. Match tells that
// there is a match before its character.
type edge struct {
	to    *state
	match bool
}

// fails reports whether it is known that no match begins before the edge.
func (e *edge) fails() bool { return e.to != nil && !e.match && len(e.to.set) == 0 }

const (
	ascii     = 128  // characters with an edge in an array
	endText   = -1   // instead of a character: its edge is the last of the array
	maxstates = 1000 // states that are kept
)

// newDFA makes one for an expression in Go's notation. It is nil if that has what
// regexp(6) does not.
func newDFA(expr string) *dfa {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil
	}
	for _, in := range prog.Inst {
		op := syntax.EmptyOp(in.Arg)
		if in.Op == syntax.InstEmptyWidth && op&^(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0 {
			return nil
		}
	}
	return &dfa{prog: prog, states: map[string]*state{}, member: make([]bool, len(prog.Inst))}
}

// begin returns the state in which a text is looked at first, or where it is looked
// at if no line begins there.
func (d *dfa) begin(bol, loose bool) *state {
	p := &d.first[bit(bol)][bit(loose)]
	if *p == nil {
		*p = d.state([]uint32{uint32(d.prog.Start)}, bol, loose)
	}
	return *p
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// state returns the state of a set, which must be sorted.
func (d *dfa) state(set []uint32, bol, loose bool) *state {
	key := append(d.key[:0], byte(bit(bol)), byte(bit(loose)))
	for _, pc := range set {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16))
	}
	d.key = key
	st := d.states[string(key)]
	if st == nil {
		if len(d.states) >= maxstates {
			clear(d.states)
			d.first = [2][2]*state{} // which lead to the others
		}
		st = &state{set: slices.Clone(set), bol: bol, loose: loose}
		d.states[string(key)] = st
	}
	return st
}

// next returns the edge of a character.
func (d *dfa) next(st *state, c rune) edge {
	i := int(c)
	switch {
	case c == endText:
		i = ascii
	case c >= ascii:
		e, ok := st.wide[c]
		if !ok {
			e = d.step(st, c)
			if st.wide == nil || len(st.wide) > maxstates {
				st.wide = map[rune]edge{}
			}
			st.wide[c] = e
		}
		return e
	}
	if st.edges[i].to == nil {
		st.edges[i] = d.step(st, c)
	}
	return st.edges[i]
}

// step makes an edge.
func (d *dfa) step(st *state, c rune) edge {
	var e edge
	d.queue = d.queue[:0]
	for _, pc := range st.set {
		d.add(pc)
	}
	var set []uint32
	for i := 0; i < len(d.queue); i++ { // it grows
		in := &d.prog.Inst[d.queue[i]]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			d.add(in.Out)
			d.add(in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			d.add(in.Out)
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(in.Arg)
			if op&syntax.EmptyBeginLine != 0 && !st.bol || op&syntax.EmptyEndLine != 0 && c != '\n' && c != endText {
				continue
			}
			d.add(in.Out)
		case syntax.InstMatch:
			e.match = true
		case syntax.InstFail:
		default:
			if c != endText && in.MatchRune(c) {
				set = append(set, in.Out)
			}
		}
	}
	for _, pc := range d.queue {
		d.member[pc] = false
	}
	if st.loose {
		set = append(set, uint32(d.prog.Start))
	}
	slices.Sort(set)
	e.to = d.state(slices.Compact(set), c == '\n', st.loose)
	return e
}

// add puts an instruction into the set that is made.
func (d *dfa) add(pc uint32) {
	if !d.member[pc] {
		d.member[pc] = true
		d.queue = append(d.queue, pc)
	}
}

// matches reports whether something in s matches.
func (d *dfa) matches(s string) bool {
	st := d.begin(true, true)
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c >= ascii {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		var e edge
		if c < ascii && st.edges[c].to != nil {
			e = st.edges[c]
		} else {
			e = d.next(st, c)
		}
		if e.match {
			return true
		}
		st = e.to
		i += size
	}
	return d.next(st, endText).match
}

// run returns where the longest match that begins at the offset at ends, -1 if
// there is none, and how many characters have been looked at. The state is that
// of the offset.
func (d *dfa) run(st *state, s string, at int) (end, looked int) {
	end = -1
	for i := at; ; looked++ {
		c, size := rune(endText), 0
		if i < len(s) {
			if c, size = rune(s[i]), 1; c >= ascii {
				c, size = utf8.DecodeRuneInString(s[i:])
			}
		}
		e := d.next(st, c)
		if e.match {
			end = i
		}
		if st = e.to; size == 0 || len(st.set) == 0 {
			return end, looked
		}
		i += size
	}
}

// find returns the leftmost-longest match at or after the offset at. It gives up,
// with ok false, when it has looked at so many characters that it had better not
// have begun.
func (d *dfa) find(s string, at int) (from, to int, ok bool) {
	work := 20*(len(s)-at) + 1000
	bol, mid := d.begin(true, false), d.begin(false, false)
	for i := at; ; {
		st := mid
		if i == 0 || s[i-1] == '\n' {
			st = bol
		}
		if i < len(s) && s[i] < ascii && st.edges[s[i]].fails() {
			i++
			continue
		}
		end, looked := d.run(st, s, i)
		if end >= 0 {
			return i, end, true
		}
		if work -= looked; work < 0 {
			return 0, 0, false
		}
		if i >= len(s) {
			return -1, -1, true
		}
		if s[i] < ascii {
			i++
		} else {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
		}
	}
}
