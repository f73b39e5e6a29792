package dev_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/dev"
	"ufo/ninep"
)

// twoEnds makes a pipe and opens both ends.
func twoEnds(t *testing.T) (a, b ninep.File) {
	dir, err := dev.NewPipe().Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return end(t, dir, "data"), end(t, dir, "data1")
}

// end opens one end of a pipe.
func end(t *testing.T, dir ninep.File, name string) ninep.File {
	f, err := dir.Walk(t.Context(), name)
	if err == nil {
		err = f.Open(t.Context(), ninep.ORDWR)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func get(t *testing.T, f ninep.File, size int) string {
	t.Helper()
	buf := make([]byte, size)
	n, err := f.Read(t.Context(), buf, 0)
	if err != nil {
		return err.Error()
	}
	return string(buf[:n])
}

func put(t *testing.T, f ninep.File, text string) {
	t.Helper()
	if n, err := f.Write(t.Context(), []byte(text), 0); n != len(text) || err != nil {
		t.Fatalf("write %q: %d, %v", text, n, err)
	}
}

func TestPipeKeepsWritesApart(t *testing.T) {
	a, b := twoEnds(t)
	defer a.Close()
	put(t, a, "one")
	put(t, a, "two")
	put(t, a, "")
	put(t, b, "back")
	d, err := b.Stat(t.Context())
	if err != nil || d.Length != 6 {
		t.Errorf("length %d, %v, want 6", d.Length, err)
	}
	same(t, "first", get(t, b, 100), "one")
	same(t, "part", get(t, b, 2), "tw")
	same(t, "rest", get(t, b, 100), "o")
	same(t, "empty write", get(t, b, 100), "")
	same(t, "other way", get(t, a, 100), "back")
	put(t, a, "last")
	b.Close()
	if _, err := a.Write(t.Context(), []byte("x"), 0); err != ninep.ErrHungup {
		t.Errorf("write to closed pipe: %v", err)
	}
	same(t, "end of file", get(t, a, 100), "")
}

func TestPipeReadsWhatIsLeft(t *testing.T) {
	dir, err := dev.NewPipe().Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	a, b := end(t, dir, "data"), end(t, dir, "data1")
	put(t, a, "left")
	a.Close()
	same(t, "left", get(t, b, 100), "left")
	same(t, "end", get(t, b, 100), "")
	b.Close()
	a = end(t, dir, "data")
	put(t, a, "as new")
	a.Close()
}

func TestPipeWritersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const piece = 32 * 1024
		a, b := twoEnds(t)
		defer b.Close()
		limit := ninep.NullDir
		limit.Length = 1
		if err := a.Wstat(t.Context(), limit); err != nil {
			t.Fatal(err)
		}
		done := make(chan string)
		for _, s := range []string{"1", "2"} {
			go func() {
				put(t, a, strings.Repeat(s, 2*piece))
				done <- s
			}()
			synctest.Wait() // so that "1" is first
		}
		for _, s := range []string{"1", "1", "2", "2"} {
			same(t, "block", get(t, b, 1<<20), strings.Repeat(s, piece))
		}
		<-done
		<-done
		a.Close()
	})
}

func TestPipeNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := twoEnds(t)
		defer a.Close()
		defer b.Close()
		ctx, note := context.WithCancel(t.Context())
		got := make(chan error)
		go func() {
			_, err := b.Read(ctx, make([]byte, 10), 0)
			got <- err
		}()
		synctest.Wait()
		note()
		if err := <-got; err != ninep.ErrIntr {
			t.Errorf("interrupted read: %v", err)
		}
	})
}

// TestPipeStream keeps a pipe from ever being empty.
func TestPipeStream(t *testing.T) {
	a, b := twoEnds(t)
	defer a.Close()
	defer b.Close()
	for i := range 3 {
		put(t, a, strconv.Itoa(i))
	}
	for i := 3; i < 1000; i++ {
		put(t, a, strconv.Itoa(i))
		same(t, "next", get(t, b, 100), strconv.Itoa(i-3))
	}
}
