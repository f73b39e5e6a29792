package ninep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A redialFile is a File of a Redialer: what is known of it on this side, and the
// File that it is on the present connection.
type redialFile struct {
	r   *Redialer
	who account
	qid Qid // before it was opened

	at    atomic.Pointer[found]
	first found // where at leads at first

	mu      sync.Mutex // guards the fields below
	names   []string   // from the root; the slice is never changed
	open    bool
	mode    Mode // without OTRUNC, if open
	opened  Qid  // what the open led to
	created bool
	gone    error         // why it is not looked for any more
	finding chan struct{} // closed when somebody who looks for it has ended; nil: nobody does
	closed  bool
}

// A found is where a file is on one connection.
type found struct {
	l *link
	f File
}

func (r *Redialer) file(at found, who account, names []string) *redialFile {
	f := &redialFile{r: r, who: who, qid: at.f.Qid(), first: at, names: names}
	f.at.Store(&f.first)
	return f
}

// named says which file an error is about.
func named(names []string, err error) error {
	return fmt.Errorf("/%s: %w", strings.Join(names, "/"), err)
}

func (f *redialFile) path() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.names
}

// once makes a call, which changes the file called names. If the connection ends
// with it, it is not known whether it was done.
func (f *redialFile) once(ctx context.Context, names []string, call func(*found) error) error {
	at, err := f.find(ctx)
	if err != nil {
		return err
	}
	if err = call(at); at.l.lost(err) {
		return named(names, ErrMaybe)
	}
	return err
}

// again makes a call, and again when the connection has ended.
func (f *redialFile) again(ctx context.Context, call func(*found) error) error {
	for range mostAgain {
		at, err := f.find(ctx)
		if err != nil {
			return err
		}
		if err := call(at); !at.l.lost(err) {
			return err
		}
	}
	return named(f.path(), ErrHungup)
}

// find returns where the file is on the present connection. One at a time looks
// for it there, as opening it twice might do harm.
func (f *redialFile) find(ctx context.Context) (*found, error) {
	for lost := 0; lost < mostAgain; {
		at := f.at.Load()
		if !at.l.over() {
			return at, nil
		}
		f.mu.Lock()
		gone, finding := f.gone, f.finding
		mine := gone == nil && finding == nil && f.at.Load() == at
		if mine {
			f.finding = make(chan struct{})
		}
		f.mu.Unlock()
		switch {
		case gone != nil:
			return nil, gone
		case mine:
			ended, err := f.look(ctx)
			if err != nil {
				return nil, err
			}
			if ended {
				lost++
			}
		case finding != nil:
			select {
			case <-finding:
			case <-ctx.Done():
				return nil, ErrIntr
			}
		}
	}
	return nil, named(f.path(), ErrHungup)
}

// look looks for the file on the present connection, and ends the finding. It
// reports whether that connection has ended meanwhile.
func (f *redialFile) look(ctx context.Context) (ended bool, err error) {
	var at *found
	f.mu.Lock()
	was := f.open
	f.mu.Unlock()
	l, ours := f.r.link(ctx)
	if ours == nil {
		at, err = f.walk(ctx, l)
		ended = l.lost(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.finding)
	f.finding = nil
	switch {
	case ended:
		return true, nil
	case ours != nil:
		return false, ours
	case err == error(ErrIntr):
		return false, err
	case err != nil:
		err = named(f.names, err)
		if errors.Is(err, ErrRemoved) || errors.Is(err, ErrReplaced) || errors.Is(err, ErrLostOpen) {
			f.gone = err
		}
		return false, err
	case f.closed:
		defer at.f.Close()
		return false, ErrHungup
	case f.open != was: // opened meanwhile on the connection before
		defer at.f.Close()
		return true, nil
	}
	f.at.Store(at)
	return false, nil
}

// walk walks to the file on a connection, and opens it if it was open.
func (f *redialFile) walk(ctx context.Context, l *link) (*found, error) {
	root, err := l.root(ctx, f.r, f.who)
	if err != nil {
		return nil, err
	}
	names := f.path()
	nf, _, err := WalkNames(ctx, root, names)
	switch {
	case errors.Is(err, ErrNotExist), errors.Is(err, ErrNotDir):
		return nil, ErrRemoved
	case err != nil:
		return nil, err
	}
	if !same(nf.Qid(), f.qid) {
		err = ErrReplaced
	} else {
		err = f.reopen(ctx, nf)
	}
	if err != nil {
		nf.Close()
		return nil, err
	}
	return &found{l, nf}, nil
}

// same reports whether two qids are one file's, perhaps before and after it was
// changed.
func same(a, b Qid) bool { return a.Path == b.Path && a.IsDir() == b.IsDir() }

// reopen opens nf, which is the file on another connection, as it was open. Only
// directories and plain files come so far: those with a version or a length, or
// that were created here.
func (f *redialFile) reopen(ctx context.Context, nf File) error {
	f.mu.Lock()
	open, mode, opened, plain := f.open, f.mode, f.opened, f.created
	f.mu.Unlock()
	if !open {
		return nil
	}
	q := nf.Qid()
	if !same(opened, f.qid) || (opened.Type|q.Type)&QTEXCL != 0 {
		return ErrLostOpen
	}
	if plain = plain || q.IsDir() || q.Vers != 0; !plain {
		d, err := nf.Stat(ctx)
		if err != nil {
			return err
		}
		plain = d.Length != 0
	}
	if !plain {
		return ErrLostOpen
	}
	if err := nf.Open(ctx, mode); err != nil {
		return err
	}
	if !same(nf.Qid(), opened) {
		return ErrReplaced
	}
	return nil
}

func (f *redialFile) Qid() Qid { return f.at.Load().f.Qid() }

func (f *redialFile) Stat(ctx context.Context) (d Dir, err error) {
	err = f.again(ctx, func(at *found) (err error) {
		d, err = at.f.Stat(ctx)
		return err
	})
	return d, err
}

func (f *redialFile) Clone(ctx context.Context) (File, error) {
	nf, _, err := f.WalkNames(ctx, nil)
	return nf, err
}

func (f *redialFile) Walk(ctx context.Context, name string) (File, error) {
	nf, _, err := f.WalkNames(ctx, []string{name})
	return nf, err
}

func (f *redialFile) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	var nf *redialFile
	var qids []Qid
	err := f.again(ctx, func(at *found) error {
		to, q, err := WalkNames(ctx, at.f, names)
		if qids = q; err == nil {
			nf = f.r.file(found{at.l, to}, f.who, slices.Concat(f.path(), names))
		}
		return err
	})
	if err != nil {
		return nil, qids, err
	}
	return nf, qids, nil
}

