// Package tty is what stands behind the console of a node on the host: an
// [Editor], which edits lines on a terminal it reaches as a stream of bytes,
// and a [Dumb], for input that is no terminal. Both are dev.Terminals.
// [MakeRaw] prepares the host's terminal for an Editor, and gives it back.
//
// An Editor does not care where its bytes go: a console that is used through
// a socket has its Editor in the node's process, and the program at the other
// end only passes bytes. [Size] tells such an Editor how large the window is.
//
//	^A ^E            to the beginning, the end of the line
//	^B ^F ← →        by a character; with Alt or Ctrl an arrow goes by a word
//	^H Backspace     erase the character before; ^W the word
//	^D Delete        erase the character at the cursor
//	^U ^K            erase all before, all after the cursor
//	^Y               bring back what these, ^W or Alt-d erased last
//	^T               exchange two characters; if none are typed, or a program
//	                 runs: say what does
//	^_               undo
//	^P ^N ↑ ↓        lines typed before: those that begin with what is typed
//	^R ^S            search them backwards, forwards; Esc ends that, ^G gives up
//	Tab              complete a name, or show what there is
//	^L               clear the screen
//	^S               stop output, when no line is begun, until the next key
//	^C               interrupt
//	^D               on an empty line: end of file
package tty

import (
	"context"
	"io"
	"strings"
	"sync"

	"ufo/ninep"
)

// Options are what an Editor can do without. The zero value is useful.
type Options struct {
	// Width of the terminal in columns; 0 is 80. Height in rows; 0 is
	// not known.
	Width, Height int

	// Plain is set if there may be no terminal: until a Size arrives, and
	// after one of no columns, nothing is echoed or edited. Of what comes
	// in, only ^C and ^D have a meaning then.
	Plain bool

	// History is where lines typed are remembered; nil for none.
	History *History

	// Pastes is set if the terminal can say what is pasted: see Pastes. One
	// that is reached through a stream says so itself: see Hello.
	Pastes bool

	// Command reports whether who reads now reads commands: only these are
	// remembered. Nil: everybody does.
	Command func() bool

	// Complete returns what could stand in line up to byte pos. It returns
	// when ctx is done.
	Complete func(ctx context.Context, line string, pos int) Completion

	// Status returns what runs at this terminal, in a line without a
	// newline. It does not block.
	Status func() string
}

// An Editor is a terminal with line editing.
type Editor struct {
	rw  io.ReadWriter
	opt Options
	in  chan []byte // what the terminal sends; closed at its end

	pasting bool   // what comes in is pasted: edit's own
	paste   []byte // what has come of that

	mu      sync.Mutex // guards what follows, and writes to rw
	screen  screen
	recall  recall
	asking  []string // names, of which it is asked whether they shall be shown
	pastes  bool     // the terminal can say what is pasted
	raw     bool
	plain   bool
	part    []byte // of a line, while plain
	gone    bool
	stopped chan struct{} // by ^S: closed when output goes on; nil while it does
	queue   []typed       // not yet read
	wake    chan struct{} // closed, and made anew, when queue or gone change
	waiting bool          // for a line, in Read
	note    func(string)
	size    size
	resized chan struct{} // closed, and made anew, when size changes
}

// A size is that of a terminal, as far as it has told it.
type size struct{ rows, cols int }

// typed is what the next Read returns: a line, keys, or nothing for ^D.
type typed struct {
	text   []byte
	ahead  bool // a line typed when nobody waited for one
	hidden bool // one of several that were pasted: it is not on the screen
	edited bool // a line that was edited, nothing of which has been read
}

// NewEditor returns an Editor for the terminal behind rw, which is in raw
// mode. Two goroutines work for it until a read from rw fails.
func NewEditor(rw io.ReadWriter, opt Options) *Editor {
	if opt.Width <= 0 {
		opt.Width = 80
	}
	if opt.History == nil {
		opt.History = NewHistory("")
	}
	e := &Editor{rw: rw, opt: opt, in: make(chan []byte), plain: opt.Plain, wake: make(chan struct{})}
	e.screen.width = opt.Width
	e.resized = make(chan struct{})
	if opt.Height > 0 {
		e.size = size{opt.Height, opt.Width}
	}
	if opt.Pastes && !opt.Plain {
		e.SetPastes()
	}
	go e.listen()
	go e.edit()
	return e
}

// Read returns a line that was typed, or keys if the terminal is raw. There is
// one Read at a time.
func (e *Editor) Read(ctx context.Context, p []byte) (int, error) {
	command := e.opt.Command == nil || e.opt.Command()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wait(true)
	defer e.wait(false)
	for len(e.queue) == 0 {
		if e.gone {
			return 0, ninep.ErrHungup
		}
		wake := e.wake
		e.mu.Unlock()
		select {
		case <-ctx.Done():
			e.mu.Lock()
			return 0, ninep.ErrIntr
		case <-wake:
			e.mu.Lock()
		}
	}
	if ctx.Err() != nil { // it is for the next Read
		return 0, ninep.ErrIntr
	}
	first := &e.queue[0]
	if first.hidden || first.ahead && e.screen.prompt != "" {
		e.screen.repeat(string(first.text))
		e.flush()
	}
	if first.edited && command {
		e.opt.History.Add(strings.TrimSuffix(string(first.text), "\n"))
	}
	n := copy(p, first.text)
	*first = typed{text: first.text[n:]}
	if len(first.text) == 0 {
		e.queue = e.queue[1:]
	}
	return n, nil
}

