package proc

import (
	"context"
	"sync"

	"ufo/ninep"
	"ufo/ns"
)

// ServerFd returns a descriptor whose other end is srv. Mounted, here or by
// others who open it from /srv, it has srv called directly, without messages;
// to who reads and writes it it speaks 9P. Done is closed when nothing refers
// to the descriptor any more. Calls of srv run as p: proc.Up is p. When p
// exits they are ended, and srv's clients get ErrHungup.
func (p *Proc) ServerFd(name string, srv ninep.Server) (fd int, done <-chan struct{}, err error) {
	g := &gate{p: p, srv: srv, done: make(chan struct{})}
	p.mu.Lock()
	p.gates = append(p.gates, g)
	p.mu.Unlock()
	gone := make(chan struct{})
	c := ns.Post(p.life, p.table.cfg.Devs, name, g, func() { close(gone) })
	fd, err = p.fgrp.add(c, false)
	return fd, gone, err
}

// Until waits, as a system call does, until done is closed; a note ends it
// with ErrIntr. Servers wait so for the done of ServerFd.
func (p *Proc) Until(done <-chan struct{}) (err error) {
	if p.trace != nil {
		defer p.tell("Until", p.Now(), nil, &err)
	}
	ctx := p.begin(callUntil)
	defer p.end()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ninep.ErrIntr
	}
}

// Serving reports whether the process waits in Until: what happens in its name
// meanwhile, others want.
func (p *Proc) Serving() bool { return callno(p.where.Load()) == callUntil }

// A gate stands before a Server that a process posted. Behind it, calls are
// the process's, and it lets none through once the process is gone, or is to
// go: on another machine it would heed a note before it served again.
type gate struct {
	p    *Proc
	srv  ninep.Server
	done chan struct{} // closed when the process exits

	mu     sync.Mutex // guards closed; held before calls is added to
	closed bool
	calls  sync.WaitGroup // calls behind the gate
}

// String says who serves, for who asks where a file is.
func (g *gate) String() string {
	return "process " + itoa(g.p.pid) + ", " + g.p.Info().Text
}

// close ends the calls behind the gate and waits for them.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	close(g.done)
	g.calls.Wait()
}

// enter begins a call, unless the gate is closed. Leave, of what it returns,
// ends it.
func (g *gate) enter(ctx context.Context) (*gatectx, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.p.doomed() {
		return nil, ninep.ErrHungup
	}
	g.calls.Add(1)
	return &gatectx{Context: ctx, g: g}, nil
}

// A gatectx is the context of a call behind a gate: the process's values, and
// done when either the caller's is or the process exits. Servers that never
// block never ask, so what that takes is made when it is asked for.
type gatectx struct {
	context.Context
	g *gate

	mu     sync.Mutex // guards what follows
	both   context.Context
	cancel context.CancelFunc
	stop   func() bool
}

func (c *gatectx) Value(key any) any {
	if key == (callerKey{}) {
		return c.Context.Value(upKey{})
	}
	return c.g.p.life.Value(key)
}

// callerKey is the context key of who calls a posted server.
type callerKey struct{}

// Caller returns the process that calls a server which was posted with ServerFd. Who
// mounts it attaches as the user of his process; an exportfs(4) says whatever its client
// says. It is nil for who speaks 9P himself on the descriptor, where he can say any
// name, and if it is the server's own process.
func Caller(ctx context.Context) *Proc {
	p, _ := ctx.Value(callerKey{}).(*Proc)
	if p == Up(ctx) {
		return nil
	}
	return p
}

func (c *gatectx) Done() <-chan struct{} { return c.merged().Done() }

func (c *gatectx) Err() error { return c.merged().Err() }

func (c *gatectx) merged() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.both == nil {
		c.both, c.cancel = context.WithCancel(c.Context)
		c.stop = context.AfterFunc(c.g.p.life, c.cancel)
	}
	return c.both
}

