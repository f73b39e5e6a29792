package cmd

import (
	"strings"
	"time"

	"ufo/ninep"
)

// A callpace lets calls wait of which one address makes too many.
type callpace struct {
	perMinute int // 0: any number

	// until is when an address will have used up what it has called for, at that
	// many calls a minute.
	until map[string]time.Time
}

// How many addresses are remembered before those that may call anyway are forgotten,
// and for how long a call waits at most.
const (
	paceAddrs = 1024
	paceWait  = 30 * time.Second
)

// wait returns how long a call has to wait. A minute's calls may come at once. The
// error is that of a call that would have to wait too long: it does not count.
func (s *callpace) wait(now time.Time, remote string) (time.Duration, error) {
	if s.perMinute == 0 {
		return 0, nil
	}
	if s.until == nil {
		s.until = make(map[string]time.Time)
	}
	if len(s.until) >= paceAddrs {
		for addr, until := range s.until {
			if !until.After(now) {
				delete(s.until, addr)
			}
		}
	}
	addr, _, _ := strings.Cut(remote, "!")
	until := s.until[addr]
	if until.Before(now) {
		until = now
	}
	until = until.Add(time.Minute / time.Duration(s.perMinute))
	wait := max(0, until.Sub(now)-time.Minute)
	if wait > paceWait {
		return wait, ninep.Error("too many calls")
	}
	s.until[addr] = until
	return wait, nil
}
