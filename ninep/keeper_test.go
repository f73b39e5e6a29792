package ninep_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	. "ufo/ninep"
)

// A hoard is a file that keeps what is written, and gives other for it.
type hoard struct {
	Plain
	kept  [][]byte
	other func(p, before []byte) []byte
	err   error
}

func (h *hoard) Qid() Qid                            { return Qid{Path: 1} }
func (h *hoard) Stat(context.Context) (Dir, error)   { return Dir{Name: "hoard", Qid: h.Qid()}, nil }
func (h *hoard) Clone(context.Context) (File, error) { return h, nil }
func (h *hoard) Prompt(MsgType) bool                 { return true }

func (h *hoard) Attach(context.Context, string, string) (File, error) { return h, nil }

func (h *hoard) WriteKeep(_ context.Context, p []byte, _ int64) (int, []byte, error) {
	var before []byte
	if n := len(h.kept); n > 0 {
		before = h.kept[n-1]
	}
	other := h.other(p, before)
	if cap(other) > 0 && &other[:1][0] == &p[0] {
		p = bytes.Clone(p)
	} else if other != nil {
		h.kept = h.kept[:len(h.kept)-1]
	}
	h.kept = append(h.kept, p)
	return len(p), other, h.err
}

// TestKeeper writes to files that keep the buffers, and what they have must stay as
// it is when the next message is read.
func TestKeeper(t *testing.T) {
	const unit = DefaultMsize - IOHDRSZ
	for _, c := range []struct {
		name  string
		other func(p, before []byte) []byte
		err   error
		kept  int
	}{
		{"nothing for it", func(_, _ []byte) []byte { return nil }, nil, 10},
		{"too little for it", func(p, _ []byte) []byte { return p[:0:16] }, nil, 10},
		{"what was there", func(_, before []byte) []byte { return before }, nil, 1},
		{"itself", func(p, _ []byte) []byte { return p }, nil, 10},
		{"itself, and an error", func(p, _ []byte) []byte { return p }, errors.New("no more"), 10},
		{"nothing, and an error", func(_, _ []byte) []byte { return nil }, errors.New("no more"), 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &hoard{other: c.other, err: c.err}
			r := serveRaw(t, h, nil)
			r.send(Fcall{Type: Tversion, Tag: NOTAG, Msize: DefaultMsize, Version: VERSION9P},
				Fcall{Type: Tattach, Afid: NOFID, Uname: "glenda"}, Fcall{Type: Topen, Mode: OWRITE})
			for range 3 {
				r.recv()
			}
			want := fmt.Sprintf("Rwrite tag 1 count %d", unit)
			if c.err != nil {
				want = fmt.Sprintf("Rerror tag 1 ename %q", c.err.Error())
			}
			for i := range 10 {
				r.send(Fcall{Type: Twrite, Tag: 1, Offset: uint64(i * unit), Data: bytes.Repeat([]byte{byte(i)}, unit)})
				r.want(want)
			}
			if len(h.kept) != c.kept {
				t.Fatalf("%d kept", len(h.kept))
			}
			for i, p := range h.kept {
				if b := byte(10 - c.kept + i); !bytes.Equal(p, bytes.Repeat([]byte{b}, unit)) {
					t.Errorf("message %d is changed: %d", i, p[:4])
				}
			}
		})
	}
}

// TestKeeperPanics has one keep a buffer and panic: it is not given to another message.
func TestKeeperPanics(t *testing.T) {
	h := new(hoard)
	h.other = func(p, _ []byte) []byte {
		h.kept = append(h.kept, p)
		panic("kept it")
	}
	r := serveRaw(t, h, &ServeOptions{Panic: func(any) {}})
	r.send(Fcall{Type: Tversion, Tag: NOTAG, Msize: DefaultMsize, Version: VERSION9P},
		Fcall{Type: Tattach, Afid: NOFID, Uname: "glenda"}, Fcall{Type: Topen, Mode: OWRITE})
	for range 3 {
		r.recv()
	}
	for i := range 5 {
		r.send(Fcall{Type: Twrite, Tag: 1, Data: bytes.Repeat([]byte{byte(i)}, DefaultMsize-IOHDRSZ)})
		r.want(`Rerror tag 1 ename "i/o error"`)
	}
	for i, p := range h.kept {
		if p[0] != byte(i) {
			t.Errorf("message %d is changed: %d", i, p[0])
		}
	}
}
