package ninep_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// stored returns a server with one file, "f", of so many bytes that differ.
func stored(t *testing.T, size int) (Server, []byte) {
	t.Helper()
	fs := ramfs.New("glenda", time.Now, 0)
	root, err := fs.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, err := root.Create(t.Context(), "f", 0666, OWRITE)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := pattern(size)
	if _, err := f.Write(t.Context(), text, 0); err != nil {
		t.Fatal(err)
	}
	return fs, text
}

// pattern returns bytes of which no stretch looks like another.
func pattern(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

// openFile returns the server's file f, open.
func openFile(t *testing.T, srv Server, mode Mode) File {
	t.Helper()
	f, err := openAt(t, srv, "glenda", mode, "f")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// far returns srv at a distance: it answers each read and write after a while, of
// a bubble. Asked counts them.
func far(srv Server, trip time.Duration) (s Server, asked *atomic.Int64) {
	asked = new(atomic.Int64)
	return watched{srv, func(MsgType, int, int64) error {
		asked.Add(1)
		time.Sleep(trip)
		return nil
	}}, asked
}

// Requests that are under way together take the time of a few.
func TestClientPipelines(t *testing.T) {
	const size, near, nearer = 4 << 20, time.Millisecond, 100 * time.Microsecond
	for _, tt := range []struct {
		name  string
		trip  time.Duration
		msg   int // bytes in a message
		unit  int // of each call
		write bool
		most  int // round trips; one request at a time would take size/msg
	}{
		{"read, 8 K at a time", 50 * near, 64 << 10, 8 << 10, false, 20},
		{"read, 64 K at a time", 50 * near, 64 << 10, 64 << 10, false, 20},
		{"read, all at once", 50 * near, 64 << 10, size, false, 12},
		{"write, 1 M at a time", 50 * near, 64 << 10, 1 << 20, true, 20},
		{"write, all at once", 50 * near, 64 << 10, size, true, 12},
		{"read, 8 K messages, near", near, 8 << 10, 8 << 10, false, 30},
		{"read, 8 K messages, nearer", nearer, 8 << 10, 8 << 10, false, 30},
		{"write, 8 K messages, near", near, 8 << 10, 1 << 20, true, 30},
		{"write, 8 K messages, nearer", nearer, 8 << 10, 1 << 20, true, 30},
		{"read, 64 K messages, nearer", nearer, 64 << 10, 64 << 10, false, 20},
		{"write, 64 K messages, nearer", nearer, 64 << 10, 1 << 20, true, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, text := stored(t, size)
				s, asked := far(srv, tt.trip)
				mode, want := OREAD, text
				if tt.write {
					mode, want = OWRITE|OTRUNC, slices.Clone(text)
					slices.Reverse(want)
				}
				dial, stop := ninetest.Served(t.Context(), s, nil)
				conn, err := dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				c, err := NewClient(t.Context(), end(conn), &ClientOptions{Msize: uint32(tt.msg + IOHDRSZ)})
				if err != nil {
					t.Fatal(err)
				}
				f := openFile(t, c, mode)
				begin, got := time.Now(), make([]byte, size)
				for off := 0; off < size; off += tt.unit {
					var n int
					if tt.write {
						n, err = f.Write(t.Context(), want[off:off+tt.unit], int64(off))
					} else {
						n, err = f.Read(t.Context(), got[off:off+tt.unit], int64(off))
					}
					if n != tt.unit || err != nil {
						t.Fatalf("at %d: %d, %v", off, n, err)
					}
				}
				if took := time.Since(begin); took > time.Duration(tt.most)*tt.trip {
					t.Errorf("took %v", took)
				}
				if tt.write {
					direct := openFile(t, srv, OREAD)
					direct.Read(t.Context(), got, 0)
					direct.Close()
				}
				if !bytes.Equal(got, want) {
					t.Error("the bytes are not what they should be")
				}
				if n := asked.Load(); n > int64(size/tt.msg)+2 {
					t.Errorf("%d requests", n)
				}
				f.Close()
				c.Close()
				stop()
			})
		})
	}
}

