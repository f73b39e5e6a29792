package cmd

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCallpace calls at certain seconds, at six calls a minute.
func TestCallpace(t *testing.T) {
	begin := time.Unix(1e9, 0)
	for _, c := range []struct {
		name  string
		calls []int // seconds
		waits string
	}{
		{"a minute's at once", []int{0, 0, 0, 0, 0, 0}, "0 0 0 0 0 0"},
		{"more wait", []int{0, 0, 0, 0, 0, 0, 0, 0, 0}, "0 0 0 0 0 0 10 20 30"},
		{"and too many are refused", []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "0 0 0 0 0 0 10 20 30 no no"},
		{"which does not count", []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10}, "0 0 0 0 0 0 10 20 30 no 30"},
		{"one by one", []int{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}, "0 0 0 0 0 0 0 0 0 0"},
		{"a rest", []int{0, 0, 0, 0, 0, 0, 60, 60, 60, 60, 60, 60, 60}, "0 0 0 0 0 0 0 0 0 0 0 0 10"},
	} {
		s := callpace{perMinute: 6}
		var waits []string
		for _, sec := range c.calls {
			s.wait(begin.Add(time.Duration(sec)*time.Second), "10.9.0.2!1234") // another's
			wait, err := s.wait(begin.Add(time.Duration(sec)*time.Second), fmt.Sprint("10.9.0.1!", sec))
			if waits = append(waits, fmt.Sprint(wait.Seconds())); err != nil {
				waits[len(waits)-1] = "no"
			}
		}
		if got := strings.Join(waits, " "); got != c.waits {
			t.Errorf("%s: %s, want %s", c.name, got, c.waits)
		}
	}
	s := callpace{perMinute: 60}
	for i := range 10 * paceAddrs {
		s.wait(begin.Add(time.Duration(i)*time.Second), fmt.Sprintf("10.0.%d.%d!1", i/256, i%256))
	}
	if len(s.until) > paceAddrs {
		t.Errorf("%d addresses are remembered", len(s.until))
	}
}
