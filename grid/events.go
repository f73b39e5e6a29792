package grid

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ufo/ninep"
)

// maxEvents is how many bytes of events are kept.
const maxEvents = 64 << 10

// Events are what has happened, one a line, for any number of readers:
//
//	0.009 n1 up
//	7.250 n1-n2 cut
//
// The number is seconds since the grid was made.
type events struct {
	start time.Time

	mu   sync.Mutex // guards the fields below
	text []byte
	base int64         // offset of text[0] in all that was ever said
	more chan struct{} // closed, and made anew, when text grows
}

func newEvents() *events { return &events{start: time.Now(), more: make(chan struct{})} }

// add appends a line.
func (e *events) add(what, event string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text = fmt.Appendf(e.text, "%.3f %s %s\n", time.Since(e.start).Seconds(), what, event)
	if len(e.text) > maxEvents {
		n := len(e.text) - maxEvents/2
		for e.text[n-1] != '\n' {
			n++
		}
		e.text = append([]byte(nil), e.text[n:]...)
		e.base += int64(n)
	}
	renew(&e.more)
}

// readAt reads what was said from off on; it waits until something was. Who
// reads behind what is kept gets the oldest there is.
func (e *events) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	for {
		e.mu.Lock()
		i := max(0, off-e.base)
		if i < int64(len(e.text)) {
			n := copy(p, e.text[i:])
			e.mu.Unlock()
			return n, nil
		}
		more := e.more
		e.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return 0, ninep.ErrIntr
		}
	}
}
