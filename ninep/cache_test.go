package ninep_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// through is a Server whose trees are seen through one cache.
type through struct {
	Server
	cache *Cache
}

func (s through) file(f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return s.cache.File(f), nil
}

// What is read again is not asked for again, as long as nobody changes it.
func TestCache(t *testing.T) {
	srv, text := stored(t, 100<<10)
	s, asked := far(srv, 0)
	f, err := s.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	root := NewCache(1 << 20).File(f)
	defer root.Close()
	read := func() (got []byte, reads int64) {
		t.Helper()
		f, err := root.Walk(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Open(t.Context(), OREAD); err != nil {
			t.Fatal(err)
		}
		before := asked.Load()
		buf := make([]byte, 30000)
		for {
			n, err := f.Read(t.Context(), buf, int64(len(got)))
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, buf[:n]...); n == 0 {
				return got, asked.Load() - before
			}
		}
	}
	for _, tt := range []struct {
		name  string
		reads int64
	}{{"first", 5}, {"again", 1}, {"and again", 1}} {
		if got, n := read(); n != tt.reads || !bytes.Equal(got, text) {
			t.Errorf("%s: %d reads, %d bytes", tt.name, n, len(got))
		}
	}
	other := openFile(t, srv, OWRITE)
	other.Write(t.Context(), []byte("new"), 50000)
	other.Close()
	copy(text[50000:], "new")
	if got, n := read(); n != 5 || !bytes.Equal(got, text) {
		t.Errorf("changed by others: %d reads, the right bytes: %v", n, bytes.Equal(got, text))
	}
}

// Whatever is read and written through a cache, by whatever files, it gives what
// is there, and keeps to its size.
func TestCacheSame(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			srv, _ := stored(t, 1+r.IntN(200<<10))
			strict := ninetest.Strict(srv)
			s := through{strict, NewCache(1 + r.IntN(150<<10))}
			open := func(mode Mode) File {
				root, err := s.file(strict.Attach(t.Context(), "glenda", ""))
				if err != nil {
					t.Fatal(err)
				}
				defer root.Close()
				f, err := root.Walk(t.Context(), "f")
				if err == nil {
					err = f.Open(t.Context(), mode)
				}
				if err != nil {
					t.Fatal(err)
				}
				return f
			}
			direct := openFile(t, srv, OREAD)
			files := []File{open(OREAD), open(ORDWR)}
			for range 500 {
				i := r.IntN(2)
				off, n := r.Int64N(220<<10), 1+r.IntN(60<<10)
				switch r.IntN(10) {
				case 0:
					p := make([]byte, n)
					rand.NewChaCha8([32]byte{byte(n)}).Read(p)
					if _, err := files[1].Write(t.Context(), p, off); err != nil {
						t.Fatal(err)
					}
				case 1:
					d := NullDir
					d.Length = off
					if err := files[1].Wstat(t.Context(), d); err != nil {
						t.Fatal(err)
					}
				case 2:
					files[i].Close()
					files[i] = open([]Mode{OREAD, ORDWR}[i])
				}
				got, want := make([]byte, n), make([]byte, n)
				m, err := files[i].Read(t.Context(), got, off)
				k, _ := direct.Read(t.Context(), want, off)
				if err != nil || m != k || !bytes.Equal(got, want) {
					t.Fatalf("at %d: %d bytes, %v, and %d differ", off, m, err, k)
				}
			}
			files[0].Close()
			files[1].Close()
			direct.Close()
			if err := strict.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}
