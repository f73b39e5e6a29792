package ninep

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// This file is how a Client reads and writes plain files: with several requests
// under way, and ahead of who reads one from beginning to end.
//
// Whoever reads must not see a difference. Bytes that nobody wanted yet are
// asked for only where that cannot matter: in a file whose entry has a version
// and a length, which those that are made as they are read have not, and not
// behind that length; there, and in all other files, each Tread is sent when
// the one before was answered in full. A reply that is short, or an
// error, is told to who comes to it, and ends what was asked for behind it.
// What was asked for before the file was changed through the same Client is
// not used, nor what has waited for longer than aheadGood: so long at most a
// change that others make goes unnoticed.
//
// A Write returns when all of it is written. Only the parts of a long one are
// under way together: who was told that bytes are written relies on it, and an
// error told later, by another Write or by Close, would come too late.

// aheadGood is how long what was read ahead may wait to be wanted.
const aheadGood = time.Second

// mostAhead is how many bytes a Client reads ahead for all its files, and then
// no more than two requests for each.
const mostAhead = 64 << 20

// An ahead is what a file was asked for before anybody wanted it. It belongs to
// one Read at a time.
type ahead struct {
	off   int64         // where the last Read ended
	run   int           // how many Reads in sequence were answered in full
	calls []*call       // the Treads, in order; the bytes of the first begin at off
	used  int           // how many bytes of the first are used; it was waited for if not 0
	end   int64         // where the last one ends
	most  int           // bytes to ask for ahead: more each time that it was not enough
	wake  chan struct{} // posted to when one of them is answered
	stamp uint32        // of the file when the first one was sent
}

// stamp returns the counter of changes of the file. Files share a few: that
// costs what was read ahead, no more.
func (f *clientFile) stamp() *atomic.Uint32 {
	path := f.Qid().Path * 0x9e3779b97f4a7c15
	return &f.c.changed[path>>56]
}

// change notes that the file was changed through this client, or may have been.
func (f *clientFile) change() { f.stamp().Add(1) }

// note notes the length in an entry, if it is a plain file's, and as it should be
// after what was written.
func (f *clientFile) note(d *Dir) {
	if f.plain(true) && d.Qid.Vers != 0 && d.Length >= f.wrote.Load() {
		f.length.Store(d.Length)
	}
}

// learn asks for the file's entry during a call.
func (f *clientFile) learn(ctx context.Context, during func() (int, error)) (int, error) {
	f.asked.Add(1)
	k := f.c.newCall(Fcall{Type: Tstat, Fid: f.fid})
	defer f.c.free(k)
	if f.c.start(ctx, k) != nil {
		return during()
	}
	n, err := during()
	if f.c.wait(ctx, k) == nil {
		f.note(&k.r.Stat)
	}
	return n, err
}

// plain reports whether the file may be plain, by its qid; one that was never
// written need not have a version.
func (f *clientFile) plain(written bool) bool {
	q := f.Qid()
	return q.Type&^QTTMP == QTFILE && (written || q.Vers != 0)
}

// Read returns bytes that were read ahead, or sends as many Treads as p takes,
// until one is not answered in full.
func (f *clientFile) Read(ctx context.Context, p []byte, off int64) (n int, err error) {
	if !f.reading.CompareAndSwap(false, true) {
		// Another Read has what is read ahead. This one does without.
		a := ahead{off: off}
		defer a.drop(f)
		return a.read(ctx, f, p)
	}
	defer f.doneReading()
	a := &f.ahead
	if len(a.calls) > 0 && (off != a.off || a.stale(f)) {
		a.drop(f)
		a.run = 0
	}
	if off != a.off {
		a.off, a.run = off, 0
	}
	n, err = a.read(ctx, f, p)
	if n == len(p) {
		a.run++
	} else {
		a.run = 0
	}
	return n, err
}

// doneReading lets another Read have what is read ahead.
func (f *clientFile) doneReading() {
	f.reading.Store(false)
	if f.gone.Load() {
		f.dropAhead() // which Close could not
	}
}

// dropAhead gives up what was read ahead, for good, unless a Read has it: one
// that was interrupted may not have returned when its file is closed.
func (f *clientFile) dropAhead() {
	if f.reading.CompareAndSwap(false, true) {
		f.ahead.drop(f)
	}
}

// stale reports whether what was asked for is not to be used any more.
func (a *ahead) stale(f *clientFile) bool {
	if a.stamp != f.stamp().Load() {
		f.length.Store(0)
		return true
	}
	k := a.calls[0]
	if a.used == 0 {
		select {
		case err := <-k.done: // it was answered; came is set
			k.done <- err
		default:
			return false
		}
	}
	return time.Since(k.came) > aheadGood
}

