package tty

import (
	"slices"
	"strings"
)

// key does what one key asks for. e.mu is held.
func (e *Editor) key(k key) {
	if e.asking != nil && e.answer(k) || e.recall.searching && e.searchKey(k) {
		return
	}
	l := &e.screen.line
	switch {
	case k == '\r' || k == '\n':
		text := string(l.text)
		e.submit(strings.TrimSuffix(text, "\n") + "\n")
	case k == ctrl('d') && l.pos == len(l.text):
		e.endOfFile()
	case k == ctrl('_'):
		l.undo()
		e.screen.redraw()
	default:
		was := l.now()
		e.change(k)
		l.changed(was, k.isText())
		l.killing = k == ctrl('w') || k == keyKillWord || k == ctrl('u') || k == ctrl('k')
	}
}

// isText reports whether a key is a character of the line.
func (k key) isText() bool { return k >= ' ' && k < keyUp && k != 0x7f || k == '\t' }

// change does what a key asks for that moves in the line or changes it.
func (e *Editor) change(k key) {
	s := &e.screen
	l := &s.line
	switch k {
	case ctrl('d'), keyDelete:
		l.erase(l.forth())
	case ctrl('h'), 0x7f:
		l.erase(l.back())
	case ctrl('a'), keyHome:
		l.move(0)
	case ctrl('e'), keyEnd:
		l.move(len(l.text))
	case ctrl('b'), keyLeft:
		l.move(l.back())
	case ctrl('f'), keyRight:
		l.move(l.forth())
	case keyWordLeft:
		l.move(l.wordBack())
	case keyWordRight:
		l.move(l.wordForth())
	case ctrl('w'):
		l.kill(l.wordBack())
	case keyKillWord:
		l.kill(l.wordForth())
	case ctrl('u'):
		l.kill(0)
	case ctrl('k'):
		l.kill(len(l.text))
	case ctrl('y'):
		l.insert(l.cut...)
	case ctrl('p'), keyUp:
		e.older()
	case ctrl('n'), keyDown:
		e.newer()
	case ctrl('r'):
		e.begin()
		e.recall.searching = true
		s.search = e.recall.prompt()
	case ctrl('t'):
		l.exchange()
	case ctrl('l'):
		s.out.WriteString("\x1b[H\x1b[2J")
		s.row = 0
	default:
		if k.isText() {
			l.insert(rune(k))
			s.typed(rune(k))
		}
		return
	}
	s.redraw()
}

// submit makes text, the line or what was pasted into it, something to be read:
// each of its lines at its time. Of several the first stays on the screen; the
// others are shown again where they are read.
func (e *Editor) submit(text string) {
	s := &e.screen
	lines := slices.Collect(strings.Lines(text))
	if len(lines) > 1 {
		s.line.set(strings.TrimSuffix(lines[0], "\n"))
		s.redraw()
	}
	e.recall = recall{}
	s.end()
	for i, l := range lines {
		e.push([]byte(l))
		last := &e.queue[len(e.queue)-1]
		last.edited, last.hidden = true, i > 0
	}
}

// endOfFile makes a line without a newline something to be read; an empty one
// is the end.
func (e *Editor) endOfFile() {
	s := &e.screen
	text := string(s.line.text)
	switch {
	case strings.Contains(text, "\n"):
		e.submit(text)
		return
	case text == "":
		s.end()
	default:
		s.part, _, _ = s.layout()
		s.prompt = ""
		s.line.reset()
	}
	e.recall = recall{}
	e.push([]byte(text))
}
