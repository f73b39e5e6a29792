package grid

import (
	"context"
	"io"
	"sync"
	"time"

	"ufo/ninep"
)

// A packet is what is under way between the ends of a stream.
type packet struct {
	kind packetKind
	data []byte    // of a data packet
	call *call     // of an open packet
	at   time.Time // when it arrives
}

type packetKind uint8

const (
	dataPacket  packetKind = iota
	openPacket             // the dialer's first: the call can be accepted
	lastPacket             // the writer says no more, but reads on
	endPacket              // the writer closed
	resetPacket            // the writer's node is gone
)

// maxPacket is how much of a long write travels as one packet, and so is lost
// as one: as much as in loopback(3).
const maxPacket = 32 << 10

// A half is one direction of a stream: a buffer that the reader empties and,
// while the line is not perfect, the packets under way to it.
//
// The bytes in both together stay within the line's limit: that is the
// stream's window. BUG: the writer knows at once of the room that the reader
// makes; in TCP the news takes half a round trip.
type half struct {
	line     *line // nil: both ends are on one node
	opposite *half // the other direction

	mu     sync.Mutex // guards the fields below
	buf    ring       // what has come
	fly    []packet   // under way, in the order of their arrival
	flying int        // bytes in fly
	timer  *time.Timer
	dice   dice
	closed bool       // the writer is done
	last   bool       // and has said only that
	gone   bool       // the reader is: what comes is thrown away
	heard  bool       // and the writer has heard that it closed
	end    packetKind // of the last packet, once that has come

	readers, writers   int           // how many wait for
	readable, writable chan struct{} // a token
}

func newHalf(l *line, name string) *half {
	return &half{line: l, dice: dice{name: name}, readable: newToken(), writable: newToken()}
}

// newToken returns a channel that wakes one goroutine each time it is posted
// to, or lets the next one that waits go on at once.
func newToken() chan struct{} { return make(chan struct{}, 1) }

