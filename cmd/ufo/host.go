package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"os/user"
	"runtime"
	"syscall"

	"ufo/hosted/post"
)

// gridUser is the host owner of nodes that have none in the topology.
const gridUser = "glenda"

// hostUser is the name of the host's user, as whom he calls servers that are no
// part of a grid.
func hostUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return gridUser
}

// dial opens a connection to an address as Plan 9 writes it: tcp!host!port,
// unix!/path, or host!port.
func dial(addr string) (net.Conn, error) { return dialContext(context.Background(), addr) }

// dialContext is dial until ctx is done.
func dialContext(ctx context.Context, addr string) (net.Conn, error) {
	c, err := post.Dial(ctx, addr)
	if errors.Is(err, post.ErrAddress) {
		err = usageError(err.Error())
	}
	return c, err
}

// onSignal calls f when somebody wants this program to end, until stop is
// called.
func onSignal(f func(os.Signal)) (stop func()) {
	return onSignals(f, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
}

// untilSignal returns a context that such a signal ends, or stop.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	quiet := onSignal(func(os.Signal) { cancel() })
	return ctx, func() {
		quiet()
		cancel()
	}
}

// onQuit calls f when the user types ^\ at a terminal that makes a signal of
// it, until stop is called.
func onQuit(f func()) (stop func()) {
	return onSignals(func(os.Signal) { f() }, syscall.SIGQUIT)
}

func onSignals(f func(os.Signal), signals ...os.Signal) (stop func()) {
	c := make(chan os.Signal, 4)
	signal.Notify(c, signals...)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-c:
				f(s)
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(done)
	}
}

// memory returns how many bytes of memory this program has used at most.
func memory() int64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(r.Maxrss)
	}
	return int64(r.Maxrss) << 10
}
