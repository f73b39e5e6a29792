package ninep_test

import (
	"context"
	"testing"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// connect serves srv over a pipe and returns a client of it.
func connect(tb testing.TB, srv Server) *Client {
	tb.Helper()
	c, stop, err := ninetest.Wire(context.Background(), srv)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := stop(); err != nil {
			tb.Errorf("Serve: %v", err)
		}
	})
	return c
}

// disk returns a server with a file of any number of bytes, all zero.
func disk() Server {
	return NewTree("sys", &Node{Children: []*Node{
		Text("motd", "hello, world\n"),
		{Name: "zero", Perm: 0666,
			ReadAt:  func(_ context.Context, p []byte, _ int64) (int, error) { return len(p), nil },
			WriteAt: func(_ context.Context, p []byte, _ int64) (int, error) { return len(p), nil }},
	}})
}

func benchmarkRead(b *testing.B, srv Server, size int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	root, err := srv.Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := root.Walk(ctx, "zero")
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Open(ctx, OREAD); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, size)
	if size > 1000 {
		b.SetBytes(int64(size))
	}
	b.ReportAllocs()
	for b.Loop() {
		if n, err := f.Read(ctx, buf, 0); n != size || err != nil {
			b.Fatal(n, err)
		}
	}
	f.Close()
	root.Close()
}

func BenchmarkRoundTrip(b *testing.B) { benchmarkRead(b, connect(b, disk()), 16) }
func BenchmarkRead8K(b *testing.B)    { benchmarkRead(b, connect(b, disk()), 8<<10) }
func BenchmarkRead1M(b *testing.B)    { benchmarkRead(b, connect(b, disk()), 1<<20) }

// reconnect is connect with a client that would dial again.
func reconnect(b *testing.B, srv Server) *Redialer {
	dial, stop := ninetest.Served(b.Context(), srv, nil)
	r, err := NewRedialer(b.Context(), dial, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		r.Close()
		stop()
	})
	return r
}

// What a Redialer costs as long as the connection lasts.
func BenchmarkRedialRoundTrip(b *testing.B)     { benchmarkRead(b, reconnect(b, disk()), 16) }
func BenchmarkRedialRead8K(b *testing.B)        { benchmarkRead(b, reconnect(b, disk()), 8<<10) }
func BenchmarkRedialWalkOpenClose(b *testing.B) { benchmarkWalk(b, reconnect(b, disk())) }

func BenchmarkWalkOpenClose(b *testing.B) { benchmarkWalk(b, connect(b, disk())) }

func benchmarkWalk(b *testing.B, srv Server) {
	ctx := context.Background()
	root, err := srv.Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		f, err := root.Walk(ctx, "motd")
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Open(ctx, OREAD); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// BenchmarkDirect is BenchmarkRoundTrip without a wire.
func BenchmarkDirect(b *testing.B) { benchmarkRead(b, disk(), 16) }
