package main

import (
	"strings"
	"sync"
)

// A lastLines keeps what was said last.
type lastLines struct {
	mu    sync.Mutex // guards lines
	lines []string
}

// keptLines is how many lines are kept.
const keptLines = 500

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) >= 2*keptLines {
		l.lines = append([]string(nil), l.lines[keptLines:]...)
	}
	l.lines = append(l.lines, line)
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		return ""
	}
	return strings.Join(l.lines[max(0, len(l.lines)-keptLines):], "\n") + "\n"
}
