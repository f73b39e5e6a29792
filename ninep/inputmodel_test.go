package ninep

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// A chunked is a connection on which text comes in pieces, and then an error, once.
// Each byte of sizes, again and again, is for a read: its last five bits how much
// there is, a power of two or nothing; then whether it has to be waited for, whether
// the error comes with the last piece, and whether there is one byte more.
type chunked struct {
	t     *testing.T
	text  []byte
	sizes []byte
	err   error // nil: it was told
	empty bool  // the last read gave nothing
	idle  bool  // idle was called since the last read
}

func (c *chunked) Read(p []byte) (int, error) {
	if !c.idle {
		c.t.Error("a read that nobody was told of")
	}
	return c.read(p)
}

func (c *chunked) read(p []byte) (int, error) {
	if c.err == nil {
		c.t.Fatal("read after its end")
	}
	if len(p) == 0 {
		c.t.Fatal("read into nothing")
	}
	size := byte(20) // as much as there is
	if len(c.sizes) > 0 {
		size = c.sizes[0]
		c.sizes = append(c.sizes[1:], size)
	}
	c.idle, c.empty = false, size%32 == 31 && !c.empty
	if c.empty {
		return 0, nil
	}
	n := copy(p, c.text[:min(len(c.text), 1<<min(size%32, 20)+int(size)/128)])
	if c.text = c.text[n:]; len(c.text) == 0 && (n == 0 || size&64 != 0) {
		err := c.err
		c.err = nil
		return n, err
	}
	return n, nil
}

// A chunkedIdle is one that says when a read waits.
type chunkedIdle struct{ *chunked }

func (c chunkedIdle) ReadIdle(p []byte, idle func()) (int, error) {
	if len(c.sizes) > 0 && c.sizes[0]&32 != 0 {
		if idle(); !c.idle {
			c.t.Error("idle is somebody else's")
		}
	}
	return c.read(p)
}

// FuzzInput reads a text in whatever way, through whatever buffer, and compares
// it with the text.
func FuzzInput(f *testing.F) {
	wider, narrower := bytes.Repeat([]byte{2, 90}, changes), bytes.Repeat([]byte{252, 200}, changes)
	f.Add(uint(2<<20-1), []byte{20}, slices.Concat(wider, []byte{0, 9, 1, 200, 0, 181}, narrower, narrower, wider), false)
	f.Add(uint(1<<20), []byte{12, 63, 52, 14}, slices.Concat([]byte{0, 1, 0, 50, 1, 31, 252, 50}, wider, narrower, wider), true)
	f.Add(uint(1<<20), []byte{13}, slices.Concat(wider, bytes.Repeat([]byte{4, 250}, changes), wider), false)
	f.Add(uint(100), []byte{3, 31, 64}, []byte{0, 4, 0, 7, 3, 5, 0, 20}, true)
	f.Add(uint(5000), []byte{84}, []byte{0, 4, 1, 49, 2, 20}, false)
	f.Add(uint(5000), []byte{}, []byte{2, 51}, false)
	text := make([]byte, 2<<20)
	for i := range text {
		text[i] = byte(i) ^ byte(i>>8)*7 ^ byte(i>>16)*31
	}
	f.Fuzz(func(t *testing.T, size uint, sizes, calls []byte, idles bool) {
		rest, end := text[:size%uint(len(text))], errors.New("the end")
		conn := &chunked{t: t, text: rest, sizes: bytes.Clone(sizes), err: end}
		mem := NewMemory(1 << 20)
		in := newInput(conn, mem, func() { conn.idle = true })
		if idles {
			in.conn = chunkedIdle{conn}
		}
		for ; len(calls) >= 2; calls = calls[2:] {
			n := int(calls[1]) * int(calls[1]) * 2 // to 127 KB
			got, used, err := []byte(nil), n, error(nil)
			switch calls[0] % 5 {
			case 0:
				n = min(n, len(in.buf))
				used = n / 2
				got, err = in.peek(n)
			case 1:
				got, err = rest[:min(n, len(rest))], in.discard(n)
			case 2, 3:
				got = make([]byte, n+int(calls[0])*32)
				err = in.full(got, n)
				in.fit(max(n, smallIn+1))
			case 4:
				in.fit(smallIn + 1 + n)
				continue
			}
			if n > len(rest) {
				if _, again := in.peek(len(in.buffered()) + 1); err != end || again != end {
					t.Errorf("%d of %d bytes: %v, then %v", n, len(rest), err, again)
				}
				break
			}
			if used < n {
				in.discard(used) // and what was peeked at stays
			}
			if err != nil || !bytes.Equal(got[:n], rest[:n]) {
				t.Fatalf("%d of %d bytes: %v, or others", n, len(rest), err)
			}
			rest = rest[used:]
			if taken := mem.wide.Load(); taken != int64(len(in.buf)/wideIn*wideIn) {
				t.Errorf("%d bytes are taken for a buffer of %d", taken, len(in.buf))
			}
		}
		if in.close(); mem.wide.Load() != 0 {
			t.Errorf("%d bytes are still taken", mem.wide.Load())
		}
	})
}
