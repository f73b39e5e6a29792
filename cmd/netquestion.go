package cmd

import (
	"context"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/ns"
)

// A netquestion is one opening of a file cs or dns: a request is written to it,
// and then each read returns one of the answers.
type netquestion struct {
	name string // of the file, before errors
	ask  func(ctx context.Context, request string) ([]string, error)

	mu      sync.Mutex // guards replies
	replies []string
}

// read returns the reply that the offset is in: one for each read.
func (q *netquestion) read(_ context.Context, p []byte, off int64) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.replies {
		if off < int64(len(r)) {
			return copy(p, r[off:]), nil
		}
		off -= int64(len(r))
	}
	return 0, nil
}

// maxRequest is the length of the longest request.
const maxRequest = 128

// write takes a request.
func (q *netquestion) write(ctx context.Context, p []byte) error {
	if len(p) >= maxRequest {
		return ninep.Error(q.name + ": request too long")
	}
	replies, err := q.ask(ctx, strings.TrimSuffix(string(p), "\n"))
	if err != nil {
		msg := err.Error() // which may come from such a file
		return ninep.Error(q.name + ": " + strings.TrimPrefix(msg, q.name+": "))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.replies = replies
	return nil
}

// askfile writes a request to such a file, and returns the answers.
func askfile(ctx context.Context, f *ns.Chan, request string) ([]string, error) {
	if _, err := f.WriteAt(ctx, []byte(request), 0); err != nil {
		return nil, err
	}
	var replies []string
	buf := make([]byte, 512)
	for off := int64(0); ; {
		n, err := f.ReadAt(ctx, buf, off)
		if n == 0 || err != nil {
			return replies, err
		}
		off += int64(n)
		replies = append(replies, string(buf[:n]))
	}
}
