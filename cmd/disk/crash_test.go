package disk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"ufo/ninep"
)

// history does a bit of everything and calls each after each operation.
func history(t *testing.T, d *Disk, each func()) {
	ken := user{d, "ken"}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		each()
	}
	step := func(f ninep.File, err error) ninep.File { do(err); return f }
	f := step(ken.create("tmp/a", 0664, ninep.ORDWR))
	_, err := f.Write(ctx, []byte("hello"), 0)
	do(err)
	_, err = f.Write(ctx, []byte("HE"), 1)
	do(err)
	f.Close()
	do(ken.mkdir("tmp/d"))
	do(ken.rename("tmp/a", "b"))
	do(ken.writeAt("usr/ken/notes", "base", 2))
	do(ken.remove("tmp/x"))
	do(ken.wstat("usr/ken/notes", func(e *ninep.Dir) { e.Length = 4 }))
	do(ken.rename("usr/ken/notes", "n"))
	do(ken.remove("tmp/b"))
	step(ken.create("tmp/d/z", ninep.DMAPPEND|0600, ninep.OWRITE)).Close()
}

func clip(s *Mem, n int64) *Mem {
	c := NewMem()
	p := make([]byte, n)
	s.ReadAt(p, 0)
	c.WriteAt(p, 0)
	return c
}

// A log cut anywhere opens with what was acknowledged before.
func TestCutAnywhere(t *testing.T) {
	store := NewMem()
	d := mustOpen(t, store, base())
	type state struct {
		size int64
		tree string
	}
	states := []state{{0, dump(t, d)}}
	history(t, d, func() { states = append(states, state{d.end, dump(t, d)}) })
	at := 0
	for n := int64(0); n <= d.end; n++ {
		if at+1 < len(states) && states[at+1].size == n {
			at++
		}
		cut := mustOpen(t, clip(store, n), base())
		if got := dump(t, cut); got != states[at].tree {
			t.Fatalf("cut at %d:\n%s\nwant\n%s", n, got, states[at].tree)
		}
		// It can be written to, and opened again.
		if err := (user{cut, "ken"}).put("tmp/after", "after"); err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if got, err := (user{mustOpen(t, cut.store, base()), "ken"}).get("tmp/after"); got != "after" || err != nil {
			t.Fatalf("cut at %d, reopened: %q, %v", n, got, err)
		}
	}
	if at != len(states)-1 {
		t.Fatalf("only %d of %d states seen", at+1, len(states))
	}
}

// A changed byte is noticed, wherever it is: by a clear error or, in the last
// record, by its being forgotten.
func TestFlipAnywhere(t *testing.T) {
	store := NewMem()
	d := mustOpen(t, store, base())
	var last, end int64
	history(t, d, func() { last, end = end, d.end })
	for n := range d.end {
		c := clip(store, d.end)
		var p [1]byte
		c.ReadAt(p[:], n)
		p[0] ^= 0x10
		c.WriteAt(p[:], n)
		_, err := Open(Config{Store: c, Base: base()})
		var damage *DamageError
		if n >= last+headerSize {
			if err != nil {
				t.Errorf("last record changed at %d: %v", n, err)
			}
		} else if !errors.As(err, &damage) || damage.Offset > n || !strings.Contains(err.Error(), "offset") {
			t.Errorf("changed at %d: %v", n, err)
		}
	}
}

// Zeros at the end are what a host leaves that lost power.
func TestZerosAtEnd(t *testing.T) {
	store := NewMem()
	d := mustOpen(t, store, base())
	history(t, d, func() {})
	before := dump(t, d)
	store.Truncate(d.end + 5000)
	if after := dump(t, mustOpen(t, store, base())); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// A failing store fails on command.
type failing struct {
	*Mem
	full bool
}

func (s *failing) WriteAt(p []byte, off int64) (int, error) {
	if s.full {
		n, _ := s.Mem.WriteAt(p[:len(p)/2], off)
		return n, errors.New("no space left on device")
	}
	return s.Mem.WriteAt(p, off)
}

func TestFullStore(t *testing.T) {
	s := &failing{Mem: NewMem()}
	d := mustOpen(t, s, base())
	ken := user{d, "ken"}
	wantErr(t, "put", ken.put("tmp/f", "one"), nil)
	before := dump(t, d)
	s.full = true
	err := ken.put("tmp/g", "two")
	wantErr(t, "put on a full store", err, ninep.ErrIO)
	want(t, "it says why", "", err, "i/o error: no space left on device")
	if after := dump(t, d); after != before {
		t.Error("something happened all the same")
	}
	s.full = false
	wantErr(t, "put when there is room again", ken.put("tmp/g", "three"), nil)
	text, err := user{mustOpen(t, s, base()), "ken"}.get("tmp/g")
	want(t, "after a restart", text, err, "three")
}

// Random operations against a map from names to contents; "/" at the end of
// the contents marks a directory.
func TestModel(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { model(t, seed) })
	}
}

