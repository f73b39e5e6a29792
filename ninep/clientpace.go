package ninep

import "time"

// A pace is what a connection was seen to carry in one direction, from which
// follows how much should be under way: twice what it carries in a round trip.
// With less the server waits for us, and more would only wait in queues, in the
// way of others. (TCP's BBR finds its window in the same way.)
//
// It knows both from the replies themselves: the round trip is that of the
// fastest, the rate what came between a request and its reply, which grows with
// each round trip as long as it is we who bound it. Guarded by Client.mu.
type pace struct {
	flying int   // requests under way
	bytes  int   // theirs
	moved  int64 // bytes of all that were answered

	rate, rateBefore float64       // bytes a second: the most since turned, and before
	turned           time.Time     // when rate was begun anew
	seen             float64       // the rate when it last grew much,
	grew             time.Time     // and when: then more is tried
	trip             time.Duration // the round trip; 0: not known
	tripAt           time.Time     // when it was seen
	probing          bool          // little is under way, so that the next reply tells it
}

const (
	firstWindow = 256 << 10 // bytes, as long as nothing is known
	mostWindow  = 16 << 20
	mostFlying  = 256              // requests; servers bound them, too
	tripGood    = 10 * time.Second // how long a round trip is believed

	// leastTrip is what the round trip is taken for where it is shorter: both sides
	// are programs, and to wake one takes that long now and then.
	leastTrip = 200 * time.Microsecond
)

// begin counts a request that is sent.
func (p *pace) begin(k *call) {
	k.sent, k.moved, k.probes = time.Now(), p.moved, p.probing
	p.flying++
	p.bytes += k.size()
}

// leave counts out a request, answered or not.
func (p *pace) leave(k *call) {
	p.flying--
	p.bytes -= k.size()
}

// end counts a request that was answered.
func (p *pace) end(k *call) {
	now := time.Now()
	k.came = now
	p.leave(k)
	p.moved += int64(k.size())
	took := now.Sub(k.sent)
	if took <= 0 {
		return
	}
	rate := float64(p.moved-k.moved) / took.Seconds()
	if now.Sub(p.turned) > max(8*p.trip, 100*time.Millisecond) {
		p.rateBefore, p.seen, p.rate, p.turned = p.rate, p.rate, 0, now
	}
	p.rate = max(p.rate, rate)
	if p.rate > 1.25*p.seen {
		p.seen, p.grew = p.rate, now
	}
	switch {
	case p.trip == 0 || took <= p.trip || k.probes:
		p.trip, p.tripAt, p.probing = took, now, false
	case now.Sub(p.tripAt) > tripGood:
		p.probing = true
	}
}

// window returns how many bytes should be under way.
func (p *pace) window() int {
	switch {
	case p.probing:
		return 0
	case p.trip == 0:
		return firstWindow
	}
	much := 2.0
	if time.Since(p.grew) < 2*p.trip {
		much = 4
	}
	return int(min(much*max(p.rate, p.rateBefore)*max(p.trip, leastTrip).Seconds(), mostWindow))
}

// room reports whether a request of size bytes may be sent by somebody who has
// own bytes under way, or answered behind one that is under way, or waiting to
// be wanted: two requests of his always.
func (p *pace) room(own, size, most int) bool {
	w := p.window()
	return own < 2*size || p.flying < mostFlying && p.bytes+size <= w && own+size <= min(4*w, most)
}

// size returns how many bytes a Tread or Twrite is to move.
func (k *call) size() int { return int(k.t.Count) }