// wait notes that a Read begins or ends. While there is one, what was an
// unfinished line of output is the prompt it reads after.
func (e *Editor) wait(on bool) {
	e.waiting = on
	s := &e.screen
	if on {
		s.part, s.prompt = "", s.part
	} else {
		s.part, s.prompt = s.part+s.prompt, ""
	}
}

// Write prints p.
func (e *Editor) Write(ctx context.Context, p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.stopped != nil && !e.gone {
		stopped := e.stopped
		e.mu.Unlock()
		select {
		case <-stopped:
			e.mu.Lock()
		case <-ctx.Done():
			e.mu.Lock()
			return 0, ninep.ErrIntr
		}
	}
	if e.gone {
		return 0, ninep.ErrHungup
	}
	switch {
	case e.plain:
		e.screen.print(string(p))
		e.flush()
		e.rw.Write(p)
	case e.raw:
		e.screen.out.WriteString(strings.ReplaceAll(string(p), "\n", "\r\n"))
		e.screen.part = ""
	default:
		e.screen.print(string(p))
	}
	e.flush()
	return len(p), nil
}

// stop stops output, or lets it go on.
func (e *Editor) stop(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case on && e.stopped == nil:
		e.stopped = make(chan struct{})
	case !on && e.stopped != nil:
		close(e.stopped)
		e.stopped = nil
	}
}

// flush sends what was drawn. An error shows in the next read, too.
func (e *Editor) flush() {
	if e.screen.out.Len() > 0 && !e.plain {
		io.WriteString(e.rw, e.screen.out.String())
	}
	e.screen.out.Reset()
}

// SetRaw turns line editing off or on. The line that is being typed becomes
// keys.
func (e *Editor) SetRaw(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.raw == on {
		return
	}
	e.raw = on
	e.pasteMode(!on)
	e.flush()
	if text := string(e.screen.line.text); text != "" {
		e.screen.part = e.screen.lead() + text
		e.screen.prompt = ""
		e.screen.line.reset()
		e.push([]byte(text))
	}
}

// SetPastes says that the terminal can say what is pasted. It does so from then
// on, except when it is raw: then programs see the keys, and may ask for it
// themselves. Whoever has the terminal ends it: see Raw.Restore.
func (e *Editor) SetPastes() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pastes = true
	if !e.raw {
		e.pasteMode(true)
	}
	e.flush()
}

// pasteMode turns the mode on or off, in which the terminal says that. e.mu is
// held.
func (e *Editor) pasteMode(on bool) {
	if e.pastes {
		e.screen.out.WriteString(setPasteMode(on))
	}
}

// SetNote says whom to tell of ^C and of the terminal's end.
func (e *Editor) SetNote(f func(note string)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.note = f
}

// SetSize says how large the terminal is now; that there is one, too, or with
// 0 columns that there is none any more.
func (e *Editor) SetSize(columns, rows int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := (size{rows, columns}); columns > 0 && rows > 0 && now != e.size {
		e.size = now
		close(e.resized)
		e.resized = make(chan struct{})
	}
	was := e.plain
	e.setPlain(columns == 0 && e.opt.Plain)
	if e.plain {
		e.pastes = false
	}
	switch {
	case columns > 0 && was:
		e.screen.width = columns
		e.redraw()
	case columns > 0 && columns != e.screen.width:
		// The terminal has wrapped what it shows anew, as most do: what is
		// being typed may have more rows now, or fewer.
		s := &e.screen
		s.width = columns
		_, at, _ := s.layout()
		s.row = at.row
		if len(s.line.text) > 0 {
			s.redraw()
			e.flush()
		}
	}
}

// Redraw draws prompt and line where the cursor is: the terminal was used by
// others meanwhile.
func (e *Editor) Redraw() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.redraw()
}

// redraw is Redraw with e.mu held.
func (e *Editor) redraw() {
	s := &e.screen
	s.row = 0
	if !e.raw {
		e.pasteMode(true)
	}
	if !e.raw && (s.lead() != "" || len(s.line.text) > 0) {
		s.redraw()
	}
	e.flush()
}

// Size returns how large the terminal is, 0 and 0 before it has told that, and
// a channel that is closed when it changes.
func (e *Editor) Size() (rows, cols int, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size.rows, e.size.cols, e.resized
}

// Note interrupts what runs on this terminal as ^C does, when note is
// "interrupt"; other notes are passed on.
func (e *Editor) Note(note string) {
	e.mu.Lock()
	if note == "interrupt" {
		e.queue, e.part = nil, nil
		e.recall, e.asking = recall{}, nil
		if s := &e.screen; s.lead() != "" || len(s.line.text) > 0 {
			s.line.move(len(s.line.text))
			s.end()
			e.flush()
		}
	}
	f := e.note
	e.mu.Unlock()
	if f != nil {
		f(note)
	}
}

// push gives something to the next Read. e.mu is held.
func (e *Editor) push(p []byte) {
	// Who waits gets the first: the others are for later, though they may have
	// come at once.
	e.queue = append(e.queue, typed{text: p, ahead: !e.raw && (!e.waiting || len(e.queue) > 0)})
	e.changed()
}

func (e *Editor) changed() {
	close(e.wake)
	e.wake = make(chan struct{})
}