func model(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	store := Store(NewMem())
	d := mustOpen(t, store, base())
	u := user{d, "ken"}
	files := map[string]string{"/x": "x"}
	dirs := map[string]bool{"": true}
	exists := func(name string) bool { _, ok := files[name]; return ok || dirs[name] }
	empty := func(dir string) bool {
		for n := range files {
			if path.Dir(n) == dir {
				return false
			}
		}
		for n := range dirs {
			if n != "" && path.Dir(n) == dir {
				return false
			}
		}
		return true
	}
	name := func() string {
		n := ""
		for range 1 + rng.IntN(2) {
			n += "/" + string("xabc"[rng.IntN(4)])
		}
		return n
	}
	parent := func(n string) string { return strings.TrimSuffix(path.Dir(n), "/") }
	for range 400 {
		n := name()
		_, isFile := files[n]
		switch rng.IntN(7) {
		case 0, 1, 2:
			text := strings.Repeat(string(rune('a'+rng.IntN(26))), rng.IntN(30))
			err := u.put("tmp"+n, text)
			if ok := dirs[parent(n)] && !dirs[n]; ok != (err == nil) {
				t.Fatalf("put %s: %v", n, err)
			} else if ok {
				files[n] = text
			}
		case 3:
			off, text := rng.IntN(40), strings.Repeat("W", 1+rng.IntN(9))
			if err := u.writeAt("tmp"+n, text, int64(off)); isFile != (err == nil) {
				t.Fatalf("write %s: %v", n, err)
			} else if isFile {
				b := []byte(files[n])
				b = append(b, make([]byte, max(0, off+len(text)-len(b)))...)
				copy(b[off:], text)
				files[n] = string(b)
			}
		case 4:
			err := u.mkdir("tmp" + n)
			if ok := dirs[parent(n)] && !exists(n); ok != (err == nil) {
				t.Fatalf("mkdir %s: %v", n, err)
			} else if ok {
				dirs[n] = true
			}
		case 5:
			err := u.remove("tmp" + n)
			if ok := isFile || dirs[n] && empty(n); ok != (err == nil) {
				t.Fatalf("remove %s: %v", n, err)
			} else if ok {
				delete(files, n)
				delete(dirs, n)
			}
		case 6:
			if rng.IntN(4) == 0 {
				d.compact()
			}
			d = mustOpen(t, d.store, base())
			u.srv = d
		}
	}
	for n, text := range files {
		if got, err := u.get("tmp" + n); got != text || err != nil {
			t.Errorf("%s: %q, %v; want %q", n, got, err, text)
		}
	}
	var live int64
	for _, n := range d.nodes {
		for _, e := range n.data {
			live += e.n
		}
	}
	if live != d.live {
		t.Errorf("%d live bytes, counted %d", live, d.live)
	}
	before := dump(t, d)
	d.compact()
	if after := dump(t, mustOpen(t, d.store, base())); after != before {
		t.Errorf("before compaction:\n%s\nafter:\n%s", before, after)
	}
}

// What is overwritten again and again does not fill the store.
func TestCompaction(t *testing.T) {
	d := mustOpen(t, NewMem(), base())
	ken := user{d, "ken"}
	f, err := ken.create("tmp/f", 0664, ninep.ORDWR)
	wantErr(t, "create", err, nil)
	p := make([]byte, 10000)
	for i := range 1000 {
		p[0] = byte(i)
		if _, err := f.Write(ctx, p, int64(i%10)*10000); err != nil {
			t.Fatal(err)
		}
	}
	if d.end > 3*minWaste {
		t.Errorf("the log is %d bytes long", d.end)
	}
	f.Read(ctx, p, 50000)
	if p[0] != 995%256 {
		t.Errorf("read %d", p[0])
	}
	e, _ := ken.stat("tmp/f")
	if e.Qid.Vers != 1000 {
		t.Errorf("version %d", e.Qid.Vers)
	}
	old := d.next
	ken.remove("tmp/f")
	d.compact()
	if d = mustOpen(t, d.store, base()); d.next != old {
		t.Errorf("next qid %d, was %d", d.next, old)
	}
}
