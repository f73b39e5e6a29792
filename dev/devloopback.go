package dev

// The loopback device: the simulated links of this node.
//
//	#λ/link/n1/ctl      takes the control messages of loopback(3): delay
//	                    droprate indrop limit reset, and our cut heal seed
//	#λ/link/n1/status   the settings, as control messages that restore them
//	#λ/link/n1/stats    packets, bytes, drops
//
// There is a directory for each link, named after the node at its other end.
//
//	% bind -a '#λ' /net
//	% echo delay 80ms >/net/link/n1/ctl
//	% echo cut >/net/link/n1/ctl; cat /net/link/n1/status

import (
	"context"
	"strings"

	"ufo/ninep"
)

// Links are the links of one node: what #λ shows.
type Links interface {
	// Links returns the node's links, in the order to list them.
	Links() []Link
}

// A Link is one link of the simulated wire as seen from one of its ends. Its
// control messages are those of loopback(3) in Plan 9 and some of ours, so
// that whatever serves a link as files can pass on what was written:
//
//	delay latency [bytedelay]   nanoseconds, or with a unit: 80ms
//	droprate n                  drop one packet in n; 0 none
//	indrop 0|1                  drop what comes when the queue is full
//	limit n                     bytes a queue holds
//	reset                       zero the statistics
//	cut, heal                   nothing passes; everything passes again
//	seed n                      start the random numbers of loss anew
//
// They concern both directions; "to n1 cut" only what goes to n1. A wire may
// know further ones (jitter, loss).
type Link interface {
	// Name is that of the node at the other end.
	Name() string

	// Ctl does one control message, without newline. A word it does not
	// know gives ErrCtlUnknown, wrong arguments ErrCmdArgs or an error
	// that tells the usage.
	Ctl(msg string) error

	// Status returns the settings, one a line, each a control message
	// that would restore it.
	Status() string

	// Stats returns the tagged counts, one a line: "packets: 12".
	Stats() string
}

// NewLoopback returns the device #λ.
func NewLoopback(h Host, links Links) ninep.Server {
	list := func(context.Context) ([]*ninep.Node, error) {
		var nodes []*ninep.Node
		for _, l := range links.Links() {
			nodes = append(nodes, linkDir(l))
		}
		return nodes, nil
	}
	return newTree(h, &ninep.Node{Children: []*ninep.Node{{Name: "link", List: list}}})
}

func linkDir(l Link) *ninep.Node {
	return &ninep.Node{Name: l.Name(), Children: []*ninep.Node{
		{Name: "ctl", Write: func(_ context.Context, p []byte) error { return linkCtl(l, p) }},
		ninep.TextFunc("status", l.Status),
		ninep.TextFunc("stats", l.Stats),
	}}
}

// linkCtl does the messages of one write, one a line: what status reads can
// be written back as it is.
func linkCtl(l Link, p []byte) error {
	for _, msg := range strings.Split(strings.TrimSuffix(string(p), "\n"), "\n") {
		if err := l.Ctl(msg); err != nil {
			return err
		}
	}
	return nil
}
