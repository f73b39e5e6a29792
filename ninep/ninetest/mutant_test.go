package ninetest

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// A mutant is a server that is wrong in one way: a good one, and somebody on
// the line who changes what is said. All functions may be nil.
type mutant struct {
	raw   func(b []byte) []byte                  // what arrives, good or bad; nil is dropped
	ask   func(t *ninep.Fcall) *ninep.Fcall      // changes a request, or answers it at once
	reply func(t, r *ninep.Fcall) []*ninep.Fcall // what the client gets for the reply r to t
	file  func(f ninep.File) ninep.File          // changes the good server
	dial  func(dial dialer) dialer               // changes how one is connected
	fresh func() mutant                          // one for each connection, which remembers
}

type dialer = func(context.Context) (io.ReadWriteCloser, error)

// asks is a mutant that changes requests.
func asks(f func(t *ninep.Fcall)) mutant {
	return mutant{ask: func(t *ninep.Fcall) *ninep.Fcall { f(t); return nil }}
}

// answers is a mutant that changes replies.
func answers(f func(t, r *ninep.Fcall)) mutant {
	return mutant{reply: func(t, r *ninep.Fcall) []*ninep.Fcall { f(t, r); return []*ninep.Fcall{r} }}
}

// pretends is a mutant that answers requests of a type without doing a thing.
func pretends(typ ninep.MsgType, when func(t *ninep.Fcall) bool) mutant {
	return mutant{ask: func(t *ninep.Fcall) *ninep.Fcall {
		if t.Type != typ || when != nil && !when(t) {
			return nil
		}
		return &ninep.Fcall{Type: typ + 1, Tag: t.Tag}
	}}
}

// allows is a mutant that says a request of a type has succeeded when it has
// not.
func allows(typ ninep.MsgType) mutant {
	return answers(func(t, r *ninep.Fcall) {
		if t.Type == typ && r.Type == ninep.Rerror {
			*r = ninep.Fcall{Type: typ + 1, Tag: r.Tag}
			for range t.Wname {
				r.Wqid = append(r.Wqid, ninep.Qid{})
			}
		}
	})
}

// twist is a mutant whose files are twisted.
func twist(f func(ninep.File) ninep.File) mutant { return mutant{file: f} }

// A line is what a mutant does to a connection.
type line struct {
	mutant
	client io.ReadWriteCloser // its end there
	server io.ReadWriteCloser

	mu    sync.Mutex // guards asked, and writes to client
	asked map[uint16]*ninep.Fcall
}

// run carries what is said until one side ends.
func (l *line) run() {
	done := make(chan struct{})
	go func() { // ends with the server's side
		defer close(done)
		carry(l.server, func(b []byte) { l.fromServer(b) })
		l.client.Close()
	}()
	carry(l.client, l.fromClient)
	l.server.Close()
	<-done
}

// carry calls f with each message, and with what is none and all after it.
func carry(from io.Reader, f func(b []byte)) {
	in := bufio.NewReader(from)
	for {
		head, err := in.Peek(4)
		if err != nil {
			return
		}
		size := binary.LittleEndian.Uint32(head)
		if size < 7 || size > 1<<20 {
			size = uint32(max(in.Buffered(), 4))
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			return
		}
		f(b)
	}
}

func (l *line) fromClient(b []byte) {
	if l.raw != nil {
		if b = l.raw(b); b == nil {
			return
		}
	}
	t := new(ninep.Fcall)
	if t.Unmarshal(b) != nil {
		l.server.Write(b)
		return
	}
	was := *t
	if l.ask != nil {
		if r := l.ask(t); r != nil {
			l.toClient(r)
			return
		}
		b, _ = t.Append(nil)
	}
	l.mu.Lock()
	l.asked[t.Tag] = &was
	l.mu.Unlock()
	l.server.Write(b)
}

func (l *line) fromServer(b []byte) {
	r := new(ninep.Fcall)
	r.Unmarshal(b)
	l.mu.Lock()
	t := l.asked[r.Tag]
	l.mu.Unlock()
	if l.reply == nil || t == nil {
		l.toClient(r)
		return
	}
	for _, r := range l.reply(t, r) {
		l.toClient(r)
	}
}

func (l *line) toClient(r *ninep.Fcall) {
	b, _ := r.Append(nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client.Write(b)
}

// suite returns the suite for a server with the mutant on its line.
func (m mutant) suite(t *testing.T, srv ninep.Server) (s Suite, stop func()) {
	if m.file != nil {
		srv = twisted{srv, m.file}
	}
	dial, stopServed := Served(t.Context(), srv, nil)
	var wg sync.WaitGroup
	s.Dial = func(ctx context.Context) (io.ReadWriteCloser, error) {
		server, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		a, b := ninep.Pipe()
		one := m
		if m.fresh != nil {
			one = m.fresh()
		}
		l := &line{mutant: one, client: a, server: server, asked: make(map[uint16]*ninep.Fcall)}
		wg.Go(l.run)
		return b, nil
	}
	if m.dial != nil {
		s.Dial = m.dial(s.Dial)
	}
	return s, func() { stopServed(); wg.Wait() }
}

// TestMutants has a check for each way of being wrong find it. A server without
// one passes the same check.
func TestMutants(t *testing.T) {
	for _, tt := range mutants {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			for _, m := range []mutant{tt.is, {}} {
				synctest.Test(t, func(t *testing.T) {
					var srv ninep.Server = ramfs.New("glenda", time.Now, 0)
					if tt.device {
						srv = device()
					}
					s, stop := m.suite(t, srv)
					s.Only = func(check string) bool { return check == tt.check }
					if tt.device {
						s.Waits = []string{"block"}
					}
					var got []Result
					s.Run(t.Context(), func(r Result) { got = append(got, r) })
					stop()
					want := Failed
					if m.isGood() {
						want = Passed
					}
					if len(got) != 1 || got[0].Status != want || want == Failed && (got[0].Saw == "" || len(got[0].Transcript) == 0) {
						t.Errorf("want %v, got %+v", want, got)
					}
				})
			}
		})
	}
	if len(mutants) < 25 {
		t.Errorf("only %d mutants", len(mutants))
	}
}

