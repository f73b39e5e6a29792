package dev

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"ufo/ninep"
)

// A Gateway is a Wire that leads out of the grid, too, to the network of the
// host. There 127.0.0.1 is the host, and what is announced can be an address of
// the host.
type Gateway interface {
	Wire

	// Lookup returns the addresses of a host's name, in the order to try
	// them: "127.0.0.1", "::1". It returns ErrIntr when ctx is done.
	Lookup(ctx context.Context, name string) ([]string, error)
}

// leadsOut reports whether a wire is a Gateway.
func leadsOut(w Wire) bool {
	_, ok := w.(Gateway)
	return ok
}

// dnsFile returns the file dns of a Gateway's network, which has the form of
// that of ndb/dns in Plan 9. Each opening has a question of its own.
func dnsFile(g Gateway) *ninep.Node {
	return &ninep.Node{Name: "dns", Perm: 0666,
		Open: func(context.Context, string, ninep.Mode) (*ninep.Node, error) {
			q := &dnsQuestion{g: g}
			return &ninep.Node{Name: "dns", Perm: 0666, ReadAt: q.read, Write: q.ask}, nil
		},
	}
}

// A dnsQuestion is one opening of the file dns.
type dnsQuestion struct {
	g Gateway

	mu      sync.Mutex // guards answers
	answers []string
}

// What dns says when it does not know.
const (
	errNoType   ninep.Error = "dns: resource does not exist"
	errBadQuery ninep.Error = "dns: bad query: want name ip or name ipv6"
)

// ask takes a question: "example.org ip".
func (q *dnsQuestion) ask(ctx context.Context, msg []byte) error {
	f := strings.Fields(string(msg))
	if len(f) != 2 || f[1] != "ip" && f[1] != "ipv6" {
		return errBadQuery
	}
	addrs, err := q.g.Lookup(ctx, f[0])
	if err != nil {
		return err
	}
	addrs = slices.DeleteFunc(addrs, func(addr string) bool {
		ip, err := netip.ParseAddr(addr)
		return err != nil || ip.Is4() != (f[1] == "ip")
	})
	if len(addrs) == 0 {
		return errNoType
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.answers = nil
	for _, addr := range addrs {
		q.answers = append(q.answers, f[0]+" "+f[1]+" "+addr)
	}
	return nil
}

// read returns the answer that the offset is in: one for each read.
func (q *dnsQuestion) read(_ context.Context, p []byte, off int64) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, a := range q.answers {
		if off < int64(len(a)) {
			return copy(p, a[off:]), nil
		}
		off -= int64(len(a))
	}
	return 0, nil
}
