//go:build !plan9

package ninep_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"testing"

	"9fans.net/go/plan9"
	"9fans.net/go/plan9/client"

	. "ufo/ninep"
)

var at = flag.String("at", "", "the socket of the server that BenchmarkClients measures with")

// clientFileSize is how long the file is that BenchmarkClients reads and writes.
const clientFileSize = 16 << 20

// BenchmarkClients is what calls cost with another's client, and with ours: of a
// server at a socket, or of one in memory.
func BenchmarkClients(b *testing.B) {
	for _, who := range []struct {
		name string
		open func(b *testing.B, conn io.ReadWriteCloser, unit int) clientCalls
	}{{"theirs", theirCalls}, {"ours", ourCalls}} {
		b.Run(who.name, func(b *testing.B) {
			measure := func(name string, bytes int, call func() error) {
				b.Run(name, func(b *testing.B) {
					b.SetBytes(int64(bytes))
					for b.Loop() {
						if err := call(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			for _, unit := range []int{8 << 10, 64 << 10} {
				conn, err := dialAt(b)
				if err != nil {
					b.Fatal(err)
				}
				calls := who.open(b, conn, unit)
				if unit == 8<<10 {
					measure("stat", 0, calls.stat)
					measure("open read close", 0, calls.open)
				}
				// One message is enough for a short call. Nobody reads ahead of one
				// who skips: that is a client with one request at a time.
				for _, t := range []struct {
					name       string
					call       func(p []byte, off int64) (int, error)
					size, next int
				}{
					{"read", calls.read, unit, unit},
					{"read, skipping", calls.read, unit, 3 * unit},
					{"write", calls.write, 1 << 20, 1 << 20},
					{"write, shortly", calls.write, unit, unit},
				} {
					p, off := make([]byte, t.size), 0
					measure(fmt.Sprintf("%s %dK", t.name, unit>>10), t.size, func() error {
						n, err := t.call(p, int64(off))
						if n != len(p) && err == nil {
							err = io.ErrShortWrite
						}
						off = (off + t.next) % clientFileSize
						return err
					})
				}
			}
		})
	}
}

// dialAt connects to the server.
func dialAt(b *testing.B) (io.ReadWriteCloser, error) {
	if *at != "" {
		return net.Dial("unix", *at)
	}
	here, there := Pipe()
	go Serve(b.Context(), there, files(b)["prompt"], nil) // ends with here
	return here, nil
}

// clientCalls are what is measured: a stat of the root; to open, read and close
// the file zero, as many bytes as a small one has; and to read it when it is open.
type clientCalls struct {
	stat, open func() error
	read       func(p []byte, off int64) (int, error)
	write      func(p []byte, off int64) (int, error)
}

func theirCalls(b *testing.B, conn io.ReadWriteCloser, unit int) clientCalls {
	c, err := client.NewConn(conn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	fsys, err := c.Attach(nil, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := fsys.Create("zero", plan9.ORDWR, 0666)
	if err != nil {
		if f, err = fsys.Open("zero", plan9.ORDWR); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { f.Close() })
	if _, err := f.WriteAt(make([]byte, clientFileSize), 0); err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 100)
	return clientCalls{
		func() error { _, err := fsys.Stat("/"); return err },
		func() error {
			f, err := fsys.Open("zero", plan9.OREAD)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.Read(p)
			return err
		},
		f.ReadAt,
		func(p []byte, off int64) (n int, err error) { // its messages are of 128 KB
			for n < len(p) && err == nil {
				var m int
				m, err = f.WriteAt(p[n:min(n+unit, len(p))], off+int64(n))
				n += m
			}
			return n, err
		},
	}
}

func ourCalls(b *testing.B, conn io.ReadWriteCloser, unit int) clientCalls {
	ctx := context.Background()
	c, err := NewClient(ctx, conn, &ClientOptions{Msize: uint32(unit + IOHDRSZ)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	root, err := c.Attach(ctx, "glenda", "")
	if err != nil {
		b.Fatal(err)
	}
	f, err := OpenFile(ctx, root, "zero", ORDWR)
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 100)
	return clientCalls{
		func() error { // as theirs, which walks there first
			f, err := root.Clone(ctx)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.Stat(ctx)
			return err
		},
		func() error {
			f, err := OpenFile(ctx, root, "zero", OREAD)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.Read(ctx, p, 0)
			return err
		},
		func(p []byte, off int64) (int, error) { return f.Read(ctx, p, off) },
		func(p []byte, off int64) (int, error) { return f.Write(ctx, p, off) },
	}
}
