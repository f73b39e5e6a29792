package ninetest

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// BenchmarkSequential reads and writes a file from beginning to end, so many
// bytes with each call, and messages of so many at most: with a Client, and with
// a client that sends one request at a time.
func BenchmarkSequential(b *testing.B) {
	const size = 64 << 20
	fs := ramfs.New("glenda", time.Now, 2*size)
	ctx := b.Context()
	root, err := fs.Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := root.Create(ctx, "f", 0666, ninep.OWRITE)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(ctx, make([]byte, size), 0); err != nil {
		b.Fatal(err)
	}
	f.Close()
	root.Close()
	for _, unit := range []int{8 << 10, 64 << 10} {
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE} {
			for _, count := range []int{unit, 1 << 20} {
				for _, who := range []string{"client", "raw"} {
					name := fmt.Sprintf("%s/%dK/calls=%dK/%s", []string{"read", "write"}[mode], unit>>10, count>>10, who)
					b.Run(name, func(b *testing.B) {
						call := sequential(b, fs, who == "raw", unit, mode)
						buf, off := make([]byte, count), int64(0)
						b.SetBytes(int64(count))
						b.ReportAllocs()
						for b.Loop() {
							if n, err := call(b.Context(), buf, off); n != count || err != nil {
								b.Fatal(n, err)
							}
							if off += int64(count); off == size {
								off = 0
							}
						}
					})
				}
			}
		}
	}
}

// sequential opens the file f of srv over a pipe, and returns its Read or Write.
func sequential(b *testing.B, srv ninep.Server, raw bool, unit int, mode ninep.Mode) func(context.Context, []byte, int64) (int, error) {
	dial, stop := Served(context.Background(), srv, nil)
	b.Cleanup(stop)
	msize := unit + ninep.IOHDRSZ
	if raw {
		bench := Bench{Suite: Suite{Dial: dial, User: "glenda"}}
		w, err := (&bencher{Bench: &bench, ctx: context.Background()}).open(msize)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { w.rwc.Close() })
		for _, t := range []*ninep.Fcall{twalk(0, 1, "f"), topen(1, mode)} {
			if _, err := w.rpc(t); err != nil {
				b.Fatal(err)
			}
		}
		return func(_ context.Context, p []byte, off int64) (n int, err error) {
			for n < len(p) && err == nil {
				var m int
				m, err = w.one(mode, p[n:][:min(unit, len(p)-n)], off+int64(n))
				n += m
			}
			return n, err
		}
	}
	conn, err := dial(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	c, err := ninep.NewClient(context.Background(), conn, &ninep.ClientOptions{Msize: uint32(max(msize, ninep.MinMsize))})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	root, err := c.Attach(context.Background(), "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := root.Walk(context.Background(), "f")
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Open(context.Background(), mode); err != nil {
		b.Fatal(err)
	}
	if mode == ninep.OWRITE {
		return f.Write
	}
	return f.Read
}

// one reads or writes with one request.
func (w *wire) one(mode ninep.Mode, p []byte, off int64) (int, error) {
	t := tread(1, uint64(off), uint32(len(p)))
	if mode == ninep.OWRITE {
		t = twrite(1, uint64(off), "")
		t.Data = p
	}
	r, err := w.rpc(t)
	if err != nil {
		return 0, err
	}
	if n := max(copy(p, r.Data), int(r.Count)); n > 0 {
		return n, nil
	}
	return 0, io.ErrUnexpectedEOF
}