func post(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// wake wakes one reader and one writer, if there are any, and something to do
// for them. It is called after each change; who is woken calls it too, so that
// the next one's turn comes. The caller holds h.mu.
func (h *half) wake() {
	if h.readers > 0 && (h.buf.len() > 0 || h.end != dataPacket || h.gone) {
		post(h.readable)
	}
	if h.writers > 0 {
		post(h.writable)
	}
}

// wait waits for a token, without the lock.
func (h *half) wait(ctx context.Context, token chan struct{}, waiters *int) error {
	*waiters++
	h.mu.Unlock()
	var err error
	select {
	case <-token:
	case <-ctx.Done():
		err = ninep.ErrIntr
	}
	h.mu.Lock()
	*waiters--
	return err
}

// read reads what has come; it waits until something has.
func (h *half) read(ctx context.Context, p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.wake()
	for {
		switch {
		case h.gone:
			return 0, ninep.ErrHungup
		case len(p) == 0:
			return 0, nil
		case h.buf.len() > 0:
			return h.buf.read(p), nil
		case h.end == endPacket, h.end == lastPacket:
			return 0, io.EOF
		case h.end == resetPacket:
			return 0, ninep.ErrHungup
		}
		if err := h.wait(ctx, h.readable, &h.readers); err != nil {
			return 0, err
		}
	}
}

// write sends p in packets, each when there is room for it.
func (h *half) write(ctx context.Context, p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.wake()
	for sent := 0; ; {
		limit := h.line.limit()
		n := min(len(p)-sent, maxPacket, limit)
		switch {
		case h.closed:
			return sent, ninep.ErrHungup
		case n == 0:
			return len(p), nil
		case h.gone: // the next one hears that nobody took it
			h.closed = h.heard
			return len(p), nil
		case h.buf.len()+h.flying+n <= limit:
			h.send(packet{data: p[sent : sent+n]})
			sent += n
			continue
		}
		if err := h.wait(ctx, h.writable, &h.writers); err != nil {
			return sent, err
		}
	}
}

// send puts a packet on the line, or where the reader sees it if the line is
// perfect. It returns what must be done about it without the lock. The caller
// holds h.mu.
func (h *half) send(p packet) (then func()) {
	if h.line != nil {
		h.line.count(len(p.data))
	}
	if h.line == nil || len(h.fly) == 0 && h.line.plain.Load() {
		return h.land(p)
	}
	p.data = append([]byte(nil), p.data...)
	h.schedule(&p, len(h.fly))
	h.fly = append(h.fly, p)
	h.flying += len(p.data)
	if len(h.fly) == 1 {
		h.line.expect(h)
		h.arm()
	}
	return nil
}

// schedule says when a packet arrives that has i packets before it: not
// before them.
func (h *half) schedule(p *packet, i int) {
	p.at = h.line.stream(len(p.data), &h.dice)
	if i > 0 && p.at.Before(h.fly[i-1].at) {
		p.at = h.fly[i-1].at
	}
}

// arm makes arrive run when the first packet is due. The caller holds h.mu.
func (h *half) arm() {
	d := time.Until(h.fly[0].at)
	if h.timer == nil {
		h.timer = time.AfterFunc(d, h.arrive)
	} else {
		h.timer.Reset(d)
	}
}

// arrive lands what is due. On a line that is cut nothing does, until resend.
func (h *half) arrive() {
	h.mu.Lock()
	if h.line.isCut() {
		h.mu.Unlock()
		return
	}
	var todo []func()
	now := time.Now()
	for len(h.fly) > 0 && !h.fly[0].at.After(now) {
		p := h.fly[0]
		h.fly[0] = packet{}
		h.fly = h.fly[1:]
		h.flying -= len(p.data)
		if then := h.land(p); then != nil {
			todo = append(todo, then)
		}
	}
	h.settle()
	h.mu.Unlock()
	for _, then := range todo {
		then()
	}
}

// settle arms the timer for what is still under way. The caller holds h.mu.
func (h *half) settle() {
	if len(h.fly) > 0 {
		h.arm()
		return
	}
	h.fly = nil
	h.line.forget(h)
}

// resend sends all that is under way once more: the line was cut and is whole
// again.
func (h *half) resend() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.fly {
		h.schedule(&h.fly[i], i)
	}
	if len(h.fly) > 0 {
		h.arm()
	}
}

// land gives a packet to the reader, and returns what must be done about it
// without the lock. The caller holds h.mu.
func (h *half) land(p packet) (then func()) {
	switch {
	case p.kind == openPacket:
		return p.call.deliver
	case h.gone:
		return nil
	case p.kind == dataPacket:
		h.buf.write(p.data)
	case p.kind == lastPacket:
		h.end = p.kind
	default:
		h.end = p.kind
		then = func() { h.opposite.shut(p.kind) }
	}
	h.wake()
	return then
}

// push sends a packet that takes no room.
func (h *half) push(p packet) {
	h.mu.Lock()
	then := h.send(p)
	h.mu.Unlock()
	if then != nil {
		then()
	}
}

// finish sends the last packet: the writer is done. After lastPacket another
// can follow.
func (h *half) finish(kind packetKind) {
	h.mu.Lock()
	over := h.gone || h.closed && (!h.last || kind == lastPacket)
	h.closed, h.last = true, kind == lastPacket
	h.wake()
	h.mu.Unlock()
	if !over {
		h.push(packet{kind: kind})
	}
}

// shut refuses further writes: the other end has reset the stream, or has closed
// it, and this one has heard of it. As in TCP, that it closed may mean that it
// still reads; what is written is answered by a reset if it does not, so that one
// write more succeeds.
func (h *half) shut(how packetKind) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = true
	if how == resetPacket || h.writers > 0 {
		h.closed = true
	}
	h.wake()
}

// abandon throws away what has come and what will come: the reader is gone.
func (h *half) abandon() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	h.buf = ring{}
	if len(h.fly) > 0 {
		h.fly, h.flying = nil, 0
		h.timer.Stop()
		h.settle()
	}
	h.wake()
}
