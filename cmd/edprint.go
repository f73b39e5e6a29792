package cmd

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// printlines prints the addressed lines as the flags say.
func (e *ed) printlines() {
	e.within(1)
	for i := e.addr1; i <= e.addr2; i++ {
		e.poll(i)
		if e.numf {
			e.putlist(strconv.Itoa(i) + "\t")
		}
		e.col = 0
		e.putlist(e.lines[i].text)
		if e.listf && e.end == ' ' {
			e.out.WriteString(`\n`)
		}
		e.out.WriteByte('\n')
		e.end = 0
	}
	e.dot = e.addr2
	e.listf, e.numf, e.print = false, false, false
}

// putstring prints a line.
func (e *ed) putstring(s string) {
	e.out.WriteString(s)
	e.out.WriteByte('\n')
}

// putcount prints a number.
func (e *ed) putcount(n int) { e.putstring(strconv.Itoa(n)) }

// putlist prints s, in the form of the l command if that is asked for.
func (e *ed) putlist(s string) {
	if !e.listf {
		e.out.WriteString(s)
		return
	}
	for s != "" {
		c, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if e.col > 72-6-2 {
			e.col = 8
			e.out.WriteString("\\\n\t")
		}
		text := string(c)
		switch {
		case c == '\b':
			text = `\b`
		case c == '\t':
			text = `\t`
		case c == '\\':
			text = `\\`
		case c < ' ' || c >= 0x7f:
			text = fmt.Sprintf(`\x%04x`, c)
		}
		e.col += len(text)
		e.end = text[len(text)-1]
		e.out.WriteString(text)
	}
}