func (f *redialFile) Open(ctx context.Context, mode Mode) error {
	var last *found
	var q Qid
	open := func(at *found) error {
		err := at.f.Open(ctx, mode)
		last, q = at, at.f.Qid()
		return err
	}
	for {
		var err error
		if mode&OTRUNC == 0 {
			err = f.again(ctx, open)
		} else {
			err = f.once(ctx, f.path(), open)
		}
		mode &^= OTRUNC
		if err != nil || f.isOpen(last, mode, q) {
			return err
		}
	}
}

// isOpen notes that the file was opened where last leads, and what to. If it has been
// found elsewhere since, it is not open there, and that is false.
func (f *redialFile) isOpen(last *found, mode Mode, q Qid) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at.Load() != last {
		return false
	}
	f.open, f.mode, f.opened = true, mode, q
	return true
}

func (f *redialFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	names := slices.Concat(f.path(), []string{name})
	var nf *redialFile
	err := f.once(ctx, names, func(at *found) error {
		to, err := at.f.Create(ctx, name, perm, mode)
		if err == nil {
			nf = f.r.file(found{at.l, to}, f.who, names)
			nf.open, nf.mode, nf.opened, nf.created = true, mode&^OTRUNC, nf.qid, true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return nf, nil
}

func (f *redialFile) Read(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.again(ctx, func(at *found) (err error) {
		n, err = at.f.Read(ctx, p, off)
		return err
	})
	return n, err
}

// Write writes what is left again when the connection has ended, if the file
// turns out to be plain.
func (f *redialFile) Write(ctx context.Context, p []byte, off int64) (n int, err error) {
	for lost := 0; ; {
		at, err := f.find(ctx)
		if lost > 0 && errors.Is(err, ErrLostOpen) {
			err = named(f.path(), ErrMaybe)
		}
		if err != nil {
			return n, err
		}
		m, err := at.f.Write(ctx, p[n:], off+int64(n))
		n += m
		if !at.l.lost(err) {
			return n, err
		}
		if m > 0 {
			lost = 0
		}
		if lost++; lost == mostAgain || at.f.Qid().Type&QTAPPEND != 0 {
			return n, named(f.path(), ErrMaybe)
		}
	}
}

// ReadDir begins again at the beginning when the connection has ended: where it
// was in the directory, only that connection knew.
func (f *redialFile) ReadDir(ctx context.Context) (dirs []Dir, err error) {
	err = f.again(ctx, func(at *found) (err error) {
		dirs, err = at.f.ReadDir(ctx)
		return err
	})
	return dirs, err
}

func (f *redialFile) Wstat(ctx context.Context, d Dir) error {
	err := f.once(ctx, f.path(), func(at *found) error { return at.f.Wstat(ctx, d) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.names); err == nil && d.Name != "" && n > 0 {
		f.names = slices.Concat(f.names[:n-1], []string{d.Name})
	}
	return err
}

func (f *redialFile) Remove(ctx context.Context) error {
	return f.once(ctx, f.path(), func(at *found) error { return at.f.Remove(ctx) })
}

func (f *redialFile) Close() error {
	f.mu.Lock()
	f.closed = true
	at := f.at.Load()
	f.mu.Unlock()
	return at.f.Close()
}
