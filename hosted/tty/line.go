package tty

import "unicode"

// A line is text under construction, and a place in it.
type line struct {
	text []rune
	pos  int    // of the cursor: an index of text
	cut  []rune // what ^K, ^U or ^W took away last, for ^Y
}

func (l *line) set(s string) {
	l.text = []rune(s)
	l.pos = len(l.text)
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

// kill is an erase that ^Y undoes.
func (l *line) kill(pos int) {
	lo, hi := min(l.pos, pos), max(l.pos, pos)
	if lo < hi {
		l.cut = append([]rune(nil), l.text[lo:hi]...)
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
