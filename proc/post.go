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
func (p *Proc) Until(done <-chan struct{}) error {
	ctx := p.begin(callUntil)
	defer p.end()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ninep.ErrIntr
	}
}

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

// close ends the calls behind the gate and waits for them.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	close(g.done)
	g.calls.Wait()
}

// enter begins a call, unless the gate is closed. The call is over when leave
// is called on what it returns.
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

func (c *gatectx) Value(key any) any { return c.g.p.life.Value(key) }

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

// leave ends the call and returns its error: a hangup if the gate closed on it.
func (c *gatectx) leave(err error) error {
	c.mu.Lock()
	if c.both != nil {
		c.stop()
		c.cancel()
	}
	c.mu.Unlock()
	if err != nil {
		select {
		case <-c.g.done:
			err = ninep.ErrHungup
		default:
		}
	}
	c.g.calls.Done()
	return err
}

func (g *gate) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	c, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	f, err := g.srv.Attach(c, user, spec)
	return g.file(f, c.leave(err))
}

// file puts a File behind the gate.
func (g *gate) file(f ninep.File, err error) (ninep.File, error) {
	if f == nil {
		return nil, err
	}
	return &gated{g: g, f: f}, err
}

// A gated is a File behind a gate.
type gated struct {
	g *gate
	f ninep.File
}

func (f *gated) Qid() ninep.Qid { return f.f.Qid() }

func (f *gated) Stat(ctx context.Context) (ninep.Dir, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return ninep.Dir{}, err
	}
	d, err := f.f.Stat(c)
	return d, c.leave(err)
}

func (f *gated) Clone(ctx context.Context) (ninep.File, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return nil, err
	}
	nf, err := f.f.Clone(c)
	return f.g.file(nf, c.leave(err))
}

func (f *gated) Walk(ctx context.Context, name string) (ninep.File, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return nil, err
	}
	nf, err := f.f.Walk(c, name)
	return f.g.file(nf, c.leave(err))
}

func (f *gated) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return nil, nil, err
	}
	nf, qids, err := ninep.WalkNames(c, f.f, names)
	nf, err = f.g.file(nf, c.leave(err))
	return nf, qids, err
}

func (f *gated) Open(ctx context.Context, mode ninep.Mode) error {
	c, err := f.g.enter(ctx)
	if err != nil {
		return err
	}
	return c.leave(f.f.Open(c, mode))
}

func (f *gated) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return nil, err
	}
	nf, err := f.f.Create(c, name, perm, mode)
	return f.g.file(nf, c.leave(err))
}

func (f *gated) Read(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return 0, err
	}
	n, err := f.f.Read(c, p, off)
	return n, c.leave(err)
}

func (f *gated) Write(ctx context.Context, p []byte, off int64) (int, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return 0, err
	}
	n, err := f.f.Write(c, p, off)
	return n, c.leave(err)
}

func (f *gated) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	c, err := f.g.enter(ctx)
	if err != nil {
		return nil, err
	}
	dirs, err := f.f.ReadDir(c)
	return dirs, c.leave(err)
}

func (f *gated) Wstat(ctx context.Context, d ninep.Dir) error {
	c, err := f.g.enter(ctx)
	if err != nil {
		return err
	}
	return c.leave(f.f.Wstat(c, d))
}

func (f *gated) Remove(ctx context.Context) error {
	c, err := f.g.enter(ctx)
	if err != nil {
		return err
	}
	return c.leave(f.f.Remove(c))
}

// Close passes a closed gate: what the server has of the file must go.
func (f *gated) Close() error { return f.f.Close() }
