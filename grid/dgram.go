package grid

import (
	"context"
	"net/netip"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

const (
	maxDatagram  = 65507 // bytes: what fits into udp over IPv4
	maxDatagrams = 64    // unread ones of a conversation; what comes then is dropped
)

// A dgram is one end of a udp conversation. There need not be another end:
// what is sent to a port nobody has is lost without a word.
type dgram struct {
	iface *Iface
	flow  flow
	in    *queue[[]byte]
	dice  dice
}

func (d *dgram) local() end         { return end{d.iface.at.source(d.flow.remote.ip), d.flow.local} }
func (d *dgram) LocalAddr() string  { return d.local().String() }
func (d *dgram) RemoteAddr() string { return d.flow.remote.String() }

// dialDgram starts a conversation with the address, of which only this node
// knows.
func (i *Iface) dialDgram(remote end) (dev.Conn, error) {
	w := i.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case i.unplugged:
		return nil, ninep.ErrShutdown
	case w.find(i.at, remote.ip) == nil:
		return nil, ninep.ErrNoRoute
	}
	port, err := i.freePort("udp")
	if err != nil {
		return nil, err
	}
	return i.newDgram(flow{port, remote}), nil
}

// newDgram makes a conversation. The caller holds wire.mu.
func (i *Iface) newDgram(f flow) *dgram {
	d := &dgram{iface: i, flow: f, in: newQueue[[]byte]()}
	d.dice.name = d.LocalAddr() + " " + d.RemoteAddr() + " udp"
	i.dgrams[f] = d
	i.used[service{"udp", f.local}]++
	return d
}

// Read reads one datagram; what p does not hold of it is lost.
func (d *dgram) Read(ctx context.Context, p []byte) (int, error) {
	msg, err := d.in.get(ctx)
	return copy(p, msg), err
}

// Write sends one datagram.
func (d *dgram) Write(ctx context.Context, p []byte) (int, error) {
	w := d.iface.wire
	w.mu.Lock()
	over := d.iface.unplugged || d.iface.dgrams[d.flow] != d
	w.mu.Unlock()
	if over {
		return 0, ninep.ErrHungup
	}
	return d.iface.send(ctx, p, d.local(), d.flow.remote, &d.dice)
}

// send sends a datagram over the link.
func (i *Iface) send(ctx context.Context, p []byte, from, to end, dice *dice) (int, error) {
	if len(p) > maxDatagram {
		return 0, ninep.ErrTooBig
	}
	w := i.wire
	w.mu.Lock()
	s := w.find(i.at, to.ip)
	if s == nil {
		w.mu.Unlock()
		return 0, ninep.ErrNoRoute
	}
	there, _ := w.lines(i.at, s)
	w.mu.Unlock()

	n := len(p)
	msg := datagram{from, to, append([]byte(nil), p...)}
	arrive := func() { w.deliver(s, there, msg) }
	if there == nil {
		arrive()
		return n, nil
	}
	there.count(n)
	if there.plain.Load() {
		arrive()
		return n, nil
	}
	delay, ok, err := there.datagram(ctx, i.done, n, dice)
	if err != nil {
		return 0, err
	}
	if ok {
		time.AfterFunc(delay, func() {
			if there.landed(n) {
				arrive()
			}
		})
	}
	return n, nil
}

// deliver gives a datagram to the conversation it belongs to at the node that
// is plugged in at a station, to who takes all that comes there, or begins a
// conversation with who listens.
func (w *Wire) deliver(s *station, there *line, m datagram) {
	f := flow{m.to.port, m.from}
	w.mu.Lock()
	i := s.iface
	if i == nil {
		w.mu.Unlock()
		return
	}
	d := i.dgrams[f]
	l := i.listeners[service{"udp", f.local}]
	if l != nil && !l.takes(m.to.ip) {
		l = nil
	}
	var mail *queue[datagram]
	if d == nil && l != nil {
		mail = l.mail
	}
	call := d == nil && l != nil && mail == nil
	if call {
		d = i.newDgram(f)
	}
	w.mu.Unlock()
	ok := true
	switch {
	case mail != nil:
		ok = mail.put(m, maxDatagrams)
	case d != nil:
		ok = d.in.put(m.msg, maxDatagrams)
	}
	if call && !l.calls.put(d, maxCalls) {
		d.Close()
		ok = false
	}
	if !ok && there != nil {
		there.overflows.Add(1)
	}
}

// Close ends the conversation. The other end is not told.
func (d *dgram) Close() error {
	w := d.iface.wire
	w.mu.Lock()
	if d.iface.dgrams[d.flow] == d {
		delete(d.iface.dgrams, d.flow)
		d.iface.release(service{"udp", d.flow.local})
	}
	w.mu.Unlock()
	d.hangup()
	return nil
}

// hangup wakes who waits: nothing comes any more.
func (d *dgram) hangup() { d.in.close() }

// A datagram is one, with its sender and where it was sent.
type datagram struct {
	from, to end
	msg      []byte
}

// Datagrams gives what comes one by one; see [dev.Datagrammer].
func (l *listener) Datagrams() dev.Datagrams {
	l.iface.wire.mu.Lock()
	defer l.iface.wire.mu.Unlock()
	if l.mail == nil {
		l.mail, l.dice = newQueue[datagram](), make(map[*station]*dice)
	}
	return l
}

// ReadFrom reads a datagram; what p does not hold of it is lost.
func (l *listener) ReadFrom(ctx context.Context, p []byte) (n int, from, to netip.AddrPort, err error) {
	m, err := l.mail.get(ctx)
	return copy(p, m.msg), m.from.addrPort(), m.to.addrPort(), err
}

// WriteTo sends a datagram from the announced port.
func (l *listener) WriteTo(ctx context.Context, p []byte, to netip.AddrPort) (int, error) {
	w := l.iface.wire
	w.mu.Lock()
	s := w.find(l.iface.at, to.Addr())
	over := l.iface.listeners[l.service] != l
	d := l.dice[s]
	if d == nil {
		d = &dice{name: l.Addr() + " udp"}
		l.dice[s] = d
	}
	w.mu.Unlock()
	if over {
		return 0, ninep.ErrHungup
	}
	from := end{l.iface.at.source(to.Addr()), l.service.port}
	return l.iface.send(ctx, p, from, end{to.Addr(), to.Port()}, d)
}

func (e end) addrPort() netip.AddrPort { return netip.AddrPortFrom(e.ip, e.port) }
