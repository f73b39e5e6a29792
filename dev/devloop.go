package dev

// Links are the links of one node: what #λ shows.
type Links interface {
	// Links returns the node's links, in the order to list them.
	Links() []Link
}

// A Link is one link of the simulated wire as seen from one of its ends. Its
// control messages are those of loopback(3) and three of ours, so that
// whatever serves a link as files can pass on what was written:
//
//	delay latency [bytedelay]   nanoseconds, or with a unit: 80ms
//	droprate n                  drop one packet in n; 0 none
//	limit n                     bytes a queue holds
//	reset                       zero the statistics
//	cut, heal                   nothing passes; everything passes again
//	seed n                      start the random numbers of loss anew
//
// A wire may know further ones (jitter, loss).
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
