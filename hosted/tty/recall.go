package tty

import "strings"

// recall is where one is among the lines typed before.
type recall struct {
	lines []string // those there were when one began to look; others may come
	at    int      // lines back from the end of them; 0 is the line being typed
	typed string   // that line, while another is shown
	head  string   // what the lines begin with that are shown in turn

	searching bool
	pattern   []rune
	failed    bool // nothing (more) contains the pattern
}

// begin takes the lines there are, if one is at the line being typed.
func (e *Editor) begin() {
	if e.recall.at == 0 {
		e.recall.lines = e.opt.History.all()
		e.recall.typed = string(e.screen.line.text)
	}
}

// show shows the i-th line back.
func (e *Editor) show(i int) {
	r := &e.recall
	r.at = i
	if i == 0 {
		e.screen.line.set(r.typed)
	} else {
		e.screen.line.set(r.lines[len(r.lines)-i])
	}
}

// older shows the line typed before the one shown: of those that begin as the
// one being typed does, if there are any.
func (e *Editor) older() {
	r := &e.recall
	e.begin()
	shown := string(e.screen.line.text)
	if r.at == 0 {
		r.head = r.typed
		if r.search(1, 1, shown, r.begins) == 0 {
			r.head = ""
		}
	}
	if i := r.search(r.at+1, 1, shown, r.begins); i > 0 {
		e.show(i)
	}
}

// newer shows the line typed after the one shown.
func (e *Editor) newer() {
	if r := &e.recall; r.at > 0 {
		e.show(r.search(r.at-1, -1, string(e.screen.line.text), r.begins))
	}
}

// search returns the nearest line that is wanted and not the one shown, going
// from the i-th line back in steps of step; 0 for none.
func (r *recall) search(i, step int, shown string, wanted func(string) bool) int {
	for ; i > 0 && i <= len(r.lines); i += step {
		if l := r.lines[len(r.lines)-i]; l != shown && wanted(l) {
			return i
		}
	}
	return 0
}

func (r *recall) begins(line string) bool { return strings.HasPrefix(line, r.head) }

func (r *recall) contains(line string) bool { return strings.Contains(line, string(r.pattern)) }

// prompt returns what is shown in a search.
func (r *recall) prompt() string {
	if r.failed {
		return "search " + string(r.pattern) + " (no more): "
	}
	return "search " + string(r.pattern) + ": "
}

// searchKey does what a key means in a search, and reports whether that is
// all it means.
func (e *Editor) searchKey(k key) bool {
	r, s := &e.recall, &e.screen
	from, step, shown := max(r.at, 1), 1, ""
	switch {
	case k == ctrl('r'):
		from, shown = r.at+1, string(s.line.text)
	case k == ctrl('s'):
		from, step, shown = r.at-1, -1, string(s.line.text)
	case k == ctrl('h') || k == 0x7f:
		r.pattern = r.pattern[:max(0, len(r.pattern)-1)]
		from = 1
	case k >= ' ' && k < keyUp:
		r.pattern = append(r.pattern, rune(k))
	default:
		r.searching, r.pattern, r.failed, s.search = false, nil, false, ""
		if k == ctrl('g') {
			e.show(0)
		}
		s.redraw()
		return k == ctrl('g')
	}
	r.failed = false
	if len(r.pattern) > 0 {
		at := r.search(from, step, shown, r.contains)
		if r.failed = at == 0; !r.failed {
			e.show(at)
		}
	}
	s.search = r.prompt()
	s.redraw()
	return true
}
