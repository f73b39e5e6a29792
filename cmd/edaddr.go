package cmd

// none is an address that was not given.
const none = -1

// dol returns the number of the last line.
func (e *ed) dol() int { return len(e.lines) - 1 }

// addresses reads those before a command and returns its letter. Sep is what
// stood before the last address, a newline if there was only one; last is that,
// or none.
func (e *ed) addresses() (cmd, sep unit, last int) {
	cmd, e.addr1 = '\n', none
	for {
		sep = cmd
		last = e.address()
		cmd = e.get()
		if cmd != ',' && cmd != ';' {
			break
		}
		if sep == ',' {
			e.fail()
		}
		if last == none {
			last = min(1, e.dol())
		}
		e.addr1 = last
		if cmd == ';' {
			e.dot = last
		}
	}
	if sep != '\n' && last == none {
		last = e.dol()
	}
	e.addr2, e.given = last, last != none
	if !e.given {
		e.addr2 = e.dot
	}
	if e.addr1 == none {
		e.addr1 = e.addr2
	}
	return cmd, sep, last
}

// address reads an address, a sum of terms. An empty one is none.
func (e *ed) address() int {
	a, sign := e.dot, 1
	terms, dangling := 0, -1 // a sign ends the terms if the two are equal
	for a >= 0 && a <= e.dol() {
		c := e.blank()
		switch {
		case c >= '0' && c <= '9':
			e.peek = c
			if terms == 0 {
				a = 0
			}
			a += sign * e.number()
		case c == '$' || c == '.' || c == '\'':
			if terms > 0 {
				e.fail()
			}
			a = e.place(c)
		case c == '?' || c == '/':
			if c == '?' {
				sign = -sign
			}
			e.expression(c)
			a = e.search(a, sign)
		default:
			if dangling == terms {
				if a += sign; a < 0 || a > e.dol() {
					continue
				}
			}
			if c != '+' && c != '-' && c != '^' {
				e.peek = c
				if terms == 0 {
					return none
				}
				return a
			}
			if sign = 1; c != '+' {
				sign = -1
			}
			terms++
			dangling = terms
			continue
		}
		sign = 1
		terms++
	}
	e.fail()
	return none
}

// place returns the line of one of the addresses that stand for a line.
func (e *ed) place(c unit) int {
	switch c {
	case '$':
		return e.dol()
	case '.':
		return e.dot
	}
	c = e.get()
	if c < 'a' || c > 'z' {
		e.fail()
	}
	if mark := e.marks[c-'a']; mark != nil {
		for i, l := range e.lines {
			if l == mark {
				return i
			}
		}
	}
	return e.dol() + 1
}

// search returns the next line from a in the direction of sign that matches.
func (e *ed) search(a, sign int) int {
	for range len(e.lines) {
		a += sign
		switch {
		case sign < 0 && a <= 0:
			a = e.dol()
		case a > e.dol():
			a = 0
		}
		if a > 0 && e.pattern.matches(e.lines[a].text) {
			return a
		}
		e.poll(a)
	}
	e.fail()
	return none
}

// poll lets notes in, now and then, in a loop of which i counts.
func (e *ed) poll(i int) {
	if i%1024 == 0 {
		e.p.Sleep(0)
		e.check()
	}
}

// wide makes all lines the default.
func (e *ed) wide() {
	if !e.given {
		e.addr1, e.addr2 = min(1, e.dol()), e.dol()
	}
}

// noaddr is for commands that take none.
func (e *ed) noaddr() {
	if e.given {
		e.fail()
	}
}

// within wants addresses in order, from first on.
func (e *ed) within(first int) {
	if e.addr1 < first || e.addr2 > e.dol() || e.addr1 > e.addr2 {
		e.fail()
	}
}
