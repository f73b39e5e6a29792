package ninep_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
)

// The steps of TestClientCancel: a call that is begun with a context, what the
// client is to send, as a string, what it is sent, as an Fcall, time that passes, and
// the end of the context, which comes twice where it says so.
type (
	begin  func(ctx context.Context, root File) error
	passes time.Duration
	ends   struct{}
)

// Cancellations that race with each other, and with replies that come late, in
// another order, twice or never. A Tflush is itself never flushed, however often its
// call is cancelled: who waits has gone, or waits no longer than a second.
func TestClientCancel(t *testing.T) {
	var (
		walk  = begin(func(ctx context.Context, root File) error { _, err := root.Walk(ctx, "x"); return err })
		stat  = begin(func(ctx context.Context, root File) error { _, err := root.Stat(ctx); return err })
		open  = begin(func(ctx context.Context, root File) error { return root.Open(ctx, OREAD) })
		end   = ends{}
		rwalk = Fcall{Type: Rwalk, Wqid: []Qid{{}}}
	)
	const twalk, topen = `Twalk tag 0 fid 0 newfid 1 nwname 1 "x"`, "Topen tag 0 fid 0 mode 0x0"
	tstat := func(tag int) string { return fmt.Sprintf("Tstat tag %d fid 0", tag) }
	tflush := func(tag, old int) string { return fmt.Sprintf("Tflush tag %d oldtag %d", tag, old) }
	rflush := func(tag uint16) Fcall { return Fcall{Type: Rflush, Tag: tag} }
	rstat := func(tag uint16) Fcall { return Fcall{Type: Rstat, Tag: tag} }
	for _, tt := range []struct {
		name  string
		steps []any
		want  []error // of the calls
		dead  bool    // the connection has ended
	}{
		{"two, and the flushes are answered in the other order",
			[]any{walk, twalk, stat, tstat(1), end, tflush(2, 0), tflush(3, 1), rflush(3), rwalk, "Tclunk tag 3 fid 1", rflush(2)},
			[]error{ErrIntr, ErrIntr}, false},
		{"two, and one is done in spite of it",
			[]any{walk, twalk, stat, tstat(1), end, tflush(2, 0), tflush(3, 1), rstat(1), rflush(2), rflush(3)},
			[]error{ErrIntr, ErrIntr}, false},
		{"an open again while the Tflush is under way", []any{open, topen, end, tflush(1, 0), end, rflush(1)}, []error{ErrIntr}, false},
		{"an open again that is done", []any{open, topen, end, tflush(1, 0), end, Fcall{Type: Ropen}, rflush(1)}, []error{nil}, false},
		{"an open again that is done when nobody waits any more",
			[]any{open, topen, end, tflush(1, 0), end, passes(2 * time.Second), Fcall{Type: Ropen}, rflush(1)}, []error{ErrIntr}, false},
		{"a call that was cancelled before", []any{end, walk}, []error{ErrIntr}, false},
		{"no answer ever: neither tag is another call's",
			[]any{walk, twalk, end, tflush(1, 0), passes(time.Hour), stat, tstat(2), rstat(2)}, []error{ErrIntr, nil}, false},
		{"no answer to an open: the same",
			[]any{open, topen, end, tflush(1, 0), passes(time.Hour), stat, tstat(2), rstat(2)}, []error{ErrIntr, nil}, false},
		{"the Rflush first: then both are",
			[]any{walk, twalk, end, tflush(1, 0), rflush(1), stat, tstat(1), stat, tstat(0), rstat(0), rstat(1)}, []error{ErrIntr, nil, nil}, false},
		{"an answer an hour late", []any{walk, twalk, end, tflush(1, 0), passes(time.Hour), rwalk, "Tclunk tag 2 fid 1", rflush(1)}, []error{ErrIntr}, false},
		{"an answer after the Rflush", []any{walk, twalk, end, tflush(1, 0), rflush(1), rwalk}, []error{ErrIntr}, true},
		{"and with the tag of another call",
			[]any{walk, twalk, end, tflush(1, 0), rflush(1), stat, tstat(1), stat, tstat(0), rwalk}, []error{ErrIntr, ErrHungup, ErrHungup}, true},
		{"two answers", []any{walk, twalk, end, tflush(1, 0), Fcall{Type: Rerror, Ename: "no"}, Fcall{Type: Rerror, Ename: "no"}}, []error{ErrIntr}, true},
		{"two answers to the Tflush", []any{walk, twalk, end, tflush(1, 0), rflush(1), rflush(1)}, []error{ErrIntr}, true},
		{"the Tflush is refused", []any{walk, twalk, end, tflush(1, 0), Fcall{Type: Rerror, Tag: 1, Ename: "no"}}, []error{ErrIntr}, false},
		{"the connection ends before the Tflush is answered", []any{open, topen, end, tflush(1, 0), Fcall{Type: Rstat, Tag: 9}}, []error{ErrIntr}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cancelling(t, tt.steps, tt.want, tt.dead) })
		})
	}
}

// cancelling plays the steps.
func cancelling(t *testing.T, steps []any, want []error, dead bool) {
	p, c, root := newPeer(t)
	defer c.Close()
	outer, cancelAgain := context.WithCancel(t.Context())
	defer cancelAgain()
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	var results []chan error
	var cancels []context.CancelFunc // of the calls, which are cancelled in their order
	for _, step := range steps {
		switch s := step.(type) {
		case begin:
			done := make(chan error, 1)
			with, cancelOne := context.WithCancel(ctx)
			cancels = append(cancels, cancelOne)
			if ctx.Err() != nil && len(results) > 0 {
				with = t.Context() // a call that is not cancelled
			}
			go func() { done <- s(with, root) }()
			results = append(results, done)
		case string:
			p.expect(s)
		case Fcall:
			p.reply(s)
		case passes:
			time.Sleep(time.Duration(s))
		case ends:
			if ctx.Err() != nil {
				cancelAgain()
			}
			for _, cancelOne := range cancels {
				cancelOne()
				synctest.Wait()
			}
			cancel()
		}
		synctest.Wait()
	}
	for i, done := range results {
		if err := <-done; err != want[i] {
			t.Errorf("call %d returned %v, want %v", i, err, want[i])
		}
	}
	select {
	case <-c.Done():
		if !dead {
			t.Error("the connection has ended")
		}
	default:
		if dead {
			t.Error("the connection has not ended")
		}
	}
	p.quiet()
}
