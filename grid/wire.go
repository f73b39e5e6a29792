package grid

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"ufo/dev"
	"ufo/ninep"
)

// A Wire is a simulated network: stations, each with an address, and a
// [Link] between each two of them, which is perfect until told otherwise. It
// carries streams (tcp) and datagrams (udp). A conversation costs no goroutine
// and, on a perfect link, no timer: a write copies into the buffer that the
// other end reads.
type Wire struct {
	log func(what, event string) // told of each control message to a link; nil: nobody

	mu       sync.Mutex // guards the fields below and all tables of stations and Ifaces
	stations []*station // in the order they were added
	byAddr   map[netip.Addr]*station
	byName   map[string]*station
	links    map[[2]*station]*Link // made when first needed; key in order of stations
}

// A station is a place on the wire.
type station struct {
	name  string
	addr  netip.Addr
	num   int    // index in Wire.stations
	iface *Iface // what is plugged in there; nil when nothing is
}

// NewWire returns a wire with no stations.
func NewWire() *Wire {
	return &Wire{
		byAddr: map[netip.Addr]*station{},
		byName: map[string]*station{},
		links:  map[[2]*station]*Link{},
	}
}

// Add adds a station. Its name is what links are named after.
func (w *Wire) Add(name string, addr netip.Addr) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byAddr[addr] != nil || w.byName[name] != nil {
		return ninep.ErrInUse
	}
	s := &station{name: name, addr: addr, num: len(w.stations)}
	w.stations = append(w.stations, s)
	w.byAddr[addr] = s
	w.byName[name] = s
	return nil
}

// Plug connects a node at the named station. It is there until Unplug.
func (w *Wire) Plug(name string) (*Iface, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.byName[name]
	if s == nil {
		return nil, ninep.ErrNotExist
	}
	if s.iface != nil {
		return nil, ninep.ErrInUse
	}
	s.iface = &Iface{
		wire: w, at: s, done: make(chan struct{}), nextPort: firstPort, news: make(chan struct{}),
		used:      map[service]int{},
		listeners: map[service]*listener{},
		streams:   map[*stream]struct{}{},
		dgrams:    map[flow]*dgram{},
	}
	return s.iface, nil
}

// Link returns the link between two stations, in either order.
func (w *Wire) Link(a, b string) (*Link, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sa, sb := w.byName[a], w.byName[b]
	if sa == nil || sb == nil || sa == sb {
		return nil, ninep.ErrNotExist
	}
	return w.link(sa, sb), nil
}

// LinksOf returns the links of one station, in the order of the stations at
// their other ends.
func (w *Wire) LinksOf(name string) []*Link {
	w.mu.Lock()
	defer w.mu.Unlock()
	var links []*Link
	s := w.byName[name]
	for _, other := range w.stations {
		if s != nil && other != s {
			links = append(links, w.link(s, other))
		}
	}
	return links
}

// link returns the link between two stations. The caller holds w.mu.
func (w *Wire) link(a, b *station) *Link {
	if a.num > b.num {
		a, b = b, a
	}
	l := w.links[[2]*station{a, b}]
	if l == nil {
		l = newLink(a.name, b.name)
		l.log = w.log
		w.links[[2]*station{a, b}] = l
	}
	return l
}

// lines returns the two directions of the link from a to b: nil for a station
// that talks to itself. The caller holds w.mu.
func (w *Wire) lines(a, b *station) (out, back *line) {
	if a == b {
		return nil, nil
	}
	l := w.link(a, b)
	return l.to(b.name), l.to(a.name)
}

// An end is the address of one end of a conversation.
type end struct {
	ip   netip.Addr
	port uint16
}

// String returns the address as /net has it: "10.9.0.1!564".
func (e end) String() string {
	host := "*"
	if e.ip.IsValid() {
		host = e.ip.String()
	}
	return host + "!" + strconv.Itoa(int(e.port))
}

// parseAddr takes an address apart: "tcp!10.9.0.1!564". A host "*" is the
// zero Addr.
func parseAddr(addr string) (proto string, e end, err error) {
	f := strings.Split(addr, "!")
	if len(f) != 3 || f[0] != "tcp" && f[0] != "udp" {
		return "", end{}, ninep.ErrBadArg
	}
	port, err := strconv.ParseUint(f[2], 10, 16)
	if err != nil {
		return "", end{}, ninep.ErrBadArg
	}
	e.port = uint16(port)
	if f[1] != "*" {
		if e.ip, err = netip.ParseAddr(f[1]); err != nil {
			return "", end{}, ninep.ErrBadIP
		}
	}
	return f[0], e, nil
}

