package grid

import (
	"context"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

// A stream is one end of a tcp conversation: it reads one half and writes the
// other, and the other end does the opposite.
type stream struct {
	iface         *Iface
	local, remote end
	in, out       *half
}

func (s *stream) Read(ctx context.Context, p []byte) (int, error)  { return s.in.read(ctx, p) }
func (s *stream) Write(ctx context.Context, p []byte) (int, error) { return s.out.write(ctx, p) }
func (s *stream) LocalAddr() string                                { return s.local.String() }
func (s *stream) RemoteAddr() string                               { return s.remote.String() }

// Close ends the conversation. What was written is still delivered.
func (s *stream) Close() error {
	s.iface.forget(s)
	s.in.abandon()
	s.out.finish(endPacket)
	return nil
}

// CloseWrite ends what this end says; see [dev.HalfCloser].
func (s *stream) CloseWrite() error {
	s.out.finish(lastPacket)
	return nil
}

// reset ends the conversation because the node is gone, or will not have it.
func (s *stream) reset() {
	s.in.abandon()
	s.out.finish(resetPacket)
}

// forget takes a stream out of the node's table.
func (i *Iface) forget(s *stream) {
	i.wire.mu.Lock()
	defer i.wire.mu.Unlock()
	if _, ok := i.streams[s]; ok {
		delete(i.streams, s)
		i.release(service{"tcp", s.local.port})
	}
}

// A call is a conversation that the dialer's node has begun, and that the
// other node is yet to hear of.
type call struct {
	to  *listener
	end *stream // the end that Accept returns
}

// deliver makes the call acceptable. A node that is gone, or a listener that
// has too many calls already, resets it.
func (c *call) deliver() {
	i := c.end.iface
	i.wire.mu.Lock()
	ok := !i.unplugged && i.listeners[c.to.service] == c.to
	if ok {
		i.streams[c.end] = struct{}{}
		i.used[service{"tcp", c.end.local.port}]++
	}
	i.wire.mu.Unlock()
	if !ok || !c.to.calls.put(c.end, maxCalls) {
		i.forget(c.end)
		c.end.reset()
	}
}

// How long dialing waits for an answer: a second for the first try, twice as
// long for each further one.
const (
	firstTry = time.Second
	tries    = 5
)

// dialStream connects to a tcp service.
func (i *Iface) dialStream(ctx context.Context, remote end) (dev.Conn, error) {
	c, err := i.newStream(remote)
	if err != nil {
		return nil, err
	}
	l, err := c.knock(ctx)
	if err != nil {
		i.forget(c)
		return nil, err
	}
	other := &stream{iface: l.iface, local: c.remote, remote: c.local, in: c.out, out: c.in}
	c.out.push(packet{kind: openPacket, call: &call{l, other}})
	return c, nil
}

// newStream returns the dialer's end of a conversation.
func (i *Iface) newStream(remote end) (*stream, error) {
	w := i.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	if i.unplugged {
		return nil, ninep.ErrShutdown
	}
	to := w.find(i.at, remote.ip)
	if to == nil {
		return nil, ninep.ErrNoRoute
	}
	port, err := i.freePort("tcp")
	if err != nil {
		return nil, err
	}
	c := &stream{iface: i, local: end{i.at.source(remote.ip), port}, remote: remote}
	name := c.local.String() + " " + c.remote.String()
	there, back := w.lines(i.at, to)
	c.out, c.in = newHalf(there, name+" >"), newHalf(back, name+" <")
	c.out.opposite, c.in.opposite = c.in, c.out
	i.streams[c] = struct{}{}
	i.used[service{"tcp", port}]++
	return c, nil
}

// knock asks the other node for the service until an answer comes, and
// returns who accepts the call.
func (c *stream) knock(ctx context.Context) (*listener, error) {
	d := dice{name: c.out.dice.name + "?"}
	for try := range tries {
		l, answered, err := c.ask(ctx, &d, firstTry<<try)
		switch {
		case err != nil:
			return nil, err
		case answered && l == nil:
			return nil, ninep.ErrConRefused
		case answered:
			return l, nil
		}
	}
	return nil, ninep.ErrTimedOut
}

// ask asks once. If no answer comes it returns after patience, or earlier if
// the link is healed: then it is worth asking again.
func (c *stream) ask(ctx context.Context, d *dice, patience time.Duration) (l *listener, answered bool, err error) {
	there, back := c.out.line, c.in.line
	healedThere, healedBack := there.whole(), back.whole()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	ok, err := c.cross(ctx, there, d)
	if ok {
		l = c.iface.wire.listener(c.iface.at, c.remote)
		ok, err = c.cross(ctx, back, d)
	}
	if ok || err != nil {
		return l, ok, err
	}
	select {
	case <-enough.C:
	case <-healedThere:
	case <-healedBack:
	case <-c.iface.done:
		err = ninep.ErrHungup
	case <-ctx.Done():
		err = ninep.ErrIntr
	}
	return nil, false, err
}

// cross waits as long as a packet takes to cross the line, and reports
// whether it came through.
func (c *stream) cross(ctx context.Context, l *line, d *dice) (bool, error) {
	delay, ok := l.probe(d)
	if !ok || delay <= 0 {
		return ok, nil
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
		return !l.isCut(), nil
	case <-c.iface.done:
		return false, ninep.ErrHungup
	case <-ctx.Done():
		return false, ninep.ErrIntr
	}
}

// listener returns who listens at the address, or nil.
func (w *Wire) listener(from *station, addr end) *listener {
	w.mu.Lock()
	defer w.mu.Unlock()
	to := w.find(from, addr.ip)
	if to == nil || to.iface == nil {
		return nil
	}
	l := to.iface.listeners[service{"tcp", addr.port}]
	if l == nil || !l.takes(addr.ip) {
		return nil
	}
	return l
}
