package ninetest

import (
	"fmt"
	"slices"
	"time"

	"ufo/ninep"
)

// steps are the things that are measured, one after another.
var steps = []func(*bencher) (Measure, error){
	(*bencher).connect, (*bencher).roundTrip, files(1), files(16),
	transfer(ninep.Tread, 8<<10), transfer(ninep.Twrite, 8<<10),
	transfer(ninep.Tread, 64<<10), transfer(ninep.Twrite, 64<<10),
	transfer(ninep.Tread, 1<<20), transfer(ninep.Twrite, 1<<20),
	byClient(ninep.Tread, 8<<10), byClient(ninep.Twrite, 8<<10),
	byClient(ninep.Tread, 64<<10), byClient(ninep.Twrite, 64<<10),
}

func files(deep int) func(*bencher) (Measure, error) {
	return func(b *bencher) (Measure, error) { return b.files(deep) }
}

func transfer(how ninep.MsgType, unit int) func(*bencher) (Measure, error) {
	return func(b *bencher) (Measure, error) { return b.transfer(how, unit) }
}

func byClient(how ninep.MsgType, unit int) func(*bencher) (Measure, error) {
	return func(b *bencher) (Measure, error) { return b.byClient(how, unit) }
}

// during calls f again and again for as long as one thing is measured, and
// returns how long each call took.
func (b *bencher) during(f func() error) ([]time.Duration, error) {
	var all []time.Duration
	begin := time.Now()
	for last := begin; last.Sub(begin) < b.Each/turns || len(all) == 0; {
		if err := f(); err != nil {
			return nil, err
		}
		now := time.Now()
		all, last = append(all, now.Sub(last)), now
	}
	return all, b.ctx.Err()
}

// median returns the median of what during returns.
func median(name string, all []time.Duration, err error) (Measure, error) {
	if err != nil {
		return Measure{}, err
	}
	slices.Sort(all)
	return Measure{name, float64(all[len(all)/2].Nanoseconds()) / 1e3, "us"}, nil
}

// connect measures how long it takes from nothing to the reply to an attach.
func (b *bencher) connect() (Measure, error) {
	all, err := b.during(func() error {
		w, err := b.open(smallest)
		if err == nil {
			w.rwc.Close()
		}
		return err
	})
	return median("connect", all, err)
}

// roundTrip measures a stat of the root.
func (b *bencher) roundTrip() (Measure, error) {
	w, err := b.open(smallest)
	if err != nil {
		return Measure{}, err
	}
	defer w.rwc.Close()
	all, err := b.during(func() error { _, err := w.rpc(tstat(0)); return err })
	return median("stat", all, err)
}

// files measures how often a second a file can be walked to, opened, read and
// clunked, with so many requests outstanding on one connection.
func (b *bencher) files(deep int) (m Measure, err error) {
	w, err := b.open(smallest)
	if err != nil {
		return m, err
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
			return m, err
		}
	}
	var r ninep.Fcall
	done, begin := 0, time.Now()
	for time.Since(begin) < b.Each/turns || done == 0 && b.ctx.Err() == nil {
		if len(w.out) > 0 && w.in.Buffered() == 0 {
			if err := w.flush(); err != nil {
				return m, err
			}
		}
		if err := w.recv(&r); err != nil {
			return m, err
		}
		if r.Type == ninep.Rclunk {
			done++
		}
		if int(r.Tag) >= deep {
			return m, fmt.Errorf("a reply with tag %d", r.Tag)
		}
		if err := w.add(r.Tag, step(int(r.Tag), r.Type)); err != nil {
			return m, err
		}
	}
	return Measure{fmt.Sprintf("walk open read clunk, %d deep", deep), float64(done) / time.Since(begin).Seconds(), "/s"}, b.ctx.Err()
}

// transfer measures reading or writing the file from beginning to end, one
// request at a time, of unit bytes each or as many as the server takes.
func (b *bencher) transfer(how ninep.MsgType, unit int) (m Measure, err error) {
	name, t := "read", tread(1, 0, 0)
	if how == ninep.Twrite {
		name, t = "write", twrite(1, 0, "")
		if !b.writes {
			return m, nil
		}
	}
	w, err := b.open(unit + ninep.IOHDRSZ)
	if err != nil {
		return m, err
	}
	defer w.rwc.Close()
	if _, err := w.rpc(twalk(0, 1, b.file...)); err != nil {
		return m, err
	}
	if _, err := w.rpc(topen(1, ninep.Mode((how-ninep.Tread)/2))); err != nil { // OREAD or OWRITE
		return m, err
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
	name = fmt.Sprintf("%s, %d K", name, unit>>10)
	if n < unit {
		name += fmt.Sprintf(" as %d", n)
	}
	return rate(name, total, all, err)
}

// rate returns how fast calls moved so many bytes, from what during returns.
func rate(name string, total int, all []time.Duration, err error) (Measure, error) {
	if err != nil {
		return Measure{}, err
	}
	var took time.Duration
	for _, d := range all {
		took += d
	}
	return Measure{name, float64(total) / 1e6 / took.Seconds(), "MB/s"}, nil
}

// clientCall is how many bytes byClient reads or writes with a call.
const clientCall = 1 << 20

// byClient measures what transfer does, by a [ninep.Client], which has several
// requests under way.
func (b *bencher) byClient(how ninep.MsgType, unit int) (m Measure, err error) {
	if how == ninep.Twrite && !b.writes {
		return m, nil
	}
	f, stop, err := b.client(unit + ninep.IOHDRSZ)
	if err != nil {
		return m, err
	}
	defer stop()
	name, call := "read", f.Read
	if how == ninep.Twrite {
		name, call = "write", f.Write
	}
	if err := f.Open(b.ctx, ninep.Mode((how-ninep.Tread)/2)); err != nil { // OREAD or OWRITE
		return m, err
	}
	p, off, total := make([]byte, min(clientCall, b.size)), 0, 0
	all, err := b.during(func() error {
		n, err := call(b.ctx, p, int64(off))
		total += n
		if off += n; n == 0 || off+len(p) > b.size {
			off = 0
		}
		return err
	})
	return rate(fmt.Sprintf("%s by client, %d K", name, unit>>10), total, all, err)
}

// client returns the file, not open, by a client of its own.
func (b *bencher) client(msize int) (f ninep.File, stop func(), err error) {
	rwc, err := b.Dial(b.ctx)
	if err != nil {
		return nil, nil, err
	}
	c, err := ninep.NewClient(b.ctx, rwc, &ninep.ClientOptions{Msize: uint32(msize)})
	if err != nil {
		return nil, nil, err
	}
	root, err := c.Attach(b.ctx, b.User, b.Aname)
	if err == nil {
		f, _, err = ninep.WalkNames(b.ctx, root, b.file)
	}
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return f, func() { c.Close() }, nil
}
