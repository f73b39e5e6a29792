package main

import (
	"context"
	"sync/atomic"

	"ufo/proc"
)

// A shell is the process whose lines are edited: what it sees is what can be
// completed.
type shell struct{ p atomic.Pointer[proc.Proc] }

func (s *shell) set(p *proc.Proc) {
	if s != nil {
		s.p.Store(p)
	}
}

// complete returns the names that could stand at pos.
func (s *shell) complete(ctx context.Context, line string, pos int) (start int, names []string) {
	return pos, nil
}
