package factotum

import (
	"context"
	"fmt"
	"sync"

	"ufo/ninep"
)

// An asker asks whoever has its file open: confirm and needkey are such files. A
// question is read from it as a line
//
//	verb tag=n attr=value ...
//
// and answered by writing tag=n and what there is to say.
type asker struct {
	verb   string
	note   func(format string, args ...any)
	events ninep.Events

	mu      sync.Mutex // guards what follows
	open    bool
	tag     int
	waiting map[int]chan attrs // by tag; closed when the file is
}

// file returns the file.
func (a *asker) file() *ninep.Node {
	n := a.events.File(a.verb)
	n.Write = func(_ context.Context, p []byte) error { return a.answer(p) }
	return exclusive(n, 0600, a.opened, a.closed)
}

func (a *asker) opened() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open, a.waiting = true, make(map[int]chan attrs)
}

// closed is called when nobody is there any more who could answer.
func (a *asker) closed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.waiting {
		close(c)
	}
	a.open, a.waiting = false, nil
}

// ask returns the answer to a question. Ok is false if there is nobody to ask, or he
// went away. The error is that of a flush.
func (a *asker) ask(ctx context.Context, question string) (answer attrs, ok bool, err error) {
	c, tag := a.begin()
	if c == nil {
		return nil, false, nil
	}
	a.events.Send(fmt.Sprintf("%s tag=%d %s\n", a.verb, tag, question))
	select {
	case answer, ok = <-c:
		return answer, ok, nil
	case <-ctx.Done():
		a.end(tag)
		return nil, false, ninep.ErrIntr
	}
}

// begin returns a new question's tag, and where its answer comes from; nil if there
// is nobody to ask.
func (a *asker) begin() (chan attrs, int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.open {
		return nil, 0
	}
	a.tag++
	c := make(chan attrs, 1)
	a.waiting[a.tag] = c
	return c, a.tag
}

// end takes the question with a tag from those that wait; nil if there is none.
func (a *asker) end(tag int) chan attrs {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.waiting[tag]
	delete(a.waiting, tag)
	return c
}

// answer takes an answer that was written.
func (a *asker) answer(p []byte) error {
	list, err := parsePattern(p)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errEmptyWrite
	}
	text, has := list.get("tag")
	if !has {
		return errNoTag
	}
	var tag int
	if _, err := fmt.Sscanf(text, "%d", &tag); err != nil {
		return errTagNotFound
	}
	if a.verb == "confirm" {
		yes, has := list.get("answer")
		if !has {
			return errNoAnswer
		}
		if yes != "yes" && yes != "no" {
			return errBadAnswer
		}
	}
	c := a.end(tag)
	if c == nil {
		return errTagNotFound
	}
	c <- list
	return nil
}