// leave ends the call, deferred, and makes err what the caller is told: a
// hangup if the gate closed on it, an i/o error if the server panicked, which
// is a mistake of the server's and not to be the end of its callers.
func (c *gatectx) leave(err *error) {
	if r := recover(); r != nil {
		c.g.p.Trap(r)
		*err = ninep.ErrIO
	}
	c.mu.Lock()
	if c.both != nil {
		c.stop()
		c.cancel()
	}
	c.mu.Unlock()
	if *err != nil {
		select {
		case <-c.g.done:
			*err = ninep.ErrHungup
		default:
		}
	}
	c.g.calls.Done()
}

// call runs f behind the gate.
func (g *gate) call(ctx context.Context, f func(ctx context.Context) error) (err error) {
	c, err := g.enter(ctx)
	if err != nil {
		return err
	}
	defer c.leave(&err)
	return f(c)
}

// walk is call for what returns a File, which it puts behind the gate.
func (g *gate) walk(ctx context.Context, f func(ctx context.Context) (ninep.File, error)) (ninep.File, error) {
	var file ninep.File
	err := g.call(ctx, func(ctx context.Context) (err error) {
		file, err = f(ctx)
		return err
	})
	if file == nil {
		return nil, err
	}
	return &gated{g: g, f: file}, err
}

func (g *gate) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return g.walk(ctx, func(ctx context.Context) (ninep.File, error) { return g.srv.Attach(ctx, user, spec) })
}

// Prompt says what the server says: the gate itself keeps nobody waiting.
func (g *gate) Prompt(call ninep.MsgType) bool { return ninep.Prompt(g.srv, call) }

// A gated is a File behind a gate.
type gated struct {
	g *gate
	f ninep.File
}

func (f *gated) Prompt(call ninep.MsgType) bool { return ninep.Prompt(f.f, call) }

func (f *gated) Qid() ninep.Qid { return f.f.Qid() }

func (f *gated) Stat(ctx context.Context) (d ninep.Dir, err error) {
	err = f.g.call(ctx, func(ctx context.Context) error {
		d, err = f.f.Stat(ctx)
		return err
	})
	return d, err
}

func (f *gated) Clone(ctx context.Context) (ninep.File, error) {
	return f.g.walk(ctx, f.f.Clone)
}

func (f *gated) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.g.walk(ctx, func(ctx context.Context) (ninep.File, error) { return f.f.Walk(ctx, name) })
}

func (f *gated) WalkNames(ctx context.Context, names []string) (nf ninep.File, qids []ninep.Qid, err error) {
	nf, err = f.g.walk(ctx, func(ctx context.Context) (nf ninep.File, err error) {
		nf, qids, err = ninep.WalkNames(ctx, f.f, names)
		return nf, err
	})
	return nf, qids, err
}

func (f *gated) Open(ctx context.Context, mode ninep.Mode) error {
	return f.g.call(ctx, func(ctx context.Context) error { return f.f.Open(ctx, mode) })
}

func (f *gated) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	return f.g.walk(ctx, func(ctx context.Context) (ninep.File, error) { return f.f.Create(ctx, name, perm, mode) })
}

func (f *gated) Read(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.g.call(ctx, func(ctx context.Context) error {
		n, err = f.f.Read(ctx, p, off)
		return err
	})
	return n, err
}

func (f *gated) Write(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.g.call(ctx, func(ctx context.Context) error {
		n, err = f.f.Write(ctx, p, off)
		return err
	})
	return n, err
}

func (f *gated) ReadDir(ctx context.Context) (dirs []ninep.Dir, err error) {
	err = f.g.call(ctx, func(ctx context.Context) error {
		dirs, err = f.f.ReadDir(ctx)
		return err
	})
	return dirs, err
}

func (f *gated) Wstat(ctx context.Context, d ninep.Dir) error {
	return f.g.call(ctx, func(ctx context.Context) error { return f.f.Wstat(ctx, d) })
}

func (f *gated) Remove(ctx context.Context) error {
	return f.g.call(ctx, f.f.Remove)
}

// Close passes a closed gate: what the server has of the file must go.
func (f *gated) Close() error { return f.f.Close() }