// An Iface is what a node has of the wire: a [dev.Wire].
type Iface struct {
	wire *Wire
	at   *station
	done chan struct{} // closed by Unplug

	// Guarded by wire.mu.
	unplugged bool
	news      chan struct{} // closed, and made anew, when something is announced
	nextPort  uint16
	used      map[service]int // by how many conversations and listeners
	listeners map[service]*listener
	streams   map[*stream]struct{}
	dgrams    map[flow]*dgram
}

// A service is a port of one protocol: what can be announced once on a station.
type service struct {
	proto string
	port  uint16
}

// A flow is a conversation of datagrams as seen from one station.
type flow struct {
	local  uint16
	remote end
}

// The ports that are chosen when the caller has no wish.
const (
	firstPort = 5000
	lastPort  = 65535
)

// Addr returns the address of the node.
func (i *Iface) Addr() string { return i.at.addr.String() }

// Dial connects to addr; see [dev.Wire].
func (i *Iface) Dial(ctx context.Context, addr string) (dev.Conn, error) {
	proto, remote, err := parseAddr(addr)
	if err != nil {
		return nil, err
	}
	if proto == "udp" {
		return i.dialDgram(remote)
	}
	return i.dialStream(ctx, remote)
}

// Announce accepts calls for addr; see [dev.Wire].
func (i *Iface) Announce(_ context.Context, addr string) (dev.Listener, error) {
	proto, local, err := parseAddr(addr)
	if err != nil {
		return nil, err
	}
	i.wire.mu.Lock()
	defer i.wire.mu.Unlock()
	switch {
	case i.unplugged:
		return nil, ninep.ErrShutdown
	case local.ip.IsValid() && i.wire.find(i.at, local.ip) != i.at:
		return nil, ninep.ErrBadIP
	}
	if local.port == 0 {
		if local.port, err = i.freePort(proto); err != nil {
			return nil, err
		}
	}
	l := &listener{iface: i, addr: local, service: service{proto, local.port}, calls: newQueue[dev.Conn]()}
	if i.listeners[l.service] != nil {
		return nil, ninep.ErrConInUse
	}
	i.listeners[l.service] = l
	i.used[l.service]++
	renew(&i.news)
	return l, nil
}

// announced waits until somebody listens on a tcp port.
func (i *Iface) announced(ctx context.Context, port uint16) error {
	for {
		i.wire.mu.Lock()
		ok, news := i.listeners[service{"tcp", port}] != nil, i.news
		i.wire.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-news:
		case <-i.done:
			return ninep.ErrShutdown
		case <-ctx.Done():
			return ninep.ErrIntr
		}
	}
}

// find returns the station that has the address as seen from another, nil if
// none has. The caller holds w.mu.
func (w *Wire) find(from *station, ip netip.Addr) *station {
	if ip.IsLoopback() {
		return from
	}
	return w.byAddr[ip]
}

// source returns the address that a station has in a conversation with another
// address: a loopback address talks to itself.
func (s *station) source(remote netip.Addr) netip.Addr {
	if remote.IsLoopback() {
		return remote
	}
	return s.addr
}

// freePort returns a port of this node that nobody uses. The caller holds
// wire.mu.
func (i *Iface) freePort(proto string) (uint16, error) {
	for range lastPort - firstPort + 1 {
		port := i.nextPort
		if i.nextPort++; i.nextPort < firstPort {
			i.nextPort = firstPort
		}
		if i.used[service{proto, port}] == 0 {
			return port, nil
		}
	}
	return 0, ninep.ErrNoPort
}

// release says that one user fewer has the port. The caller holds wire.mu.
func (i *Iface) release(s service) {
	if i.used[s]--; i.used[s] <= 0 {
		delete(i.used, s)
	}
}

// Unplug takes the node off the wire: its calls return ErrHungup, what it
// announced is gone, and the other ends of its streams are told as soon as
// the links let that through. It is what a machine's death looks like.
func (i *Iface) Unplug() {
	i.wire.mu.Lock()
	if i.unplugged {
		i.wire.mu.Unlock()
		return
	}
	i.unplugged = true
	i.at.iface = nil
	close(i.done)
	listeners, streams, dgrams := i.listeners, i.streams, i.dgrams
	i.listeners, i.streams, i.dgrams = nil, nil, nil
	i.wire.mu.Unlock()

	for _, l := range listeners {
		l.hangup()
	}
	for s := range streams {
		s.reset()
	}
	for _, d := range dgrams {
		d.hangup()
	}
}
