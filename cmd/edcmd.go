package cmd

import (
	"ufo/ninep"
	"ufo/proc"
)

// commands does commands until there are no more.
func (e *ed) commands() {
	for {
		if e.print {
			e.print = false
			e.addr1, e.addr2 = e.dot, e.dot
			e.printlines()
		}
		e.check()
		cmd, sep, last := e.addresses()
		if cmd == edEOF {
			return
		}
		if cmd == '\n' {
			if last == none {
				e.addr1, e.addr2 = e.dot+1, e.dot+1
			} else if sep == ';' {
				e.addr1 = last
			}
			e.printlines()
			continue
		}
		if !e.textcmd(cmd) && !e.linecmd(cmd) && !e.filecmd(cmd) {
			e.fail()
		}
		e.commit()
	}
}

// textcmd does the commands that print, or take text; false if cmd is none.
func (e *ed) textcmd(cmd unit) bool {
	switch cmd {
	case 'a':
		e.add()
	case 'i':
		if e.given || e.dol() > 0 {
			e.addr1--
			e.addr2--
		}
		e.add()
	case 'b':
		e.within(1)
		e.browse()
	case 'c':
		e.within(1)
		e.eol()
		e.delete(e.addr1, e.addr2)
		e.input(e.addr1 - 1)
	case 'l', 'n', 'p', 'P':
		e.listf, e.numf = e.listf || cmd == 'l', e.numf || cmd == 'n'
		e.eol()
		e.printlines()
	case '=':
		e.wide()
		e.within(0)
		e.eol()
		e.putcount(e.addr2)
	default:
		return false
	}
	return true
}

// linecmd does the commands that change lines; false if cmd is none.
func (e *ed) linecmd(cmd unit) bool {
	switch cmd {
	case 'd':
		e.within(1)
		e.eol()
		e.delete(e.addr1, e.addr2)
	case 'g', 'v':
		e.global(cmd == 'g')
	case 'j':
		if !e.given {
			e.addr2++
		}
		e.eol()
		e.join()
	case 'k':
		e.within(1)
		c := e.get()
		if c < 'a' || c > 'z' {
			e.fail()
		}
		e.eol()
		e.marks[c-'a'] = e.lines[e.addr2]
	case 'm':
		e.move()
	case 's':
		e.within(1)
		e.substitute()
	case 't':
		e.copy()
	case 'u':
		e.within(1)
		e.eol()
		if e.newline == nil || e.lines[e.addr2] != e.newline {
			e.fail()
		}
		e.lines[e.addr2], e.dot = e.oldline, e.addr2
	default:
		return false
	}
	return true
}

// filecmd does the commands about files and the world; false if cmd is none.
func (e *ed) filecmd(cmd unit) bool {
	switch cmd {
	case 'E', 'e':
		if cmd == 'E' {
			e.changed = false
		}
		e.noaddr()
		if e.verbose && e.changed {
			e.changed = false
			e.fail()
		}
		name := e.filename('e')
		e.clear()
		e.addr2 = 0
		e.readfile(name)
	case 'f':
		e.noaddr()
		e.filename('f')
		e.putstring(e.saved)
	case 'Q', 'q':
		if cmd == 'Q' {
			e.changed = false
		}
		e.noaddr()
		e.eol()
		e.quit()
	case 'r':
		e.readfile(e.filename('r'))
	case 'w', 'W':
		e.write(cmd)
	case '!':
		e.shell()
	default:
		return false
	}
	return true
}

// add is a, and i after that has gone a line back.
func (e *ed) add() {
	e.within(0)
	e.eol()
	e.input(e.addr2)
}

// input takes text after line n.
func (e *ed) input(n int) {
	e.begin(n)
	for {
		line, ok := e.text()
		if !ok {
			return
		}
		e.append(line)
	}
}

// browse prints a page.
func (e *ed) browse() {
	c := e.get()
	forward := c != '-'
	if c != '-' && c != '+' {
		e.peek = c
	}
	if n := e.number(); n > 0 {
		e.page = n
	}
	e.eol()
	if e.print {
		e.pagel, e.pagen = e.listf, e.numf
	} else {
		e.listf, e.numf = e.pagel, e.pagen
	}
	if forward {
		e.addr1, e.addr2 = e.addr2, min(e.addr2+e.page, e.dol())
	} else {
		e.addr1 = max(e.addr2-e.page, 1)
	}
	e.printlines()
}

// shell lets rc do the rest of the line.
func (e *ed) shell() {
	e.noaddr()
	var cmd []byte
	for c := e.get(); c != edEOF && c != '\n'; c = e.get() {
		cmd = appendUnit(cmd, c)
	}
	e.out.Flush()
	e.waiting = true
	defer func() { e.waiting = false }()
	pid, err := e.p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
		p.Notify(nil)
		err := p.Exec("/bin/rc", []string{"rc", "-c", string(cmd)})
		return fatal(p, "rc: %v", err)
	})
	if err != nil {
		e.fail()
	}
	for {
		w, err := e.p.Wait()
		if err == nil && w.Pid == pid || err != nil && err != ninep.ErrIntr {
			break
		}
	}
	if e.verbose {
		e.putstring("!")
	}
}
