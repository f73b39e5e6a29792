package cmd

import (
	"bufio"
	"fmt"
	"unicode/utf8"
)

// fit returns the part of a line that fits in its column.
func (pg *prpages) fit(line []byte) []byte {
	col := 0
	for i := 0; pg.cell > 0 && i < len(line); {
		c, size := utf8.DecodeRune(line[i:])
		if col = advance(col, c, pg.expand); col > pg.cell {
			return line[:i]
		}
		i += size
	}
	return line
}

// advance returns the position after a character at a position. A backspace
// takes back a position; other control characters have none.
func advance(col int, c rune, tab prfield) int {
	switch {
	case c == tab.c && tab.n > 0:
		return (col/tab.n + 1) * tab.n
	case c == '\b':
		return max(col-1, 0)
	case c == '\r':
		return 0
	case c < ' ':
		return col
	}
	return col + 1
}

// text prints a line in its column, with spaces for its tabs if that is wanted.
func (pg *prpages) text(line []byte) {
	col := 0
	for len(line) > 0 {
		c, size := utf8.DecodeRune(line)
		to := advance(col, c, pg.expand)
		if c == pg.expand.c && pg.expand.n > 0 {
			pg.out.space(to - col)
		} else {
			pg.out.text(line[:size])
		}
		col, line = to, line[size:]
	}
}

// line prints a row with its numbers and what separates its columns.
func (pg *prpages) line(row []prcell) {
	w := pg.out
	w.space(pg.offset)
	for i, c := range row {
		if c.number > 0 && pg.number.n > 0 {
			w.text(fmt.Appendf(nil, "%*d%c", pg.number.n, c.number, pg.number.c))
		}
		begin := w.col + w.spaces
		pg.text(c.text)
		switch {
		case i == len(row)-1:
		case pg.sep != 0:
			w.text(utf8.AppendRune(nil, pg.sep))
		default:
			w.space(begin + pg.cell + 1 - w.col - w.spaces)
		}
	}
	w.newline(1)
}

// A prwriter writes lines. Spaces wait until something follows them: then
// they may become tabs.
type prwriter struct {
	out         *bufio.Writer
	tabs        prfield // -i
	hide        bool    // print nothing
	col, spaces int     // position, and spaces that follow it
}

// space adds spaces.
func (w *prwriter) space(n int) { w.spaces += n }

// text writes text.
func (w *prwriter) text(b []byte) {
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		switch {
		case c == ' ':
			w.spaces++
		case c == '\b' && w.spaces > 0:
			w.spaces--
		default:
			w.flush()
			w.write(b[:size])
			w.col = advance(w.col, c, prfield{'\t', prtab})
		}
		b = b[size:]
	}
}

// flush writes the spaces, as tabs where two or more reach a tab stop.
func (w *prwriter) flush() {
	for w.spaces > 0 {
		n, c := 1, ' '
		if w.tabs.n > 0 {
			if stop := w.tabs.n - w.col%w.tabs.n; w.spaces > 1 && stop <= w.spaces {
				n, c = stop, w.tabs.c
			}
		}
		w.write(utf8.AppendRune(nil, c))
		w.spaces -= n
		w.col += n
	}
}

// newline ends lines. Spaces at the end are not printed.
func (w *prwriter) newline(n int) {
	w.col, w.spaces = 0, 0
	for range n {
		w.write([]byte("\n"))
	}
}

func (w *prwriter) write(b []byte) {
	if !w.hide {
		w.out.Write(b)
	}
}
