package tty

import (
	"slices"
	"unicode"
)

// A line is text under construction, and a place in it. Text that was pasted
// may have newlines.
type line struct {
	text []rune
	pos  int    // of the cursor: an index of text
	cut  []rune // what ^K, ^U or ^W took away last, for ^Y

	killing bool   // the last key took away something: cut goes on
	undos   []undo // what the line was before each change
	typing  bool   // the last change was a character: the next is one with it
}

// An undo is a line as it was.
type undo struct {
	text []rune
	pos  int
}

// maxUndo is how many changes can be undone.
const maxUndo = 200

func (l *line) set(s string) {
	l.text = []rune(s)
	l.pos = len(l.text)
}

// reset begins a new line.
func (l *line) reset() { *l = line{cut: l.cut} }

// now returns the line as it is.
func (l *line) now() undo { return undo{slices.Clone(l.text), l.pos} }

// changed remembers what the line was, if it is something else now. Characters
// typed one after the other are one change.
func (l *line) changed(was undo, typing bool) {
	if !slices.Equal(was.text, l.text) && !(typing && l.typing) {
		l.undos = append(l.undos[max(0, len(l.undos)+1-maxUndo):], was)
	}
	l.typing = typing
}

// undo takes back the last change.
func (l *line) undo() {
	if n := len(l.undos) - 1; n >= 0 {
		l.text, l.pos = l.undos[n].text, l.undos[n].pos
		l.undos, l.typing = l.undos[:n], false
	}
}

// exchange puts the character before the cursor behind the one at it: at the
// end of the line, the last two.
func (l *line) exchange() {
	if l.pos == len(l.text) {
		l.move(l.back())
	}
	start, end := l.back(), l.forth()
	if start == l.pos || end == l.pos {
		return
	}
	text := slices.Concat(l.text[:start], l.text[l.pos:end], l.text[start:l.pos], l.text[end:])
	l.text, l.pos = text, end
}

func (l *line) insert(rs ...rune) {
	tail := append([]rune(nil), l.text[l.pos:]...)
	l.text = append(append(l.text[:l.pos], rs...), tail...)
	l.pos += len(rs)
}

// move puts the cursor at pos, or as near as there is text.
func (l *line) move(pos int) { l.pos = max(0, min(pos, len(l.text))) }

// erase removes what is between the cursor and pos.
func (l *line) erase(pos int) {
	lo, hi := min(l.pos, pos), max(l.pos, pos)
	lo, hi = max(lo, 0), min(hi, len(l.text))
	l.text = append(l.text[:lo], l.text[hi:]...)
	l.pos = lo
}

// kill is an erase that ^Y brings back, together with those right before it.
func (l *line) kill(pos int) {
	lo, hi := min(l.pos, pos), max(l.pos, pos)
	gone := slices.Clone(l.text[lo:hi])
	switch {
	case !l.killing:
		l.cut = gone
	case pos < l.pos:
		l.cut = append(gone, l.cut...)
	default:
		l.cut = append(l.cut, gone...)
	}
	l.erase(pos)
}

// back returns where one step to the left leads: over what combines with the
// character before it, too.
func (l *line) back() int {
	p := l.pos - 1
	for p > 0 && combines(l.text[p]) {
		p--
	}
	return max(p, 0)
}

// forth returns where one step to the right leads.
func (l *line) forth() int {
	p := min(l.pos+1, len(l.text))
	for p < len(l.text) && combines(l.text[p]) {
		p++
	}
	return p
}

// combines reports whether r is drawn over the character before it. Control
// characters are not: they are shown as ^X.
func combines(r rune) bool { return !unicode.IsControl(r) && runeWidth(r) == 0 }

// wordBack returns where the word to the left begins.
func (l *line) wordBack() int {
	p := l.pos
	for p > 0 && !inWord(l.text[p-1]) {
		p--
	}
	for p > 0 && inWord(l.text[p-1]) {
		p--
	}
	return p
}

// wordForth returns where the word to the right ends.
func (l *line) wordForth() int {
	p := l.pos
	for p < len(l.text) && !inWord(l.text[p]) {
		p++
	}
	for p < len(l.text) && inWord(l.text[p]) {
		p++
	}
	return p
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
