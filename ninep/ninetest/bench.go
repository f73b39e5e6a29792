package ninetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ufo/ninep"
)

// A Bench measures the server of a Suite with a client that does nothing but
// send and receive. Where it cannot make a file it measures no writes, and
// reads one that it finds.
type Bench struct {
	Suite
	Each time.Duration // how long to measure each thing; 0: a second
}

// A Measure is what was measured: a time, a rate, or bytes a second.
type Measure struct {
	Name  string
	Value float64
	Unit  string // "us", "/s" or "MB/s"
}

// benchName is the file that is made, of benchSize bytes.
const (
	benchName = "ninetest.bench"
	benchSize = 16 << 20
)

// Run measures and hands over each Measure as it is known.
func (b Bench) Run(ctx context.Context, report func(Measure)) error {
	if b.User == "" {
		b.User = "glenda"
	}
	if b.Each == 0 {
		b.Each = time.Second
	}
	b.Limit = 10*time.Minute + 20*b.Each
	ctx, cancel := context.WithTimeout(ctx, b.Limit)
	defer cancel()
	x := &exam{Suite: &b.Suite, knowledge: &knowledge{}, ctx: ctx, log: new(transcript)}
	var err error
	x.guard(func() { err = x.bench(&bencher{Bench: &b, ctx: ctx, report: report}) })
	for _, c := range x.conns {
		c.close()
	}
	if x.status != "" && err == nil {
		err = errors.New(x.saw)
	}
	return err
}

// bench makes or finds a file, measures, and removes the file.
func (x *exam) bench(b *bencher) error {
	c := x.session(64<<10 + ninep.IOHDRSZ)
	root := c.attach()
	f := c.walk(c.walk(root, x.Dir...))
	b.file, b.size = append(slices.Clone(x.Dir), benchName), benchSize
	if b.writes = c.rpc(tcreate(f, benchName, 0666, ninep.ORDWR)).Type != ninep.Rerror; !b.writes {
		x.found = new(sample)
		(&finder{client: c, s: x.found}).find(root, nil)
		if b.file, b.size = x.found.file, len(x.found.text); len(b.file) == 0 {
			x.skip("no file can be made in /%s, and none is found to read", benchName)
		}
		return b.run()
	}
	unit := int(c.msize) - ninep.IOHDRSZ
	for off := 0; off < benchSize; off += unit {
		x.log.lines = x.log.lines[:0]
		c.do(twrite(f, uint64(off), string(make([]byte, min(unit, benchSize-off)))))
	}
	err := b.run()
	c.do(tremove(f))
	return err
}

// A bencher measures with a file.
type bencher struct {
	*Bench
	ctx    context.Context
	report func(Measure)
	file   []string // its names from the root
	size   int
	writes bool // it may be written
}

