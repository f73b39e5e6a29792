package rc

import (
	"slices"
	"strconv"
	"strings"
)

// An aim says what becomes of the patterns in a word.
type aim int

const (
	aimNames   aim = iota // replaced by the file names they match
	aimText               // characters like others: in names of variables
	aimPattern            // left as they are, with marks: for ~ and case
)

// A list of which a loop makes ever more must not take the other nodes along,
// which live in the memory of one program: so many words it may have, and so
// many bytes the text of one, or of all that are made anew.
const (
	maxWords = 4 << 20
	maxText  = 64 << 20
)

// tooMuch is what happens to who wants more.
func (sh *shell) tooMuch() error { return sh.fail("out of memory") }

// words appends the values of words to dst. As in other rcs they are evaluated
// from the right to the left, which a program can see: from $status behind a
// command in backquotes, for one. So values are appended back to front, and
// the whole is turned at the end.
func (sh *shell) words(dst []string, words []word, a aim) ([]string, error) {
	if len(words) == 1 {
		return sh.word(dst, words[0], a)
	}
	start := len(dst)
	for i := len(words) - 1; i >= 0; i-- {
		n := len(dst)
		var err error
		if dst, err = sh.word(dst, words[i], a); err != nil {
			return nil, err
		}
		if len(dst)-n > 1 {
			slices.Reverse(dst[n:])
		}
	}
	slices.Reverse(dst[start:])
	return dst, nil
}

// args is words for a list of which glob says whether there are patterns in it.
// File names are looked up when all words have their values, and commands in
// them have run.
func (sh *shell) args(dst []string, words []word, glob bool, a aim) ([]string, error) {
	if !glob || a != aimNames {
		return sh.words(dst, words, a)
	}
	patterns, err := sh.words(sh.temp(), words, aimPattern)
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		dst = sh.glob(dst, p)
	}
	sh.release(patterns)
	return dst, nil
}

// word appends the value of w to dst.
func (sh *shell) word(dst []string, w word, a aim) ([]string, error) {
	switch w := w.(type) {
	case *literal:
		return sh.literal(dst, w, a), nil
	case *list:
		return sh.args(dst, w.words, w.glob, a)
	case *concat:
		return sh.concat(dst, w, a)
	}
	n := len(dst)
	dst, err := sh.computed(dst, w)
	if len(dst) > maxWords {
		return nil, sh.tooMuch()
	}
	if err == nil && a == aimPattern {
		for i := n; i < len(dst); i++ {
			dst[i] = escape(dst[i])
		}
	}
	return dst, err
}

func (sh *shell) literal(dst []string, w *literal, a aim) []string {
	switch {
	case a == aimText || w.pattern == "" && a == aimNames:
		return append(dst, w.text)
	case w.pattern == "":
		return append(dst, escape(w.text))
	case a == aimPattern:
		return append(dst, w.pattern)
	}
	return sh.glob(dst, w.pattern)
}

// concat appends the values of the parts joined: pairwise, or one to all.
func (sh *shell) concat(dst []string, w *concat, a aim) ([]string, error) {
	inner := aimText
	if w.glob && a != aimText {
		inner = aimPattern
	}
	all, err := sh.joined(w.parts, inner)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		switch {
		case inner == aimPattern && a == aimNames:
			dst = sh.glob(dst, s)
		case inner == aimText && a == aimPattern:
			dst = append(dst, escape(s))
		default:
			dst = append(dst, s)
		}
	}
	sh.release(all)
	return dst, nil
}

// joined returns parts joined, of which the last is evaluated first.
func (sh *shell) joined(parts []word, a aim) ([]string, error) {
	last := len(parts) - 1
	right, err := sh.word(sh.temp(), parts[last], a)
	if err != nil || last == 0 {
		return right, err
	}
	left, err := sh.joined(parts[:last], a)
	if err != nil {
		return nil, err
	}
	left, err = sh.join(left, right)
	sh.release(right)
	return left, err
}

// temp returns an empty list for a value that is soon forgotten; release
// takes it back.
func (sh *shell) temp() []string {
	n := len(sh.spare)
	if n == 0 {
		return make([]string, 0, 8)
	}
	t := sh.spare[n-1]
	sh.spare = sh.spare[:n-1]
	return t
}

func (sh *shell) release(t []string) {
	if cap(t) <= 64 { // a long one is not worth keeping
		sh.spare = append(sh.spare, t[:0])
	}
}

// join returns left^right, perhaps in the place of left.
func (sh *shell) join(left, right []string) ([]string, error) {
	l, r := len(left), len(right)
	switch {
	case l == 0 && r == 0:
		return nil, nil
	case l == 0 || r == 0:
		return nil, sh.fail("null list in concatenation")
	case l != 1 && r != 1 && l != r:
		return nil, sh.fail("mismatched list lengths in concatenation")
	case textLen(left)*(max(l, r)/l)+textLen(right)*(max(l, r)/r) > maxText:
		return nil, sh.tooMuch()
	case l == 1 && r == 1:
		left[0] += right[0]
		return left, nil
	}
	joined := make([]string, max(l, r))
	for i := range joined {
		joined[i] = left[min(i, l-1)] + right[min(i, r-1)]
	}
	return joined, nil
}

// textLen returns how many bytes of text a list has.
func textLen(list []string) (n int) {
	for _, s := range list {
		n += len(s)
	}
	return n
}

