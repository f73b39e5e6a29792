// Package grid is many nodes in one process: a topology read from a network
// database, a simulated wire between the nodes, the faults it can be given,
// and the tree of files that controls it all.
//
//	text, _ := grid.Builtin("four")
//	top, err := grid.ParseTopology("four", text)
//	g, err := grid.New(grid.Config{Topology: top, Root: disk, Kernel: kernel.Config{ ... }})
//	err = g.Boot(ctx)
//	l, err := g.Wire().Link("n1", "term")
//	err = l.Ctl("delay 80ms")
//	err = g.Node("n1").Kill(ctx)
//	err = g.Halt(ctx)
//
// Nothing here is global, and time is package time's: in a bubble of
// testing/synctest a grid runs in simulated time, and a link with a delay takes
// exactly that delay.
//
// Words: a station is a place on the [Wire]; a node is the machine that may
// be plugged in there. A [Link] joins two stations and has two lines, one for
// each direction. A stream has two halves, each on its line.
//
// Locks are taken in this order; but for the first none is held during a call
// into a node:
//
//	Node.op     while a node starts or ends, also during the calls of its kernel
//	half.mu     of one half at a time
//	Wire.mu
//	line.mu
//	Node.mu, queue.mu, unattended.mu: nothing is taken under them
package grid
