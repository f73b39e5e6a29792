package grid

import (
	"context"
	"strings"
	"sync"

	"ufo/ninep"
)

// An unattended terminal is the console of a node that nobody sits at: what
// is printed there is passed on a line at a time.
type unattended struct {
	line func(text string) // nil: to nobody

	mu   sync.Mutex // guards part
	part string     // of a line not yet whole
}

// Read waits: nothing is ever typed.
func (u *unattended) Read(ctx context.Context, _ []byte) (int, error) {
	<-ctx.Done()
	return 0, ninep.ErrIntr
}

// Write passes on the lines that are whole.
func (u *unattended) Write(_ context.Context, p []byte) (int, error) {
	if u.line == nil {
		return len(p), nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.part += string(p)
	for {
		line, rest, ok := strings.Cut(u.part, "\n")
		if !ok {
			return len(p), nil
		}
		u.part = rest
		u.line(line)
	}
}

// SetRaw does nothing.
func (u *unattended) SetRaw(bool) {}

// SetNote does nothing: there are no keys.
func (u *unattended) SetNote(func(note string)) {}