// read is Read at a.off, which it moves.
func (a *ahead) read(ctx context.Context, f *clientFile, p []byte) (n int, err error) {
	unit := f.unit()
	for {
		var m int
		want := min(len(p)-n, unit)
		switch asked := f.asked.Load(); {
		case a.off < f.length.Load() && (a.run > 0 || len(p) > unit):
			var short bool
			m, short, err = a.take(ctx, f, p[n:])
			if want = m; short {
				want = len(p) // of which this is less, or the last
			}
		case (a.run >= 2<<asked-1 || len(p) > unit && asked == 0) && n == 0 && f.plain(false):
			m, err = f.learn(ctx, func() (int, error) { return f.read(ctx, p[n:n+want], a.off) })
		default:
			m, err = f.read(ctx, p[n:n+want], a.off)
		}
		n += m
		a.off += int64(m)
		switch {
		case err != nil && n > 0:
			return n, nil // the next read will tell
		case err != nil || m < want || n == len(p):
			return n, err
		}
	}
}

// take fills p from what was read ahead, and has more of it read, until the
// length of the file is reached or a reply is short.
func (a *ahead) take(ctx context.Context, f *clientFile, p []byte) (n int, short bool, err error) {
	at, most := a.off, int64(len(p)) // most is how far to go, beyond p or not
	if a.run > 0 {
		most = math.MaxInt64 - at
	}
	for n < len(p) {
		if err = a.fill(ctx, f, at+int64(n), at+most); err != nil || len(a.calls) == 0 {
			return n, false, err
		}
		m, full, err := a.first(ctx, f, p[n:], func() { a.fill(ctx, f, at+int64(n), at+most) })
		n += m
		if err != nil || !full {
			a.drop(f)
			return n, err == nil, err
		}
	}
	return n, false, nil
}

// fill asks for more, up to limit. The bytes before at are used.
func (a *ahead) fill(ctx context.Context, f *clientFile, at, limit int64) error {
	c, unit := f.c, f.unit()
	if len(a.calls) == 0 {
		a.end, a.stamp = at, f.stamp().Load()
		if a.wake == nil {
			a.wake = make(chan struct{}, 1)
		}
		a.most = max(a.most, 4*unit)
	}
	for a.end < min(limit, f.length.Load()) {
		size := int(min(int64(unit), limit-a.end))
		own := int(a.end - at)
		c.mu.Lock()
		room := c.reads.room(own, size, a.most) && (own < 2*size || c.ahead < mostAhead)
		if room {
			c.ahead += size
		}
		c.mu.Unlock()
		if !room {
			break
		}
		k := c.newCall(Fcall{Type: Tread, Fid: f.fid, Offset: uint64(a.end), Count: uint32(size)})
		k.pace, k.wake = &c.reads, a.wake
		if err := c.start(ctx, k); err != nil {
			a.unwant(c, size)
			c.free(k)
			if len(a.calls) > 0 {
				break // the replies that are to come are worth waiting for
			}
			return err
		}
		a.calls = append(a.calls, k)
		a.end += int64(size)
	}
	return nil
}

// unwant counts out bytes that were asked for.
func (a *ahead) unwant(c *Client, size int) {
	c.mu.Lock()
	c.ahead -= size
	c.mu.Unlock()
}

// first takes bytes from the first reply, and reports whether that is as long
// as it was to be.
func (a *ahead) first(ctx context.Context, f *clientFile, p []byte, more func()) (n int, full bool, err error) {
	k := a.calls[0]
	if a.used == 0 {
		late := len(k.done) == 0
		if err = f.c.waitOr(ctx, k, more); late {
			a.most = min(4*a.most, 2*mostWindow)
		}
		if err == nil && len(k.r.Data) > k.size() {
			f.c.fail()
			err = ErrBotch
		}
	}
	if err == nil {
		full = len(k.r.Data) == k.size()
		n = copy(p, k.r.Data[a.used:])
		a.used += n
	}
	if err != nil || a.used == len(k.r.Data) {
		a.calls = slices.Delete(a.calls, 0, 1)
		a.used = 0
		a.unwant(f.c, k.size())
		f.c.free(k)
		if err == nil && !full && len(a.calls) > 0 {
			f.length.Store(0) // it is shorter than it was, or not plain
		}
	}
	return n, full || n == len(p) && a.used > 0, err
}

// drop gives up all that was asked for.
func (a *ahead) drop(f *clientFile) {
	for i, k := range a.calls {
		a.unwant(f.c, k.size())
		if i == 0 && a.used > 0 {
			f.c.free(k)
		} else {
			f.c.drop(k)
		}
	}
	a.calls, a.used, a.most = nil, 0, 0
}
