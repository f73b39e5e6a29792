package aout

import (
	"encoding/json"
	"fmt"
	"sync"

	"ufo/hosted/vm"
)

// Used returns how much memory programs have, in bytes of addresses, and of what
// they were given. Programs that are kept though nobody runs them are forgotten.
func (l *Loader) Used() (addresses, given int64) {
	if l.mem == nil {
		return 0, 0
	}
	l.forget()
	return l.mem.Given(), l.total.used.Load()
}

// CheckSnap reads the beginning of a file of frozen processes.
func CheckSnap(b []byte) error {
	var w thawing
	if err := json.Unmarshal(b, &w.snapshot); err != nil {
		return err
	}
	return w.check()
}

// GrowTogether has two tasks make a segment that both have n pages long, little by
// little, and returns an error if one is told of an end that it has not.
func GrowTogether(n uint64) error {
	mem, err := vm.NewMemory()
	if err != nil {
		return err
	}
	defer mem.Close()
	s, err := newSegment(mem, nil, dataName, vm.PageSize, 0, n*vm.PageSize, vm.R|vm.W)
	if err != nil {
		return err
	}
	s.incref()
	var both sync.WaitGroup
	lost := make(chan error, 2)
	for step := range uint64(2) {
		both.Go(func() { // ends with the last page
			m := &mapping{segment: s}
			t := newTask(nil, image{m})
			for end := uint64(0); end < s.base+(n-2)*vm.PageSize; {
				end = s.end() + (step+1)*vm.PageSize
				if t.resize(m, end) == nil && s.end() < end {
					lost <- fmt.Errorf("it ends at %#x, and should at %#x", s.end(), end)
					return
				}
			}
		})
	}
	both.Wait()
	close(lost)
	return <-lost
}
