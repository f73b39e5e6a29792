package ninep_test

import (
	"bufio"
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// A peer that takes longer than the options let it is hung up at that moment,
// and not before.
func TestServeTimes(t *testing.T) {
	opt := ServeOptions{Hello: 10 * time.Second, Idle: time.Minute, Stall: 5 * time.Second}
	stat := Fcall{Type: Tstat, Tag: 1}
	for _, tt := range []struct {
		name string
		play func(r *raw)
		want time.Duration
	}{
		{"nothing said", func(r *raw) {}, 10 * time.Second},
		{"half a Tversion", func(r *raw) { r.conn.Write([]byte{19, 0, 0, 0, 100}) }, 10 * time.Second},
		{"idle after Tversion", func(r *raw) {
			time.Sleep(9 * time.Second)
			r.send(Fcall{Type: Tversion, Tag: NOTAG, Msize: 8192, Version: VERSION9P})
			r.recv()
		}, 69 * time.Second},
		{"idle with fids", func(r *raw) { r.begin(8192, "zero", OREAD) }, time.Minute},
		{"idle after a question", func(r *raw) {
			r.begin(8192, "zero", OREAD)
			for range 3 {
				time.Sleep(50 * time.Second)
				r.send(stat)
				r.recv()
			}
		}, 210 * time.Second},
		{"half a question", func(r *raw) {
			r.begin(8192, "zero", OREAD)
			time.Sleep(50 * time.Second)
			r.conn.Write([]byte{11, 0, 0, 0, byte(Tstat)})
		}, time.Minute},
		{"idle after a long answer", func(r *raw) {
			r.begin(8192, "wait", OREAD)
			r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 1})
			time.Sleep(time.Hour)
			r.send(Fcall{Type: Tflush, Tag: 8, Oldtag: 7})
			r.recv()
		}, time.Hour + time.Minute},
		{"deaf", func(r *raw) {
			r.begin(8192, "zero", OREAD)
			time.Sleep(50 * time.Second)
			for tag := range uint16(40) {
				r.send(Fcall{Type: Tread, Tag: tag, Fid: 1, Count: 8000})
			}
		}, 55 * time.Second},
		{"hard of hearing", func(r *raw) {
			r.begin(8192, "zero", OREAD)
			for tag := range uint16(40) {
				r.send(Fcall{Type: Tread, Tag: tag, Fid: 1, Count: 8000})
			}
			for range 40 {
				r.recv()
				time.Sleep(time.Second / 2) // 64 KB in 4 seconds
			}
		}, 0},
		{"deaf in the middle of an answer", func(r *raw) {
			r.begin(MaxMsize, "zero", OREAD)
			r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 1 << 20})
			io.ReadFull(r.in, make([]byte, 300<<10))
		}, 5 * time.Second},
		{"hard of hearing in the middle of an answer", func(r *raw) {
			r.begin(MaxMsize, "zero", OREAD)
			r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 1 << 20})
			for range 1 << 20 / (8 << 10) {
				io.ReadFull(r.in, make([]byte, 8<<10))
				time.Sleep(time.Second / 8) // 256 KB in 4 seconds
			}
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				srv := ninetest.Strict(waitingTree(nil))
				r := serveRaw(t, srv, &opt)
				tt.play(r)
				if tt.want == 0 {
					r.conn.Close()
				}
				err := <-r.served
				if took := time.Since(begin); tt.want != 0 && (took != tt.want || err != ErrTimedOut) {
					t.Errorf("ended after %v with %v, want %v", took, err, tt.want)
				}
				if tt.want == 0 && err != nil {
					t.Error(err)
				}
				if err := srv.Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// An asking is a Server that wants to know who attaches.
type asking struct{ Server }

func (s asking) Attach(context.Context, string, string) (File, error) { return nil, ErrPerm }

func (s asking) Auth(ctx context.Context, user, spec string) (File, error) {
	return s.Server.Attach(ctx, user, spec)
}

func (s asking) AttachAuth(ctx context.Context, _ File, user, spec string) (File, error) {
	return s.Server.Attach(ctx, user, spec)
}

// A peer that does not attach is hung up, whatever else it says, and one that has
// attached never is.
func TestServeAttachTime(t *testing.T) {
	version := Fcall{Type: Tversion, Tag: NOTAG, Msize: 8192, Version: VERSION9P}
	auth := Fcall{Type: Tauth, Tag: 1, Afid: 1, Uname: "glenda"}
	attach := Fcall{Type: Tattach, Tag: 1, Fid: 2, Afid: 1, Uname: "glenda"}
	none := Fcall{Type: Tattach, Tag: 1, Fid: 3, Afid: NOFID, Uname: "none"}
	say := func(r *raw, all ...Fcall) { // the last as often as there is time
		for _, m := range append(all, slices.Repeat(all[len(all)-1:], 50)...) {
			r.send(m)
			r.recv()
			time.Sleep(time.Second)
		}
	}
	for _, tt := range []struct {
		name string
		play func(r *raw)
		want time.Duration // 0: for ever
	}{
		{"nothing said", func(r *raw) {}, time.Minute},
		{"Tversion, and no more", func(r *raw) { r.send(version) }, time.Minute},
		{"Tversion again and again", func(r *raw) { say(r, version) }, time.Minute},
		{"Tauth, and no more", func(r *raw) { r.send(version, auth) }, time.Minute},
		{"an authentication that has no end", func(r *raw) { say(r, version, auth, Fcall{Type: Tread, Tag: 1, Fid: 1, Count: 1}) }, time.Minute},
		{"attaches that are refused", func(r *raw) { say(r, version, none) }, time.Minute},
		{"attached just in time", func(r *raw) {
			say(r, version, auth)
			time.Sleep(time.Minute - 52*time.Second - 1)
			say(r, attach)
		}, 0},
		{"attached, and nothing is left of it", func(r *raw) { say(r, version, auth, attach, version) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				r := serveRaw(t, asking{waitingTree(nil)}, &ServeOptions{Attach: time.Minute})
				tt.play(r)
				ends, want := tt.want, error(ErrTimedOut)
				if ends == 0 {
					ends, want = 1000*time.Hour, nil
					time.Sleep(ends - time.Since(begin))
					r.conn.Close()
				}
				err := <-r.served
				if took := time.Since(begin); took != ends || err != want {
					t.Errorf("ended after %v with %v, want %v with %v", took, err, ends, want)
				}
			})
		})
	}
}

