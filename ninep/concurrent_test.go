package ninep_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// A meeting is a Server whose calls wait, once it is held, until as many have
// come as there are kinds of them: if anything were locked during one of them,
// another would never come.
type meeting struct {
	Server
	mu   sync.Mutex // guards held and here
	held bool
	here []string
	full chan struct{}
}

// kinds are the calls of a File and of a Server but Close, which waits for
// nobody. One directory is read twice.
var kinds = []string{
	"Attach", "Auth", "Clone", "Create", "Open", "Read", "ReadDir", "ReadDir", "Remove", "Stat", "Walk", "Write", "Wstat",
}

func (m *meeting) meet(kind string) {
	m.mu.Lock()
	if m.held {
		m.here = append(m.here, kind)
		slices.Sort(m.here)
		if slices.Equal(m.here, kinds) {
			close(m.full)
			m.held = false
		}
	}
	held := m.held
	m.mu.Unlock()
	if held {
		<-m.full
	}
}

func (m *meeting) Attach(ctx context.Context, user, spec string) (File, error) {
	m.meet("Attach")
	f, err := m.Server.Attach(ctx, user, spec)
	return &metFile{f, m}, err
}

func (m *meeting) Auth(context.Context, string, string) (File, error) {
	m.meet("Auth")
	return nil, ErrPerm
}

func (m *meeting) AttachAuth(context.Context, File, string, string) (File, error) {
	return nil, ErrPerm
}

// A metFile is a File of a meeting.
type metFile struct {
	File
	m *meeting
}

func (f *metFile) found(nf File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &metFile{nf, f.m}, nil
}

func (f *metFile) Clone(ctx context.Context) (File, error) {
	f.m.meet("Clone")
	return f.found(f.File.Clone(ctx))
}

func (f *metFile) Walk(ctx context.Context, name string) (File, error) {
	f.m.meet("Walk")
	return f.found(f.File.Walk(ctx, name))
}

func (f *metFile) Create(ctx context.Context, name string, perm Perm, mode Mode) (File, error) {
	f.m.meet("Create")
	return f.found(f.File.Create(ctx, name, perm, mode))
}

func (f *metFile) Open(ctx context.Context, mode Mode) error {
	f.m.meet("Open")
	return f.File.Open(ctx, mode)
}

func (f *metFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	f.m.meet("Read")
	return f.File.Read(ctx, p, off)
}

func (f *metFile) ReadDir(ctx context.Context) ([]Dir, error) {
	f.m.meet("ReadDir")
	return f.File.ReadDir(ctx)
}

func (f *metFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	f.m.meet("Write")
	return f.File.Write(ctx, p, off)
}

func (f *metFile) Stat(ctx context.Context) (Dir, error) {
	f.m.meet("Stat")
	return f.File.Stat(ctx)
}

func (f *metFile) Wstat(ctx context.Context, d Dir) error {
	f.m.meet("Wstat")
	return f.File.Wstat(ctx, d)
}

func (f *metFile) Remove(ctx context.Context) error {
	f.m.meet("Remove")
	return f.File.Remove(ctx)
}

// No lock is held during a call of the Server, not even one that is of the same
// fid.
func TestServeHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meeting{Server: world(), full: make(chan struct{})}
		srv := ninetest.Strict(m)
		r := serveRaw(t, srv, nil)
		r.begin(8192, "motd", OREAD)
		ready := []Fcall{
			{Type: Twalk, Newfid: 2}, {Type: Topen, Fid: 2}, // a directory
			{Type: Twalk, Newfid: 3}, {Type: Tcreate, Fid: 3, Name: "a", Perm: 0666, Mode: ORDWR},
			{Type: Twalk, Newfid: 4, Wname: []string{"motd"}},
		}
		for _, m := range ready {
			r.send(m)
			if reply := r.recv(); reply.Type != m.Type+1 {
				t.Fatal(reply)
			}
		}
		m.held = true
		meet := []Fcall{
			{Type: Tattach, Fid: 10, Afid: NOFID}, {Type: Tauth, Afid: 11}, {Type: Tstat, Fid: 3}, {Type: Tremove, Fid: 3},
			{Type: Tread, Fid: 1, Count: 10}, {Type: Tread, Fid: 2, Count: 1000}, {Type: Tread, Fid: 2, Count: 1000}, {Type: Twrite, Fid: 3, Data: []byte("x")},
			{Type: Twalk, Newfid: 12}, {Type: Twalk, Newfid: 13, Wname: []string{"motd"}},
			{Type: Twstat, Fid: 4, Stat: NullDir}, {Type: Topen, Fid: 4},
			{Type: Tcreate, Name: "b", Perm: 0666},
		}
		// The remove takes the fid away, the create the root's.
		slices.SortStableFunc(meet, func(a, b Fcall) int { return rank(a) - rank(b) })
		for i := range meet {
			meet[i].Tag = uint16(i)
			r.send(meet[i])
			synctest.Wait()
		}
		if m.held {
			t.Fatalf("in progress are only %v", m.here)
		}
		for range meet {
			r.recv()
		}
		r.conn.Close()
		<-r.served
		if err := srv.Check(); err != nil {
			t.Error(err)
		}
	})
}

