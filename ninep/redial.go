package ninep

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// RedialOptions are what a Redialer may be told. Zero fields stand for the
// defaults.
type RedialOptions struct {
	Client ClientOptions // of each connection

	// Attach attaches to the server on a new connection, whenever a tree is
	// needed there: it is the place to prove who the user is. Nil: without
	// authentication.
	Attach func(ctx context.Context, c *Client, user, spec string) (File, error)

	Pause time.Duration // the longest between two dials; 0: 10 s
	Limit time.Duration // how long to dial in vain before giving up for good; 0: a day
}

// A Redialer is the server at the other end of a connection, as a [Client] is,
// and makes the connection again when it ends.
//
// Calls wait while there is none, as long as their ctx lets them. Then each
// File is looked for by the names that led to it, when it is next used, and
// opened as it was. It must be the file it was, by its qid: if there is none
// it gives ErrRemoved from then on, if there is another ErrReplaced.
//
// Not every open file can be opened again. What one of a device remembers, a
// file without version and length, ended with the connection, and so did the
// exclusive use of a file that has that; where an open led to another file, as
// that of a clone file does, nobody is led there again. All these give ErrLostOpen.
// A file open with ORCLOSE was removed if the server has seen the end of the
// connection.
//
// A call that was under way when the connection ended is made again if that does
// no harm: Attach, Walk, Clone, Stat, Open, Read, ReadDir, and Write to a plain
// file. The others give ErrMaybe, as nobody knows whether they were done: Create,
// Remove, Wstat, Open with OTRUNC, and Write to a device or to the end of a file
// that is for appending.
//
// It is an [Auther], too. What Auth returns lasts as long as the connection.
type Redialer struct {
	dial func(ctx context.Context) (io.ReadWriteCloser, error)
	opt  RedialOptions

	ctx    context.Context // of dialing; ends with the Redialer
	cancel context.CancelFunc
	wg     sync.WaitGroup // who dials
	done   chan struct{}  // closed when the Redialer has ended

	mu      sync.Mutex    // guards the fields below
	now     *link         // the present connection, or the last one
	dialing chan struct{} // closed when somebody who dials has ended; nil: nobody does
	pause   time.Duration // before the next dial
	err     error         // why the Redialer has ended
}

const (
	firstPause = 100 * time.Millisecond // and twice as long each time
	dialGood   = 30 * time.Second       // how long one dial may take, with the agreement about 9P
	mostAgain  = 10                     // how often a call is made in which the connection ended
)

// A link is one connection of a Redialer.
type link struct {
	c     *Client
	began time.Time

	mu    sync.Mutex // guards roots
	roots map[account]File
}

// An account is what an Attach was told.
type account struct{ user, spec string }

// NewRedialer dials, and returns a Redialer on the connection. If there is no
// answer this time, it says so. Dial is called by one at a time. The Redialer
// lives until Close: ctx is for the beginning only.
func NewRedialer(ctx context.Context, dial func(ctx context.Context) (io.ReadWriteCloser, error), opt *RedialOptions) (*Redialer, error) {
	r := &Redialer{dial: dial, done: make(chan struct{})}
	if opt != nil {
		r.opt = *opt
	}
	if r.opt.Attach == nil {
		r.opt.Attach = func(ctx context.Context, c *Client, user, spec string) (File, error) {
			return c.Attach(ctx, user, spec)
		}
	}
	if r.opt.Pause <= 0 {
		r.opt.Pause = 10 * time.Second
	}
	if r.opt.Limit <= 0 {
		r.opt.Limit = 24 * time.Hour
	}
	l, err := r.try(ctx)
	if err != nil {
		return nil, err
	}
	r.now = l
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// try dials once.
func (r *Redialer) try(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialGood)
	defer cancel()
	conn, err := r.dial(ctx)
	var c *Client
	if err == nil {
		c, err = NewClient(ctx, conn, &r.opt.Client)
	}
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, ErrTimedOut
	case err != nil:
		return nil, err
	}
	return &link{c: c, began: time.Now(), roots: make(map[account]File)}, nil
}

