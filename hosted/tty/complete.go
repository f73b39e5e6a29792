package tty

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Completion is what could stand in a line in the place of what is typed.
type Completion struct {
	Start int      // where in the line that begins: a byte
	Text  string   // what all have in common, ready for the line; what is typed, if nothing is to be added
	Names []string // the possibilities, as they are shown; none: there is none
}

// ask is how many names are shown without asking whether they shall be.
const ask = 100

// complete completes the name before the cursor. It looks at a name space,
// which can take long: ^C gives up. It returns the keys typed since, after b.
func (e *Editor) complete(b []byte) []byte {
	e.mu.Lock()
	text, pos := string(e.screen.line.text), len(string(e.screen.line.text[:e.screen.line.pos]))
	e.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan Completion, 1)
	go func() { // ends when Complete does, which it does at the latest on cancel
		done <- e.opt.Complete(ctx, text, pos)
	}()
	for {
		select {
		case c := <-done:
			if c.Start >= 0 && c.Start <= pos && len(c.Names) > 0 {
				e.completed(text[c.Start:pos], c)
			}
			return b
		case more, ok := <-e.in:
			b = append(b, more...)
			if !ok || slices.Contains(more, byte(ctrl('c'))) {
				return b
			}
		}
	}
}

// completed replaces word, or shows what it could be.
func (e *Editor) completed(word string, c Completion) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &e.screen
	switch {
	case c.Text != word:
		was := s.line.now()
		s.line.erase(s.line.pos - len([]rune(word)))
		s.line.insert([]rune(c.Text)...)
		s.line.changed(was, false)
		s.redraw()
	case len(c.Names) == 1:
	case len(c.Names) > ask || e.size.rows > 0 && rowsOf(c.Names, s.width) >= e.size.rows:
		e.asking = c.Names
		s.search = fmt.Sprintf("show %d names? y/n: ", len(c.Names))
		s.redraw()
	default:
		e.list(c.Names)
	}
	e.flush()
}

// answer takes the key that answers whether names shall be shown, and reports
// whether that is all it means.
func (e *Editor) answer(k key) bool {
	names := e.asking
	e.asking, e.screen.search = nil, ""
	switch k {
	case 'y', 'Y', ' ', '\t':
		e.list(names)
		return true
	}
	e.screen.redraw()
	return k == 'n' || k == 'N' || k == 'q' || k == ctrl('g') || k == 0x7f
}

// list shows names below the line, and the line again below them.
func (e *Editor) list(names []string) {
	s := &e.screen
	pos := s.line.pos
	s.line.move(len(s.line.text))
	s.redraw()
	s.line.pos = pos
	if _, _, end := s.layout(); end.col > 0 {
		s.out.WriteString("\r\n")
	}
	s.out.WriteString(columns(names, s.width))
	s.row = 0
	s.draw()
}

// columns arranges names as lc does. One that is wider than the window is cut.
func columns(names []string, width int) string {
	widest, perRow, rows := arrange(names, width)
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(names); i += rows {
			b.WriteString(cut(names[i], width-1))
			if i+rows < len(names) && perRow > 1 {
				b.WriteString(strings.Repeat(" ", widest+2-textWidth(names[i])))
			}
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// arrange returns how wide the widest name is, how many go into a row, and how
// many rows there are.
func arrange(names []string, width int) (widest, perRow, rows int) {
	for _, n := range names {
		widest = max(widest, textWidth(n))
	}
	perRow = max(1, (width+1)/(widest+2))
	return widest, perRow, (len(names) + perRow - 1) / perRow
}

func rowsOf(names []string, width int) int {
	_, _, rows := arrange(names, width)
	return rows
}

// cut returns as much of a name as fits, and without what would move the
// cursor.
func cut(name string, width int) string {
	var b strings.Builder
	w := 0
	for _, r := range name {
		if r < 0x20 || r == 0x7f {
			r = '?'
		}
		if w += runeWidth(r); w > max(width, 1) {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

func textWidth(s string) int {
	w := 0
	for _, r := range s {
		if w += runeWidth(r); r < 0x20 || r == 0x7f {
			w++ // cut shows it
		}
	}
	return w
}
