package grid

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// A Link joins two stations. Each of its directions has a [Setting] of its
// own; what follows is how text sets and shows them.
//
// A control message is one of those of loopback(3), or of ours:
//
//	delay latency [bytedelay]   nanoseconds, or with a unit: 80ms
//	droprate n                  loses one packet in n
//	indrop 0|1                  1: what exceeds the limit is dropped
//	limit n                     bytes under way; 0: what a round trip carries
//	reset                       clears the statistics
//	jitter time                 added to the delay, at random
//	bandwidth rate              10Mbit, or bytes a second: 1250000; 0: no bound
//	loss part                   2%, or 0.02
//	seed n                      starts the random numbers anew
//	cut, heal                   nothing passes, all does
//
// It concerns both directions; "to n2 cut" only what goes to n2. Several
// settings may be written as in a topology file: "delay=80ms loss=2%".
type Link struct {
	a, b     string // the stations
	toA, toB *line
	log      func(what, event string) // nil: nobody is told
}

func newLink(a, b string) *Link { return &Link{a: a, b: b, toA: newLine(), toB: newLine()} }

// Name returns the name of the link: "n1-n2".
func (l *Link) Name() string { return l.a + "-" + l.b }

// to returns the direction to the named end.
func (l *Link) to(name string) *line {
	if name == l.a {
		return l.toA
	}
	return l.toB
}

// Ctl does one control message: all of it or, with an error, nothing.
func (l *Link) Ctl(msg string) error {
	words := strings.Fields(msg)
	lines := []*line{l.toA, l.toB}
	if len(words) >= 2 && words[0] == "to" {
		if words[1] != l.a && words[1] != l.b {
			return ninep.Error(fmt.Sprintf("'%s' is no end of link %s", words[1], l.Name()))
		}
		lines = []*line{l.to(words[1])}
		words = words[2:]
	}
	msgs := [][]string{words}
	if len(words) > 0 && strings.Contains(words[0], "=") {
		msgs = nil
		for _, w := range words {
			attr, val, _ := strings.Cut(w, "=")
			msgs = append(msgs, []string{attr, val})
		}
	}
	var changes []func(*line)
	for _, m := range msgs {
		c, err := parseSetting(m)
		if err != nil {
			return err
		}
		changes = append(changes, c)
	}
	for _, line := range lines {
		for _, change := range changes {
			change(line)
		}
	}
	if l.log != nil {
		l.log(l.Name(), strings.TrimSpace(msg))
	}
	return nil
}

// usage of each control message, which is also the list of them.
var usage = map[string]string{
	"delay":     "delay latency [bytedelay]",
	"droprate":  "droprate n",
	"indrop":    "indrop 0|1",
	"limit":     "limit bytes",
	"reset":     "reset",
	"jitter":    "jitter time",
	"bandwidth": "bandwidth rate",
	"loss":      "loss part",
	"seed":      "seed n",
	"cut":       "cut",
	"heal":      "heal",
}

// parseSetting returns what a control message does to a line.
func parseSetting(words []string) (func(*line), error) {
	if len(words) == 0 || usage[words[0]] == "" {
		return nil, ninep.ErrCtlUnknown
	}
	word, args := words[0], words[1:]
	arg := strings.Join(args, " ")
	switch {
	case word == "reset" && arg == "":
		return (*line).reset, nil
	case word == "seed" && len(args) == 1:
		if n, err := strconv.ParseUint(arg, 0, 64); err == nil {
			return func(l *line) { l.reseed(n) }, nil
		}
	case word == "cut" && arg == "":
		return changer(func(s *Setting) { s.Cut = true }), nil
	case word == "heal" && arg == "":
		return changer(func(s *Setting) { s.Cut = false }), nil
	case word == "delay" && len(args) == 2:
		d, err := parseTime(args[0])
		n, err2 := strconv.ParseFloat(args[1], 64)
		if err == nil && err2 == nil && n >= 0 && n <= maxByteDelay {
			return changer(func(s *Setting) { s.Delay, s.ByteDelay = d, n }), nil
		}
	case len(args) == 1:
		if f, ok := parseValue(word, arg); ok {
			return changer(f), nil
		}
	}
	return nil, ninep.Error("usage: " + usage[word])
}

func changer(f func(*Setting)) func(*line) {
	return func(l *line) { l.change(f) }
}

