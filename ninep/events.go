package ninep

import (
	"context"
	"fmt"
	"sync"
)

// Events is a stream of records for any number of readers, as a mouse or the
// log of a system is. Who has opened its File gets every record that is sent
// from then on, one to a read, and waits for the next; a record that is longer
// than the read is returned in pieces. Tflush ends a read that waits, and no
// record is lost by that.
//
//	alarms := new(ninep.Events)
//	root := &ninep.Node{Children: []*ninep.Node{alarms.File("alarm")}}
//	alarms.Send("38.5 too hot\n")
//
// Send never waits. The last records are kept, once for all readers, so that a
// slow one does no harm; one who is further behind than that loses the oldest,
// and with Lost is told so.
//
// The zero value is ready for use. The fields must not change once it is.
type Events struct {
	Keep int    // bytes of records that are kept, the last record in any case; 0: 64 KB
	Past bool   // who opens the file gets first what is kept of the time before
	Lost string // a record, with %d for how many others a reader gets it in place of; "": he gets none

	mu     sync.Mutex    // guards what follows, and the fields of readers
	kept   []string      // the last records
	first  int           // the number of kept[0]
	size   int           // bytes in kept
	closed bool          // there will be no more
	more   chan struct{} // closed when there is more, or closed; nil when nobody waits
}

// keepEvents is what Keep is by default.
const keepEvents = 64 << 10

// Send sends a record, unless it is empty or the stream is closed.
func (e *Events) Send(record string) {
	keep := e.Keep
	if keep == 0 {
		keep = keepEvents
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if record == "" || e.closed {
		return
	}
	e.kept = append(e.kept, record)
	e.size += len(record)
	for e.size > keep && len(e.kept) > 1 {
		e.size -= len(e.kept[0])
		e.kept[0] = ""
		e.kept = e.kept[1:]
		e.first++
	}
	e.wake()
}

// Close ends the stream: readers get what is left, and then the end of the
// file. It is time for that when a server ends, for readers do not.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.wake()
}

// wake wakes who waits. The caller has mu.
func (e *Events) wake() {
	if e.more != nil {
		close(e.more)
		e.more = nil
	}
}

// File returns a file from which the stream is read.
func (e *Events) File(name string) *Node {
	n := &Node{Name: name, Perm: 0444}
	n.Open = func(context.Context, string, Mode) (*Node, error) {
		open := *n
		open.ReadAt = e.reader().read
		return &open, nil
	}
	return n
}

// reader returns somebody who reads from now on.
func (e *Events) reader() *eventReader {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &eventReader{events: e, next: e.first}
	if !e.Past {
		r.next += len(e.kept)
	}
	return r
}

// An eventReader is an open file. The mu of its Events guards the fields.
type eventReader struct {
	events *Events
	next   int    // number of the record to read
	rest   string // of the one being read
}

// read reads one record, or more of one.
func (r *eventReader) read(ctx context.Context, p []byte, _ int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	e := r.events
	for {
		e.mu.Lock()
		r.take()
		if r.rest != "" || e.closed {
			n := copy(p, r.rest)
			r.rest = r.rest[n:]
			e.mu.Unlock()
			return n, nil
		}
		if e.more == nil {
			e.more = make(chan struct{})
		}
		more := e.more
		e.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return 0, ErrIntr
		}
	}
}

// take takes the next record, if there is one and the last is read. The caller
// has mu.
func (r *eventReader) take() {
	e := r.events
	if r.rest != "" {
		return
	}
	if lost := e.first - r.next; lost > 0 {
		r.next = e.first
		if e.Lost != "" {
			r.rest = fmt.Sprintf(e.Lost, lost)
			return
		}
	}
	if i := r.next - e.first; i < len(e.kept) {
		r.rest = e.kept[i]
		r.next++
	}
}
