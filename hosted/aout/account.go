package aout

import (
	"sync/atomic"

	"ufo/hosted/vm"
	"ufo/ninep"
)

const errNoMemory = ninep.Error("out of physical memory")

// runLen is the unit in which segments get memory, and in which it is shared:
// some pages, as a fault costs more than to copy a page.
const runLen = 16 * vm.PageSize

// An account counts the memory that programs have, in bytes, and bounds it.
type account struct {
	limit   int64 // 0: none
	process int64 // of each process; 0: no more than limit
	used    atomic.Int64
	above   *account // what counts too; nil for nothing
}

// take adds n bytes, unless that is too much.
func (a *account) take(n int64) bool {
	if a == nil {
		return true
	}
	if now := a.used.Add(n); a.limit > 0 && now > a.limit || !a.above.take(n) {
		a.used.Add(-n)
		return false
	}
	return true
}

// give takes n bytes back.
func (a *account) give(n int64) {
	for ; a != nil; a = a.above {
		a.used.Add(-n)
	}
}
