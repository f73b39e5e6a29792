package tty

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "history")
		b := newBench(t, 60, Options{History: NewHistory(file)})
		command := true
		b.e.opt.Command = func() bool { return command }
		for _, line := range []string{"one", "two", "two", " ", " secret", "three", "an answer"} {
			command = line != "an answer"
			b.typ(line + "\r")
			b.read()
			b.line(t, line+"\n")
		}
		b = newBench(t, 60, Options{History: NewHistory(file)})
		b.print("% ")
		b.read()
		b.typ("now" + up)
		b.want(t, "last", "% three|")
		b.typ(up + up + up)
		b.want(t, "first, without repetition", "% one|")
		b.typ(down + down + down + down)
		b.want(t, "back", "% now|")
		b.typ("\x12o")
		b.want(t, "search", "search o: two|")
		b.typ("\x12")
		b.want(t, "further", "search o: one|")
		b.typ("\x12")
		b.want(t, "no further", "search o (no more): one|")
		b.typ("\x13")
		b.want(t, "forwards", "search o: two|")
		b.typ("\x12")
		b.typ("\x07")
		b.want(t, "given up", "% now|")
		b.typ("\x12tw\x01x\r")
		b.line(t, "xtwo\n")
		b.want(t, "taken", "% xtwo", "|")
	})
}

// ESC ends a search, and is no part of the next key then.
func TestSearchEndsWithEscape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 60, Options{})
		b.typ("one\rtwo\r")
		for range 2 {
			b.read()
		}
		b.print("% ")
		b.read()
		b.typ("\x12o\x1b")
		b.want(t, "at first it may be the beginning of a key", "one", "two", "search o: two|")
		<-time.After(escTime)
		synctest.Wait()
		b.want(t, "then it is none", "one", "two", "% two|")
		b.typ("b\x12on\x1b")
		b.typ(left[1:] + "x")
		b.want(t, "the arrow that comes in two pieces", "one", "two", "% onx|e")
	})
}

// Where something is typed, of the lines typed before those come back that begin
// with it.
func TestHistoryByBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 60, Options{})
		for _, line := range []string{"ls /n", "echo one", "ls /lib", "echo two", "echo one"} {
			b.typ(line + "\r")
			b.read()
			b.line(t, line+"\n")
		}
		b.print("% ")
		b.read()
		for _, c := range []struct{ what, keys, row string }{
			{"the last", "ls" + up, "% ls /lib|"},
			{"the one before", up, "% ls /n|"},
			{"and no more", up, "% ls /n|"},
			{"back", down, "% ls /lib|"},
			{"what was typed", down, "% ls|"},
			{"nothing begins so: any", "x" + up, "% echo one|"},
			{"any other", up, "% echo two|"},
			{"all are searched", down + down + "\x15echo t" + up + "\x12/n", "search /n: ls /n|"},
			{"and go on", "\x05" + up, "% ls /n|"},
		} {
			b.typ(c.keys)
			rows := strings.Split(b.show(), "\n")
			if got := rows[len(rows)-1]; got != c.row {
				t.Errorf("%s: %q, want %q", c.what, got, c.row)
			}
		}
	})
}

// What is not remembered, in the file or at all.
func TestForgotten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	h := NewHistory(file)
	for _, line := range []string{"", "  ", " secret", "a\nb", strings.Repeat("x", maxLine+1), "kept", "kept", "日本\tx"} {
		h.Add(line)
	}
	const want = "kept\n日本\tx\n"
	if b, err := os.ReadFile(file); string(b) != want {
		t.Errorf("the file has %q, want %q (%v)", b, want, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0600 {
		t.Errorf("%v, %v", info, err)
	}
	if got := strings.Join(h.all(), "\n") + "\n"; got != want {
		t.Errorf("remembered: %q", got)
	}
}

// Several programs and consoles use a file at once: no line is lost or broken,
// and it does not grow without end.
func TestHistoryShared(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	const programs, lines = 4, 700
	var wg sync.WaitGroup
	for n := range programs {
		h := NewHistory(file)
		wg.Go(func() {
			for i := range lines {
				h.Add(fmt.Sprintf("program %d line %d of it", n, i))
			}
		})
	}
	wg.Wait()
	got := NewHistory(file).all()
	if len(got) != maxHistory {
		t.Fatalf("%d lines are remembered", len(got))
	}
	next := map[int]int{}
	for _, l := range got {
		var n, i int
		if _, err := fmt.Sscanf(l, "program %d line %d of it", &n, &i); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		if want, ok := next[n]; ok && i != want {
			t.Fatalf("program %d: line %d, want %d", n, i, want)
		}
		next[n] = i + 1
	}
	if b, err := os.ReadFile(file); err != nil || strings.Count(string(b), "\n") > programs*2*maxHistory {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	h := NewHistory(file)
	for i := range 3 * maxHistory {
		h.Add(fmt.Sprint(i))
	}
	if b, err := os.ReadFile(file); err != nil || strings.Count(string(b), "\n") > 2*maxHistory {
		t.Errorf("%d lines, %v", strings.Count(string(b), "\n"), err)
	}
}

// A file that is no history, or cannot be one, does no harm.
func TestBadHistory(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long")
	if err := os.WriteFile(long, []byte(strings.Repeat("x", 2*maxFile)+"\nlast"), 0600); err != nil {
		t.Fatal(err)
	}
	if got := NewHistory(long).all(); len(got) != 1 || got[0] != "last" {
		t.Errorf("%d lines", len(got))
	}
	for _, name := range []string{dir, filepath.Join(dir, "no", "such")} {
		h := NewHistory(name)
		h.Add("a line")
		if got := h.all(); len(got) != 1 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Lines of other consoles come when one begins to look, and not meanwhile.
func TestRecallStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHistory("")
		b := newBench(t, 40, Options{History: h})
		h.Add("one")
		h.Add("two")
		b.print("% ")
		b.read()
		b.typ(up)
		h.Add("three")
		b.typ(up)
		b.want(t, "the one before", "% one|")
		b.typ(down + down + up)
		b.want(t, "looked anew", "% three|")
		b.typ("\x12\x07")
		b.want(t, "gave up a search for nothing", "% |")
	})
}
