package ninetest

import (
	"cmp"
	"context"
	"errors"
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
	Size int           // bytes of the file that is made; 0: 16 MB
}

// A Measure is what was measured: a time, a rate, or bytes a second.
type Measure struct {
	Name  string
	Value float64
	Unit  string // "us", "/s" or "MB/s"; "": it could not be measured
}

// benchName is the file that is made.
const benchName = "ninetest.bench"

// Run measures and hands over each Measure as it is known.
func (b Bench) Run(ctx context.Context, report func(Measure)) error {
	_, err := Compare(ctx, []Bench{b}, func(all []Measure) {
		if all[0].Unit != "" {
			report(all[0])
		}
	})
	return err
}

// turns is how often a server has its turn at each thing.
const turns = 5

// Compare measures servers in turns, so that what else the machine does is no
// worse for one than for another. It hands over each thing as it is known, a
// Measure for each server, the median of its turns. An error is of the server
// with the index.
func Compare(ctx context.Context, all []Bench, report func([]Measure)) (int, error) {
	var ready []*bencher
	defer func() {
		for _, b := range ready {
			b.end()
		}
	}()
	for i := range all {
		b, err := newBencher(ctx, all[i])
		if err != nil {
			return i, err
		}
		ready = append(ready, b)
	}
	for _, step := range steps {
		got := make([][]Measure, len(ready))
		for range turns {
			for i, b := range ready {
				m, err := step(b)
				if err != nil {
					return i, err
				}
				got[i] = append(got[i], m)
			}
		}
		row := make([]Measure, len(ready))
		for i := range got {
			slices.SortFunc(got[i], func(a, b Measure) int { return cmp.Compare(a.Value, b.Value) })
			row[i] = got[i][turns/2]
		}
		report(row)
	}
	return 0, nil
}

// A bencher measures with a file.
type bencher struct {
	*Bench
	ctx    context.Context
	cancel context.CancelFunc
	x      *exam
	file   []string // its names from the root
	size   int
	writes bool   // it was made here, and may be written
	made   func() // removes it
}

// newBencher makes or finds a file.
func newBencher(ctx context.Context, bench Bench) (*bencher, error) {
	b := &bencher{Bench: &bench}
	if b.User == "" {
		b.User = "glenda"
	}
	if b.Each == 0 {
		b.Each = time.Second
	}
	if b.Size == 0 {
		b.Size = 16 << 20
	}
	b.Limit = 10*time.Minute + 20*b.Each
	b.ctx, b.cancel = context.WithTimeout(ctx, b.Limit)
	b.x = &exam{Suite: &b.Suite, knowledge: &knowledge{}, ctx: b.ctx, log: new(transcript)}
	b.x.guard(b.prepare)
	if b.x.status != "" {
		b.end()
		return nil, errors.New(b.x.saw)
	}
	return b, nil
}

// prepare makes or finds a file.
func (b *bencher) prepare() {
	x := b.x
	c := x.session(64<<10 + ninep.IOHDRSZ)
	root := c.attach()
	f := c.walk(c.walk(root, x.Dir...))
	b.file, b.size = append(slices.Clone(x.Dir), benchName), b.Size
	if b.writes = c.rpc(tcreate(f, benchName, 0666, ninep.ORDWR)).Type != ninep.Rerror; !b.writes {
		x.found = new(sample)
		(&finder{client: c, s: x.found}).find(root, nil)
		if b.file, b.size = x.found.file, len(x.found.text); len(b.file) == 0 {
			x.skip("no file can be made, and none is found to read")
		}
		return
	}
	b.made = func() { c.do(tremove(f)) }
	unit := int(c.msize) - ninep.IOHDRSZ
	for off := 0; off < b.Size; off += unit {
		x.log.lines = x.log.lines[:0]
		c.do(twrite(f, uint64(off), string(make([]byte, min(unit, b.Size-off)))))
	}
}

// end removes the file if it was made.
func (b *bencher) end() {
	if b.made != nil {
		b.x.guard(b.made)
	}
	for _, c := range b.x.conns {
		c.close()
	}
	b.cancel()
}
