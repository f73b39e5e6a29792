package ninetest

import (
	"context"

	"ufo/ninep"
)

// Wire serves srv over a pipe and returns the client at the other end: srv,
// with every call a message. Stop ends both and returns what Serve did.
func Wire(ctx context.Context, srv ninep.Server) (client *ninep.Client, stop func() error, err error) {
	a, b := ninep.Pipe()
	served := make(chan error, 1)
	go func() { served <- ninep.Serve(ctx, a, srv, nil) }()
	c, err := ninep.NewClient(ctx, b, nil)
	if err != nil {
		return nil, nil, err
	}
	stop = func() error {
		c.Close()
		return <-served
	}
	return c, stop, nil
}
