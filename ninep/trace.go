package ninep

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Trace returns a Server that does what srv does, and writes to w a line for
// each call and one for its end: the messages that the call would be on a
// wire, in the form of [Fcall.String]. The entries that ReadDir returns are
// shown by their names.
func Trace(w io.Writer, srv Server) Server { return TraceTimes(w, srv, nil) }

// TraceTimes is Trace with the time, taken from clock, before each line.
func TraceTimes(w io.Writer, srv Server, clock func() time.Time) Server {
	t := &tracer{w: w, srv: srv, clock: clock}
	if a, ok := srv.(Auther); ok {
		return &traceAuther{t, a}
	}
	return t
}

// TraceFiles returns a function that traces Files of one tree as Trace does,
// with numbers of fids and tags that they share. A File that it is given is
// the caller's: to close what comes back leaves it open, and writes no line.
func TraceFiles(w io.Writer) func(f File) File {
	t := &tracer{w: w}
	return func(f File) File {
		nf, _ := t.file(f, t.fid(), nil)
		tf, _ := As[*traceFile](nf)
		tf.lent = true
		return nf
	}
}

// A tracer is a Server that is traced.
type tracer struct {
	srv   Server
	clock func() time.Time // nil: no times

	mu   sync.Mutex // guards the fields below
	w    io.Writer
	tags numbers
	fids numbers
}

// numbers gives out small numbers.
type numbers struct {
	free []uint32
	next uint32
}

func (n *numbers) take() uint32 {
	if last := len(n.free) - 1; last >= 0 {
		x := n.free[last]
		n.free = n.free[:last]
		return x
	}
	n.next++
	return n.next - 1
}

func (n *numbers) give(x uint32) { n.free = append(n.free, x) }

// line writes a line. The caller has mu.
func (t *tracer) line(format string, args ...any) {
	s := fmt.Sprintf(format+"\n", args...)
	if t.clock != nil {
		s = t.clock().Format("15:04:05.000000 ") + s
	}
	io.WriteString(t.w, s)
}

// call traces a call that do makes. What do returns is shown as the reply,
// which do fills in.
func (t *tracer) call(m Fcall, do func(r *Fcall) error) error {
	t.mu.Lock()
	tag := t.tags.take()
	m.Tag = uint16(tag)
	t.line("%v", &m)
	t.mu.Unlock()

	r := Fcall{Type: m.Type + 1, Tag: m.Tag}
	err := do(&r)
	if err != nil {
		r = Fcall{Type: Rerror, Tag: m.Tag, Ename: string(ErrorOf(err))}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line("%v", &r)
	t.tags.give(tag)
	return err
}

// fid returns a number for a File to be.
func (t *tracer) fid() uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fids.take()
}

// file returns the File with number fid, or gives the number back if there
// is none.
func (t *tracer) file(f File, fid uint32, err error) (File, error) {
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.fids.give(fid)
		return nil, err
	}
	tf := &traceFile{t: t, f: f, fid: fid}
	if _, ok := f.(NamesWalker); ok {
		return &traceWalker{tf}, nil
	}
	return tf, nil
}

func (t *tracer) Attach(ctx context.Context, user, spec string) (f File, err error) {
	fid := t.fid()
	err = t.call(Fcall{Type: Tattach, Fid: fid, Afid: NOFID, Uname: user, Aname: spec}, func(r *Fcall) error {
		if f, err = t.srv.Attach(ctx, user, spec); err == nil {
			r.Qid = f.Qid()
		}
		return err
	})
	return t.file(f, fid, err)
}

// A traceAuther is a Server with authentication that is traced.
type traceAuther struct {
	*tracer
	auther Auther
}

func (t *traceAuther) Auth(ctx context.Context, user, spec string) (f File, err error) {
	fid := t.fid()
	err = t.call(Fcall{Type: Tauth, Afid: fid, Uname: user, Aname: spec}, func(r *Fcall) error {
		if f, err = t.auther.Auth(ctx, user, spec); err == nil {
			r.Qid = f.Qid()
		}
		return err
	})
	return t.file(f, fid, err)
}

func (t *traceAuther) AttachAuth(ctx context.Context, auth File, user, spec string) (f File, err error) {
	a, ok := As[*traceFile](auth)
	if !ok {
		return nil, ErrPerm
	}
	fid := t.fid()
	err = t.call(Fcall{Type: Tattach, Fid: fid, Afid: a.fid, Uname: user, Aname: spec}, func(r *Fcall) error {
		if f, err = t.auther.AttachAuth(ctx, a.f, user, spec); err == nil {
			r.Qid = f.Qid()
		}
		return err
	})
	return t.file(f, fid, err)
}

