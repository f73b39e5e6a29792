package cmd

import (
	"bufio"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
)

// An edappend is lines on their way into the buffer. They are put there all at
// once, so that text of n lines does not move the lines behind it n times;
// whatever happens [ed.commit] does it, so that nothing typed is lost.
type edappend struct {
	at    int // the line they come after
	lines []*edline
}

// clear empties the buffer.
func (e *ed) clear() {
	e.lines = []*edline{{}}
	e.dot = 0
	e.marks = [26]*edline{}
	e.newline, e.oldline = nil, nil
	e.pending = edappend{}
}

// begin begins to append after line n.
func (e *ed) begin(n int) {
	e.commit()
	e.dot = n
	e.pending.at = n
}

// append appends a line after the one appended last.
func (e *ed) append(text string) {
	e.changed = true
	e.pending.lines = append(e.pending.lines, &edline{text: text})
}

// commit puts the lines appended into the buffer. Dot is the last of them.
func (e *ed) commit() {
	if n := len(e.pending.lines); n > 0 {
		e.lines = slices.Insert(e.lines, e.pending.at+1, e.pending.lines...)
		e.dot = e.pending.at + n
	}
	e.pending = edappend{}
}

// delete deletes lines i to j. Dot is the line after them, or the last.
func (e *ed) delete(i, j int) {
	e.lines = slices.Delete(e.lines, i, j+1)
	e.dot = min(i, e.dol())
	e.removed += j + 1 - i
	e.changed = true
}

// join makes one line of the addressed ones.
func (e *ed) join() {
	e.within(1)
	var b strings.Builder
	for _, l := range e.lines[e.addr1 : e.addr2+1] {
		b.WriteString(l.text)
	}
	if b.Len() > maxline {
		e.fail()
	}
	e.lines[e.addr1] = &edline{text: b.String()}
	e.changed = true
	if e.addr1 < e.addr2 {
		e.delete(e.addr1+1, e.addr2)
	}
	e.dot = e.addr1
}

// target reads the address that m and t have behind them.
func (e *ed) target() int {
	e.within(1)
	to := e.address()
	if to == none {
		e.fail()
	}
	e.eol()
	return to
}

// copy is t.
func (e *ed) copy() {
	to := e.target()
	lines := e.lines[e.addr1 : e.addr2+1]
	e.begin(to)
	for _, l := range lines {
		e.append(l.text)
	}
}

// move is m.
func (e *ed) move() {
	to, i, j := e.target(), e.addr1, e.addr2+1
	if to >= i && to < j {
		e.fail()
	}
	moved := slices.Clone(e.lines[i:j])
	for _, l := range moved {
		l.global = false
	}
	if to == i-1 {
		e.dot = e.addr2
		return
	}
	e.lines = slices.Delete(e.lines, i, j)
	if to >= j {
		to -= len(moved)
	}
	e.lines = slices.Insert(e.lines, to+1, moved...)
	e.dot = to + len(moved)
	e.removed += len(moved)
	e.changed = true
}

// readfile reads a file after line addr2, or the last.
func (e *ed) readfile(name string) {
	fd, err := e.p.Open(name, ninep.OREAD)
	if err != nil {
		e.last = '\n'
		panic(edError(name))
	}
	defer e.p.Close(fd)
	if d, err := e.p.Fstat(fd); err == nil && d.Mode&ninep.DMAPPEND != 0 {
		e.out.WriteString("warning: " + name + " is append only\n")
	}
	e.wide()
	e.within(0)
	old := e.dol() > 0
	e.begin(e.addr2)
	count, in := 0, input(e.p, fd)
	for {
		b, err := readline(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			e.last = '\n'
			e.check()
			e.fail()
		}
		line, whole := strings.CutSuffix(string(b), "\n")
		if !whole {
			e.putstring(`'\n' appended`)
		}
		count += utf8.RuneCountInString(line) + 1
		e.append(line)
	}
	e.commit()
	if e.verbose {
		e.putcount(count)
	}
	e.changed = old
}

// write is w and W.
func (e *ed) write(cmd unit) {
	e.wide()
	e.within(min(1, e.dol()))
	then := e.get()
	if then != 'q' && then != 'Q' {
		e.peek = then
		then = 0
	}
	name := e.filename(cmd)
	open := func() (int, error) { return e.p.Create(name, ninep.OWRITE, 0o666) }
	if cmd == 'W' {
		open = func() (int, error) { return teeopen(e.p, name, true) }
	}
	fd, err := open()
	if err != nil {
		panic(edError(name))
	}
	defer e.p.Close(fd)
	count, w := 0, bufio.NewWriterSize(e.p.FD(fd), iounit)
	if e.dol() > 0 {
		for i, l := range e.lines[e.addr1 : e.addr2+1] {
			w.WriteString(l.text)
			w.WriteByte('\n')
			count += utf8.RuneCountInString(l.text) + 1
			e.poll(i)
		}
	}
	if w.Flush() != nil {
		e.check()
		e.fail()
	}
	if e.verbose {
		e.putcount(count)
	}
	if e.addr1 <= 1 && e.addr2 == e.dol() || then == 'Q' {
		e.changed = false
	}
	if then != 0 {
		e.quit()
	}
}
