//go:build !race

// The race detector makes pools forget, at random.

package ninep_test

import (
	"context"
	"testing"

	. "ufo/ninep"
)

// newEcho serves srv, opens the file called name as fid 1, and is to say t.
func newEcho(tb testing.TB, srv Server, name string, mode Mode, t Fcall) *echo {
	a, b := Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(context.Background(), a, srv, nil) }()
	tb.Cleanup(func() {
		b.Close()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	e := &echo{conn: b, buf: make([]byte, MaxMsize)}
	for _, m := range []Fcall{
		{Type: Tversion, Tag: NOTAG, Msize: MaxMsize, Version: VERSION9P},
		{Type: Tattach, Afid: NOFID, Uname: "glenda"},
		{Type: Twalk, Newfid: 1, Wname: []string{name}},
		{Type: Topen, Fid: 1, Mode: mode},
		t,
	} {
		e.ask, _ = m.Append(nil)
		if e.rpc(tb); MsgType(e.buf[4]) != m.Type+1 {
			tb.Fatalf("%v: %q", &m, e.buf[:64])
		}
	}
	return e
}

// transfers are the messages of steady work.
func transfers(size int) map[string]Fcall {
	return map[string]Fcall{
		"read":  {Type: Tread, Fid: 1, Count: uint32(size)},
		"write": {Type: Twrite, Fid: 1, Data: make([]byte, size)},
	}
}

// In steady work no message costs memory, on the way in or out.
func TestServeAllocs(t *testing.T) {
	for kind, srv := range files(t) {
		for _, size := range []int{16, 8 << 10, 64 << 10, 1 << 20} {
			for name, m := range transfers(size) {
				e := newEcho(t, srv, "zero", ORDWR, m)
				// What the collector of garbage takes from pools comes back.
				if n := testing.AllocsPerRun(200, func() { e.rpc(t) }); n >= 1 {
					t.Errorf("%s of %d bytes of %s: %v allocations", name, size, kind, n)
				}
			}
		}
	}
}

// BenchmarkServe is what the server adds to a message over a pipe in memory.
func BenchmarkServe(b *testing.B) {
	for kind, srv := range files(b) {
		for name, m := range transfers(8 << 10) {
			b.Run(name+" "+kind, func(b *testing.B) {
				e := newEcho(b, srv, "zero", ORDWR, m)
				b.SetBytes(8 << 10)
				b.ReportAllocs()
				for b.Loop() {
					e.rpc(b)
				}
			})
		}
	}
}