// computed appends the value of a word that is neither text nor made of words.
func (sh *shell) computed(dst []string, w word) ([]string, error) {
	switch w := w.(type) {
	case *variable:
		name, err := sh.varName(w.name, "$ variable name not singleton!")
		if err != nil {
			return nil, err
		}
		return append(dst, sh.value(name)...), nil
	case *count:
		name, err := sh.varName(w.name, "$# variable name not singleton!")
		if err != nil {
			return nil, err
		}
		return append(dst, strconv.Itoa(len(sh.value(name)))), nil
	case *flat:
		name, err := sh.varName(w.name, "$ variable name not singleton!")
		if err != nil {
			return nil, err
		}
		list := sh.value(name)
		if textLen(list)+len(list) > maxText {
			return nil, sh.tooMuch()
		}
		return append(dst, strings.Join(list, " ")), nil
	case *subscript:
		return sh.subscript(dst, w)
	case *backquote:
		return sh.backquote(dst, w)
	case *pipeFile:
		name, err := sh.pipeFile(w)
		return append(dst, name), err
	}
	panic("rc: unknown word")
}

// varName returns the name of a variable that w says; wrong is the message if it
// says none or several.
func (sh *shell) varName(w word, wrong string) (string, error) {
	if l, ok := w.(*literal); ok {
		return l.text, nil
	}
	name, err := sh.word(nil, w, aimText)
	if err != nil {
		return "", err
	}
	if len(name) != 1 {
		return "", sh.fail(wrong)
	}
	return name[0], nil
}

// subscript appends the elements of a variable that have the given numbers: n,
// m-n or m-. What there is not is left out.
func (sh *shell) subscript(dst []string, w *subscript) ([]string, error) {
	name, err := sh.varName(w.name, "$() variable name not singleton!")
	if err != nil {
		return nil, err
	}
	subs, err := sh.words(sh.temp(), w.subs, aimText)
	if err != nil {
		return nil, err
	}
	val := sh.get(name)
	for _, s := range subs {
		from, rest := leadingInt(s)
		to := from
		if rest, ok := strings.CutPrefix(rest, "-"); ok {
			if to, _ = leadingInt(rest); rest == "" {
				to = len(val)
			}
		}
		to = min(to, len(val))
		if 1 <= from && from <= to {
			dst = append(dst, val[from-1:to]...)
		}
	}
	sh.release(subs)
	return dst, nil
}

// leadingInt returns the number that s begins with, and the rest of s.
func leadingInt(s string) (n int, rest string) {
	for s != "" && '0' <= s[0] && s[0] <= '9' && n < 1<<30 {
		n, s = n*10+int(s[0]-'0'), s[1:]
	}
	return n, s
}

// one returns the value of w as one string: of a list, the elements with
// blanks between.
func (sh *shell) one(w word, a aim) (string, error) {
	val, err := sh.word(sh.temp(), w, a)
	if err != nil {
		return "", err
	}
	defer sh.release(val)
	return strings.Join(val, " "), nil
}

// backquote runs a command and appends the words of its output.
func (sh *shell) backquote(dst []string, w *backquote) ([]string, error) {
	seps := strings.Join(sh.get("ifs"), " ")
	if w.split != nil {
		var err error
		if seps, err = sh.one(w.split, aimText); err != nil {
			return nil, err
		}
	}
	rd, wr, err := sh.p.Pipe()
	if err != nil {
		return nil, sh.fail2("can't make pipe", err)
	}
	pid, err := sh.start(w.body.body, 0, 0, func(child *shell) error {
		child.p.Close(rd)
		child.redirs = &redir{op: redirOpen, from: wr, to: 1, next: child.redirs}
		return nil
	})
	sh.p.Close(wr)
	if err != nil {
		sh.p.Close(rd)
		return nil, err
	}
	out := sh.readAll(rd)
	sh.p.Close(rd)
	sh.wait(pid)
	if len(out) > maxText {
		return nil, sh.tooMuch()
	}
	return append(dst, splitFields(out, seps)...), nil
}

// readAll reads a descriptor to its end, or until a note comes, or it is too
// much.
func (sh *shell) readAll(fd int) string {
	if sh.buf == nil {
		sh.buf = make([]byte, readSize)
	}
	var b strings.Builder
	for {
		n, err := sh.p.Read(fd, sh.buf)
		if err != nil || n == 0 {
			return b.String()
		}
		if b.Write(sh.buf[:n]); b.Len() > maxText {
			return b.String()
		}
	}
}

// pipeFile starts a command with one end of a pipe on its standard output, or
// input, or both, and returns the name of the other.
func (sh *shell) pipeFile(w *pipeFile) (string, error) {
	mine, its, err := sh.p.Pipe()
	if err != nil {
		return "", sh.fail2("can't get pipe", err)
	}
	_, err = sh.start(w.body.body, sh.how, 0, func(child *shell) error {
		child.p.Close(mine)
		to := 0
		if w.op == opRead || w.op == opReadWrite {
			to = 1
		}
		child.redirs = &redir{op: redirOpen, from: its, to: to, next: child.redirs}
		if w.op == opReadWrite {
			child.redirs = &redir{op: redirDup, from: 1, to: 0, next: child.redirs}
		}
		return nil
	})
	sh.p.Close(its)
	if err != nil {
		sh.p.Close(mine)
		return "", err
	}
	fd := sh.redirs.away(sh.p, mine) // the program will look for it under this number
	sh.pipes = append(sh.pipes, fd)
	return "/fd/" + strconv.Itoa(fd), nil
}
