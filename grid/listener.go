package grid

import (
	"context"
	"net/netip"

	"ufo/dev"
)

// maxCalls is how many calls wait to be accepted at most, as in /net.
const maxCalls = 500

// A listener accepts the calls to one service of a node.
type listener struct {
	iface   *Iface
	addr    end // as announced: the ip may be any
	service service
	calls   *queue[dev.Conn]

	// Guarded by wire.mu.
	mail *queue[datagram]   // see Datagrams; nil before that
	dice map[*station]*dice // of what goes there by WriteTo
}

// takes reports whether calls to an address of the node are for the listener.
func (l *listener) takes(ip netip.Addr) bool { return !l.addr.ip.IsValid() || l.addr.ip == ip }

func (l *listener) Accept(ctx context.Context) (dev.Conn, error) { return l.calls.get(ctx) }
func (l *listener) Addr() string                                 { return l.addr.String() }

// Close ends the announcement. Calls that nobody accepted are refused.
func (l *listener) Close() error {
	w := l.iface.wire
	w.mu.Lock()
	if l.iface.listeners[l.service] == l {
		delete(l.iface.listeners, l.service)
		l.iface.release(l.service)
	}
	w.mu.Unlock()
	l.hangup()
	return nil
}

// hangup refuses what is not accepted yet, and everything further.
func (l *listener) hangup() {
	l.iface.wire.mu.Lock()
	mail := l.mail
	l.iface.wire.mu.Unlock()
	if mail != nil {
		mail.close()
	}
	for _, c := range l.calls.close() {
		if s, ok := c.(*stream); ok {
			s.iface.forget(s)
			s.reset()
		} else {
			c.Close()
		}
	}
}
