package cmd

import (
	"context"
	"io"
	"sync"

	"ufo/ninep"
	"ufo/proc"
)

// This file is how srv and import keep a connection: with a server between it
// and those who mount it, whose process dials again when the connection ends.

// A redialer is that server.
type redialer struct {
	*ninep.Redialer // once the process has started

	// call makes the connection, in the server's process, and returns its
	// descriptor.
	call func(s *proc.Proc) (fd int, err error)

	first io.ReadWriteCloser // the connection that NewRedialer is to get

	mu    sync.Mutex // guards the fields below
	asked *redial    // to be done by the process; nil: nothing
	wake  chan struct{}
	over  bool
}

// A redial is a call that somebody waits for.
type redial struct {
	done chan struct{} // closed when what follows is set
	conn io.ReadWriteCloser
	err  error
}

// redialing returns a server that is what call connects with.
func redialing(call func(s *proc.Proc) (int, error)) server {
	r := &redialer{call: call, wake: make(chan struct{})}
	return server{Server: r, init: r.init, main: r.main, close: func() {
		if r.Redialer != nil {
			r.Close()
		}
	}}
}

// connect makes the connection.
func (r *redialer) connect(s *proc.Proc) (io.ReadWriteCloser, error) {
	fd, err := r.call(s)
	if err != nil {
		return nil, err
	}
	defer s.Close(fd)
	return s.Conn(fd)
}

// init makes the first connection: if it cannot be made, who started the server is
// told. The descriptors of a command that is started must not be a connection's.
func (r *redialer) init(s *proc.Proc) (err error) {
	for range 3 {
		if _, err := s.Open("#c/null", ninep.ORDWR); err != nil {
			return err
		}
	}
	if r.first, err = r.connect(s); err != nil {
		return err
	}
	return within(s, dialTime, func() (err error) {
		r.Redialer, err = ninep.NewRedialer(s.Context(), r.dial, nil)
		return err
	})
}

// dial has the server's process make a connection.
func (r *redialer) dial(ctx context.Context) (io.ReadWriteCloser, error) {
	if conn := r.first; conn != nil {
		r.first = nil
		return conn, nil
	}
	ask := &redial{done: make(chan struct{})}
	r.mu.Lock()
	r.asked = ask
	r.wakeup()
	r.mu.Unlock()
	select {
	case <-ask.done:
		return ask.conn, ask.err
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == ask {
		r.asked = nil
		return nil, ninep.ErrIntr
	}
	go func() { // ends with the call
		if <-ask.done; ask.conn != nil {
			ask.conn.Close()
		}
	}()
	return nil, ninep.ErrIntr
}

// wakeup tells the server's process that there is something to do. The caller has
// mu.
func (r *redialer) wakeup() {
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}

// main is the server's process: it makes connections until nobody can reach the
// server, or none could be made for too long.
func (r *redialer) main(s *proc.Proc, done <-chan struct{}) {
	go func() { // ends with what main waits for, or with its process
		select {
		case <-done:
		case <-r.Done():
		case <-s.Done():
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.over = true
		r.wakeup()
	}()
	for {
		r.mu.Lock()
		ask, over := r.asked, r.over
		r.asked = nil
		wake := make(chan struct{})
		r.wake = wake
		r.mu.Unlock()
		switch {
		case over:
			return
		case ask != nil:
			r.answer(s, ask)
		default:
			s.Until(wake)
		}
	}
}

// answer makes a connection for who asked.
func (r *redialer) answer(s *proc.Proc, ask *redial) {
	ask.err = ninep.ErrHungup // should the process be killed before it knows better
	defer close(ask.done)
	ask.conn, ask.err = r.connect(s)
}
