package tty

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A screen knows what is on the last, unfinished line of the terminal, which
// may be several rows high, and where the cursor is:
//
//	part prompt line
//
// Part is output that has not ended its line yet. The prompt was such a part
// when somebody began to read: further output goes above it. The line is what
// is being typed; it can have several rows of its own. All rows that are complete are the terminal's own business.
type screen struct {
	width  int
	part   string
	prompt string
	line   line
	search string // drawn instead of the prompt, in a search

	row int             // of the cursor below the first row of part
	out strings.Builder // for the terminal
}

// A spot is a place on the screen, counted from where part begins.
type spot struct{ row, col int }

// advance returns where the cursor is after text, which has no newline, and
// where in text the last row begins that has something in it.
func (s *screen) advance(at spot, text string) (end spot, last int) {
	at, last = s.put(at, text)
	return s.settled(at), last
}

// put is advance that leaves the cursor behind the last column of a row which
// is full, where a terminal waits for the next character.
func (s *screen) put(at spot, text string) (end spot, last int) {
	for i := 0; i < len(text); {
		if n := sequence(text[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		w := runeWidth(r)
		if at.col+w > s.width {
			at.row, at.col, last = at.row+1, 0, i
		}
		at.col += w
		i += n
	}
	return at, last
}

// settled returns where the next character goes.
func (s *screen) settled(at spot) spot {
	if at.col >= s.width {
		return spot{at.row + 1, 0}
	}
	return at
}

// sequence returns how long the escape sequence is with which text begins.
func sequence(text string) int {
	if len(text) < 2 || text[0] != 0x1b {
		return 0
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text); i++ {
			if text[i] >= '@' && text[i] <= '~' {
				return i + 1
			}
		}
	case ']': // up to BEL or ESC \
		for i := 2; i < len(text); i++ {
			if text[i] == 7 || text[i] == '\\' && text[i-1] == 0x1b {
				return i + 1
			}
		}
	default:
		return 2
	}
	return len(text)
}

// shown returns what is drawn for a character of a line at a spot, and where
// the cursor is then: a newline begins a row, a tab is blanks, other control
// characters are ^X.
func (s *screen) shown(at spot, r rune) (text string, end spot) {
	switch {
	case r == '\n':
		return "\r\n", spot{at.row + 1, 0}
	case r == '\t':
		col := s.settled(at).col
		text = strings.Repeat(" ", min(8-col%8, s.width-col))
	case r < 0x20 || r == 0x7f:
		text = "^" + string(r^0x40)
	default:
		text = string(r)
	}
	end, _ = s.put(at, text)
	return text, end
}

// layout returns what is drawn of part, prompt and line, where the cursor is in
// it and where it ends.
func (s *screen) layout() (text string, cursor, end spot) {
	var b strings.Builder
	b.WriteString(s.lead())
	at, _ := s.put(spot{}, s.lead())
	for i, r := range s.line.text {
		if i == s.line.pos {
			cursor = s.settled(at)
		}
		text, at = s.shown(at, r)
		b.WriteString(text)
	}
	end = s.settled(at)
	if s.line.pos == len(s.line.text) {
		cursor = end
	}
	return b.String(), cursor, end
}

// erase removes part, prompt and line from the terminal. A blank goes before the
// rest, as tmux takes an erasing of the whole window for a new screen, and keeps
// the old one among the lines to scroll back to: one for each key, at its top.
func (s *screen) erase() {
	if s.row > 0 {
		fmt.Fprintf(&s.out, "\x1b[%dA", s.row)
	}
	s.out.WriteString("\r \x1b[J\r")
	s.row = 0
}

// draw puts them there.
func (s *screen) draw() {
	text, cursor, end := s.layout()
	s.out.WriteString(text)
	if end.col == 0 && end.row > 0 && !strings.HasSuffix(text, "\n") {
		s.out.WriteString("\r\n") // a terminal waits in its last column
	}
	if end.row > cursor.row {
		fmt.Fprintf(&s.out, "\x1b[%dA", end.row-cursor.row)
	}
	if end != cursor {
		s.out.WriteByte('\r')
		if cursor.col > 0 {
			fmt.Fprintf(&s.out, "\x1b[%dC", cursor.col)
		}
	}
	s.row = cursor.row
}

// lead returns what stands before the line.
func (s *screen) lead() string {
	if s.search != "" {
		return s.part + s.search
	}
	return s.part + s.prompt
}

func (s *screen) redraw() { s.erase(); s.draw() }

// typed draws what was inserted at the end of the line, without drawing all
// anew if that can be avoided.
func (s *screen) typed(r rune) {
	n := len(s.line.text) - 1
	if s.line.pos <= n || runeWidth(r) == 0 || s.search != "" {
		s.redraw()
		return
	}
	s.line.text, s.line.pos = s.line.text[:n], n
	_, at, _ := s.layout()
	s.line.text, s.line.pos = s.line.text[:n+1], n+1
	text, end := s.shown(at, r)
	if at.row != s.row || s.settled(end).row != at.row {
		s.redraw()
		return
	}
	s.out.WriteString(text)
}

// end finishes the line: what is on the terminal stays.
func (s *screen) end() {
	if s.line.pos != len(s.line.text) || s.search != "" {
		s.line.pos, s.search = len(s.line.text), ""
		s.redraw()
	}
	if _, at, _ := s.layout(); at.col > 0 {
		s.out.WriteString("\r\n")
	}
	s.part, s.prompt, s.row = "", "", 0
	s.line.reset()
}

// repeat shows, after the prompt, a line that was typed before it was asked
// for, so that one sees what belongs together. What is being typed meanwhile
// moves on.
func (s *screen) repeat(text string) {
	s.erase()
	s.out.WriteString(s.lead() + strings.ReplaceAll(text, "\n", "\r\n"))
	if strings.HasSuffix(text, "\n") {
		s.part, s.prompt = "", ""
	}
	s.draw()
}

// print puts output on the terminal, above prompt and line if there are any.
func (s *screen) print(p string) {
	alone := s.prompt == "" && len(s.line.text) == 0 && s.search == ""
	if !alone {
		s.erase()
		s.out.WriteString(s.part)
	}
	for p != "" {
		text, rest, ended := strings.Cut(p, "\n")
		s.write(text)
		if ended {
			s.out.WriteString("\r\n")
			s.part = ""
		}
		p = rest
	}
	_, last := s.advance(spot{}, s.part)
	s.part, s.row = s.part[last:], 0 // the rows above are complete
	if !alone {
		s.out.WriteByte('\r') // draw begins where part does
		s.draw()
	}
}

// write prints text that has no newline and adds it to part, of which a
// carriage return makes nothing: what follows is written over it.
func (s *screen) write(text string) {
	for {
		i := strings.IndexAny(text, "\r\b\t")
		if i < 0 {
			s.out.WriteString(text)
			s.part += text
			return
		}
		s.out.WriteString(text[:i])
		s.part += text[:i]
		switch text[i] {
		case '\r':
			s.out.WriteByte('\r')
			s.part = ""
		case '\b':
			s.out.WriteByte('\b')
			_, n := utf8.DecodeLastRuneInString(s.part)
			s.part = s.part[:len(s.part)-n]
		case '\t':
			at, _ := s.advance(spot{}, s.part)
			blanks := strings.Repeat(" ", min(8-at.col%8, s.width-at.col))
			s.out.WriteString(blanks)
			s.part += blanks
		}
		text = text[i+1:]
	}
}
