package ninep_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// waitingTree has a file whose reads wait until let is closed, one whose writes
// do, one that takes its time, and one that does not.
func waitingTree(let chan struct{}) *Tree {
	wait := func(ctx context.Context, p []byte, _ int64) (int, error) {
		select {
		case <-let:
			return len(p), nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return NewTree("sys", &Node{Children: []*Node{
		{Name: "wait", ReadAt: wait},
		{Name: "sink", Perm: 0222, WriteAt: wait},
		{Name: "slow", ReadAt: func(_ context.Context, p []byte, _ int64) (int, error) {
			time.Sleep(100 * time.Millisecond)
			return copy(p, "slow"), nil
		}},
		{Name: "zero", ReadAt: func(_ context.Context, p []byte, _ int64) (int, error) { clear(p); return len(p), nil }},
	}})
}

// Whatever part of a message is the last that comes, what the connection held is
// given back.
func TestServeCut(t *testing.T) {
	long := Fcall{Type: Twrite, Tag: 7, Fid: 1, Data: []byte(strings.Repeat("x", 6000))}
	short := Fcall{Type: Tread, Tag: 7, Fid: 1, Count: 4}
	for _, m := range []Fcall{long, short} {
		b, _ := m.Append(nil)
		for _, n := range []int{1, 3, 4, 6, 7, 22, 4096, 5000, len(b) - 1} {
			if n >= len(b) {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				srv := ninetest.Strict(waitingTree(nil))
				mem := NewMemory(1 << 20)
				r := serveRaw(t, srv, &ServeOptions{Memory: mem})
				r.begin(8192, "sink", OWRITE)
				r.conn.Write(b[:n])
				r.conn.Close()
				if err := <-r.served; err != io.ErrUnexpectedEOF {
					t.Errorf("%v, %d bytes of it: Serve returned %v", m.Type, n, err)
				}
				if err := srv.Check(); err != nil {
					t.Error(err)
				}
				if used := mem.Used(); used != 0 {
					t.Errorf("%d bytes are still taken", used)
				}
			})
		}
	}
}

// When there is no memory for more than the least, reads are shorter, what does
// not fit is refused, a flush gets through, and all of it is given back.
func TestServeMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := NewMemory(100 << 10)
		let := make(chan struct{})
		r := serveRaw(t, waitingTree(let), &ServeOptions{Memory: mem})
		const msize = 64<<10 + IOHDRSZ
		r.begin(msize, "wait", OREAD)
		const asked = 60
		for tag := range uint16(asked) {
			r.send(Fcall{Type: Tread, Tag: tag, Fid: 1, Count: 64 << 10})
		}
		synctest.Wait() // until those that are refused know it
		r.send(Fcall{Type: Tflush, Tag: 100, Oldtag: 0})
		refused := uint16(0)
		for range asked {
			m := r.recv()
			if m.Type == Rflush {
				break
			}
			if m.Ename != "too many requests" {
				t.Error(m)
			}
			refused++
		}
		if refused < 30 {
			t.Errorf("%d reads of 64 KB wait", asked-refused)
		}
		close(let)
		var total int
		for range asked - refused - 1 {
			total += len(r.recv().Data)
		}
		if total < 64<<10 || total > msize+64<<10+100<<10 {
			t.Errorf("%d bytes were read", total)
		}
		r.send(Fcall{Type: Tread, Tag: 1, Fid: 1, Count: 64 << 10})
		if n := len(r.recv().Data); n != 64<<10 {
			t.Errorf("then, %d bytes", n)
		}
		if used := mem.Used(); used != 0 {
			t.Errorf("%d bytes are still taken", used)
		}
	})
}
