package ninetest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// A good server stands it, and gives back all Files.
func TestFuzz(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write bool
		srv   func() ninep.Server
	}{
		{"storage", true, func() ninep.Server { return ramfs.New("glenda", time.Now, 1<<20) }},
		{"device", false, func() ninep.Server { return device() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				strict := Strict(tt.srv())
				dial, stop := Served(t.Context(), strict, nil)
				sent, said, err := Fuzz{Suite: Suite{Dial: dial}, Seed: 1, Messages: 5000, Write: tt.write}.Run(t.Context())
				if err != nil || sent < 5000 {
					t.Errorf("after %d messages: %v\n%s", sent, err, strings.Join(said, "\n"))
				}
				stop()
				if err := strict.Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Servers that do not stand it are found.
func TestFuzzFinds(t *testing.T) {
	for _, tt := range []struct {
		name string
		is   mutant
		want string
	}{
		{"dies", mutant{dial: dies}, "closed"},
		{"one client at a time", mutant{dial: oneClient}, "no connection"},
		{"sends requests", answers(func(_, r *ninep.Fcall) {
			if r.Type == ninep.Rerror {
				*r = ninep.Fcall{Type: ninep.Tclunk}
			}
		}), "the server sends a request"},
		{"long replies", answers(func(_, r *ninep.Fcall) {
			if r.Type == ninep.Rerror {
				r.Ename = strings.Repeat("no ", 5000)
			}
		}), "a reply of 15009 bytes; 8192 were agreed upon"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, stop := tt.is.suite(t, ramfs.New("glenda", time.Now, 1<<20))
				defer stop()
				_, said, err := Fuzz{Suite: s, Seed: 1, Messages: 5000}.Run(t.Context())
				if err == nil || !strings.Contains(err.Error(), tt.want) || len(said) == 0 {
					t.Errorf("got %v after %d lines", err, len(said))
				}
			})
		})
	}
}

// Without Write nothing is changed, however wrong a message is read.
func TestFuzzHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := ramfs.New("glenda", time.Now, 0)
		dial, stop := Served(t.Context(), fs, nil)
		defer stop()
		root, err := fs.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		if err := ninep.WriteFile(t.Context(), root, "a", []byte("hello"), 0666); err != nil {
			t.Fatal(err)
		}
		before, _ := root.Stat(t.Context())
		if _, _, err := (Fuzz{Suite: Suite{Dial: dial}, Seed: 2, Messages: 5000}).Run(t.Context()); err != nil {
			t.Error(err)
		}
		after, _ := root.Stat(t.Context())
		text, err := ninep.ReadFile(t.Context(), root, "a")
		if string(text) != "hello" || err != nil || before.Qid != after.Qid {
			t.Errorf("%v became %v, and a is %q, %v", before, after, text, err)
		}
	})
}
