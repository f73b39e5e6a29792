// Package post is how a file server comes to be where others find it, and the
// whole main of a program that is one:
//
//	func main() { post.Main(srv, nil) }
//
// On Plan 9, and so in a node, it posts a pipe in /srv, as postmountsrv of
// 9p(2) does; on the host it listens at a socket. The program is the same.
package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
)

// Options say how a server is served. Zero fields stand for the defaults.
type Options struct {
	ninep.ServeOptions // of each connection; Drain and Panic are set by this package

	Conns int              // connections at a time, further ones wait; 0: 1000
	Grace time.Duration    // what requests under way have when the server ends; 0: a second; negative: nothing
	Log   func(msg string) // is told of mistakes of ours that callers come upon; nil: standard error

	// Ending is called when the server begins to end: it lets those go who
	// wait, as the Close of a ninep.Events does. Nil: they have Grace.
	Ending func()
}

func (o *Options) withDefaults() Options {
	var opt Options
	if o != nil {
		opt = *o
	}
	if opt.Conns == 0 {
		opt.Conns = 1000
	}
	if opt.Grace == 0 {
		opt.Grace = time.Second
	}
	if opt.Log == nil {
		opt.Log = func(msg string) { fmt.Fprintln(os.Stderr, msg) }
	}
	return opt
}

// Serve posts srv at addr and serves it until ctx is done, or whoever could be
// served has gone. Addr is one of
//
//   - standard input and output
//     tcp!host!port    a port; the host * is every address
//     unix!path        a socket of the host; see Listen
//     name             /srv/name on Plan 9; on the host the socket of that path or,
//     if there is no slash in it, where plan9port looks for it
//
// When ctx is done nobody else is let in, requests under way are answered for
// as long as Grace says, and the connections are closed.
func Serve(ctx context.Context, addr string, srv ninep.Server, opt *Options) error {
	if addr == "-" {
		return ServeConn(ctx, newConn(os.Stdin, os.Stdout), srv, opt)
	}
	if !strings.Contains(addr, "!") {
		return postName(ctx, addr, srv, opt)
	}
	l, err := Listen(addr)
	if err != nil {
		return err
	}
	return ServeListener(ctx, l, srv, opt)
}

// ServeConn serves srv on a connection, as Serve does.
func ServeConn(ctx context.Context, conn io.ReadWriteCloser, srv ninep.Server, opt *Options) error {
	e := begin(ctx, "9p", opt)
	defer e.stop()
	return ninep.Serve(e.ctx, conn, srv, &e.opt.ServeOptions)
}

// What those who connect to a socket may use, if Options do not say otherwise:
// the memory of all of them together, beside a message of each, the time until
// they say what they want, and the time to take an answer.
const (
	listenMemory = 256 << 20
	listenHello  = time.Minute
	listenStall  = 5 * time.Minute
)

// ServeListener serves srv to those who connect to l, as Serve does. It returns
// without an error when ctx is done, or l is closed. Who says no Tversion for a
// minute, or takes nothing of an answer for five, is hung up.
func ServeListener(ctx context.Context, l net.Listener, srv ninep.Server, opt *Options) error {
	ctx, cancel := context.WithCancel(ctx)
	e := begin(ctx, l.Addr().String(), opt)
	defer e.stop()
	if e.opt.Memory == nil {
		e.opt.Memory = ninep.NewMemory(listenMemory)
	}
	if e.opt.Hello == 0 {
		e.opt.Hello = listenHello
	}
	if e.opt.Stall == 0 {
		e.opt.Stall = listenStall
	}
	closed, all := make(chan struct{}), new(busy)
	context.AfterFunc(ctx, func() { l.Close(); close(closed) })
	defer func() { <-closed }() // accept has cancelled ctx, and the name is free afterwards
	accept(e.ctx, l, e.opt.Conns, e.opt.Log, cancel, func(ctx context.Context, c net.Conn) {
		ninep.Serve(ctx, withIdle(c, all), srv, &e.opt.ServeOptions)
		c.Close()
	})
	return nil
}

// An ending is what there is to the end of a server: a signal to end in order,
// and ctx, which ends later.
type ending struct {
	ctx  context.Context
	opt  Options
	stop func()
}

// begin returns the ending of a server that ends with ctx. Its stop is called
// when the server has ended.
func begin(ctx context.Context, name string, o *Options) *ending {
	e := &ending{opt: o.withDefaults()}
	var drain context.CancelFunc
	e.opt.Drain, drain = context.WithCancel(context.WithoutCancel(ctx))
	e.opt.Panic = func(v any) { e.opt.Log(fmt.Sprintf("%s: panic: %v\n%s", name, v, debug.Stack())) }
	var cancel context.CancelFunc
	e.ctx, cancel = context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	all.Go(func() { // ends with stop
		select {
		case <-ctx.Done():
		case <-e.ctx.Done():
			return
		}
		drain()
		if e.opt.Ending != nil {
			e.opt.Ending()
		}
		pause(e.ctx, e.opt.Grace)
		cancel()
	})
	e.stop = func() {
		cancel()
		all.Wait()
		drain()
	}
	return e
}

// pause waits. It reports whether there is reason to go on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Accept calls do, which closes it, for each connection that comes to l, for at
// most so many at once. It returns when ctx is done or l is closed; both end the
// connections. Log is told when a caller could not be let in.
func Accept(ctx context.Context, l net.Listener, most int, log func(msg string), do func(ctx context.Context, c net.Conn)) {
	ctx, cancel := context.WithCancel(ctx)
	accept(ctx, l, most, log, cancel, do)
}

// accept is Accept that calls over once nobody is let in any more: it ends the
// connections, for which accept waits.
func accept(ctx context.Context, l net.Listener, most int, log func(msg string), over func(), do func(ctx context.Context, c net.Conn)) {
	var all sync.WaitGroup
	defer all.Wait()
	defer over()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	defer l.Close()
	room := make(chan struct{}, most)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		c, err := l.Accept()
		switch {
		case err == nil:
			all.Go(func() { // ends with the connection, or ctx
				do(ctx, c)
				<-room
			})
			continue
		case ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return
		}
		<-room
		log(fmt.Sprintf("%s: %v", l.Addr(), err))
		if !pause(ctx, time.Second) { // of descriptors there may be more then
			return
		}
	}
}

// newConn returns a connection that reads from r and writes to w. Its Close ends
// a Read, which that of a file does not where nothing tells the system to.
func newConn(r io.Reader, w io.WriteCloser) io.ReadWriteCloser {
	in, out := io.Pipe()
	go func() { // ends with r, or the program; or with what was read last before Close
		_, err := io.Copy(out, r)
		out.CloseWithError(err)
	}()
	return &conn{in, w}
}

type conn struct {
	*io.PipeReader
	io.WriteCloser
}

func (c *conn) Close() error {
	c.PipeReader.Close()
	return c.WriteCloser.Close()
}
