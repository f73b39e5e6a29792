package tty

import (
	"context"
	"slices"
	"strings"
)

// key does what one key asks for. e.mu is held.
func (e *Editor) key(k key) {
	if e.recall.searching && e.searchKey(k) {
		return
	}
	s := &e.screen
	l := &s.line
	switch k {
	case '\r', '\n':
		e.enter()
		return
	case ctrl('d'):
		if len(l.text) == 0 || l.pos == len(l.text) {
			e.endOfFile()
			return
		}
		l.erase(l.forth())
	case keyDelete:
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
		e.recall.searching = true
		s.search = prompt("")
	case ctrl('l'):
		s.out.WriteString("\x1b[H\x1b[2J")
		s.row = 0
	default:
		if k >= ' ' && k < keyUp || k == '\t' {
			l.insert(rune(k))
			s.typed(rune(k))
		}
		return
	}
	s.redraw()
}

// enter makes the line something to be read.
func (e *Editor) enter() {
	text := string(e.screen.line.text)
	e.opt.History.Add(text)
	e.recall = recall{}
	e.screen.end()
	e.push([]byte(text + "\n"))
}

// endOfFile is enter without the newline; on an empty line it is the end.
func (e *Editor) endOfFile() {
	s := &e.screen
	text := string(s.line.text)
	if text == "" {
		s.end()
	} else {
		s.part, s.prompt = s.lead()+shown(s.line.text), ""
		s.line.set("")
	}
	e.recall = recall{}
	e.push([]byte(text))
}

// complete completes the name before the cursor. It looks at a name space,
// which can take long: ^C gives up. It returns the keys typed since, after b.
func (e *Editor) complete(b []byte) []byte {
	e.mu.Lock()
	text, pos := string(e.screen.line.text), len(string(e.screen.line.text[:e.screen.line.pos]))
	e.mu.Unlock()
	type result struct {
		start int
		names []string
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan result, 1)
	go func() { // ends when Complete does, which it does at the latest on cancel
		start, names := e.opt.Complete(ctx, text, pos)
		done <- result{start, names}
	}()
	for {
		select {
		case r := <-done:
			if r.start >= 0 && r.start <= pos && len(r.names) > 0 {
				e.completed(text[r.start:pos], r.names)
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

// completed replaces word by what all names begin with, or shows them.
func (e *Editor) completed(word string, names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &e.screen
	common := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, common) {
			common = common[:len(common)-1]
		}
	}
	common = strings.ToValidUTF8(common, "")
	if len(names) == 1 && !strings.HasSuffix(common, "/") {
		common += " "
	}
	if len(common) > len(word) || common != word && len(names) == 1 {
		s.line.erase(s.line.pos - len([]rune(word)))
		s.line.insert([]rune(common)...)
		s.redraw()
	} else if len(names) > 1 {
		s.erase()
		s.draw()
		for i, n := range names {
			names[i] = n[strings.LastIndexByte(common, '/')+1:]
		}
		s.out.WriteString("\r\n" + columns(names, s.width))
		s.row = 0
		s.draw()
	}
	e.flush()
}

// columns arranges names as lc does.
func columns(names []string, width int) string {
	widest := 0
	for _, n := range names {
		widest = max(widest, textWidth(n))
	}
	perRow := max(1, width/(widest+2))
	rows := (len(names) + perRow - 1) / perRow
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(names); i += rows {
			b.WriteString(names[i])
			if i+rows < len(names) {
				b.WriteString(strings.Repeat(" ", widest+2-textWidth(names[i])))
			}
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func textWidth(s string) int {
	w := 0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w
}
