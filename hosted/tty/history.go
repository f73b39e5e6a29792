package tty

import (
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// What is remembered: so many lines, none longer than maxLine bytes. Of a file
// no more than maxFile bytes are read.
const (
	maxHistory = 1000
	maxLine    = 8 << 10
	maxFile    = 1 << 20
)

// A History is the lines that were typed, at all consoles of a user on a node.
// It is kept in a file if it has one, which several programs may use at once.
type History struct {
	mu     sync.Mutex // guards what follows, and is held while the file changes
	lines  []string   // oldest first; only appended to, or replaced
	file   string
	inFile int // lines, as far as this program knows
}

// NewHistory returns the history kept in the named file, which need not exist;
// "" keeps it in memory only. What cannot be read or written is not
// remembered: a console works without.
func NewHistory(file string) *History {
	h := &History{file: file}
	if file == "" {
		return h
	}
	f, err := os.Open(file)
	if err != nil {
		return h
	}
	defer f.Close()
	h.lines = lastLines(f)
	h.inFile = len(h.lines)
	h.lines = last(h.lines)
	return h
}

// lastLines returns the lines of a file, or the last of a long one.
func lastLines(f *os.File) []string {
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	from := max(0, info.Size()-maxFile)
	b, err := io.ReadAll(io.NewSectionReader(f, from, maxFile))
	if err != nil {
		return nil
	}
	lines := strings.Split(string(b), "\n")
	if from > 0 {
		lines = lines[1:] // the rest of a line
	}
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// last returns as many lines as are remembered.
func last(lines []string) []string { return lines[max(0, len(lines)-maxHistory):] }

// Add remembers a line: at once in the file, so that a killed program has
// forgotten nothing. A line that begins with a blank is not remembered: that
// is how to type a secret. Nor is one that was typed twice in a row.
func (h *History) Add(line string) {
	if strings.TrimSpace(line) == "" || line[0] == ' ' || len(line) > maxLine || strings.Contains(line, "\n") {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.lines); n > 0 && h.lines[n-1] == line {
		return
	}
	h.lines = last(append(h.lines, line))
	if h.file == "" {
		return
	}
	f := h.lock()
	if f == nil {
		return
	}
	defer f.Close() // which unlocks it
	f.WriteString(line + "\n")
	if h.inFile++; h.inFile > 2*maxHistory {
		h.rewrite(f)
	}
}

// lock returns the file, locked and open for more, nil if that cannot be. Who
// had the lock before may have put another file in its place.
func (h *History) lock() *os.File {
	for range 100 {
		f, err := os.OpenFile(h.file, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0600)
		if err != nil {
			return nil
		}
		err = syscall.EINTR
		for err == syscall.EINTR {
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		}
		mine, err1 := f.Stat()
		there, err2 := os.Stat(h.file)
		if err == nil && err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f
		}
		f.Close()
	}
	return nil
}

// rewrite puts the last lines of f, which has become long and is locked, in its
// place. They may be those of other programs.
func (h *History) rewrite(f *os.File) {
	lines := last(lastLines(f))
	text := strings.Join(lines, "\n") + "\n"
	if os.WriteFile(h.file+".new", []byte(text), 0600) == nil && os.Rename(h.file+".new", h.file) == nil {
		h.inFile = len(lines)
	}
}

// all returns the lines there are now, oldest first.
func (h *History) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clip(h.lines)
}