// link returns the present connection, and waits until there is one.
func (r *Redialer) link(ctx context.Context) (*link, error) {
	for {
		r.mu.Lock()
		now, err := r.now, r.err
		if err != nil || !now.over() {
			r.mu.Unlock()
			return now, err
		}
		if r.dialing == nil {
			r.dialing = make(chan struct{})
			r.wg.Add(1)
			go r.redial(now) // ends with a connection, or with r
		}
		dialing := r.dialing
		r.mu.Unlock()
		select {
		case <-dialing:
		case <-ctx.Done():
			return nil, ErrIntr
		}
	}
}

// redial makes another connection, with pauses between the tries, and before
// the first one if the last connection did not last.
func (r *Redialer) redial(last *link) {
	defer r.wg.Done()
	last.c.Close() // it waits for those who read and write there
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Limit)
	defer cancel()
	r.mu.Lock()
	pause := r.pause
	r.mu.Unlock()
	if time.Since(last.began) > r.opt.Pause {
		pause = 0
	}
	var l *link
	err := error(ErrTimedOut)
	for sleep(ctx, pause) {
		pause = min(max(2*pause, firstPause), r.opt.Pause)
		var e error
		if l, e = r.try(ctx); e == nil {
			break
		}
		if ctx.Err() == nil {
			err = e
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pause = pause
	switch {
	case l != nil && r.err == nil:
		r.now = l
	case l != nil:
		defer l.c.Close()
	case r.err == nil:
		r.end(err)
	}
	close(r.dialing)
	r.dialing = nil
}

// sleep waits, and reports whether it was not interrupted.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// end ends the Redialer. The caller has mu, and has seen that err is nil.
func (r *Redialer) end(err error) {
	r.err = err
	r.cancel()
	close(r.done)
}

// Done returns a channel that is closed when the Redialer has given up, or was
// closed.
func (r *Redialer) Done() <-chan struct{} { return r.done }

// Close ends the connection, and with it all calls and files.
func (r *Redialer) Close() error {
	r.mu.Lock()
	if r.err == nil {
		r.end(ErrHungup)
	}
	r.mu.Unlock()
	r.wg.Wait()
	return r.now.c.Close()
}

// over reports whether the connection has ended.
func (l *link) over() bool {
	select {
	case <-l.c.done:
		return true
	default:
		return false
	}
}

// lost reports whether err is the end of the connection, not what the server
// says.
func (l *link) lost(err error) bool { return errors.Is(err, ErrHungup) && l.over() }

// root returns the root of an account's tree, which belongs to the connection.
func (l *link) root(ctx context.Context, r *Redialer, who account) (File, error) {
	l.mu.Lock()
	f := l.roots[who]
	l.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := r.opt.Attach(ctx, l.c, who.user, who.spec)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if first := l.roots[who]; first != nil {
		defer f.Close()
		return first, nil
	}
	l.roots[who] = f
	return f, nil
}

// Attach attaches to the server at the other end.
func (r *Redialer) Attach(ctx context.Context, user, spec string) (File, error) {
	return r.attach(ctx, account{user, spec}, func(l *link) (File, error) { return r.opt.Attach(ctx, l.c, user, spec) })
}

// Auth begins an authentication on the present connection.
func (r *Redialer) Auth(ctx context.Context, user, spec string) (f File, err error) {
	err = r.again(ctx, func(l *link) error {
		f, err = l.c.Auth(ctx, user, spec)
		return err
	})
	return f, err
}

// AttachAuth attaches with a file that Auth returned. After a redial the tree is
// attached to as RedialOptions say.
func (r *Redialer) AttachAuth(ctx context.Context, auth File, user, spec string) (File, error) {
	f, ok := As[*clientFile](auth)
	if !ok {
		return nil, ErrPerm
	}
	return r.attach(ctx, account{user, spec}, func(l *link) (File, error) {
		if f.c != l.c {
			return nil, ErrLostOpen
		}
		return l.c.AttachAuth(ctx, auth, user, spec)
	})
}

// attach returns the root that an attach on a connection gives.
func (r *Redialer) attach(ctx context.Context, who account, attach func(*link) (File, error)) (File, error) {
	var f *redialFile
	err := r.again(ctx, func(l *link) error {
		root, err := attach(l)
		if err == nil {
			f = r.file(found{l, root}, who, nil)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// again makes a call on a connection, and again when that has ended.
func (r *Redialer) again(ctx context.Context, call func(*link) error) error {
	for range mostAgain {
		l, err := r.link(ctx)
		if err != nil {
			return err
		}
		if err := call(l); !l.lost(err) {
			return err
		}
	}
	return ErrHungup
}