func (m mutant) isGood() bool {
	return m.raw == nil && m.ask == nil && m.reply == nil && m.file == nil && m.dial == nil && m.fresh == nil
}

// The mutants that remember.

// flushesAtOnce answers a flush before the request, which it answers, too.
func flushesAtOnce() mutant {
	return mutant{
		ask: func(t *ninep.Fcall) *ninep.Fcall {
			if t.Type == ninep.Tflush {
				return &ninep.Fcall{Type: ninep.Rflush, Tag: t.Tag}
			}
			return nil
		},
		reply: func(t, r *ninep.Fcall) []*ninep.Fcall {
			if t.Tag == 7 {
				time.Sleep(time.Millisecond) // in a bubble: until the flush was answered
			}
			return []*ninep.Fcall{r}
		},
	}
}

// keepsFids begins a session but once.
func keepsFids() mutant {
	begun := false
	return pretendsVersion(func() bool { was := begun; begun = true; return was })
}

func pretendsVersion(when func() bool) mutant {
	return mutant{ask: func(t *ninep.Fcall) *ninep.Fcall {
		if t.Type == ninep.Tversion && when() {
			return &ninep.Fcall{Type: ninep.Rversion, Tag: t.Tag, Msize: t.Msize, Version: t.Version}
		}
		return nil
	}}
}

// walksOpen lets fids be walked that are open.
func walksOpen() mutant {
	open := make(map[uint32]bool)
	return mutant{ask: func(t *ninep.Fcall) *ninep.Fcall {
		switch {
		case t.Type == ninep.Topen:
			open[t.Fid] = true
		case t.Type == ninep.Twalk && open[t.Fid]:
			return &ninep.Fcall{Type: ninep.Rwalk, Tag: t.Tag}
		}
		return nil
	}}
}

// oneAtATime answers a request before it takes the next, or gives up.
func oneAtATime() mutant {
	turn := make(chan struct{}, 1)
	return mutant{
		ask: func(*ninep.Fcall) *ninep.Fcall {
			select {
			case turn <- struct{}{}:
			case <-time.After(time.Minute):
			}
			return nil
		},
		reply: func(_, r *ninep.Fcall) []*ninep.Fcall {
			select {
			case <-turn:
			default:
			}
			return []*ninep.Fcall{r}
		},
	}
}

// oneClient serves one client, and nobody else until that has gone.
func oneClient(dial dialer) dialer {
	turn := make(chan struct{}, 1)
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		rwc, err := dial(ctx)
		return turned{rwc, turn}, err
	}
}

type turned struct {
	io.ReadWriteCloser
	turn chan struct{}
}

func (t turned) Close() error {
	<-t.turn
	return t.ReadWriteCloser.Close()
}

// dies is gone for all when what comes is no message.
func dies(dial dialer) dialer {
	var mu sync.Mutex // guards all
	var all []io.Closer
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		rwc, err := dial(ctx)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, rwc)
		return watched{rwc, func() {
			mu.Lock()
			defer mu.Unlock()
			for _, c := range all {
				c.Close()
			}
		}}, err
	}
}

type watched struct {
	io.ReadWriteCloser
	bad func()
}

func (w watched) Write(p []byte) (int, error) {
	if len(p) < 8 || (&ninep.Fcall{}).Unmarshal(p) != nil {
		w.bad()
	}
	return w.ReadWriteCloser.Write(p)
}

// More ways in which files are twisted, beside those of ninetest_test.go.
type (
	overwrites struct{ ninep.File }
	unmasked   struct{ ninep.File }
	dotted     struct{ ninep.File }
	reuses     struct{ ninep.File }
)

func (f overwrites) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if nf, err := f.File.Walk(ctx, name); err == nil {
		return nf, nf.Open(ctx, mode|ninep.OTRUNC)
	}
	return f.File.Create(ctx, name, perm, mode)
}

func (f unmasked) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	nf, err := f.File.Create(ctx, name, perm, mode)
	if err == nil {
		d := ninep.NullDir
		d.Mode = perm
		nf.Wstat(ctx, d)
	}
	return nf, err
}

func (f dotted) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	dirs, err := f.File.ReadDir(ctx)
	self, _ := f.File.Stat(ctx)
	self.Name = "."
	return slices.Insert(dirs, 0, self), err
}

func (f reuses) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.File.Stat(ctx)
	if !d.IsDir() {
		d.Qid.Path = 42
	}
	return d, err
}
