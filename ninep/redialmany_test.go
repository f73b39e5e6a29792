package ninep_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

// A file that is read or written from beginning to end, ahead of who does and
// through a cache, is the same after many cuts.
func TestRedialLong(t *testing.T) {
	const size = 3 << 20
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(data)
	for _, cached := range []bool{false, true} {
		for seed := range uint64(10) {
			synctest.Test(t, func(t *testing.T) {
				c := &cutter{srv: ramfs.New("glenda", time.Now, 0)}
				_, root := c.redialer(t, nil)
				if cached {
					root = NewCache(size / 2).File(root)
				}
				f, err := root.Create(t.Context(), "f", 0666, ORDWR)
				if err != nil {
					t.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(seed, 1))
				cut := func(m *Fcall) bool { return (m.Type == Tread || m.Type == Twrite) && rng.IntN(30) == 0 }
				c.set(func() { c.lose, c.after = cut, cut })
				for off := 0; off < size; off += 200_000 {
					b := data[off:min(off+200_000, size)]
					if n, err := f.Write(t.Context(), b, int64(off)); n != len(b) || err != nil {
						t.Fatalf("at %d: %d, %v", off, n, err)
					}
				}
				for range 2 {
					f.Close()
					if f, err = OpenFile(t.Context(), root, "f", OREAD); err != nil {
						t.Fatal(err)
					}
					var got []byte
					b := make([]byte, 10_000)
					for n := 1; n > 0; got = append(got, b[:n]...) {
						if n, err = f.Read(t.Context(), b, int64(len(got))); err != nil {
							t.Fatal(err)
						}
					}
					if !bytes.Equal(got, data) {
						t.Errorf("seed %d, cached %v: %d bytes, and others than were written", seed, cached, len(got))
					}
				}
				if c.dialed() < 3 {
					t.Errorf("seed %d: %d connections", seed, c.dialed())
				}
				f.Close()
			})
		}
	}
}

// A cached file that was changed while there was no connection is read anew
// when it is opened anew.
func TestRedialCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		fs := ramfs.New("glenda", time.Now, 0)
		direct, _ := fs.Attach(ctx, "glenda", "")
		c := &cutter{srv: fs}
		_, root := c.redialer(t, nil)
		root = NewCache(1 << 20).File(root)
		for _, text := range []string{"the first", "the second", "the third"} {
			if err := WriteFile(ctx, direct, "f", []byte(text), 0666); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := ReadFile(ctx, root, "f"); string(got) != text || err != nil {
					t.Errorf("%q, %v, want %q", got, err, text)
				}
				c.cut(nil)
				synctest.Wait()
			}
		}
	})
}

// A Redialer passes all checks of a server, and those that change nothing also
// where connections are cut at any moment.
func TestRedialSuite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cutter{srv: ramfs.New("glenda", time.Now, 0)}
		r, root := c.redialer(t, nil)
		root.Close()
		if err := ninetest.TestServer(t.Context(), r); err != nil {
			t.Error(err)
		}
		if err := ninetest.TestWire(t.Context(), r); err != nil {
			t.Error(err)
		}
		if n := c.dialed(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			fs := ramfs.New("glenda", time.Now, 0)
			direct, _ := fs.Attach(t.Context(), "glenda", "")
			for _, d := range []string{"a", "b"} {
				f, err := direct.Create(t.Context(), d, DMDIR|0777, OREAD)
				if err != nil {
					t.Fatal(err)
				}
				f.Close()
				for _, name := range []string{"x", "y", "z"} {
					if err := WriteFile(t.Context(), direct, d+"/"+name, bytes.Repeat([]byte(name), 10_000), 0666); err != nil {
						t.Fatal(err)
					}
				}
			}
			c := &cutter{srv: fs}
			r, root := c.redialer(t, nil)
			root.Close()
			rng := rand.New(rand.NewPCG(seed, 2))
			cut := func(m *Fcall) bool { return m.Type != Tversion && rng.IntN(40) == 0 }
			c.set(func() { c.lose, c.after = cut, cut })
			err := ninetest.Options{ReadOnly: true}.Test(t.Context(), r)
			if err != nil || c.dialed() < 3 {
				t.Errorf("seed %d, %d connections: %v", seed, c.dialed(), err)
			}
		})
	}
}
