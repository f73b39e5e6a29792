package main

import (
	"context"
	"fmt"
	"os"

	"ufo/ninep/ninetest"
)

// runBench measures a 9P server.
func runBench(c *command) error {
	peer, err := c.peer()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := onSignal(func(os.Signal) { cancel() })
	defer stop()
	b := ninetest.Bench{
		Suite: ninetest.Suite{Dial: peer.dial, User: c.user, Aname: c.check.aname, Dir: elements(c.check.dir)},
		Each:  c.check.limit,
	}
	if b.User == "" {
		b.User = hostUser()
	}
	err = b.Run(ctx, func(m ninetest.Measure) {
		fmt.Fprintf(c.stdout, "%-32s %10.1f %s\n", m.Name, m.Value, m.Unit)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", peer.name, err)
	}
	return nil
}
