package cmd

import (
	"sync/atomic"

	"ufo/ninep"
	"ufo/proc"
)

// The parts in which a long file is copied, and by how many processes at most.
// What is under way to another machine is no more than both together, as a
// write ends when all of it is done.
const (
	copypart  = 4 << 20
	copyprocs = 4
)

// copyplain copies a plain file of size bytes, more or less. A long one is copied
// in parts by several processes, as fcp does it in Plan 9: one that waits for
// a far server leaves the line to the others, which begin when the first bytes
// show that the copy is a plain file, too: one with a version, as long as what
// was written.
func copyplain(p *proc.Proc, in, out int, size int64, from, to string) error {
	if size < 2*copypart {
		return copybuf(p, in, out, make([]byte, max(iounit, size)), from, to)
	}
	c := &copier{in: in, out: out}
	defer c.stop.Store(true) // also when a note ends the process
	b := make([]byte, copypart)
	c.one(p, b[:iounit], 0)
	kids := min(copyprocs, int(size/copypart)) - 1
	for i := range kids {
		if _, err := p.Fork(0, func(kid *proc.Proc) error { return c.help(kid, i+1) }); err != nil {
			kids = i
			break
		}
	}
	c.work(p, b, 0)
	for range kids {
		if _, err := p.Wait(); err != nil {
			return fatal(p, "error copying %s: %v", from, err)
		}
	}
	var first *copyfault
	for _, f := range c.faults {
		if f != nil && (first == nil || f.at < first.at) {
			first = f
		}
	}
	switch {
	case first == nil:
		return nil
	case first.write:
		return fatal(p, "error writing %s: %v", to, first.err)
	}
	return fatal(p, "error reading %s: %v", from, first.err)
}

// A copier is what the processes of one copy share.
type copier struct {
	in, out int
	next    atomic.Int64 // where the next part begins
	stop    atomic.Bool  // the end was found, or a fault
	faults  [copyprocs]*copyfault
}

// A copyfault is what ended the work of a process.
type copyfault struct {
	at    int64
	write bool
	err   error
}

// help is work, if the copy is a plain file. A process of its own asks.
func (c *copier) help(p *proc.Proc, i int) error {
	d, err := p.Fstat(c.out)
	if err == nil && d.Qid.Type&^ninep.QTTMP == ninep.QTFILE && d.Qid.Vers != 0 && d.Length >= iounit {
		c.work(p, make([]byte, copypart), i)
	}
	return nil
}

// work copies parts until there are none left, as the process number i.
func (c *copier) work(p *proc.Proc, b []byte, i int) {
	for !c.stop.Load() {
		c.one(p, b, i)
	}
}

// one copies the next part.
func (c *copier) one(p *proc.Proc, b []byte, i int) {
	end, fault := c.part(p, b, c.next.Add(int64(len(b)))-int64(len(b)))
	if c.faults[i] = fault; fault != nil || end {
		c.stop.Store(true)
	}
}

// part copies the part that begins at off, and reports whether the file ends
// there.
func (c *copier) part(p *proc.Proc, b []byte, off int64) (end bool, fault *copyfault) {
	for len(b) > 0 {
		n, err := p.Pread(c.in, b, off)
		if err != nil {
			return false, &copyfault{off, false, err}
		}
		if n == 0 {
			return true, nil
		}
		m, err := p.Pwrite(c.out, b[:n], off)
		if err == nil && m != n {
			err = ninep.ErrIO
		}
		if err != nil {
			return false, &copyfault{off + int64(m), true, err}
		}
		b, off = b[n:], off+int64(n)
	}
	return false, nil
}