// Whatever is read and written, through however many files, a Client gives what
// a call without one would.
func TestClientSame(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 6))
			size := r.IntN(1 << 20)
			srv, _ := stored(t, size)
			strict := ninetest.Strict(srv)
			c, stop, err := wire(t.Context(), strict)
			if err != nil {
				t.Fatal(err)
			}
			files := []File{openFile(t, c, OREAD), openFile(t, c, ORDWR), openFile(t, c, OREAD)}
			direct := openFile(t, srv, OREAD)
			offs := make([]int64, len(files))
			step := 1 + r.IntN(200<<10)
			for range 150 {
				i := r.IntN(len(files))
				switch r.IntN(40) {
				case 0:
					offs[i] = r.Int64N(int64(size) + 1)
				case 1:
					p := pattern(1 + r.IntN(300<<10))
					if n, err := files[1].Write(t.Context(), p, offs[1]); n != len(p) || err != nil {
						t.Fatalf("write: %d, %v", n, err)
					}
				case 2:
					d := NullDir
					d.Length = r.Int64N(int64(size) + 1)
					if err := files[1].Wstat(t.Context(), d); err != nil {
						t.Fatal(err)
					}
				}
				got, want := make([]byte, step), make([]byte, step)
				n, err := files[i].Read(t.Context(), got, offs[i])
				m, _ := direct.Read(t.Context(), want[:n], offs[i])
				if err != nil || n != m || !bytes.Equal(got[:n], want[:n]) {
					t.Fatalf("file %d at %d: %d, %v and %d differ", i, offs[i], n, err, m)
				}
				if m, _ := direct.Read(t.Context(), want, offs[i]); n == 0 && m > 0 {
					t.Fatalf("file %d at %d: an end where none is", i, offs[i])
				}
				if offs[i] += int64(n); n == 0 {
					offs[i] = 0
				}
			}
			for _, f := range append(files, direct) {
				f.Close()
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			if err := strict.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is not a plain file that is as long as it says is read one request at a
// time, as it is written.
func TestClientOneAtATime(t *testing.T) {
	const unit = DefaultMsize - IOHDRSZ
	for _, tt := range []struct {
		name    string
		perm    Perm
		version uint32
		length  int64
	}{
		{"no length", 0666, 1, 0},
		{"no version", 0666, 0, 1 << 30},
		{"append only", DMAPPEND | 0666, 1, 1 << 30},
		{"exclusive", DMEXCL | 0666, 1, 1 << 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var log []string
			note := func(how string, p []byte, off int64) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if log = append(log, fmt.Sprint(how, len(p), " ", off)); len(log) == 4 {
					return 10, nil
				}
				return len(p), nil
			}
			srv := versioned{NewTree("glenda", &Node{Children: []*Node{{
				Name: "f", Perm: tt.perm, Length: tt.length,
				ReadAt:  func(_ context.Context, p []byte, off int64) (int, error) { return note("r", p, off) },
				WriteAt: func(_ context.Context, p []byte, off int64) (int, error) { return note("w", p, off) },
			}}}), tt.version}
			for _, how := range []string{"r", "w"} {
				c, stop, err := wire(t.Context(), srv)
				if err != nil {
					t.Fatal(err)
				}
				f := openFile(t, c, ORDWR)
				call := f.Read
				if how == "w" {
					call = f.Write
				}
				log = nil
				if n, err := call(t.Context(), make([]byte, 8*unit), 7); n != 3*unit+10 || err != nil {
					t.Errorf("%s returned %d, %v", how, n, err)
				}
				f.Close()
				stop()
				want := []string{}
				for i := range 4 {
					want = append(want, fmt.Sprint(how, unit, " ", 7+i*unit))
				}
				if !slices.Equal(log, want) {
					t.Errorf("got %q, want %q", log, want)
				}
			}
		})
	}
}

// versioned gives the files of a Server a version.
type versioned struct {
	Server
	vers uint32
}

func (s versioned) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return &versionedFile{f, s.vers}, err
}

type versionedFile struct {
	File
	vers uint32
}

func (f *versionedFile) Qid() Qid {
	q := f.File.Qid()
	q.Vers = f.vers
	return q
}

func (f *versionedFile) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	return &versionedFile{nf, f.vers}, err
}

func (f *versionedFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return &versionedFile{nf, f.vers}, err
}

func (f *versionedFile) Stat(ctx context.Context) (Dir, error) {
	d, err := f.File.Stat(ctx)
	d.Qid.Vers = f.vers
	return d, err
}

// unit of the connections that a peer serves.
const peerUnit = 8192 - IOHDRSZ

// openPeer returns root, opened, as a plain file of so many units and a half.
func openPeer(t *testing.T, p *peer, root File, mode Mode) {
	t.Helper()
	go func() {
		p.expect(fmt.Sprintf("Topen tag 0 fid 0 mode %#x", uint16(mode)))
		p.reply(Fcall{Type: Ropen, Qid: Qid{Vers: 1}})
	}()
	if err := root.Open(t.Context(), mode); err != nil {
		t.Fatal(err)
	}
}

// full is a reply to a Tread of a unit.
func full(tag uint16) Fcall { return Fcall{Type: Rread, Tag: tag, Data: make([]byte, peerUnit)} }

// tread is what a Tread of a unit looks like.
func tread(tag, i int) string {
	return fmt.Sprintf("Tread tag %d fid 0 offset %d count %d", tag, i*peerUnit, peerUnit)
}

// readAhead begins to read a file of many units and leaves tags 0 to 3 to the
// Treads of units 2 to 5, as the client has sent them ahead.
func readAhead(t *testing.T, p *peer, root File) {
	t.Helper()
	openPeer(t, p, root, OREAD)
	buf := make([]byte, peerUnit)
	go func() {
		p.expect(tread(0, 0))
		p.reply(full(0))
		p.expect("Tstat tag 0 fid 0", tread(1, 1))
		p.reply(full(1))
		p.reply(Fcall{Type: Rstat, Tag: 0, Stat: Dir{Name: "f", UID: "u", GID: "u", MUID: "u", Qid: Qid{Vers: 1}, Length: 100*peerUnit + 10}})
	}()
	for i := range 2 {
		if n, err := root.Read(t.Context(), buf, int64(i*peerUnit)); n != peerUnit || err != nil {
			t.Fatalf("read %d: %d, %v", i, n, err)
		}
	}
}

