package dev

import (
	"context"
	"sync"

	"ufo/ninep"
)

const (
	atomicSize = 32 * 1024 // how much of one write surely stays in one piece
	maxBlocks  = 4096      // a queue of many tiny blocks is full too
	maxSpare   = 4096      // how large a block is kept to be used again
)

// A queue is a bounded stream of blocks, as qio in the Plan 9 kernel: each
// write is at least one block, and no read returns bytes of two.
type queue struct {
	writing chan struct{} // held by the writer whose blocks go in: capacity 1

	mu     sync.Mutex // guards what follows
	blocks [][]byte   // not yet read, from head on
	head   int
	spare  []byte        // a block that was read, to be used again
	size   int           // bytes in blocks
	limit  int           // writers wait while size is above it
	closed bool          // hung up: no more comes
	moved  chan struct{} // closed at the next change; nil when nobody waits
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, writing: make(chan struct{}, 1)}
}

// wait returns a channel that is closed at the next change. Called with mu held.
func (q *queue) wait() <-chan struct{} {
	if q.moved == nil {
		q.moved = make(chan struct{})
	}
	return q.moved
}

// wake tells all who wait to look again. Called with mu held.
func (q *queue) wake() {
	if q.moved != nil {
		close(q.moved)
		q.moved = nil
	}
}

// read waits for a block and returns what of it fits into p. After a hangup
// it returns what is left, then 0.
func (q *queue) read(ctx context.Context, p []byte) (int, error) {
	for {
		q.mu.Lock()
		if q.head < len(q.blocks) {
			n := q.take(p)
			q.wake()
			q.mu.Unlock()
			return n, nil
		}
		if q.closed {
			q.mu.Unlock()
			return 0, nil
		}
		moved := q.wait()
		q.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return 0, ninep.ErrIntr
		}
	}
}

// take moves bytes of the first block to p. Called with mu held.
func (q *queue) take(p []byte) int {
	b := q.blocks[q.head]
	n := copy(p, b)
	q.size -= n
	if n < len(b) {
		q.blocks[q.head] = b[n:]
		return n
	}
	if cap(b) <= maxSpare {
		q.spare = b[:0]
	}
	q.blocks[q.head] = nil
	if q.head++; q.head == len(q.blocks) {
		q.blocks, q.head = q.blocks[:0], 0
		if cap(q.blocks) > maxSpare/16 {
			q.blocks = nil
		}
	}
	return n
}

// compact makes room at the end of a full array from what was read at its
// beginning. Called with mu held.
func (q *queue) compact() {
	if q.head == 0 || len(q.blocks) < cap(q.blocks) {
		return
	}
	n := copy(q.blocks, q.blocks[q.head:])
	clear(q.blocks[n:])
	q.blocks, q.head = q.blocks[:n], 0
}

// write appends p, in blocks of at most atomicSize with no other writer's
// between them, and waits for room. An empty p is an empty block, which a
// reader takes for the end of a file.
func (q *queue) write(ctx context.Context, p []byte) (int, error) {
	select {
	case q.writing <- struct{}{}:
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
	defer func() { <-q.writing }()
	sent := 0
	for {
		n := min(len(p)-sent, atomicSize)
		if err := q.put(ctx, p[sent:sent+n]); err != nil {
			return sent, err
		}
		if sent += n; sent == len(p) {
			return sent, nil
		}
	}
}

// put appends one block once the queue is not above its limit.
func (q *queue) put(ctx context.Context, p []byte) error {
	for {
		q.mu.Lock()
		switch {
		case q.closed:
			q.mu.Unlock()
			return ninep.ErrHungup
		case q.size < q.limit && len(q.blocks)-q.head < maxBlocks:
			q.compact()
			q.blocks = append(q.blocks, append(q.spare, p...))
			q.spare = nil
			q.size += len(p)
			q.wake()
			q.mu.Unlock()
			return nil
		}
		moved := q.wait()
		q.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ninep.ErrIntr
		}
	}
}

// len returns how many bytes wait to be read.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// hangup ends the stream: readers get what is left, writers ErrHungup.
func (q *queue) hangup() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

// close hangs up and forgets what was not read.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.blocks, q.head, q.size = true, nil, 0, 0
	q.wake()
}

// reopen makes the queue as new.
func (q *queue) reopen() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.blocks, q.head, q.size = false, nil, 0, 0
}

// setLimit changes how many bytes may wait.
func (q *queue) setLimit(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit = n
	q.wake()
}