// rank says which of the messages of the test come last.
func rank(m Fcall) int {
	switch {
	case m.Type == Tremove:
		return 1
	case m.Type == Tcreate:
		return 2
	}
	return 0
}

// A flush is answered when the flushed request is, and so is a flush of it, and
// of that; also when there may be no more requests.
func TestServeFlushOrder(t *testing.T) {
	read := Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 4}
	flush := func(tag, old uint16) Fcall { return Fcall{Type: Tflush, Tag: tag, Oldtag: old} }
	late := `Rread tag 7 count 4 "late"`
	for _, tt := range []struct {
		name, file string
		say        []Fcall
		want       []string
	}{
		{"of nothing", "late", []Fcall{flush(8, 7)}, []string{"Rflush tag 8"}},
		{"not done", "block", []Fcall{read, flush(8, 7)}, []string{"Rflush tag 8"}},
		{"done in spite of it", "late", []Fcall{read, flush(8, 7)}, []string{late, "Rflush tag 8"}},
		{"twice", "late", []Fcall{read, flush(8, 7), flush(9, 7)}, []string{late, "Rflush tag 8", "Rflush tag 9"}},
		{"flush of the flush", "late", []Fcall{read, flush(8, 7), flush(9, 8)}, []string{late, "Rflush tag 8", "Rflush tag 9"}},
		{"and of that", "late", []Fcall{read, flush(8, 7), flush(9, 8), flush(10, 9)}, []string{late, "Rflush tag 8", "Rflush tag 9", "Rflush tag 10"}},
		{"no more requests", "late", []Fcall{read, {Type: Tstat, Tag: 6}, flush(8, 7)},
			[]string{`Rerror tag 6 ename "too many requests"`, late, "Rflush tag 8"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := &slowToEnd{Server: world()}
				r := serveRaw(t, slow, &ServeOptions{Requests: 1})
				r.begin(8192, tt.file, OREAD)
				r.send(tt.say...)
				r.want(tt.want...)
				synctest.Wait()
				if n := r.in.Buffered(); n > 0 {
					t.Errorf("then comes %v", r.recv())
				}
			})
		})
	}
}

// A slowToEnd is a server whose reads go on for a second when they are
// interrupted.
type slowToEnd struct{ Server }

func (s *slowToEnd) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return &slowFile{f}, err
}

type slowFile struct{ File }

func (f *slowFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return &slowFile{nf}, err
}

func (f *slowFile) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	return &slowFile{nf}, err
}

func (f *slowFile) Read(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := f.File.Read(ctx, p, off)
	time.Sleep(time.Second)
	return n, err
}

// Many flushes of one request take no more room than some; the last is answered.
func TestServeManyFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serveRaw(t, &slowToEnd{Server: world()}, nil)
		r.begin(8192, "late", OREAD)
		r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 4})
		const n = 1000
		for tag := range uint16(n) {
			r.send(Fcall{Type: Tflush, Tag: 100 + tag, Oldtag: 7})
		}
		r.want(`Rread tag 7 count 4 "late"`)
		got := 0
		for last := ""; last != fmt.Sprintf("Rflush tag %d", 100+n-1); got++ {
			last = r.recv().String()
		}
		if got > 64 {
			t.Errorf("%d flushes are answered", got)
		}
	})
}