// run measures all there is to measure.
func (b *bencher) run() error {
	steps := []func() error{b.connect, b.roundTrip, func() error { return b.files(1) }, func() error { return b.files(16) }}
	for _, unit := range []int{8 << 10, 64 << 10, 1 << 20} {
		steps = append(steps, func() error { return b.transfer(ninep.Tread, unit) })
		if b.writes {
			steps = append(steps, func() error { return b.transfer(ninep.Twrite, unit) })
		}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// during calls f again and again for as long as one thing is measured, and
// returns how long each call took.
func (b *bencher) during(f func() error) ([]time.Duration, error) {
	var all []time.Duration
	begin := time.Now()
	for last := begin; last.Sub(begin) < b.Each || len(all) == 0; {
		if err := f(); err != nil {
			return nil, err
		}
		now := time.Now()
		all, last = append(all, now.Sub(last)), now
	}
	return all, b.ctx.Err()
}

// median reports the median of times.
func (b *bencher) median(name string, all []time.Duration) {
	slices.Sort(all)
	b.report(Measure{name, float64(all[len(all)/2].Nanoseconds()) / 1e3, "us"})
}

// connect measures how long it takes from nothing to the reply to an attach.
func (b *bencher) connect() error {
	all, err := b.during(func() error {
		w, err := b.open(smallest)
		if err == nil {
			w.rwc.Close()
		}
		return err
	})
	if err == nil {
		b.median("connect", all)
	}
	return err
}

// roundTrip measures a stat of the root.
func (b *bencher) roundTrip() error {
	w, err := b.open(smallest)
	if err != nil {
		return err
	}
	defer w.rwc.Close()
	all, err := b.during(func() error { _, err := w.rpc(tstat(0)); return err })
	if err == nil {
		b.median("stat", all)
	}
	return err
}

// files measures how often a second a file can be walked to, opened, read and
// clunked, with so many requests outstanding on one connection.
func (b *bencher) files(deep int) error {
	w, err := b.open(smallest)
	if err != nil {
		return err
	}
	defer w.rwc.Close()
	step := func(i int, after ninep.MsgType) *ninep.Fcall {
		fid := uint32(1 + i)
		switch after {
		case ninep.Rwalk:
			return topen(fid, ninep.OREAD)
		case ninep.Ropen:
			return tread(fid, 0, 4096)
		case ninep.Rread:
			return tclunk(fid)
		}
		return twalk(0, fid, b.file...)
	}
	for i := range deep {
		if err := w.add(uint16(i), step(i, 0)); err != nil {
			return err
		}
	}
	var r ninep.Fcall
	done, begin := 0, time.Now()
	for time.Since(begin) < b.Each || done == 0 && b.ctx.Err() == nil {
		if len(w.out) > 0 && w.in.Buffered() == 0 {
			if err := w.flush(); err != nil {
				return err
			}
		}
		if err := w.recv(&r); err != nil {
			return err
		}
		if r.Type == ninep.Rclunk {
			done++
		}
		if int(r.Tag) >= deep {
			return fmt.Errorf("a reply with tag %d", r.Tag)
		}
		if err := w.add(r.Tag, step(int(r.Tag), r.Type)); err != nil {
			return err
		}
	}
	b.report(Measure{fmt.Sprintf("walk open read clunk, %d deep", deep), float64(done) / time.Since(begin).Seconds(), "/s"})
	return b.ctx.Err()
}

// transfer measures reading or writing the file from beginning to end, one
// request at a time, of unit bytes each or as many as the server takes.
func (b *bencher) transfer(how ninep.MsgType, unit int) error {
	w, err := b.open(unit + ninep.IOHDRSZ)
	if err != nil {
		return err
	}
	defer w.rwc.Close()
	if _, err := w.rpc(twalk(0, 1, b.file...)); err != nil {
		return err
	}
	name, t := "read", tread(1, 0, 0)
	if how == ninep.Twrite {
		name, t = "write", twrite(1, 0, "")
	}
	if _, err := w.rpc(topen(1, ninep.Mode((how-ninep.Tread)/2))); err != nil { // OREAD or OWRITE
		return err
	}
	n := min(unit, w.msize-ninep.IOHDRSZ, b.size)
	t.Count, t.Data = uint32(n), make([]byte, n)
	total := 0
	all, err := b.during(func() error {
		r, err := w.rpc(t)
		if err != nil {
			return err
		}
		got := max(int(r.Count), len(r.Data))
		total += got
		if t.Offset += uint64(got); got == 0 || t.Offset+uint64(n) > uint64(b.size) {
			t.Offset = 0
		}
		return nil
	})
	if err != nil {
		return err
	}
	var took time.Duration
	for _, d := range all {
		took += d
	}
	name = fmt.Sprintf("%s, %d K", name, unit>>10)
	if n < unit {
		name += fmt.Sprintf(" as %d", n)
	}
	b.report(Measure{name, float64(total) / 1e6 / took.Seconds(), "MB/s"})
	return nil
}
