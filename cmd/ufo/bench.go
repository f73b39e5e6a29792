package main

import (
	"fmt"

	"ufo/ninep/ninetest"
)

// runBench measures a 9P server.
func runBench(c *command) error {
	peer, err := c.peer()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	b := ninetest.Bench{Suite: c.suite(peer), Each: c.check.limit}
	err = b.Run(ctx, func(m ninetest.Measure) {
		fmt.Fprintf(c.stdout, "%-32s %10.1f %s\n", m.Name, m.Value, m.Unit)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", peer.name, err)
	}
	return nil
}
