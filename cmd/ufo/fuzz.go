package main

import (
	"flag"
	"fmt"
	"strings"
	"time"

	"ufo/ninep/ninetest"
)

// fuzzFlags are the flags of fuzz alone.
type fuzzFlags struct {
	messages int    // -n
	seed     uint64 // -seed
	write    bool   // -w
}

// add declares the flag with a name.
func (f *fuzzFlags) add(fs *flag.FlagSet, name string) {
	switch name {
	case "messages":
		fs.IntVar(&f.messages, "n", 10000, "")
	case "seed":
		fs.Uint64Var(&f.seed, name, 0, "")
	case "w":
		fs.BoolVar(&f.write, name, false, "")
	}
}

// runFuzz sends messages made up at random to a 9P server, which has to stand
// them.
func runFuzz(c *command) error {
	peer, err := c.peer()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	conn, err := peer.dial(ctx)
	if err != nil {
		return err
	}
	conn.Close()
	f := ninetest.Fuzz{Suite: c.suite(peer), Seed: c.fuzz.seed, Messages: max(c.fuzz.messages, 1), Write: c.fuzz.write}
	f.Limit = c.check.limit
	if f.Seed == 0 {
		f.Seed = uint64(time.Now().UnixNano())
	}
	sent, said, err := f.Run(ctx)
	if err != nil {
		fmt.Fprintln(c.stdout, strings.Join(said, "\n"))
		if hinted := c.attached(err); sent == 0 && hinted != err {
			return fmt.Errorf("%s: %w", peer.name, hinted)
		}
		return fmt.Errorf("%s: after %d messages: %w: -seed %d does it again", peer.name, sent, err, f.Seed)
	}
	fmt.Fprintf(c.stdout, "%s: %d messages, and it stands\n", peer.name, sent)
	return nil
}
