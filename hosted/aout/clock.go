package aout

import (
	"encoding/binary"

	"ufo/hosted/vm"
	"ufo/ns"
)

// Go programs read #c/bintime all the time. After such a system call, which takes
// place like any other, the stub of a space that can do so answers what follows
// without one, for a while: see [vm.Clock]. What it answers for is the descriptor,
// until that refers to something else.

// timesLen is the length of what is read there.
const timesLen = len(vm.Times{}) * 8

// mayTell reports whether a read may be that of a clock.
func (t *task) mayTell(n int, off int64) bool {
	_, ok := t.space.(vm.Clocked)
	return ok && t.clock != nil && !t.narrow && off == 0 && (n == 8 || n == timesLen)
}

// readTime is Pread where the descriptor may be that of the clock.
func (t *task) readTime(fd int, b []byte, off int64) (int, error) {
	c, err := t.p.FdChan(fd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if !t.isTime(c) {
		return t.p.Pread(fd, b, off)
	}
	var all [timesLen]byte
	times, on, err := t.clock.Read(func() (times vm.Times, err error) {
		n, err := t.p.Pread(fd, all[:], off)
		for i := range n / 8 {
			times[i] = binary.BigEndian.Uint64(all[8*i:])
		}
		return times, err
	})
	if err != nil {
		return 0, err
	}
	for i, v := range times {
		binary.BigEndian.PutUint64(all[8*i:], v)
	}
	if on {
		if err := t.tell(fd, c); err != nil {
			return 0, err
		}
	}
	return copy(b, all[:]), nil
}

// isTime reports whether c is the file bintime of cons(3).
func (t *task) isTime(c *ns.Chan) bool {
	if c.Type() != 'c' {
		return false
	}
	d, err := c.File().Stat(t.p.Context())
	return err == nil && d.Name == "bintime"
}

// tell has the space answer for a descriptor.
func (t *task) tell(fd int, c *ns.Chan) error {
	word, err := t.space.(vm.Clocked).UseClock(t.clock)
	if err == nil && word.Load() != uint32(fd)+1 {
		t.p.WatchFD(fd, c, word)
	}
	return err
}

// untell has it make system calls again.
func (t *task) untell() { t.p.WatchFD(-1, nil, nil) }
