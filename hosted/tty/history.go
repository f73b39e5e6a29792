package tty

import (
	"bytes"
	"os"
	"strings"
	"sync"
)

// maxHistory is how many lines are remembered.
const maxHistory = 1000

// A History is the lines that were typed, of all consoles of a user. It is
// kept in a file if it has one.
type History struct {
	mu    sync.Mutex // guards lines and writes to the file
	lines []string   // oldest first
	file  string
}

// NewHistory returns the history kept in the named file, which need not exist;
// "" keeps it in memory only. What cannot be read or written is not
// remembered: a console works without.
func NewHistory(file string) *History {
	h := &History{file: file}
	if file == "" {
		return h
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return h
	}
	for _, l := range bytes.Split(b, []byte("\n")) {
		if len(l) > 0 {
			h.lines = append(h.lines, string(l))
		}
	}
	if len(h.lines) > 2*maxHistory {
		h.trim()
		h.rewrite()
	}
	h.trim()
	return h
}

func (h *History) trim() { h.lines = h.lines[max(0, len(h.lines)-maxHistory):] }

// rewrite replaces the file, which has become long.
func (h *History) rewrite() {
	text := strings.Join(h.lines, "\n") + "\n"
	if os.WriteFile(h.file+".new", []byte(text), 0600) == nil {
		os.Rename(h.file+".new", h.file)
	}
}

// Add remembers a line: at once in the file, so that a killed program has
// forgotten nothing.
func (h *History) Add(line string) {
	if strings.TrimSpace(line) == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.lines); n > 0 && h.lines[n-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	h.trim()
	if h.file == "" {
		return
	}
	f, err := os.OpenFile(h.file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0600)
	if err != nil {
		return
	}
	defer f.Close()
	f.WriteString(line + "\n")
}

// back returns the i-th line before now; 1 is the last.
func (h *History) back(i int) (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i < 1 || i > len(h.lines) {
		return "", false
	}
	return h.lines[len(h.lines)-i], true
}

// search returns the nearest line from the i-th before now on that contains
// s, and which one it is.
func (h *History) search(s string, i int) (string, int) {
	for ; ; i++ {
		l, ok := h.back(i)
		if !ok {
			return "", 0
		}
		if strings.Contains(l, s) {
			return l, i
		}
	}
}
