package ninep_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	. "ufo/ninep"
)

// A faulty server has a directory with one file, "f", which do not keep their
// promises.
type faulty struct {
	n     int           // what Read and Write return
	dirs  []Dir         // what ReadDir does, or
	err   error         // Clone, ReadDir and the walk from the root
	stat  Dir           // what Stat does
	wait  chan struct{} // what a walk to "slow" waits for
	files int           // not closed
}

type faultyFile struct {
	Plain
	s   *faulty
	qid Qid
}

func (s *faulty) file(path uint64, t QidType) (File, error) {
	s.files++
	return &faultyFile{s: s, qid: Qid{Path: path, Type: t}}, nil
}

func (s *faulty) Attach(context.Context, string, string) (File, error) { return s.file(0, QTDIR) }

func (f *faultyFile) Qid() Qid                          { return f.qid }
func (f *faultyFile) Stat(context.Context) (Dir, error) { return f.s.stat, nil }
func (f *faultyFile) Close() error                      { f.s.files--; return nil }

func (f *faultyFile) Clone(context.Context) (File, error) {
	if f.s.err != nil {
		return nil, f.s.err
	}
	return f.s.file(f.qid.Path, f.qid.Type)
}

func (f *faultyFile) Walk(_ context.Context, name string) (File, error) {
	if f.s.err != nil && f.qid.Path == 0 {
		return nil, f.s.err
	}
	if name == "slow" {
		<-f.s.wait
	}
	if name == "d" {
		return f.s.file(f.qid.Path+2, QTDIR)
	}
	return f.s.file(1, 0)
}

func (f *faultyFile) Read(context.Context, []byte, int64) (int, error)  { return f.s.n, nil }
func (f *faultyFile) Write(context.Context, []byte, int64) (int, error) { return f.s.n, nil }
func (f *faultyFile) ReadDir(context.Context) ([]Dir, error)            { return f.s.dirs, f.s.err }

// A File that does not keep its promises is its own fault, not that of the
// connection: the request gets an error, and the next one is answered.
func TestServeFaulty(t *testing.T) {
	long := strings.Repeat("x", 20000)
	for _, tt := range []struct {
		name  string
		fault faulty
		open  string // as fid 1; "": the root
		ask   Fcall
		want  string
	}{
		{"reads more than was asked for", faulty{n: 9}, "f", Fcall{Type: Tread, Fid: 1, Count: 8}, "i/o error"},
		{"reads less than nothing", faulty{n: -1}, "f", Fcall{Type: Tread, Fid: 1, Count: 8}, "i/o error"},
		{"writes more than it got", faulty{n: 9}, "f", Fcall{Type: Twrite, Fid: 1, Data: []byte("8 bytes.")}, "i/o error"},
		{"writes less than nothing", faulty{n: -1}, "f", Fcall{Type: Twrite, Fid: 1, Data: []byte("8 bytes.")}, "i/o error"},
		{"cannot be listed", faulty{err: ErrHungup}, "", Fcall{Type: Tread, Fid: 1, Count: 800}, "i/o on hungup channel"},
		{"has an entry that no message holds", faulty{dirs: []Dir{{Name: long, UID: long, GID: long, MUID: long}}}, "",
			Fcall{Type: Tread, Fid: 1, Count: 8000}, "name too long"},
		{"has a name that none does", faulty{dirs: []Dir{{Name: long + long + long + long}}}, "",
			Fcall{Type: Tread, Fid: 1, Count: 8000}, "name too long"},
		{"is longer than the client takes", faulty{stat: Dir{Name: long}}, "f", Fcall{Type: Tstat, Fid: 1}, "name too long"},
		{"cannot be cloned", faulty{err: ErrHungup}, "f", Fcall{Type: Tattach, Fid: 2, Afid: NOFID}, "i/o on hungup channel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &faulty{}
				r := serveRaw(t, srv, nil)
				if tt.open == "" {
					r.begin(8192, "d", OREAD)
				} else {
					r.begin(8192, tt.open, ORDWR)
				}
				files := srv.files
				srv.n, srv.dirs, srv.err, srv.stat = tt.fault.n, tt.fault.dirs, tt.fault.err, tt.fault.stat
				for range 2 { // it is no different the second time
					tt.ask.Tag = 1
					r.send(tt.ask)
					r.want(`Rerror tag 1 ename "` + tt.want + `"`)
				}
				if srv.files != files {
					t.Errorf("%d files are left over", srv.files-files)
				}
				r.conn.Close()
				if err := <-r.served; err != nil || srv.files != 0 {
					t.Errorf("%v, %d files are not closed", err, srv.files)
				}
			})
		})
	}
}

// Dot-dot is a walk from the root, and fails where that does.
func TestServeDotdotGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &faulty{}
		r := serveRaw(t, srv, nil)
		r.begin(8192, "f", OREAD)
		r.send(Fcall{Type: Twalk, Tag: 1, Newfid: 2, Wname: []string{"d", "d"}})
		r.recv()
		srv.err = ErrNotExist
		r.send(Fcall{Type: Twalk, Tag: 1, Fid: 2, Newfid: 3, Wname: []string{".."}})
		r.want(`Rerror tag 1 ename "file does not exist"`)
		srv.err = nil
		r.send(Fcall{Type: Twalk, Tag: 1, Fid: 2, Newfid: 3, Wname: []string{"..", "..", ".."}})
		if m := r.recv(); len(m.Wqid) != 3 || m.Wqid[2].Path != 0 {
			t.Error(m)
		}
		r.conn.Close()
		if err := <-r.served; err != nil || srv.files != 0 {
			t.Errorf("%v, %d files are not closed", err, srv.files)
		}
	})
}

// A fid that is clunked while it walks is gone, and so is where it walked to.
func TestServeClunkedWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &faulty{wait: make(chan struct{})}
		r := serveRaw(t, srv, nil)
		r.begin(8192, "f", OREAD)
		r.send(Fcall{Type: Twalk, Tag: 1, Newfid: 2})
		r.recv()
		r.send(Fcall{Type: Twalk, Tag: 1, Fid: 2, Newfid: 2, Wname: []string{"slow"}}, Fcall{Type: Tclunk, Tag: 2, Fid: 2})
		r.want("Rclunk tag 2")
		close(srv.wait)
		r.want(`Rerror tag 1 ename "unknown fid"`)
		r.conn.Close()
		if err := <-r.served; err != nil || srv.files != 0 {
			t.Errorf("%v, %d files are not closed", err, srv.files)
		}
	})
}
