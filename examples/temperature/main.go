// Temperature is a file server that stands for a sensor, and an example of a
// device: of files that are read, waited for, and told what to do. What it
// measures is made up, a room that gets warmer and cooler by a quarter of a
// degree from one reading to the next.
//
//	go run ./examples/temperature /tmp/temp       on the host: a socket
//	ufo run -n n2 ./examples/temperature temp     in a node: /srv/temp
//	GOOS=plan9 GOARCH=arm go build ./examples/temperature    for a Raspberry Pi
//
// Its tree:
//
//	/temp     read: the last reading, in degrees
//	/alarm    read: waits for the temperature to rise above the threshold, or
//	          to fall below it: "21.25 above 21"
//	/ctl      read: how it is set; write: "period 500ms", "threshold 21"
//
// On the host it is looked at with ufo check 'unix!/tmp/temp', in a node with
//
//	mount -b /srv/temp /dev
//	cat /dev/temp
//	echo threshold 20 >/dev/ctl
//	cat /dev/alarm
package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"ufo/hosted/post"
	"ufo/ninep"
)

func main() {
	s := newSensor()
	go s.run(context.Background()) // until the program ends
	post.Main(s.server(), &post.Options{Ending: s.alarm.Close})
}

// A sensor measures.
type sensor struct {
	alarm   ninep.Events
	changed chan struct{} // has one when period has changed

	mu        sync.Mutex // guards what follows
	readings  int
	temp      float64
	period    time.Duration
	threshold float64
	above     bool // the last reading was above the threshold
}

func newSensor() *sensor {
	s := &sensor{changed: make(chan struct{}, 1), period: time.Second, threshold: 30}
	s.measure()
	return s
}

// run measures, once a period, until ctx is done.
func (s *sensor) run(ctx context.Context) {
	for {
		s.mu.Lock()
		period := s.period
		s.mu.Unlock()
		select {
		case <-time.After(period):
			s.measure()
		case <-s.changed:
		case <-ctx.Done():
			return
		}
	}
}

// measure takes a reading: from 18 degrees to 24 and back.
func (s *sensor) measure() {
	const low, steps = 18, 24
	s.mu.Lock()
	defer s.mu.Unlock()
	step := s.readings % (2 * steps)
	s.readings++
	s.temp = low + float64(min(step, 2*steps-step))/4
	s.compare()
}

// compare gives the alarm if the temperature has come to be on the other side
// of the threshold. The caller has mu.
func (s *sensor) compare() {
	was := s.above
	s.above = s.temp > s.threshold
	switch {
	case s.above && !was:
		s.alarm.Send(fmt.Sprintf("%.2f above %g\n", s.temp, s.threshold))
	case was && !s.above:
		s.alarm.Send(fmt.Sprintf("%.2f below %g\n", s.temp, s.threshold))
	}
}

// server returns the file server.
func (s *sensor) server() ninep.Server {
	ctl := ninep.Ctl{
		{Name: "period", Args: "time", Do: s.setPeriod},
		{Name: "threshold", Args: "degrees", Do: s.setThreshold},
	}
	return ninep.NewTree("none", &ninep.Node{Children: []*ninep.Node{
		ninep.TextFunc("temp", func() string {
			s.mu.Lock()
			defer s.mu.Unlock()
			return fmt.Sprintf("%.2f\n", s.temp)
		}),
		s.alarm.File("alarm"),
		{Name: "ctl", Perm: 0666, Write: ctl.Do, Read: func(context.Context) ([]byte, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return fmt.Appendf(nil, "period %v\nthreshold %g\n", s.period, s.threshold), nil
		}},
	}})
}

func (s *sensor) setPeriod(_ context.Context, args []string) error {
	period, err := time.ParseDuration(args[0])
	if err != nil || period < time.Millisecond {
		return ninep.ErrCmdArgs
	}
	s.mu.Lock()
	s.period = period
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default: // it is going to look anyway
	}
	return nil
}

func (s *sensor) setThreshold(_ context.Context, args []string) error {
	threshold, err := strconv.ParseFloat(args[0], 64)
	if err != nil {
		return ninep.ErrCmdArgs
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threshold = threshold
	s.compare()
	return nil
}