// parseValue parses the control messages that have one argument.
func parseValue(word, arg string) (func(*Setting), bool) {
	switch word {
	case "delay":
		d, err := parseTime(arg)
		return func(s *Setting) { s.Delay = d }, err == nil
	case "jitter":
		d, err := parseTime(arg)
		return func(s *Setting) { s.Jitter = d }, err == nil
	case "bandwidth":
		rate, err := parseRate(arg)
		return func(s *Setting) { s.ByteDelay = invert(rate) * 1e9 }, err == nil
	case "loss":
		part, err := parsePart(arg)
		return func(s *Setting) { s.Loss = part }, err == nil
	case "droprate":
		n, err := strconv.ParseUint(arg, 0, 31)
		return func(s *Setting) { s.Loss = invert(float64(n)) }, err == nil
	case "limit":
		n, err := strconv.ParseUint(arg, 0, 30)
		return func(s *Setting) { s.Limit = int(n) }, err == nil
	case "indrop":
		return func(s *Setting) { s.InDrop = arg == "1" }, arg == "0" || arg == "1"
	}
	return nil, false
}

// invert returns 1/f, and 0 for 0: a rate of 0 is none.
func invert(f float64) float64 {
	if f == 0 {
		return 0
	}
	return 1 / f
}

// The largest settings: beyond these a number is a mistake, and sums of
// times could overflow.
const (
	maxTime      = time.Hour
	maxByteDelay = 1e9 // a byte a second
)

// parseTime reads a duration: a number of nanoseconds, or one with a unit.
func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if n, e := strconv.ParseInt(s, 0, 64); e == nil {
		d, err = time.Duration(n), nil
	}
	if err == nil && (d < 0 || d > maxTime) {
		err = strconv.ErrRange
	}
	return d, err
}

// units are the suffixes of a bandwidth, in bytes a second.
var units = []struct {
	name  string
	bytes float64
}{
	{"Gbit", 1e9 / 8}, {"Mbit", 1e6 / 8}, {"kbit", 1e3 / 8}, {"bit", 1. / 8},
	{"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1},
}

// parseRate reads a bandwidth, in bytes a second.
func parseRate(s string) (float64, error) {
	for _, u := range units {
		if num, ok := strings.CutSuffix(s, u.name); ok {
			f, err := strconv.ParseFloat(num, 64)
			f *= u.bytes
			if err == nil && f != 0 && !(f >= 1e9/maxByteDelay && f <= 1e15) {
				err = strconv.ErrRange
			}
			return f, err
		}
	}
	return 0, strconv.ErrSyntax
}

// formatRate writes a bandwidth the way parseRate reads it.
func formatRate(rate float64) string {
	for _, u := range units[:3] {
		if rate >= u.bytes {
			return strconv.FormatFloat(rate/u.bytes, 'g', 6, 64) + u.name
		}
	}
	return strconv.FormatFloat(rate, 'g', 6, 64)
}

// parsePart reads a part of all: 0.02, or 2%.
func parsePart(s string) (float64, error) {
	num, percent := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(num, 64)
	if percent {
		f /= 100
	}
	if err == nil && !(f >= 0 && f <= 1) {
		err = strconv.ErrRange
	}
	return f, err
}

// String returns the setting as control messages that restore it, one a line.
func (s Setting) String() string {
	cut, indrop := "heal", 0
	if s.Cut {
		cut = "cut"
	}
	if s.InDrop {
		indrop = 1
	}
	return fmt.Sprintf("delay %v\njitter %v\nbandwidth %s\nloss %s%%\nindrop %d\nlimit %d\nseed %d\n%s\n",
		s.Delay, s.Jitter, formatRate(invert(s.ByteDelay)*1e9),
		strconv.FormatFloat(s.Loss*100, 'g', 6, 64), indrop, s.Limit, s.Seed, cut)
}

// Status returns the settings as control messages that restore them, one a
// line: once if they are the same in both directions.
func (l *Link) Status() string {
	toA, toB := l.toA.setting().String(), l.toB.setting().String()
	if toA == toB {
		return toA
	}
	return prefix("to "+l.a+" ", toA) + prefix("to "+l.b+" ", toB)
}

// prefix puts s before each line of text.
func prefix(s, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(s + line)
	}
	return b.String()
}

// Stats returns the counts, a line for each direction.
func (l *Link) Stats() string {
	show := func(name string) string {
		s := l.to(name).stats()
		return fmt.Sprintf("to %s packets %d bytes %d lost %d overflows %d\n",
			name, s.Packets, s.Bytes, s.Lost, s.Overflows)
	}
	return show(l.a) + show(l.b)
}

// Links returns the links of a station as the device #λ shows them there.
func (w *Wire) Links(station string) dev.Links { return stationLinks{w, station} }

type stationLinks struct {
	wire    *Wire
	station string
}

func (s stationLinks) Links() []dev.Link {
	var links []dev.Link
	for _, l := range s.wire.LinksOf(s.station) {
		name := l.a
		if name == s.station {
			name = l.b
		}
		links = append(links, farEnd{l, name})
	}
	return links
}

// A farEnd is a link named after its other end.
type farEnd struct {
	*Link
	name string
}

func (f farEnd) Name() string { return f.name }
