package tty

// recall is where one is among the lines typed before.
type recall struct {
	at    int    // lines back from now; 0 is the line being typed
	typed string // that line, while another is shown

	searching bool
	pattern   []rune
}

// older shows the line typed before the one shown.
func (e *Editor) older() {
	l, ok := e.opt.History.back(e.recall.at + 1)
	if !ok {
		return
	}
	if e.recall.at == 0 {
		e.recall.typed = string(e.screen.line.text)
	}
	e.recall.at++
	e.screen.line.set(l)
}

// newer shows the line typed after the one shown.
func (e *Editor) newer() {
	if e.recall.at == 0 {
		return
	}
	e.recall.at--
	l, ok := e.opt.History.back(e.recall.at)
	if !ok {
		l = e.recall.typed
	}
	e.screen.line.set(l)
}

// prompt returns what is shown in a search.
func prompt(pattern string) string { return "search " + pattern + ": " }

// searchKey does what a key means in a search, and reports whether that is
// all it means.
func (e *Editor) searchKey(k key) bool {
	r, s := &e.recall, &e.screen
	from := max(r.at, 1)
	switch {
	case k == ctrl('r'):
		from = r.at + 1
	case k == ctrl('h') || k == 0x7f:
		r.pattern = r.pattern[:max(0, len(r.pattern)-1)]
		from = 1
	case k >= ' ' && k < keyUp:
		r.pattern = append(r.pattern, rune(k))
	default:
		r.searching, r.pattern, s.search = false, nil, ""
		if k == ctrl('g') {
			s.line.set(r.typed)
			r.at = 0
		}
		s.redraw()
		return k == ctrl('g')
	}
	if len(r.pattern) > 0 {
		if l, at := e.opt.History.search(string(r.pattern), from); at > 0 {
			if r.at == 0 {
				r.typed = string(s.line.text)
			}
			r.at = at
			s.line.set(l)
		}
	}
	s.search = prompt(string(r.pattern))
	s.redraw()
	return true
}
