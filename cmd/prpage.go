package cmd

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
)

// How pages are laid out without options.
const (
	prlength = 66
	prwidth  = 72
	prmargin = 5 // lines of a header, and of a trailer
	prtab    = 8
)

// A prfile is a file that is printed.
type prfile struct {
	name string
	in   lineReader
	rest []byte // of a line, after a form feed
	n    int    // lines that have been read
	eof  bool
}

// A prcell is a line in its column, with the number that is printed before it
// if there is one.
type prcell struct {
	text   []byte
	number int
	feed   bool // a form feed ends it
}

// next returns the next line without what ends it; it is valid until the next
// call. At end of file it returns io.EOF.
func (f *prfile) next() (c prcell, err error) {
	line := f.rest
	if len(line) == 0 {
		if f.eof {
			return c, io.EOF
		}
		if line, err = f.in.next(); err == io.EOF {
			f.eof = true
			return c, err
		}
		if err != nil {
			return c, fmt.Errorf("error reading %s: %w", f.name, err)
		}
	}
	f.rest = nil
	f.n++
	if i := bytes.IndexByte(line, '\f'); i >= 0 {
		f.rest = line[i+1:]
		return prcell{line[:i], f.n, true}, nil
	}
	return prcell{bytes.TrimSuffix(line, []byte("\n")), f.n, false}, nil
}

// prpages are the pages of one file, or of several side by side.
type prpages struct {
	prstyle
	files []*prfile
	title string
	out   *prwriter
	body  int // lines of a page without header and trailer
	cell  int // width of a column, 0 if lines are not cut

	// The lines of this page, if there are several columns of one file: column
	// i has those from start[i] to start[i+1]. Row is the next to print.
	lines []prcell
	start []int
	row   int // in a merge, of all rows
}

// measure finds out how large everything is. It reports whether there is room
// for the columns.
func (pg *prpages) measure() bool {
	if pg.merge {
		pg.columns = len(pg.files)
	}
	pg.length = cmp.Or(pg.length, prlength)
	pg.body = pg.length
	if pg.bare = pg.bare || pg.length <= 2*prmargin; !pg.bare {
		pg.body -= 2 * prmargin
	}
	if pg.columns == 1 {
		return true
	}
	pg.expand = cmp.Or(pg.expand, prfield{'\t', prtab})
	if pg.sep != 0 && pg.width == 0 {
		return true
	}
	width := cmp.Or(pg.width, prwidth)
	if pg.merge {
		width -= pg.number.n
	} else {
		width -= pg.number.n * pg.columns
	}
	pg.cell = (width - pg.columns + 1) / pg.columns
	return pg.cell > 0
}

// printAll prints all pages. A page is begun only if there is something for it.
func (pg *prpages) printAll() error {
	n := 0
	for ; ; n++ {
		row, err := pg.load()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		pg.out.hide = n+1 < pg.first
		if err := pg.page(n+1, row); err != nil {
			return err
		}
	}
	if pg.pad && n%2 == 1 {
		pg.trailer(pg.length)
	}
	return nil
}

// page prints page n, which begins with a row, as far as there are rows.
func (pg *prpages) page(n int, row []prcell) (err error) {
	left := pg.length
	if !pg.bare {
		pg.out.newline(2)
		pg.out.space(pg.offset)
		pg.out.text(fmt.Appendf(nil, "%s Page %d", pg.title, n))
		pg.out.newline(3)
		left -= prmargin
	}
	for end := left - pg.body; err == nil; row, err = pg.next() {
		feed := len(row) == 1 && row[0].feed
		if !feed || len(row[0].text) > 0 {
			pg.line(row)
			left--
			if pg.double && left > end {
				pg.out.newline(1)
				left--
			}
		}
		if feed || left <= end {
			break
		}
	}
	if err != nil && err != io.EOF {
		return err
	}
	if err == nil || !pg.bare {
		pg.trailer(left)
	}
	return nil
}

// trailer ends a page of which some lines are left.
func (pg *prpages) trailer(lines int) {
	if pg.feed {
		pg.out.text([]byte("\f"))
		return
	}
	pg.out.newline(lines)
}

// load reads what a page needs, and returns its first row: io.EOF if there is
// none.
func (pg *prpages) load() ([]prcell, error) {
	if pg.merge || pg.columns == 1 {
		return pg.next()
	}
	rows := pg.body
	if pg.double {
		rows = (rows + 1) / 2
	}
	pg.lines, pg.start, pg.row = pg.lines[:0], pg.start[:0], 0
	var err error
	for len(pg.lines)/rows < pg.columns {
		var c prcell
		if c, err = pg.files[0].next(); err != nil {
			break
		}
		c.text = bytes.Clone(pg.fit(c.text))
		pg.lines = append(pg.lines, c)
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err == nil || !pg.balance {
		for at := 0; at < len(pg.lines); at += rows {
			pg.start = append(pg.start, at)
		}
	} else {
		// The first columns are one line longer, unless all are equal.
		for i := range min(pg.columns, len(pg.lines)) {
			pg.start = append(pg.start, i*(len(pg.lines)/pg.columns)+min(i, len(pg.lines)%pg.columns))
		}
	}
	pg.start = append(pg.start, len(pg.lines))
	return pg.next()
}

// next returns the next row of cells. It is valid until the next call.
func (pg *prpages) next() (row []prcell, err error) {
	if !pg.merge && pg.columns > 1 {
		for i := 1; i < len(pg.start); i++ {
			if at := pg.start[i-1] + pg.row; at < pg.start[i] {
				row = append(row, pg.lines[at])
			}
		}
		if pg.row++; row == nil {
			return nil, io.EOF
		}
		return row, nil
	}
	ended := 0
	pg.row++
	for i, f := range pg.files {
		c, err := f.next()
		if err == io.EOF {
			ended++
		} else if err != nil {
			return nil, err
		}
		if c.text = pg.fit(c.text); pg.merge {
			c.number = 0
			if i == 0 {
				c.number = pg.row
			}
		}
		row = append(row, c)
	}
	if ended == len(row) {
		return nil, io.EOF
	}
	return row, nil
}
