package ninetest

import (
	"context"
	"io"
	"sync"

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

// TestWire serves srv on connections and puts it through the [Suite], as
// TestServer does with calls. The error tells all that is wrong.
func TestWire(ctx context.Context, srv ninep.Server) error {
	return Options{}.TestWire(ctx, srv)
}

// TestWire is the function TestWire with options.
func (o Options) TestWire(ctx context.Context, srv ninep.Server) error {
	dial, stop := Served(ctx, srv, nil)
	defer stop()
	s := Suite{Dial: dial, User: o.User, Aname: o.Spec, Dir: o.Dir, ReadOnly: o.ReadOnly, Tree: o}
	return s.Test(ctx)
}

// Served returns a Dial for a Suite: each connection is a pipe on which srv is
// served. Stop ends all of them and waits until what they held is given back.
func Served(ctx context.Context, srv ninep.Server, opt *ninep.ServeOptions) (dial func(context.Context) (io.ReadWriteCloser, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	dial = func(context.Context) (io.ReadWriteCloser, error) {
		a, b := ninep.Pipe()
		wg.Go(func() { ninep.Serve(ctx, a, srv, opt) })
		return b, nil
	}
	stop = func() {
		cancel()
		wg.Wait()
	}
	return dial, stop
}