// A counted is a connection that counts what is written to it.
type counted struct {
	io.ReadWriteCloser
	writes int
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes++
	return c.ReadWriteCloser.Write(p)
}

// To watch how a peer takes a reply costs few writes more, none if it is of 256 KB
// or less.
func TestServeTimesWrites(t *testing.T) {
	for _, tt := range []struct {
		name string
		opt  ServeOptions
		read uint32
		want int
	}{
		{"64 KB", ServeOptions{Stall: time.Hour}, 64 << 10, 1},
		{"256 KB", ServeOptions{Stall: time.Hour}, 256 << 10, 1},
		{"1 MB", ServeOptions{Stall: time.Hour}, 1 << 20, 4},
		{"1 MB without a limit", ServeOptions{}, 1 << 20, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			there, here := Pipe()
			conn := &counted{ReadWriteCloser: there}
			r := &raw{t: t, conn: here, in: bufio.NewReader(here), served: make(chan error, 1)}
			go func() { r.served <- Serve(t.Context(), conn, waitingTree(nil), &tt.opt) }() // ends with here
			r.begin(MaxMsize, "zero", OREAD)
			r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: tt.read})
			r.recv()
			here.Close()
			if err := <-r.served; err != nil {
				t.Error(err)
			}
			if got := conn.writes - 4; got != tt.want { // beside those of begin
				t.Errorf("%d writes, want %d", got, tt.want)
			}
		})
	}
}

// Without limits nobody is hung up.
func TestServePatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serveRaw(t, waitingTree(nil), nil)
		time.Sleep(1000 * time.Hour)
		r.begin(8192, "zero", OREAD)
		time.Sleep(1000 * time.Hour)
		r.send(Fcall{Type: Tstat, Tag: 1})
		r.recv()
	})
}

// A halved is a Pipe whose peer can close one side of it.
type halved struct {
	io.Reader
	io.Writer
	close func()
}

func (h halved) Close() error      { h.close(); return nil }
func (h halved) CloseWrite() error { return nil }

// serveHalved is serveRaw on a connection of which the client can close the
// writing side.
func serveHalved(t *testing.T, srv Server, opt *ServeOptions) (r *raw, hangup func()) {
	toServer, toServerEnd := Pipe()
	toClient, toClientEnd := Pipe()
	r = &raw{t: t, served: make(chan error, 1)}
	r.conn = halved{toClientEnd, toServerEnd, func() { toServerEnd.Close(); toClientEnd.Close() }}
	there := halved{toServer, toClient, func() { toServer.Close(); toClient.Close() }}
	go func() { r.served <- Serve(t.Context(), there, srv, opt) }()
	r.in = bufio.NewReader(toClientEnd)
	return r, func() { toServerEnd.Close() }
}

// Who has said everything still gets his answers, and then the end.
func TestServeHalfClosed(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []string
		after      time.Duration
	}{
		{"replies that need time", "slow", []string{`Rread tag 7 count 4 "slow"`}, 100 * time.Millisecond},
		{"replies at once", "zero", []string{`Rread tag 7 count 4 "\x00\x00\x00\x00"`}, 0},
		{"one that would need for ever", "wait", nil, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := ninetest.Strict(waitingTree(nil))
				r, hangup := serveHalved(t, srv, &ServeOptions{Linger: 3 * time.Second})
				r.begin(8192, tt.file, OREAD)
				begin := time.Now()
				r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 4})
				hangup()
				r.want(tt.want...)
				if m, err := readFcall(r.in); err != io.EOF {
					t.Errorf("then comes %v, %v", m, err)
				}
				if err := <-r.served; err != nil || time.Since(begin) != tt.after {
					t.Errorf("ended after %v with %v, want %v", time.Since(begin), err, tt.after)
				}
				if err := srv.Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A peer that is gone is not waited for.
func TestServeClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serveRaw(t, waitingTree(nil), nil)
		r.begin(8192, "wait", OREAD)
		begin := time.Now()
		r.send(Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 4})
		r.conn.Close()
		if err := <-r.served; err != nil || time.Since(begin) != 0 {
			t.Errorf("ended after %v with %v", time.Since(begin), err)
		}
	})
}
