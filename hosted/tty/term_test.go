package tty

import (
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
)

// A fake is a terminal: it understands what an Editor sends, as xterm does.
type fake struct {
	width int
	keys  *io.PipeReader
	kb    *io.PipeWriter

	mu       sync.Mutex   // guards what follows
	rows     [][]rune     // a wide rune is followed by a 0
	wrapped  map[int]bool // the rows that go on with the one before
	row, col int
	pending  bool // the cursor waits in the last column
	screens  int  // that were left behind: erased from their first column on, as in tmux
	modes    []string
}

func newFake(width int) *fake {
	f := &fake{width: width, rows: [][]rune{nil}, wrapped: map[int]bool{}}
	f.keys, f.kb = io.Pipe()
	return f
}

func (f *fake) Read(p []byte) (int, error) { return f.keys.Read(p) }

func (f *fake) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rs := []rune(string(p))
	for i := 0; i < len(rs); i++ {
		switch r := rs[i]; {
		case r == '\r':
			f.col, f.pending = 0, false
		case r == '\n':
			f.down()
		case r == '\b':
			f.col, f.pending = max(0, f.col-1), false
		case r == 0x1b:
			n, end := 0, i+2
			if rs[end] == '?' { // a mode
				end += strings.IndexAny(string(rs[end:]), "hl")
				f.modes = append(f.modes, string(rs[i+2:end+1]))
				i = end
				continue
			}
			for ; rs[end] >= '0' && rs[end] <= '9'; end++ {
				n = n*10 + int(rs[end]-'0')
			}
			f.command(rs[end], n)
			i = end
		default:
			f.print(r)
		}
	}
	return len(p), nil
}

func (f *fake) command(c rune, n int) {
	if c == 'm' {
		return
	}
	f.pending = false
	switch c {
	case 'A':
		f.row = max(0, f.row-max(n, 1))
	case 'C':
		f.col = min(f.width-1, f.col+max(n, 1))
	case 'J':
		if n == 2 {
			f.rows, f.row = [][]rune{nil}, 0
			return
		}
		if f.row == 0 && f.col == 0 {
			f.screens++
		}
		if len(f.rows[f.row]) > f.col {
			f.rows[f.row] = f.rows[f.row][:f.col]
		}
		f.rows = f.rows[:f.row+1]
		maps.DeleteFunc(f.wrapped, func(row int, _ bool) bool { return row > f.row })
	case 'H':
		f.row, f.col = 0, 0
	default:
		panic(fmt.Sprintf("the terminal does not know ESC [ %d %c", n, c))
	}
}

func (f *fake) down() {
	f.pending = false
	if f.row++; f.row == len(f.rows) {
		f.rows = append(f.rows, nil)
	}
}

func (f *fake) print(r rune) {
	w := runeWidth(r)
	if w == 0 {
		return // combining characters are not stored
	}
	if f.pending || f.col+w > f.width {
		f.col = 0
		f.down()
		f.wrapped[f.row] = true
	}
	line := f.rows[f.row]
	for len(line) < f.col+w {
		line = append(line, ' ')
	}
	line[f.col] = r
	if w == 2 {
		line[f.col+1] = 0
	}
	f.rows[f.row] = line
	if f.col += w; f.col == f.width {
		f.col, f.pending = f.width-1, true
	}
}

// resize makes the window wider or narrower: what it shows is wrapped anew.
func (f *fake) resize(width int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, at, wrapped := f.rows, f.row, f.wrapped
	col := f.col
	if f.pending {
		col++
	}
	f.width, f.rows, f.row, f.col, f.pending, f.wrapped = width, [][]rune{nil}, 0, 0, false, map[int]bool{}
	row, newCol, pending := 0, 0, false
	for i, cells := range old {
		if i > 0 && !wrapped[i] {
			f.col = 0
			f.down()
		}
		for j := 0; j <= len(cells) || i == at && j <= col; j++ {
			if i == at && j == col {
				row, newCol, pending = f.row, f.col, f.pending
			}
			if j < len(cells) && cells[j] != 0 {
				f.print(cells[j])
			}
		}
	}
	f.row, f.col, f.pending = row, newCol, pending
}

// show returns the rows, and a | where the cursor is.
func (f *fake) show() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rows []string
	for i, row := range f.rows {
		row = append([]rune(nil), row...)
		if i == f.row {
			at := f.col
			if f.pending {
				at++
			}
			for len(row) < at {
				row = append(row, ' ')
			}
			row = append(row[:at:at], append([]rune{'|'}, row[at:]...)...)
		}
		rows = append(rows, strings.TrimRight(strings.ReplaceAll(string(row), "\x00", ""), " "))
	}
	return strings.Join(rows, "\n")
}

// want compares the screen with rows.
func (f *fake) want(t *testing.T, what string, rows ...string) {
	t.Helper()
	if got := f.show(); got != strings.Join(rows, "\n") {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, strings.Join(rows, "\n"))
	}
}
