package grid

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ufo/ninep"
)

// A Setting is how one direction of a link treats what it carries. The zero
// Setting is a perfect link.
type Setting struct {
	Delay     time.Duration // from the end of sending to arrival
	Jitter    time.Duration // added to Delay: up to so much, at random
	ByteDelay float64       // nanoseconds to send a byte
	Loss      float64       // the part of the packets that gets lost, 0 to 1
	Limit     int           // bytes under way of one stream, or of all datagrams; 0: see limit
	InDrop    bool          // a datagram beyond Limit is dropped; otherwise its sender waits
	Seed      uint64        // of the random numbers for Jitter and Loss
	Cut       bool          // nothing passes
}

// Stats counts what one direction of a link has carried to its receiver.
type Stats struct {
	Packets, Bytes uint64 // sent
	Lost           uint64 // packets lost by Loss or Cut; those of streams are sent again
	Overflows      uint64 // datagrams dropped because a queue was full
}

// The retransmission timer of a stream: a lost packet comes so much later,
// plus a round trip, the double of that when it is lost once more, and so on,
// as TCP would have it. RFC 6298 has one second, today's systems this.
const (
	minRetransmit = 200 * time.Millisecond
	maxRetransmit = time.Minute
)

// The bounds of what may be under way on a line without a Limit. The first is
// also the window of the streams of a node with itself.
const (
	defaultLimit = 256 << 10
	mostLimit    = 8 << 20
)

// A line is one direction of a link.
type line struct {
	plain atomic.Bool // set is perfect: nothing here need be asked

	packets, bytes, lost, overflows atomic.Uint64

	mu     sync.Mutex // guards the fields below
	set    Setting
	seeded int                // how often a seed was set: random numbers start anew
	free   time.Time          // when all that was given to the line is sent
	flying map[*half]struct{} // streams with packets under way
	load   int                // bytes of datagrams under way
	room   chan struct{}      // closed, and made anew, when load shrinks
	healed chan struct{}      // closed, and made anew, when a cut ends
}

func newLine() *line {
	l := &line{
		flying: map[*half]struct{}{},
		room:   make(chan struct{}),
		healed: make(chan struct{}),
	}
	l.plain.Store(true)
	return l
}

// setting returns the present setting.
func (l *line) setting() Setting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.set
}

// change makes f change the setting. Where this ends a cut, what the streams
// had under way is sent again.
func (l *line) change(f func(*Setting)) {
	l.mu.Lock()
	wasCut := l.set.Cut
	f(&l.set)
	l.plain.Store(l.set == Setting{Seed: l.set.Seed, InDrop: l.set.InDrop})
	var again []*half
	if wasCut && !l.set.Cut {
		renew(&l.healed)
		for h := range l.flying {
			again = append(again, h)
		}
		// In an order that is the same in each run.
		slices.SortFunc(again, func(a, b *half) int { return strings.Compare(a.dice.name, b.dice.name) })
	}
	l.mu.Unlock()
	for _, h := range again {
		h.resend()
	}
}

// reseed starts the random numbers anew, also if the seed stays the same.
func (l *line) reseed(seed uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set.Seed = seed
	l.seeded++
}

// renew wakes all who wait for the channel, and makes a new one.
func renew(c *chan struct{}) {
	close(*c)
	*c = make(chan struct{})
}

// expect and forget keep the table of the streams that have packets under way.
func (l *line) expect(h *half) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying[h] = struct{}{}
}

func (l *line) forget(h *half) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.flying, h)
}

// isCut reports whether nothing passes.
func (l *line) isCut() bool {
	if l == nil || l.plain.Load() {
		return false
	}
	return l.setting().Cut
}