// What becomes of Treads that were sent ahead.
func TestClientAheadEnds(t *testing.T) {
	type end struct {
		name   string
		first  *Fcall // the reply to the first Tread; nil: none
		end    func(root File, stop func())
		n      int
		err    error
		silent bool // the server sends no late replies
	}
	for _, tt := range []end{
		{"a short reply", &Fcall{Type: Rread, Data: make([]byte, 5)}, nil, 5, nil, false},
		{"the end of the file", &Fcall{Type: Rread}, nil, 0, nil, false},
		{"an error", &Fcall{Type: Rerror, Ename: "no"}, nil, 0, Error("no"), false},
		{"an interrupt", nil, func(_ File, stop func()) { stop() }, 0, ErrIntr, false},
		{"an interrupt, and nothing late", nil, func(_ File, stop func()) { stop() }, 0, ErrIntr, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeer(t)
				defer c.Close()
				readAhead(t, p, root)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				type result struct {
					n   int
					err error
				}
				done := make(chan result)
				go func() {
					n, err := root.Read(ctx, make([]byte, peerUnit), 2*peerUnit)
					done <- result{n, err}
				}()
				p.expect(tread(0, 2), tread(1, 3), tread(2, 4), tread(3, 5))
				tags := []uint16{0, 1, 2, 3}
				if tt.first != nil {
					tt.first.Tag = tags[0]
					p.reply(*tt.first)
				} else {
					tt.end(root, cancel)
				}
				if r := <-done; r.n != tt.n || !errors.Is(r.err, tt.err) {
					t.Errorf("read returned %d, %v", r.n, r.err)
				}
				flushed := tags
				if tt.first != nil {
					flushed = tags[1:]
				}
				for _, old := range flushed {
					m, err := readFcall(p.in)
					if err != nil || m.Type != Tflush || m.Oldtag != old {
						t.Fatalf("client sent %v, %v", m, err)
					}
					if !tt.silent {
						p.reply(full(old)) // crosses the Tflush
					}
					p.reply(Fcall{Type: Rflush, Tag: m.Tag})
				}
				synctest.Wait()
				root.Close()
				m, err := readFcall(p.in)
				if err != nil || m.Type != Tclunk {
					t.Fatalf("client sent %v, %v", m, err)
				}
				p.reply(Fcall{Type: Rclunk, Tag: m.Tag})
				p.quiet()
			})
		})
	}
}

// A file that is closed leaves no Tread behind: they are flushed before the
// Tclunk, and no tag is used again before its Rflush.
func TestClientAheadClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c, root := newPeer(t)
		defer c.Close()
		readAhead(t, p, root)
		go func() {
			p.expect(tread(0, 2), tread(1, 3), tread(2, 4), tread(3, 5))
			p.reply(full(0))
		}()
		buf := make([]byte, 100)
		if n, err := root.Read(t.Context(), buf, 2*peerUnit); n != len(buf) || err != nil {
			t.Fatal(n, err)
		}
		root.Close()
		p.expect("Tflush tag 0 oldtag 1", "Tflush tag 4 oldtag 2", "Tflush tag 5 oldtag 3", "Tclunk tag 6 fid 0")
		p.reply(Fcall{Type: Rflush, Tag: 5})
		p.reply(full(2)) // before its Rflush
		p.reply(Fcall{Type: Rflush, Tag: 4})
		p.reply(Fcall{Type: Rclunk, Tag: 6})
		p.reply(Fcall{Type: Rflush, Tag: 0})
		p.quiet()
	})
}

// What was read ahead is not used after a second.
func TestClientAheadAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, text := stored(t, 1<<20)
		c, stop, err := wire(t.Context(), srv)
		if err != nil {
			t.Fatal(err)
		}
		f := openFile(t, c, OREAD)
		buf := make([]byte, 1<<10)
		for i := range 8 {
			f.Read(t.Context(), buf, int64(i)<<10)
		}
		other := openFile(t, srv, OWRITE)
		other.Write(t.Context(), []byte("changed"), 8<<10)
		if f.Read(t.Context(), buf, 8<<10); !bytes.Equal(buf, text[8<<10:9<<10]) {
			t.Error("the file was not read ahead")
		}
		other.Write(t.Context(), []byte("changed"), 9<<10)
		time.Sleep(1001 * time.Millisecond)
		if f.Read(t.Context(), buf, 9<<10); !strings.HasPrefix(string(buf), "changed") {
			t.Error("what was read ahead is used a second later")
		}
		other.Close()
		f.Close()
		stop()
	})
}
