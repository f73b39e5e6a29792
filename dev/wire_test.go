package dev

import (
	"context"
	"io"
	"strings"
	"sync"

	"ufo/ninep"
)

// A lan is the smallest network: what is announced on it can be dialed.
type lan struct {
	mu   sync.Mutex // guards what follows
	port int
	lis  map[string]*lanListener // by "tcp!10.9.0.1!564"
}

// A lanWire is one node's attachment to a lan.
type lanWire struct {
	*lan
	addr string
}

func (w lanWire) Addr() string { return w.addr }

// nextPort returns a port that was never used.
func (l *lan) nextPort() string {
	l.port++
	return itoa(40000 + l.port)
}

func (w lanWire) Dial(ctx context.Context, addr string) (Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lis := w.lis[addr]
	if strings.HasPrefix(addr, "tcp!10.9.0.99!") { // a node that does not answer
		w.mu.Unlock()
		<-ctx.Done()
		w.mu.Lock()
		return nil, ninep.ErrIntr
	}
	if lis == nil {
		return nil, ninep.ErrConRefused
	}
	_, remote, _ := strings.Cut(addr, "!")
	local := w.addr + "!" + w.nextPort()
	p := [2]*queue{newQueue(pipeLimit), newQueue(pipeLimit)}
	lis.calls <- &lanConn{remote, local, p[0], p[1]}
	return &lanConn{local, remote, p[1], p[0]}, nil
}

func (w lanWire) Announce(_ context.Context, addr string) (Listener, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	proto, hostport, _ := strings.Cut(addr, "!")
	host, port, _ := strings.Cut(hostport, "!")
	if port == "0" {
		port = w.nextPort()
	}
	key := proto + "!" + w.addr + "!" + port
	if w.lis[key] != nil {
		return nil, ninep.ErrConInUse
	}
	if w.lis == nil {
		w.lis = make(map[string]*lanListener)
	}
	w.lis[key] = &lanListener{host + "!" + port, w.lan, key, make(chan Conn, 5), make(chan struct{})}
	return w.lis[key], nil
}

type lanListener struct {
	addr   string
	lan    *lan
	key    string
	calls  chan Conn
	closed chan struct{}
}

func (l *lanListener) Addr() string { return l.addr }

func (l *lanListener) Accept(ctx context.Context) (Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.closed:
		return nil, ninep.ErrHungup
	case <-ctx.Done():
		return nil, ninep.ErrIntr
	}
}

func (l *lanListener) Close() error {
	l.lan.mu.Lock()
	defer l.lan.mu.Unlock()
	delete(l.lan.lis, l.key)
	close(l.closed)
	return nil
}

type lanConn struct {
	local, remote string
	in, out       *queue
}

func (c *lanConn) LocalAddr() string  { return c.local }
func (c *lanConn) RemoteAddr() string { return c.remote }

func (c *lanConn) Read(ctx context.Context, p []byte) (int, error) {
	n, err := c.in.read(ctx, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func (c *lanConn) Write(ctx context.Context, p []byte) (int, error) { return c.out.write(ctx, p) }

func (c *lanConn) Close() error {
	c.in.close()
	c.out.hangup()
	return nil
}
