package grid

import (
	"io"
	"testing"
)

func BenchmarkRoundTrip(b *testing.B) {
	_, ia, ib, _ := lab(b, "")
	c, s := pair(b, ia, ib)
	ctx := b.Context()
	go func() {
		p := make([]byte, 64)
		for {
			n, err := s.Read(ctx, p)
			if err != nil {
				return
			}
			s.Write(ctx, p[:n])
		}
	}()
	p := make([]byte, 64)
	for b.Loop() {
		c.Write(ctx, p)
		c.Read(ctx, p)
	}
	c.Close()
}

func BenchmarkThroughput(b *testing.B) {
	_, ia, ib, _ := lab(b, "")
	c, s := pair(b, ia, ib)
	const chunk = 64 << 10
	b.SetBytes(chunk)
	go func() {
		p := make([]byte, chunk)
		for b.Loop() {
			c.Write(b.Context(), p)
		}
		c.Close()
	}()
	io.Copy(io.Discard, reader{b.Context(), s})
}

func BenchmarkDial(b *testing.B) {
	_, ia, ib, _ := lab(b, "")
	l, err := ib.Announce(b.Context(), "tcp!*!1")
	wantErr(b, err, nil)
	b.ReportAllocs()
	for b.Loop() {
		c, err := ia.Dial(b.Context(), "tcp!10.0.0.2!1")
		wantErr(b, err, nil)
		s, err := l.Accept(b.Context())
		wantErr(b, err, nil)
		c.Close()
		s.Close()
	}
}