// A traceFile is a File that is traced.
type traceFile struct {
	t   *tracer
	f   File
	fid uint32

	lent bool // not ours to close
}

// A traceWalker is a traceFile that can walk many names at once.
type traceWalker struct{ *traceFile }

func (f *traceFile) Unwrap() File   { return f.f }
func (f *traceWalker) Unwrap() File { return f.traceFile }

func (f *traceFile) Qid() Qid { return f.f.Qid() }

func (f *traceFile) Clone(ctx context.Context) (File, error) {
	nf, _, err := f.walk(ctx, nil)
	return nf, err
}

func (f *traceFile) Walk(ctx context.Context, name string) (nf File, err error) {
	fid := f.t.fid()
	err = f.t.call(Fcall{Type: Twalk, Fid: f.fid, Newfid: fid, Wname: []string{name}}, func(r *Fcall) error {
		if nf, err = f.f.Walk(ctx, name); err == nil {
			r.Wqid = []Qid{nf.Qid()}
		}
		return err
	})
	return f.t.file(nf, fid, err)
}

func (f *traceWalker) WalkNames(ctx context.Context, names []string) (File, []Qid, error) {
	return f.walk(ctx, names)
}

func (f *traceFile) walk(ctx context.Context, names []string) (nf File, qids []Qid, err error) {
	fid := f.t.fid()
	f.t.call(Fcall{Type: Twalk, Fid: f.fid, Newfid: fid, Wname: names}, func(r *Fcall) error {
		nf, qids, err = WalkNames(ctx, f.f, names)
		r.Wqid = qids
		if len(qids) > 0 {
			return nil
		}
		return err
	})
	nf, err = f.t.file(nf, fid, err)
	return nf, qids, err
}

func (f *traceFile) Stat(ctx context.Context) (d Dir, err error) {
	err = f.t.call(Fcall{Type: Tstat, Fid: f.fid}, func(r *Fcall) error {
		d, err = f.f.Stat(ctx)
		r.Stat = d
		return err
	})
	return d, err
}

func (f *traceFile) Wstat(ctx context.Context, d Dir) error {
	return f.t.call(Fcall{Type: Twstat, Fid: f.fid, Stat: d}, func(*Fcall) error {
		return f.f.Wstat(ctx, d)
	})
}

func (f *traceFile) Open(ctx context.Context, mode Mode) error {
	return f.t.call(Fcall{Type: Topen, Fid: f.fid, Mode: mode}, func(r *Fcall) error {
		err := f.f.Open(ctx, mode)
		r.Qid = f.f.Qid()
		return err
	})
}

// Create is shown as what a client sends for it: a walk to a new fid, and a
// Tcreate of that.
func (f *traceFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (nf File, err error) {
	fid := f.t.fid()
	f.t.call(Fcall{Type: Twalk, Fid: f.fid, Newfid: fid}, func(*Fcall) error { return nil })
	err = f.t.call(Fcall{Type: Tcreate, Fid: fid, Name: name, Perm: perm, Mode: mode}, func(r *Fcall) error {
		if nf, err = f.f.Create(ctx, name, perm, mode); err == nil {
			r.Qid = nf.Qid()
		}
		return err
	})
	return f.t.file(nf, fid, err)
}

func (f *traceFile) Read(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.t.call(Fcall{Type: Tread, Fid: f.fid, Offset: uint64(off), Count: uint32(len(p))}, func(r *Fcall) error {
		n, err = f.f.Read(ctx, p, off)
		r.Data = p[:min(max(n, 0), len(p))]
		return err
	})
	return n, err
}

func (f *traceFile) Write(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.t.call(Fcall{Type: Twrite, Fid: f.fid, Offset: uint64(off), Data: p}, func(r *Fcall) error {
		n, err = f.f.Write(ctx, p, off)
		r.Count = uint32(n)
		return err
	})
	return n, err
}

func (f *traceFile) ReadDir(ctx context.Context) (dirs []Dir, err error) {
	err = f.t.call(Fcall{Type: Tread, Fid: f.fid, Count: DefaultMsize - IOHDRSZ}, func(r *Fcall) error {
		dirs, err = f.f.ReadDir(ctx)
		for _, d := range dirs {
			r.Data = append(append(r.Data, d.Name...), ' ')
		}
		return err
	})
	return dirs, err
}

func (f *traceFile) Remove(ctx context.Context) error {
	return f.t.call(Fcall{Type: Tremove, Fid: f.fid}, func(*Fcall) error { return f.f.Remove(ctx) })
}

func (f *traceFile) Close() error {
	var err error
	if !f.lent {
		err = f.t.call(Fcall{Type: Tclunk, Fid: f.fid}, func(*Fcall) error { return f.f.Close() })
	}
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	f.t.fids.give(f.fid)
	return err
}
