package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"ufo/ninep"
	"ufo/proc"
)

// This file is how srv and import keep a connection: with a server between it
// and those who mount it, whose process dials again when the connection ends, and
// shows again who its user is.

// A redialer is that server.
type redialer struct {
	*ninep.Redialer // once the process has started

	// call makes the connection, in the server's process, and returns its
	// descriptor.
	call func(s *proc.Proc) (fd int, err error)
	// auth says that the other end is shown who the process's user is, if it
	// wants to know.
	auth bool

	user  string             // the process's
	first io.ReadWriteCloser // the connection that NewRedialer is to get

	mu   sync.Mutex // guards the fields below
	jobs []*job     // to be done by the process
	wake chan struct{}
	over bool
}

// A job is what the server's process does for who calls the server: it may make
// system calls.
type job struct {
	do   func(s *proc.Proc)
	done chan struct{} // closed when it is done, or never will be
}

// redialing returns a server that is what call connects with.
func redialing(call func(s *proc.Proc) (int, error), auth bool) server {
	r := &redialer{call: call, auth: auth, wake: make(chan struct{})}
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
	r.user = s.User()
	if r.first, err = r.connect(s); err != nil {
		return err
	}
	return within(s, dialTime, func() (err error) {
		r.Redialer, err = ninep.NewRedialer(s.Context(), r.dial, &ninep.RedialOptions{Attach: r.attach})
		return err
	})
}

// dial has the server's process make a connection.
func (r *redialer) dial(ctx context.Context) (io.ReadWriteCloser, error) {
	if conn := r.first; conn != nil {
		r.first = nil
		return conn, nil
	}
	var conn io.ReadWriteCloser
	err := error(ninep.ErrHungup) // should the process be killed before it knows better
	begun, rerr := r.run(ctx, func(s *proc.Proc) { conn, err = r.connect(s) })
	if rerr == nil {
		return conn, err
	}
	if begun != nil {
		go func() { // ends with the call
			if <-begun; conn != nil {
				conn.Close()
			}
		}()
	}
	return nil, rerr
}

// run has the server's process do a job. With an error it was interrupted: begun
// tells then when the job is done, if it was begun.
func (r *redialer) run(ctx context.Context, do func(s *proc.Proc)) (begun <-chan struct{}, err error) {
	j := &job{do: do, done: make(chan struct{})}
	r.mu.Lock()
	r.jobs = append(r.jobs, j)
	r.wakeup()
	r.mu.Unlock()
	select {
	case <-j.done:
		return j.done, nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.jobs, j); i >= 0 {
		r.jobs = slices.Delete(r.jobs, i, i+1)
		return nil, ninep.ErrIntr
	}
	return j.done, ninep.ErrIntr
}

// wakeup tells the server's process that there is something to do. The caller has
// mu.
func (r *redialer) wakeup() {
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}

// main is the server's process: it does what it is asked to until nobody can reach
// the server, or no connection could be made for too long.
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
		var j *job
		if len(r.jobs) > 0 {
			j, r.jobs = r.jobs[0], r.jobs[1:]
		}
		over := r.over
		wake := make(chan struct{})
		r.wake = wake
		r.mu.Unlock()
		switch {
		case over:
			return
		case j != nil:
			r.answer(s, j)
		default:
			s.Until(wake)
		}
	}
}

// answer does a job.
func (r *redialer) answer(s *proc.Proc, j *job) {
	defer close(j.done) // also when a note ends the process
	j.do(s)
}

// strangerKey is the context key of attaches by who is not known to be the user he
// says.
type strangerKey struct{}

// Attach attaches. Who speaks 9P on the file in /srv, or to another's exportfs, can say
// any name: what the process can show of its user is not for him.
func (r *redialer) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if callingUser(ctx, user) != user {
		ctx = context.WithValue(ctx, strangerKey{}, true)
	}
	return r.Redialer.Attach(ctx, user, spec)
}

// attach attaches on a connection, after it was shown there who the user is, if it
// is the process's and the other end wants to know.
func (r *redialer) attach(ctx context.Context, c *ninep.Client, user, spec string) (ninep.File, error) {
	if !r.auth || user != r.user {
		return c.Attach(ctx, user, spec)
	}
	f, err := c.Auth(ctx, user, spec)
	if err != nil {
		return c.Attach(ctx, user, spec)
	}
	defer f.Close()
	if ctx.Value(strangerKey{}) != nil {
		return nil, ninep.ErrPerm
	}
	proxied := error(ninep.ErrHungup) // should the process be killed
	if _, err := r.run(ctx, func(s *proc.Proc) { proxied = showUser(s, &authline{ctx: ctx, f: f}, nil, "") }); err != nil {
		return nil, err
	}
	root, err := c.AttachAuth(ctx, f, user, spec)
	if err != nil && err != error(ninep.ErrHungup) && proxied != nil {
		err = fmt.Errorf("%w: %w", proxied, err)
	}
	return root, err
}

// An authline is a file of authentication as a connection.
type authline struct {
	ctx     context.Context
	f       ninep.File
	in, out int64
}

func (a *authline) Read(p []byte) (int, error) {
	n, err := a.f.Read(a.ctx, p, a.in)
	a.in += int64(n)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func (a *authline) Write(p []byte) (int, error) {
	n, err := a.f.Write(a.ctx, p, a.out)
	a.out += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}
