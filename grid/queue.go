package grid

import (
	"context"
	"sync"

	"ufo/ninep"
)

// A queue holds what has come until somebody gets it.
type queue[T any] struct {
	mu     sync.Mutex // guards the fields below
	items  []T
	closed bool // nothing comes any more

	ready chan struct{} // a token: there are items, or the queue is closed
}

func newQueue[T any]() *queue[T] { return &queue[T]{ready: newToken()} }

// put appends an item, unless the queue is closed or holds limit items.
func (q *queue[T]) put(item T, limit int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.items) >= limit {
		return false
	}
	q.items = append(q.items, item)
	post(q.ready)
	return true
}

// get returns the first item; it waits until there is one. A closed queue
// gives ErrHungup at once.
func (q *queue[T]) get(ctx context.Context) (T, error) {
	var none T
	for {
		q.mu.Lock()
		closed := q.closed
		if len(q.items) > 0 || closed {
			post(q.ready) // for the next one who waits
		}
		if !closed && len(q.items) > 0 {
			item := q.items[0]
			q.items[0] = none
			q.items = q.items[1:]
			q.mu.Unlock()
			return item, nil
		}
		q.mu.Unlock()
		if closed {
			return none, ninep.ErrHungup
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return none, ninep.ErrIntr
		}
	}
}

// close ends the queue and returns what nobody got.
func (q *queue[T]) close() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.items
	q.items, q.closed = nil, true
	post(q.ready)
	return left
}
