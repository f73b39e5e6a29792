package grid

import (
	"context"
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

func (d *dgram) LocalAddr() string  { return end{d.iface.at.addr, d.flow.local}.String() }
func (d *dgram) RemoteAddr() string { return d.flow.remote.String() }

// dialDgram starts a conversation with the address, of which only this node
// knows.
func (i *Iface) dialDgram(remote end) (dev.Conn, error) {
	w := i.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	to := w.find(i.at, remote.ip)
	switch {
	case i.unplugged:
		return nil, ninep.ErrShutdown
	case to == nil:
		return nil, ninep.ErrNoRoute
	}
	remote.ip = to.addr
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
	if len(p) > maxDatagram {
		return 0, ninep.ErrTooBig
	}
	w := d.iface.wire
	w.mu.Lock()
	if d.iface.unplugged || d.iface.dgrams[d.flow] != d {
		w.mu.Unlock()
		return 0, ninep.ErrHungup
	}
	to := w.find(d.iface.at, d.flow.remote.ip)
	there, _ := w.lines(d.iface.at, to)
	w.mu.Unlock()

	msg := append([]byte(nil), p...)
	n := len(p)
	arrive := func() { w.deliver(to, there, d, msg) }
	if there == nil {
		arrive()
		return n, nil
	}
	there.count(n)
	if there.plain.Load() {
		arrive()
		return n, nil
	}
	delay, ok, err := there.datagram(ctx, d.iface.done, n, &d.dice)
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
// is plugged in at a station, or begins one with who listens there.
func (w *Wire) deliver(to *station, there *line, from *dgram, msg []byte) {
	sender := end{from.iface.at.addr, from.flow.local}
	f := flow{from.flow.remote.port, sender}
	w.mu.Lock()
	i := to.iface
	if i == nil {
		w.mu.Unlock()
		return
	}
	d := i.dgrams[f]
	l := i.listeners[service{"udp", f.local}]
	call := d == nil && l != nil
	if call {
		d = i.newDgram(f)
	}
	w.mu.Unlock()
	if d == nil {
		return
	}
	ok := d.in.put(msg, maxDatagrams)
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