// limit returns how many bytes a stream may have under way.
func (l *line) limit() int {
	if l == nil || l.plain.Load() {
		return defaultLimit
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.set.limit()
}

// limit is Limit with its default: what the line carries in a round trip, as the
// systems of today widen the window of TCP.
func (s *Setting) limit() int {
	if s.Limit > 0 {
		return s.Limit
	}
	const fastest = 0.1 // nanoseconds for a byte, should there be no bound
	carries := 2 * float64(s.Delay) / max(s.ByteDelay, fastest)
	return int(min(max(carries, defaultLimit), mostLimit))
}

// count counts a packet of n bytes.
func (l *line) count(n int) {
	l.packets.Add(1)
	l.bytes.Add(uint64(n))
}

// reset clears the statistics.
func (l *line) reset() {
	for _, c := range []*atomic.Uint64{&l.packets, &l.bytes, &l.lost, &l.overflows} {
		c.Store(0)
	}
}

// stats returns the statistics.
func (l *line) stats() Stats {
	return Stats{l.packets.Load(), l.bytes.Load(), l.lost.Load(), l.overflows.Load()}
}

// Dice are the random numbers of one conversation in one direction. That each
// has its own makes what happens to it independent of what others do at the
// same time, and so the same in each run with the same seed.
type dice struct {
	name   string // of the conversation: its addresses
	seeded int    // line.seeded when rng was made
	rng    *rand.Rand
}

// roll returns the generator. The caller holds l.mu.
func (l *line) roll(d *dice) *rand.Rand {
	if d.rng == nil || d.seeded != l.seeded {
		h := fnv.New64a()
		h.Write([]byte(d.name))
		d.rng = rand.New(rand.NewPCG(l.set.Seed, h.Sum64()))
		d.seeded = l.seeded
	}
	return d.rng
}

// transit puts n bytes on the line and returns when they arrive, and whether
// they are lost on the way. The caller holds l.mu.
func (l *line) transit(n int, d *dice) (at time.Time, lost bool) {
	now := time.Now()
	start := now
	if l.free.After(now) {
		start = l.free
	}
	l.free = start.Add(time.Duration(float64(n) * l.set.ByteDelay))
	at = l.free.Add(l.set.Delay)
	if l.set.Jitter > 0 {
		at = at.Add(time.Duration(l.roll(d).Int64N(int64(l.set.Jitter) + 1)))
	}
	lost = l.set.Loss > 0 && l.roll(d).Float64() < l.set.Loss
	return at, lost
}

// stream puts a packet of a stream on the line and returns when it arrives,
// after the retransmissions it needs. While the line is cut that is only when
// it would have arrived: a packet that is due stays until it is resent.
func (l *line) stream(n int, d *dice) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, lost := l.transit(n, d)
	if !lost {
		return at
	}
	again := min(minRetransmit+2*l.set.Delay, maxRetransmit)
	// A loss of 1 would retransmit for ever: it is given up after as many
	// tries as TCP makes, and comes an hour late.
	for tries := 0; lost && tries < 64; tries++ {
		l.lost.Add(1)
		at = at.Add(again)
		again = min(2*again, maxRetransmit)
		lost = l.roll(d).Float64() < l.set.Loss
	}
	return at
}

// datagram puts a datagram on the line, waiting for room if it must, and
// returns how long it takes and whether it arrives at all. One that arrives
// must be told to landed.
func (l *line) datagram(ctx context.Context, done <-chan struct{}, n int, d *dice) (time.Duration, bool, error) {
	l.mu.Lock()
	for l.load > 0 && l.load+n > l.set.limit() {
		if l.set.InDrop {
			l.mu.Unlock()
			l.overflows.Add(1)
			return 0, false, nil
		}
		room := l.room
		l.mu.Unlock()
		select {
		case <-room:
		case <-done:
			return 0, false, ninep.ErrHungup
		case <-ctx.Done():
			return 0, false, ninep.ErrIntr
		}
		l.mu.Lock()
	}
	defer l.mu.Unlock()
	at, lost := l.transit(n, d)
	if lost || l.set.Cut {
		l.lost.Add(1)
		return 0, false, nil
	}
	l.load += n
	return time.Until(at), true, nil
}

// landed says that a datagram has arrived, and reports whether the line is
// still whole.
func (l *line) landed(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.load -= n
	renew(&l.room)
	if l.set.Cut {
		l.lost.Add(1)
	}
	return !l.set.Cut
}

// probe is a packet without content, of which it is only asked when it
// arrives: the first ones of a stream.
func (l *line) probe(d *dice) (time.Duration, bool) {
	if l == nil || l.plain.Load() {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(0)
	at, lost := l.transit(0, d)
	if lost || l.set.Cut {
		l.lost.Add(1)
		return 0, false
	}
	return time.Until(at), true
}

// whole returns a channel that is closed when the next cut of the line ends.
func (l *line) whole() <-chan struct{} {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.healed
}
