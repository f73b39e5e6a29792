package tty

import (
	"bytes"
	"strings"
	"time"
)

// listen passes on what the terminal sends, until it ends.
func (e *Editor) listen() {
	defer close(e.in)
	for {
		buf := make([]byte, 256)
		n, err := e.rw.Read(buf)
		if n > 0 {
			e.in <- buf[:n]
		}
		if err != nil {
			return
		}
	}
}

// edit works on what listen passes on, until that ends.
func (e *Editor) edit() {
	var rest []byte
	for {
		b, ok := e.more(rest)
		if !ok {
			break
		}
		rest = e.input(b)
	}
	e.mu.Lock()
	e.gone = true
	e.changed()
	e.mu.Unlock()
	e.stop(false)
	e.Note("hangup")
}

// What has begun with ESC may take so long to go on: a Size, whose bytes are sent
// together, and a key where ESC alone is one, too, that ends a question.
const (
	sizeTime = 20 * time.Millisecond
	escTime  = 100 * time.Millisecond
)

// more waits for input and returns it after the rest there is. Of what is not
// edited, a rest can only be the beginning of a Size: if that does not go on it
// was typed.
func (e *Editor) more(rest []byte) ([]byte, bool) {
	var late <-chan time.Time
	if wait := e.patience(rest); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		late = t.C
	}
	for {
		select {
		case b, ok := <-e.in:
			if !ok && e.asIs() {
				e.give(rest)
			}
			return append(rest, b...), ok
		case <-late:
			late = nil
			switch {
			case e.asIs():
				e.give(rest)
				rest = nil
			case string(rest) == "\x1b":
				e.press(0x1b)
				rest = nil
			}
		}
	}
}

// patience returns how long a rest is waited for; 0 is for ever.
func (e *Editor) patience(rest []byte) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case len(rest) > 0 && (e.raw || e.plain):
		return sizeTime
	case string(rest) == "\x1b" && (e.recall.searching || e.asking != nil):
		return escTime
	}
	return 0
}

// press does what a key asks for.
func (e *Editor) press(k key) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.key(k)
	e.flush()
}

// asIs reports whether input is passed on as it comes.
func (e *Editor) asIs() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.raw || e.plain
}

// input takes the keys in b and returns what is not a whole key yet.
func (e *Editor) input(b []byte) []byte {
	for len(b) > 0 {
		if e.pasting {
			b = e.pasted(b)
			continue
		}
		k, n, width, height := next(b)
		asIs := e.asIs() && k != keySize && k != keyPastes
		switch {
		case asIs && partOfSize(b), !asIs && n == 0:
			return b
		case k != keySize && k != keyPastes && k != ctrl('t'):
			e.stop(!asIs && k == ctrl('s') && e.idle())
		}
		if asIs {
			b = b[e.give(b[:max(n, 1)]):]
			continue
		}
		b = b[n:]
		switch {
		case k == keySize:
			e.SetSize(width, height)
		case k == keyPastes:
			e.SetSize(width, height)
			e.SetPastes()
		case k == keyPaste:
			e.pasting = true
		case k == ctrl('c'):
			e.Note("interrupt")
		case k == ctrl('t') && e.idle():
			e.status()
		case k == '\t' && e.opt.Complete != nil && e.completable():
			b = e.complete(b)
		default:
			e.press(k)
		}
	}
	return nil
}

// completable reports whether there is something before the cursor that could be
// completed: if not, a tab is one.
func (e *Editor) completable() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := &e.screen.line
	return e.asking == nil && strings.TrimSpace(string(l.text[:l.pos])) != ""
}

// idle reports whether no line is being edited: nothing is typed, or nobody
// reads, and none is looked for.
func (e *Editor) idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.recall.searching && (len(e.screen.line.text) == 0 || !e.waiting)
}

// status prints what Options.Status says.
func (e *Editor) status() {
	if e.opt.Status == nil {
		return
	}
	text := e.opt.Status()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.screen.prompt == "" && e.screen.part != "" {
		text = "\n" + text // output that has not ended its line
	}
	e.screen.print(text + "\n")
	e.flush()
}

// pasteEnd is what a terminal sends after what is pasted.
const pasteEnd = "\x1b[201~"

// pasted takes what is pasted from b, and returns what comes after it. Up to its
// end everything is text, tabs and newlines, too; but ^C gives up, lest an end
// that never comes takes the keyboard away.
func (e *Editor) pasted(b []byte) []byte {
	e.paste = append(e.paste, b...)
	end, rest := bytes.Index(e.paste, []byte(pasteEnd)), []byte(nil)
	if stop := bytes.IndexByte(e.paste, byte(ctrl('c'))); stop >= 0 && (end < 0 || stop < end) {
		rest = bytes.Clone(e.paste[stop:])
		e.paste, e.pasting = nil, false
		return rest
	}
	if end < 0 {
		return nil
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(e.paste[:end]))
	rest = bytes.Clone(e.paste[end+len(pasteEnd):])
	e.paste, e.pasting = nil, false
	e.mu.Lock()
	defer e.mu.Unlock()
	l := &e.screen.line
	was := l.now()
	l.insert([]rune(text)...)
	l.changed(was, false)
	e.screen.redraw()
	e.flush()
	return rest
}

// give passes bytes on that are not edited, and returns how many there were:
// keys when the terminal is raw, else lines of a script.
func (e *Editor) give(b []byte) int {
	e.mu.Lock()
	if e.raw && len(b) > 0 {
		e.push(bytes.Clone(b))
	}
	raw := e.raw
	e.mu.Unlock()
	for _, c := range b {
		if !raw {
			e.scripted(c)
		}
	}
	return len(b)
}

// scripted takes a byte that comes from no terminal.
func (e *Editor) scripted(c byte) {
	if c == byte(ctrl('c')) {
		e.Note("interrupt")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c != byte(ctrl('d')) {
		e.part = append(e.part, c)
	}
	if c == '\n' || c == byte(ctrl('d')) {
		e.push(e.part)
		e.part = nil
	}
}

// setPlain says whether there is no terminal; what has been typed of a line
// stays. e.mu is held.
func (e *Editor) setPlain(on bool) {
	if on == e.plain {
		return
	}
	e.plain = on
	l := &e.screen.line
	if on {
		e.part = []byte(string(l.text))
		l.set("")
		e.recall = recall{}
	} else {
		l.set(string(e.part))
		e.part = nil
	}
}
