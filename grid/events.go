package grid

import (
	"fmt"
	"time"

	"ufo/ninep"
)

// Events are what has happened, one a line, for any number of readers:
//
//	0.009 n1 up
//	7.250 n1-n2 cut
//
// The number is seconds since the grid was made. Who comes later is first told
// of what was before.
type events struct {
	ninep.Events
	start time.Time
}

func newEvents() *events { return &events{start: time.Now(), Events: ninep.Events{Past: true}} }

// add tells what has happened to what.
func (e *events) add(what, event string) {
	e.Send(fmt.Sprintf("%.3f %s %s\n", time.Since(e.start).Seconds(), what, event))
}
